//! What a noun may use: none that uses it, no store of another, and no wire or database in its rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::paths::{code, of_crate, places};
use crate::sources::{is, sources};

/// The files of a noun that know the database or the wire.
const LAYERS: [&str; 4] = ["store.rs", "rpc.rs", "wire.rs", "actions.rs"];

/// Who reads the store of other nouns, and why.
const READS_STORES: [(&str, &str); 1] = [(
    "services/directory/src/change/actions.rs",
    "changes of any noun are told as the resource is now, many at once",
)];

/// A source file of a noun.
struct File {
    /// Its crate: `services/fleet`.
    member: String,
    noun: String,
    /// How many modules it lies below the root of the crate.
    depth: usize,
    path: PathBuf,
    text: String,
}

/// The files of all nouns. The chassis' own folders are layers, not nouns; the database crate is the
/// database; what the sheets are read with are parts of one reader.
fn nouns() -> Vec<File> {
    let wiring = ["chassis", "db", "sheet"].map(|name| format!("services/common/{name}"));
    let all = sources().into_iter().filter(|(path, _)| {
        path.starts_with("services") && !wiring.iter().any(|folder| path.starts_with(folder))
    });
    let files: Vec<_> = all.filter_map(|(path, text)| file(&path, text)).collect();
    assert!(files.len() > 50, "only {} files of nouns were found", files.len());
    files
}

fn file(path: &Path, text: String) -> Option<File> {
    let parts: Vec<_> = path.iter().map(|part| part.to_str().unwrap()).collect();
    let src = parts.iter().position(|part| *part == "src")?;
    let below = &parts[src + 1..];
    let noun = below.first()?.trim_end_matches(".rs").to_owned();
    let tests = is(path, "tests.rs") || is(path, "testing.rs");
    if ["lib", "main"].contains(&noun.as_str()) || tests {
        return None;
    }
    let depth = below.len() - usize::from(is(path, "mod.rs"));
    Some(File { member: parts[..src].join("/"), noun, depth, path: path.to_owned(), text })
}

/// Which nouns of its crate each noun uses.
fn uses(files: &[File]) -> BTreeMap<(&str, &str), BTreeSet<String>> {
    let mut uses: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let paths = of_crate(&file.text, file.depth).into_iter();
        let others = paths.filter_map(|path| path.into_iter().next());
        let others = others.filter(|other| *other != file.noun);
        uses.entry((&file.member, &file.noun)).or_default().extend(others);
    }
    uses
}

/// The nouns that use themselves by way of others, with their crate.
fn cycles(files: &[File]) -> Vec<String> {
    let uses = uses(files);
    let mut found = Vec::new();
    for (member, noun) in uses.keys() {
        let mut reached = BTreeSet::new();
        let mut open = vec![(*noun).to_owned()];
        while let Some(next) = open.pop() {
            for used in uses.get(&(*member, next.as_str())).into_iter().flatten() {
                if reached.insert(used.clone()) {
                    open.push(used.clone());
                }
            }
        }
        if reached.contains(*noun) {
            found.push(format!("{member}: {noun}"));
        }
    }
    found
}

#[test]
fn nouns_form_no_cycle() {
    assert_eq!(cycles(&nouns()), [""; 0], "use themselves by way of others");
}

#[test]
fn a_cycle_is_seen() {
    let of = |path: &str, text: &str| file(Path::new(path), text.to_owned());
    let month = "use crate::{\n    coverage::{self, Span},\n    revision,\n};";
    let files = [
        ("services/one/src/lib.rs", "use crate::{entry, month};"),
        ("services/one/src/entry/actions.rs", "use super::super::month;"),
        ("services/one/src/month/mod.rs", month),
        ("services/one/src/coverage.rs", "use super::entry::Entry;"),
        ("services/one/src/revision/mod.rs", "#[cfg(test)]\nmod tests {\n use crate::entry;\n}"),
        ("services/two/src/entry/mod.rs", "use crate::month;"),
    ];
    let files: Vec<_> = files.into_iter().filter_map(|(path, text)| of(path, text)).collect();
    assert_eq!(files.len(), 5);
    let all = ["services/one: coverage", "services/one: entry", "services/one: month"];
    assert_eq!(cycles(&files), all);
}

#[test]
fn types_and_rules_know_neither_database_nor_wire() {
    for file in nouns().iter().filter(|file| file.depth > 1 || is(&file.path, "mod.rs")) {
        if LAYERS.iter().any(|layer| is(&file.path, layer)) {
            continue;
        }
        let text = code(&file.text);
        for forbidden in ["sqlx::", "tonic::", "prost::", "prost_types::", "steward_proto::"] {
            assert!(!text.contains(forbidden), "{} names {forbidden}", file.path.display());
        }
    }
}

#[test]
fn a_store_is_its_nouns_own() {
    let files = nouns();
    for file in &files {
        if READS_STORES.iter().any(|(path, _)| file.path == Path::new(path)) {
            continue;
        }
        let others = files.iter().filter(|it| it.member == file.member && it.noun != file.noun);
        let others: BTreeSet<_> = others.map(|it| it.noun.as_str()).collect();
        for path in of_crate(&file.text, file.depth) {
            let store =
                others.contains(path[0].as_str()) && path.get(1).is_some_and(|it| it == "store");
            assert!(!store, "{} uses {}", file.path.display(), path.join("::"));
        }
        // Behind `use crate::month;` stands `month::store::…`.
        let text = code(&file.text);
        for other in others {
            let calls = places(&text, &format!("{other}::store::"));
            assert!(calls.is_empty(), "{} uses the store of {other}", file.path.display());
        }
    }
}
