//! Putting right what was misread or mistyped of the odometer.

use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;

use super::{Asked, Correction, ODOMETER_BACKWARDS, State, TRIP_STATE, Trip, actions, judge};
use crate::odometer;

/// Corrects the readings of a trip, also of a settled one. Distances and what contradicts them follow.
///
/// Errors: those of [`actions::own`], `TRIP_STATE`; as a warning `ODOMETER_BACKWARDS`.
pub(super) async fn correct(tx: &mut Tx, ctx: &Ctx, asked: &Asked<Correction>) -> Result<Trip> {
    let old = actions::own(tx, ctx, asked).await?;
    actions::expect(&old, &[State::Departed, State::Returned, State::Settled])?;
    let what = &asked.what;
    if what.end_odometer_m.is_some() && old.return_time.is_none() {
        return Err(Error::new(&TRIP_STATE, "it has not returned"));
    }
    let new = Trip {
        start_odometer_m: what.start_odometer_m.or(old.start_odometer_m),
        end_odometer_m: what.end_odometer_m.or(old.end_odometer_m),
        correction: what.reason.clone(),
        ..old.next(ctx.now())
    };
    check(ctx, &new)?;
    let vehicle = new.dispatch.as_ref().map(|it| it.vehicle);
    let vehicle = vehicle.ok_or_else(|| Error::internal("a trip departed without a vehicle"))?;
    let new = actions::keep(tx, ctx, &old, new).await?;
    let says: Vec<_> = [actions::start(&new), actions::end(&new)].into_iter().flatten().collect();
    let source = (odometer::Source::Trip, &*new.id.to_string());
    odometer::actions::put_right(tx, ctx, source, vehicle, &says).await?;
    judge::judge(tx, ctx, std::slice::from_ref(&new)).await?;
    Ok(new)
}

/// Warns of a trip in which the odometer goes backwards.
fn check(ctx: &Ctx, trip: &Trip) -> Result<()> {
    let mut fields = Fields::new();
    if let Some((start, end)) = trip.start_odometer_m.zip(trip.end_odometer_m)
        && end < start
    {
        let message = format!("is {end}, after {start} before");
        fields.warn(ctx.accept_warnings(), "end_odometer_m", &ODOMETER_BACKWARDS, message);
    }
    fields.finish()
}
