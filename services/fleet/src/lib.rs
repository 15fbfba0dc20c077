//! Fleet: official vehicles (公务用车): what they cost: purchase, fuel, repair, insurance, tolls.
//!
//! What can be booked stands in `catalogue.toml`; the ledger itself is a library of all domains.

use steward_chassis::{Result, Spec};
use steward_db::Db;
use tonic::service::Routes;

/// The fleet service.
pub static SPEC: Spec = Spec {
    name: "fleet",
    services: &[steward_ledger::SERVICE_NAME],
    migrations: &[steward_chassis::MIGRATIONS, steward_ledger::MIGRATIONS],
    routes,
    prepare: None,
};

fn routes(db: Db) -> Result<Routes> {
    Ok(Routes::new(steward_ledger::service(db, include_str!("../catalogue.toml"))?))
}
