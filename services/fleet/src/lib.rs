//! Fleet: official vehicles (公务用车), and what they cost: purchase, fuel, repair, insurance, tolls.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`vehicle`] | the register of vehicles | `VehicleService` |
//! | `catalogue.toml` | what can be booked; the ledger itself is a library of all domains | `LedgerService` |
//! | `steward_finding` | rules and findings, a library of all domains | `RuleService`, `FindingService` |

pub mod vehicle;

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
        VEHICLE_SERVICE,
    ],
    migrations: &[
        steward_chassis::MIGRATIONS,
        steward_ledger::MIGRATIONS,
        steward_finding::MIGRATIONS,
        MIGRATIONS,
    ],
    routes,
    follow: Some(steward_ledger::follow),
    prepare: Some(steward_finding::prepare_common),
    sweeps: &[],
};

fn routes(db: Db) -> Result<Routes> {
    let ledger = steward_ledger::service(db.clone(), include_str!("../catalogue.toml"), Hooks::default())?;
    let vehicles = VehicleServiceServer::new(vehicle::rpc::Rpc::new(db.clone()));
    Ok(steward_finding::mount(Routes::new(ledger), db).add_service(vehicles))
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
