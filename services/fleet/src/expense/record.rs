//! Recording many expenses at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use steward_chassis::error::Violation;
use steward_chassis::{Ctx, Result, audit};
use steward_db::Tx;
use steward_ledger::entry::{self, ENTRY_ALREADY_POSTED, ENTRY_CONFLICT, Entry};

use super::actions::booked;
use super::{
    Content, Draft, Expense, ExpenseId, New, Outcome, VEHICLE_UNKNOWN, checks, store, wire,
};
use crate::card;
use crate::odometer::{self, Source};
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::resource;

/// Documents looked up in one statement.
const AT_ONCE: usize = 500;

/// Records the expenses that can be recorded; tells of each what became of it, in order.
///
/// Locks the vehicles whose odometer was read, by id; then what posting locks.
pub(crate) async fn record(tx: &mut Tx, ctx: &Ctx, drafts: &[Draft]) -> Result<Vec<Outcome>> {
    let named = named(tx, ctx, drafts).await?;
    let mut outcomes: Vec<Option<Outcome>> =
        drafts.iter().map(|draft| draft.as_ref().err().cloned().map(Outcome::Refused)).collect();
    let mut waiting: Vec<(usize, &New, &Vehicle)> = Vec::new();
    for (place, draft) in drafts.iter().enumerate() {
        let Ok(new) = draft else { continue };
        match named.find(new) {
            Some(vehicle) => waiting.push((place, new, vehicle)),
            None => outcomes[place] = Some(Outcome::Refused(vec![unknown(new)])),
        }
    }
    let read: BTreeSet<_> = waiting
        .iter()
        .filter(|(_, new, _)| new.content.odometer_m.is_some())
        .map(|(_, _, vehicle)| vehicle.id)
        .collect();
    if !read.is_empty() {
        vehicle::actions::hold_all(tx, &read.into_iter().collect::<Vec<_>>()).await?;
    }
    let there = there(tx, &waiting).await?;
    let contents = waiting.iter().map(|(_, new, vehicle)| entry_of(new, vehicle)).collect();
    let posted = entry::post_each(tx, ctx, contents).await?;
    let (mut made, mut entries) = (Vec::new(), Vec::new());
    for ((place, new, vehicle), posted) in waiting.into_iter().zip(posted) {
        outcomes[place] = Some(match posted {
            Ok(entry) => {
                let expense = expense(ctx, new, vehicle, &entry);
                let id = expense.id;
                made.push(expense);
                entries.push(entry);
                Outcome::Recorded(id)
            }
            Err(why) => refused(why, || there.get(&identity(new, vehicle)).copied()),
        });
    }
    settle(tx, ctx, &named, &made, &entries).await?;
    let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
    outcomes
        .ok_or_else(|| steward_chassis::Error::internal("an expense was left without an outcome"))
}

/// What comes of expenses whose entries are posted.
async fn settle(
    tx: &mut Tx,
    ctx: &Ctx,
    named: &Named,
    made: &[Expense],
    entries: &[Entry],
) -> Result<()> {
    if made.is_empty() {
        return Ok(());
    }
    store::insert(tx, made).await?;
    let readings: Vec<_> = made.iter().filter_map(reading).collect();
    odometer::actions::note(tx, ctx, &readings).await?;
    let numbers = made.iter().map(|it| it.content.card_no.as_str());
    let cards = card::actions::numbered(tx, ctx, numbers).await?;
    checks::check(tx, ctx, made, &named.ids, &cards).await?;
    booked(tx, ctx, entries).await?;
    let events: Result<_> = made.iter().map(|it| wire::event(None, it)).collect();
    audit::record_all(tx, ctx, events?).await
}

/// The vehicles that drafts name and the caller may write for.
struct Named {
    ids: BTreeMap<VehicleId, Vehicle>,
    plates: BTreeMap<String, VehicleId>,
}

impl Named {
    fn find(&self, new: &New) -> Option<&Vehicle> {
        let by_plate = || self.plates.get(new.plate.as_ref()?.as_str()).copied();
        self.ids.get(&new.vehicle_id.or_else(by_plate)?)
    }
}

async fn named(tx: &mut Tx, ctx: &Ctx, drafts: &[Draft]) -> Result<Named> {
    let new = || drafts.iter().filter_map(|draft| draft.as_ref().ok());
    let ids: BTreeSet<_> = new().filter_map(|new| new.vehicle_id).collect();
    let plates = new().filter(|new| new.vehicle_id.is_none());
    let plates: BTreeMap<_, _> = plates
        .filter_map(|new| new.plate.clone())
        .map(|plate| (plate.as_str().to_owned(), plate))
        .collect();
    let (ids, plates): (Vec<_>, Vec<_>) =
        (ids.into_iter().collect(), plates.into_values().collect());
    let found = vehicle::actions::among(tx, ctx.scope(), &ids, &plates).await?;
    let plate = |it: &Vehicle| (it.content.plate.as_str().to_owned(), it.id);
    // A plate may have been another vehicle's that was disposed of.
    let held = found.iter().filter(|it| it.state == vehicle::State::Held);
    Ok(Named {
        plates: held.map(plate).collect(),
        ids: found.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect(),
    })
}

/// What makes an expense the one it is among live ones: that of its entry.
type Identity = entry::Identity;

fn identity(new: &New, vehicle: &Vehicle) -> Identity {
    entry_of(new, vehicle).identity()
}

/// The live expenses that have the document of one that is to be recorded.
async fn there(
    tx: &mut Tx,
    waiting: &[(usize, &New, &Vehicle)],
) -> Result<BTreeMap<Identity, ExpenseId>> {
    let documents = waiting.iter().map(|(_, new, _)| new.content.document_no.as_str());
    let documents: Vec<_> = documents.collect::<BTreeSet<_>>().into_iter().collect();
    let mut there = BTreeMap::new();
    for documents in documents.chunks(AT_ONCE) {
        for expense in store::documented(tx, documents).await? {
            let content = &expense.content;
            let identity = Identity {
                organization: expense.organization.clone(),
                document_no: content.document_no.clone(),
                fiscal_year: content.occurred_on.year(),
                document_line: content.document_line,
                category: content.kind.category().to_owned(),
            };
            there.insert(identity, expense.id);
        }
    }
    Ok(there)
}

/// The entry of an expense.
fn entry_of(new: &New, vehicle: &Vehicle) -> entry::Content {
    let content: &Content = &new.content;
    entry::Content {
        organization: vehicle.organization.clone(),
        paid_by: new.paid_by.clone().unwrap_or_else(|| vehicle.organization.clone()),
        category: content.kind.category().to_owned(),
        occurred_on: content.occurred_on,
        service: content.service,
        amount: content.amount,
        quantity: content.booked_quantity(),
        document_no: content.document_no.clone(),
        document_line: content.document_line,
        fund_source: content.fund_source.clone(),
        expenditure_kind: 0,
        source_resource: resource(vehicle.id),
        approval_reference: content.approval_reference.clone(),
        memo: content.memo.clone(),
    }
}

fn expense(ctx: &Ctx, new: &New, vehicle: &Vehicle, entry: &Entry) -> Expense {
    let plate = new.plate.as_ref().map(|plate| plate.as_str().to_owned());
    Expense {
        id: ExpenseId::new(ctx.now()),
        vehicle_id: vehicle.id,
        plate: plate.unwrap_or_default(),
        organization: vehicle.organization.clone(),
        region: vehicle.region.clone(),
        paid_by: entry.content.paid_by.clone(),
        content: new.content.clone(),
        entry: entry.id,
        reversed: None,
        record_time: ctx.now(),
        recorded_by: ctx.subject().to_owned(),
    }
}

fn reading(expense: &Expense) -> Option<odometer::New> {
    Some(odometer::New {
        vehicle_id: expense.vehicle_id,
        read_time: expense.content.read_time(),
        odometer_m: expense.content.odometer_m?,
        source: Source::Expense,
        source_id: expense.id.to_string(),
        note: String::new(),
    })
}

/// What became of one whose entry was not posted.
fn refused(why: Vec<Violation>, there: impl FnOnce() -> Option<ExpenseId>) -> Outcome {
    let all = |reason: &steward_chassis::Reason| {
        !why.is_empty() && why.iter().all(|fault| fault.reason == reason)
    };
    if all(&ENTRY_ALREADY_POSTED) {
        Outcome::Duplicate(there())
    } else if all(&ENTRY_CONFLICT) {
        Outcome::Conflict(why)
    } else {
        Outcome::Refused(why)
    }
}

fn unknown(new: &New) -> Violation {
    let field = if new.vehicle_id.is_some() { "vehicle_id" } else { "plate" };
    let message = "no such vehicle within the grants".to_owned();
    Violation { field: field.to_owned(), reason: &VEHICLE_UNKNOWN, message }
}
