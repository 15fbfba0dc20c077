//! Who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::tree::{files, root};

/// The libraries of all services; each depends on those before it only.
const LIBRARIES: [&str; 9] = [
    "steward-kernel",
    "steward-sheet",
    "steward-db",
    "steward-proto",
    "steward-chassis",
    "steward-ledger",
    "steward-finding",
    "steward-approval",
    "steward-domain",
];

/// The crates whose manifests lie one folder below this one: `steward-fleet`.
fn members(folder: &str) -> BTreeSet<String> {
    let folders = std::fs::read_dir(root().join(folder)).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path());
    let crates = folders.filter(|path| path.join("Cargo.toml").is_file());
    crates.map(|path| format!("steward-{}", path.file_name().unwrap().to_str().unwrap())).collect()
}

/// The services, each a folder of its own.
fn services() -> BTreeSet<String> {
    let services = members("services");
    assert!(services.len() >= 5, "only {services:?} were found");
    services
}

/// What every crate of the workspace is built with, tests apart, from its own manifest.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    metadata
        .packages
        .iter()
        .map(|package| {
            let built = package.dependencies.iter();
            let built = built.filter(|d| d.kind != DependencyKind::Development);
            (package.name.to_string(), built.map(|d| d.name.clone()).collect())
        })
        .collect()
}

/// What a crate is built with, by way of others too.
fn closure(all: &BTreeMap<String, BTreeSet<String>>, name: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![name];
    while let Some(next) = open.pop() {
        for used in all.get(next).into_iter().flatten() {
            if reached.insert(used.clone()) {
                open.push(used);
            }
        }
    }
    reached
}

#[test]
fn services_depend_neither_on_each_other_nor_on_the_gateway() {
    let (all, services) = (dependencies(), services());
    for name in services.iter().map(String::as_str).chain(["steward-gateway"]) {
        let reached = closure(&all, name);
        let other = services.iter().map(String::as_str).chain(["steward-gateway"]);
        for other in other.filter(|other| *other != name) {
            assert!(!reached.contains(other), "{name} depends on {other}");
        }
    }
}

#[test]
fn common_libraries_depend_only_downwards() {
    let (all, services) = (dependencies(), services());
    let mut libraries = members("services/common");
    libraries.insert("steward-proto".to_owned());
    assert_eq!(libraries, LIBRARIES.map(str::to_owned).into(), "the order names all of them");
    for (place, name) in LIBRARIES.iter().enumerate() {
        let reached = closure(&all, name);
        let above = LIBRARIES.iter().skip(place + 1).copied();
        for above in above.chain(services.iter().map(String::as_str)).chain(["steward-gateway"]) {
            assert!(!reached.contains(above), "{name} depends on {above}");
        }
    }
}

#[test]
fn a_dependency_by_way_of_others_is_seen() {
    let all = [("fleet", "sheet"), ("sheet", "directory"), ("directory", "kernel")];
    let all = all.map(|(one, other)| (one.to_owned(), BTreeSet::from([other.to_owned()]))).into();
    let reached = closure(&all, "fleet");
    assert_eq!(reached, ["sheet", "directory", "kernel"].map(str::to_owned).into());
}

#[test]
fn the_kernel_does_no_io() {
    let allowed =
        BTreeSet::from(["chrono", "thiserror", "unicode-properties", "uuid"].map(str::to_owned));
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
