//! Maintenance: repairs (维修): what they cost: small and large repairs, materials, contracts.
//!
//! What can be booked stands in `catalogue.toml`; the ledger itself is a library of all domains.

use steward_chassis::{Result, Spec};
use steward_db::Db;
use steward_ledger::Hooks;
use tonic::service::Routes;

/// The maintenance service.
pub static SPEC: Spec = Spec {
    name: "maintenance",
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
