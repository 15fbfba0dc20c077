//! SQL over what other nouns keep, to read it for publication: `trip`, `expense`, `vehicle_category`.

use chrono::{DateTime, Utc};
use steward_chassis::Result;
use steward_db::{Sql, Tx};
use steward_kernel::OrganizationCode;
use uuid::Uuid;

use super::{ByVehicle, Frame, Listed, Spent, Times, Trip};
use crate::cost::begin;
use crate::vehicle::VehicleId;

/// The fuel of an organization's expenses over the days of a list, in millilitres, and what the ledger has
/// of it, in litres. An expense counts on its day, its reversal on its own.
pub(super) async fn fuel(
    tx: &mut Tx,
    organization: &OrganizationCode,
    frame: &Frame,
) -> Result<ByVehicle<(i64, i64)>> {
    let mut fuel: ByVehicle<(i64, i64)> = ByVehicle::new();
    for (day, sign) in [("occurred_on", 1), ("reversed_on", -1)] {
        let rows: Vec<(Uuid, i64, i64)> = tx
            .sql(
                "SELECT vehicle_id, CAST(SUM(quantity) AS BIGINT), \
                 CAST(SUM(booked_quantity) AS BIGINT) FROM expense \
                 WHERE kind = 'fuel' AND quantity IS NOT NULL",
            )
            .push(" AND organization = {} AND ", organization.as_str().to_owned())
            .text(day)
            .push(" >= {} AND ", frame.from)
            .text(day)
            .push(" < {} GROUP BY vehicle_id", frame.until)
            .all()
            .await?;
        for (vehicle, exact, booked) in rows {
            let sum = fuel.entry(VehicleId::from_uuid(vehicle)).or_default();
            *sum = (sum.0 + sign * exact, sum.1 + sign * booked);
        }
    }
    Ok(fuel)
}

/// When vehicles were for one of these categories, from when until before when; `None` = from the
/// beginning, and still.
pub(super) async fn categorized(
    tx: &mut Tx,
    vehicles: &[Uuid],
    categories: &[&str],
) -> Result<Vec<(VehicleId, Times)>> {
    type Row = (Uuid, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let mut found = Vec::new();
    if categories.is_empty() {
        return Ok(found);
    }
    for vehicles in vehicles.chunks(500) {
        let rows: Vec<Row> = tx
            .sql("SELECT vehicle_id, from_time, until_time FROM vehicle_category")
            .push_each(" WHERE vehicle_id IN ({})", vehicles.iter().copied())
            .push_each(" AND category IN ({})", categories.iter().copied())
            .all()
            .await?;
        let of = |(id, from, until)| (VehicleId::from_uuid(id), (from, until));
        found.extend(rows.into_iter().map(of));
    }
    Ok(found)
}

/// How many trips departed over the days of a list with each vehicle that an organization held.
pub(super) async fn trip_counts(
    tx: &mut Tx,
    organization: &OrganizationCode,
    frame: &Frame,
) -> Result<ByVehicle<i64>> {
    let sql = tx.sql("SELECT t.vehicle_id, COUNT(*) FROM trip t WHERE 1 = 1");
    let rows: Vec<(Uuid, i64)> =
        departed(sql, organization, frame).text(" GROUP BY t.vehicle_id").all().await?;
    Ok(rows.into_iter().map(|(id, count)| (VehicleId::from_uuid(id), count)).collect())
}

fn departed<'t>(sql: Sql<'t>, organization: &OrganizationCode, frame: &Frame) -> Sql<'t> {
    sql.push(" AND t.holder = {}", organization.as_str().to_owned())
        .push(" AND t.depart_time >= {}", begin(frame.from))
        .push(" AND t.depart_time < {}", begin(frame.until))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    plate: String,
    organization: String,
    depart_time: DateTime<Utc>,
    return_time: Option<DateTime<Utc>>,
    purpose: String,
    destination: String,
    start_odometer_m: Option<i64>,
    end_odometer_m: Option<i64>,
}

impl From<Row> for Trip {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            plate: row.plate,
            organization: row.organization,
            depart_time: row.depart_time,
            return_time: row.return_time,
            purpose: row.purpose,
            destination: row.destination,
            start_odometer_m: row.start_odometer_m,
            end_odometer_m: row.end_odometer_m,
            spent: Spent::default(),
        }
    }
}

/// The trips of a list by departure and id, without what was spent on them.
pub(super) async fn trips(tx: &mut Tx, listed: &Listed, frame: &Frame) -> Result<Vec<Trip>> {
    let mut sql = tx.sql(
        "SELECT t.id, v.plate, t.organization, t.depart_time, t.return_time, t.purpose, \
         t.destination, t.start_odometer_m, t.end_odometer_m \
         FROM trip t JOIN vehicle v ON v.id = t.vehicle_id WHERE 1 = 1",
    );
    sql = departed(sql, &listed.asked.organization, frame);
    if !frame.withheld.is_empty() {
        // By what the vehicle was for when it departed.
        sql = sql
            .text(" AND NOT EXISTS (SELECT 1 FROM vehicle_category c WHERE c.vehicle_id = v.id")
            .text(" AND (c.from_time IS NULL OR c.from_time <= t.depart_time)")
            .text(" AND (c.until_time IS NULL OR c.until_time > t.depart_time)")
            .push_each(" AND c.category IN ({}))", frame.withheld.iter().copied());
    }
    if let Some((time, id)) = listed.after {
        sql = sql.push(" AND (t.depart_time, t.id) > ({}", time).push(", {})", id);
    }
    let order = " ORDER BY t.depart_time, t.id LIMIT {}";
    let rows: Vec<Row> = sql.push(order, listed.limit).all().await?;
    Ok(rows.into_iter().map(Trip::from).collect())
}

/// What was spent on trips, by trip; those that cost nothing are left out.
pub(super) async fn spent(tx: &mut Tx, trips: &[Uuid]) -> Result<Vec<(Uuid, Spent)>> {
    let mut spent = Vec::new();
    for trips in trips.chunks(500) {
        let rows: Vec<(Uuid, i64, i64, i64)> = tx
            .sql(
                "SELECT trip_id, CAST(SUM(amount_fen) AS BIGINT), \
                 CAST(SUM(CASE WHEN kind = 'fuel' THEN COALESCE(quantity, 0) ELSE 0 END) AS BIGINT), \
                 CAST(SUM(CASE WHEN kind = 'charging' THEN COALESCE(quantity, 0) ELSE 0 END) \
                 AS BIGINT) FROM expense WHERE reversal_id IS NULL",
            )
            .push_each(" AND trip_id IN ({})", trips.iter().copied())
            .text(" GROUP BY trip_id")
            .all()
            .await?;
        let of = |(id, fen, fuel, energy)| (id, Spent { fen, fuel, energy });
        spent.extend(rows.into_iter().map(of));
    }
    Ok(spent)
}
