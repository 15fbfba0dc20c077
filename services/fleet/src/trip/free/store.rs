//! SQL over `vehicle` and `trip`: which vehicles are free.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Named as _, RegionCode};
use uuid::Uuid;

use super::{Free, Wanted};
use crate::establishment::actions::pooled;
use crate::vehicle::{Category, VehicleId};

/// The regions of the organizations within a scope.
pub(super) async fn regions(tx: &mut Tx, scope: &Scope) -> Result<Vec<RegionCode>> {
    let sql = tx.sql("SELECT DISTINCT o.region FROM scope_organization o WHERE 1 = 1");
    let rows: Vec<(String,)> = sql.within(scope, &["o"]).all().await?;
    rows.into_iter().map(|(region,)| stored(&region)).collect()
}

#[derive(sqlx::FromRow)]
struct FreeRow {
    id: Uuid,
    organization: String,
    plate: String,
    model: String,
    body: String,
    power_source: String,
    seats: i64,
    parking_place: String,
    serves: bool,
    inspection_due_on: Option<NaiveDate>,
    insured_until: Option<NaiveDate>,
}

impl TryFrom<FreeRow> for Free {
    type Error = Error;

    fn try_from(row: FreeRow) -> Result<Self> {
        Ok(Self {
            vehicle: VehicleId::from_uuid(row.id),
            organization: stored(&row.organization)?,
            plate: row.plate,
            model: row.model,
            body: stored(&row.body)?,
            power_source: stored(&row.power_source)?,
            seats: row.seats.try_into().map_err(Error::internal)?,
            parking_place: row.parking_place,
            pool: row.serves,
            inspection_due_on: row.inspection_due_on,
            insured_until: row.insured_until,
        })
    }
}

/// Vehicles that no trip keeps in a window, by plate and id: those of the organizations within the scope,
/// and those of the pools that serve them, but for what is kept in its region for its holder. One that is
/// out beyond its own window is taken until it is back.
pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    wanted: &Wanted,
    kept: &[(RegionCode, Category)],
    now: DateTime<Utc>,
) -> Result<Vec<Free>> {
    let window = wanted.window;
    let sql = tx.sql("SELECT v.* FROM (SELECT v.*, o.region, o.code, v.pool AND ");
    let mut sql = pooled(sql, "v", (window.first_day(), window.last_day()));
    if !kept.is_empty() {
        let kept = kept.iter().map(|(region, category)| format!("{region} {}", category.text()));
        sql = sql.push_each(" AND (o.region || ' ' || v.category) NOT IN ({})", kept);
    }
    sql = sql
        .text(
            " AS serves FROM vehicle v JOIN scope_organization o ON o.code = v.organization \
             WHERE v.state = 'held') v WHERE ",
        )
        .push("v.seats >= {}", i64::from(wanted.seats))
        .push_opt(" AND v.parking_place = {}", wanted.parking_place.clone())
        .text(" AND ((1 = 1")
        .within(scope, &["v"])
        .text(
            ") OR (v.serves AND EXISTS (SELECT 1 FROM scope_organization u \
             WHERE u.region = v.region",
        )
        .within(scope, &["u"])
        .text(")))")
        .among(&wanted.filter, "v")
        .push(
            " AND NOT EXISTS (SELECT 1 FROM trip t WHERE t.vehicle_id = v.id AND NOT t.imported \
             AND t.booked_from < {}",
            window.until,
        )
        .push(" AND (t.booked_until > {}", window.from)
        .push(" OR (t.state = 'departed' AND {}", window.from)
        .push(" <= {})))", now);
    if let Some((plate, id)) = &wanted.after {
        sql = sql.push(" AND (v.plate, v.id) > ({}", plate.clone()).push(", {})", id.uuid());
    }
    let sql = sql.push(" ORDER BY v.plate, v.id LIMIT {}", wanted.limit);
    sql.all::<FreeRow>().await?.into_iter().map(Free::try_from).collect()
}
