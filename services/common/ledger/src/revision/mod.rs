//! The revision of a ledger: a number that grows with every change of its database, so that equal
//! revisions mean equal data.

mod store;

pub(crate) use store::{bump, read};
