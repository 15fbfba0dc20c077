//! The tree of the workspace.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All files below a folder whose name ends so, sorted.
pub(crate) fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, end));
        } else if name.ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Holds what there is against a lock file of lines `name = what`, which may be added, never changed
/// or removed. `STEWARD_UPDATE_LOCK=1` adds them.
pub(crate) fn update_lock(place: &str, now: &BTreeMap<String, String>) {
    let path = root().join(place);
    let text = fs::read_to_string(&path).unwrap();
    let before: BTreeMap<&str, &str> =
        text.lines().map(|line| line.split_once(" = ").unwrap()).collect();
    for (name, what) in &before {
        assert_eq!(now.get(*name).map(String::as_str), Some(*what), "{name} changed");
    }
    let new: Vec<_> = now.keys().filter(|name| !before.contains_key(name.as_str())).collect();
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever extends it")]
    let update = std::env::var("STEWARD_UPDATE_LOCK").is_ok();
    if update {
        let lines: Vec<_> = now.iter().map(|(name, what)| format!("{name} = {what}\n")).collect();
        fs::write(&path, lines.concat()).unwrap();
    } else {
        assert!(new.is_empty(), "not in {place} yet, run with STEWARD_UPDATE_LOCK=1: {new:#?}");
    }
}
