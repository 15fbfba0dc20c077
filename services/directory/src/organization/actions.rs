//! What can be done with organizations.

use steward_chassis::error::{ETAG_STALE, NOT_FOUND};
use steward_chassis::scope::{SCOPE_DENIED, store as scopes};
use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};
use uuid::Uuid;

use super::{Change, New, ORGANIZATION_EXISTS, Organization, REGION_UNKNOWN, store};
use crate::region;

/// Makes an organization and tells the scope table in the same transaction.
pub(crate) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Organization> {
    known(tx, &new.content.region).await?;
    let code = match &new.code {
        Some(code) => code.clone(),
        None => local_key()?,
    };
    may_write(ctx, &code, &new.content.region)?;
    // Nobody may draw an organization that reports elsewhere by its code into his own region.
    if let Some(assumed) = code.assumed_region()
        && region::store::exists(tx, &assumed).await?
    {
        may_write(ctx, &code, &assumed)?;
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
        let message = format!("organization {} exists", organization.code);
        return Err(Error::new(&ORGANIZATION_EXISTS, message));
    }
    Ok(organization)
}

/// Changes an organization whose version is still the one that was read.
pub(crate) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Organization> {
    let old = store::find(tx, ctx.scope(), &change.code).await?.ok_or_else(|| {
        Error::new(&NOT_FOUND, format!("organization {} is not found", change.code))
    })?;
    let content = change.applied_to(&old.content);
    known(tx, &content.region).await?;
    may_write(ctx, &old.code, &content.region)?;
    let new = Organization { content, update_time: ctx.now(), version: change.version + 1, ..old };
    if !store::update(tx, change.version, &new).await? {
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

fn may_write(ctx: &Ctx, code: &OrganizationCode, region: &RegionCode) -> Result<()> {
    if ctx.scope().covers(code, region) {
        return Ok(());
    }
    Err(Error::new(&SCOPE_DENIED, format!("no grant covers region {region}")))
}

/// A new local key: `L-` and 16 digits of a random id.
fn local_key() -> Result<OrganizationCode> {
    let id = Uuid::new_v4().simple().to_string().to_ascii_uppercase();
    format!("L-{}", &id[..16]).parse().map_err(Error::internal)
}
