//! A rule that is shipped is read: a number that nobody holds anything against is a lie.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use steward_finding::rule::Rules;

use crate::tree::{files, root};

/// What a crate says outside of its tests.
fn said(source: &Path) -> String {
    let own = files(source, ".rs").into_iter().filter(|path| !path.ends_with("tests.rs"));
    let texts = own.map(|path| fs::read_to_string(path).unwrap());
    texts.map(|text| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()).collect()
}

/// The texts that services ship.
fn texts() -> Vec<PathBuf> {
    let texts: Vec<_> = files(&root().join("services"), ".toml")
        .into_iter()
        .filter(|path| path.parent().unwrap().ends_with("rules"))
        .collect();
    assert!(texts.len() >= 9, "only {texts:?} were found");
    texts
}

fn read(path: &Path) -> Rules {
    Rules::of_texts(&[&fs::read_to_string(path).unwrap()]).unwrap()
}

/// Those of whose violations the article that is broken is another one: the one that sets the standard.
const BREAK_A_STANDARD: [&str; 4] = ["", "over_standard", "over_establishment", "other"];

/// A violation that a document lists has one article there, in whichever file a rule of it stands.
#[test]
fn a_violation_has_one_article() {
    let mut articles: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for rule in texts().iter().flat_map(|path| read(path).iter().cloned().collect::<Vec<_>>()) {
        if !BREAK_A_STANDARD.contains(&rule.violation.as_str()) {
            let of = (rule.document, rule.kinds, rule.violation);
            articles.entry(of).or_default().insert(rule.article);
        }
    }
    let several: Vec<_> = articles.iter().filter(|(_, articles)| articles.len() > 1).collect();
    assert!(several.is_empty(), "{several:#?}");
}

/// Every code, and every case of one, stands in the sources of the crate that ships it; what stands there
/// and is not used the compiler finds. A licence is a case of a body and a class.
#[test]
fn every_shipped_rule_is_read() {
    let mut unread = Vec::new();
    for path in texts() {
        let said = said(&path.parent().unwrap().with_file_name("src"));
        for rule in read(&path).iter() {
            let is_said = |word: &str| said.contains(&format!("\"{word}\""));
            let parts = rule.case.rsplit_once('_').unwrap_or(("", ""));
            let case = is_said(&rule.case) || is_said(parts.0) && is_said(parts.1);
            if !is_said(&rule.code) || !rule.case.is_empty() && !case {
                unread.push(format!("{}: {} {}", path.display(), rule.code, rule.case));
            }
        }
    }
    assert!(unread.is_empty(), "nothing reads {unread:#?}");
}
