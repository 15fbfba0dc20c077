//! Fleet: official vehicles (公务用车), and what they cost: purchase, fuel, repair, insurance, tolls.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`vehicle`] | the register of vehicles | `VehicleService` |
//! | [`driver`] | who drives, and with which licence | `DriverService` |
//! | [`trip`] | dispatch: trips from request to settling | `TripService` |
//! | `catalogue.toml` | what can be booked; the ledger itself is a library of all domains | `LedgerService` |

pub mod vehicle;

pub mod driver;

pub mod trip;

use steward_chassis::{Result, Spec};
use steward_db::{Db, Migrations};
use steward_proto::fleet::v1::driver_service_server::{
    DriverServiceServer, SERVICE_NAME as DRIVER_SERVICE,
};
use steward_proto::fleet::v1::trip_service_server::{
    SERVICE_NAME as TRIP_SERVICE, TripServiceServer,
};
use steward_proto::fleet::v1::vehicle_service_server::{
    SERVICE_NAME as VEHICLE_SERVICE, VehicleServiceServer,
};
use tonic::service::Routes;

/// The fleet service.
pub static SPEC: Spec = Spec {
    name: "fleet",
    services: &[steward_ledger::SERVICE_NAME, VEHICLE_SERVICE, DRIVER_SERVICE, TRIP_SERVICE],
    migrations: &[steward_chassis::MIGRATIONS, steward_ledger::MIGRATIONS, MIGRATIONS],
    routes,
    follow: Some(steward_ledger::follow),
    prepare: None,
    sweeps: &[trip::sweep],
};

fn routes(db: Db) -> Result<Routes> {
    let ledger = steward_ledger::service(db.clone(), include_str!("../catalogue.toml"))?;
    let vehicles = VehicleServiceServer::new(vehicle::rpc::Rpc::new(db.clone()));
    let drivers = DriverServiceServer::new(driver::rpc::Rpc::new(db.clone()));
    let trips = TripServiceServer::new(trip::rpc::Rpc::new(db));
    Ok(Routes::new(ledger).add_service(vehicles).add_service(drivers).add_service(trips))
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
