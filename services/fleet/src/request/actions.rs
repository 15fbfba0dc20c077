//! Claiming a vehicle for a request.

use steward_chassis::{Error, Result};
use steward_db::Tx;
use uuid::Uuid;

use super::{Claim, VEHICLE_ENGAGED, store};
use crate::vehicle::VehicleId;

/// Claims a vehicle for a request until it is released.
///
/// Errors: `VEHICLE_ENGAGED`.
pub(crate) async fn claim(
    tx: &mut Tx,
    vehicle: VehicleId,
    claim: Claim,
    request: Uuid,
) -> Result<()> {
    if store::insert(tx, vehicle, claim, request).await? {
        return Ok(());
    }
    let message = format!("another request about vehicle {vehicle} is under way");
    Err(Error::new(&VEHICLE_ENGAGED, message))
}

/// Releases what a request has claimed.
pub(crate) async fn release(tx: &mut Tx, request: Uuid) -> Result<()> {
    store::delete(tx, request).await
}

/// The request that has claimed a vehicle.
pub(crate) async fn holder(tx: &mut Tx, vehicle: VehicleId, claim: Claim) -> Result<Option<Uuid>> {
    store::holder(tx, vehicle, claim).await
}
