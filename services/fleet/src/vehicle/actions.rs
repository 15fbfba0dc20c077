//! What can be done with vehicles.

use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{self, SCOPE_DENIED, Scope};
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;

use super::{
    Change, Listed, New, PLATE_TAKEN, Plate, VIN_TAKEN, Vehicle, VehicleId, check_displacement,
    check_plate, store, wire,
};

/// Registers a vehicle.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`, `PLATE_TAKEN`, `VIN_TAKEN`; as a warning
/// `ORGANIZATION_NOT_THERE`.
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
    check_holder(tx, ctx, &vehicle).await?;
    refuse_taken(tx, &vehicle).await?;
    store::insert(tx, &vehicle).await?;
    audit::record(tx, ctx, wire::event(None, &vehicle)?).await?;
    Ok(vehicle)
}

/// The vehicle, if it lies within the caller's scope.
pub(crate) async fn get(tx: &mut Tx, ctx: &Ctx, id: VehicleId) -> Result<Vehicle> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("vehicle", id))
}

/// Vehicles within the caller's scope.
pub(crate) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Vehicle>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Changes a vehicle whose version is still the one that was read.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `DISPLACEMENT_CONTRADICTS`, `PLATE_TAKEN`,
/// `VIN_TAKEN`; as warnings `PLATE_CONTRADICTS`, `ORGANIZATION_NOT_THERE`.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Vehicle> {
    let old = own(tx, ctx, change.id).await?;
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
    // What was accepted once is not asked again.
    if (&content.plate, content.power_source) != (&old.content.plate, old.content.power_source) {
        check_plate(&mut fields, ctx.accept_warnings(), &content.plate, content.power_source);
    }
    fields.finish()?;
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Vehicle { content, update_time, version, ..old.clone() };
    if new.content.acquired_on != old.content.acquired_on {
        check_holder(tx, ctx, &new).await?;
    }
    refuse_taken(tx, &new).await?;
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, &new).await? {
        return Err(stale("vehicle"));
    }
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// The vehicle, if the caller may change it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
pub(crate) async fn own(tx: &mut Tx, ctx: &Ctx, id: VehicleId) -> Result<Vehicle> {
    let error = match get(tx, ctx, id).await {
        Ok(vehicle) => return Ok(vehicle),
        Err(error) => error,
    };
    if store::find(tx, &ctx.sight(), id).await?.is_some() {
        return Err(Error::new(&SCOPE_DENIED, format!("vehicle {id} lies outside the grants")));
    }
    Err(error)
}

/// The vehicles of these ids or plates, if they lie within a scope.
pub(crate) async fn among(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[VehicleId],
    plates: &[Plate],
) -> Result<Vec<Vehicle>> {
    store::among(tx, scope, ids, plates).await
}

/// Keeps others from holding the same vehicles until this transaction ends: what is computed of all
/// that a vehicle has is computed by one at a time.
pub(crate) async fn hold(tx: &mut Tx, ids: &[VehicleId]) -> Result<()> {
    store::hold(tx, ids).await
}

/// Warns where the organization was not there on the day the vehicle came.
async fn check_holder(tx: &mut Tx, ctx: &Ctx, vehicle: &Vehicle) -> Result<()> {
    let (holder, day) = (&vehicle.organization, vehicle.content.acquired_on);
    let mut fields = Fields::new();
    let life = scope::store::life(tx, holder).await?;
    life.check(&mut fields, ctx.accept_warnings(), "vehicle.acquired_on", holder, day);
    fields.finish()
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
