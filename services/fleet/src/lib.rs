//! Fleet: official vehicles (公务用车) from establishment to disposal, and what they cost.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`standard`] | what a vehicle may be, by what it is for | |
//! | [`establishment`] | how many vehicles an organization may hold, holds, and has asked for | `EstablishmentService` |
//! | [`vehicle`] | the register of vehicles | `VehicleService` |
//! | `watch` | rules held against what a noun has made, for findings | |
//! | [`request`] | what the next three have in common | |
//! | `holder` | who held vehicles when | |
//! | `cost` | what vehicles cost their holders, and how far they went | |
//! | [`norm`] | what a vehicle may cost and use in a year | `NormService` |
//! | [`card`] | fuel cards | `CardService` |
//! | [`acquisition`] | acquiring vehicles: request, approval, registration | `AcquisitionService` |
//! | [`disposal`] | disposing of vehicles, and what that brings in | `DisposalService` |
//! | [`odometer`] | readings of the odometers, and which fit | `OdometerService` |
//! | [`driver`] | who drives, and with which licence | `DriverService` |
//! | [`trip`] | dispatch: trips from request to settling | `TripService` |
//! | [`transfer`] | handing vehicles from one organization to another | `TransferService` |
//! | [`expense`] | what running a vehicle costs, slip by slip | `ExpenseService` |
//! | [`statement`] | statements of fuel cards | `StatementService` |
//! | [`figure`] | figures of vehicles and fleets | `FigureService` |
//! | [`publication`] | what organizations publish every month | `PublicationService` |
//!
//! Each uses only those above it. The ledger, findings and approvals are libraries of all domains;
//! `catalogue.toml` says what can be booked, `rules/` what the regulations allow, `routes.toml` who
//! approves.

pub mod acquisition;
pub mod card;
mod cost;
pub mod disposal;
pub mod driver;
pub mod establishment;
pub mod expense;
pub mod figure;
mod holder;
pub mod norm;
pub mod odometer;
pub mod publication;
pub mod request;
pub mod standard;
pub mod statement;
pub mod transfer;
pub mod trip;
pub mod vehicle;
mod watch;

use steward_approval::{EXPENDITURE, Kind};
use steward_chassis::{Result, Spec};
use steward_db::{Db, Migrations};
use steward_domain::{Domain, migrations_with};
use steward_ledger::Hooks;
use steward_proto::fleet::v1::acquisition_service_server::{
    AcquisitionServiceServer, SERVICE_NAME as ACQUISITION_SERVICE,
};
use steward_proto::fleet::v1::card_service_server::{
    CardServiceServer, SERVICE_NAME as CARD_SERVICE,
};
use steward_proto::fleet::v1::disposal_service_server::{
    DisposalServiceServer, SERVICE_NAME as DISPOSAL_SERVICE,
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
use steward_proto::fleet::v1::publication_service_server::{
    PublicationServiceServer, SERVICE_NAME as PUBLICATION_SERVICE,
};
use steward_proto::fleet::v1::statement_service_server::{
    SERVICE_NAME as STATEMENT_SERVICE, StatementServiceServer,
};
use steward_proto::fleet::v1::transfer_service_server::{
    SERVICE_NAME as TRANSFER_SERVICE, TransferServiceServer,
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
        &steward_domain::SERVICE_NAMES,
        &[
            ESTABLISHMENT_SERVICE,
            VEHICLE_SERVICE,
            ACQUISITION_SERVICE,
            TRANSFER_SERVICE,
            DISPOSAL_SERVICE,
            ODOMETER_SERVICE,
            DRIVER_SERVICE,
            TRIP_SERVICE,
            NORM_SERVICE,
            CARD_SERVICE,
            EXPENSE_SERVICE,
            STATEMENT_SERVICE,
            FIGURE_SERVICE,
            PUBLICATION_SERVICE,
        ],
    ],
    migrations: &migrations_with(MIGRATIONS),
    routes,
    follow: Some(steward_ledger::follow),
    prepare: Some(|db, now| Box::pin(async move { DOMAIN.prepare(&db, now).await })),
    sweeps: &[
        steward_domain::SWEEP,
        |db, ctx| Box::pin(establishment::actions::settle_due(db, ctx)),
        |db, ctx| Box::pin(vehicle::actions::look_again(db, ctx)),
        trip::sweep,
    ],
};

static DOMAIN: Domain = Domain {
    kinds: KINDS,
    rules: RULES,
    routes: &[include_str!("../routes.toml")],
    hooks: Hooks {
        booked: |tx, ctx, entries| Box::pin(expense::actions::booked(tx, ctx, entries)),
        ..Domain::HOOKS
    },
    ..Domain::new(include_str!("../catalogue.toml"))
};

/// Slips are judged by vehicles and cards, which know nothing of them: so they have them judged again when
/// they are corrected.
const JUDGE_AGAIN: vehicle::JudgeAgain =
    |tx, ctx, known| Box::pin(expense::actions::again(tx, ctx, known));

/// The kinds of requests that are approved.
const KINDS: &[Kind] = &[
    Kind {
        decided: |tx, ctx, approval| Box::pin(norm::actions::asked(tx, ctx, approval)),
        ..EXPENDITURE
    },
    Kind {
        code: acquisition::actions::KIND,
        name: "公务用车配备更新",
        decided: |tx, ctx, approval| Box::pin(acquisition::actions::decided(tx, ctx, approval)),
    },
    Kind {
        code: transfer::actions::KIND,
        name: "公务用车调配",
        decided: |tx, ctx, approval| Box::pin(transfer::actions::decided(tx, ctx, approval)),
    },
    Kind {
        code: disposal::actions::KIND,
        name: "公务用车处置",
        decided: |tx, ctx, approval| Box::pin(disposal::actions::decided(tx, ctx, approval)),
    },
    trip::KIND,
];

/// The rules that fleet ships.
const RULES: &[&str] = &[
    include_str!("../rules/vehicles.toml"),
    include_str!("../rules/institutions.toml"),
    include_str!("../rules/local.toml"),
    include_str!("../rules/trips.toml"),
    include_str!("../rules/licences_2013.toml"),
    include_str!("../rules/licences_2022.toml"),
    include_str!("../rules/expenses.toml"),
    include_str!("../rules/publication.toml"),
];

fn routes(db: Db) -> Result<Routes> {
    Ok(DOMAIN
        .mount(&db)?
        .add_service(EstablishmentServiceServer::new(establishment::rpc::Rpc::new(db.clone())))
        .add_service(VehicleServiceServer::new(vehicle::rpc::Rpc::new(db.clone())))
        .add_service(AcquisitionServiceServer::new(acquisition::rpc::Rpc::new(db.clone())))
        .add_service(TransferServiceServer::new(transfer::rpc::Rpc::new(db.clone())))
        .add_service(DisposalServiceServer::new(disposal::rpc::Rpc::new(db.clone())))
        .add_service(OdometerServiceServer::new(odometer::rpc::Rpc::new(db.clone())))
        .add_service(DriverServiceServer::new(driver::rpc::Rpc::new(db.clone())))
        .add_service(TripServiceServer::new(trip::rpc::Rpc::new(db.clone())))
        .add_service(NormServiceServer::new(norm::rpc::Rpc::new(db.clone())))
        .add_service(CardServiceServer::new(card::rpc::Rpc::new(db.clone())))
        .add_service(ExpenseServiceServer::new(expense::rpc::Rpc::new(db.clone())))
        .add_service(StatementServiceServer::new(statement::rpc::Rpc::new(db.clone())))
        .add_service(FigureServiceServer::new(figure::rpc::Rpc::new(db.clone())))
        .add_service(PublicationServiceServer::new(publication::rpc::Rpc::new(db))))
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
