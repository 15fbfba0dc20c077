//! From departure to settling.

use chrono::{DateTime, NaiveDate, Utc};
use steward_approval::approval::NOT_REQUESTER;
use steward_chassis::{Ctx, Error, Fields, Result, audit, calendar, scope};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::{WorkingCalendar, today};

use super::{
    Asked, DEPARTURE_OFF_WINDOW, DRIVER_OUT, Emergency, Kind, ODOMETER_BACKWARDS, RETURN_EARLY,
    Reading, State, TRIP_STATE, TRIP_UNAPPROVED, Trip, VEHICLE_OUT, Window, actions, judge, order,
    store, wire,
};
use crate::odometer::{self, TIME_IN_FUTURE};

/// Says that an ordered trip departed.
///
/// Errors: those of [`actions::handled`], [`order::check`] and [`leave`], `TRIP_STATE`.
pub(super) async fn depart(tx: &mut Tx, ctx: &Ctx, asked: &Asked<Reading>) -> Result<Trip> {
    let old = actions::handled(tx, ctx, asked).await?;
    actions::expect(&old, &[State::Ordered])?;
    let mut new = old.next(ctx.now());
    if let Some(dispatch) = &old.dispatch {
        // What fitted when it was ordered may not any more: a licence has lapsed, a vehicle has gone.
        let (vehicle, driver) = order::hold(tx, dispatch).await?;
        order::check(tx, ctx, &old, &vehicle, driver.as_ref()).await?;
    }
    leave(tx, ctx, &mut new, asked.what).await?;
    let new = actions::keep(tx, ctx, &old, new).await?;
    odometer::actions::note(tx, ctx, actions::start(&new).as_slice()).await?;
    judge::judge(tx, ctx, std::slice::from_ref(&new)).await?;
    Ok(new)
}

/// Sends a trip out whose vehicle and driver are held.
///
/// Errors: `TIME_IN_FUTURE`, `DEPARTURE_OFF_WINDOW`, `VEHICLE_OUT`, `DRIVER_OUT`, `VEHICLE_BOOKED`,
/// `DRIVER_BOOKED`; as a warning `ODOMETER_BACKWARDS`.
async fn leave(tx: &mut Tx, ctx: &Ctx, trip: &mut Trip, reading: Reading) -> Result<()> {
    let time = past(ctx, "depart_time", reading.time)?;
    let planned = trip.plan.window;
    if !(planned.first_day()..=planned.last_day()).contains(&today(time)) {
        return Err(Error::new(&DEPARTURE_OFF_WINDOW, "it is planned for other days"));
    }
    let out = store::out(tx, trip).await?;
    let mut fields = Fields::new();
    if out.vehicle {
        fields.refuse("id", &VEHICLE_OUT, "its vehicle has not returned from another trip");
    }
    if out.driver {
        fields.refuse("id", &DRIVER_OUT, "its driver has not returned from another trip");
    }
    fields.finish()?;
    // Early it may leave where nobody else has planned with it.
    let window = Window { from: planned.from.min(time), ..planned };
    order::book(tx, trip, window).await?;
    trip.state = State::Departed;
    trip.depart_time = Some(time);
    trip.start_odometer_m = Some(reading.odometer_m);
    check_odometer(tx, ctx, trip, Reading { time: Some(time), ..reading }).await
}

/// Warns of an odometer that shows less than before.
async fn check_odometer(tx: &mut Tx, ctx: &Ctx, trip: &Trip, reading: Reading) -> Result<()> {
    let metres = reading.odometer_m;
    let before = match trip.dispatch.as_ref().zip(reading.time) {
        None => None,
        Some((it, time)) => odometer::actions::before(tx, it.vehicle, time).await?,
    };
    let mut fields = Fields::new();
    if let Some(before) = before.filter(|before| metres < *before) {
        let message = format!("is {metres}, after {before} before");
        fields.warn(ctx.accept_warnings(), "odometer_m", &ODOMETER_BACKWARDS, message);
    }
    fields.finish()
}

/// A time that has come; now, if none is said.
///
/// Errors: `TIME_IN_FUTURE`.
fn past(ctx: &Ctx, field: &str, time: Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    let time = time.unwrap_or_else(|| ctx.now());
    let mut fields = Fields::new();
    if time > ctx.now() {
        fields.refuse(field, &TIME_IN_FUTURE, "is to come");
    }
    fields.finish_with(Some(time))
}

/// Says that a trip returned. What it kept beyond that is free again; that it was out longer than planned
/// takes nothing from others.
///
/// Errors: those of [`actions::handled`], `TRIP_STATE`, `TIME_IN_FUTURE`, `RETURN_EARLY`; as a warning
/// `ODOMETER_BACKWARDS`.
pub(super) async fn come_back(tx: &mut Tx, ctx: &Ctx, asked: &Asked<Reading>) -> Result<Trip> {
    let old = actions::handled(tx, ctx, asked).await?;
    actions::expect(&old, &[State::Departed])?;
    let time = past(ctx, "return_time", asked.what.time)?;
    let mut fields = Fields::new();
    if old.depart_time.is_some_and(|depart| time <= depart) {
        fields.refuse("return_time", &RETURN_EARLY, "is not after the departure");
    }
    fields.finish()?;
    check_odometer(tx, ctx, &old, Reading { time: Some(time), ..asked.what }).await?;
    let new = Trip {
        state: State::Returned,
        return_time: Some(time),
        end_odometer_m: Some(asked.what.odometer_m),
        booked: old.booked.and_then(|booked| booked.before(time)),
        ..old.next(ctx.now())
    };
    let new = actions::keep(tx, ctx, &old, new).await?;
    odometer::actions::note(tx, ctx, actions::end(&new).as_slice()).await?;
    judge::judge(tx, ctx, std::slice::from_ref(&new)).await?;
    Ok(new)
}

/// Settles a returned trip. An emergency that was refused is settled too: it has happened, and stays a
/// finding.
///
/// Errors: those of [`actions::own`], `TRIP_STATE`, `TRIP_UNAPPROVED`.
pub(super) async fn settle(tx: &mut Tx, ctx: &Ctx, asked: &Asked<String>) -> Result<Trip> {
    let old = actions::own(tx, ctx, asked).await?;
    actions::expect(&old, &[State::Returned])?;
    let waits = old.approve_time.is_none() && old.refuse_time.is_none();
    if old.kind == Kind::Emergency && waits {
        return Err(Error::new(&TRIP_UNAPPROVED, "the emergency trip waits for its approval"));
    }
    let (state, note) = (State::Settled, asked.what.clone());
    actions::keep(tx, ctx, &old, Trip { state, note, ..old.next(ctx.now()) }).await
}

/// Sends a vehicle out in an emergency, to be approved afterwards.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`, those of [`order::assign`], of [`leave`] and of
/// submitting.
pub(super) async fn start(tx: &mut Tx, ctx: &Ctx, asked: &Emergency) -> Result<Trip> {
    let region = scope::admit_one(tx, ctx, &asked.new.organization).await?;
    let mut trip = actions::made(ctx, &asked.new, region, Kind::Emergency);
    order::assign(tx, ctx, &mut trip, &asked.order).await?;
    leave(tx, ctx, &mut trip, asked.reading).await?;
    trip.approval_due_on = due(tx, &trip).await?;
    actions::submit(tx, ctx, &mut trip).await?;
    store::insert(tx, &trip).await?;
    audit::record(tx, ctx, wire::event(None, &trip)?).await?;
    odometer::actions::note(tx, ctx, actions::start(&trip).as_slice()).await?;
    let started = std::slice::from_ref(&trip);
    judge::judge(tx, ctx, started).await?;
    // One that is told of days later may be late already.
    judge::judge_approval(tx, ctx, started).await?;
    Ok(trip)
}

/// Asks anew for the approval of an emergency trip that was refused. Only its requester does, since nobody
/// else is kept from approving it.
///
/// Errors: those of [`actions::own`], `TRIP_STATE`, `NOT_REQUESTER`, and those of submitting.
pub(super) async fn resubmit(tx: &mut Tx, ctx: &Ctx, asked: &Asked<String>) -> Result<Trip> {
    let old = actions::own(tx, ctx, asked).await?;
    actions::expect(&old, &[State::Departed, State::Returned])?;
    if old.refuse_time.is_none() {
        return Err(Error::new(&TRIP_STATE, "its approval was not refused"));
    }
    if ctx.subject() != old.requested_by {
        return Err(Error::new(&NOT_REQUESTER, "somebody else requested it"));
    }
    let note = asked.what.clone();
    let mut new = Trip { refuse_time: None, note, ..old.next(ctx.now()) };
    actions::submit(tx, ctx, &mut new).await?;
    let new = actions::keep(tx, ctx, &old, new).await?;
    judge::judge_approval(tx, ctx, std::slice::from_ref(&new)).await?;
    Ok(new)
}

/// By when an emergency trip is to be approved, counted from its departure; `None` where no rule says so.
pub(super) async fn due(tx: &mut Tx, trip: &Trip) -> Result<Option<NaiveDate>> {
    let Some(day) = trip.depart_time.map(today) else { return Ok(None) };
    let place = actions::place(tx, trip).await?;
    let rules = rule::load(tx, &["trip_unapproved"]).await?;
    let days = rules.find("trip_unapproved", "", &place.region, place.kind.as_deref(), day);
    let Some(days) = days.and_then(|rule| u32::try_from(rule.value).ok()) else {
        return Ok(None);
    };
    let calendar = calendar::load(tx).await?;
    let days = days.min(WorkingCalendar::MOST);
    Ok(Some(calendar.nth_working_day_after(day, days).map_or(day, |due| due.date)))
}
