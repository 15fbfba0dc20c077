//! Calls to the gateway, with patience; and what their refusals say of the rows.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use steward_sheet::{Table, Why};
use tonic::{Code, Response, Status};
use tonic_types::{FieldViolation, StatusExt};

use super::cells::{Cells, fault};
use super::outcome::{Duplicate, Outcome};
use crate::failure::{Failure, Result};
use crate::report::Language;

/// How often a request is sent again while the server is busy or away, and after how long at first.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// Whether waiting may help.
fn passes(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::ResourceExhausted | Code::Aborted)
}

/// Calls a service, and again while it is busy or away. The request and its id stay the same.
pub(super) async fn patient<S: Clone, R: Clone, T>(
    service: &S,
    request: &R,
    call: impl AsyncFn(S, R) -> Result<Response<T>, Status>,
) -> Result<T, Status> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match call(service.clone(), request.clone()).await {
            Err(status) if passes(status.code()) => tokio::time::sleep(pause).await,
            answer => return answer.map(Response::into_inner),
        }
        pause *= 2;
    }
    call(service.clone(), request.clone()).await.map(Response::into_inner)
}

/// What a service says of a request about one row. `column` tells which one a field comes from.
pub(super) async fn judged<S: Clone, R: Clone, T>(
    service: &S,
    request: &R,
    column: impl Fn(&str) -> &str,
    call: impl AsyncFn(S, R) -> Result<Response<T>, Status>,
) -> Result<Verdict, Status> {
    match patient(service, request, call).await {
        Ok(_) => Ok(Verdict::New),
        Err(status) => refused(status, column),
    }
}

/// Things in the order that they come, so many together at most.
pub(super) fn batches<T>(items: impl IntoIterator<Item = T>, most: usize) -> Vec<Vec<T>> {
    let mut batches: Vec<Vec<T>> = Vec::new();
    for item in items {
        match batches.last_mut() {
            Some(batch) if batch.len() < most => batch.push(item),
            _ => batches.push(vec![item]),
        }
    }
    batches
}

/// A row of a file, and what it says.
#[derive(Debug)]
pub(super) struct Item<T> {
    pub(super) line: usize,
    pub(super) said: T,
}

/// What the server says of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is new.
    New,
    /// It is there already.
    There,
    /// It is refused: columns, or none, and why.
    Refused(Vec<(String, Why)>),
}

/// The rows that are understood; what is wrong with the others is noted.
pub(super) fn understood<T>(
    table: &Table,
    mut said: impl FnMut(&mut Cells<'_>) -> Option<T>,
    outcome: &mut Outcome,
) -> Vec<Item<T>> {
    let mut items = Vec::new();
    for row in &table.rows {
        let mut cells = Cells::new(table, *row);
        let said = said(&mut cells);
        if cells.faults.is_empty() {
            items.extend(said.map(|said| Item { line: row.line, said }));
        }
        outcome.refused.append(&mut cells.faults);
    }
    items
}

/// The rows that stand alone, or first: what says the same again is a duplicate, what says otherwise
/// of the same is refused, at a column of it.
pub(super) fn once<T: PartialEq, K: Hash + Eq>(
    table: &Table,
    items: Vec<Item<T>>,
    key: impl Fn(&T) -> K,
    column: impl Fn(&T) -> &'static str,
    outcome: &mut Outcome,
) -> Vec<Item<T>> {
    let mut first: HashMap<K, usize> = HashMap::new();
    let mut kept: Vec<Item<T>> = Vec::new();
    for item in items {
        let place = *first.entry(key(&item.said)).or_insert(kept.len());
        let Some(earlier) = kept.get(place) else {
            kept.push(item);
            continue;
        };
        if earlier.said == item.said {
            let what = Why::new("内容相同", "the same");
            let repeats = Some((earlier.line, what));
            outcome.duplicates.push(Duplicate { line: item.line, repeats });
        } else {
            let why = Why::new(
                format!("与第{}行重复而内容不同", earlier.line),
                format!("line {} says otherwise of the same", earlier.line),
            );
            outcome.refused.push(fault(table, item.line, column(&item.said), why));
        }
    }
    kept
}

pub(super) fn while_checking() -> Why {
    Why::new("检查中被中断,没有导入", "interrupted while checking; nothing was posted")
}

/// How far an import came that ended early.
pub(super) fn stopped(accepted: usize, total: usize, status: Option<Status>) -> Why {
    match status.map(Failure::from) {
        None => Why::new(
            format!("被中断;{total}行新数据至少已导入{accepted}行"),
            format!("interrupted; at least {accepted} of {total} new rows were posted"),
        ),
        Some(why) => Why::new(
            format!("{total}行新数据已导入{accepted}行;{}", why.told(Language::Zh)),
            format!("{accepted} of {total} new rows were posted; {}", why.told(Language::En)),
        ),
    }
}

/// Notes what became of a row; true if it is new.
pub(super) fn note(table: &Table, line: usize, verdict: Verdict, outcome: &mut Outcome) -> bool {
    match verdict {
        Verdict::New => return true,
        Verdict::There => outcome.duplicates.push(Duplicate { line, repeats: None }),
        Verdict::Refused(faults) => {
            let faults = faults.into_iter().map(|(column, why)| fault(table, line, &column, why));
            outcome.refused.extend(faults);
        }
    }
    false
}

/// What a refusal of a request with one row says of it; or that it is no refusal of the row.
pub(super) fn refused(status: Status, column: impl Fn(&str) -> &str) -> Result<Verdict, Status> {
    let is_of_row = matches!(
        status.code(),
        Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::NotFound
    );
    if !is_of_row {
        return Err(status);
    }
    let details = status.get_error_details();
    let fields = details.bad_request().map(|bad| &bad.field_violations[..]).unwrap_or_default();
    if fields.is_empty() {
        return Ok(Verdict::Refused(vec![(String::new(), said(&status))]));
    }
    let faults = fields.iter().map(|field| (column(&field.field).to_owned(), why(field)));
    Ok(Verdict::Refused(faults.collect()))
}

/// What a refused request says as a whole.
pub(super) fn said(status: &Status) -> Why {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str()).unwrap_or_default();
    let en = status.message();
    match details.localized_message() {
        Some(zh) => Why::new(format!("{}({reason}:{en})", zh.message), format!("{en} ({reason})")),
        None => Why::new(en, en),
    }
}

fn why(field: &FieldViolation) -> Why {
    let en = &field.description;
    match &field.localized_message {
        Some(zh) => Why::new(format!("{}({en})", zh.message), en),
        None => Why::new(en, en),
    }
}

/// The rows that a refused request of many names, such as `entries[3].amount_fen`: line, field, why.
pub(super) fn named(status: &Status, list: &str, lines: &[usize]) -> Vec<(usize, String, Why)> {
    let details = status.get_error_details();
    let fields = details.bad_request().map(|bad| &bad.field_violations[..]).unwrap_or_default();
    let named = fields.iter().filter_map(|field| {
        let rest = field.field.strip_prefix(list)?.strip_prefix('[')?;
        let (place, rest) = rest.split_once(']')?;
        let line = lines.get(place.parse::<usize>().ok()?)?;
        Some((*line, rest.trim_start_matches('.').to_owned(), why(field)))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn a_refused_request_names_its_rows() {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("entries[1].amount_fen", "is too large");
        details.add_bad_request_violation("entries[9].amount_fen", "is too large");
        details.add_bad_request_violation("request_id", "is empty");
        let status = Status::with_error_details(Code::InvalidArgument, "2 faults", details);
        let named = named(&status, "entries", &[4, 7]);
        assert_eq!(named, [(7, "amount_fen".to_owned(), Why::new("is too large", "is too large"))]);
    }

    #[test]
    fn only_refusals_of_the_row_are_told_of_it() {
        let status = |code| Status::with_error_details(code, "no", ErrorDetails::new());
        for code in [Code::NotFound, Code::PermissionDenied, Code::FailedPrecondition] {
            let verdict = refused(status(code), |it| it).unwrap();
            let expected = Verdict::Refused(vec![(String::new(), Why::new("no", "no"))]);
            assert_eq!(verdict, expected);
        }
        for code in [Code::Unauthenticated, Code::Unavailable, Code::Internal] {
            assert!(refused(status(code), |it| it).is_err());
        }
    }

    #[test]
    fn of_the_same_the_first_stands() {
        let item = |line, said: (u8, u8)| Item { line, said };
        let items = vec![item(2, (1, 1)), item(3, (1, 1)), item(4, (1, 2)), item(5, (2, 2))];
        let mut outcome = Outcome::default();
        let kept = once(&Table::default(), items, |said| said.0, |_| "code", &mut outcome);
        assert_eq!(kept.iter().map(|it| it.line).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(outcome.duplicates[0].line, 3);
        assert_eq!((outcome.refused.len(), outcome.refused[0].line), (1, 4));
    }
}
