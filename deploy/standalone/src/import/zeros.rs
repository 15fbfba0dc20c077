//! `steward import zeros`: months without costs (零报告) into the ledgers.

use std::future::Future;

use steward_kernel::Month;
use steward_proto::ledger::v1::{DeclareZeroRequest, ZeroDeclaration};
use steward_sheet::Table;
use tonic::Status;

use super::calls::{Verdict, once, patient, refused, understood};
use super::cells::Cells;
use super::each::each;
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::{Client, new_request_id};
use crate::failure::Result;

/// What a row declares.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Zero {
    organization: String,
    domain: &'static str,
    month: Month,
}

/// Imports a file of zero declarations.
pub(super) async fn zeros(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let day = |place: usize| {
        let cell = table.cell(table.rows[place], "month");
        cell.month().ok().map(|month| month.first_day().to_string())
    };
    let known = Known::ask(client, table, &["organization"], day).await?;
    let mut outcome = Outcome::new(table, options);
    let items =
        understood(table, |cells| cells.zero(&known, options.accept_warnings), &mut outcome);
    let items = once(table, items, Zero::clone, |_| "month", &mut outcome);
    let ask = async |zero: &Zero, check: bool| verdict(client, options, zero, check).await;
    each(table, items, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

impl Cells<'_> {
    fn zero(&mut self, known: &Known, accept_warnings: bool) -> Option<Zero> {
        let domain = self.domain();
        let month = self.read("month", |cell| cell.month());
        let day = month.map(|month| month.first_day().to_string()).unwrap_or_default();
        let organization =
            self.read("organization", |cell| known.code(cell, &day, accept_warnings));
        Some(Zero { organization: organization?, domain: domain?, month: month? })
    }
}

/// Under `validate_only` a declaration that is there has the time when it was made, and one that is
/// not has the time of the call: asked twice, the one stays the same and the other does not.
async fn verdict(
    client: &Client,
    options: Options,
    zero: &Zero,
    validate_only: bool,
) -> Result<Verdict, Status> {
    let first = match declare(client, options, zero, validate_only).await {
        Ok(declared) => declared,
        Err(status) => return refused(status, |field| field),
    };
    if !validate_only {
        return Ok(Verdict::New);
    }
    let second = declare(client, options, zero, validate_only).await?;
    Ok(if first.declare_time == second.declare_time { Verdict::There } else { Verdict::New })
}

async fn declare(
    client: &Client,
    options: Options,
    zero: &Zero,
    validate_only: bool,
) -> Result<ZeroDeclaration, Status> {
    let request = DeclareZeroRequest {
        request_id: new_request_id(),
        organization: zero.organization.clone(),
        month: zero.month.to_string(),
        accept_warnings: options.accept_warnings,
        validate_only,
    };
    let ledger = client.ledger(zero.domain);
    let answer = patient(&ledger, &request, async |mut service, request| {
        service.declare_zero(request).await
    })
    .await?;
    Ok(answer.zero.unwrap_or_default())
}
