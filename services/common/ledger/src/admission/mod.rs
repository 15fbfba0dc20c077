//! Which organizations a write may touch: those within the caller's grants, known or new.

pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::scope::{self, ORGANIZATION_UNKNOWN, SCOPE_DENIED, Scope};
use steward_chassis::{Ctx, Error, Reason, Result};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

/// Organizations with their regions.
pub(crate) type Regions = BTreeMap<OrganizationCode, RegionCode>;

/// The regions of organizations, for those not yet known the one in the code. Local keys that are
/// not known are missing. Changes nothing: nobody may make a row outside his grants.
pub(crate) async fn regions(tx: &mut Tx, codes: &BTreeSet<OrganizationCode>) -> Result<Regions> {
    let mut regions = scope::store::regions(tx, codes).await?;
    for code in codes {
        if !regions.contains_key(code) {
            regions.extend(code.assumed_region().map(|region| (code.clone(), region)));
        }
    }
    Ok(regions)
}

/// The regions of organizations, which nobody can correct until this transaction ends. Makes those
/// known that are new.
pub(crate) async fn hold(tx: &mut Tx, codes: &BTreeSet<OrganizationCode>) -> Result<Regions> {
    let held = store::hold(tx, codes).await?;
    if held.len() == codes.len() {
        return Ok(held);
    }
    scope::admit(tx, codes).await?;
    store::hold(tx, codes).await
}

/// Why an organization may not be written to.
pub(crate) fn refusal(
    regions: &Regions,
    scope: &Scope,
    code: &OrganizationCode,
) -> Option<(&'static Reason, String)> {
    match regions.get(code) {
        None => Some((&ORGANIZATION_UNKNOWN, format!("organization {code} is not known"))),
        Some(region) if scope.covers(code, region) => None,
        Some(_) => Some((&SCOPE_DENIED, format!("organization {code} lies outside the grants"))),
    }
}

/// Admits one organization and tells its region, which nobody else holds until this transaction
/// ends: declarations for one organization come one after the other.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`.
pub(crate) async fn lock(tx: &mut Tx, ctx: &Ctx, code: &OrganizationCode) -> Result<RegionCode> {
    let codes = BTreeSet::from([code.clone()]);
    check(&regions(tx, &codes).await?, ctx, code)?;
    let mut locked = store::lock(tx, code).await?;
    if locked.is_empty() {
        scope::admit(tx, &codes).await?;
        locked = store::lock(tx, code).await?;
    }
    // Someone else may have made the row meanwhile, with another region.
    check(&locked, ctx, code)
}

fn check(regions: &Regions, ctx: &Ctx, code: &OrganizationCode) -> Result<RegionCode> {
    if let Some((reason, message)) = refusal(regions, ctx.scope(), code) {
        return Err(Error::new(reason, message));
    }
    let missing = || Error::internal("an admitted organization has no region");
    regions.get(code).cloned().ok_or_else(missing)
}
