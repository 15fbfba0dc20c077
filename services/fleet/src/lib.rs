//! Fleet: official vehicles (公务用车), and what they cost: purchase, fuel, repair, insurance, tolls.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`vehicle`] | the register of vehicles | `VehicleService` |
//! | `catalogue.toml` | what can be booked; the ledger itself is a library of all domains | `LedgerService` |
//! | `steward_finding` | rules and findings, a library of all domains | `RuleService`, `FindingService` |
//! | `steward_approval` | approvals, a library of all domains; `routes.toml` has the routes that come with fleet | `ApprovalService` and others |

pub mod vehicle;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use steward_approval::{EXPENDITURE, Kind};
use steward_chassis::{Result, Spec};
use steward_db::{Db, Migrations};
use steward_ledger::Hooks;
use steward_proto::fleet::v1::vehicle_service_server::{
    SERVICE_NAME as VEHICLE_SERVICE, VehicleServiceServer,
};
use tonic::service::Routes;

/// The fleet service.
pub static SPEC: Spec = Spec {
    name: "fleet",
    services: &[
        steward_ledger::SERVICE_NAME,
        steward_finding::SERVICE_NAMES[0],
        steward_finding::SERVICE_NAMES[1],
        steward_approval::SERVICE_NAMES[0],
        steward_approval::SERVICE_NAMES[1],
        steward_approval::SERVICE_NAMES[2],
        steward_approval::SERVICE_NAMES[3],
        VEHICLE_SERVICE,
    ],
    migrations: &[
        steward_chassis::MIGRATIONS,
        steward_ledger::MIGRATIONS,
        steward_finding::MIGRATIONS,
        steward_approval::MIGRATIONS,
        MIGRATIONS,
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
    let routes = steward_approval::mount(routes, db.clone(), KINDS, catalogue)?;
    Ok(routes.add_service(VehicleServiceServer::new(vehicle::rpc::Rpc::new(db))))
}

/// Loads the rules and the approval routes that the service ships.
fn prepare(db: Db, now: DateTime<Utc>) -> BoxFuture<'static, Result<()>> {
    async move {
        steward_finding::prepare(&db, now, &[steward_finding::COMMON]).await?;
        steward_approval::prepare(&db, now, &[include_str!("../routes.toml")]).await
    }
    .boxed()
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
