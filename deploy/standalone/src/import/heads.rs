//! `steward import heads`: head counts and floor areas into the directory.
//!
//! What is there and says the same is a duplicate. What says otherwise is replaced, because figures are
//! corrected so; the outcome tells how many were.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::{Pin, pin};

use steward_proto::directory::v1::{Figures, ListFiguresRequest, SetFiguresRequest};
use steward_sheet::{Cell, Table, Why, shown};
use tonic::Status;

use super::calls::{
    Item, batches, named, once, patient, said, stopped, understood, while_checking,
};
use super::cells::{Cells, fault};
use super::costs::unit::area;
use super::outcome::Duplicate;
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::{Client, new_request_id, pages};
use crate::failure::Result;
use crate::progress;

/// The most rows of one request.
const BATCH: usize = 1_000;
const PAGE: i32 = 1_000;
const MOST_HEADS: i64 = 1_000_000;
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2099;
const FIGURES: [&str; 4] = ["establishment", "on_post", "energy_users", "floor_area"];

/// Imports a file of figures.
pub(super) async fn heads(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let day = |place: usize| year(table.cell(table.rows[place], "year")).ok().map(last_day);
    let known = Known::ask(client, table, &["organization"], day).await?;
    let mut outcome = Outcome::new(table, options);
    let items = understood(table, |cells| cells.figures(&known), &mut outcome);
    let key = |said: &Figures| (said.organization.clone(), said.year);
    let items = once(table, items, key, |_| "year", &mut outcome);
    let there = there(client, &items).await?;
    let mut replaced = 0;
    let mut fresh = Vec::new();
    for item in items {
        match there.get(&key(&item.said)).map(|there| compare(&item.said, there)) {
            Some(Change::None) => {
                outcome.duplicates.push(Duplicate { line: item.line, repeats: None });
                continue;
            }
            Some(Change::Replaces) => replaced += 1,
            Some(Change::Adds) | None => {}
        }
        fresh.push(item);
    }
    let posting = Posting { client, table };
    posting.run(fresh, &mut outcome, interrupted).await?;
    if replaced > 0 {
        outcome.remarks.push(Why::new(
            format!("其中{replaced}行与已有的数不同,以本表为准"),
            format!("{replaced} of them replace figures that were there"),
        ));
    }
    outcome.sort();
    Ok(outcome)
}

impl Cells<'_> {
    fn figures(&mut self, known: &Known) -> Option<Figures> {
        let year = self.read("year", year);
        let day = year.map(last_day).unwrap_or_default();
        let organization = self.read("organization", |cell| known.registered(cell, &day));
        let head = |cell: Cell<'_>| {
            let number = cell.integer(0, MOST_HEADS)?;
            Ok(i32::try_from(number).unwrap_or(i32::MAX))
        };
        let establishment = self.optional("establishment", head);
        let on_post = self.optional("on_post", head);
        let energy_users = self.optional("energy_users", head);
        let floor_area_dm2 = self.optional("floor_area", area);
        if FIGURES.iter().all(|column| self.is_empty(column)) {
            let why = Why::new(
                "编制、在岗、用能人数、建筑面积至少填一项",
                "holds no figure: fill in at least one",
            );
            self.fault("", why);
        }
        Some(Figures {
            organization: organization?,
            year: year?,
            establishment,
            on_post,
            energy_users,
            floor_area_dm2,
            ..Figures::default()
        })
    }
}

/// The day on which the figures of a year are counted: whoever bears the name then is meant.
fn last_day(year: i32) -> String {
    format!("{year}-12-31")
}

/// A year: `2013`, `2013年`.
pub(super) fn year(cell: Cell<'_>) -> Result<i32, Why> {
    cell.formula()?;
    let written = cell.plain();
    let text = written.trim_end_matches("年度").trim_end_matches('年').trim();
    let number = text.parse().ok().filter(|year| text.len() == 4 && YEARS.contains(year));
    number.ok_or_else(|| {
        let text = shown(&written);
        Why::new(
            format!("{text}不是年度;请写成 2013"),
            format!("{text} is not a year such as 2013"),
        )
    })
}

/// What a row does to what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Adds,
    Replaces,
}

fn compare(said: &Figures, there: &Figures) -> Change {
    let pair = |said: Option<i32>, there: Option<i32>| (said.map(i64::from), there.map(i64::from));
    let pairs = [
        pair(said.establishment, there.establishment),
        pair(said.on_post, there.on_post),
        pair(said.energy_users, there.energy_users),
        (said.floor_area_dm2, there.floor_area_dm2),
    ];
    let mut change = Change::None;
    for (said, there) in pairs.into_iter().filter(|(said, there)| said.is_some() && said != there) {
        if there.is_some() && said.is_some() {
            return Change::Replaces;
        }
        change = Change::Adds;
    }
    change
}

/// The figures that are there of the organizations of the rows.
async fn there(
    client: &Client,
    items: &[Item<Figures>],
) -> Result<HashMap<(String, i32), Figures>> {
    let codes: BTreeSet<_> = items.iter().map(|item| item.said.organization.clone()).collect();
    let codes: Vec<_> = codes.into_iter().collect();
    let mut there = HashMap::new();
    for codes in codes.chunks(BATCH) {
        let service = client.figures();
        let figures = pages(async |page_token| {
            let request = ListFiguresRequest {
                page_size: PAGE,
                page_token,
                organizations: codes.to_vec(),
                ..ListFiguresRequest::default()
            };
            let page = patient(&service, &request, async |mut service, request| {
                service.list_figures(request).await
            })
            .await?;
            Ok::<_, Status>((page.figures, page.next_page_token))
        });
        let figures = figures.await?.into_iter();
        there.extend(figures.map(|it| ((it.organization.clone(), it.year), it)));
    }
    Ok(there)
}

struct Posting<'a> {
    client: &'a Client,
    table: &'a Table,
}

impl Posting<'_> {
    /// Checks all rows, and posts them unless something was refused or only a try is wanted.
    async fn run(
        &self,
        items: Vec<Item<Figures>>,
        outcome: &mut Outcome,
        interrupted: impl Future<Output = ()>,
    ) -> Result<()> {
        let mut interrupted = pin!(interrupted);
        let bar = progress::bar("checking", items.len());
        let mut fresh = Vec::new();
        for batch in batches(items, BATCH) {
            let count = batch.len() as u64;
            let Some(sound) = self.check(batch, outcome, interrupted.as_mut()).await? else {
                return Ok(());
            };
            fresh.extend(sound);
            bar.inc(count);
        }
        bar.finish_and_clear();
        let options = outcome.options;
        if options.dry_run {
            outcome.accepted = fresh.len();
        } else if outcome.refused.is_empty() || options.partial {
            self.post(fresh, outcome, interrupted).await;
        }
        Ok(())
    }

    /// The rows of a batch that the directory would take. It names those that it refuses, but not all
    /// at once; and one refused row refuses them all.
    async fn check(
        &self,
        mut batch: Vec<Item<Figures>>,
        outcome: &mut Outcome,
        mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Option<Vec<Item<Figures>>>> {
        while !batch.is_empty() {
            let answer = tokio::select! {
                answer = self.send(&batch, true) => answer,
                () = interrupted.as_mut() => {
                    outcome.stopped = Some(while_checking());
                    return Ok(None);
                }
            };
            let Err(status) = answer else { break };
            let lines: Vec<_> = batch.iter().map(|item| item.line).collect();
            let named = named(&status, "figures", &lines);
            if named.is_empty() && batch.len() > 1 {
                return self.check_each(batch, outcome, interrupted).await;
            }
            if named.is_empty() {
                self.refuse(&batch[0], &status, outcome)?;
                return Ok(Some(Vec::new()));
            }
            let refused: BTreeSet<_> = named.iter().map(|it| it.0).collect();
            batch.retain(|item| !refused.contains(&item.line));
            let faults = named.into_iter();
            let faults =
                faults.map(|(line, field, why)| fault(self.table, line, column(&field), why));
            outcome.refused.extend(faults);
        }
        Ok(Some(batch))
    }

    /// The rows of a batch that the directory would take, each asked about alone.
    async fn check_each(
        &self,
        batch: Vec<Item<Figures>>,
        outcome: &mut Outcome,
        mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Option<Vec<Item<Figures>>>> {
        let mut sound = Vec::new();
        for item in batch {
            let alone = [item];
            let answer = tokio::select! {
                answer = self.send(&alone, true) => answer,
                () = interrupted.as_mut() => {
                    outcome.stopped = Some(while_checking());
                    return Ok(None);
                }
            };
            match answer {
                Ok(()) => sound.extend(alone),
                Err(status) => self.refuse(&alone[0], &status, outcome)?,
            }
        }
        Ok(Some(sound))
    }

    fn refuse(
        &self,
        item: &Item<Figures>,
        status: &Status,
        outcome: &mut Outcome,
    ) -> Result<(), Status> {
        use tonic::Code::{FailedPrecondition, InvalidArgument, NotFound, PermissionDenied};
        if !matches!(
            status.code(),
            InvalidArgument | NotFound | PermissionDenied | FailedPrecondition
        ) {
            return Err(status.clone());
        }
        let named = named(status, "figures", &[item.line]);
        let faults = named.into_iter();
        let faults = faults.map(|(line, field, why)| fault(self.table, line, column(&field), why));
        let mut faults: Vec<_> = faults.collect();
        if faults.is_empty() {
            faults.push(fault(self.table, item.line, "", said(status)));
        }
        outcome.refused.extend(faults);
        Ok(())
    }

    async fn post(
        &self,
        items: Vec<Item<Figures>>,
        outcome: &mut Outcome,
        mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ) {
        let (bar, total) = (progress::bar("posting", items.len()), items.len());
        for batch in batches(items, BATCH) {
            let answer = tokio::select! {
                answer = self.send(&batch, false) => answer,
                () = interrupted.as_mut() => {
                    outcome.stopped = Some(stopped(outcome.accepted, total, None));
                    break;
                }
            };
            if let Err(status) = answer {
                outcome.stopped = Some(stopped(outcome.accepted, total, Some(status)));
                break;
            }
            outcome.accepted += batch.len();
            bar.inc(batch.len() as u64);
        }
        bar.finish_and_clear();
    }

    async fn send(&self, batch: &[Item<Figures>], validate_only: bool) -> Result<(), Status> {
        let request = SetFiguresRequest {
            request_id: new_request_id(),
            figures: batch.iter().map(|item| item.said.clone()).collect(),
            validate_only,
            ..SetFiguresRequest::default()
        };
        let service = self.client.figures();
        patient(&service, &request, async |mut service, request| service.set_figures(request).await)
            .await
            .map(|_| ())
    }
}

/// The column that a figure comes from.
fn column(field: &str) -> &str {
    match field {
        "floor_area_dm2" => "floor_area",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_adds_replaces_or_changes_nothing() {
        let figures =
            |on_post, floor_area_dm2| Figures { on_post, floor_area_dm2, ..Figures::default() };
        let there = figures(Some(5), None);
        for (said, expected) in [
            (figures(Some(5), None), Change::None),
            (figures(None, None), Change::None),
            (figures(Some(5), Some(7)), Change::Adds),
            (figures(Some(6), None), Change::Replaces),
            (figures(Some(6), Some(7)), Change::Replaces),
        ] {
            assert_eq!(compare(&said, &there), expected, "{said:?}");
        }
    }

    #[test]
    fn years_are_four_digits() {
        let read = |text: &str| {
            let value = steward_sheet::Value::text(text);
            year(Cell { value: &value, is_1904: false, power: 0 })
        };
        for text in ["2013", "2013年", "2013 年度", "２０１３年"] {
            assert_eq!(read(text), Ok(2013), "{text}");
        }
        for text in ["13", "1989", "2013-01", "二〇一三"] {
            assert!(read(text).unwrap_err().en.ends_with("is not a year such as 2013"), "{text}");
        }
    }
}
