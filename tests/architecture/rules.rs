//! A rule that is shipped is read: a number that nobody holds anything against is a lie.

use std::fs;
use std::path::Path;

use steward_finding::rule::Rules;

use crate::tree::{files, root};

/// What a crate says outside of its tests.
fn said(source: &Path) -> String {
    let own = files(source, ".rs").into_iter().filter(|path| !path.ends_with("tests.rs"));
    let texts = own.map(|path| fs::read_to_string(path).unwrap());
    texts.map(|text| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()).collect()
}

/// Every code, and every case of one, stands in the sources of the crate that ships it; what stands there
/// and is not used the compiler finds. A licence is a case of a body and a class.
#[test]
fn every_shipped_rule_is_read() {
    let texts: Vec<_> = files(&root().join("services"), ".toml")
        .into_iter()
        .filter(|path| path.parent().unwrap().ends_with("rules"))
        .collect();
    assert!(texts.len() >= 9, "only {texts:?} were found");
    let mut unread = Vec::new();
    for path in texts {
        let said = said(&path.parent().unwrap().with_file_name("src"));
        let rules = Rules::of_texts(&[&fs::read_to_string(&path).unwrap()]).unwrap();
        for rule in rules.iter() {
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
