//! What can be done with regions.

use steward_chassis::fields::REGION_UNKNOWN;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::RegionCode;

use super::{Change, Listed, REGION_EXISTS, Region, store, wire};
use crate::missing::outside;

/// Regions by code.
pub(super) async fn list(tx: &mut Tx, listed: &Listed) -> Result<Vec<Region>> {
    store::list(tx, listed).await
}

/// Makes a region. A local one stands under one that is there.
pub(super) async fn create(
    tx: &mut Tx,
    ctx: &Ctx,
    (code, name): &(RegionCode, String),
) -> Result<Region> {
    covered(ctx, code)?;
    if let Some(parent) = code.parent() {
        known(tx, "region.code", &parent).await?;
    }
    let (code, name) = (code.clone(), name.clone());
    let region = Region { code, name, update_time: Some(ctx.now()), version: 1 };
    if !store::insert(tx, &region).await? {
        return Err(Error::new(&REGION_EXISTS, format!("region {} exists", region.code)));
    }
    audit::record(tx, ctx, wire::event(None, &region)?).await?;
    Ok(region)
}

/// Renames a region whose version is still the one that was read.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Region> {
    covered(ctx, &change.code)?;
    let found = store::by_codes(tx, std::slice::from_ref(&change.code)).await?.pop();
    let old = found.ok_or_else(|| not_found("region", &change.code))?;
    if old.version != change.version {
        return Err(stale("region"));
    }
    if old.name == change.name {
        return Ok(old);
    }
    let (name, update_time) = (change.name.clone(), Some(ctx.now()));
    let new = Region { name, update_time, version: old.version + 1, ..old.clone() };
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, old.version, &new).await? {
        return Err(stale("region"));
    }
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// Refuses a region that the caller's grants do not cover.
pub(crate) fn covered(ctx: &Ctx, code: &RegionCode) -> Result<()> {
    if ctx.scope().covers_region(code) { Ok(()) } else { Err(outside(&format!("region {code}"))) }
}

/// Refuses a region that is not there; it stands in that field of the request.
pub(crate) async fn known(tx: &mut Tx, field: &str, code: &RegionCode) -> Result<()> {
    let mut fields = Fields::new();
    if store::by_codes(tx, std::slice::from_ref(code)).await?.is_empty() {
        fields.refuse(field, &REGION_UNKNOWN, format!("region {code} is not known"));
    }
    fields.finish()
}
