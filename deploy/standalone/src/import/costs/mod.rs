//! `steward import costs`: entries into the ledgers.
//!
//! The file is checked by itself (`row`), then against itself (`identity`), then every row against
//! its ledger, and only then posted (`send`).

mod catalogue;
mod identity;
pub(super) mod row;
mod send;
pub(super) mod unit;

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use steward_proto::ledger::v1::ListCategoriesRequest;

use steward_sheet::Table;

use super::calls::patient;
use super::columns::DOMAINS;
use super::file::File;
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::Client;
use crate::failure::Result;

pub use send::BATCH;

pub(super) use catalogue::Catalogue;

/// Imports a file of costs. `interrupted` stops it and answers what was done so far.
pub async fn costs(
    client: &Client,
    file: impl Borrow<File>,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let table = file.borrow();
    let catalogues = catalogues(client, table).await?;
    let day = |place: usize| {
        let cell = table.cell(table.rows[place], "occurred_on");
        cell.date().ok().map(|day| day.to_string())
    };
    let known = Known::ask(client, table, &["organization", "paid_by"], day).await?;
    let mut outcome = Outcome::new(table, options);
    let accept_warnings = options.accept_warnings;
    let with = row::With { catalogues: &catalogues, known: &known, accept_warnings };
    let (rows, faults) = row::understand(table, &with);
    let compared = identity::compare(table, rows);
    outcome.refused.extend([faults, compared.conflicts].concat());
    outcome.duplicates = compared.duplicates;
    // Where rows are refused already, the others are sent all the same, to be checked: whoever
    // corrects the file sees every fault of it in one go.
    let sending = send::Sending { client, table, options };
    sending.run(compared.rows, &mut outcome, interrupted).await?;
    outcome.sort();
    Ok(outcome)
}

/// The catalogues of the domains that stand in the file.
pub(super) async fn catalogues(
    client: &Client,
    table: &Table,
) -> Result<BTreeMap<&'static str, Catalogue>> {
    let said = table.rows.iter().filter_map(|row| table.cell(*row, "domain").choice(&DOMAINS).ok());
    let domains: BTreeSet<_> = said.collect();
    let mut catalogues = BTreeMap::new();
    for domain in domains {
        let ledger = client.ledger(domain);
        let request = ListCategoriesRequest {};
        let answer = patient(&ledger, &request, async |mut ledger, request| {
            ledger.list_categories(request).await
        })
        .await?;
        catalogues.insert(domain, Catalogue::new(&answer.categories));
    }
    Ok(catalogues)
}
