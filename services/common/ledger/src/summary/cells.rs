//! The costs of organizations one by one, for restating them after a merger or a split.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_kernel::Period;

use super::rules::nature;
use super::{Cells, Cost, CostCell, Query, actions, store};
use crate::admission;
use crate::catalogue::Catalogue;
use crate::coverage::{self, Missing};

/// What is asked for of `query.cell_organizations`, in both periods.
pub(super) async fn cells(
    tx: &mut Tx,
    ctx: &Ctx,
    catalogue: &Catalogue,
    query: &Query,
) -> Result<Cells> {
    let wanted = &query.cell_organizations;
    if wanted.is_empty() {
        return Ok(Cells::default());
    }
    let regions = admission::regions(tx, wanted).await?;
    let limited = regions.iter().any(|(code, region)| !ctx.scope().covers(code, region));
    let query = Query { filter: Filter::of(wanted.clone()), ..query.clone() };
    let periods = [query.current, query.baseline];
    let costs = costs(tx, ctx, catalogue, &query, periods).await?;
    Ok(Cells { costs, missing: missing(tx, ctx, &query, periods).await?, limited })
}

/// Their costs. What lies in both periods comes once.
async fn costs(
    tx: &mut Tx,
    ctx: &Ctx,
    catalogue: &Catalogue,
    query: &Query,
    periods: [Period; 2],
) -> Result<Vec<CostCell>> {
    let mut cells = BTreeMap::new();
    for period in periods {
        for row in store::cost_cells(tx, ctx.scope(), query, period).await? {
            let mut cost = Cost::default();
            cost.add(nature(catalogue, &row.category)?, row.sum())?;
            cells.insert((row.code, row.region, row.month, row.category), cost);
        }
    }
    let cell = |((organization, region, month, category), cost)| CostCell {
        organization,
        region,
        month,
        category,
        cost,
    };
    Ok(cells.into_iter().map(cell).collect())
}

/// The months that are missing in their rows: their own and, in the view by payer, those of whom they
/// paid for.
async fn missing(
    tx: &mut Tx,
    ctx: &Ctx,
    query: &Query,
    periods: [Period; 2],
) -> Result<Vec<Missing>> {
    // Whoever else pays for one of them has what is missing of it, whether he is asked for or not.
    let everybody = Query { filter: Filter::default(), ..query.clone() };
    let mut payers = actions::payers(tx, ctx, &everybody).await?;
    let wanted = &query.cell_organizations;
    payers.retain(|user, of| wanted.contains(user) || of.keys().any(|code| wanted.contains(code)));
    let users = payers.keys().cloned().collect();
    let covered = coverage::actions::cover(tx, ctx.scope(), &query.filter, &users, periods).await?;
    let mut found = BTreeSet::new();
    for missing in covered.into_iter().flat_map(|coverage| coverage.missing) {
        let own = BTreeMap::from([(missing.organization.clone(), missing.region)]);
        let bearers = payers.get(&missing.organization).unwrap_or(&own);
        let bearers = bearers.iter().filter(|(code, _)| wanted.contains(*code));
        found.extend(bearers.map(|(code, at)| (code.clone(), missing.month, at.clone())));
    }
    let missing = |(organization, month, region)| Missing { month, organization, region };
    Ok(found.into_iter().map(missing).collect())
}
