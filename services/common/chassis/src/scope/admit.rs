//! Admitting the organization that something is written for.

use std::collections::BTreeSet;

use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use super::{ORGANIZATION_UNKNOWN, SCOPE_DENIED, Scope, admit, store, unknown};
use crate::ctx::Ctx;
use crate::error::{Error, Reason, Result};

/// Makes sure that an organization is known to this database and lies within the caller's grants;
/// tells its region. Nobody makes one known outside his grants.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`.
pub async fn admit_one(tx: &mut Tx, ctx: &Ctx, code: &OrganizationCode) -> Result<RegionCode> {
    let codes = BTreeSet::from([code.clone()]);
    if let Some(region) = store::regions(tx, &codes).await?.remove(code) {
        return check(ctx, code, Some(region));
    }
    check(ctx, code, code.assumed_region())?;
    // Someone else may have made the row meanwhile, with another region.
    let region = admit(tx, &codes).await?.remove(code);
    check(ctx, code, region)
}

fn check(ctx: &Ctx, code: &OrganizationCode, region: Option<RegionCode>) -> Result<RegionCode> {
    if let Some((reason, message)) = refusal(ctx.scope(), code, region.as_ref()) {
        return Err(Error::new(reason, message));
    }
    region.ok_or_else(|| Error::internal("an admitted organization has no region"))
}

/// Why an organization may not be written for, by the region that it has or is assumed to have.
pub fn refusal(
    scope: &Scope,
    code: &OrganizationCode,
    region: Option<&RegionCode>,
) -> Option<(&'static Reason, String)> {
    match region {
        None => Some((&ORGANIZATION_UNKNOWN, unknown(code))),
        Some(region) if scope.covers(code, region) => None,
        Some(_) => Some((&SCOPE_DENIED, format!("organization {code} lies outside the grants"))),
    }
}
