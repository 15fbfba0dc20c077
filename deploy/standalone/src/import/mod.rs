//! `steward import`: files into the ledgers, through the gateway.
//!
//! The file is checked by itself ([`file`](mod@file), [`row`]), then against itself ([`identity`]), then every
//! row against its ledger, and only then posted (`send`). Repeating an import is safe: what is
//! there already is a duplicate and skipped.

pub mod catalogue;
mod cell;
pub mod file;
mod header;
pub mod identity;
mod outcome;
mod quoting;
pub mod row;
mod send;
pub mod unit;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use steward_proto::ledger::v1::ListCategoriesRequest;

use crate::client::{Client, DOMAINS};
use crate::failure::Result;

pub use outcome::Outcome;
pub use send::BATCH;

use catalogue::Catalogue;
use file::File;

/// What is asked of an import.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Post what can be posted even if other rows are refused.
    pub partial: bool,
    /// Check everything, post nothing.
    pub dry_run: bool,
    /// Accept what is odd but possible.
    pub accept_warnings: bool,
}

/// A row, or a cell of it, that is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line of the file.
    pub line: usize,
    /// The column; empty where it is about the row.
    pub column: String,
    /// Why.
    pub why: String,
}

impl Fault {
    fn of_cell(line: usize, column: impl Into<String>, why: impl Into<String>) -> Self {
        Self { line, column: column.into(), why: why.into() }
    }

    fn of_line(line: usize, why: impl Into<String>) -> Self {
        Self::of_cell(line, "", why)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, why } = self;
        if column.is_empty() {
            write!(f, "line {line}: {why}")
        } else {
            write!(f, "line {line}, {column}: {why}")
        }
    }
}

/// A row that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The line of the file.
    pub line: usize,
    /// The earlier line that it repeats, what both say and what they do not; `None` where the ledger
    /// has it already.
    pub repeats: Option<(usize, String)>,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repeats {
            Some((earlier, what)) => write!(f, "line {} repeats line {earlier}: {what}", self.line),
            None => write!(f, "line {}: already in the ledger", self.line),
        }
    }
}

/// Imports a file of costs. `interrupted` stops it and answers what was done so far.
pub async fn costs(
    client: &Client,
    file: File,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let catalogues = catalogues(client).await?;
    let mut outcome = Outcome::new(options);
    outcome.rows = file.records.len() + file.faults.len();
    let (rows, faults) = row::understand(file.records, &catalogues, options.accept_warnings);
    let compared = identity::compare(rows);
    outcome.refused = [file.faults, faults, compared.conflicts].concat();
    outcome.duplicates = compared.duplicates;
    // Where rows are refused already, the others are sent all the same, to be checked: whoever
    // corrects the file sees every fault of it in one go.
    let sending = send::Sending { client, options };
    sending.run(compared.rows, &mut outcome, interrupted).await?;
    outcome.sort();
    Ok(outcome)
}

async fn catalogues(client: &Client) -> Result<BTreeMap<&'static str, Catalogue>> {
    let mut catalogues = BTreeMap::new();
    for domain in DOMAINS {
        let answer = client.ledger(domain).list_categories(ListCategoriesRequest {}).await?;
        catalogues.insert(domain, Catalogue::new(&answer.into_inner().categories));
    }
    Ok(catalogues)
}
