//! What can be done with vehicles.

use steward_chassis::resource::{not_found, stale};
use steward_chassis::{Ctx, Fields, Result, audit, scope};
use steward_db::Tx;

use super::{
    Change, Listed, New, PLATE_TAKEN, VIN_TAKEN, Vehicle, VehicleId, check_displacement, store,
    wire,
};

/// Registers a vehicle.
pub(super) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Vehicle> {
    let region = scope::admit_one(tx, ctx, &new.organization).await?;
    let vehicle = Vehicle {
        id: VehicleId::new(ctx.now()),
        organization: new.organization.clone(),
        region,
        content: new.content.clone(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    refuse_taken(tx, &vehicle).await?;
    store::insert(tx, &vehicle).await?;
    audit::record(tx, ctx, wire::event(None, &vehicle)?).await?;
    Ok(vehicle)
}

/// The vehicle, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: VehicleId) -> Result<Vehicle> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("vehicle", id))
}

/// Vehicles within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Vehicle>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Changes a vehicle whose version is still the one that was read.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Vehicle> {
    let old = get(tx, ctx, change.id).await?;
    if old.version != change.version {
        return Err(stale("vehicle"));
    }
    let content = change.draft.clone().over(&old.content);
    if content == old.content {
        return Ok(old);
    }
    // What is changed may contradict what stays.
    let mut fields = Fields::new();
    check_displacement(&mut fields, content.power_source, content.displacement_ml);
    fields.finish()?;
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Vehicle { content, update_time, version, ..old.clone() };
    refuse_taken(tx, &new).await?;
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, &new).await? {
        return Err(stale("vehicle"));
    }
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// Refuses a plate or VIN that another vehicle has. Unique indexes hold what is found free here
/// against whoever comes at the same time.
async fn refuse_taken(tx: &mut Tx, vehicle: &Vehicle) -> Result<()> {
    let taken = store::taken(tx, vehicle).await?;
    let mut fields = Fields::new();
    if taken.plate {
        fields.refuse("vehicle.plate", &PLATE_TAKEN, "is another vehicle's");
    }
    if taken.vin {
        fields.refuse("vehicle.vin", &VIN_TAKEN, "is another vehicle's");
    }
    fields.finish()
}
