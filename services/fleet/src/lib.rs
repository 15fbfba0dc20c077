//! Fleet: official vehicles (公务用车) from establishment to disposal, and what they cost.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`standard`] | what a vehicle may be, by what it is for | |
//! | [`establishment`] | how many vehicles an organization may hold, holds, and has asked for | `EstablishmentService` |
//! | [`vehicle`] | the register of vehicles | `VehicleService` |
//! | [`request`] | what the next three have in common | |
//! | [`acquisition`] | acquiring vehicles: request, approval, registration | `AcquisitionService` |
//! | [`transfer`] | handing vehicles from one organization to another | `TransferService` |
//! | [`disposal`] | disposing of vehicles, and what that brings in | `DisposalService` |
//!
//! Each uses only those above it. The ledger, findings and approvals are libraries of all domains;
//! `catalogue.toml` says what can be booked, `rules/` what the regulations allow, `routes.toml` who
//! approves.

pub mod acquisition;
pub mod disposal;
pub mod establishment;
pub mod request;
pub mod standard;
pub mod transfer;
pub mod vehicle;

use steward_approval::{EXPENDITURE, Kind};
use steward_chassis::{Ctx, Result, Spec};
use steward_db::{Db, Migrations, Tx};
use steward_domain::{Domain, migrations_with};
use steward_ledger::Hooks;
use steward_ledger::entry::Entry;
use steward_proto::fleet::v1::acquisition_service_server::{
    AcquisitionServiceServer, SERVICE_NAME as ACQUISITION_SERVICE,
};
use steward_proto::fleet::v1::disposal_service_server::{
    DisposalServiceServer, SERVICE_NAME as DISPOSAL_SERVICE,
};
use steward_proto::fleet::v1::establishment_service_server::{
    EstablishmentServiceServer, SERVICE_NAME as ESTABLISHMENT_SERVICE,
};
use steward_proto::fleet::v1::transfer_service_server::{
    SERVICE_NAME as TRANSFER_SERVICE, TransferServiceServer,
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
        ],
    ],
    migrations: &migrations_with(MIGRATIONS),
    routes,
    follow: Some(steward_ledger::follow),
    prepare: Some(|db, now| Box::pin(async move { DOMAIN.prepare(&db, now).await })),
    sweeps: &[
        |db, ctx| Box::pin(establishment::actions::settle_due(db, ctx)),
        |db, ctx| Box::pin(vehicle::actions::look_again(db, ctx)),
    ],
};

static DOMAIN: Domain = Domain {
    kinds: KINDS,
    rules: RULES,
    routes: &[include_str!("../routes.toml")],
    hooks: Hooks { booked: |tx, ctx, entries| Box::pin(booked(tx, ctx, entries)), ..Domain::HOOKS },
    ..Domain::new(include_str!("../catalogue.toml"))
};

/// The kinds of requests that are approved.
const KINDS: &[Kind] = &[
    EXPENDITURE,
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
];

/// The rules that fleet ships.
const RULES: &[&str] = &[
    include_str!("../rules/vehicles.toml"),
    include_str!("../rules/institutions.toml"),
    include_str!("../rules/local.toml"),
];

fn routes(db: Db) -> Result<Routes> {
    let establishments = EstablishmentServiceServer::new(establishment::rpc::Rpc::new(db.clone()));
    let vehicles = VehicleServiceServer::new(vehicle::rpc::Rpc::new(db.clone()));
    let acquisitions = AcquisitionServiceServer::new(acquisition::rpc::Rpc::new(db.clone()));
    let transfers = TransferServiceServer::new(transfer::rpc::Rpc::new(db.clone()));
    let disposals = DisposalServiceServer::new(disposal::rpc::Rpc::new(db.clone()));
    Ok(DOMAIN
        .mount(&db)?
        .add_service(establishments)
        .add_service(vehicles)
        .add_service(acquisitions)
        .add_service(transfers)
        .add_service(disposals))
}

/// What is done beside when entries were booked, by the ledger or by a noun of the fleet.
pub(crate) async fn booked(tx: &mut Tx, ctx: &Ctx, entries: &[Entry]) -> Result<()> {
    steward_domain::booked(tx, ctx, entries).await
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "fleet", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
