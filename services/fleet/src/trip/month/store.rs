//! SQL over `trip` and `holding`, for months.

use chrono::{DateTime, Utc};
use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::OrganizationCode;
use uuid::Uuid;

use super::rules::Leg;
use crate::vehicle::VehicleId;

/// The trips of a vehicle that were out after an instant, and the one before them, in the order in which
/// they returned; one that is out is the last.
pub(super) async fn legs(tx: &mut Tx, vehicle: VehicleId, from: DateTime<Utc>) -> Result<Vec<Leg>> {
    type Row = (DateTime<Utc>, Option<DateTime<Utc>>, Option<i64>, Option<i64>);
    let rows: Vec<Row> = tx
        .sql(
            "SELECT depart_time, return_time, start_odometer_m, end_odometer_m FROM trip \
             WHERE vehicle_id = $1 AND state <> 'void' AND depart_time IS NOT NULL \
               AND (return_time IS NULL OR return_time >= COALESCE((SELECT MAX(b.return_time) \
                 FROM trip b WHERE b.vehicle_id = $1 AND b.state <> 'void' \
                   AND b.return_time < $2), $2)) \
             ORDER BY CASE WHEN return_time IS NULL THEN 1 ELSE 0 END, return_time, depart_time, id",
        )
        .bind(vehicle.uuid())
        .bind(from)
        .all()
        .await?;
    let leg = |(depart, back, start, end)| Leg { depart, back, start, end };
    Ok(rows.into_iter().map(leg).collect())
}

/// When the first trip departed with a vehicle that an organization held.
pub(super) async fn began(
    tx: &mut Tx,
    organization: &OrganizationCode,
) -> Result<Option<DateTime<Utc>>> {
    let sql = tx.sql(
        "SELECT depart_time FROM trip WHERE holder = $1 AND depart_time IS NOT NULL \
         AND state <> 'void' ORDER BY depart_time LIMIT 1",
    );
    let found = sql.bind(organization.as_str().to_owned()).opt::<(DateTime<Utc>,)>().await?;
    Ok(found.map(|(time,)| time))
}

/// When the last trip of a vehicle returned before an instant, which is included.
pub(super) async fn last_back(
    tx: &mut Tx,
    vehicle: VehicleId,
    time: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let sql = tx.sql(
        "SELECT return_time FROM trip WHERE vehicle_id = $1 AND return_time <= $2 \
         AND state <> 'void' ORDER BY return_time DESC LIMIT 1",
    );
    let found = sql.bind(vehicle.uuid()).bind(time).opt::<(DateTime<Utc>,)>().await?;
    Ok(found.map(|(time,)| time))
}

/// The vehicles that an organization holds or held.
pub(super) async fn vehicles(
    tx: &mut Tx,
    organization: &OrganizationCode,
) -> Result<Vec<VehicleId>> {
    let sql = tx.sql("SELECT DISTINCT vehicle_id FROM holding WHERE organization = $1");
    let rows: Vec<(Uuid,)> = sql.bind(organization.as_str().to_owned()).all().await?;
    Ok(rows.into_iter().map(|(id,)| VehicleId::from_uuid(id)).collect())
}
