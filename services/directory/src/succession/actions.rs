//! What can be done with successions.
//!
//! Whoever changes anything of a succession holds all its organizations until the commit. So of two
//! that end the same organization one waits, and finds it ended.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::resource::not_found;
use steward_chassis::{Ctx, Error, Fields, Result, audit, scope};
use steward_db::Tx;
use steward_kernel::OrganizationCode;

use super::{
    Content, Listed, ORGANIZATION_ENDED, Revocation, SUCCESSION_CONFLICT, SUCCESSION_REVOKED,
    Succession, SuccessionId, all_handed_on, same, store, wire,
};
use crate::missing::{missing, outside};
use crate::organization::{self, Organization};

type Held = BTreeMap<OrganizationCode, Organization>;

/// Records a succession and ends those that it ends.
pub(crate) async fn record(tx: &mut Tx, ctx: &Ctx, content: &Content) -> Result<Succession> {
    let codes = content.organizations();
    let held = organization::actions::lock(tx, ctx, &codes).await?;
    all_known(ctx, content, &held)?;
    all_covered(ctx, &held)?;
    conflicts(content, &store::holding(tx, &codes, content.effective_on).await?)?;
    there(content, &held)?;

    let new = Succession {
        id: SuccessionId::new(ctx.now()),
        content: content.clone(),
        record_time: ctx.now(),
        revoke_reason: None,
    };
    store::insert(tx, &new).await?;
    for code in content.ends() {
        let (old, day) = (one(&held, code)?, Some(content.effective_on));
        organization::actions::end(tx, ctx, old, day, content.successors_of(code)).await?;
    }
    audit::record_all(tx, ctx, events(None, &new, &held)?).await?;
    Ok(new)
}

/// Takes back a succession; those that it ended are there again. Later ones stand in nobody's way: of
/// those that it ended there are none, because it ended them, and nobody else began or ended by it.
pub(crate) async fn revoke(tx: &mut Tx, ctx: &Ctx, wanted: &Revocation) -> Result<Succession> {
    let codes = found(tx, ctx, wanted.id).await?.content.organizations();
    let held = organization::actions::lock(tx, ctx, &codes).await?;
    if held.len() < codes.len() {
        return Err(outside("an organization of the succession"));
    }
    all_covered(ctx, &held)?;
    // Read again: now nobody else can change it.
    let old = found(tx, ctx, wanted.id).await?;
    if old.revoke_reason.is_some() {
        return Err(Error::new(&SUCCESSION_REVOKED, "the succession is revoked already"));
    }
    let new = Succession { revoke_reason: Some(wanted.reason.clone()), ..old.clone() };
    store::revoke(tx, new.id, &wanted.reason).await?;
    for code in new.content.ends() {
        organization::actions::end(tx, ctx, one(&held, code)?, None, Vec::new()).await?;
    }
    audit::record_all(tx, ctx, events(Some(&old), &new, &held)?).await?;
    Ok(new)
}

/// Successions of which the caller may see any organization.
pub(crate) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Succession>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

async fn found(tx: &mut Tx, ctx: &Ctx, id: SuccessionId) -> Result<Succession> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("succession", id))
}

fn all_known(ctx: &Ctx, content: &Content, held: &Held) -> Result<()> {
    let mut fields = Fields::new();
    for (place, part) in content.parts.iter().enumerate() {
        let named =
            [("predecessor", Some(&part.predecessor)), ("successor", part.successor.as_ref())];
        for (name, code) in named {
            if let Some(code) = code.filter(|code| !held.contains_key(code)) {
                let field = format!("succession.parts[{place}].{name}");
                missing(&mut fields, ctx, &field, code)?;
            }
        }
    }
    fields.finish()
}

/// Nobody ends himself, nor lives on after a reform: that is for those who have the regions.
fn all_covered(ctx: &Ctx, held: &Held) -> Result<()> {
    let mut all = held.values();
    all.try_for_each(|it| scope::region_admitted(ctx, &it.code, &it.content.region))
}

/// Refuses what is recorded already, what ends somebody who has a succession later on, and transfers
/// that together leave nothing. Whoever goes on may have had a succession before the ones that are
/// recorded: they are told in the order of their days.
fn conflicts(content: &Content, others: &[Succession]) -> Result<()> {
    let ends = content.ends();
    for other in others {
        let (day, named) = (other.content.effective_on, other.content.organizations());
        let ended = ends.iter().find(|code| named.contains(**code));
        if let Some(code) = ended.filter(|_| day > content.effective_on) {
            return Err(conflict(format!("organization {code} has a succession on {day}")));
        }
        if same(content, &other.content) {
            return Err(conflict(format!("it is recorded already, as succession {}", other.id)));
        }
    }
    match all_handed_on(content, others.iter().map(|other| &other.content)) {
        Some(sum) => Err(conflict(format!(
            "with the other transfers of that day it comes to {sum} millionths; something must stay"
        ))),
        None => Ok(()),
    }
}

fn conflict(message: String) -> Error {
    Error::new(&SUCCESSION_CONFLICT, message)
}

/// Refuses where a predecessor was not there before the day and until it, or a successor is not there
/// on it.
fn there(content: &Content, held: &Held) -> Result<()> {
    let day = content.effective_on;
    for part in &content.parts {
        let predecessor = one(held, &part.predecessor)?;
        if predecessor.content.established_on.is_some_and(|from| from >= day) {
            return Err(not_there(predecessor, "was not there before", day));
        }
        let successor = part.successor.as_ref().map(|code| one(held, code)).transpose()?;
        if let Some(successor) = successor
            && successor.content.established_on.is_some_and(|from| from > day)
        {
            return Err(not_there(successor, "is not yet there on", day));
        }
        for one in [Some(predecessor), successor].into_iter().flatten() {
            if one.ended_on.is_some_and(|end| end <= day) {
                return Err(not_there(one, "is no more on", day));
            }
        }
    }
    Ok(())
}

fn not_there(organization: &Organization, how: &str, day: NaiveDate) -> Error {
    Error::new(&ORGANIZATION_ENDED, format!("organization {} {how} {day}", organization.code))
}

fn one<'h>(held: &'h Held, code: &OrganizationCode) -> Result<&'h Organization> {
    held.get(code).ok_or_else(|| Error::internal(format!("organization {code} is not held")))
}

/// One event for each organization concerned, by code: whoever may see one of them finds it.
fn events(old: Option<&Succession>, new: &Succession, held: &Held) -> Result<Vec<Event>> {
    held.values().map(|organization| wire::event(old, new, organization)).collect()
}
