//! Setting and listing budgets.

use steward_chassis::resource::stale;
use steward_chassis::{Ctx, Result, audit, scope};
use steward_db::Tx;

use super::{Budget, Budgeted, Listed, New, store, wire};
use crate::{admission, revision};

/// Sets a budget whose version is still the one that was read. What is claimed already counts, though it
/// be more.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED` (the grants do not cover the region), `ETAG_STALE`.
pub(super) async fn set(tx: &mut Tx, ctx: &Ctx, new: &New, budgeted: Budgeted) -> Result<Budget> {
    let organization = &new.key.organization;
    // Held against those who book: what they pay is seen here, or the budget there.
    let (region, _) = admission::lock(tx, ctx, organization).await?;
    scope::region_admitted(ctx, organization, &region)?;
    store::open(tx, &[&new.key]).await?;
    store::lock(tx, &[&new.key]).await?;
    let old = store::read(tx, &new.key).await?;
    if old.version != new.version {
        return Err(stale("budget"));
    }
    if old.amount == Some(new.amount) && old.document_no == new.document_no {
        return Ok(old);
    }
    // The condition stands in the statement too.
    if !store::set(tx, new, ctx.now(), ctx.subject()).await? {
        return Err(stale("budget"));
    }
    revision::bump(tx).await?;
    let set = store::read(tx, &new.key).await?;
    if let Some(budget) = set.clone().against_spent() {
        budgeted(tx, ctx, &budget).await?;
    }
    audit::record(tx, ctx, wire::event(&old, &set)?).await?;
    Ok(set)
}

/// Budgets within the caller's scope.
///
/// Errors: `NOT_FOUND` for a region or organization that is named outright and lies outside.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Budget>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}
