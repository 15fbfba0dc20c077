//! Property: office buildings and rooms (办公用房): what they cost: rent, property management, overhaul, and what they bring in.
//!
//! What can be booked stands in `catalogue.toml`; the ledger itself is a library of all domains, and so
//! are rules and findings.

use steward_chassis::{Result, Spec};
use steward_db::Db;
use steward_ledger::Hooks;
use tonic::service::Routes;

/// The property service.
pub static SPEC: Spec = Spec {
    name: "property",
    services: &[
        steward_ledger::SERVICE_NAME,
        steward_finding::SERVICE_NAMES[0],
        steward_finding::SERVICE_NAMES[1],
    ],
    migrations: &[
        steward_chassis::MIGRATIONS,
        steward_ledger::MIGRATIONS,
        steward_finding::MIGRATIONS,
    ],
    routes,
    follow: Some(steward_ledger::follow),
    prepare: Some(steward_finding::prepare_common),
    sweeps: &[],
};

fn routes(db: Db) -> Result<Routes> {
    let catalogue = include_str!("../catalogue.toml");
    let ledger = steward_ledger::service(db.clone(), catalogue, Hooks::default())?;
    Ok(steward_finding::mount(Routes::new(ledger), db))
}
