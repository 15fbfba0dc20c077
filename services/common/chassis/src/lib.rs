//! What every service of Steward is built on.
//!
//! A call goes `layers` (trace, authorise, detach) → `rpc.rs` → [`write`](write::write) or a read →
//! `actions.rs` → `store.rs`. Handlers find their [`Ctx`] in the request; every refusal is an
//! [`Error`] with a [`Reason`], turned into a status in one place.

pub mod accept;
pub mod access;
pub mod api;
pub mod arrival;
pub mod audit;
pub mod auth;
pub mod backend;
pub mod calendar;
pub mod config;
pub mod ctx;
pub mod error;
pub mod fields;
pub mod follow;
pub mod identity;
pub mod layers;
pub mod page;
pub mod peer;
pub mod period;
mod place;
pub mod request;
pub mod resource;
mod rpcs;
pub mod run;
pub mod scope;
pub mod service;
pub mod sweep;
pub mod telemetry;
pub mod time;
mod tls;
pub mod write;

pub use ctx::Ctx;
pub use error::{Class, Error, Reason, Result};
pub use fields::Fields;
pub use page::Page;
pub use service::Spec;
pub use write::{write, write_by_service};

use mimalloc::MiMalloc;
use steward_db::Migrations;

/// What one thread allocates another one frees, call by call: with the allocator of the C library they wait for
/// each other.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The tables of this crate: `request`, `scope_organization`, the audit trail, and what was followed.
pub const MIGRATIONS: Migrations =
    Migrations { name: "chassis", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// What the expansion of [`rpcs!`] needs; not for use by hand.
#[doc(hidden)]
pub mod reexport {
    pub use steward_db::Db;
    pub use tonic;
}
