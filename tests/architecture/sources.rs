//! What may stand where in the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tree::{files, root};

/// No source file is longer.
const MAX_LINES: usize = 500;

pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let root = root();
    ["proto", "services", "gateway", "deploy", "tests"]
        .iter()
        .flat_map(|folder| files(&root.join(folder), ".rs"))
        .map(|path| {
            (path.strip_prefix(&root).unwrap().to_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect()
}

pub(crate) fn is(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name)
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > MAX_LINES)
        .map(|(path, text)| format!("{}: {}", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split by noun or by job: {long:#?}");
}

#[test]
fn sql_stands_in_stores_only() {
    let begins = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"WITH "];
    for (path, text) in sources() {
        let allowed = is(&path, "store.rs")
            || path.starts_with("services/common/db")
            || path.starts_with("tests");
        if allowed {
            continue;
        }
        // A text may begin on the next line.
        let text = text.replace("\"\\\n", "\"");
        let text = text.split('"').map(str::trim_start).collect::<Vec<_>>().join("\"");
        for begin in begins {
            assert!(!text.contains(begin), "{} holds SQL: {begin}", path.display());
        }
    }
}

#[test]
fn sql_makes_no_time_and_no_id() {
    let root = root();
    let migrations = files(&root.join("services"), ".sql")
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()));
    let stores = sources().into_iter().filter(|(path, _)| is(path, "store.rs"));
    for (path, text) in migrations.chain(stores) {
        let text = text.to_lowercase();
        for forbidden in [
            "now()",
            "current_timestamp",
            "current_date",
            "strftime",
            "gen_random_uuid",
            "random()",
        ] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", path.display());
        }
    }
}

#[test]
fn reasons_are_unique_and_well_named() {
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.starts_with("tests")) {
        let text = text.split("#[cfg(test)]").next().unwrap();
        for rest in text.split("Reason::new(").skip(1) {
            let Some(code) = rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next())
            else {
                continue;
            };
            let fits = !code.is_empty()
                && code.len() <= 63
                && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            assert!(fits, "{}: {code}", path.display());
            if let Some(other) = seen.insert(code.to_owned(), path.clone()) {
                panic!("{code} stands in {} and {}", other.display(), path.display());
            }
        }
    }
    assert!(seen.len() >= 20, "only {} reasons were found", seen.len());
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    for (path, text) in sources() {
        for mark in marks {
            assert!(!text.contains(mark), "{} holds {mark}", path.display());
        }
    }
}
