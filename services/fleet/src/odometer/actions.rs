//! Recording and retracting readings, and seeing which of them fit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::SCOPE_DENIED;
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_kernel::today;
use steward_proto::types::v1::Role;

use super::rules::{fitting, in_order};
use super::{
    BACKWARDS, Listed, New, Point, READING_NOT_TYPED, READING_RETRACTED, READING_TAKEN,
    REPLACEMENT_RESTRICTED, Reading, ReadingId, Retraction, Source, store, wire,
};
use crate::cost::begin;
use crate::norm;
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::{Watch, Whose, resource};

/// Records a reading that somebody typed.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `REPLACEMENT_RESTRICTED`, `READING_TAKEN`.
pub(super) async fn record(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Reading> {
    let vehicle = vehicle::actions::own(tx, ctx, new.vehicle_id).await?;
    check_replacement(ctx, &vehicle, new.replaced)?;
    vehicle::actions::hold_all(tx, &[vehicle.id]).await?;
    let made = reading(ctx, new);
    if store::taken(tx, &made).await? {
        return Err(Error::new(&READING_TAKEN, "the vehicle has this reading"));
    }
    store::insert(tx, std::slice::from_ref(&made)).await?;
    let fits = refit(tx, ctx, &vehicle, std::slice::from_ref(&made)).await?;
    let made = Reading { fits: fits.get(&made.id).copied().unwrap_or(true), ..made };
    audit::record(tx, ctx, wire::event(&vehicle, None, &made)?).await?;
    Ok(made)
}

/// Refuses a replacement to whom it is not for.
///
/// Errors: `REPLACEMENT_RESTRICTED`.
fn check_replacement(ctx: &Ctx, vehicle: &Vehicle, replaced: bool) -> Result<()> {
    let managed = ctx.reach(&[Role::Manager]);
    if !replaced || managed.covers(&vehicle.organization, &vehicle.region) {
        return Ok(());
    }
    Err(Error::new(&REPLACEMENT_RESTRICTED, "a manager says that an odometer was replaced"))
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
    for vehicle in vehicle::actions::known(tx, &ids).await?.values() {
        let came = made.iter().filter(|it| it.vehicle_id == vehicle.id).cloned();
        refit(tx, ctx, vehicle, &came.collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// Puts right what an expense or a trip gave: what it does not say any more is retracted, what it says now
/// is recorded.
///
/// Locks the vehicle.
pub(crate) async fn put_right(
    tx: &mut Tx,
    ctx: &Ctx,
    (source, source_id): (Source, &str),
    vehicle: VehicleId,
    says: &[New],
) -> Result<()> {
    vehicle::actions::hold_all(tx, &[vehicle]).await?;
    let given = store::given(tx, source, source_id).await?;
    let same = |old: &Reading, new: &New| {
        (old.read_time, old.odometer_m) == (new.read_time, new.odometer_m)
    };
    let known = vehicle::actions::known(tx, &[vehicle]).await?;
    let vehicle = known.get(&vehicle).ok_or_else(|| not_found("vehicle", vehicle))?;
    for old in given.iter().filter(|old| !says.iter().any(|new| same(old, new))) {
        withdraw(tx, ctx, vehicle, old, "").await?;
    }
    let new = says.iter().filter(|new| !given.iter().any(|old| same(old, new)));
    note(tx, ctx, &new.cloned().collect::<Vec<_>>()).await
}

/// What the odometer of a vehicle showed last until an instant, which is included, as far as it fits.
pub(crate) async fn before(
    tx: &mut Tx,
    vehicle: VehicleId,
    time: DateTime<Utc>,
) -> Result<Option<i64>> {
    store::before(tx, vehicle, time, begin(today(time))).await
}

/// What fits of the readings of a vehicle from an instant on, in order, and where its series began.
pub(crate) async fn points(
    tx: &mut Tx,
    vehicle: VehicleId,
    from: DateTime<Utc>,
) -> Result<Vec<Point>> {
    store::points(tx, vehicle, from).await
}

/// Notes that what vehicles went from a day on is to be held against their trips anew.
pub(crate) async fn stir(tx: &mut Tx, vehicles: &[VehicleId], from: NaiveDate) -> Result<()> {
    store::stir(tx, vehicles, from).await
}

/// Vehicles of which that is to be done of days before one, and from which on.
pub(crate) async fn stirred(
    tx: &mut Tx,
    before: NaiveDate,
    limit: i64,
) -> Result<Vec<(VehicleId, NaiveDate)>> {
    store::stirred(tx, before, limit).await
}

/// The same of these vehicles.
pub(crate) async fn stirred_of(
    tx: &mut Tx,
    vehicles: &[VehicleId],
    before: NaiveDate,
) -> Result<Vec<(VehicleId, NaiveDate)>> {
    let mut found = Vec::new();
    for vehicles in vehicles.chunks(500) {
        found.extend(store::stirred_of(tx, vehicles, before).await?);
    }
    Ok(found)
}

/// Notes that it was done of all days before one. Their rows are held.
pub(crate) async fn settled(tx: &mut Tx, vehicles: &[VehicleId], before: NaiveDate) -> Result<()> {
    store::settled(tx, vehicles, before).await
}

/// Retracts a reading that somebody typed.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `REPLACEMENT_RESTRICTED`, `READING_NOT_TYPED`, `READING_RETRACTED`,
/// `ETAG_STALE`.
pub(super) async fn retract(tx: &mut Tx, ctx: &Ctx, input: &Retraction) -> Result<Reading> {
    let old = own(tx, ctx, input.id).await?;
    let vehicle = vehicle::actions::own(tx, ctx, old.vehicle_id).await?;
    vehicle::actions::hold_all(tx, &[vehicle.id]).await?;
    check_replacement(ctx, &vehicle, old.replaced)?;
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
        replaced: new.replaced,
        whole_day: new.whole_day,
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
    refit(tx, ctx, vehicle, std::slice::from_ref(old)).await?;
    Ok(new)
}

/// Looks again which readings of a vehicle fit after some came or went, tells of those that do not, and
/// holds what it used against its norms.
///
/// It need not look at all of them, but at the series in which they are; and there a reading that none
/// before exceeds and none after falls below is in the longest row whatever comes after it, and what is
/// before it stays as it is. What the vehicle went is to be held against its trips anew, by those.
async fn refit(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: &Vehicle,
    moved: &[Reading],
) -> Result<BTreeMap<ReadingId, bool>> {
    let places = || moved.iter().map(|it| (it.read_time, it.odometer_m, it.id.uuid()));
    let lowest = moved.iter().map(|it| it.odometer_m).min();
    let (Some(first), Some(last), Some(lowest)) = (places().min(), places().max(), lowest) else {
        return Ok(BTreeMap::new());
    };
    let (start, end) = store::series(tx, vehicle.id, first, last).await?;
    let firm = if moved.iter().any(|it| it.replaced) {
        None
    } else {
        store::firm(tx, vehicle.id, (first.0, lowest), (start, end)).await?
    };
    let readings = store::between(tx, vehicle.id, (firm.or(start), end)).await?;
    let mut watch = Watch::over(tx, &[BACKWARDS]).await?;
    let mut all = BTreeMap::new();
    let (mut changed, mut from) = ([Vec::new(), Vec::new()], first.0);
    for series in readings.chunk_by(|_, next| !next.replaced) {
        let ordered = in_order(series);
        let values: Vec<_> = ordered.iter().map(|reading| reading.odometer_m).collect();
        let fits = fitting(&values);
        for (place, reading) in ordered.into_iter().enumerate() {
            all.insert(reading.id, fits[place]);
            if reading.fits != fits[place] {
                changed[usize::from(fits[place])].push(reading.id.uuid());
                from = from.min(reading.read_time);
            }
            // What it contradicts may be another one now.
            if !(reading.fits && fits[place]) {
                let against = (!fits[place]).then(|| against(&values, &fits, place));
                see(tx, &mut watch, vehicle, reading, against).await?;
            }
        }
    }
    let [misfits, fitting] = changed;
    store::set_fits(tx, &misfits, false).await?;
    store::set_fits(tx, &fitting, true).await?;
    watch.finish(tx, ctx).await?;
    stir(tx, &[vehicle.id], today(from)).await?;
    norm::actions::again(tx, ctx, vehicle.id, today(from).year()).await?;
    Ok(all)
}

/// The value that one contradicts: the one before where that is higher, else the one after.
fn against(values: &[i64], fits: &[bool], place: usize) -> i64 {
    let fitting = |at: &usize| fits[*at];
    let before = (0..place).rev().find(fitting).map(|at| values[at]);
    let after = (place + 1..values.len()).find(fitting).map(|at| values[at]);
    before.filter(|value| *value > values[place]).or(after).or(before).unwrap_or(values[place])
}

/// Tells that a reading contradicts a value, or (`None`) that it does not.
async fn see(
    tx: &mut Tx,
    watch: &mut Watch,
    vehicle: &Vehicle,
    reading: &Reading,
    against: Option<i64>,
) -> Result<()> {
    let day = today(reading.read_time);
    let whose = Whose::of(vehicle);
    let Some(rule) = watch.rule(tx, BACKWARDS, "", &whose, day).await? else {
        return Ok(());
    };
    let breach = against.map(|limit| Breach {
        observed: reading.odometer_m,
        limit,
        detail: format!(
            "{}里程表读数 {} 公里({})与其他读数({} 公里)前后矛盾",
            vehicle.content.plate,
            reading.odometer_m / 1000,
            origin(reading.source),
            limit / 1000
        ),
        since: day,
    });
    watch.saw(rule, resource(vehicle.id), reading.id.to_string(), &whose, breach);
    Ok(())
}

/// Where a reading is to be put right.
fn origin(source: Source) -> &'static str {
    match source {
        Source::Typed => "人工登记",
        Source::Expense => "费用单据",
        Source::Trip => "出车记录",
    }
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
