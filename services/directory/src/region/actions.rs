//! What can be done with regions.

use steward_chassis::fields::REGION_UNKNOWN;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::SCOPE_DENIED;
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::RegionCode;

use super::{Change, REGION_EXISTS, Region, store, wire};

/// Makes a region. A local one stands under one that is there.
pub(super) async fn create(
    tx: &mut Tx,
    ctx: &Ctx,
    (code, name): &(RegionCode, String),
) -> Result<Region> {
    covered(ctx, code)?;
    if let Some(parent) = code.parent()
        && !exists(tx, &parent).await?
    {
        let mut fields = Fields::new();
        fields.refuse("region.code", &REGION_UNKNOWN, format!("region {parent} is not known"));
        fields.finish()?;
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

fn covered(ctx: &Ctx, code: &RegionCode) -> Result<()> {
    if ctx.scope().covers_region(code) {
        return Ok(());
    }
    Err(Error::new(&SCOPE_DENIED, format!("region {code} lies outside the grants")))
}

/// Whether a region is there.
pub(crate) async fn exists(tx: &mut Tx, code: &RegionCode) -> Result<bool> {
    Ok(!store::by_codes(tx, std::slice::from_ref(code)).await?.is_empty())
}
