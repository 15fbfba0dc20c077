//! Energy: electricity, water, gas, heat and energy performance contracts (能源): what they cost and how much is used.
//!
//! What can be booked stands in `catalogue.toml`; the ledger itself is a library of all domains, and so
//! are rules and findings.

use steward_chassis::{Result, Spec};
use steward_db::Db;
use steward_ledger::Hooks;
use tonic::service::Routes;

/// The energy service.
pub static SPEC: Spec = Spec {
    name: "energy",
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
