//! What was booked under a category keeps its meaning.

use std::collections::BTreeMap;
use std::fs;

use steward_ledger::Catalogue;

use crate::tree::{files, root, update_lock};

/// The categories of all domains: `energy.electricity`, with nature and unit.
fn categories() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for path in files(&root().join("services"), "catalogue.toml") {
        let domain = path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let catalogue = Catalogue::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        for category in catalogue.iter() {
            let unit = category.unit.map_or("none".to_owned(), |unit| format!("{unit:?}"));
            let what = format!("{:?} {unit}", category.nature);
            found.insert(format!("{domain}.{}", category.code), what);
        }
    }
    found
}

/// `services/catalogue.lock` lists every category with its nature and the unit of its quantities: a
/// code that is in the books keeps both, and is never given anew. Lines are only ever added.
#[test]
fn nothing_booked_changes_its_meaning() {
    let now = categories();
    assert!(now.len() >= 20, "only {} categories were found", now.len());
    update_lock("services/catalogue.lock", &now);
}
