//! Property: office buildings and rooms (办公用房): what they cost: rent, property management, overhaul, and what they bring in.
//!
//! What can be booked stands in `catalogue.toml`; the ledger itself is a library of all domains.

use steward_chassis::{Result, Spec};
use steward_db::Db;
use steward_ledger::Hooks;
use tonic::service::Routes;

/// The property service.
pub static SPEC: Spec = Spec {
    name: "property",
    services: &[steward_ledger::SERVICE_NAME],
    migrations: &[steward_chassis::MIGRATIONS, steward_ledger::MIGRATIONS],
    routes,
    follow: Some(steward_ledger::follow),
    prepare: None,
    sweeps: &[],
};

fn routes(db: Db) -> Result<Routes> {
    let catalogue = include_str!("../catalogue.toml");
    Ok(Routes::new(steward_ledger::service(db, catalogue, Hooks::default())?))
}
