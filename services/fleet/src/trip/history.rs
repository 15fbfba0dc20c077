//! Trips of before, as they were.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use steward_chassis::resource::not_found;
use steward_chassis::scope::SCOPE_DENIED;
use steward_chassis::{Ctx, Error, Fields, Result, audit, scope};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use super::{Dispatch, Past, State, TRIP_THERE, Trip, actions, judge, store, wire};
use crate::cost::begin;
use crate::holder::{self, Holdings};
use crate::vehicle::{self, VehicleId};
use crate::{driver, odometer};

/// Imports trips, and finds what is odd about them once all are there. One that is there already is
/// answered as it is, and its place told.
///
/// Errors: `TRIP_THERE`, `NOT_FOUND`, `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`.
pub(super) async fn import(
    tx: &mut Tx,
    ctx: &Ctx,
    asked: &[Past],
) -> Result<(Vec<Trip>, Vec<i32>)> {
    let organizations: BTreeSet<_> = asked.iter().map(|it| it.new.organization.clone()).collect();
    for organization in &organizations {
        scope::admit_one(tx, ctx, organization).await?;
    }
    let regions = scope::admit(tx, &organizations).await?;
    let vehicles: BTreeSet<_> = asked.iter().map(|it| it.vehicle).collect();
    let vehicles: Vec<_> = vehicles.into_iter().collect();
    // Of two imports at once the later sees what the earlier told of them.
    vehicle::actions::hold_all(tx, &vehicles).await?;
    let holdings = holder::actions::of(tx, &vehicles).await?;
    let drivers: BTreeSet<_> = asked.iter().filter_map(|it| it.driver).collect();
    for driver in drivers {
        driver::actions::hold(tx, &ctx.sight(), driver).await?;
    }
    let (mut answered, mut trips) = (Vec::with_capacity(asked.len()), Vec::new());
    let (mut there, mut fields) = (Vec::new(), Fields::new());
    let mut events = Vec::with_capacity(asked.len());
    for (place, past) in (0..).zip(asked) {
        let organization = &past.new.organization;
        let region = regions.get(organization).cloned().ok_or_else(|| {
            Error::new(&SCOPE_DENIED, format!("organization {organization} lies outside"))
        })?;
        let trip = made(ctx, past, region, holder(ctx, &holdings, past)?);
        if let Some(old) = store::imported(tx, past.vehicle, past.new.plan.window).await? {
            if !is_same(&old, &trip) {
                let message = format!("trip {} of that vehicle and time says otherwise", old.id);
                fields.refuse(&format!("trips[{place}]"), &TRIP_THERE, message);
            }
            answered.push(old);
            there.push(place);
            continue;
        }
        store::insert(tx, &trip).await?;
        events.push(wire::event(None, &trip)?);
        answered.push(trip.clone());
        trips.push(trip);
    }
    fields.finish()?;
    audit::record_all(tx, ctx, events).await?;
    let ends = trips.iter().flat_map(|it| [actions::start(it), actions::end(it)]);
    odometer::actions::note(tx, ctx, &ends.flatten().collect::<Vec<_>>()).await?;
    judge::judge(tx, ctx, &trips).await?;
    Ok((answered, there))
}

/// Tells trips of before from a day on who held their vehicle: it was handed over on that day, and that
/// is told only now. A trip that was ordered keeps who gave the vehicle.
pub(crate) async fn again(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: VehicleId,
    from: NaiveDate,
) -> Result<()> {
    let holdings = holder::actions::of(tx, &[vehicle]).await?;
    let mut moved = Vec::new();
    for old in store::imported_from(tx, vehicle, begin(from)).await? {
        let holding = holdings.on(vehicle, old.plan.window.first_day());
        let Some((dispatch, holding)) = old.dispatch.as_ref().zip(holding) else { continue };
        let holder = holding.whose.organization.clone();
        if holder != dispatch.holder {
            let dispatch = Some(Dispatch { holder, ..dispatch.clone() });
            let new = Trip { dispatch, ..old.next(ctx.now()) };
            moved.push(actions::keep(tx, ctx, &old, new).await?);
        }
    }
    judge::judge(tx, ctx, &moved).await
}

/// Who held the vehicle of a trip on the day of its departure, if the caller may write for him.
///
/// Errors: `NOT_FOUND`.
fn holder(ctx: &Ctx, holdings: &Holdings, past: &Past) -> Result<OrganizationCode> {
    let holding = holdings.on(past.vehicle, past.new.plan.window.first_day());
    let whose = holding.map(|it| &it.whose);
    let whose = whose.filter(|it| ctx.scope().covers(&it.organization, &it.region));
    let whose = whose.ok_or_else(|| not_found("vehicle", past.vehicle))?;
    Ok(whose.organization.clone())
}

fn made(ctx: &Ctx, past: &Past, region: RegionCode, holder: OrganizationCode) -> Trip {
    Trip {
        state: State::Settled,
        dispatch: Some(Dispatch {
            vehicle: past.vehicle,
            driver: past.driver,
            holder,
            number: past.number.clone(),
        }),
        depart_time: Some(past.new.plan.window.from),
        return_time: Some(past.new.plan.window.until),
        start_odometer_m: past.start_odometer_m,
        end_odometer_m: past.end_odometer_m,
        note: past.note.clone(),
        imported: true,
        ..actions::made(ctx, &past.new, region, past.kind)
    }
}

/// Whether a trip that is there already says the same.
fn is_same(there: &Trip, trip: &Trip) -> bool {
    let said = |it: &Trip| {
        let driver = it.dispatch.as_ref().and_then(|dispatch| dispatch.driver);
        (it.organization.clone(), driver, it.start_odometer_m, it.end_odometer_m)
    };
    said(there) == said(trip)
}
