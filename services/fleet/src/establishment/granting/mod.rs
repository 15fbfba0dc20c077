//! Entering, revoking and filing grants.

mod store;

use chrono::NaiveDate;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{self, SCOPE_DENIED, Scope};
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use super::{
    Authority, File, Filing, GRANT_AUTHORITY, GRANT_FILED, GRANT_REVOKED, GRANT_TAKEN, Grant,
    GrantId, Granted, ListedGrants, Revocation, Revoke, actions, rules, wire,
};

/// Enters what was granted. It takes effect on its first day, or now if that has come.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED` (the grants do not cover the region), `GRANT_TAKEN`; as
/// a warning `ORGANIZATION_NOT_THERE`.
pub(super) async fn grant(tx: &mut Tx, ctx: &Ctx, content: &Granted) -> Result<Grant> {
    let holder = &content.key.organization;
    let region = scope::admit_one(tx, ctx, holder).await?;
    covered(ctx, &region)?;
    let mut fields = Fields::new();
    let life = scope::store::life(tx, holder).await?;
    let (accept, day) = (ctx.accept_warnings(), content.effective_from);
    life.check(&mut fields, accept, "grant.effective_from", holder, day);
    fields.finish()?;
    let grant = Grant {
        id: GrantId::new(ctx.now()),
        region,
        content: content.clone(),
        create_time: ctx.now(),
        create_by: ctx.subject().to_owned(),
        filing: None,
        revocation: None,
        version: 1,
    };
    // Whoever grants the same waits here, and then finds what is taken.
    actions::open_all(tx, ctx, &content.key).await?;
    if store::is_granted(tx, content).await? {
        let mut fields = Fields::new();
        let message = format!("{} is granted from {day} on already", content.key);
        fields.refuse("grant.effective_from", &GRANT_TAKEN, message);
        fields.finish()?;
    }
    store::insert_grant(tx, &grant).await?;
    actions::look_at_all(tx, ctx, &grant.content.key).await?;
    audit::record(tx, ctx, wire::event(None, &grant)?).await?;
    Ok(grant)
}

/// Revokes a grant that was entered wrongly: it counts no more, for no day.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `GRANT_REVOKED`.
pub(super) async fn revoke(tx: &mut Tx, ctx: &Ctx, revoke: &Revoke) -> Result<Grant> {
    let old = own(tx, ctx, revoke.id, revoke.version).await?;
    covered(ctx, &old.region)?;
    let revocation =
        Revocation { time: ctx.now(), by: ctx.subject().to_owned(), reason: revoke.reason.clone() };
    actions::open_all(tx, ctx, &old.content.key).await?;
    let new = Grant { revocation: Some(revocation), version: old.version + 1, ..old.clone() };
    changed(tx, ctx, &old, new).await
}

/// Files a grant with the city (备案).
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED` (the grants do not cover the city's own level), `ETAG_STALE`,
/// `GRANT_REVOKED`, `GRANT_FILED`.
pub(super) async fn file(tx: &mut Tx, ctx: &Ctx, file: &File) -> Result<Grant> {
    // The city reads what counties write, and files it.
    let old = seen(tx, &ctx.sight(), file.id, file.version).await?;
    let city = rules::city_level(&old.region);
    covered(ctx, city.as_ref().unwrap_or(&old.region))?;
    if old.filing.is_some() {
        return Err(Error::new(&GRANT_FILED, "it was filed before"));
    }
    let filing = Filing { no: file.no.clone(), on: file.on, by: ctx.subject().to_owned() };
    actions::open_all(tx, ctx, &old.content.key).await?;
    let new = Grant { filing: Some(filing), version: old.version + 1, ..old.clone() };
    changed(tx, ctx, &old, new).await
}

async fn changed(tx: &mut Tx, ctx: &Ctx, old: &Grant, new: Grant) -> Result<Grant> {
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update_grant(tx, &new).await? {
        return Err(stale("grant"));
    }
    actions::look_at_all(tx, ctx, &new.content.key).await?;
    audit::record(tx, ctx, wire::event(Some(old), &new)?).await?;
    Ok(new)
}

/// A grant of that version that counts, if the caller may write for its organization.
async fn own(tx: &mut Tx, ctx: &Ctx, id: GrantId, version: i64) -> Result<Grant> {
    let grant = seen(tx, &ctx.sight(), id, version).await?;
    if ctx.scope().covers(&grant.content.key.organization, &grant.region) {
        return Ok(grant);
    }
    Err(Error::new(&SCOPE_DENIED, format!("grant {id} lies outside the grants")))
}

/// A grant of that version that counts, within a scope.
async fn seen(tx: &mut Tx, scope: &Scope, id: GrantId, version: i64) -> Result<Grant> {
    let grant = store::grant(tx, scope, id).await?.ok_or_else(|| not_found("grant", id))?;
    if grant.version != version {
        return Err(stale("grant"));
    }
    if grant.revocation.is_some() {
        return Err(Error::new(&GRANT_REVOKED, "it was revoked before"));
    }
    Ok(grant)
}

/// Establishments are the authority's: to write for the organization is not enough.
fn covered(ctx: &Ctx, region: &RegionCode) -> Result<()> {
    if ctx.scope().covers_region(region) {
        return Ok(());
    }
    Err(Error::new(&SCOPE_DENIED, format!("the grants do not cover the whole region {region}")))
}

/// Grants within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &ListedGrants) -> Result<Vec<Grant>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::grants(tx, ctx.scope(), listed).await
}

/// Refuses an establishment that the authority does not grant.
pub(super) fn check_authority(fields: &mut Fields, granted: &Granted) {
    let wanted = Authority::of(granted.key.category);
    if granted.authority != wanted {
        let message = format!("must be {wanted:?} for this category");
        fields.refuse("grant.authority", &GRANT_AUTHORITY, message);
    }
}

/// The first day on which a grant of the organization was in effect, of any category; `None` = there was
/// none.
///
/// # Errors
/// If the database does not answer.
pub async fn granted_since(
    tx: &mut Tx,
    organization: &OrganizationCode,
    today: NaiveDate,
) -> Result<Option<NaiveDate>> {
    store::granted_since(tx, organization, today).await
}
