//! SQL over `trip`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_approval::ApprovalId;
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Named, OrganizationCode};
use uuid::Uuid;

use super::{DRIVER_BOOKED, Dispatch, Listed, Plan, Ride, Trip, TripId, VEHICLE_BOOKED, Window};
use crate::driver::DriverId;
use crate::establishment::actions::pooled;
use crate::vehicle::VehicleId;

const SELECT: &str = "SELECT t.*, o.region FROM trip t \
                      JOIN scope_organization o ON o.code = t.organization \
                      LEFT JOIN scope_organization h ON h.code = t.holder";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization: String,
    region: String,
    kind: String,
    state: String,
    purpose: String,
    destination: String,
    pick_up: String,
    passengers: i64,
    from_time: DateTime<Utc>,
    until_time: DateTime<Utc>,
    holiday_reason: String,
    requested_by: String,
    vehicle_id: Option<Uuid>,
    driver_id: Option<Uuid>,
    holder: Option<String>,
    dispatch_no: String,
    depart_time: Option<DateTime<Utc>>,
    return_time: Option<DateTime<Utc>>,
    start_odometer_m: Option<i64>,
    end_odometer_m: Option<i64>,
    approval_id: Option<Uuid>,
    approve_time: Option<DateTime<Utc>>,
    approved_from: Option<DateTime<Utc>>,
    approved_until: Option<DateTime<Utc>>,
    refuse_time: Option<DateTime<Utc>>,
    approval_due_on: Option<NaiveDate>,
    booked_from: Option<DateTime<Utc>>,
    booked_until: Option<DateTime<Utc>>,
    note: String,
    correction: String,
    imported: bool,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Trip {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let dispatch = match row.vehicle_id.zip(row.holder) {
            None => None,
            Some((vehicle, holder)) => Some(Dispatch {
                vehicle: VehicleId::from_uuid(vehicle),
                driver: row.driver_id.map(DriverId::from_uuid),
                holder: stored(&holder)?,
                number: row.dispatch_no,
            }),
        };
        Ok(Self {
            id: TripId::from_uuid(row.id),
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            kind: stored(&row.kind)?,
            state: stored(&row.state)?,
            plan: Plan {
                purpose: row.purpose,
                destination: row.destination,
                pick_up: row.pick_up,
                passengers: row.passengers.try_into().map_err(Error::internal)?,
                window: Window { from: row.from_time, until: row.until_time },
                holiday_reason: row.holiday_reason,
            },
            requested_by: row.requested_by,
            dispatch,
            depart_time: row.depart_time,
            return_time: row.return_time,
            start_odometer_m: row.start_odometer_m,
            end_odometer_m: row.end_odometer_m,
            approval: row.approval_id.map(ApprovalId::from_uuid),
            approve_time: row.approve_time,
            approved: window(row.approved_from, row.approved_until),
            refuse_time: row.refuse_time,
            approval_due_on: row.approval_due_on,
            booked: window(row.booked_from, row.booked_until),
            note: row.note,
            correction: row.correction,
            imported: row.imported,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

fn window(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Option<Window> {
    from.zip(until).map(|(from, until)| Window { from, until })
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Trip) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO trip (id, version, update_time, state, passengers, from_time, until_time, \
         holiday_reason, vehicle_id, driver_id, holder, dispatch_no, depart_time, return_time, \
         start_odometer_m, end_odometer_m, approve_time, booked_from, booked_until, note, \
         approved_from, approved_until, approval_id, correction, refuse_time, approval_due_on, \
         organization, kind, purpose, destination, pick_up, requested_by, imported, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)",
    );
    let sql = bound(sql, new)
        .bind(new.organization.as_str().to_owned())
        .bind(new.kind.text())
        .bind(new.plan.purpose.clone())
        .bind(new.plan.destination.clone())
        .bind(new.plan.pick_up.clone())
        .bind(new.requested_by.clone())
        .bind(new.imported)
        .bind(new.create_time);
    sql.run().await.map_err(booked)?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Trip) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE trip SET version = $2, update_time = $3, state = $4, passengers = $5, \
         from_time = $6, until_time = $7, holiday_reason = $8, vehicle_id = $9, driver_id = $10, \
         holder = $11, dispatch_no = $12, depart_time = $13, return_time = $14, \
         start_odometer_m = $15, end_odometer_m = $16, approve_time = $17, booked_from = $18, \
         booked_until = $19, note = $20, approved_from = $21, approved_until = $22, \
         approval_id = $23, correction = $24, refuse_time = $25, \
         approval_due_on = $26 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await.map_err(booked)? == 1)
}

/// The values that both statements write, `$1` to `$26`.
fn bound<'t>(sql: Sql<'t>, trip: &Trip) -> Sql<'t> {
    let (plan, dispatch) = (&trip.plan, trip.dispatch.as_ref());
    sql.bind(trip.id.uuid())
        .bind(trip.version)
        .bind(trip.update_time)
        .bind(trip.state.text())
        .bind(i64::from(plan.passengers))
        .bind(plan.window.from)
        .bind(plan.window.until)
        .bind(plan.holiday_reason.clone())
        .bind(dispatch.map(|it| it.vehicle.uuid()))
        .bind(dispatch.and_then(|it| it.driver).map(DriverId::uuid))
        .bind(dispatch.map(|it| it.holder.as_str().to_owned()))
        .bind(dispatch.map(|it| it.number.clone()).unwrap_or_default())
        .bind(trip.depart_time)
        .bind(trip.return_time)
        .bind(trip.start_odometer_m)
        .bind(trip.end_odometer_m)
        .bind(trip.approve_time)
        .bind(trip.booked.map(|it| it.from))
        .bind(trip.booked.map(|it| it.until))
        .bind(trip.note.clone())
        .bind(trip.approved.map(|it| it.from))
        .bind(trip.approved.map(|it| it.until))
        .bind(trip.approval.map(ApprovalId::uuid))
        .bind(trip.correction.clone())
        .bind(trip.refuse_time)
        .bind(trip.approval_due_on)
}

/// What the constraints say that hold the bookings, should the looking before have missed something.
fn booked(error: steward_db::Error) -> Error {
    let reason = match error.rule() {
        Some("trip_vehicle_booked") => &VEHICLE_BOOKED,
        Some("trip_driver_booked") => &DRIVER_BOOKED,
        _ => return raced(error).into(),
    };
    Error::new(reason, "another trip has it at that time")
}

/// Which of the two another trip has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clash {
    pub(super) vehicle: bool,
    pub(super) driver: bool,
}

fn clash(trip: &Trip, others: &[(Option<Uuid>, Option<Uuid>)]) -> Clash {
    let Some(mine) = &trip.dispatch else { return Clash::default() };
    let (vehicle, driver) = (Some(mine.vehicle.uuid()), mine.driver.map(DriverId::uuid));
    Clash {
        vehicle: others.iter().any(|other| other.0 == vehicle),
        driver: driver.is_some() && others.iter().any(|other| other.1 == driver),
    }
}

/// Whether other trips have booked the vehicle or the driver at a time.
pub(super) async fn booked_in(tx: &mut Tx, trip: &Trip, window: Window) -> Result<Clash> {
    let sql = "SELECT vehicle_id, driver_id FROM trip WHERE id <> $1 \
               AND ((vehicle_id = $2 AND booked_until > $5) OR (driver_id = $3 AND booked_until > $5)) \
               AND booked_from < $4 AND NOT imported";
    let dispatch = trip.dispatch.as_ref();
    let sql = tx
        .sql(sql)
        .bind(trip.id.uuid())
        .bind(dispatch.map(|it| it.vehicle.uuid()))
        .bind(dispatch.and_then(|it| it.driver).map(DriverId::uuid))
        .bind(window.until)
        .bind(window.from);
    Ok(clash(trip, &sql.all::<(Option<Uuid>, Option<Uuid>)>().await?))
}

/// Whether the vehicle or the driver is on the way with another trip.
pub(super) async fn out(tx: &mut Tx, trip: &Trip) -> Result<Clash> {
    let sql = "SELECT vehicle_id, driver_id FROM trip WHERE id <> $1 \
               AND (vehicle_id = $2 OR driver_id = $3) AND state = 'departed'";
    let dispatch = trip.dispatch.as_ref();
    let sql = tx
        .sql(sql)
        .bind(trip.id.uuid())
        .bind(dispatch.map(|it| it.vehicle.uuid()))
        .bind(dispatch.and_then(|it| it.driver).map(DriverId::uuid));
    Ok(clash(trip, &sql.all::<(Option<Uuid>, Option<Uuid>)>().await?))
}

/// At most so many trips beside one are looked at: more than ever were out at once in earnest.
const MOST_BESIDE: i64 = 100;

/// The other trips that have returned and were out, with the vehicle or the driver, in a time; the newest first.
pub(super) async fn alongside(tx: &mut Tx, trip: &Trip, window: Window) -> Result<Vec<Trip>> {
    let Some(dispatch) = &trip.dispatch else { return Ok(Vec::new()) };
    let mut sql = tx
        .sql(SELECT)
        .push(" WHERE t.id <> {}", trip.id.uuid())
        .push(" AND t.state <> 'void' AND t.depart_time < {}", window.until)
        .push(" AND ((t.vehicle_id = {}", dispatch.vehicle.uuid())
        .push(" AND t.return_time > {})", window.from);
    if let Some(driver) = dispatch.driver {
        sql = sql
            .push(" OR (t.driver_id = {}", driver.uuid())
            .push(" AND t.return_time > {})", window.from);
    }
    let sql = sql.push(") ORDER BY t.id DESC LIMIT {}", MOST_BESIDE);
    sql.all::<Row>().await?.into_iter().map(Trip::try_from).collect()
}

/// The trip of the same vehicle that returned last before one that has returned.
pub(super) async fn before(tx: &mut Tx, trip: &Trip) -> Result<Option<Trip>> {
    let Some(sql) = beside(tx, trip, "<") else { return Ok(None) };
    let sql = sql.text(" ORDER BY t.return_time DESC, t.depart_time DESC, t.id DESC LIMIT 1");
    sql.opt::<Row>().await?.map(Trip::try_from).transpose()
}

/// The trip of the same vehicle that returned next after one that has returned.
pub(super) async fn next(tx: &mut Tx, trip: &Trip) -> Result<Option<Trip>> {
    let Some(sql) = beside(tx, trip, ">") else { return Ok(None) };
    let sql = sql.text(" ORDER BY t.return_time, t.depart_time, t.id LIMIT 1");
    sql.opt::<Row>().await?.map(Trip::try_from).transpose()
}

fn beside<'t>(tx: &'t mut Tx, trip: &Trip, than: &'static str) -> Option<Sql<'t>> {
    let (depart, back) = trip.depart_time.zip(trip.return_time)?;
    let vehicle = trip.dispatch.as_ref()?.vehicle;
    let sql = tx
        .sql(SELECT)
        .push(" WHERE t.state <> 'void' AND t.vehicle_id = {}", vehicle.uuid())
        .text(" AND (t.return_time, t.depart_time, t.id) ")
        .text(than)
        .push(" ({}", back)
        .push(", {}", depart)
        .push(", {})", trip.id.uuid());
    Some(sql)
}

/// The imported trip of a vehicle from then until then.
pub(super) async fn imported(
    tx: &mut Tx,
    vehicle: VehicleId,
    window: Window,
) -> Result<Option<Trip>> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE t.imported AND t.state <> 'void' AND t.vehicle_id = {}", vehicle.uuid())
        .push(" AND t.depart_time = {}", window.from)
        .push(" AND t.return_time = {}", window.until);
    sql.opt::<Row>().await?.map(Trip::try_from).transpose()
}

/// When an organization first asked for a trip, if it ever did.
pub(super) async fn first_asked(
    tx: &mut Tx,
    organization: &OrganizationCode,
) -> Result<Option<DateTime<Utc>>> {
    let sql = tx.sql(
        "SELECT create_time FROM trip WHERE organization = $1 AND NOT imported \
         ORDER BY create_time LIMIT 1",
    );
    let found = sql.bind(organization.as_str().to_owned()).opt::<(DateTime<Utc>,)>().await?;
    Ok(found.map(|(time,)| time))
}

/// The imported trips of a vehicle that departed from then on.
pub(super) async fn imported_from(
    tx: &mut Tx,
    vehicle: VehicleId,
    from: DateTime<Utc>,
) -> Result<Vec<Trip>> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE t.imported AND t.state <> 'void' AND t.vehicle_id = {}", vehicle.uuid())
        .push(" AND t.depart_time >= {} ORDER BY t.depart_time, t.id", from);
    sql.all::<Row>().await?.into_iter().map(Trip::try_from).collect()
}

/// The trip, if its organization or that of its vehicle lies within the scope, or that of a vehicle that
/// it waits for.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    id: TripId,
    today: NaiveDate,
) -> Result<Option<Trip>> {
    let sql = seen(tx.sql(SELECT).push(" WHERE t.id = {}", id.uuid()), scope, today);
    sql.opt::<Row>().await?.map(Trip::try_from).transpose()
}

/// Appends ` AND (…)`: within the scope by who uses the vehicle or who gave it; or, while it is to get
/// one, by who holds a vehicle in its region that is granted as a pool's.
fn seen<'t>(sql: Sql<'t>, scope: &Scope, today: NaiveDate) -> Sql<'t> {
    if scope.is_everything() {
        return sql;
    }
    let sql = sql.text(" AND ((1 = 1").within(scope, &["o", "h"]).text(
        ") OR (t.state = 'approved' AND EXISTS (SELECT 1 FROM vehicle v \
             JOIN scope_organization p ON p.code = v.organization \
             WHERE v.pool AND v.state = 'held' AND p.region = o.region AND ",
    );
    pooled(sql, "v", (today, today)).within(scope, &["p"]).text(")))")
}

/// The trip of an approval.
pub(super) async fn of_approval(tx: &mut Tx, id: ApprovalId) -> Result<Option<Trip>> {
    let sql = tx.sql(SELECT).push(" WHERE t.approval_id = {}", id.uuid());
    sql.opt::<Row>().await?.map(Trip::try_from).transpose()
}

/// Trips, the last begun first.
pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    listed: &Listed,
    today: NaiveDate,
) -> Result<Vec<Trip>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .among(&listed.filter, "o")
        .push_opt(" AND t.vehicle_id = {}", listed.vehicle.map(VehicleId::uuid))
        .push_opt(" AND t.driver_id = {}", listed.driver.map(DriverId::uuid))
        .push_opt(" AND t.state = {}", listed.state.map(Named::text))
        .push_opt(" AND t.kind = {}", listed.kind.map(Named::text))
        .push_opt(" AND t.until_time > {}", listed.from)
        .push_opt(" AND t.from_time < {}", listed.until);
    if let Some((from, id)) = &listed.after {
        sql = sql.push(" AND (t.from_time, t.id) < ({}", *from).push(", {})", id.uuid());
    }
    let sql = seen(sql, scope, today);
    let sql = sql.push(" ORDER BY t.from_time DESC, t.id DESC LIMIT {}", listed.limit);
    sql.all::<Row>().await?.into_iter().map(Trip::try_from).collect()
}

/// Those that are out after the end of their window, by id.
pub(super) async fn overdue(
    tx: &mut Tx,
    now: DateTime<Utc>,
    after: Option<TripId>,
    limit: i64,
) -> Result<Vec<Trip>> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE t.state = 'departed' AND t.until_time < {}", now)
        .push_opt(" AND t.id > {}", after.map(TripId::uuid))
        .push(" ORDER BY t.id LIMIT {}", limit);
    sql.all::<Row>().await?.into_iter().map(Trip::try_from).collect()
}

/// Those that are neither approved nor refused by their day, by id.
pub(super) async fn unapproved(
    tx: &mut Tx,
    today: NaiveDate,
    after: Option<TripId>,
    limit: i64,
) -> Result<Vec<Trip>> {
    let sql = tx
        .sql(SELECT)
        .push(
            " WHERE t.approve_time IS NULL AND t.refuse_time IS NULL AND t.state <> 'void' \
             AND t.approval_due_on < {}",
            today,
        )
        .push_opt(" AND t.id > {}", after.map(TripId::uuid))
        .push(" ORDER BY t.id LIMIT {}", limit);
    sql.all::<Row>().await?.into_iter().map(Trip::try_from).collect()
}

/// The rides of vehicles that were under way between two instants.
pub(super) async fn rides(
    tx: &mut Tx,
    vehicles: &[VehicleId],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Ride>> {
    let rows: Vec<(Uuid, DateTime<Utc>, Option<DateTime<Utc>>)> = tx
        .sql(
            "SELECT vehicle_id, depart_time, return_time FROM trip \
             WHERE depart_time IS NOT NULL AND state <> 'void'",
        )
        .push_each(" AND vehicle_id IN ({})", vehicles.iter().map(|id| id.uuid()))
        .push(" AND depart_time < {}", until)
        .push(" AND (return_time IS NULL OR return_time > {})", from)
        .all()
        .await?;
    let ride = |(vehicle, depart_time, return_time)| Ride {
        vehicle: VehicleId::from_uuid(vehicle),
        depart_time,
        return_time,
    };
    Ok(rows.into_iter().map(ride).collect())
}

/// The rides of trips that have a vehicle, driven or ordered.
pub(super) async fn named(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<(Uuid, Ride)>> {
    let rows: Vec<(Uuid, Uuid, DateTime<Utc>, DateTime<Utc>)> = tx
        .sql(
            "SELECT id, vehicle_id, COALESCE(depart_time, from_time), \
             COALESCE(return_time, until_time) FROM trip \
             WHERE vehicle_id IS NOT NULL AND state <> 'void'",
        )
        .push_each(" AND id IN ({})", ids.iter().copied())
        .all()
        .await?;
    let ride = |(id, vehicle, depart_time, return_time)| {
        let vehicle = VehicleId::from_uuid(vehicle);
        (id, Ride { vehicle, depart_time, return_time: Some(return_time) })
    };
    Ok(rows.into_iter().map(ride).collect())
}
