//! Recording and retracting readings, and seeing which of them fit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, Utc};
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{SCOPE_DENIED, Scope};
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_kernel::{RegionPattern, today};

use super::rules::fitting;
use super::{
    BACKWARDS, Listed, New, READING_NOT_TYPED, READING_RETRACTED, READING_TAKEN, Reading,
    ReadingId, Retraction, Source, store, wire,
};
use crate::norm;
use crate::vehicle::{self, Vehicle};
use crate::watch::{Watch, Whose, resource};

/// Records a reading that somebody typed.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `READING_TAKEN`.
pub(super) async fn record(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Reading> {
    let vehicle = vehicle::actions::own(tx, ctx, new.vehicle_id).await?;
    vehicle::actions::hold_all(tx, &[vehicle.id]).await?;
    let made = reading(ctx, new);
    if store::taken(tx, &made).await? {
        return Err(Error::new(&READING_TAKEN, "the vehicle has this reading"));
    }
    store::insert(tx, std::slice::from_ref(&made)).await?;
    let fits = refit(tx, ctx, &vehicle, Some(made.read_time)).await?;
    let made = Reading { fits: fits.get(&made.id).copied().unwrap_or(true), ..made };
    audit::record(tx, ctx, wire::event(&vehicle, None, &made)?).await?;
    Ok(made)
}

/// Records readings that expenses or trips gave, whoever may see their vehicles.
///
/// Locks the vehicles, by id.
pub(crate) async fn note(tx: &mut Tx, ctx: &Ctx, new: &[New]) -> Result<()> {
    let ids: BTreeSet<_> = new.iter().map(|new| new.vehicle_id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = ids.into_iter().collect();
    vehicle::actions::hold_all(tx, &ids).await?;
    let made: Vec<_> = new.iter().map(|new| reading(ctx, new)).collect();
    store::insert(tx, &made).await?;
    let everywhere = Scope::of(RegionPattern::All);
    for vehicle in vehicle::actions::among(tx, &everywhere, &ids, &[]).await? {
        let own = made.iter().filter(|reading| reading.vehicle_id == vehicle.id);
        let since = own.map(|reading| reading.read_time).min();
        refit(tx, ctx, &vehicle, since).await?;
    }
    Ok(())
}

/// Retracts a reading that somebody typed.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `READING_NOT_TYPED`, `READING_RETRACTED`, `ETAG_STALE`.
pub(super) async fn retract(tx: &mut Tx, ctx: &Ctx, input: &Retraction) -> Result<Reading> {
    let old = own(tx, ctx, input.id).await?;
    let vehicle = vehicle::actions::own(tx, ctx, old.vehicle_id).await?;
    vehicle::actions::hold_all(tx, &[vehicle.id]).await?;
    if old.source != Source::Typed {
        return Err(Error::new(&READING_NOT_TYPED, "an expense or a trip gave the reading"));
    }
    if old.version != input.version {
        return Err(stale("reading"));
    }
    if old.retracted {
        return Err(Error::new(&READING_RETRACTED, "the reading is retracted already"));
    }
    let new = withdraw(tx, ctx, &vehicle, &old, &input.reason).await?;
    audit::record(tx, ctx, wire::event(&vehicle, Some(&old), &new)?).await?;
    Ok(new)
}

/// Retracts what an expense or a trip gave, because that is taken back.
pub(crate) async fn take_back(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: &Vehicle,
    source: Source,
    source_id: &str,
) -> Result<()> {
    for old in store::given(tx, source, source_id).await? {
        withdraw(tx, ctx, vehicle, &old, "").await?;
    }
    Ok(())
}

/// Readings of a vehicle within the caller's scope.
///
/// Errors: `NOT_FOUND`.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Reading>> {
    vehicle::actions::get(tx, ctx, listed.vehicle_id).await?;
    store::list(tx, listed).await
}

fn reading(ctx: &Ctx, new: &New) -> Reading {
    Reading {
        id: ReadingId::new(ctx.now()),
        vehicle_id: new.vehicle_id,
        read_time: new.read_time,
        odometer_m: new.odometer_m,
        source: new.source,
        source_id: new.source_id.clone(),
        note: new.note.clone(),
        fits: true,
        retracted: false,
        record_time: ctx.now(),
        recorded_by: ctx.subject().to_owned(),
        version: 1,
    }
}

async fn withdraw(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: &Vehicle,
    old: &Reading,
    reason: &str,
) -> Result<Reading> {
    let note = if reason.is_empty() { &old.note } else { reason };
    let new = Reading {
        note: note.to_owned(),
        fits: false,
        retracted: true,
        version: old.version + 1,
        ..old.clone()
    };
    if !store::retract(tx, &new).await? {
        return Err(stale("reading"));
    }
    let mut watch = Watch::over(tx, &[BACKWARDS]).await?;
    if !old.fits {
        see(tx, &mut watch, vehicle, old, None).await?;
    }
    watch.finish(tx, ctx).await?;
    refit(tx, ctx, vehicle, Some(old.read_time)).await?;
    Ok(new)
}

/// Looks again which readings of a vehicle fit, because some came or went, the first of them at `since`;
/// tells of those for which that changed, and holds what it used against its norms.
async fn refit(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: &Vehicle,
    since: Option<DateTime<Utc>>,
) -> Result<BTreeMap<ReadingId, bool>> {
    let readings = store::of(tx, &[vehicle.id]).await?;
    let values: Vec<_> = readings.iter().map(|reading| reading.odometer_m).collect();
    let fits = fitting(&values);
    let mut watch = Watch::over(tx, &[BACKWARDS]).await?;
    let mut changed = [Vec::new(), Vec::new()];
    for (place, reading) in readings.iter().enumerate() {
        if reading.fits != fits[place] {
            changed[usize::from(fits[place])].push(reading.id.uuid());
            let against = (!fits[place]).then(|| against(&values, &fits, place));
            see(tx, &mut watch, vehicle, reading, against).await?;
        }
    }
    let [misfits, fitting] = changed;
    store::set_fits(tx, &misfits, false).await?;
    store::set_fits(tx, &fitting, true).await?;
    let turned: BTreeSet<_> = misfits.into_iter().chain(fitting).collect();
    watch.finish(tx, ctx).await?;
    let from = readings.iter().filter(|it| turned.contains(&it.id.uuid())).map(|it| it.read_time);
    if let Some(from) = from.chain(since).min() {
        norm::actions::read(tx, ctx, vehicle, today(from).year()).await?;
    }
    Ok(readings.iter().map(|reading| reading.id).zip(fits).collect())
}

/// The value that one contradicts: the one before where that is higher, else the one after.
fn against(values: &[i64], fits: &[bool], place: usize) -> i64 {
    let fitting = |at: &usize| fits[*at];
    let before = (0..place).rev().find(fitting).map(|at| values[at]);
    let after = (place + 1..values.len()).find(fitting).map(|at| values[at]);
    before.filter(|value| *value > values[place]).or(after).or(before).unwrap_or(values[place])
}

/// Tells that a reading contradicts a value, or (`None`) that it does not. A trip is told of as a trip.
async fn see(
    tx: &mut Tx,
    watch: &mut Watch,
    vehicle: &Vehicle,
    reading: &Reading,
    against: Option<i64>,
) -> Result<()> {
    if reading.source == Source::Trip {
        return Ok(());
    }
    let day = today(reading.read_time);
    let whose = Whose::of(vehicle);
    let Some(rule) = watch.rule(tx, BACKWARDS, "", &whose, day).await? else {
        return Ok(());
    };
    let breach = against.map(|limit| Breach {
        observed: reading.odometer_m,
        limit,
        detail: format!(
            "{}里程表读数 {} 公里与其他读数({} 公里)前后矛盾",
            vehicle.content.plate,
            reading.odometer_m / 1000,
            limit / 1000
        ),
        since: day,
    });
    watch.saw(rule, resource(vehicle.id), reading.id.to_string(), &whose, breach);
    Ok(())
}

/// The reading, if the caller may change it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
async fn own(tx: &mut Tx, ctx: &Ctx, id: ReadingId) -> Result<Reading> {
    if let Some(reading) = store::find(tx, ctx.scope(), id).await? {
        return Ok(reading);
    }
    if store::find(tx, &ctx.sight(), id).await?.is_some() {
        return Err(Error::new(&SCOPE_DENIED, format!("reading {id} lies outside the grants")));
    }
    Err(not_found("reading", id))
}
