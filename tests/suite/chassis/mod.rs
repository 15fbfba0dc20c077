//! What every service is built on.

mod accept;
mod audit;
mod backend;
mod error;
mod issuer;
mod layers;
mod panic;
mod security;
mod stop;
mod tls;
mod token;
mod trace;
mod write;

/// Any service will do; the directory has the least of its own.
const MIGRATIONS: &[steward_db::Migrations] = steward_directory::SPEC.migrations;
