//! The cost ledger: one library in every domain service.
//!
//! | noun | what it is |
//! |---|---|
//! | [`catalogue`] | what costs are booked under |
//! | [`month`] | closing the books, month by month and region by region |
//! | [`coverage`] | who is declared to report, and who did |
//! | [`source`] | what was booked for the resources that caused it |
//! | [`summary`] | totals, and the sums of two periods |
//! | [`budget`] | what payers may spend, what of it requests claim, and what they spent |
//! | [`entry`] | posting, reversing, listing, document keys |
//!
//! Each uses only those above it. A post goes
//!
//! ```text
//! entry/wire   reads every entry, with all its faults
//! entry/post   scope -> months held open -> insert, duplicates and conflicts -> book
//!   admission  the organizations and their regions, shared (sorted)
//!   month      the closing row of each region, shared     (sorted)
//!   entry      the rows that are new                      (sorted by identity)
//!   summary    totals by month, region, category, ...     (sorted)
//!   coverage   live entries by organization and month     (sorted)
//!   budget     the budgets of the claims that entries consume, then the claims (sorted)
//!   (domain)   what the domain does beside, see Hooks: findings
//!   audit      what was done, in the chassis
//! ```
//!
//! and locks in this order, everywhere. Figures of a closed month never change: nothing is posted
//! into it, what a service period says of it counts in the first open month, and its coverage is
//! left as it is.
//!
//! Nouns of a domain post with [`post_all`] or [`post_each`], take back with [`reverse_entry`], and claim
//! money for requests with [`budget::reserve`] and its kin.

mod admission;
pub mod budget;
pub mod catalogue;
pub mod coverage;
pub mod entry;
pub mod month;
mod revision;
pub mod source;
pub mod summary;

use std::sync::Arc;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt};
use steward_chassis::scope::store::Known;
use steward_chassis::{Ctx, Error, Result};
use steward_db::{Db, Migrations, Tx};
use steward_proto::ledger::v1 as proto;
use steward_proto::ledger::v1::ledger_service_server::{LedgerService, LedgerServiceServer};
use tonic::{Request, Response, Status};

pub use budget::Budgeted;
pub use catalogue::Catalogue;
pub use entry::{Booked, Entry, post_all, post_each, reverse_entry};
/// The full name of the gRPC service.
pub use steward_proto::ledger::v1::ledger_service_server::SERVICE_NAME;

/// The tables of this crate. They refer to those of the chassis.
pub const MIGRATIONS: Migrations =
    Migrations { name: "ledger", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// What a domain does beside, in the transactions of its ledger.
#[derive(Debug, Clone, Copy)]
pub struct Hooks {
    /// When entries were posted or reversed.
    pub booked: Booked,
    /// When a budget was set.
    pub budgeted: Budgeted,
}

impl Default for Hooks {
    /// Nothing.
    fn default() -> Self {
        Self { booked: nothing_booked, budgeted: nothing_budgeted }
    }
}

fn nothing_booked<'t>(_: &'t mut Tx, _: &'t Ctx, _: &'t [Entry]) -> BoxFuture<'t, Result<()>> {
    Box::pin(async { Ok(()) })
}

fn nothing_budgeted<'t>(
    _: &'t mut Tx,
    _: &'t Ctx,
    _: &'t budget::Overspent,
) -> BoxFuture<'t, Result<()>> {
    Box::pin(async { Ok(()) })
}

/// The ledger of one domain: its gRPC service over the domain's database and the text of its
/// `catalogue.toml`, and what the domain does beside.
///
/// # Errors
/// If the catalogue cannot be used, see [`Catalogue::parse`].
pub fn service(db: Db, catalogue: &str, hooks: Hooks) -> Result<LedgerServiceServer<Ledger>> {
    let catalogue = Arc::new(Catalogue::parse(catalogue).map_err(Error::internal)?);
    Ok(LedgerServiceServer::new(Ledger { db, catalogue, hooks }))
}

/// The ledger of one domain. Made by [`service`].
#[derive(Debug, Clone)]
pub struct Ledger {
    db: Db,
    catalogue: Arc<Catalogue>,
    hooks: Hooks,
}

/// What the ledger does when organizations changed: part of the `follow` of its service.
pub fn follow<'t>(tx: &'t mut Tx, known: &'t [Known]) -> BoxFuture<'t, Result<()>> {
    Box::pin(coverage::actions::follow(tx, known))
}

/// Calls a handler of a noun with the context of the call.
macro_rules! handle {
    ($self:ident, $request:ident, $handler:path) => {{
        let ctx = Ctx::of(&$request)?;
        Ok(Response::new($handler($self, &ctx, $request.into_inner()).await?))
    }};
}

#[tonic::async_trait]
impl LedgerService for Ledger {
    async fn post_entries(
        &self,
        request: Request<proto::PostEntriesRequest>,
    ) -> Result<Response<proto::PostEntriesResponse>, Status> {
        handle!(self, request, entry::rpc::post_entries)
    }

    async fn reverse_entry(
        &self,
        request: Request<proto::ReverseEntryRequest>,
    ) -> Result<Response<proto::ReverseEntryResponse>, Status> {
        handle!(self, request, entry::rpc::reverse_entry)
    }

    async fn list_entries(
        &self,
        request: Request<proto::ListEntriesRequest>,
    ) -> Result<Response<proto::ListEntriesResponse>, Status> {
        handle!(self, request, entry::rpc::list_entries)
    }

    async fn summarize_costs(
        &self,
        request: Request<proto::SummarizeCostsRequest>,
    ) -> Result<Response<proto::SummarizeCostsResponse>, Status> {
        handle!(self, request, summary::rpc::summarize_costs)
    }

    async fn list_categories(
        &self,
        _request: Request<proto::ListCategoriesRequest>,
    ) -> Result<Response<proto::ListCategoriesResponse>, Status> {
        Ok(Response::new(catalogue::rpc::list_categories(&self.catalogue)))
    }

    async fn declare_reporter(
        &self,
        request: Request<proto::DeclareReporterRequest>,
    ) -> Result<Response<proto::DeclareReporterResponse>, Status> {
        handle!(self, request, coverage::rpc::declare_reporter)
    }

    async fn declare_zero(
        &self,
        request: Request<proto::DeclareZeroRequest>,
    ) -> Result<Response<proto::DeclareZeroResponse>, Status> {
        handle!(self, request, coverage::rpc::declare_zero)
    }

    async fn close_month(
        &self,
        request: Request<proto::CloseMonthRequest>,
    ) -> Result<Response<proto::CloseMonthResponse>, Status> {
        handle!(self, request, month::rpc::close_month)
    }

    async fn set_budget(
        &self,
        request: Request<proto::SetBudgetRequest>,
    ) -> Result<Response<proto::SetBudgetResponse>, Status> {
        handle!(self, request, budget::rpc::set_budget)
    }

    async fn list_budgets(
        &self,
        request: Request<proto::ListBudgetsRequest>,
    ) -> Result<Response<proto::ListBudgetsResponse>, Status> {
        handle!(self, request, budget::rpc::list_budgets)
    }

    type ListDocumentKeysStream =
        BoxStream<'static, Result<proto::ListDocumentKeysResponse, Status>>;

    async fn list_document_keys(
        &self,
        request: Request<proto::ListDocumentKeysRequest>,
    ) -> Result<Response<Self::ListDocumentKeysStream>, Status> {
        let ctx = Ctx::of(&request)?;
        let parts = entry::rpc::list_document_keys(self, &ctx, request.into_inner()).await?;
        Ok(Response::new(parts.map(|part| part.map_err(Status::from)).boxed()))
    }
}
