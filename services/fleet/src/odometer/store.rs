//! SQL over `reading`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::Named as _;
use uuid::Uuid;

use super::{Listed, Point, Reading, ReadingId, Source};
use crate::vehicle::VehicleId;

const SELECT: &str = "SELECT r.* FROM reading r JOIN vehicle v ON v.id = r.vehicle_id \
                      JOIN scope_organization o ON o.code = v.organization";

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "they are columns of the table")]
struct Row {
    id: Uuid,
    vehicle_id: Uuid,
    read_time: DateTime<Utc>,
    odometer_m: i64,
    source: String,
    source_id: String,
    note: String,
    replaced: bool,
    whole_day: bool,
    fits: bool,
    retracted: bool,
    record_time: DateTime<Utc>,
    recorded_by: String,
    version: i64,
}

impl TryFrom<Row> for Reading {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: ReadingId::from_uuid(row.id),
            vehicle_id: VehicleId::from_uuid(row.vehicle_id),
            read_time: row.read_time,
            odometer_m: row.odometer_m,
            source: stored(&row.source)?,
            source_id: row.source_id,
            note: row.note,
            replaced: row.replaced,
            whole_day: row.whole_day,
            fits: row.fits,
            retracted: row.retracted,
            record_time: row.record_time,
            recorded_by: row.recorded_by,
            version: row.version,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, new: &[Reading]) -> Result<()> {
    tx.bulk(
        "INSERT INTO reading (id, vehicle_id, read_time, odometer_m, source, source_id, note, \
         replaced, whole_day, fits, retracted, record_time, recorded_by, version)",
        new,
        |it, binds| {
            binds
                .bind(it.id.uuid())
                .bind(it.vehicle_id.uuid())
                .bind(it.read_time)
                .bind(it.odometer_m)
                .bind(it.source.text())
                .bind(it.source_id.as_str())
                .bind(it.note.as_str())
                .bind(it.replaced)
                .bind(it.whole_day)
                .bind(it.fits)
                .bind(it.retracted)
                .bind(it.record_time)
                .bind(it.recorded_by.as_str())
                .bind(it.version)
        },
        "",
    )
    .run()
    .await
    .map_err(raced)?;
    Ok(())
}

/// Whether somebody typed a reading of that time and value; of a replacement, whether there is any of that
/// time: nothing would tell of which of the two odometers it is.
pub(super) async fn taken(tx: &mut Tx, new: &Reading) -> Result<bool> {
    let sql = tx.sql(
        "SELECT id FROM reading WHERE vehicle_id = $1 AND read_time = $2 AND NOT retracted \
         AND ((odometer_m = $3 AND source = 'typed') OR $4)",
    );
    let sql = sql.bind(new.vehicle_id.uuid()).bind(new.read_time).bind(new.odometer_m);
    Ok(!sql.bind(new.replaced).all::<(Uuid,)>().await?.is_empty())
}

/// The reading, if its vehicle lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: ReadingId) -> Result<Option<Reading>> {
    let sql = tx.sql(SELECT).push(" WHERE r.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Reading::try_from).transpose()
}

/// Readings of a vehicle by time, value and id.
pub(super) async fn list(tx: &mut Tx, listed: &Listed) -> Result<Vec<Reading>> {
    let mut sql = tx.sql(SELECT).push(" WHERE r.vehicle_id = {}", listed.vehicle_id.uuid());
    if listed.misfits_only {
        sql = sql.text(" AND NOT r.fits AND NOT r.retracted");
    }
    if let Some((time, value, id)) = listed.after {
        sql = sql
            .push(" AND (r.read_time, r.odometer_m, r.id) > ({}", time)
            .push(", {}", value)
            .push(", {})", id);
    }
    let order = " ORDER BY r.read_time, r.odometer_m, r.id LIMIT {}";
    let rows: Vec<Row> = sql.push(order, listed.limit).all().await?;
    rows.into_iter().map(Reading::try_from).collect()
}

/// A place in the row of the readings of a vehicle: time, value and id.
pub(super) type Place = (DateTime<Utc>, i64, Uuid);

/// A part of the row: from the first place, included, until the second, which is not.
pub(super) type Part = (Option<Place>, Option<Place>);

/// The part of the row that is of the same series as what lies from one place to another: from the
/// replacement before it until the one after it.
pub(super) async fn series(
    tx: &mut Tx,
    vehicle: VehicleId,
    first: Place,
    last: Place,
) -> Result<Part> {
    let mut ends = [None, None];
    for (end, (than, order), place) in [
        (0, (" < ", " ORDER BY read_time DESC, odometer_m DESC, id DESC LIMIT 1"), first),
        (1, (" > ", " ORDER BY read_time, odometer_m, id LIMIT 1"), last),
    ] {
        let sql = tx
            .sql("SELECT read_time, odometer_m, id FROM reading WHERE replaced AND NOT retracted")
            .push(" AND vehicle_id = {}", vehicle.uuid())
            .text(" AND (read_time, odometer_m, id)")
            .text(than);
        ends[end] = at(sql, place).text(order).opt().await?;
    }
    Ok((ends[0], ends[1]))
}

fn at(sql: Sql<'_>, place: Place) -> Sql<'_> {
    sql.push("({}", place.0).push(", {}", place.1).push(", {})", place.2)
}

/// Keeps a query within a part of the row.
fn within<'t>(mut sql: Sql<'t>, place: &'static str, (from, until): Part) -> Sql<'t> {
    for (than, end) in [(" >= ", from), (" < ", until)] {
        if let Some(end) = end {
            sql = at(sql.text(" AND ").text(place).text(than), end);
        }
    }
    sql
}

/// The last reading of a part before an instant that stands firm: it fits, is not of a day alone, no misfit
/// and none that is of a day alone exceeds it from before, and none after it, nor `lowest`, falls below it.
pub(super) async fn firm(
    tx: &mut Tx,
    vehicle: VehicleId,
    (before, lowest): (DateTime<Utc>, i64),
    part: Part,
) -> Result<Option<Place>> {
    let sql = tx
        .sql("SELECT r.read_time, r.odometer_m, r.id FROM reading r WHERE r.fits")
        .push(" AND r.vehicle_id = {}", vehicle.uuid())
        .push(" AND NOT r.whole_day AND NOT r.retracted AND r.read_time < {}", before)
        .push(" AND r.odometer_m <= {}", lowest);
    let sql = within(sql, "(r.read_time, r.odometer_m, r.id)", part).text(
        " AND NOT EXISTS (SELECT 1 FROM reading m \
             WHERE m.vehicle_id = r.vehicle_id AND (NOT m.fits OR m.whole_day) AND NOT m.retracted \
             AND ((m.read_time < r.read_time AND m.odometer_m > r.odometer_m) \
             OR (m.read_time > r.read_time AND m.odometer_m < r.odometer_m))",
    );
    let sql = within(sql, "(m.read_time, m.odometer_m, m.id)", part)
        .text(") ORDER BY r.read_time DESC, r.odometer_m DESC, r.id DESC LIMIT 1");
    Ok(sql.opt().await?)
}

/// The readings of a vehicle in a part of the row that were not retracted, by time, value and id.
pub(super) async fn between(tx: &mut Tx, vehicle: VehicleId, part: Part) -> Result<Vec<Reading>> {
    let sql = tx
        .sql("SELECT r.* FROM reading r WHERE NOT r.retracted")
        .push(" AND r.vehicle_id = {}", vehicle.uuid());
    let sql = within(sql, "(r.read_time, r.odometer_m, r.id)", part);
    let rows: Vec<Row> = sql.text(" ORDER BY r.read_time, r.odometer_m, r.id").all().await?;
    rows.into_iter().map(Reading::try_from).collect()
}

/// The last value of the series until an instant, which is included, that fits. One of a day alone counts
/// from the day after, which begins at `day` or before.
pub(super) async fn before(
    tx: &mut Tx,
    vehicle: VehicleId,
    time: DateTime<Utc>,
    day: DateTime<Utc>,
) -> Result<Option<i64>> {
    let sql = tx.sql(
        "SELECT r.odometer_m FROM reading r WHERE r.vehicle_id = $1 AND r.read_time <= $2 \
         AND r.fits AND NOT r.retracted AND (NOT r.whole_day OR r.read_time < $3) \
         AND NOT EXISTS (SELECT 1 FROM reading s WHERE s.vehicle_id = $1 AND s.replaced \
         AND NOT s.retracted AND s.read_time <= $2 AND s.read_time > r.read_time) \
         ORDER BY r.read_time DESC, r.odometer_m DESC, r.id DESC LIMIT 1",
    );
    let found = sql.bind(vehicle.uuid()).bind(time).bind(day).opt::<(i64,)>().await?;
    Ok(found.map(|(metres,)| metres))
}

/// Sets whether readings fit.
pub(super) async fn set_fits(tx: &mut Tx, ids: &[Uuid], fits: bool) -> Result<()> {
    for ids in ids.chunks(500) {
        let sql = tx.sql("UPDATE reading SET fits = $1").bind(fits);
        sql.push_each(" WHERE id IN ({})", ids.iter().copied()).run().await?;
    }
    Ok(())
}

/// Retracts a reading that has this version; false if it has not.
pub(super) async fn retract(tx: &mut Tx, new: &Reading) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE reading SET retracted = $2, fits = $3, note = $4, version = $5 \
         WHERE id = $1 AND version = $5 - 1",
    );
    let sql = sql.bind(new.id.uuid()).bind(true).bind(false).bind(new.note.clone());
    Ok(sql.bind(new.version).run().await? == 1)
}

/// The readings that a source gave and that count.
pub(super) async fn given(tx: &mut Tx, source: Source, source_id: &str) -> Result<Vec<Reading>> {
    let sql = tx.sql(
        "SELECT r.* FROM reading r WHERE NOT r.retracted AND r.source = $1 AND r.source_id = $2",
    );
    let rows: Vec<Row> = sql.bind(source.text()).bind(source_id.to_owned()).all().await?;
    rows.into_iter().map(Reading::try_from).collect()
}

/// The readings of a vehicle that fit, from an instant on, and all that began a series.
pub(super) async fn points(
    tx: &mut Tx,
    vehicle: VehicleId,
    from: DateTime<Utc>,
) -> Result<Vec<Point>> {
    let rows: Vec<(DateTime<Utc>, i64, bool, bool, bool)> = tx
        .sql(
            "SELECT read_time, odometer_m, replaced, whole_day, fits FROM reading \
             WHERE vehicle_id = $1 AND NOT retracted AND (replaced OR (fits AND read_time >= $2)) \
             ORDER BY read_time, odometer_m, id",
        )
        .bind(vehicle.uuid())
        .bind(from)
        .all()
        .await?;
    let of = |(read_time, odometer_m, replaced, whole_day, fits)| Point {
        read_time,
        odometer_m,
        replaced,
        whole_day,
        fits,
    };
    Ok(rows.into_iter().map(of).collect())
}

/// Keeps the earliest day of each vehicle.
pub(super) async fn stir(tx: &mut Tx, vehicles: &[VehicleId], from: NaiveDate) -> Result<()> {
    for vehicles in vehicles.chunks(500) {
        tx.bulk(
            "INSERT INTO distance_unjudged (vehicle_id, from_date)",
            vehicles,
            |id, binds| binds.bind(id.uuid()).bind(from),
            " ON CONFLICT (vehicle_id) DO UPDATE SET from_date = excluded.from_date \
             WHERE excluded.from_date < distance_unjudged.from_date",
        )
        .run()
        .await?;
    }
    Ok(())
}

/// Vehicles with a day before one, the longest waiting first.
pub(super) async fn stirred(
    tx: &mut Tx,
    before: NaiveDate,
    limit: i64,
) -> Result<Vec<(VehicleId, NaiveDate)>> {
    let sql = tx
        .sql("SELECT vehicle_id, from_date FROM distance_unjudged")
        .push(" WHERE from_date < {}", before)
        .push(" ORDER BY from_date, vehicle_id LIMIT {}", limit);
    Ok(sql.all::<(Uuid, NaiveDate)>().await?.into_iter().map(unjudged).collect())
}

/// Those of these vehicles with a day before one.
pub(super) async fn stirred_of(
    tx: &mut Tx,
    vehicles: &[VehicleId],
    before: NaiveDate,
) -> Result<Vec<(VehicleId, NaiveDate)>> {
    let sql = tx
        .sql("SELECT vehicle_id, from_date FROM distance_unjudged")
        .push(" WHERE from_date < {}", before)
        .push_each(" AND vehicle_id IN ({})", vehicles.iter().map(|id| id.uuid()));
    Ok(sql.all::<(Uuid, NaiveDate)>().await?.into_iter().map(unjudged).collect())
}

fn unjudged((id, from): (Uuid, NaiveDate)) -> (VehicleId, NaiveDate) {
    (VehicleId::from_uuid(id), from)
}

/// Sets the day of vehicles.
pub(super) async fn settled(tx: &mut Tx, vehicles: &[VehicleId], day: NaiveDate) -> Result<()> {
    for vehicles in vehicles.chunks(500) {
        let sql = tx.sql("UPDATE distance_unjudged SET from_date = $1").bind(day);
        sql.push_each(" WHERE vehicle_id IN ({})", vehicles.iter().map(|id| id.uuid()))
            .run()
            .await?;
    }
    Ok(())
}
