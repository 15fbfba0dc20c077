//! SQL over `vehicle_claim`.

use steward_chassis::Result;
use steward_db::Tx;
use uuid::Uuid;

use super::super::VehicleId;
use super::Claim;

/// Makes the row; false where there is one. Of two at once the later waits for the first here.
pub(super) async fn insert(
    tx: &mut Tx,
    vehicle: VehicleId,
    claim: Claim,
    request: Uuid,
) -> Result<bool> {
    let sql = tx.sql(
        "INSERT INTO vehicle_claim (vehicle_id, claim, request_id) VALUES ($1, $2, $3) \
         ON CONFLICT (vehicle_id, claim) DO NOTHING",
    );
    Ok(sql.bind(vehicle.uuid()).bind(claim.text()).bind(request).run().await? == 1)
}

pub(super) async fn delete(tx: &mut Tx, request: Uuid) -> Result<()> {
    tx.sql("DELETE FROM vehicle_claim WHERE request_id = $1").bind(request).run().await?;
    Ok(())
}

pub(super) async fn holder(tx: &mut Tx, vehicle: VehicleId, claim: Claim) -> Result<Option<Uuid>> {
    let sql = tx.sql("SELECT request_id FROM vehicle_claim WHERE vehicle_id = $1 AND claim = $2");
    let row: Option<(Uuid,)> = sql.bind(vehicle.uuid()).bind(claim.text()).opt().await?;
    Ok(row.map(|(request,)| request))
}
