//! SQL over what expenses, trips and readings say of the cost of vehicles.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::OrganizationCode;
use uuid::Uuid;

use super::begin;
use crate::vehicle::VehicleId;

/// Fuel that was recorded exactly.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Fuel {
    pub(super) vehicle_id: Uuid,
    pub(super) organization: String,
    /// Millilitres.
    pub(super) quantity: i64,
    /// The litres that the ledger has for them.
    pub(super) booked: i64,
}

/// The fuel of vehicles from a day on until before another. An expense counts on its day, its reversal on
/// the day on which that counts.
pub(super) async fn fuel(
    tx: &mut Tx,
    vehicles: &[Uuid],
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Fuel>> {
    let mut found = Vec::new();
    for (day, sign) in [("occurred_on", 1), ("reversed_on", -1)] {
        let rows: Vec<Fuel> = tx
            .sql(
                "SELECT vehicle_id, organization, CAST(SUM(quantity) AS BIGINT) AS quantity, \
                 CAST(SUM(booked_quantity) AS BIGINT) AS booked FROM expense \
                 WHERE kind = 'fuel' AND quantity IS NOT NULL",
            )
            .push_each(" AND vehicle_id IN ({})", vehicles.iter().copied())
            .text(" AND ")
            .text(day)
            .push(" >= {} AND ", from)
            .text(day)
            .push(" < {} GROUP BY vehicle_id, organization", until)
            .all()
            .await?;
        found.extend(rows.into_iter().map(|row| Fuel {
            quantity: sign * row.quantity,
            booked: sign * row.booked,
            ..row
        }));
    }
    Ok(found)
}

/// What an odometer showed in a span and before, of readings that fit one another.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Shown {
    pub(super) vehicle_id: Uuid,
    pub(super) first: Option<i64>,
    pub(super) last: Option<i64>,
    pub(super) before: Option<i64>,
    /// Readings in the span that do not fit.
    pub(super) misfits: i64,
}

/// What odometers showed from an instant on until before another, and last before; of a vehicle whose
/// odometer was replaced, each of them. Readings of one that fit never fall, so that the last one is the
/// highest.
pub(super) async fn shown(
    tx: &mut Tx,
    vehicles: &[Uuid],
    period: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Shown>> {
    let replaced: Vec<(Uuid,)> = tx
        .sql("SELECT vehicle_id FROM reading WHERE replaced AND NOT retracted")
        .push_each(" AND vehicle_id IN ({})", vehicles.iter().copied())
        .all()
        .await?;
    let (several, one): (Vec<_>, Vec<_>) =
        vehicles.iter().copied().partition(|id| replaced.contains(&(*id,)));
    let mut shown = of_one(tx, &one, period).await?;
    shown.extend(of_several(tx, &several, period).await?);
    Ok(shown)
}

/// Of vehicles whose odometer was never replaced.
async fn of_one(
    tx: &mut Tx,
    vehicles: &[Uuid],
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Shown>> {
    const FIT: &str = " FROM reading r WHERE r.vehicle_id = v.id AND r.fits AND NOT r.retracted";
    const MISFIT: &str = ", (SELECT COUNT(*) FROM reading r WHERE r.vehicle_id = v.id \
                          AND NOT r.fits AND NOT r.retracted";
    if vehicles.is_empty() {
        return Ok(Vec::new());
    }
    let within = " AND r.read_time >= {}";
    let rows = tx
        .sql("SELECT v.id AS vehicle_id, (SELECT MIN(r.odometer_m)")
        .text(FIT)
        .push(within, from)
        .push(" AND r.read_time < {}) AS first, (SELECT MAX(r.odometer_m)", until)
        .text(FIT)
        .push(within, from)
        .push(" AND r.read_time < {}) AS last, (SELECT r.odometer_m", until)
        .text(FIT)
        // One row of the index, not all that was ever read.
        .push(" AND r.read_time < {} ORDER BY r.read_time DESC, r.odometer_m DESC LIMIT 1)", from)
        .text(" AS before")
        .text(MISFIT)
        .push(within, from)
        .push(" AND r.read_time < {}) AS misfits FROM vehicle v", until)
        .push_each(" WHERE v.id IN ({})", vehicles.iter().copied())
        .all()
        .await?;
    Ok(rows)
}

/// When the odometer was put in that a reading is of.
const SERIES: &str = "(SELECT MAX(s.read_time) FROM reading s WHERE s.vehicle_id = r.vehicle_id \
                      AND s.replaced AND NOT s.retracted AND (s.read_time, s.odometer_m, s.id) \
                      <= (r.read_time, r.odometer_m, r.id))";

/// Of vehicles that had several odometers, one after the other: a row of each.
async fn of_several(
    tx: &mut Tx,
    vehicles: &[Uuid],
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Shown>> {
    if vehicles.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx
        .sql("SELECT vehicle_id")
        .push(", MIN(CASE WHEN fits AND read_time >= {} THEN odometer_m END) AS first", from)
        .push(", MAX(CASE WHEN fits AND read_time >= {} THEN odometer_m END) AS last", from)
        .push(", MAX(CASE WHEN fits AND read_time < {} THEN odometer_m END) AS before", from)
        .push(", COUNT(CASE WHEN NOT fits AND read_time >= {} THEN 1 END) AS misfits", from)
        .text(" FROM (SELECT r.vehicle_id, r.fits, r.read_time, r.odometer_m, ")
        .text(SERIES)
        .push(" AS series FROM reading r WHERE NOT r.retracted AND r.read_time < {}", until)
        .push_each(" AND r.vehicle_id IN ({})", vehicles.iter().copied())
        .text(") seen GROUP BY vehicle_id, series")
        .all()
        .await?;
    Ok(rows)
}

/// Expenses of a vehicle, with the day of payment, that are not reversed and somebody else's than this
/// organization's. The day that counts is that of their trip, else the first one of what was paid for, else
/// that of payment.
pub(super) async fn expenses_of_others(
    tx: &mut Tx,
    vehicle: VehicleId,
    organization: &OrganizationCode,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<(Uuid, NaiveDate)>> {
    const PAID_FOR: &str = "COALESCE(e.service_from, e.occurred_on)";
    const DRIVEN: &str = "COALESCE(t.depart_time, t.from_time)";
    let rows = tx
        .sql(
            "SELECT e.id, e.occurred_on FROM expense e \
             LEFT JOIN trip t ON t.id = e.trip_id AND t.state <> 'void' \
             WHERE e.reversal_id IS NULL",
        )
        .push(" AND e.vehicle_id = {}", vehicle.uuid())
        .push(" AND e.organization <> {} AND ((t.id IS NULL AND ", organization.as_str().to_owned())
        .text(PAID_FOR)
        .push(" >= {} AND ", from)
        .text(PAID_FOR)
        .push(" < {}) OR (", until)
        .text(DRIVEN)
        .push(" >= {} AND ", begin(from))
        .text(DRIVEN)
        .push(" < {})) ORDER BY e.occurred_on, e.id", begin(until))
        .all()
        .await?;
    Ok(rows)
}

/// Trips of a vehicle that departed, with when they did, whose vehicle somebody else than this organization
/// held.
pub(super) async fn trips_of_others(
    tx: &mut Tx,
    vehicle: VehicleId,
    organization: &OrganizationCode,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let rows = tx
        .sql("SELECT id, depart_time FROM trip WHERE state <> 'void'")
        .push(" AND vehicle_id = {}", vehicle.uuid())
        .push(" AND holder <> {}", organization.as_str().to_owned())
        .push(" AND depart_time >= {}", begin(from))
        .push(" AND depart_time < {} ORDER BY depart_time, id", begin(until))
        .all()
        .await?;
    Ok(rows)
}

/// Who held the vehicles of trips when they were ordered, by the entries of expenses that name them.
pub(super) async fn of_trips(tx: &mut Tx, entries: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    let sql = tx.sql(
        "SELECT e.entry_id, t.holder FROM expense e JOIN trip t ON t.id = e.trip_id \
         WHERE t.holder IS NOT NULL",
    );
    Ok(sql.push_each(" AND e.entry_id IN ({})", entries.iter().copied()).all().await?)
}
