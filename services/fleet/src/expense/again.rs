//! Which expenses are there already, and on which line of their document others go.
//!
//! An expense is known by its vehicle and document, whoever holds the vehicle by now: a slip that comes
//! again after a transfer is the same slip. On one document there may be several of a kind: those whose
//! time or odometer differ, and those of other vehicles. With a line of its own each is told apart by it;
//! without, the next free line is taken.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use steward_chassis::Result;
use steward_chassis::error::Violation;
use steward_db::Tx;
use steward_kernel::OrganizationCode;
use steward_ledger::entry::ENTRY_CONFLICT;

use super::record::Waiting;
use super::{Content, ExpenseId, Outcome, store};
use crate::vehicle::VehicleId;

/// Documents looked up in one statement.
const AT_ONCE: usize = 500;

/// An expense that is there, or comes before in the same request.
struct There {
    /// `None` = of the same request.
    id: Option<ExpenseId>,
    vehicle: VehicleId,
    organization: OrganizationCode,
    content: Content,
}

/// What an expense is to another one with its document.
#[derive(Debug, PartialEq, Eq)]
enum Met {
    /// The same.
    Same,
    /// The same, with another day or amount: one of them is wrong.
    Contradicts,
    /// Another one.
    Other,
}

/// Of one document, kind and year.
type Key = (String, &'static str, i32);

fn key(content: &Content) -> Key {
    (content.document_no.clone(), content.kind.category(), content.occurred_on.year())
}

/// Takes out what is there already or contradicts it, and gives the rest their lines.
pub(super) async fn sort_out<'d>(
    tx: &mut Tx,
    waiting: Vec<Waiting<'d>>,
    outcomes: &mut [Option<Outcome>],
) -> Result<Vec<Waiting<'d>>> {
    let mut there = there(tx, &waiting).await?;
    let mut rest = Vec::with_capacity(waiting.len());
    for mut waiting in waiting {
        let of_document = there.entry(key(&waiting.new.content)).or_default();
        match look(&waiting, of_document) {
            Ok(line) => {
                waiting.line = line;
                of_document.push(There {
                    id: None,
                    vehicle: waiting.vehicle.id,
                    organization: waiting.vehicle.organization.clone(),
                    content: Content { document_line: line, ..waiting.new.content.clone() },
                });
                rest.push(waiting);
            }
            Err(outcome) => outcomes[waiting.place] = Some(outcome),
        }
    }
    Ok(rest)
}

/// The live expenses that have the document of one that is to be recorded.
async fn there(tx: &mut Tx, waiting: &[Waiting<'_>]) -> Result<BTreeMap<Key, Vec<There>>> {
    let documents = waiting.iter().map(|it| it.new.content.document_no.as_str());
    let documents: Vec<_> = documents.collect::<BTreeSet<_>>().into_iter().collect();
    let mut there: BTreeMap<Key, Vec<There>> = BTreeMap::new();
    for documents in documents.chunks(AT_ONCE) {
        for expense in store::documented(tx, documents).await? {
            there.entry(key(&expense.content)).or_default().push(There {
                id: Some(expense.id),
                vehicle: expense.vehicle_id,
                organization: expense.organization,
                content: expense.content,
            });
        }
    }
    Ok(there)
}

/// The line on which an expense goes, or what becomes of it by those that are there.
fn look(waiting: &Waiting<'_>, there: &[There]) -> Result<i32, Outcome> {
    let (vehicle, content) = (&waiting.vehicle, &waiting.new.content);
    let given = Some(content.document_line).filter(|line| *line > 0);
    let (mut free, mut contradicts) = (1, false);
    let of = |it: &&There| it.vehicle == vehicle.id || it.organization == vehicle.organization;
    for it in there.iter().filter(of) {
        let line = it.content.document_line;
        free = free.max(line + 1);
        if given.is_some_and(|given| given != line) {
            continue;
        }
        match meet(it, vehicle.id, content) {
            Met::Same => return Err(Outcome::Duplicate(it.id)),
            Met::Contradicts => contradicts = true,
            Met::Other => contradicts |= given.is_some(),
        }
    }
    if contradicts {
        return Err(Outcome::Conflict(vec![conflict(content)]));
    }
    Ok(given.unwrap_or(free))
}

fn meet(there: &There, vehicle: VehicleId, new: &Content) -> Met {
    let old = &there.content;
    let differ = |one: Option<i64>, other| one.zip(other).is_some_and(|(one, other)| one != other);
    let time = |content: &Content| content.occur_time.map(|time| time.timestamp_micros());
    if there.vehicle != vehicle
        || differ(time(old), time(new))
        || differ(old.odometer_m, new.odometer_m)
    {
        Met::Other
    } else if (old.occurred_on, old.amount) == (new.occurred_on, new.amount) {
        Met::Same
    } else {
        Met::Contradicts
    }
}

fn conflict(content: &Content) -> Violation {
    let document = &content.document_no;
    let message = format!("document {document} is booked already, with another day or amount");
    Violation { field: String::new(), reason: &ENTRY_CONFLICT, message }
}
