//! The `steward` program: the whole suite and its command line, over the network.

mod city_costs;
mod crash;
mod fleet;
mod import;
mod import_cards;
mod import_clerk;
mod import_fleet;
mod import_office;
mod import_past;
mod import_whole;
mod import_wide;
mod report;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use steward_standalone::client::Client;
use steward_standalone::import::{self as steward, Options, Outcome};
use steward_tests::suite::DOMAINS;
use steward_tests::{Engine, TestDb};

/// New databases of all services.
async fn databases(like: &TestDb) -> BTreeMap<&'static str, TestDb> {
    let engine = if like.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
    let mut databases = BTreeMap::new();
    for spec in DOMAINS.into_iter().chain([&steward_directory::SPEC]) {
        databases.insert(spec.name, TestDb::new(engine, spec.migrations).await);
    }
    databases
}

/// The configuration of a suite on those databases, on a free port.
fn configuration(databases: &BTreeMap<&'static str, TestDb>) -> String {
    let mut text = "[server]\nlisten = \"127.0.0.1:0\"\n[auth]\nmode = \"off\"\n".to_owned();
    for (name, db) in databases {
        let url = db.url();
        let _ = writeln!(text, "[database.{name}]\nurl = {url:?}\nmax_connections = 5");
    }
    text
}

async fn import(client: &Client, file: &Path) -> Outcome {
    let file = steward::file::read(file).unwrap();
    steward::costs(client, file, Options::default(), std::future::pending()).await.unwrap()
}
