//! SQLite and PostgreSQL behind one small face.
//!
//! A service has one [`Db`]. It is chosen by its URL at run time and speaks one SQL text on both:
//! `$n` placeholders, `RETURNING`, `ON CONFLICT`. A [`Tx`] is handed down through every helper of
//! a use case, so that one transaction spans the domain, the ledger and the audit log.
//!
//! ```no_run
//! # async fn example(db: steward_db::Db, id: uuid::Uuid) -> steward_db::Result<()> {
//! #[derive(sqlx::FromRow)]
//! struct Vehicle {
//!     plate: String,
//! }
//!
//! let mut tx = db.read().await?;
//! let vehicle: Vehicle = tx.sql("SELECT plate FROM vehicle WHERE id = $1").bind(id).one().await?;
//! # let _ = vehicle.plate; Ok(())
//! # }
//! ```
//!
//! Column types: uuid / `BLOB`, timestamptz / `TEXT`, date / `TEXT`, bigint / `INTEGER`, boolean /
//! `INTEGER`, bytea / `BLOB`, text / `TEXT`. SQLite tables are `STRICT`. A text column that is
//! compared or sorted is `COLLATE "C"` on PostgreSQL, which is how SQLite compares anyway.
//! Statement texts are `&'static str` pieces and generated placeholders: no value can become SQL.

mod bulk;
mod connect;
mod db;
mod error;
mod migrate;
mod options;
mod readers;
mod sql;
mod tx;
mod values;

pub use bulk::Bulk;
pub use db::Db;
pub use error::{Error, Result};
pub use migrate::Migrations;
pub use options::Options;
pub use sql::Sql;
pub use tx::Tx;
pub use values::{Bind, Binds, Row};
