//! Recording many expenses at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use steward_chassis::error::Violation;
use steward_chassis::{Ctx, Reason, Result, audit};
use steward_db::Tx;
use steward_kernel::today;
use steward_ledger::entry::{self, ENTRY_ALREADY_POSTED, ENTRY_CONFLICT, Entry};
use uuid::Uuid;

use super::actions::booked;
use super::{
    Content, Draft, Expense, ExpenseId, New, Outcome, TRIP_UNFIT, VEHICLE_NOT_THEN,
    VEHICLE_UNKNOWN, again, checks, store, wire,
};
use crate::holder::{self, Holdings};
use crate::odometer::{self, Source};
use crate::trip::{self, Ride};
use crate::vehicle::{self, Plate, Vehicle, VehicleId};
use crate::watch::resource;

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
    let ids: Vec<_> = named.ids.keys().copied().collect();
    vehicle::actions::hold_all(tx, &ids).await?;
    let holdings = holder::actions::of(tx, &ids).await?;
    let rides = rides(tx, drafts).await?;
    let mut outcomes: Vec<Option<Outcome>> =
        drafts.iter().map(|draft| draft.as_ref().err().cloned().map(Outcome::Refused)).collect();
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    for (place, draft) in drafts.iter().enumerate() {
        let Ok(new) = draft else { continue };
        let day = day_of(&new.content, &rides);
        let vehicle = whose(ctx, named.find(new, day), day, &holdings, new);
        match vehicle.and_then(|it| on_trip(new, it, &rides)) {
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

/// The day that says whose an expense is: that of its trip, else the first one of what was paid for, else
/// that of payment. A month's bill may come when the next one holds the vehicle.
fn day_of(content: &Content, rides: &BTreeMap<Uuid, Ride>) -> NaiveDate {
    let ride = content.trip_id.and_then(|id| rides.get(&id));
    let paid_for = || content.service.map_or(content.occurred_on, |service| service.from);
    ride.map_or_else(paid_for, |ride| today(ride.depart_time))
}

/// The vehicle as who held it on the day had it, if the caller may write for him. Who may not is told
/// nothing of the vehicle, unless it was or is his.
fn whose(
    ctx: &Ctx,
    vehicle: Option<&Vehicle>,
    day: NaiveDate,
    holdings: &Holdings,
    new: &New,
) -> Result<Vehicle, Violation> {
    let vehicle = vehicle.ok_or_else(|| refuse(new, &VEHICLE_UNKNOWN))?;
    let then = holdings.vehicle_on(vehicle, day);
    if ctx.scope().covers(&then.organization, &then.region) {
        return Ok(then);
    }
    let own = holdings.any(vehicle.id, |it| ctx.scope().covers(&it.organization, &it.region));
    Err(refuse(new, if own { &VEHICLE_NOT_THEN } else { &VEHICLE_UNKNOWN }))
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
    checks::check(tx, ctx, made, &named.ids).await?;
    booked(tx, ctx, entries).await?;
    let events: Result<_> = made.iter().map(|it| wire::event(None, it)).collect();
    audit::record_all(tx, ctx, events?).await
}

/// The vehicles that drafts name, wherever they are.
struct Named {
    ids: BTreeMap<VehicleId, Vehicle>,
    /// All that have or had a plate.
    plates: BTreeMap<String, Vec<VehicleId>>,
}

impl Named {
    fn find(&self, new: &New, day: NaiveDate) -> Option<&Vehicle> {
        let by_plate = || self.plated(new.plate.as_ref()?, day);
        match new.vehicle_id {
            Some(id) => self.ids.get(&id),
            None => by_plate(),
        }
    }

    /// Of those that bear or bore a plate the one of the day, rather one whose plate it is still; else the
    /// one that bore it last before; else the first one.
    fn plated(&self, plate: &Plate, day: NaiveDate) -> Option<&Vehicle> {
        let all = self.plates.get(plate.as_str()).into_iter().flatten();
        let all = all.filter_map(|id| self.ids.get(id));
        let all: Vec<_> = all.filter_map(|it| Some((it, it.borne(plate.as_str())?))).collect();
        let before = || all.iter().filter(|(_, borne)| borne.from <= day);
        let last = before().max_by_key(|(_, borne)| (borne.last.is_none(), borne.last));
        let then = before().filter(|(_, borne)| borne.last.is_none_or(|last| day <= last));
        let then = then.min_by_key(|(_, borne)| (!borne.present, borne.last.is_none(), borne.last));
        let first = || all.iter().min_by_key(|(_, borne)| borne.from);
        then.or(last).or_else(first).map(|(vehicle, _)| *vehicle)
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
    let found = vehicle::actions::among(tx, &ids, &plates).await?;
    let mut by_plate: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for it in &found {
        let former = it.former_plates.iter().map(|former| &former.plate);
        for plate in former.chain([&it.content.plate]) {
            by_plate.entry(plate.as_str().to_owned()).or_default().push(it.id);
        }
    }
    let ids = found.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect();
    Ok(Named { ids, plates: by_plate })
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
    let all = |reason: &Reason| !why.is_empty() && why.iter().all(|fault| fault.reason == reason);
    if all(&ENTRY_ALREADY_POSTED) {
        Outcome::Duplicate(None)
    } else if all(&ENTRY_CONFLICT) {
        Outcome::Conflict(why)
    } else {
        Outcome::Refused(why)
    }
}

fn refuse(new: &New, reason: &'static Reason) -> Violation {
    let field = if new.vehicle_id.is_some() { "vehicle_id" } else { "plate" };
    let message = if *reason == VEHICLE_NOT_THEN {
        "another organization held the vehicle then"
    } else {
        "no such vehicle within the grants"
    };
    Violation { field: field.to_owned(), reason, message: message.to_owned() }
}
