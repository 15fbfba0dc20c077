//! Recording many expenses at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use steward_chassis::error::Violation;
use steward_chassis::scope::Scope;
use steward_chassis::{Ctx, Result, audit};
use steward_db::Tx;
use steward_kernel::{RegionPattern, today};
use steward_ledger::entry::{self, ENTRY_ALREADY_POSTED, ENTRY_CONFLICT, Entry};
use uuid::Uuid;

use super::actions::booked;
use super::{
    Content, Draft, Expense, ExpenseId, New, Outcome, TRIP_UNFIT, VEHICLE_UNKNOWN, again, checks,
    store, wire,
};
use crate::odometer::{self, Source};
use crate::trip::{self, Ride};
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::resource;
use crate::{card, holder};

/// An expense of a trip is paid at most so long before it begins,
const BEFORE_TRIP: Days = Days::new(7);
/// and so long after it ended: tolls come with the month's bill.
const AFTER_TRIP: Days = Days::new(62);

/// An expense on its way, with its place in the request and the vehicle as who held it on the day had it.
pub(super) struct Waiting<'d> {
    pub(super) place: usize,
    pub(super) new: &'d New,
    pub(super) vehicle: Vehicle,
    /// Its line of the document: as it was given, or the next free one.
    pub(super) line: i32,
}

/// Records the expenses that can be recorded; tells of each what became of it, in order.
///
/// Locks the vehicles, by id; then what posting locks.
pub(crate) async fn record(tx: &mut Tx, ctx: &Ctx, drafts: &[Draft]) -> Result<Vec<Outcome>> {
    let named = named(tx, drafts).await?;
    vehicle::actions::hold_all(tx, &named.ids.keys().copied().collect::<Vec<_>>()).await?;
    let ids: Vec<_> = named.ids.keys().copied().collect();
    let holdings = holder::actions::of(tx, &ids).await?;
    let rides = rides(tx, drafts).await?;
    let mut outcomes: Vec<Option<Outcome>> =
        drafts.iter().map(|draft| draft.as_ref().err().cloned().map(Outcome::Refused)).collect();
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    for (place, draft) in drafts.iter().enumerate() {
        let Ok(new) = draft else { continue };
        let vehicle = named.find(new).map(|it| holdings.vehicle_on(it, new.content.occurred_on));
        // Who may not write for the holder of the day is told nothing of the vehicle.
        let vehicle = vehicle.filter(|it| ctx.scope().covers(&it.organization, &it.region));
        match vehicle.ok_or_else(|| unknown(new)).and_then(|it| on_trip(new, it, &rides)) {
            Ok(vehicle) => {
                waiting.push(Waiting { place, new, vehicle, line: 0 });
            }
            Err(why) => outcomes[place] = Some(Outcome::Refused(vec![why])),
        }
    }
    let waiting = again::sort_out(tx, waiting, &mut outcomes).await?;
    let contents = waiting.iter().map(entry_of).collect();
    let posted = entry::post_each(tx, ctx, contents).await?;
    let (mut made, mut entries) = (Vec::new(), Vec::new());
    for (waiting, posted) in waiting.into_iter().zip(posted) {
        outcomes[waiting.place] = Some(match posted {
            Ok(entry) => {
                let expense = expense(ctx, &waiting, &entry);
                let (id, line) = (expense.id, waiting.line);
                made.push(expense);
                entries.push(entry);
                Outcome::Recorded(id, line)
            }
            Err(why) => refused(why),
        });
    }
    settle(tx, ctx, &named, &made, &entries).await?;
    let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
    outcomes
        .ok_or_else(|| steward_chassis::Error::internal("an expense was left without an outcome"))
}

/// The trips that drafts name.
async fn rides(tx: &mut Tx, drafts: &[Draft]) -> Result<BTreeMap<Uuid, Ride>> {
    let ids = drafts.iter().flatten().filter_map(|new| new.content.trip_id);
    trip::actions::named(tx, &ids.collect()).await
}

/// The vehicle, if the trip that the expense names is one of it at about that time.
fn on_trip(
    new: &New,
    vehicle: Vehicle,
    rides: &BTreeMap<Uuid, Ride>,
) -> Result<Vehicle, Violation> {
    let Some(id) = new.content.trip_id else { return Ok(vehicle) };
    let day = new.content.occurred_on;
    let fits = rides.get(&id).is_some_and(|ride| {
        let back = ride.return_time.unwrap_or(ride.depart_time);
        let first = today(ride.depart_time).checked_sub_days(BEFORE_TRIP);
        let last = today(back).checked_add_days(AFTER_TRIP);
        ride.vehicle == vehicle.id && first <= Some(day) && Some(day) <= last
    });
    if fits {
        return Ok(vehicle);
    }
    let message = format!("no trip of the vehicle at about {day}");
    Err(Violation { field: "trip_id".to_owned(), reason: &TRIP_UNFIT, message })
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
    let cards = card::actions::numbered(tx, numbers).await?;
    checks::check(tx, ctx, made, &named.ids, &cards).await?;
    booked(tx, ctx, entries).await?;
    let events: Result<_> = made.iter().map(|it| wire::event(None, it)).collect();
    audit::record_all(tx, ctx, events?).await
}

/// The vehicles that drafts name, wherever they are.
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

async fn named(tx: &mut Tx, drafts: &[Draft]) -> Result<Named> {
    let new = || drafts.iter().filter_map(|draft| draft.as_ref().ok());
    let ids: BTreeSet<_> = new().filter_map(|new| new.vehicle_id).collect();
    let plates = new().filter(|new| new.vehicle_id.is_none());
    let plates: BTreeMap<_, _> = plates
        .filter_map(|new| new.plate.clone())
        .map(|plate| (plate.as_str().to_owned(), plate))
        .collect();
    let (ids, plates): (Vec<_>, Vec<_>) =
        (ids.into_iter().collect(), plates.into_values().collect());
    let everywhere = Scope::of(RegionPattern::All);
    let found = vehicle::actions::among(tx, &everywhere, &ids, &plates).await?;
    let plate = |it: &Vehicle| (it.content.plate.as_str().to_owned(), it.id);
    // A plate may have been another vehicle's that was disposed of.
    let held = found.iter().filter(|it| it.state == vehicle::State::Held);
    Ok(Named {
        plates: held.map(plate).collect(),
        ids: found.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect(),
    })
}

/// The entry of an expense.
fn entry_of(waiting: &Waiting<'_>) -> entry::Content {
    let (new, vehicle) = (waiting.new, &waiting.vehicle);
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
        document_line: waiting.line,
        fund_source: content.fund_source.clone(),
        expenditure_kind: 0,
        source_resource: resource(vehicle.id),
        approval_reference: content.approval_reference.clone(),
        memo: content.memo.clone(),
    }
}

fn expense(ctx: &Ctx, waiting: &Waiting<'_>, entry: &Entry) -> Expense {
    let (new, vehicle) = (waiting.new, &waiting.vehicle);
    let plate = new.plate.as_ref().map(|plate| plate.as_str().to_owned());
    Expense {
        id: ExpenseId::new(ctx.now()),
        vehicle_id: vehicle.id,
        plate: plate.unwrap_or_default(),
        organization: vehicle.organization.clone(),
        region: vehicle.region.clone(),
        paid_by: entry.content.paid_by.clone(),
        content: Content { document_line: waiting.line, ..new.content.clone() },
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
        replaced: false,
        whole_day: expense.content.occur_time.is_none(),
    })
}

/// What became of one whose entry was not posted.
fn refused(why: Vec<Violation>) -> Outcome {
    let all = |reason: &steward_chassis::Reason| {
        !why.is_empty() && why.iter().all(|fault| fault.reason == reason)
    };
    if all(&ENTRY_ALREADY_POSTED) {
        Outcome::Duplicate(None)
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
