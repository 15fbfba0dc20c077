//! Many rows in one request: first all are checked, then the new ones go batch after batch.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;

use steward_sheet::Table;
use tonic::Status;

use super::Outcome;
use super::calls::{Item, Verdict, named, note, stopped, while_checking};
use super::cells::fault;
use crate::failure::Result;
use crate::progress::{self, Bar};

/// So many rows go in one request.
pub(super) const BATCH: usize = 500;

/// How the rows of a file are sent.
pub(super) struct Batches<'a> {
    pub(super) table: &'a Table,
    /// The field of the request that they are.
    pub(super) list: &'static str,
    /// The column that a field of one comes from.
    pub(super) column: fn(&str) -> &str,
}

impl Batches<'_> {
    /// Checks all rows, and posts the new ones unless something was refused or only a try is wanted.
    /// `key` tells what rows have in common that may be in each other's way: they go together. `ask` asks
    /// the server about rows, only to check them or to do them, and answers a verdict for each.
    pub(super) async fn run<T>(
        &self,
        items: Vec<Item<T>>,
        key: impl Fn(&T) -> String,
        outcome: &mut Outcome,
        interrupted: impl Future<Output = ()>,
        ask: impl AsyncFn(&[&T], bool) -> Result<Vec<Verdict>, Status>,
    ) -> Result<()> {
        let mut interrupted = pin!(interrupted);
        let bar = progress::bar("checking", items.len());
        let mut fresh = Vec::new();
        for batch in together(items, &key) {
            let said = said(&batch);
            let verdicts = tokio::select! {
                verdicts = ask(&said, true) => verdicts?,
                () = interrupted.as_mut() => {
                    outcome.stopped = Some(while_checking());
                    return Ok(());
                }
            };
            fresh.extend(self.sort_out(batch, verdicts, outcome, &bar));
        }
        bar.finish_and_clear();
        if outcome.options.dry_run {
            outcome.accepted = fresh.len();
        } else if outcome.refused.is_empty() || outcome.options.partial {
            let total = fresh.len();
            self.post(together(fresh, &key), total, outcome, (interrupted, ask)).await;
        }
        Ok(())
    }

    /// Posts batch after batch until one fails.
    async fn post<T>(
        &self,
        batches: Vec<Vec<Item<T>>>,
        total: usize,
        outcome: &mut Outcome,
        (mut interrupted, ask): (
            impl Future<Output = ()> + Unpin,
            impl AsyncFn(&[&T], bool) -> Result<Vec<Verdict>, Status>,
        ),
    ) {
        let bar = progress::bar("posting", total);
        for batch in batches {
            let said = said(&batch);
            let verdicts = tokio::select! {
                verdicts = ask(&said, false) => verdicts,
                () = &mut interrupted => {
                    outcome.stopped = Some(stopped(outcome.accepted, total, None));
                    break;
                }
            };
            match verdicts {
                Ok(verdicts) => {
                    outcome.accepted += self.sort_out(batch, verdicts, outcome, &bar).len();
                }
                Err(status) => {
                    let lines: Vec<_> = batch.iter().map(|item| item.line).collect();
                    let named = named(&status, self.list, &lines).into_iter();
                    let faults = named.map(|(line, field, why)| {
                        fault(self.table, line, (self.column)(&field), why)
                    });
                    outcome.refused.extend(faults);
                    outcome.stopped = Some(stopped(outcome.accepted, total, Some(status)));
                    break;
                }
            }
        }
        bar.finish_and_clear();
    }

    /// Notes what became of the rows of a batch; the new ones stay.
    fn sort_out<T>(
        &self,
        batch: Vec<Item<T>>,
        verdicts: Vec<Verdict>,
        outcome: &mut Outcome,
        bar: &Bar,
    ) -> Vec<Item<T>> {
        bar.inc(batch.len() as u64);
        let judged = batch.into_iter().zip(verdicts);
        let new = judged.filter_map(|(item, verdict)| {
            note(self.table, item.line, verdict, outcome).then_some(item)
        });
        new.collect()
    }
}

fn said<T>(batch: &[Item<T>]) -> Vec<&T> {
    batch.iter().map(|item| &item.said).collect()
}

/// The rows in batches, in the order of the file by the first of each key. Those with one key stand in
/// one batch, as far as they fit.
fn together<T>(items: Vec<Item<T>>, key: &impl Fn(&T) -> String) -> Vec<Vec<Item<T>>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<Item<T>>> = Vec::new();
    for item in items {
        let place = *places.entry(key(&item.said)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    let mut batches: Vec<Vec<Item<T>>> = Vec::new();
    for group in groups {
        let fits = |batch: &&mut Vec<Item<T>>| batch.len() + group.len() <= BATCH;
        match batches.last_mut().filter(fits) {
            Some(batch) => batch.extend(group),
            None => batches.extend(super::calls::batches(group, BATCH)),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Options;
    use steward_sheet::Why;
    use tonic::Code;
    use tonic_types::{ErrorDetails, StatusExt as _};

    fn items(count: usize, of_a_key: usize) -> Vec<Item<usize>> {
        (0..count).map(|it| Item { line: it, said: it % (count / of_a_key).max(1) }).collect()
    }

    #[test]
    fn rows_of_one_key_go_together() {
        let made = together(items(1_200, 3), &|it: &usize| it.to_string());
        let lengths: Vec<_> = made.iter().map(Vec::len).collect();
        assert_eq!(lengths, [498, 498, 204]);
        for batch in &made {
            assert!(batch.chunks(3).all(|of| of.iter().all(|it| it.said == of[0].said)));
        }
        let long = together(items(1_200, 1_200), &|_: &usize| String::new());
        assert_eq!(long.iter().map(Vec::len).collect::<Vec<_>>(), [500, 500, 200]);
    }

    /// Each batch but the last is posted; then one fails, or somebody interrupts.
    #[tokio::test]
    async fn what_stops_an_import_says_how_far_it_came() {
        let table = Table::default();
        let batches = Batches { table: &table, list: "trips", column: |field| field };
        let failing = async |said: &[&usize], check: bool| {
            if check || said.len() == BATCH {
                return Ok(said.iter().map(|_| Verdict::New).collect());
            }
            Err(Status::with_error_details(Code::Internal, "no", ErrorDetails::new()))
        };
        let mut outcome = Outcome { rows: 1_200, ..Outcome::default() };
        let never = std::future::pending();
        let key = |it: &usize| it.to_string();
        batches.run(items(1_200, 1), key, &mut outcome, never, failing).await.unwrap();
        assert_eq!((outcome.accepted, outcome.refused.len()), (1_000, 0));
        assert!(outcome.to_string().contains("1200行新数据已导入1000行"), "{outcome}");

        let waiting = async |_: &[&usize], _: bool| std::future::pending().await;
        let mut outcome = Outcome { rows: 3, ..Outcome::default() };
        batches.run(items(3, 1), key, &mut outcome, async {}, waiting).await.unwrap();
        assert!(outcome.to_string().contains("检查中被中断"), "{outcome}");
    }

    #[tokio::test]
    async fn nothing_is_posted_beside_what_is_refused_unless_it_is_partial() {
        let table = Table::default();
        let batches = Batches { table: &table, list: "trips", column: |field| field };
        for (partial, dry_run, posted) in [(false, false, 0), (true, false, 2), (false, true, 2)] {
            let ask = async |said: &[&usize], _: bool| {
                let verdict = |it: &&usize| match **it {
                    0 => Verdict::Refused(vec![(String::new(), Why::new("不行", "no"))]),
                    1 => Verdict::There,
                    _ => Verdict::New,
                };
                Ok(said.iter().map(verdict).collect())
            };
            let options = Options { partial, dry_run, ..Options::default() };
            let mut outcome = Outcome { rows: 4, options, ..Outcome::default() };
            let never = std::future::pending();
            let key = |_: &usize| String::new();
            batches.run(items(4, 1), key, &mut outcome, never, ask).await.unwrap();
            let counts = (outcome.accepted, outcome.duplicates.len(), outcome.refused.len());
            assert_eq!(counts, (posted, 1, 1), "{partial} {dry_run}");
        }
    }
}
