//! What can be done with figures.

use std::collections::BTreeSet;

use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;

use super::{Figures, Set, Summary, store, summarize as sum, wire};
use crate::missing::missing;
use crate::organization;

/// Sets figures; what is not given stays. Answers what there is now, in the order of the request, and
/// how many rows brought something new.
pub(crate) async fn set(tx: &mut Tx, ctx: &Ctx, set: &Set) -> Result<(Vec<Figures>, usize)> {
    let codes: BTreeSet<_> = set.iter().map(|(key, _)| key.organization.clone()).collect();
    // Held until the commit: whoever sets figures of the same organization waits here.
    let known = organization::actions::lock(tx, ctx, &codes).await?;
    let mut fields = Fields::new();
    for (place, (key, _)) in set.iter().enumerate() {
        if !known.contains_key(&key.organization) {
            let field = format!("figures[{place}].organization");
            missing(&mut fields, ctx, &field, &key.organization)?;
        }
    }
    fields.finish()?;

    let keys: Vec<_> = set.iter().map(|(key, _)| key).collect();
    let kept = store::kept(tx, &keys).await?;
    let (mut now, mut changed, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for (key, values) in set {
        let old = kept.get(key);
        let before = old.map(|old| old.values).unwrap_or_default();
        let after = before.with(*values);
        let mut new = Figures {
            key: key.clone(),
            values: after,
            update_time: old.and_then(|old| old.update_time),
        };
        if after != before {
            new.update_time = Some(ctx.now());
            let lies_in = known.get(&key.organization).map(|of| &of.content.region);
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

/// Sums the figures of organizations within the scope.
pub(crate) async fn summarize(
    tx: &mut Tx,
    ctx: &Ctx,
    filter: &Filter,
    years: &[i32],
) -> Result<Summary> {
    let scope = ctx.scope();
    filter.limited(tx, scope).await?;
    let organizations = store::summed(tx, scope, filter).await?;
    let figures = store::of_years(tx, scope, filter, years).await?;
    Ok(sum(organizations, &figures, years, ctx.today()))
}
