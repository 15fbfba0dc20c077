//! What requests do with a vehicle while they are under way.

mod store;

use steward_chassis::{Error, Result};
use steward_db::Tx;
use uuid::Uuid;

use super::{VEHICLE_ENGAGED, VehicleId};

/// What a request does with a vehicle. One of a kind at a time: a vehicle that is replaced has to be
/// disposed of, but is not transferred and disposed of at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It goes to another holder, or is disposed of.
    Move,
    /// Another vehicle comes in its place.
    Replace,
}

impl Claim {
    fn text(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::Replace => "replace",
        }
    }
}

/// Claims a vehicle for a request until it is released.
///
/// Errors: `VEHICLE_ENGAGED`.
pub(crate) async fn claim(
    tx: &mut Tx,
    vehicle: VehicleId,
    claim: Claim,
    request: Uuid,
) -> Result<()> {
    if store::insert(tx, vehicle, claim, request).await? { Ok(()) } else { Err(engaged(vehicle)) }
}

/// Releases what a request has claimed.
pub(crate) async fn release(tx: &mut Tx, request: Uuid) -> Result<()> {
    store::delete(tx, request).await
}

/// The request that has claimed a vehicle.
pub(crate) async fn holder(tx: &mut Tx, vehicle: VehicleId, claim: Claim) -> Result<Option<Uuid>> {
    store::holder(tx, vehicle, claim).await
}

/// Refuses what may not be done to a vehicle that a request has claimed. Whoever asks holds the row of
/// the vehicle, as whoever claims it does: of two at once the later one sees what the first did.
///
/// Errors: `VEHICLE_ENGAGED`.
pub(super) async fn refuse_claimed(tx: &mut Tx, vehicle: VehicleId, claim: Claim) -> Result<()> {
    if holder(tx, vehicle, claim).await?.is_some() { Err(engaged(vehicle)) } else { Ok(()) }
}

fn engaged(vehicle: VehicleId) -> Error {
    let message = format!("another request about vehicle {vehicle} is under way");
    Error::new(&VEHICLE_ENGAGED, message)
}
