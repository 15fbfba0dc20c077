//! Which organizations a write may touch: those within the caller's grants, known or new.

pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::scope::{self, Life};
use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

/// Organizations with their regions.
pub(crate) type Regions = BTreeMap<OrganizationCode, RegionCode>;

/// From when until when organizations are there, for those of which it is known.
pub(crate) type Lives = BTreeMap<OrganizationCode, Life>;

/// Organizations that nobody can correct until this transaction ends.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) regions: Regions,
    pub(crate) lives: Lives,
}

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

/// What is known of organizations, which nobody can correct until this transaction ends. Makes those
/// known that are new.
pub(crate) async fn hold(tx: &mut Tx, codes: &BTreeSet<OrganizationCode>) -> Result<Held> {
    let held = store::hold(tx, codes).await?;
    if held.regions.len() == codes.len() {
        return Ok(held);
    }
    scope::admit(tx, codes).await?;
    store::hold(tx, codes).await
}

/// Admits one organization and tells its region and life, which nobody else holds until this
/// transaction ends: declarations for one organization come one after the other.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`.
pub(crate) async fn lock(
    tx: &mut Tx,
    ctx: &Ctx,
    code: &OrganizationCode,
) -> Result<(RegionCode, Life)> {
    let codes = BTreeSet::from([code.clone()]);
    scope::admitted(ctx, code, regions(tx, &codes).await?.remove(code))?;
    let mut locked = store::lock(tx, code).await?;
    if locked.regions.is_empty() {
        scope::admit(tx, &codes).await?;
        locked = store::lock(tx, code).await?;
    }
    // Someone else may have made the row meanwhile, with another region.
    let region = scope::admitted(ctx, code, locked.regions.remove(code))?;
    Ok((region, locked.lives.remove(code).unwrap_or_default()))
}
