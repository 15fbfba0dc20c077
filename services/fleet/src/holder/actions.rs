//! Telling who held vehicles.

use steward_chassis::{Ctx, Result};
use steward_db::Tx;

use super::{Holding, Holdings, Listed, store};
use crate::vehicle::VehicleId;

/// Who held these vehicles, now and before, wherever that is.
pub(crate) async fn of(tx: &mut Tx, vehicles: &[VehicleId]) -> Result<Holdings> {
    let mut found = Vec::new();
    for vehicles in vehicles.chunks(500) {
        found.extend(store::of(tx, vehicles).await?);
    }
    Ok(Holdings::new(found))
}

/// The holdings of organizations within the caller's scope, by plate, vehicle and first day.
pub(crate) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Holding>> {
    store::list(tx, ctx.scope(), listed).await
}
