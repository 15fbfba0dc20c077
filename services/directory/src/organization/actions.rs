//! What can be done with organizations.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use futures::FutureExt;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{self, store as scopes};
use steward_chassis::{Ctx, Error, Fields, Result, audit, write_by_service};
use steward_db::{Db, Tx};
use steward_kernel::{Named as _, OrganizationCode, RegionCode};

use super::{
    Change, Content, Kind, Level, Listed, LocalKey, MAX_ALIASES, New, ORGANIZATION_EXISTS,
    Organization, RuleFlag, check_days, renamed, store, wire,
};
use crate::missing::outside;
use crate::region;

const REGION: &str = "organization.region";

/// What is told of work without a caller.
const METHOD: &str = "directory.complete_names";
/// So many names are made findable in one transaction.
const AT_ONCE: i64 = 500;

/// Makes an organization and tells the scope table in the same transaction.
pub(crate) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Organization> {
    region::actions::known(tx, REGION, &new.content.region).await?;
    let code = match &new.code {
        Some(code) => code.clone(),
        None => LocalKey::new(ctx.now()).code()?,
    };
    // By its code it may report elsewhere already, also where the city has no such region.
    may_place(ctx, &code, &new.content.region, code.assumed_region().as_ref())?;
    let organization = Organization {
        code,
        content: new.content.clone(),
        ended_on: None,
        successors: Vec::new(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    scopes::put(tx, &scoped(&organization)).await?;
    if !store::insert(tx, &organization).await? {
        return Err(taken(tx, ctx, &organization.code).await?);
    }
    audit::record_all(tx, ctx, wire::events(None, &organization)?).await?;
    Ok(organization)
}

/// What the scope table keeps of an organization.
fn scoped(organization: &Organization) -> scopes::Known {
    let sole = match organization.successors.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    scopes::Known {
        code: organization.code.clone(),
        region: organization.content.region.clone(),
        kind: Some(organization.content.kind.text().to_owned()),
        established_on: organization.content.established_on,
        ended_on: organization.ended_on,
        successor: sole,
    }
}

/// Why a code cannot be used: it is there, or it is there where the caller may not look.
async fn taken(tx: &mut Tx, ctx: &Ctx, code: &OrganizationCode) -> Result<Error> {
    Ok(match store::find(tx, ctx.scope(), code).await? {
        Some(_) => Error::new(&ORGANIZATION_EXISTS, format!("organization {code} exists")),
        None => outside(&format!("organization {code}")),
    })
}

/// The organization, if it lies within the caller's scope.
pub(crate) async fn get(tx: &mut Tx, ctx: &Ctx, code: &OrganizationCode) -> Result<Organization> {
    store::find(tx, ctx.scope(), code).await?.ok_or_else(|| not_found("organization", code))
}

/// Organizations within the caller's scope.
pub(crate) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Organization>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Changes an organization whose version is still the one that was read.
pub(crate) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Organization> {
    // Held until the commit: whoever records a succession of it waits, and sees its days.
    let code = change.code.clone();
    let old = lock(tx, ctx, &[code.clone()].into()).await?.remove(&code);
    let old = old.ok_or_else(|| not_found("organization", &code))?;
    if old.version != change.version {
        return Err(stale("organization"));
    }
    let content = renamed(change.draft.clone().over(&old.content), &old.content, ctx.today());
    region::actions::known(tx, REGION, &content.region).await?;
    let begins_as_before = content.established_on == old.content.established_on;
    let there_on = if begins_as_before { None } else { store::there_on(tx, &code).await? };
    let mut fields = Fields::new();
    check_days(&mut fields, &content, old.ended_on, there_on);
    fields.at_most("organization.aliases", content.aliases.len(), MAX_ALIASES);
    fields.finish()?;
    may_place(ctx, &old.code, &content.region, Some(&old.content.region))?;
    if binds(&content) != binds(&old.content) {
        scope::region_admitted(ctx, &code, &old.content.region)?;
    }
    if content == old.content {
        return Ok(old);
    }
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Organization { content, update_time, version, ..old.clone() };
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, old.version, &new).await? {
        return Err(stale("organization"));
    }
    told(tx, ctx, &old, new).await
}

/// What decides which rules bind an organization, and since when: nobody chooses his own law.
fn binds(content: &Content) -> (Kind, Level, &[RuleFlag], Option<NaiveDate>) {
    (content.kind, content.level, &content.rule_flags, content.established_on)
}

/// Tells the scope table and the audit trail of a change.
async fn told(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Organization,
    new: Organization,
) -> Result<Organization> {
    scopes::put(tx, &scoped(&new)).await?;
    audit::record_all(tx, ctx, wire::events(Some(old), &new)?).await?;
    Ok(new)
}

/// Organizations to be changed, held until the commit. Those that are not there or lie outside the
/// caller's scope are missing in the answer.
pub(crate) async fn lock(
    tx: &mut Tx,
    ctx: &Ctx,
    codes: &BTreeSet<OrganizationCode>,
) -> Result<BTreeMap<OrganizationCode, Organization>> {
    let codes: Vec<_> = codes.iter().cloned().collect();
    let held = store::lock(tx, ctx.scope(), &codes).await?;
    Ok(held.into_iter().map(|organization| (organization.code.clone(), organization)).collect())
}

/// Ends an organization that is [held](lock), or takes its end back.
pub(crate) async fn end(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Organization,
    ended_on: Option<NaiveDate>,
    mut successors: Vec<OrganizationCode>,
) -> Result<Organization> {
    successors.sort();
    successors.dedup();
    if (old.ended_on, &old.successors) == (ended_on, &successors) {
        return Ok(old.clone());
    }
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Organization { ended_on, successors, update_time, version, ..old.clone() };
    if !store::end(tx, old.version, &new).await? {
        return Err(stale("organization"));
    }
    told(tx, ctx, old, new).await
}

/// Refuses to have an organization in a region that the caller has no authority over. Who was granted
/// only the organization may leave it where it is (`from`). To move it the grants must cover both
/// regions: all that is booked for it goes with it.
fn may_place(
    ctx: &Ctx,
    code: &OrganizationCode,
    region: &RegionCode,
    from: Option<&RegionCode>,
) -> Result<()> {
    if from == Some(region) && ctx.scope().covers(code, region) {
        return Ok(());
    }
    region::actions::covered(ctx, region)?;
    from.map_or(Ok(()), |from| region::actions::covered(ctx, from))
}

/// Lets names be found that a release before this one kept. Several replicas may do so at once, and
/// again.
pub(crate) async fn complete(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let ctx = Ctx::of_service(METHOD, now);
    // Most starts find all of them: no reason to wait for the writer.
    while !store::without_key(&mut db.read().await?, 1).await?.is_empty() {
        write_by_service(db, &ctx, |tx, _| complete_some(tx).boxed()).await?;
    }
    Ok(())
}

async fn complete_some(tx: &mut Tx) -> Result<()> {
    for (code, name) in store::without_key(tx, AT_ONCE).await? {
        store::set_key(tx, &code, &name).await?;
    }
    Ok(())
}
