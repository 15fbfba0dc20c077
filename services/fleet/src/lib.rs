//! Fleet: official vehicles (公务用车), and what they cost: purchase, fuel, repair, insurance, tolls.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`standard`] | what a vehicle may be, by what it is for | |
//! | [`establishment`] | how many vehicles an organization may hold | `EstablishmentService` |
//! | [`vehicle`] | the register of vehicles | `VehicleService` |
//! | `watch` | rules held against what a noun has made, for findings | |
//! | [`odometer`] | readings of the odometers, and which fit | `OdometerService` |
//! | [`driver`] | who drives, and with which licence | `DriverService` |
//! | [`trip`] | dispatch: trips from request to settling | `TripService` |
//! | `cost` | what vehicles cost, as the ledger has it | |
//! | [`norm`] | what a vehicle may cost and use in a year | `NormService` |
//! | [`card`] | fuel cards | `CardService` |
//! | [`expense`] | what running a vehicle costs, slip by slip | `ExpenseService` |
//! | [`statement`] | statements of fuel cards | `StatementService` |
//! | [`figure`] | figures of vehicles and fleets | `FigureService` |
//! | `rules/*.toml` | the numbers of the regulations, for the finding library | |
//! | `catalogue.toml` | what can be booked; the ledger itself is a library of all domains | `LedgerService` |
//! | `steward_finding` | rules and findings, a library of all domains | `RuleService`, `FindingService` |
//! | `steward_approval` | approvals, a library of all domains; `routes.toml` has the routes that come with fleet | `ApprovalService` and others |

pub mod card;
mod cost;
pub mod driver;
pub mod establishment;
pub mod expense;
pub mod figure;
pub mod norm;
pub mod odometer;
pub mod standard;
pub mod statement;
pub mod trip;
pub mod vehicle;
mod watch;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use steward_approval::{EXPENDITURE, Kind};
use steward_chassis::{Ctx, Result, Spec};
use steward_db::{Db, Migrations, Tx};
use steward_ledger::budget::Overspent;
use steward_ledger::{Entry, Hooks};
use steward_proto::fleet::v1::card_service_server::{
    CardServiceServer, SERVICE_NAME as CARD_SERVICE,
};
use steward_proto::fleet::v1::driver_service_server::{
    DriverServiceServer, SERVICE_NAME as DRIVER_SERVICE,
};
use steward_proto::fleet::v1::establishment_service_server::{
    EstablishmentServiceServer, SERVICE_NAME as ESTABLISHMENT_SERVICE,
};
use steward_proto::fleet::v1::expense_service_server::{
    ExpenseServiceServer, SERVICE_NAME as EXPENSE_SERVICE,
};
use steward_proto::fleet::v1::figure_service_server::{
    FigureServiceServer, SERVICE_NAME as FIGURE_SERVICE,
};
use steward_proto::fleet::v1::norm_service_server::{
    NormServiceServer, SERVICE_NAME as NORM_SERVICE,
};
use steward_proto::fleet::v1::odometer_service_server::{
    OdometerServiceServer, SERVICE_NAME as ODOMETER_SERVICE,
};
use steward_proto::fleet::v1::statement_service_server::{
    SERVICE_NAME as STATEMENT_SERVICE, StatementServiceServer,
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
    services: &[
        steward_ledger::SERVICE_NAME,
        steward_finding::SERVICE_NAMES[0],
        steward_finding::SERVICE_NAMES[1],
        steward_approval::SERVICE_NAMES[0],
        steward_approval::SERVICE_NAMES[1],
        steward_approval::SERVICE_NAMES[2],
        steward_approval::SERVICE_NAMES[3],
        ESTABLISHMENT_SERVICE,
        VEHICLE_SERVICE,
        ODOMETER_SERVICE,
        NORM_SERVICE,
        CARD_SERVICE,
        EXPENSE_SERVICE,
        STATEMENT_SERVICE,
        FIGURE_SERVICE,
        DRIVER_SERVICE,
        TRIP_SERVICE,
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
    sweeps: &[grants_take_effect, vehicles_are_looked_at, trip::sweep],
};

/// The kinds of requests that are approved.
static KINDS: &[Kind] = &[EXPENDITURE, trip::KIND];

fn routes(db: Db) -> Result<Routes> {
    let catalogue = include_str!("../catalogue.toml");
    let ledger = steward_ledger::service(db.clone(), catalogue, Hooks { booked, budgeted })?;
    let routes = steward_finding::mount(Routes::new(ledger), db.clone());
    let routes = steward_approval::mount(routes, db.clone(), KINDS, catalogue)?;
    Ok(routes
        .add_service(EstablishmentServiceServer::new(establishment::rpc::Rpc::new(db.clone())))
        .add_service(VehicleServiceServer::new(vehicle::rpc::Rpc::new(db.clone())))
        .add_service(DriverServiceServer::new(driver::rpc::Rpc::new(db.clone())))
        .add_service(TripServiceServer::new(trip::rpc::Rpc::new(db.clone())))
        .add_service(OdometerServiceServer::new(odometer::rpc::Rpc::new(db.clone())))
        .add_service(NormServiceServer::new(norm::rpc::Rpc::new(db.clone())))
        .add_service(CardServiceServer::new(card::rpc::Rpc::new(db.clone())))
        .add_service(ExpenseServiceServer::new(expense::rpc::Rpc::new(db.clone())))
        .add_service(StatementServiceServer::new(statement::rpc::Rpc::new(db.clone())))
        .add_service(FigureServiceServer::new(figure::rpc::Rpc::new(db))))
}

/// The rules that fleet ships.
pub const RULES: &[&str] = &[
    steward_finding::COMMON,
    include_str!("../rules/vehicles.toml"),
    include_str!("../rules/institutions.toml"),
    include_str!("../rules/local.toml"),
    include_str!("../rules/trips.toml"),
    include_str!("../rules/expenses.toml"),
];

/// Loads the rules and the approval routes that the service ships.
fn prepare(db: Db, now: DateTime<Utc>) -> BoxFuture<'static, Result<()>> {
    async move {
        steward_finding::prepare(&db, now, RULES).await?;
        steward_approval::prepare(&db, now, &[include_str!("../routes.toml")]).await
    }
    .boxed()
}

fn grants_take_effect<'t>(db: &'t Db, ctx: &'t Ctx) -> BoxFuture<'t, Result<()>> {
    establishment::actions::settle_due(db, ctx).boxed()
}

fn vehicles_are_looked_at<'t>(db: &'t Db, ctx: &'t Ctx) -> BoxFuture<'t, Result<()>> {
    vehicle::actions::look_again(db, ctx).boxed()
}

fn booked<'t>(tx: &'t mut Tx, ctx: &'t Ctx, entries: &'t [Entry]) -> BoxFuture<'t, Result<()>> {
    expense::actions::booked(tx, ctx, entries).boxed()
}

fn budgeted<'t>(tx: &'t mut Tx, ctx: &'t Ctx, budget: &'t Overspent) -> BoxFuture<'t, Result<()>> {
    cost::overrun(tx, ctx, std::slice::from_ref(budget)).boxed()
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
