//! Energy: electricity, water, gas, heat and energy performance contracts (能源): what they cost and how much is used.
//!
//! What can be booked stands in `catalogue.toml`; the ledger itself is a library of all domains, and so
//! are rules and findings, and approvals.

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use steward_approval::{EXPENDITURE, Kind};
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
        steward_approval::SERVICE_NAMES[0],
        steward_approval::SERVICE_NAMES[1],
        steward_approval::SERVICE_NAMES[2],
        steward_approval::SERVICE_NAMES[3],
    ],
    migrations: &[
        steward_chassis::MIGRATIONS,
        steward_ledger::MIGRATIONS,
        steward_finding::MIGRATIONS,
        steward_approval::MIGRATIONS,
    ],
    routes,
    follow: Some(steward_ledger::follow),
    prepare: Some(prepare),
    sweeps: &[],
};

/// The kinds of requests that are approved.
static KINDS: &[Kind] = &[EXPENDITURE];

fn routes(db: Db) -> Result<Routes> {
    let catalogue = include_str!("../catalogue.toml");
    let ledger = steward_ledger::service(db.clone(), catalogue, Hooks::default())?;
    let routes = steward_finding::mount(Routes::new(ledger), db.clone());
    steward_approval::mount(routes, db, KINDS, catalogue)
}

/// Loads the rules and the approval routes that the service ships.
fn prepare(db: Db, now: DateTime<Utc>) -> BoxFuture<'static, Result<()>> {
    async move {
        steward_finding::prepare(&db, now, &[steward_finding::COMMON]).await?;
        steward_approval::prepare(&db, now, &[]).await
    }
    .boxed()
}
