//! Findings (违规情形) and their rectification (整改), and the rules they rest on: one library in every
//! domain service.
//!
//! | noun | what it is |
//! |---|---|
//! | [`rule`] | numbers of regulations: dated, with their legal basis |
//! | [`finding`] | what a rule, or a person, found broken, and its life to closing (销号) |
//! | [`overrun`] | budgets that are overspent, as findings |
//!
//! Each uses only those above it. A noun of a domain that changes something loads the rules that bind it
//! ([`rule::load`]), holds them against what it has made, and tells what it saw ([`finding::observe`])
//! in the same transaction. Findings refuse nothing.

pub mod finding;
pub mod overrun;
pub mod rule;

use chrono::{DateTime, Utc};
use steward_chassis::{Ctx, Result};
use steward_db::{Db, Migrations};
use steward_proto::finding::v1::finding_service_server::{
    FindingServiceServer, SERVICE_NAME as FINDING_SERVICE,
};
use steward_proto::finding::v1::rule_service_server::{
    RuleServiceServer, SERVICE_NAME as RULE_SERVICE,
};
use tonic::service::Routes;

/// The full names of the gRPC services.
pub const SERVICE_NAMES: [&str; 2] = [RULE_SERVICE, FINDING_SERVICE];

/// The rules that every domain ships.
pub const COMMON: &str = include_str!("../rules/common.toml");

/// The tables of this crate. They refer to those of the chassis.
pub const MIGRATIONS: Migrations =
    Migrations { name: "finding", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// Adds the gRPC services of this crate, over the database of a domain.
pub fn mount(routes: Routes, db: Db) -> Routes {
    routes
        .add_service(RuleServiceServer::new(rule::rpc::Rpc::new(db.clone())))
        .add_service(FindingServiceServer::new(finding::rpc::Rpc::new(db)))
}

/// Loads the rules that a service ships into its database: each text is a `rules/*.toml`. What was
/// changed there by people stays as it is.
///
/// # Errors
/// If a text cannot be read.
pub async fn prepare(db: &Db, now: DateTime<Utc>, shipped: &[&str]) -> Result<()> {
    rule::actions::prepare(db, now, shipped).await
}

/// What time and ended rules make of findings, to be swept.
///
/// # Errors
/// If the database does not answer.
pub async fn sweep(db: &Db, ctx: &Ctx) -> Result<()> {
    finding::ended::clear(db, ctx).await
}
