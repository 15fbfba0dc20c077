//! A row in each request: first all are checked, then the new ones posted.

use std::future::Future;
use std::pin::{Pin, pin};

use futures::{StreamExt as _, stream};
use steward_sheet::{Table, Why};
use tonic::Status;

use super::Outcome;
use super::calls::{Item, Verdict, note, stopped, while_checking};
use crate::failure::Result;
use crate::progress;

/// So many rows are checked at once.
const AT_ONCE: usize = 8;

/// Checks every row, then posts the new ones unless something was refused or only a try is wanted.
/// `ask` asks the server about a row, only to check it or to do it.
pub(super) async fn each<T>(
    table: &Table,
    items: Vec<Item<T>>,
    outcome: &mut Outcome,
    interrupted: impl Future<Output = ()>,
    ask: impl AsyncFn(&T, bool) -> Result<Verdict, Status>,
) -> Result<()> {
    let mut interrupted = pin!(interrupted);
    let Some(fresh) = check_each(table, items, outcome, interrupted.as_mut(), &ask).await? else {
        return Ok(());
    };
    if outcome.options.dry_run {
        outcome.accepted = fresh.len();
    } else if outcome.refused.is_empty() || outcome.options.partial {
        post_each(table, fresh, outcome, interrupted, &ask).await;
    }
    Ok(())
}

/// The rows that are new; `None` if interrupted. A check changes nothing, and so they are made several at
/// once; they are noted in the order of the file.
async fn check_each<T>(
    table: &Table,
    items: Vec<Item<T>>,
    outcome: &mut Outcome,
    mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ask: &impl AsyncFn(&T, bool) -> Result<Verdict, Status>,
) -> Result<Option<Vec<Item<T>>>> {
    let bar = progress::bar("checking", items.len());
    let mut fresh = Vec::new();
    let verdicts =
        stream::iter(items).map(|item| async move { (ask(&item.said, true).await, item) });
    let mut verdicts = pin!(verdicts.buffered(AT_ONCE));
    loop {
        let (verdict, item) = tokio::select! {
            next = verdicts.next() => match next {
                Some(next) => next,
                None => break,
            },
            () = interrupted.as_mut() => {
                outcome.stopped = Some(while_checking());
                return Ok(None);
            }
        };
        bar.inc(1);
        if note(table, item.line, verdict?, outcome) {
            fresh.push(item);
        }
    }
    bar.finish_and_clear();
    Ok(Some(fresh))
}

/// Posts row after row until one fails: a later one may rest on an earlier one.
async fn post_each<T>(
    table: &Table,
    items: Vec<Item<T>>,
    outcome: &mut Outcome,
    mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ask: &impl AsyncFn(&T, bool) -> Result<Verdict, Status>,
) {
    let (bar, total) = (progress::bar("posting", items.len()), items.len());
    for item in items {
        let verdict = tokio::select! {
            verdict = ask(&item.said, false) => verdict,
            () = interrupted.as_mut() => {
                outcome.stopped = Some(stopped(outcome.accepted, total, None));
                break;
            }
        };
        bar.inc(1);
        match verdict {
            Ok(verdict) => {
                let before = outcome.refused.len();
                outcome.accepted += usize::from(note(table, item.line, verdict, outcome));
                if outcome.refused.len() > before && !outcome.options.partial {
                    outcome.stopped = Some(refused_midway(outcome.accepted, total, item.line));
                    break;
                }
            }
            Err(status) => {
                outcome.stopped = Some(stopped(outcome.accepted, total, Some(status)));
                break;
            }
        }
    }
    bar.finish_and_clear();
}

/// How far an import came that found a row refused which had passed the check.
fn refused_midway(accepted: usize, total: usize, line: usize) -> Why {
    Why::new(
        format!("{total}行新数据已导入{accepted}行,第{line}行被拒绝,请先改正"),
        format!(
            "{accepted} of {total} new rows were posted; line {line} was refused, correct it first"
        ),
    )
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use super::*;
    use crate::import::Options;
    use crate::progress::Step;

    #[tokio::test]
    async fn a_refusal_while_posting_stops_an_import_unless_it_is_partial() {
        let items = || (2..6).map(|line| Item { line, said: line }).collect::<Vec<_>>();
        let ask = async |line: &usize, check: bool| {
            let refused = *line == 3 && !check;
            let why = (String::new(), Why::new("不行", "no"));
            Ok(if refused { Verdict::Refused(vec![why]) } else { Verdict::New })
        };
        for (partial, accepted) in [(false, 1), (true, 3)] {
            let options = Options { partial, ..Options::default() };
            let mut outcome = Outcome { options, rows: 4, ..Outcome::default() };
            let never = std::future::pending();
            each(&Table::default(), items(), &mut outcome, never, ask).await.unwrap();
            assert_eq!((outcome.accepted, outcome.refused.len()), (accepted, 1));
            let told = outcome.to_string();
            assert_eq!(told.contains("4行新数据已导入1行,第3行被拒绝"), !partial, "{told}");
            assert!(!told.contains("全部未导入"), "{told}");
        }
    }

    /// Also of rows that are asked about at once; the bars come to their ends.
    #[tokio::test]
    async fn rows_are_noted_in_the_order_of_the_file() {
        let items = (0..20).map(|line| Item { line, said: line }).collect();
        let asked = Cell::new((0, 0));
        let ask = async |line: &usize, check: bool| {
            let (now, most) = asked.get();
            asked.set((now + 1, most.max(now + 1)));
            // The first rows take longest.
            for _ in *line..30 {
                tokio::task::yield_now().await;
            }
            asked.set((asked.get().0 - 1, asked.get().1));
            let why = || (String::new(), Why::new("不行", "no"));
            Ok(match line % 4 {
                0 if check => Verdict::There,
                1 if check => Verdict::Refused(vec![why()]),
                _ => Verdict::New,
            })
        };
        let options = Options { partial: true, ..Options::default() };
        let mut outcome = Outcome { options, rows: 20, ..Outcome::default() };
        let seen = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::clone(&seen);
        let never = std::future::pending();
        let table = Table::default();
        let work = each(&table, items, &mut outcome, never, ask);
        progress::watched(move |step| told.borrow_mut().push(step), work).await.unwrap();
        assert_eq!(asked.get(), (0, AT_ONCE));
        assert_eq!(outcome.accepted, 10);
        let there: Vec<_> = outcome.duplicates.iter().map(|it| it.line).collect();
        let refused: Vec<_> = outcome.refused.iter().map(|it| it.line).collect();
        assert_eq!((there, refused), (vec![0, 4, 8, 12, 16], vec![1, 5, 9, 13, 17]));
        let step = |what, done, of| Step { what, done, of };
        let checked = (1..=20).map(|done| step("checking", done, 20));
        let posted = (1..=10).map(|done| step("posting", done, 10));
        assert_eq!(*seen.borrow(), checked.chain(posted).collect::<Vec<_>>());
    }
}
