//! What the tests of the suite stand on: both databases, each test with one of its own.
//!
//! A test is one async function that is given a [`TestDb`]; [`both!`] makes two tests of it.

pub mod audit;
mod catalogue;
mod database;
pub mod issuer;
mod parity;
pub mod pki;
mod postgres;
pub mod raw;
mod run;
mod schema;
pub mod service;
pub mod suite;

pub use database::{Engine, TestDb, write};
pub use issuer::Issuer;
pub use parity::{differences, parity};
pub use postgres::Postgres;
pub use run::run;
pub use schema::{Column, ForeignKey, Schema, Table, UniqueKey};
