//! Which paths of its crate a source file names: what a noun uses of others.
//!
//! It reads text, not Rust: a path through a name that the root of the crate re-exports is not seen.

/// A path from the root of the crate: `["month", "actions", "hold"]`.
pub(crate) type Segments = Vec<String>;

/// The paths that begin at the root of the crate in the text of the module that lies `depth` below it
/// (a `mod.rs` or root file of a noun: 1): after `crate::`, and after as many `super::`. Tests and
/// comments do not count.
pub(crate) fn of_crate(text: &str, depth: usize) -> Vec<Segments> {
    let text = code(text);
    let mut found = Vec::new();
    for start in ["crate::".to_owned(), "super::".repeat(depth)] {
        for at in places(&text, &start) {
            tree(&text[at + start.len()..], &[], &mut found);
        }
    }
    // Beyond the root there is nothing: that module lies deeper in its file.
    found.retain(|path| path.first().is_some_and(|first| first != "super"));
    found
}

/// Where a path begins in a text, and not only goes on or ends another name.
pub(crate) fn places(text: &str, path: &str) -> Vec<usize> {
    let begins = |at: &usize| {
        let before = text[..*at].chars().next_back();
        !before.is_some_and(|c| c == ':' || c == '_' || c.is_alphanumeric())
    };
    text.match_indices(path).map(|(at, _)| at).filter(begins).collect()
}

/// The text without comments and without the module of tests at its end.
pub(crate) fn code(text: &str) -> String {
    let text = match text.find("#[cfg(test)]\nmod ") {
        Some(tests) => &text[..tests],
        None => text,
    };
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads a path or a tree of them in braces; answers what follows it.
fn tree<'t>(text: &'t str, above: &[String], found: &mut Vec<Segments>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = tree(rest, above, found).trim_start();
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return rest.strip_prefix('*').unwrap_or(rest);
    }
    // What a tree names as itself is what stands above it.
    let here = if name == "self" { above.to_vec() } else { [above, &[name.to_owned()]].concat() };
    if let Some(below) = rest.strip_prefix("::") {
        return tree(below, &here, found);
    }
    found.push(here);
    // `x as y` goes on behind its new name.
    let renamed = rest.trim_start().strip_prefix("as ");
    renamed.map_or(rest, |new| new.trim_start_matches(|c: char| c == '_' || c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str, depth: usize) -> Vec<String> {
        of_crate(text, depth).iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn paths_are_seen_however_they_are_written() {
        for (text, want) in [
            ("use crate::month;", &["month"] as &[_]),
            ("use crate::month::{self, Book};", &["month", "month::Book"]),
            ("use crate::{admission, month};", &["admission", "month"]),
            (
                "use crate::{\n    a::{b, c::{d, *}},\n    e as f,\n    g,\n};",
                &["a::b", "a::c::d", "e", "g"],
            ),
            ("let x = crate::entry::store::get(tx);", &["entry::store::get"]),
            ("use super::super::{month, Ledger};", &["month", "Ledger"]),
            ("use super::store;", &[]),
            ("use super::super::super::key;", &[]),
            ("use other_crate::month; // crate::entry", &[]),
            ("a();\n#[cfg(test)]\nmod tests {\n    use crate::entry;\n}", &[]),
        ] {
            assert_eq!(paths(text, 2), want, "{text}");
        }
        assert_eq!(paths("use super::month;", 1), ["month"]);
    }
}
