//! What the documents of the house name is where they say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tree::{files, root};

/// With these a path begins: from the root of the workspace, and from that of a crate.
const FROM_ROOT: [&str; 5] = ["services/", "tests/", "proto/", "deploy/", "gateway/"];
const FROM_CRATE: [&str; 3] = ["src/", "rules/", "migrations/"];

/// The documents that name paths, with the crate they are about.
fn documents() -> Vec<(PathBuf, Option<PathBuf>)> {
    let whole = ["ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| (root().join(name), None));
    let own = files(&root().join("services"), "README.md").into_iter();
    let own = own.map(|path| (path.clone(), path.parent().map(Path::to_owned)));
    let all: Vec<_> = whole.into_iter().chain(own).collect();
    assert!(all.len() >= 6, "only {all:?} were found");
    all
}

/// What stands between backticks in the lines of a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.starts_with("```"));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether a word is a path that is to be there, and not a pattern or something else with a slash.
fn is_path(word: &str, from: &[&str]) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || "_./-".contains(it);
    let begins = from.iter().any(|start| word.starts_with(start));
    let is_source = word.contains('/') && Path::new(word).extension().is_some_and(|it| it == "rs");
    word.chars().all(plain) && !word.contains("NNNN") && (begins || is_source)
}

/// Whether a path is there: from the root, from the crate, or as the end of one of its source files.
fn is_there(word: &str, home: Option<&Path>, sources: &[PathBuf]) -> bool {
    let at = |folder: &Path| folder.join(word).exists();
    at(&root()) || home.is_some_and(at) || sources.iter().any(|path| path.ends_with(word))
}

#[test]
fn the_paths_that_documents_name_are_there() {
    let mut lost = Vec::new();
    for (document, home) in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let folder = home.clone().unwrap_or_else(|| root().join("services"));
        let (sources, from) = match &home {
            Some(_) => (files(&folder, ".rs"), [&FROM_ROOT[..], &FROM_CRATE].concat()),
            None => (files(&root(), ".rs"), FROM_ROOT.to_vec()),
        };
        for word in quoted(&text).filter(|word| is_path(word, &from)) {
            if !is_there(word, home.as_deref(), &sources) {
                lost.push(format!("{}: {word}", document.display()));
            }
        }
    }
    assert!(lost.is_empty(), "not there: {lost:#?}");
}

/// The table of what a service serves.
#[test]
fn a_service_is_listed_once() {
    let mut twice = Vec::new();
    for (document, _) in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        for row in text.lines().filter_map(|line| line.strip_prefix("| `steward.")) {
            *rows.entry(row.split('`').next().unwrap()).or_default() += 1;
        }
        let rows = rows.into_iter().filter(|(_, count)| *count > 1);
        twice.extend(rows.map(|(name, _)| format!("{}: {name}", document.display())));
    }
    assert!(twice.is_empty(), "listed twice: {twice:#?}");
}

#[test]
fn a_path_is_told_from_other_words() {
    let is_path = |word| is_path(word, &[&FROM_ROOT[..], &FROM_CRATE].concat());
    for word in ["src/figure", "tests/suite/fleet/vehicle.rs", "request/voucher.rs", "rules/"] {
        assert!(is_path(word), "{word}");
    }
    for word in ["vehicles/ID", "migrations/sqlite/NNNN_words.sql", "rules/*.toml", "mod.rs"] {
        assert!(!is_path(word), "{word}");
    }
    let text = "a `b` c\n```\nd `e`\n```\n`f` and `g`";
    assert_eq!(quoted(text).collect::<Vec<_>>(), ["b", "e", "f", "g"]);
}
