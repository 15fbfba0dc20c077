//! `steward import`: CSV files and workbooks into the suite, through the gateway.
//!
//! A file is read ([`file`](mod@file)), every row understood and checked with the server, and only
//! then anything posted. Repeating an import is safe: what is there already is a duplicate and skipped.
//! What was refused goes back as a workbook with the reasons beside the rows ([`returned`]).

mod batch;
mod budgets;
mod calls;
mod cards;
mod cells;
pub mod columns;
mod costs;
mod drivers;
mod each;
mod expenses;
pub mod file;
mod grants;
mod heads;
mod organizations;
mod outcome;
mod register;
mod resolve;
pub mod returned;
mod trips;
mod vehicles;
mod zeros;

use std::future::Future;

use steward_sheet::Schema;

use crate::client::Client;
use crate::failure::Result;
use crate::report::Language;

pub use costs::{BATCH, costs};
pub use outcome::{Duplicate, Outcome};
pub use steward_sheet::Fault;

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
    /// The language of what is told.
    pub language: Language,
}

/// What can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Costs into the ledgers
    Costs,
    /// Organizations into the directory
    Organizations,
    /// Head counts and floor areas by year
    Heads,
    /// Months without costs
    Zeros,
    /// The register of vehicles
    Vehicles,
    /// Authorised numbers of vehicles
    Grants,
    /// The register of drivers
    Drivers,
    /// The register of fuel cards
    Cards,
    /// Budgets of the ledgers
    Budgets,
    /// Trips of before
    Trips,
    /// What vehicles cost, slip by slip
    Expenses,
    /// Statements of fuel cards
    Statements,
}

impl Kind {
    /// The columns of its files.
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::Costs => &columns::COSTS,
            Self::Organizations => &columns::ORGANIZATIONS,
            Self::Heads => &columns::HEADS,
            Self::Zeros => &columns::ZEROS,
            Self::Vehicles => &columns::VEHICLES,
            Self::Grants => &columns::GRANTS,
            Self::Drivers => &columns::DRIVERS,
            Self::Cards => &columns::CARDS,
            Self::Budgets => &columns::BUDGETS,
            Self::Trips => &columns::TRIPS,
            Self::Expenses => &columns::EXPENSES,
            Self::Statements => &columns::STATEMENTS,
        }
    }
}

/// Imports a file. `interrupted` stops it and answers what was done so far.
pub async fn run(
    client: &Client,
    kind: Kind,
    file: &File,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    match kind {
        Kind::Costs => costs(client, file, options, interrupted).await,
        Kind::Organizations => {
            organizations::organizations(client, file, options, interrupted).await
        }
        Kind::Heads => heads::heads(client, file, options, interrupted).await,
        Kind::Zeros => zeros::zeros(client, file, options, interrupted).await,
        Kind::Vehicles => vehicles::vehicles(client, file, options, interrupted).await,
        Kind::Grants => grants::grants(client, file, options, interrupted).await,
        Kind::Drivers => drivers::drivers(client, file, options, interrupted).await,
        Kind::Cards => cards::cards(client, file, options, interrupted).await,
        Kind::Budgets => budgets::budgets(client, file, options, interrupted).await,
        Kind::Trips => trips::trips(client, file, options, interrupted).await,
        Kind::Expenses => expenses::expenses(client, file, options, interrupted).await,
        Kind::Statements => expenses::statements(client, file, options, interrupted).await,
    }
}
