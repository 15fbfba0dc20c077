//! Approval (审批): routes as data, one library in every domain service.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`officeholder`] | who holds which position | `OfficeholderService` |
//! | [`delegation`] | who decides in whose name | `DelegationService` |
//! | [`route`] | the steps of a kind of request, by category, region and amount | `RouteService` |
//! | [`approval`] | requests on their route, and the decisions on them | `ApprovalService` |
//!
//! Each uses only those above it. A domain names the [`Kind`]s of its requests when it [mounts](mount)
//! the library; its nouns [submit](approval::submit) requests, and are told by [`Kind::decided`] what
//! became of them.

pub mod approval;
pub mod delegation;
pub mod officeholder;
pub mod position;
pub mod route;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use steward_chassis::{Ctx, Error, Result};
use steward_db::{Db, Migrations, Tx};
use steward_ledger::Catalogue;
use steward_proto::approval::v1::approval_service_server::{
    ApprovalServiceServer, SERVICE_NAME as APPROVAL_SERVICE,
};
use steward_proto::approval::v1::delegation_service_server::{
    DelegationServiceServer, SERVICE_NAME as DELEGATION_SERVICE,
};
use steward_proto::approval::v1::officeholder_service_server::{
    OfficeholderServiceServer, SERVICE_NAME as OFFICEHOLDER_SERVICE,
};
use steward_proto::approval::v1::route_service_server::{
    RouteServiceServer, SERVICE_NAME as ROUTE_SERVICE,
};
use tonic::service::Routes;

pub use approval::{Approval, ApprovalId, Money, State, Submission};
pub use position::Position;

/// The full names of the gRPC services.
pub const SERVICE_NAMES: [&str; 4] =
    [OFFICEHOLDER_SERVICE, DELEGATION_SERVICE, ROUTE_SERVICE, APPROVAL_SERVICE];

/// The tables of this crate. They refer to those of the chassis.
pub const MIGRATIONS: Migrations =
    Migrations { name: "approval", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// The routes that come with every domain.
const ROUTES: &str = include_str!("../routes.toml");

/// A kind of request of a domain.
#[derive(Debug)]
pub struct Kind {
    /// `vehicle_acquisition`.
    pub code: &'static str,
    /// 公务用车购置.
    pub name: &'static str,
    /// What the domain does beside when the state of a request of this kind changed: approved, refused,
    /// returned, submitted again, withdrawn; of an expenditure also that it was submitted. In the same
    /// transaction, with its money claimed; what it refuses undoes the decision.
    pub decided: Decided,
}

/// See [`Kind::decided`].
pub type Decided = for<'t> fn(&'t mut Tx, &'t Ctx, &'t Approval) -> BoxFuture<'t, Result<()>>;

/// Expenditure: the kind that every domain has. It is requested by `RequestExpenditure`, and has no
/// effect beside its money, unless a domain gives it one.
pub const EXPENDITURE: Kind =
    Kind { code: "expenditure", name: "经费支出", decided: nothing_beside };

/// For a kind that does nothing beside.
pub fn nothing_beside<'t>(
    _tx: &'t mut Tx,
    _ctx: &'t Ctx,
    _approval: &'t Approval,
) -> BoxFuture<'t, Result<()>> {
    Box::pin(async { Ok(()) })
}

/// What the handlers work on. Made by [`mount`].
#[derive(Debug, Clone)]
pub struct Desk {
    db: Db,
    kinds: &'static [Kind],
    catalogue: Arc<Catalogue>,
}

/// Adds the services of the library over the database of a domain, with the kinds of its requests and
/// the text of its `catalogue.toml`.
///
/// # Errors
/// If the catalogue cannot be used.
pub fn mount(routes: Routes, db: Db, kinds: &'static [Kind], catalogue: &str) -> Result<Routes> {
    let catalogue = Arc::new(Catalogue::parse(catalogue).map_err(Error::internal)?);
    let desk = Desk { db: db.clone(), kinds, catalogue };
    Ok(routes
        .add_service(OfficeholderServiceServer::new(officeholder::rpc::Rpc::new(db.clone())))
        .add_service(DelegationServiceServer::new(delegation::rpc::Rpc::new(db)))
        .add_service(RouteServiceServer::new(route::rpc::Rpc::new(desk.clone())))
        .add_service(ApprovalServiceServer::new(approval::rpc::Rpc::new(desk))))
}

/// Loads the routes that every service ships, and those that this one does, into its database: each
/// text is a `routes.toml`. What was changed there by people stays as it is.
///
/// # Errors
/// If a text cannot be read.
pub async fn prepare(db: &Db, now: DateTime<Utc>, shipped: &[&str]) -> Result<()> {
    let mut routes = Vec::new();
    for text in [ROUTES].iter().chain(shipped) {
        routes.extend(route::shipped::parse(text)?);
    }
    let ctx = Ctx::of_service(route::shipped::METHOD, now);
    route::shipped::load(db, &ctx, &routes).await
}
