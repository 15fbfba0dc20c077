//! From the name of an RPC alone its proto, its code and its tests are found.
//!
//! `CreateVehicle` of `steward.fleet.v1` stands in `proto/steward/fleet/v1/vehicle.proto`; it is
//! answered in `services/fleet/src/vehicle/rpc.rs` by `create_vehicle` and called from
//! `tests/suite/fleet/`. The ledger's one service is spread over the nouns of its library.

use std::fs;
use std::path::PathBuf;

use prost_reflect::{DescriptorPool, MethodDescriptor};
use steward_proto::DESCRIPTOR_SET;

use crate::tree::{files, root};

/// Where the RPCs of a proto file are answered and tested, from the root: folders, or files.
fn rooms(method: &MethodDescriptor) -> (String, String) {
    let file = method.parent_service().parent_file();
    let package = file.package_name().split('.').nth(1).unwrap().to_owned();
    let noun = file.name().rsplit('/').next().unwrap().trim_end_matches(".proto").to_owned();
    match package.as_str() {
        "ledger" => ("services/common/ledger/src".to_owned(), "tests/suite/ledger".to_owned()),
        "audit" => {
            ("services/common/chassis/src/audit".to_owned(), "tests/suite/chassis".to_owned())
        }
        "report" => ("gateway/src/report".to_owned(), "tests/suite".to_owned()),
        service => {
            (format!("services/{service}/src/{noun}/rpc.rs"), format!("tests/suite/{service}"))
        }
    }
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

/// The sources at a place: a file, or all of a folder.
fn sources(place: &str) -> Vec<(PathBuf, String)> {
    let path = root().join(place);
    let found = if path.is_dir() { files(&path, ".rs") } else { vec![path] };
    found.into_iter().map(|file| (file.clone(), fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn an_rpc_is_answered_and_tested_where_its_name_says() {
    let mut lost = Vec::new();
    let mut count = 0;
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    for method in pool.services().flat_map(|s| s.methods().collect::<Vec<_>>()) {
        count += 1;
        let ((code, tests), name) = (rooms(&method), snake(method.name()));
        let handler = format!("async fn {name}(");
        if !sources(&code).iter().any(|(_, text)| text.contains(&handler)) {
            lost.push(format!("{}: no {handler}…) in {code}", method.full_name()));
        }
        let (call, named) = (format!("{name}("), format!("\"{}\"", method.name()));
        if !sources(&tests).iter().any(|(_, text)| text.contains(&call) || text.contains(&named)) {
            lost.push(format!("{}: not called in {tests}", method.full_name()));
        }
    }
    assert!(count >= 40, "only {count} RPCs were found");
    assert!(lost.is_empty(), "{lost:#?}");
}
