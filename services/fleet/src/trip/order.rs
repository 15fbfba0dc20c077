//! Dispatch: giving a trip its vehicle and its driver, and moving it. The rows of both are held, the
//! vehicle's first, so that of two trips at once the later sees what the earlier took.

use steward_approval::approval::NOT_REQUESTER;
use steward_chassis::resource::not_found;
use steward_chassis::scope::{SCOPE_DENIED, Scope};
use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::RegionPattern;

use super::rules::{Car, DIVERTED, check_driver, check_papers, check_vehicle, serves};
use super::{
    Asked, DRIVER_BOOKED, Dispatch, Move, Order, State, TRIP_STATE, Trip, VEHICLE_BOOKED,
    WINDOW_MALFORMED, Window, actions, judge, store,
};
use crate::driver::{self, Driver};
use crate::establishment::{self, Key};
use crate::vehicle::{self, Vehicle};

/// Orders an approved trip: who uses the vehicle does, or who gives it.
///
/// Errors: those of [`actions::seen`] and [`assign`], `TRIP_STATE`.
pub(super) async fn order(tx: &mut Tx, ctx: &Ctx, asked: &Asked<Order>) -> Result<Trip> {
    let old = actions::seen(tx, ctx, asked).await?;
    actions::expect(&old, &[State::Approved])?;
    let mut new = Trip { state: State::Ordered, ..old.next(ctx.now()) };
    assign(tx, ctx, &mut new, &asked.what).await?;
    actions::keep(tx, ctx, &old, new).await
}

/// Gives a trip its vehicle and its driver for its window, if both fit and are free.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `VEHICLE_BOOKED`, `DRIVER_BOOKED`, and what does not fit.
pub(super) async fn assign(tx: &mut Tx, ctx: &Ctx, trip: &mut Trip, order: &Order) -> Result<()> {
    let vehicle = vehicle::actions::hold(tx, order.vehicle).await?;
    let before = trip.dispatch.as_ref();
    if before.is_none_or(|before| before.vehicle != vehicle.id) {
        may_give(tx, ctx, trip, &vehicle).await?;
    }
    // The driver that it has is known to who gave him.
    let has = before.and_then(|before| before.driver) == Some(order.driver);
    let scope = if has { Scope::of(RegionPattern::All) } else { ctx.sight() };
    let driver = driver::actions::hold(tx, &scope, order.driver).await?;
    check(tx, ctx, trip, &vehicle, Some(&driver)).await?;
    trip.dispatch = Some(Dispatch {
        vehicle: vehicle.id,
        driver: Some(driver.id),
        holder: vehicle.organization,
        number: order.number.clone(),
    });
    let window = trip.plan.window;
    book(tx, trip, window).await
}

/// Refuses a vehicle that the caller may not give to a trip. Who holds it may; who uses it may have what
/// serves him, his own or a pool's, whose holder agreed by making it one.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
async fn may_give(tx: &mut Tx, ctx: &Ctx, trip: &Trip, vehicle: &Vehicle) -> Result<()> {
    let covers = |scope: &Scope| scope.covers(&vehicle.organization, &vehicle.region);
    let uses = ctx.scope().covers(&trip.organization, &trip.region);
    if covers(ctx.scope()) || (uses && serves(trip, &car(tx, trip, vehicle).await?)) {
        return Ok(());
    }
    if covers(&ctx.sight()) {
        let message = format!("vehicle {} lies outside the grants", vehicle.id);
        return Err(Error::new(&SCOPE_DENIED, message));
    }
    Err(not_found("vehicle", vehicle.id))
}

/// What a trip needs to know of a vehicle.
async fn car(tx: &mut Tx, trip: &Trip, vehicle: &Vehicle) -> Result<Car> {
    let window = trip.plan.window;
    Ok(Car::new(vehicle, is_granted(tx, vehicle, window).await?))
}

/// Whether the holder of a vehicle was granted its category as a pool for all of a time, if that matters.
pub(super) async fn is_granted(tx: &mut Tx, vehicle: &Vehicle, window: Window) -> Result<bool> {
    if !vehicle.content.pool {
        return Ok(false);
    }
    let (organization, category) = (vehicle.organization.clone(), vehicle.content.category);
    let days = (window.first_day(), window.last_day());
    establishment::actions::is_pool(tx, &Key { organization, category }, days).await
}

/// Holds the vehicle and the driver of a trip, the vehicle first, so that of two who want them the later
/// sees the earlier. That they were given to it is enough to have them for it.
///
/// Errors: `NOT_FOUND`.
pub(super) async fn hold(tx: &mut Tx, dispatch: &Dispatch) -> Result<(Vehicle, Option<Driver>)> {
    let vehicle = vehicle::actions::hold(tx, dispatch.vehicle).await?;
    let everywhere = Scope::of(RegionPattern::All);
    let driver = match dispatch.driver {
        None => None,
        Some(driver) => Some(driver::actions::hold(tx, &everywhere, driver).await?),
    };
    Ok((vehicle, driver))
}

/// Refuses a vehicle and a driver that do not fit a trip for the whole of its window.
///
/// Errors: `VEHICLE_NOT_HELD`, `VEHICLE_FOREIGN`, `VEHICLE_KEPT`, `SEATS_TOO_FEW`, `DRIVER_LEFT`,
/// `DRIVER_FOREIGN`, `LICENCE_EXPIRED`, `LICENCE_CLASS_UNFIT`; as warnings `INSPECTION_LAPSES`,
/// `INSURANCE_LAPSES`.
pub(super) async fn check(
    tx: &mut Tx,
    ctx: &Ctx,
    trip: &Trip,
    vehicle: &Vehicle,
    driver: Option<&Driver>,
) -> Result<()> {
    let car = car(tx, trip, vehicle).await?;
    let rules = rule::load(tx, &["driving_licence", DIVERTED]).await?;
    let place = actions::place(tx, trip).await?;
    let mut fields = Fields::new();
    check_vehicle(&mut fields, &rules, &place, trip, &car);
    check_papers(&mut fields, ctx.accept_warnings(), trip, &car);
    if let Some(driver) = driver {
        check_driver(&mut fields, &rules, &place, trip, &car, driver);
    }
    fields.finish()
}

/// Books the vehicle and the driver of a trip for a window.
///
/// Errors: `VEHICLE_BOOKED`, `DRIVER_BOOKED`.
pub(super) async fn book(tx: &mut Tx, trip: &mut Trip, window: Window) -> Result<()> {
    let clash = store::booked_in(tx, trip, window).await?;
    let mut fields = Fields::new();
    if clash.vehicle {
        fields.refuse("vehicle_id", &VEHICLE_BOOKED, "is on another trip at that time");
    }
    if clash.driver {
        fields.refuse("driver_id", &DRIVER_BOOKED, "is on another trip at that time");
    }
    fields.finish()?;
    trip.booked = Some(window);
    Ok(())
}

/// Moves a trip. Beyond what was approved it is to be approved anew.
///
/// Errors: those of [`actions::handled`] and [`assign`], `TRIP_STATE`, `WINDOW_MALFORMED`, `WINDOW_OVER`,
/// `HOLIDAY_SEALED`, `NOT_REQUESTER`, and those of submitting.
pub(super) async fn shift(tx: &mut Tx, ctx: &Ctx, asked: &Asked<Move>) -> Result<Trip> {
    let old = actions::handled(tx, ctx, asked).await?;
    let what = &asked.what;
    may_move(tx, &old, what).await?;
    let mut new = old.next(ctx.now());
    let mut fields = Fields::new();
    let window = moved(&old, what);
    if window.is_none() {
        fields.refuse("until_time", &WINDOW_MALFORMED, "is no end of such a window");
    }
    new.plan.window = fields.finish_with(window)?;
    if !what.holiday_reason.is_empty() {
        new.plan.holiday_reason.clone_from(&what.holiday_reason);
    }
    if old.state != State::Departed {
        actions::refuse_over(ctx, &new)?;
        actions::refuse_sealed(tx, &new).await?;
    }
    match &old.dispatch {
        None => {}
        Some(before) if old.state == State::Departed => prolong(tx, ctx, &mut new, before).await?,
        Some(before) => {
            let order = Order {
                vehicle: what.vehicle.unwrap_or(before.vehicle),
                driver: what.driver.or(before.driver).ok_or_else(|| unready("driver"))?,
                number: before.number.clone(),
            };
            assign(tx, ctx, &mut new, &order).await?;
        }
    }
    approve_anew(tx, ctx, &old, &mut new).await?;
    let new = actions::keep(tx, ctx, &old, new).await?;
    if new.state == State::Departed {
        judge::judge(tx, ctx, std::slice::from_ref(&new)).await?;
    }
    Ok(new)
}

/// Has a trip approved that is not any more what was approved: what the approver has not seen yet is
/// changed before him, what he has approved is requested again. In both cases only by the requester, since
/// nobody else is kept from approving it.
///
/// Errors: `NOT_REQUESTER`, and those of submitting.
async fn approve_anew(tx: &mut Tx, ctx: &Ctx, old: &Trip, new: &mut Trip) -> Result<()> {
    let Some(approval) = old.approval else { return Ok(()) };
    if old.state == State::Requested {
        steward_approval::approval::amend(tx, ctx, approval, &actions::submission(new)).await?;
        return Ok(());
    }
    let window = new.plan.window;
    let beyond = old.approved.is_none_or(|approved| !approved.contains(window))
        || old.plan.holiday_reason != new.plan.holiday_reason;
    if old.state == State::Departed || !beyond {
        return Ok(());
    }
    if ctx.subject() != old.requested_by {
        return Err(Error::new(&NOT_REQUESTER, "it moves beyond what was approved"));
    }
    steward_approval::approval::cancel(tx, ctx, approval, "改期,重新报批").await?;
    (new.state, new.approve_time, new.approved) = (State::Requested, None, None);
    actions::submit(tx, ctx, new).await
}

/// Books what a trip that is out has for the rest of its new window.
async fn prolong(tx: &mut Tx, ctx: &Ctx, new: &mut Trip, dispatch: &Dispatch) -> Result<()> {
    let (vehicle, driver) = hold(tx, dispatch).await?;
    check(tx, ctx, new, &vehicle, driver.as_ref()).await?;
    let from = new.booked.map_or(new.plan.window.from, |booked| booked.from);
    let window = Window::new(from, new.plan.window.until).ok_or_else(|| unready("window"))?;
    book(tx, new, window).await
}

/// The window that is asked for, if it is one. Only the end of a window moves that has begun.
fn moved(old: &Trip, what: &Move) -> Option<Window> {
    let window = old.plan.window;
    let asked = Window::new(what.from.unwrap_or(window.from), what.until.unwrap_or(window.until))?;
    let begun = old.booked.map_or(window.from, |booked| booked.from);
    let later = old.state != State::Departed || asked.until > begun;
    (asked.fits() && later).then_some(asked)
}

/// Refuses what does not move any more, or not yet.
///
/// Errors: `TRIP_STATE`.
async fn may_move(tx: &mut Tx, trip: &Trip, what: &Move) -> Result<()> {
    let driven = what.vehicle.is_some() || what.driver.is_some();
    if driven && trip.dispatch.is_none() {
        return Err(unready("vehicle"));
    }
    match (trip.state, trip.approval) {
        (State::Approved | State::Ordered, _) => Ok(()),
        (State::Departed, _) if !driven && what.from.is_none() => Ok(()),
        (State::Requested, Some(approval)) => {
            match steward_approval::approval::find(tx, approval).await?.state {
                steward_approval::State::Returned => Ok(()),
                _ => Err(unready("approval")),
            }
        }
        _ => Err(unready("trip")),
    }
}

fn unready(what: &str) -> Error {
    Error::new(&TRIP_STATE, format!("the {what} is not so far, or farther"))
}
