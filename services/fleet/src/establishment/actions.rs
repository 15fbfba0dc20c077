//! What is done with the places of an establishment: other nouns reserve, take, free and leave them. The
//! organization is known to this database: it was admitted, or holds a vehicle.
//!
//! Whoever moves places of several establishments in one transaction does it in the order of
//! organization, then category by its text, and after he holds the rows of the vehicles.

use steward_chassis::error::Violation;
use steward_chassis::resource::not_found;
use steward_chassis::{Ctx, Error, Reason, Result, scope, sweep, write_by_service};
use steward_db::{Db, Sql, Tx};
use steward_finding::finding::{Breach, Observation, observe};
use steward_finding::rule::{self, Rule, Rules};
use steward_kernel::{Named as _, OrganizationCode};

use super::store::Move;
use super::{
    Days, ESTABLISHMENT_EXHAUSTED, ESTABLISHMENT_FROZEN, ESTABLISHMENT_MISSING, Establishment, Key,
    Listed, Summary, rules, store,
};
use crate::standard::Category;

/// The rule that no more is held than authorised.
const RULE: &str = "establishment";
/// At most so many establishments are settled before it is looked for more.
const SETTLED_AT_ONCE: i64 = 200;

/// Reserves a place for a request.
///
/// Errors: `ESTABLISHMENT_EXHAUSTED`, `ESTABLISHMENT_MISSING`, each with the rule, what would be taken and
/// the limit.
pub async fn reserve(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<Establishment> {
    try_act(tx, ctx, organization, category, Move::Reserve).await
}

/// Takes a free place for a vehicle that comes without a request: from another category.
///
/// Errors: as [`reserve`].
pub async fn occupy(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<Establishment> {
    try_act(tx, ctx, organization, category, Move::Occupy).await
}

async fn try_act(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
    wanted: Move,
) -> Result<Establishment> {
    let key = Key { organization: organization.clone(), category };
    let held = open(tx, ctx, &key).await?;
    // The condition stands in the statement: of two who want the last place one gets it.
    if !store::moved(tx, &key, wanted, ctx.now()).await? {
        return Err(refused(tx, ctx, &held).await?);
    }
    looked_at(tx, ctx, &key).await
}

/// Holds establishments until the end of the transaction, in the one order, for those who move places of
/// several.
pub(crate) async fn hold(tx: &mut Tx, ctx: &Ctx, mut keys: Vec<Key>) -> Result<()> {
    keys.sort_by(|one, other| {
        let name = |key: &Key| (key.organization.clone(), key.category.text());
        name(one).cmp(&name(other))
    });
    for key in &keys {
        open(tx, ctx, key).await?;
    }
    Ok(())
}

/// Frees a place that was reserved: the request came to nothing.
pub async fn free(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<Establishment> {
    act(tx, ctx, organization, category, Move::Free).await
}

/// A vehicle takes the place that was reserved for it.
pub async fn take_reserved(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<Establishment> {
    act(tx, ctx, organization, category, Move::TakeReserved).await
}

/// Counts a vehicle that is held already, whether there is a place or not.
pub async fn load(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<Establishment> {
    act(tx, ctx, organization, category, Move::Load).await
}

/// A vehicle leaves its place.
pub async fn leave(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<Establishment> {
    act(tx, ctx, organization, category, Move::Leave).await
}

/// A vehicle leaves its place, which is reserved for the one that replaces it. It is refused to nobody:
/// as many places are taken as before.
pub async fn swap_to_reserved(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<Establishment> {
    act(tx, ctx, organization, category, Move::SwapToReserved).await
}

/// Refuses to approve what has a place reserved, where a cut left fewer places than are taken.
///
/// Errors: `ESTABLISHMENT_FROZEN`; `ESTABLISHMENT_MISSING` where no grant is left.
pub async fn refuse_frozen(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
) -> Result<()> {
    let key = Key { organization: organization.clone(), category };
    open(tx, ctx, &key).await?;
    let now = looked_at(tx, ctx, &key).await?;
    let Some(authorised) = now.authorised else {
        return Err(Error::new(&ESTABLISHMENT_MISSING, format!("{key}: no grant is in effect")));
    };
    if now.over() == 0 {
        return Ok(());
    }
    let message = format!("{key}: {} are taken, {authorised} are authorised", now.taken());
    Err(Error::new(&ESTABLISHMENT_FROZEN, message))
}

/// Whether an establishment is granted as a pool on all of some days: that one's vehicles are for others
/// too is for the authority to say, not for who holds them.
pub(crate) async fn is_pool(tx: &mut Tx, key: &Key, days: Days) -> Result<bool> {
    store::is_pool(tx, key, days).await
}

/// The same as a condition of a query, of every row of an alias with an `organization` and a `category`.
pub(crate) fn pooled<'t>(sql: Sql<'t>, alias: &'static str, days: Days) -> Sql<'t> {
    store::pooled(sql, alias, days)
}

async fn act(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    category: Category,
    done: Move,
) -> Result<Establishment> {
    let key = Key { organization: organization.clone(), category };
    open(tx, ctx, &key).await?;
    if !store::moved(tx, &key, done, ctx.now()).await? {
        return Err(Error::internal(format!("{key}: no place for {done:?}")));
    }
    looked_at(tx, ctx, &key).await
}

/// Holds the establishment until the end of the transaction, makes it where there is none, and brings it
/// up to date with the grants.
pub(super) async fn open(tx: &mut Tx, ctx: &Ctx, key: &Key) -> Result<Establishment> {
    store::hold(tx, key, ctx.now()).await?;
    store::settle(tx, key, ctx.today(), ctx.now()).await?;
    store::whole(tx, key, ctx.today()).await
}

/// Holds all establishments of an organization and this one, as [`hold`] does: once it was granted any,
/// what it holds without a grant is above what it may.
pub(super) async fn open_all(tx: &mut Tx, ctx: &Ctx, key: &Key) -> Result<Vec<Key>> {
    let mut keys = store::of_organization(tx, &key.organization).await?;
    if !keys.contains(key) {
        keys.push(key.clone());
    }
    hold(tx, ctx, keys.clone()).await?;
    Ok(keys)
}

/// Brings all establishments of an organization, and this one, up to date and holds them against the rule:
/// the first grant of an organization says something of what it holds beside.
pub(super) async fn look_at_all(tx: &mut Tx, ctx: &Ctx, key: &Key) -> Result<()> {
    for key in open_all(tx, ctx, key).await? {
        looked_at(tx, ctx, &key).await?;
    }
    Ok(())
}

/// The establishment as it is now, held against the rule.
pub(super) async fn looked_at(tx: &mut Tx, ctx: &Ctx, key: &Key) -> Result<Establishment> {
    let now = store::whole(tx, key, ctx.today()).await?;
    let rules = rule::load(tx, &[RULE]).await?;
    let binding = rule_of(tx, ctx, &rules, &now).await?;
    // Where none binds any more, what was found before is cleared.
    let Some(rule) = binding.or_else(|| rules.any(RULE)) else { return Ok(now) };
    let limit = binding.and_then(|_| now.limit());
    let breach = limit.filter(|limit| now.taken() > *limit).map(|limit| Breach {
        observed: now.taken(),
        limit,
        detail: format!(
            "{}实有 {} 辆、占用 {} 个编制,超过核定编制 {limit} 辆",
            key.category.zh(),
            now.held,
            now.reserved
        ),
        since: ctx.today(),
    });
    let (organization, region) = (key.organization.clone(), now.region.clone());
    let (resource, occasion, rule) = (key.to_string(), String::new(), rule.clone());
    let seen = Observation { rule, resource, occasion, organization, region, breach };
    observe(tx, ctx, &[seen]).await?;
    Ok(now)
}

/// The rule that binds the organization today.
async fn rule_of<'r>(
    tx: &mut Tx,
    ctx: &Ctx,
    rules: &'r Rules,
    of: &Establishment,
) -> Result<Option<&'r Rule>> {
    let kind = scope::store::kind(tx, &of.key.organization).await?;
    Ok(rules.find(RULE, "", &of.region, kind.as_deref(), ctx.today()))
}

/// Why there is no place.
async fn refused(tx: &mut Tx, ctx: &Ctx, of: &Establishment) -> Result<Error> {
    let observed = of.taken() + 1;
    let (reason, limit): (&'static Reason, _) = match of.authorised {
        Some(authorised) => (&ESTABLISHMENT_EXHAUSTED, authorised),
        None => (&ESTABLISHMENT_MISSING, 0),
    };
    let rules = rule::load(tx, &[RULE]).await?;
    let basis = rule_of(tx, ctx, &rules, of).await?;
    let basis = basis.map_or_else(String::new, Rule::legal_basis);
    let message = format!("{observed} would be taken, {limit} are authorised ({basis})");
    let violation = Violation { field: of.key.to_string(), reason, message };
    Ok(Error::violated(reason, vec![violation])
        .with("rule", RULE)
        .with("basis", basis)
        .with("observed", observed.to_string())
        .with("limit", limit.to_string()))
}

/// The establishment, if its organization lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, key: &Key) -> Result<Establishment> {
    let found = store::find(tx, ctx.scope(), key, ctx.today()).await?;
    found.ok_or_else(|| not_found("establishment", key))
}

/// Establishments within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Establishment>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed, ctx.today()).await
}

/// The establishments within the caller's scope by region and category.
pub(super) async fn summarize(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Summary> {
    let limited = listed.filter.limited(tx, ctx.scope()).await?;
    let all = store::list(tx, ctx.scope(), listed, ctx.today()).await?;
    Ok(rules::summarize(&all, limited))
}

/// Brings up to date the establishments whose grants took effect, and holds against the rules those that
/// were not on this day: rules change and end, and so do the kinds of organizations.
///
/// # Errors
/// If the database does not answer.
pub async fn settle_due(db: &Db, ctx: &Ctx) -> Result<()> {
    loop {
        let settled = write_by_service(db, ctx, |tx, ctx| {
            Box::pin(async move {
                if !sweep::alone(tx, "fleet_establishment").await? {
                    return Ok(0);
                }
                let due = store::due(tx, ctx.today(), SETTLED_AT_ONCE).await?;
                let settled = due.len();
                for key in rules::one_each(due) {
                    look_at_all(tx, ctx, &key).await?;
                    store::seen(tx, &key.organization, ctx.today()).await?;
                }
                Ok(settled)
            })
        });
        if settled.await? == 0 {
            return Ok(());
        }
    }
}
