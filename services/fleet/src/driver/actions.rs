//! What can be done with drivers.

use steward_chassis::resource::{not_found, stale, writable};
use steward_chassis::scope::{self, Scope};
use steward_chassis::{Ctx, Fields, Result, audit};
use steward_db::Tx;

use super::{Change, DRIVER_SAME_NAME, Driver, DriverId, Listed, New, State, store, wire};

/// Enters a driver.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`; as a warning `DRIVER_SAME_NAME`.
pub(super) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Driver> {
    let region = scope::admit_one(tx, ctx, &new.organization).await?;
    let driver = Driver {
        id: DriverId::new(ctx.now()),
        organization: new.organization.clone(),
        region,
        content: new.content.clone(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    check_name(tx, ctx, &driver).await?;
    store::insert(tx, &driver).await?;
    audit::record(tx, ctx, wire::event(None, &driver)?).await?;
    Ok(driver)
}

/// The driver, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: DriverId) -> Result<Driver> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("driver", id))
}

/// Drivers within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Driver>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Changes a driver whose version is still the one that was read.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`; as a warning `DRIVER_SAME_NAME`.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Driver> {
    let old = own(tx, ctx, change.id).await?;
    if old.version != change.version {
        return Err(stale("driver"));
    }
    let content = change.draft.clone().over(&old.content);
    if content == old.content {
        return Ok(old);
    }
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Driver { content, update_time, version, ..old.clone() };
    // What was accepted once is not asked again.
    if (&new.content.name, new.content.state) != (&old.content.name, old.content.state) {
        check_name(tx, ctx, &new).await?;
    }
    if !store::update(tx, &new).await? {
        return Err(stale("driver"));
    }
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// The driver, if it lies within a scope, for a trip: until the commit no other trip takes it and nobody
/// changes it. After the vehicle of the trip, before the trip.
///
/// Errors: `NOT_FOUND`.
pub(crate) async fn hold(tx: &mut Tx, scope: &Scope, id: DriverId) -> Result<Driver> {
    store::lock(tx, scope, id).await?.ok_or_else(|| not_found("driver", id))
}

/// The driver, if the caller may change it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
async fn own(tx: &mut Tx, ctx: &Ctx, id: DriverId) -> Result<Driver> {
    let found = store::find(tx, &ctx.sight(), id).await?;
    writable(ctx, found, ("driver", id), |it| (&it.organization, &it.region))
}

/// Warns where another active driver of the organization has the same name.
async fn check_name(tx: &mut Tx, ctx: &Ctx, driver: &Driver) -> Result<()> {
    let mut fields = Fields::new();
    if driver.content.state == State::Active && store::has_namesake(tx, driver).await? {
        let message = "is the name of another active driver of the organization";
        fields.warn(ctx.accept_warnings(), "driver.name", &DRIVER_SAME_NAME, message);
    }
    fields.finish()
}
