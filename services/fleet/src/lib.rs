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
//! | `steward_finding` | rules and findings, a library of all domains | `RuleService`, `FindingService` |

pub mod card;
mod cost;
pub mod expense;
pub mod figure;
pub mod norm;
pub mod odometer;
pub mod statement;
pub mod vehicle;
mod watch;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use steward_chassis::{Ctx, Result, Spec};
use steward_db::{Db, Migrations, Tx};
use steward_ledger::budget::Overspent;
use steward_ledger::{Entry, Hooks};
use steward_proto::fleet::v1::card_service_server::{
    CardServiceServer, SERVICE_NAME as CARD_SERVICE,
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
        ODOMETER_SERVICE,
        NORM_SERVICE,
        CARD_SERVICE,
        EXPENSE_SERVICE,
        STATEMENT_SERVICE,
        FIGURE_SERVICE,
    ],
    migrations: &[
        steward_chassis::MIGRATIONS,
        steward_ledger::MIGRATIONS,
        steward_finding::MIGRATIONS,
        MIGRATIONS,
    ],
    routes,
    follow: Some(steward_ledger::follow),
    prepare: Some(prepare),
    sweeps: &[],
};

fn routes(db: Db) -> Result<Routes> {
    let catalogue = include_str!("../catalogue.toml");
    let hooks = Hooks { booked, budgeted };
    let ledger = steward_ledger::service(db.clone(), catalogue, hooks)?;
    let routes = Routes::new(ledger)
        .add_service(VehicleServiceServer::new(vehicle::rpc::Rpc::new(db.clone())))
        .add_service(OdometerServiceServer::new(odometer::rpc::Rpc::new(db.clone())))
        .add_service(NormServiceServer::new(norm::rpc::Rpc::new(db.clone())))
        .add_service(CardServiceServer::new(card::rpc::Rpc::new(db.clone())))
        .add_service(ExpenseServiceServer::new(expense::rpc::Rpc::new(db.clone())))
        .add_service(StatementServiceServer::new(statement::rpc::Rpc::new(db.clone())))
        .add_service(FigureServiceServer::new(figure::rpc::Rpc::new(db.clone())));
    Ok(steward_finding::mount(routes, db))
}

/// The rules that the fleet ships, beside those of every domain.
const RULES: [&str; 2] = [steward_finding::COMMON, include_str!("../rules/expenses.toml")];

fn prepare(db: Db, now: DateTime<Utc>) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move { steward_finding::prepare(&db, now, &RULES).await })
}

fn booked<'t>(tx: &'t mut Tx, ctx: &'t Ctx, entries: &'t [Entry]) -> BoxFuture<'t, Result<()>> {
    Box::pin(expense::actions::booked(tx, ctx, entries))
}

fn budgeted<'t>(tx: &'t mut Tx, ctx: &'t Ctx, budget: &'t Overspent) -> BoxFuture<'t, Result<()>> {
    Box::pin(cost::overrun(tx, ctx, std::slice::from_ref(budget)))
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
