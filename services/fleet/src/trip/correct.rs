//! Putting right what was misread or mistyped of a trip, and taking back what never happened.

use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;

use super::{
    Asked, Correction, DRIVER_FOREIGN, DRIVER_OUT, Kind, ODOMETER_BACKWARDS, RETURN_EARLY, State,
    TRIP_STATE, TRIP_THERE, Trip, Window, actions, judge, month, order, ride, store,
};
use crate::odometer::{self, TIME_IN_FUTURE};
use crate::{driver, vehicle};

/// What has happened, and can turn out to have happened otherwise, or not.
const HAPPENED: &[State] = &[State::Departed, State::Returned, State::Settled];

/// Corrects what was said of a trip, also of a settled one. Distances and what contradicts them follow.
///
/// Errors: those of [`actions::own`], `TRIP_STATE`, `TIME_IN_FUTURE`, `RETURN_EARLY`, `TRIP_THERE`,
/// `NOT_FOUND` (the driver), `DRIVER_FOREIGN`, `DRIVER_OUT`, `DRIVER_BOOKED`; as a warning
/// `ODOMETER_BACKWARDS`.
pub(super) async fn correct(tx: &mut Tx, ctx: &Ctx, asked: &Asked<Correction>) -> Result<Trip> {
    let old = actions::own(tx, ctx, asked).await?;
    actions::expect(&old, HAPPENED)?;
    let what = &asked.what;
    let back = what.end_odometer_m.is_some() || what.return_time.is_some();
    if back && old.return_time.is_none() {
        return Err(Error::new(&TRIP_STATE, "it has not returned"));
    }
    let mut new = Trip {
        depart_time: what.depart_time.or(old.depart_time),
        return_time: what.return_time.or(old.return_time),
        start_odometer_m: what.start_odometer_m.or(old.start_odometer_m),
        end_odometer_m: what.end_odometer_m.or(old.end_odometer_m),
        correction: what.reason.clone(),
        ..old.next(ctx.now())
    };
    check(ctx, &new)?;
    place_anew(tx, ctx, &old, &mut new, what).await?;
    if new.kind == Kind::Emergency && new.approval_due_on.is_some() {
        new.approval_due_on = ride::due(tx, &new).await?;
    }
    let vehicle = new.dispatch.as_ref().map(|it| it.vehicle);
    let vehicle = vehicle.ok_or_else(|| Error::internal("a trip departed without a vehicle"))?;
    let mut judged = beside(tx, &old).await?;
    let new = actions::keep(tx, ctx, &old, new).await?;
    let says: Vec<_> = [actions::start(&new), actions::end(&new)].into_iter().flatten().collect();
    let source = (odometer::Source::Trip, &*new.id.to_string());
    odometer::actions::put_right(tx, ctx, source, vehicle, &says).await?;
    judged.push(new.clone());
    month::stir(tx, std::slice::from_ref(&old)).await?;
    judge::judge(tx, ctx, &judged).await?;
    judge::judge_approval(tx, ctx, std::slice::from_ref(&new)).await?;
    Ok(new)
}

/// Holds the vehicle and the driver of a corrected trip, and books them as far as it is still out. What is
/// back keeps nothing from others: that it was out beside another trip is a finding.
async fn place_anew(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Trip,
    new: &mut Trip,
    what: &Correction,
) -> Result<()> {
    let Some(dispatch) = new.dispatch.as_mut() else { return Ok(()) };
    let changed = what.driver.filter(|driver| dispatch.driver != Some(*driver));
    order::hold(tx, dispatch).await?;
    if let Some(id) = changed {
        let driver = driver::actions::hold(tx, &ctx.sight(), id).await?;
        let theirs = [&new.organization, &dispatch.holder].contains(&&driver.organization);
        let mut fields = Fields::new();
        if !theirs && !new.imported {
            fields.refuse("driver_id", &DRIVER_FOREIGN, "belongs to neither of the organizations");
        }
        fields.finish()?;
        dispatch.driver = Some(id);
    }
    if new.imported {
        return place_past(tx, old, new).await;
    }
    if new.state != State::Departed {
        let until = new.return_time.filter(|_| changed.is_none());
        new.booked = until.and_then(|until| old.booked.and_then(|booked| booked.before(until)));
        return Ok(());
    }
    if changed.is_some() && store::out(tx, new).await?.driver {
        return Err(Error::new(&DRIVER_OUT, "the driver has not returned from another trip"));
    }
    match new.booked {
        Some(booked) => order::book(tx, new, booked).await,
        None => Ok(()),
    }
}

/// The window of a trip of before is when it was; it is there once.
async fn place_past(tx: &mut Tx, old: &Trip, new: &mut Trip) -> Result<()> {
    let window = new.depart_time.zip(new.return_time);
    let Some(window) = window.and_then(|(from, until)| Window::new(from, until)) else {
        return Ok(());
    };
    let vehicle = new.dispatch.as_ref().map(|it| it.vehicle);
    if let (true, Some(vehicle)) = (window != old.plan.window, vehicle)
        && store::imported(tx, vehicle, window).await?.is_some()
    {
        return Err(Error::new(&TRIP_THERE, "another trip of that vehicle was at that time"));
    }
    new.plan.window = window;
    Ok(())
}

/// Refuses times that cannot be; warns of a trip in which the odometer goes backwards.
fn check(ctx: &Ctx, trip: &Trip) -> Result<()> {
    let mut fields = Fields::new();
    for (at, time) in [("depart_time", trip.depart_time), ("return_time", trip.return_time)] {
        if time.is_some_and(|time| time > ctx.now()) {
            fields.refuse(at, &TIME_IN_FUTURE, "is to come");
        }
    }
    if let Some((depart, back)) = trip.depart_time.zip(trip.return_time)
        && back <= depart
    {
        fields.refuse("return_time", &RETURN_EARLY, "is not after the departure");
    }
    if let Some((start, end)) = trip.start_odometer_m.zip(trip.end_odometer_m)
        && end < start
    {
        let message = format!("is {end}, after {start} before");
        fields.warn(ctx.accept_warnings(), "end_odometer_m", &ODOMETER_BACKWARDS, message);
    }
    fields.finish()
}

/// The trips of which something else is seen once a trip is not where it was: those that were out beside it,
/// and the next one of the vehicle.
async fn beside(tx: &mut Tx, old: &Trip) -> Result<Vec<Trip>> {
    let mut beside = match old.actual() {
        Some(window) => store::alongside(tx, old, window).await?,
        None => Vec::new(),
    };
    let next = store::next(tx, old).await?;
    beside.extend(next.filter(|next| beside.iter().all(|it| it.id != next.id)));
    Ok(beside)
}

/// Takes back a trip that was said to have happened and never did. The row stays; what it kept, what it
/// read and what was found about it goes.
///
/// Errors: those of [`actions::own`], `TRIP_STATE`.
pub(super) async fn void(tx: &mut Tx, ctx: &Ctx, asked: &Asked<String>) -> Result<Trip> {
    let old = actions::own(tx, ctx, asked).await?;
    actions::expect(&old, HAPPENED)?;
    let dispatch = old.dispatch.as_ref();
    let dispatch = dispatch.ok_or_else(|| Error::internal("a trip departed without a vehicle"))?;
    order::hold(tx, dispatch).await?;
    let judged = beside(tx, &old).await?;
    if let Some(approval) = old.approval.filter(|_| old.refuse_time.is_none()) {
        steward_approval::approval::cancel(tx, ctx, approval, &asked.what).await?;
    }
    let (state, note) = (State::Void, asked.what.clone());
    let new = Trip { state, note, booked: None, ..old.next(ctx.now()) };
    let new = actions::keep(tx, ctx, &old, new).await?;
    for vehicle in vehicle::actions::known(tx, &[dispatch.vehicle]).await?.values() {
        let (source, id) = (odometer::Source::Trip, new.id.to_string());
        odometer::actions::take_back(tx, ctx, vehicle, source, &id).await?;
    }
    judge::clear(tx, ctx, &old).await?;
    judge::judge(tx, ctx, &judged).await?;
    Ok(new)
}
