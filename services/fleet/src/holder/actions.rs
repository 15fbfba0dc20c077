//! Telling who held vehicles.

use std::collections::BTreeSet;

use steward_chassis::{Ctx, Result};
use steward_db::Tx;

use super::{Holding, Holdings, Listed, store};
use crate::vehicle::{self, Vehicle, VehicleId};

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
    let listed = store::list(tx, ctx.scope(), listed).await?;
    let ids: BTreeSet<_> = listed.iter().map(|holding| holding.vehicle).collect();
    let all = of(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(listed.into_iter().map(|holding| all.accounted(holding)).collect())
}

/// The vehicles of holdings, as who held them had them.
pub(crate) async fn vehicles(
    tx: &mut Tx,
    holdings: Vec<Holding>,
) -> Result<Vec<(Vehicle, Holding)>> {
    let ids: BTreeSet<_> = holdings.iter().map(|holding| holding.vehicle).collect();
    let vehicles = vehicle::actions::known(tx, &Vec::from_iter(ids)).await?;
    let of = |holding: Holding| {
        let mut vehicle = vehicles.get(&holding.vehicle)?.clone();
        vehicle.organization = holding.whose.organization.clone();
        vehicle.region = holding.whose.region.clone();
        Some((vehicle, holding))
    };
    Ok(holdings.into_iter().filter_map(of).collect())
}
