//! Rows to their ledgers: first all are checked there, then posted in batches.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};

use steward_proto::ledger::v1::{PostEntriesRequest, PostEntriesResponse, PostOutcome};
use tonic::Status;

use steward_sheet::{Fault, Table, Why};

use super::row::Row;
use crate::client::{Client, new_request_id};
use crate::failure::Result;
use crate::import::calls::{self, named, patient, stopped, while_checking};
use crate::import::cells::fault;
use crate::import::outcome::Duplicate;
use crate::import::{Options, Outcome};
use crate::progress::{self, Bar};

/// So many rows go in one request.
pub const BATCH: usize = 1_000;
/// An import under way.
pub(super) struct Sending<'a> {
    pub(super) client: &'a Client,
    pub(super) table: &'a Table,
    pub(super) options: Options,
}

impl Sending<'_> {
    /// Checks all rows, and posts the new ones unless something was refused or only a try is wanted.
    pub(super) async fn run(
        &self,
        rows: Vec<Row>,
        outcome: &mut Outcome,
        interrupted: impl Future<Output = ()>,
    ) -> Result<()> {
        let mut interrupted = pin!(interrupted);
        let batches = batches(rows);
        let Some(fresh) = self.check(batches, outcome, interrupted.as_mut()).await? else {
            return Ok(());
        };
        if self.options.dry_run {
            outcome.accepted = fresh.iter().map(|batch| batch.rows.len()).sum();
        } else if outcome.refused.is_empty() || self.options.partial {
            self.post(fresh, outcome, interrupted).await;
        }
        Ok(())
    }

    /// Asks the ledgers about every row; the new ones stay, in batches. `None` if interrupted.
    async fn check(
        &self,
        batches: Vec<Batch>,
        outcome: &mut Outcome,
        mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Option<Vec<Batch>>> {
        let bar = progress("checking", &batches);
        let mut fresh = Vec::new();
        for batch in batches {
            let answer = tokio::select! {
                answer = self.send(&batch, true, true) => answer?,
                () = interrupted.as_mut() => {
                    outcome.stopped = Some(while_checking());
                    return Ok(None);
                }
            };
            bar.inc(batch.rows.len() as u64);
            fresh.extend(sort_out(self.table, batch, &answer, outcome));
        }
        bar.finish_and_clear();
        Ok(Some(self::batches(fresh)))
    }

    /// Posts batch after batch until one fails.
    async fn post(
        &self,
        batches: Vec<Batch>,
        outcome: &mut Outcome,
        mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ) {
        let bar = progress("posting", &batches);
        let total: usize = batches.iter().map(|batch| batch.rows.len()).sum();
        for batch in batches {
            let answer = tokio::select! {
                answer = self.send(&batch, false, self.options.partial) => answer,
                () = interrupted.as_mut() => {
                    outcome.stopped = Some(stopped(outcome.accepted, total, None));
                    break;
                }
            };
            match answer {
                Ok(answer) => {
                    bar.inc(batch.rows.len() as u64);
                    let posted = sort_out(self.table, batch, &answer, outcome);
                    outcome.accepted += posted.len();
                }
                Err(status) => {
                    outcome.refused.extend(refusals(self.table, &batch, &status));
                    outcome.stopped = Some(stopped(outcome.accepted, total, Some(status)));
                    break;
                }
            }
        }
        bar.finish_and_clear();
    }

    /// Sends a batch, again with the same request id while the server is busy or away.
    async fn send(
        &self,
        batch: &Batch,
        validate_only: bool,
        partial: bool,
    ) -> Result<PostEntriesResponse, Status> {
        let request = PostEntriesRequest {
            request_id: new_request_id(),
            entries: batch.rows.iter().map(|row| row.entry.clone()).collect(),
            accept_warnings: self.options.accept_warnings,
            validate_only,
            partial,
        };
        let ledger = self.client.ledger(batch.domain);
        patient(&ledger, &request, async |mut ledger, request| ledger.post_entries(request).await)
            .await
    }
}

/// Rows of one domain that go in one request.
struct Batch {
    domain: &'static str,
    rows: Vec<Row>,
}

/// The rows by domain, in the order of the file, in batches.
fn batches(rows: Vec<Row>) -> Vec<Batch> {
    let mut domains: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    for row in rows {
        domains.entry(row.domain).or_default().push(row);
    }
    let of_domain = |(domain, rows)| {
        calls::batches(rows, BATCH).into_iter().map(move |rows| Batch { domain, rows })
    };
    domains.into_iter().flat_map(of_domain).collect()
}

/// Notes duplicates and refusals of an answer, and gives back the rows that are new.
fn sort_out(
    table: &Table,
    batch: Batch,
    answer: &PostEntriesResponse,
    outcome: &mut Outcome,
) -> Vec<Row> {
    let mut fresh = Vec::with_capacity(batch.rows.len());
    for (row, result) in batch.rows.into_iter().zip(&answer.results) {
        match result.outcome() {
            PostOutcome::Posted => fresh.push(row),
            PostOutcome::Duplicate => {
                outcome.duplicates.push(Duplicate { line: row.line, repeats: None });
            }
            PostOutcome::Conflict | PostOutcome::Refused | PostOutcome::Unspecified => {
                let faults = result.refusals.iter().map(|refusal| {
                    let (zh, reason, en) = (&refusal.message_zh, &refusal.reason, &refusal.message);
                    let why = Why::new(format!("{zh}({reason}:{en})"), format!("{en} ({reason})"));
                    fault(table, row.line, column(&refusal.field), why)
                });
                outcome.refused.extend(faults);
                if result.refusals.is_empty() {
                    let why = Why::new("账本拒绝入账", "refused by the ledger");
                    outcome.refused.push(fault(table, row.line, "", why));
                }
            }
        }
    }
    fresh
}

/// The rows that a refused request names, such as `entries[3].amount_fen`.
fn refusals(table: &Table, batch: &Batch, status: &Status) -> Vec<Fault> {
    let lines: Vec<_> = batch.rows.iter().map(|row| row.line).collect();
    let named = named(status, "entries", &lines).into_iter();
    named.map(|(line, field, why)| fault(table, line, column(&field), why)).collect()
}

/// The column of a cost file that a field of an entry comes from.
fn column(field: &str) -> &str {
    match field {
        "amount_fen" => "amount_yuan",
        "service_until" => "service_to",
        other => other,
    }
}

/// A progress bar over the rows of batches.
fn progress(what: &'static str, batches: &[Batch]) -> Bar {
    progress::bar(what, batches.iter().map(|batch| batch.rows.len()).sum())
}

#[cfg(test)]
mod tests {
    use steward_proto::ledger::v1::{NewEntry, PostResult, Refusal};

    use super::*;

    fn row(line: usize, domain: &'static str) -> Row {
        Row { line, domain, entry: NewEntry::default() }
    }

    #[test]
    fn batches_are_by_domain_and_not_too_long() {
        let rows = (0..2_500).map(|n| row(n, if n % 5 == 0 { "fleet" } else { "energy" }));
        let made: Vec<_> = batches(rows.collect())
            .iter()
            .map(|b| (b.domain, b.rows.len(), b.rows[0].line))
            .collect();
        assert_eq!(made, [("energy", 1_000, 1), ("energy", 1_000, 1_251), ("fleet", 500, 0)]);
    }

    #[test]
    fn answers_are_told_by_line_and_column() {
        let result = |outcome: PostOutcome, field: &str| PostResult {
            outcome: outcome.into(),
            entry_id: String::new(),
            refusals: vec![Refusal {
                field: field.to_owned(),
                reason: "MONTH_CLOSED".to_owned(),
                message: "2013-01 is closed".to_owned(),
                message_zh: "该月已结账".to_owned(),
            }],
        };
        let answer = PostEntriesResponse {
            results: vec![
                result(PostOutcome::Posted, ""),
                result(PostOutcome::Duplicate, ""),
                result(PostOutcome::Refused, "amount_fen"),
                result(PostOutcome::Conflict, ""),
            ],
            ..PostEntriesResponse::default()
        };
        let batch = Batch { domain: "energy", rows: (2..6).map(|n| row(n, "energy")).collect() };
        let mut outcome = Outcome::default();
        let fresh = sort_out(&Table::default(), batch, &answer, &mut outcome);
        assert_eq!(fresh.iter().map(|row| row.line).collect::<Vec<_>>(), [2]);
        assert_eq!(outcome.duplicates, [Duplicate { line: 3, repeats: None }]);
        let told: Vec<_> = outcome.refused.iter().map(|it| outcome.fault(it)).collect();
        let expected = [
            "第4行, amount_yuan:该月已结账(MONTH_CLOSED:2013-01 is closed)",
            "第5行:该月已结账(MONTH_CLOSED:2013-01 is closed)",
        ];
        assert_eq!(told, expected);
    }
}
