//! Who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::tree::{files, root};

const SERVICES: [&str; 5] = [
    "steward-directory",
    "steward-fleet",
    "steward-property",
    "steward-maintenance",
    "steward-energy",
];

/// The normal dependencies of every crate of the workspace.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    metadata
        .packages
        .iter()
        .map(|package| {
            let normal = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
            (package.name.to_string(), normal.map(|d| d.name.clone()).collect())
        })
        .collect()
}

#[test]
fn services_depend_neither_on_each_other_nor_on_the_gateway() {
    let all = dependencies();
    for service in SERVICES {
        let dependencies = &all[service];
        for other in SERVICES.iter().filter(|other| **other != service) {
            assert!(!dependencies.contains(*other), "{service} depends on {other}");
        }
        assert!(!dependencies.contains("steward-gateway"), "{service} depends on the gateway");
    }
    for service in SERVICES {
        assert!(!all["steward-gateway"].contains(service), "the gateway depends on {service}");
    }
}

#[test]
fn common_libraries_depend_only_downwards() {
    let order =
        ["steward-kernel", "steward-db", "steward-proto", "steward-chassis", "steward-ledger"];
    let all = dependencies();
    for (place, name) in order.iter().enumerate() {
        for above in order.iter().skip(place + 1).chain(SERVICES.iter()) {
            assert!(!all[*name].contains(*above), "{name} depends on {above}");
        }
    }
}

#[test]
fn the_kernel_does_no_io() {
    let allowed = BTreeSet::from(["chrono", "thiserror", "uuid"].map(str::to_owned));
    let kernel = &dependencies()["steward-kernel"];
    assert!(kernel.is_subset(&allowed), "{kernel:?}");
}

#[test]
fn versions_stand_in_the_workspace_manifest_only() {
    for manifest in files(&root(), "Cargo.toml") {
        if manifest == root().join("Cargo.toml") {
            continue;
        }
        let text = std::fs::read_to_string(&manifest).unwrap();
        let versions: Vec<_> = text
            .lines()
            .skip_while(|line| !line.contains("dependencies]"))
            .filter(numbered)
            .collect();
        assert!(versions.is_empty(), "{}: {versions:?}", manifest.display());
    }
}

#[test]
fn both_trees_of_migrations_have_the_same_files() {
    let mut trees = 0;
    for sqlite in migration_folders() {
        trees += 1;
        let postgres = sqlite.parent().unwrap().join("postgres");
        let names = |folder| {
            files(folder, ".sql")
                .iter()
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&sqlite), names(&postgres), "{}", sqlite.display());
        for (place, name) in names(&sqlite).iter().enumerate() {
            assert!(name.starts_with(&format!("{:04}_", place + 1)), "{name}");
        }
    }
    assert!(trees >= 3, "only {trees} trees of migrations were found");
}

/// A dependency with a version of its own: `foo = "1.2"` or `version = "1.2"`.
fn numbered(line: &&str) -> bool {
    line.split_once("= \"").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn migration_folders() -> BTreeSet<std::path::PathBuf> {
    files(&root().join("services"), ".sql")
        .iter()
        .map(|path| path.parent().unwrap().to_owned())
        .filter(|folder| folder.ends_with("migrations/sqlite"))
        .collect()
}
