//! What can be done with figures.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::error::ETAG_STALE;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::OrganizationCode;

use super::{Figure, Figures, Key, Listed, Row, Set, Summary, store, summarize as sum, wire};
use crate::missing::missing;
use crate::organization::{self, Organization};

type Held = BTreeMap<OrganizationCode, Organization>;
type Kept = BTreeMap<Key, Figures>;

/// Sets figures; what is not given stays or is cleared. Answers what there is now, in the order of the request, and
/// how many rows brought something new.
pub(crate) async fn set(tx: &mut Tx, ctx: &Ctx, set: &Set) -> Result<(Vec<Figures>, usize)> {
    let codes: BTreeSet<_> = set.rows.iter().map(|row| row.key.organization.clone()).collect();
    // Held until the commit: whoever sets figures of the same organization waits here.
    let known = organization::actions::lock(tx, ctx, &codes).await?;
    all_known(ctx, &set.rows, &known)?;
    let keys: Vec<_> = set.rows.iter().map(|row| &row.key).collect();
    let kept = store::kept(tx, &keys).await?;
    all_fresh(&set.rows, &kept)?;

    let (mut now, mut changed, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for row in &set.rows {
        let old = kept.get(&row.key);
        let mut new = after(row, &set.clear, old);
        if new.values != old.map(|old| old.values).unwrap_or_default() {
            (new.update_time, new.version) = (Some(ctx.now()), new.version + 1);
            let lies_in = known.get(&row.key.organization).map(|of| &of.content.region);
            let region = lies_in.ok_or_else(|| Error::internal("an organization went missing"))?;
            events.push(wire::event(old, &new, region)?);
            changed.push(new.clone());
        }
        now.push(new);
    }
    store::put(tx, &changed).await?;
    audit::record_all(tx, ctx, events).await?;
    Ok((now, changed.len()))
}

fn all_known(ctx: &Ctx, rows: &[Row], known: &Held) -> Result<()> {
    let mut fields = Fields::new();
    for (place, row) in rows.iter().enumerate() {
        let code = &row.key.organization;
        if !known.contains_key(code) {
            missing(&mut fields, ctx, &format!("figures[{place}].organization"), code)?;
        }
    }
    fields.finish()
}

/// Refuses rows that somebody changed since they were read.
fn all_fresh(rows: &[Row], kept: &Kept) -> Result<()> {
    let mut fields = Fields::new();
    for (place, row) in rows.iter().enumerate() {
        let version = kept.get(&row.key).map_or(0, |kept| kept.version);
        if row.version.is_some_and(|read| read != version) {
            let message = "the figures were changed since they were read";
            fields.refuse(&format!("figures[{place}].etag"), &ETAG_STALE, message);
        }
    }
    fields.finish()
}

/// What a row comes to over what was kept.
fn after(row: &Row, clear: &[Figure], old: Option<&Figures>) -> Figures {
    let before = old.map(|old| old.values).unwrap_or_default();
    let cleared = clear.iter().fold(before, |values, figure| values.without(*figure));
    Figures {
        key: row.key.clone(),
        values: cleared.with(row.values),
        update_time: old.and_then(|old| old.update_time),
        version: old.map_or(0, |old| old.version),
    }
}

/// Figures of organizations within the caller's scope.
pub(crate) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Figures>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Sums the figures of organizations within the caller's scope; also whether that is only a part of
/// what was asked for.
pub(crate) async fn summarize(
    tx: &mut Tx,
    ctx: &Ctx,
    filter: &Filter,
    years: &[i32],
) -> Result<(Summary, bool)> {
    let scope = ctx.scope();
    let limited = filter.limited(tx, scope).await?;
    let organizations = store::summed(tx, scope, filter).await?;
    let figures = store::of_years(tx, scope, filter, years).await?;
    Ok((sum(organizations, &figures, years, ctx.today()), limited))
}
