//! What can be done with trips: requesting, cancelling and reading. Dispatch is in `order.rs`, departure
//! to settling in `ride.rs`, what becomes of a decision in `decide.rs`, trips of before in `history.rs`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use steward_approval::Submission;
use steward_chassis::resource::{not_found, stale, writable};
use steward_chassis::{Ctx, Error, Fields, Result, audit, calendar, scope};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::{Named as _, RegionCode};
use uuid::Uuid;

use super::{
    Asked, HOLIDAY_SEALED, Kind, Listed, New, Place, Ride, State, TRIP_STATE, Trip, TripId,
    WINDOW_OVER, decide, rules, store, wire,
};
use crate::odometer;
use crate::vehicle::VehicleId;

/// At most so many characters of a title for people.
const MAX_TITLE: usize = 200;

/// Requests a trip.
///
/// Errors: `WINDOW_OVER`, `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`, `HOLIDAY_SEALED`, and those of submitting.
pub(super) async fn request(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Trip> {
    let region = scope::admit_one(tx, ctx, &new.organization).await?;
    let mut trip = made(ctx, new, region, Kind::Ordinary);
    refuse_over(ctx, &trip)?;
    refuse_sealed(tx, &trip).await?;
    submit(tx, ctx, &mut trip).await?;
    store::insert(tx, &trip).await?;
    audit::record(tx, ctx, wire::event(None, &trip)?).await?;
    Ok(trip)
}

/// A new trip of somebody who may write for its organization.
pub(super) fn made(ctx: &Ctx, new: &New, region: RegionCode, kind: Kind) -> Trip {
    Trip {
        id: TripId::new(ctx.now()),
        organization: new.organization.clone(),
        region,
        kind,
        state: State::Requested,
        plan: new.plan.clone(),
        requested_by: ctx.subject().to_owned(),
        dispatch: None,
        depart_time: None,
        return_time: None,
        start_odometer_m: None,
        end_odometer_m: None,
        approval: None,
        approve_time: None,
        approved: None,
        refuse_time: None,
        approval_due_on: None,
        booked: None,
        note: String::new(),
        correction: String::new(),
        imported: false,
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    }
}

/// Submits a trip for approval.
pub(super) async fn submit(tx: &mut Tx, ctx: &Ctx, trip: &mut Trip) -> Result<()> {
    let approval = steward_approval::approval::submit(tx, ctx, &submission(trip)).await?;
    trip.approval = Some(approval.id);
    Ok(())
}

/// What of a trip is approved.
pub(super) fn submission(trip: &Trip) -> Submission {
    let plan = &trip.plan;
    let (from, until) = (rules::clock(plan.window.from), rules::clock(plan.window.until));
    let (kind, what) = (decide::KIND.name, format!("{}(往{})", plan.purpose, plan.destination));
    let title = format!("{kind}:{from}至{until},{what}");
    Submission {
        kind: decide::KIND.code,
        category: trip.kind.text().to_owned(),
        organization: trip.organization.clone(),
        counterpart: None,
        resource: trip.resource(),
        title: title.chars().take(MAX_TITLE).collect(),
        money: None,
    }
}

/// Refuses a window that is over.
///
/// Errors: `WINDOW_OVER`.
pub(super) fn refuse_over(ctx: &Ctx, trip: &Trip) -> Result<()> {
    let mut fields = Fields::new();
    if trip.plan.window.until <= ctx.now() {
        fields.refuse("until_time", &WINDOW_OVER, "has passed");
    }
    fields.finish()
}

/// Refuses a window in sealed days or hours without a reason.
///
/// Errors: `HOLIDAY_SEALED`.
pub(super) async fn refuse_sealed(tx: &mut Tx, trip: &Trip) -> Result<()> {
    if trip.kind == Kind::Emergency || !trip.plan.holiday_reason.is_empty() {
        return Ok(());
    }
    let rules = rule::load(tx, &["holiday_sealing", "night_use"]).await?;
    let (calendar, place) = (calendar::load(tx).await?, place(tx, trip).await?);
    match rules::sealed(&rules, &calendar, &place, trip.plan.window) {
        None => Ok(()),
        Some(sealed) => {
            let message = format!("the window touches a sealed time of {}", sealed.day());
            Err(Error::new(&HOLIDAY_SEALED, message))
        }
    }
}

/// Where and for whom rules are asked.
pub(super) async fn place(tx: &mut Tx, trip: &Trip) -> Result<Place> {
    let kind = scope::store::kind(tx, &trip.organization).await?;
    Ok(Place { region: trip.region.clone(), kind })
}

/// Cancels a trip that has not departed.
///
/// Errors: those of [`own`], `TRIP_STATE`, `NOT_REQUESTER`.
pub(super) async fn cancel(tx: &mut Tx, ctx: &Ctx, asked: &Asked<String>) -> Result<Trip> {
    let old = own(tx, ctx, asked).await?;
    expect(&old, &[State::Requested, State::Approved, State::Ordered])?;
    if let Some(approval) = old.approval {
        steward_approval::approval::cancel(tx, ctx, approval, &asked.what).await?;
    }
    let (state, note) = (State::Cancelled, asked.what.clone());
    keep(tx, ctx, &old, Trip { state, note, booked: None, ..old.next(ctx.now()) }).await
}

/// Keeps the next version of a trip, with its event.
///
/// Errors: `ETAG_STALE`, `VEHICLE_BOOKED`, `DRIVER_BOOKED`.
pub(super) async fn keep(tx: &mut Tx, ctx: &Ctx, old: &Trip, new: Trip) -> Result<Trip> {
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, &new).await? {
        return Err(stale("trip"));
    }
    audit::record(tx, ctx, wire::event(Some(old), &new)?).await?;
    Ok(new)
}

/// Refuses a trip in any other state.
///
/// Errors: `TRIP_STATE`.
pub(super) fn expect(trip: &Trip, states: &[State]) -> Result<()> {
    if states.contains(&trip.state) {
        return Ok(());
    }
    Err(Error::new(&TRIP_STATE, format!("the trip is {}", trip.state.text())))
}

/// The trip in the version that was read, if the caller may write for its organization.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`; `ETAG_STALE`.
pub(super) async fn own<T>(tx: &mut Tx, ctx: &Ctx, asked: &Asked<T>) -> Result<Trip> {
    let found = store::find(tx, &ctx.sight(), asked.id, ctx.today()).await?;
    let trip = writable(ctx, found, ("trip", asked.id), |it| (&it.organization, &it.region))?;
    current(trip, asked.version)
}

/// The trip in the version that was read, if the caller may see it.
///
/// Errors: `NOT_FOUND`, `ETAG_STALE`.
pub(super) async fn seen<T>(tx: &mut Tx, ctx: &Ctx, asked: &Asked<T>) -> Result<Trip> {
    let found = store::find(tx, &ctx.sight(), asked.id, ctx.today()).await?;
    current(found.ok_or_else(|| not_found("trip", asked.id))?, asked.version)
}

/// The trip in the version that was read, if the caller may write for its organization, or for the one
/// that gave it its vehicle.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`; `ETAG_STALE`.
pub(super) async fn handled<T>(tx: &mut Tx, ctx: &Ctx, asked: &Asked<T>) -> Result<Trip> {
    match store::find(tx, ctx.scope(), asked.id, ctx.today()).await? {
        Some(trip) if trip.dispatch.is_some() => current(trip, asked.version),
        _ => own(tx, ctx, asked).await,
    }
}

fn current(trip: Trip, version: i64) -> Result<Trip> {
    if trip.version == version { Ok(trip) } else { Err(stale("trip")) }
}

/// The trip, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: TripId) -> Result<Trip> {
    store::find(tx, ctx.scope(), id, ctx.today()).await?.ok_or_else(|| not_found("trip", id))
}

/// Trips within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Trip>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed, ctx.today()).await
}

/// The rides of vehicles that were under way between two instants.
pub(crate) async fn rides(
    tx: &mut Tx,
    vehicles: &[VehicleId],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Ride>> {
    let mut rides = Vec::new();
    for vehicles in vehicles.chunks(500) {
        rides.extend(store::rides(tx, vehicles, from, until).await?);
    }
    Ok(rides)
}

/// The rides of trips, as far as they have a vehicle: what was driven, else what it is ordered for.
pub(crate) async fn named(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Ride>> {
    let ids: Vec<_> = ids.iter().copied().collect();
    let mut named = BTreeMap::new();
    for ids in ids.chunks(500) {
        named.extend(store::named(tx, ids).await?);
    }
    Ok(named)
}

/// What the odometer showed when a trip departed.
pub(super) fn start(trip: &Trip) -> Option<odometer::New> {
    reading(trip, trip.depart_time, trip.start_odometer_m)
}

/// What the odometer showed when a trip returned.
pub(super) fn end(trip: &Trip) -> Option<odometer::New> {
    reading(trip, trip.return_time, trip.end_odometer_m)
}

fn reading(trip: &Trip, time: Option<DateTime<Utc>>, metres: Option<i64>) -> Option<odometer::New> {
    Some(odometer::New {
        vehicle_id: trip.dispatch.as_ref()?.vehicle,
        read_time: time?,
        odometer_m: metres?,
        source: odometer::Source::Trip,
        source_id: trip.id.to_string(),
        note: String::new(),
        replaced: false,
        whole_day: false,
    })
}
