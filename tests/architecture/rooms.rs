//! From the name of an RPC alone its proto, its code and its tests are found.
//!
//! `CreateVehicle` of `steward.fleet.v1` stands in `proto/steward/fleet/v1/vehicle.proto`; it is
//! answered in `services/fleet/src/vehicle/rpc.rs` by `create_vehicle` and called from
//! `tests/suite/fleet/vehicle.rs`, or files of a folder of that name. What stands elsewhere is in
//! [`elsewhere`], and in the table of CONTRIBUTING.md.

use std::fs;

use prost_reflect::{DescriptorPool, MethodDescriptor};
use steward_proto::DESCRIPTOR_SET;

use crate::tree::{files, root};

/// Where an RPC is answered, a file, and tested: a file without its ending, or a folder.
struct Room {
    code: String,
    tests: Vec<String>,
}

/// The rooms that are not named after the proto file.
fn elsewhere(package: &str, noun: &str, method: &str) -> Option<Room> {
    let room = |code: &str, tests: &[&str]| {
        let tests = tests.iter().map(|place| format!("tests/suite/{place}")).collect();
        Some(Room { code: code.to_owned(), tests })
    };
    match (package, method) {
        // One service over the nouns of a library.
        ("ledger", _) => {
            let noun = ledger_noun(method)?;
            let code = format!("services/common/ledger/src/{noun}/rpc.rs");
            let tests = if method == "PostEntries" { "posting" } else { noun };
            room(&code, &[&format!("ledger/{tests}")])
        }
        // The nouns of a library: `rule.proto` of steward.finding.v1 is services/common/finding/src/rule.
        ("finding" | "approval", _) => {
            let code = format!("services/common/{package}/src/{noun}/rpc.rs");
            room(&code, &[&format!("{package}/{noun}")])
        }
        ("audit", _) => room("services/common/chassis/src/audit/rpc.rs", &["chassis/audit"]),
        ("report", _) if noun == "overview" => {
            room("gateway/src/overview/rpc.rs", &["gateway/overview"])
        }
        ("identity", _) => room("gateway/src/identity.rs", &["gateway/identity"]),
        ("report", "ListSuspectedDuplicates") => {
            room("gateway/src/report/rpc.rs", &["gateway/suspected"])
        }
        ("report", _) => room("gateway/src/report/rpc.rs", &["report", "gateway/report"]),
        ("directory", "ResolveOrganizations") => {
            room("services/directory/src/organization/rpc.rs", &["directory/resolve"])
        }
        _ => None,
    }
}

fn ledger_noun(method: &str) -> Option<&'static str> {
    Some(match method {
        "PostEntries" | "ReverseEntry" | "ListEntries" | "ListDocumentKeys" => "entry",
        "SummarizeCosts" => "summary",
        "ListCategories" => "catalogue",
        "DeclareReporter" | "DeclareZero" => "coverage",
        "CloseMonth" => "month",
        "SetBudget" | "ListBudgets" => "budget",
        _ => return None,
    })
}

fn room(method: &MethodDescriptor) -> Room {
    let file = method.parent_service().parent_file();
    let package = file.package_name().split('.').nth(1).unwrap().to_owned();
    let noun = file.name().rsplit('/').next().unwrap().trim_end_matches(".proto").to_owned();
    elsewhere(&package, &noun, method.name()).unwrap_or_else(|| Room {
        code: format!("services/{package}/src/{noun}/rpc.rs"),
        tests: vec![format!("tests/suite/{package}/{noun}")],
    })
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// The text of a file, of `place.rs`, and of all files of a folder `place`, as far as they are there.
fn text(place: &str) -> String {
    let (path, file) = (root().join(place), root().join(format!("{place}.rs")));
    let mut found = if path.is_dir() { files(&path, ".rs") } else { vec![path] };
    found.push(file);
    found.iter().filter_map(|file| fs::read_to_string(file).ok()).collect()
}

#[test]
fn an_rpc_is_answered_and_tested_where_its_name_says() {
    let mut lost = Vec::new();
    let mut count = 0;
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    for method in pool.services().flat_map(|s| s.methods().collect::<Vec<_>>()) {
        count += 1;
        let (room, name) = (room(&method), snake(method.name()));
        let code = text(&room.code);
        if !code.contains(&format!(" fn {name}(")) {
            lost.push(format!("{}: no fn {name}(…) in {}", method.full_name(), room.code));
        }
        let call = format!(".{name}(");
        if !room.tests.iter().any(|place| text(place).contains(&call)) {
            lost.push(format!("{}: no {call}…) in {:?}", method.full_name(), room.tests));
        }
    }
    assert!(count >= 40, "only {count} RPCs were found");
    assert!(lost.is_empty(), "{lost:#?}");
}
