//! Fleet: official vehicles (公务用车), and what they cost: purchase, fuel, repair, insurance, tolls.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`vehicle`] | the register of vehicles | `VehicleService` |
//! | `watch` | rules held against what a noun has made, for findings | |
//! | `cost` | what vehicles cost, as the ledger has it | |
//! | [`odometer`] | readings of the odometers, and which fit | `OdometerService` |
//! | [`norm`] | what a vehicle may cost and use in a year | `NormService` |
//! | [`card`] | fuel cards | `CardService` |
//! | [`expense`] | what running a vehicle costs, slip by slip | `ExpenseService` |
//! | [`statement`] | statements of fuel cards | `StatementService` |
//! | [`figure`] | figures of vehicles and fleets | `FigureService` |
//! | `catalogue.toml` | what can be booked; the ledger itself is a library of all domains | `LedgerService` |

pub mod card;
mod cost;
pub mod expense;
pub mod figure;
pub mod norm;
pub mod odometer;
pub mod statement;
pub mod vehicle;
mod watch;

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
    services: &[steward_ledger::SERVICE_NAME, VEHICLE_SERVICE],
    migrations: &[steward_chassis::MIGRATIONS, steward_ledger::MIGRATIONS, MIGRATIONS],
    routes,
    follow: Some(steward_ledger::follow),
    prepare: None,
    sweeps: &[],
};

fn routes(db: Db) -> Result<Routes> {
    let catalogue = include_str!("../catalogue.toml");
    let ledger = steward_ledger::service(db.clone(), catalogue, Hooks::default())?;
    let vehicles = VehicleServiceServer::new(vehicle::rpc::Rpc::new(db));
    Ok(Routes::new(ledger).add_service(vehicles))
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
