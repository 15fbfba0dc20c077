//! Entries that belong together: of a request, or of what a noun of the domain does.

use chrono::NaiveDate;
use steward_chassis::error::{INVALID_REQUEST, Violation};
use steward_chassis::{Class, Ctx, Error, Reason, Result};
use steward_db::Tx;

use super::actions::{self, Reversal};
use super::post::{Draft, Outcome, post};
use super::{Content, ENTRY_ALREADY_POSTED, Entry, EntryId, store};
use crate::nothing_booked;

/// Posts entries for a noun of the domain, as PostEntries does: the caller's grants, closed months and
/// claims count, and so do warnings that he accepted. Answers each entry, or why it was not posted; one
/// that is there already is not posted. The noun keeps the bounds of `NewEntry` in what it gives, takes
/// categories from its catalogue, and calls itself what the domain does beside (`Booked`).
///
/// # Errors
/// `TOTAL_OUT_OF_RANGE`, and of the database.
pub async fn post_each(
    tx: &mut Tx,
    ctx: &Ctx,
    contents: Vec<Content>,
) -> Result<Vec<Result<Entry, Vec<Violation>>>> {
    let drafts: Vec<Draft> = contents.into_iter().map(Ok).collect();
    let (outcomes, posted) = post(tx, ctx, &drafts, nothing_booked).await?;
    let mut posted: std::collections::HashMap<_, _> =
        posted.into_iter().map(|entry| (entry.id, entry)).collect();
    let mut answer = |outcome| match outcome {
        Outcome::Posted(id) => {
            let entry = posted.remove(&id);
            entry.map(Ok).ok_or_else(|| Error::internal("a posted entry is missing"))
        }
        Outcome::Duplicate(_) => Ok(Err(vec![there()])),
        Outcome::Conflict(_, why) => Ok(Err(vec![why])),
        Outcome::Refused(why) => Ok(Err(why)),
    };
    outcomes.into_iter().map(&mut answer).collect()
}

/// The same, all of them or none: what is refused names the place, `entries[3].paid_by`.
///
/// # Errors
/// What PostEntries refuses: `SCOPE_DENIED`, `ORGANIZATION_UNKNOWN`, `MONTH_CLOSED`, `ENTRY_CONFLICT`,
/// `TOTAL_OUT_OF_RANGE`, as a warning `ORGANIZATION_NOT_THERE`; and `ENTRY_ALREADY_POSTED`.
pub async fn post_all(tx: &mut Tx, ctx: &Ctx, contents: Vec<Content>) -> Result<Vec<Entry>> {
    let posted = post_each(tx, ctx, contents).await?;
    all_or_nothing(
        "entries",
        posted.iter().map(|one| one.as_ref().err().map_or(&[] as &[_], Vec::as_slice)),
    )?;
    Ok(posted.into_iter().flatten().collect())
}

/// Reverses an entry for a noun of the domain, as ReverseEntry does; `reason` becomes the memo. Answers
/// the reversal. The noun calls itself what the domain does beside (`Booked`).
///
/// # Errors
/// `NOT_FOUND`, `SCOPE_DENIED`, `ENTRY_IS_REVERSAL`, `ENTRY_ALREADY_REVERSED`.
pub async fn reverse_entry(tx: &mut Tx, ctx: &Ctx, id: EntryId, reason: &str) -> Result<Entry> {
    let input = Reversal { id, reason: reason.to_owned() };
    actions::reverse(tx, ctx, &input, nothing_booked).await
}

/// The live entries that a resource of the domain caused (`vehicles/0197…`), paid from a day on or for a time
/// that begins then or later.
///
/// # Errors
/// Only of the database.
pub async fn caused(tx: &mut Tx, resource: &str, from: NaiveDate) -> Result<Vec<Entry>> {
    store::caused(tx, resource, from).await
}

fn there() -> Violation {
    let message = "the document is booked already, with the same date and amount".to_owned();
    Violation { field: String::new(), reason: &ENTRY_ALREADY_POSTED, message }
}

/// Refuses all of a list if one is refused, by the faults of each; `list` is its field in the request. The
/// gravest class comes first and is the answer's.
///
/// # Errors
/// The gravest fault, with all others.
pub fn all_or_nothing<'a>(list: &str, faulty: impl Iterator<Item = &'a [Violation]>) -> Result<()> {
    let mut violations: Vec<Violation> = Vec::new();
    for (i, faults) in faulty.enumerate() {
        violations.extend(
            faults.iter().map(|fault| Violation { field: path(list, i, fault), ..fault.clone() }),
        );
    }
    violations.sort_by_key(|violation| weight(violation.reason.class));
    let Some(first) = violations.first() else {
        return Ok(());
    };
    let mut gravest = violations.iter().map(|violation| violation.reason);
    let same = gravest.all(|reason| reason.class != first.reason.class || reason == first.reason);
    let several = !same && first.reason.class == Class::InvalidArgument;
    let reason: &'static Reason = if several { &INVALID_REQUEST } else { first.reason };
    Err(Error::violated(reason, violations))
}

fn path(list: &str, place: usize, fault: &Violation) -> String {
    match fault.field.as_str() {
        "" => format!("{list}[{place}]"),
        field => format!("{list}[{place}].{field}"),
    }
}

fn weight(class: Class) -> u8 {
    match class {
        Class::PermissionDenied => 0,
        Class::InvalidArgument => 1,
        Class::FailedPrecondition => 2,
        _ => 3,
    }
}
