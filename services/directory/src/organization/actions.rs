//! What can be done with organizations.

use steward_chassis::error::{ETAG_STALE, NOT_FOUND};
use steward_chassis::fields::REGION_UNKNOWN;
use steward_chassis::scope::{SCOPE_DENIED, store as scopes};
use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use super::{Change, LocalKey, New, ORGANIZATION_EXISTS, Organization, store};
use crate::region;

/// Makes an organization and tells the scope table in the same transaction.
pub(crate) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Organization> {
    known(tx, &new.content.region).await?;
    let code = match &new.code {
        Some(code) => code.clone(),
        None => LocalKey::new(ctx.now()).code()?,
    };
    // Nobody may draw an organization that reports elsewhere by its code into his own region.
    let assumed = code.assumed_region();
    may_place(ctx, &code, &new.content.region, assumed.as_ref())?;
    if let Some(assumed) = &assumed
        && region::store::exists(tx, assumed).await?
    {
        may_place(ctx, &code, assumed, Some(assumed))?;
    }
    let organization = Organization {
        code,
        content: new.content.clone(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    scopes::put(tx, &organization.code, &organization.content.region).await?;
    if !store::insert(tx, &organization).await? {
        return Err(taken(tx, ctx, &organization.code).await?);
    }
    Ok(organization)
}

/// Why a code cannot be used: it is there, or it is there where the caller may not look.
async fn taken(tx: &mut Tx, ctx: &Ctx, code: &OrganizationCode) -> Result<Error> {
    Ok(match store::find(tx, ctx.scope(), code).await? {
        Some(_) => Error::new(&ORGANIZATION_EXISTS, format!("organization {code} exists")),
        None => denied(&format!("organization {code}")),
    })
}

/// Changes an organization whose version is still the one that was read.
pub(crate) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Organization> {
    let old = store::find(tx, ctx.scope(), &change.code).await?.ok_or_else(|| {
        Error::new(&NOT_FOUND, format!("organization {} is not found", change.code))
    })?;
    let content = change.applied_to(&old.content);
    known(tx, &content.region).await?;
    may_place(ctx, &old.code, &content.region, Some(&old.content.region))?;
    let new =
        Organization { content, update_time: ctx.now(), version: old.version + 1, ..old.clone() };
    // The condition stands in the statement: of two changes at once one wins.
    if old.version != change.version || !store::update(tx, old.version, &new).await? {
        return Err(Error::new(&ETAG_STALE, "the organization was changed since it was read"));
    }
    scopes::put(tx, &new.code, &new.content.region).await?;
    Ok(new)
}

async fn known(tx: &mut Tx, region: &RegionCode) -> Result<()> {
    let mut fields = Fields::new();
    if !region::store::exists(tx, region).await? {
        let message = format!("region {region} is not known");
        fields.refuse("organization.region", &REGION_UNKNOWN, message);
    }
    fields.finish()
}

/// Whether the caller may have an organization in a region. Who was granted only the organization may
/// leave it where it is (`from`), not move it.
fn may_place(
    ctx: &Ctx,
    code: &OrganizationCode,
    region: &RegionCode,
    from: Option<&RegionCode>,
) -> Result<()> {
    let scope = ctx.scope();
    let may = match from {
        Some(from) if from == region => scope.covers(code, region),
        _ => scope.covers_region(region),
    };
    if may { Ok(()) } else { Err(denied(&format!("region {region}"))) }
}

fn denied(what: &str) -> Error {
    Error::new(&SCOPE_DENIED, format!("{what} lies outside the grants"))
}
