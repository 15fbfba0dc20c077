//! Summing, and keeping the totals.

use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, Period};

use super::rules::{BASELINE, CURRENT, Fold};
use super::{
    Grouping, MOST_OF_ORGANIZATION, MOST_OF_REGION, Now, Payers, Query, Summary,
    TOTAL_OUT_OF_RANGE, Totals, View, cells, closed, store,
};
use crate::catalogue::Catalogue;
use crate::{coverage, month, revision};

/// Adds to the totals, in the order of their key.
///
/// Errors: `TOTAL_OUT_OF_RANGE`, but not for what takes back: it is the way out.
pub(crate) async fn add(tx: &mut Tx, totals: &Totals) -> Result<()> {
    let of_organizations = store::add(tx, totals).await?;
    let of_regions = store::add_by_region(tx, totals).await?;
    if totals.0.values().all(|sum| sum.amount <= Fen::ZERO) {
        return Ok(());
    }
    bounded(&of_organizations, MOST_OF_ORGANIZATION)?;
    bounded(&of_regions, MOST_OF_REGION)
}

fn bounded(totals: &[Now], most: i64) -> Result<()> {
    let Some(over) = totals.iter().find(|total| total.amount_fen > most) else {
        return Ok(());
    };
    let Now { whose, month, category, amount_fen } = over;
    let message =
        format!("{whose} would have {amount_fen} fen of {category} in {month}, more than {most}");
    Err(Error::new(&TOTAL_OUT_OF_RANGE, message))
}

/// Sums two periods. `tx` reads one snapshot.
///
/// Errors: `NOT_FOUND` for a region or organization that is named outright and lies outside the scope.
pub(crate) async fn summarize(
    tx: &mut Tx,
    ctx: &Ctx,
    catalogue: &Catalogue,
    query: &Query,
) -> Result<Summary> {
    let scope = ctx.scope();
    let scope_limited = query.filter.limited(tx, scope).await?;
    let revision = revision::read(tx).await?;
    let periods = [query.current, query.baseline];
    let mut fold = Fold::new(catalogue, periods, &query.group_by);
    for side in [CURRENT, BASELINE] {
        for cell in store::cells(tx, scope, query, periods[side]).await? {
            fold.add(side, &cell)?;
        }
        if query.group_by.contains(&Grouping::Organization) {
            for cell in store::organization_cells(tx, scope, query, periods[side]).await? {
                fold.add_organization(side, cell)?;
            }
        }
    }
    let payers = payers(tx, ctx, query).await?;
    let users = payers.keys().cloned().collect();
    let coverage = coverage::actions::cover(tx, scope, &query.filter, &users, periods).await?;
    for side in [CURRENT, BASELINE] {
        fold.cover(side, &coverage[side], &payers);
    }
    let books = month::actions::read(tx).await?;
    let (totals, rows, counted_regions) = fold.finish()?;
    // What is closed later says nothing of these periods, and must not change their report.
    let end = periods.map(Period::until).into_iter().max();
    let closes = counted_regions
        .iter()
        .filter_map(|region| Some((region.clone(), books.get(region)?.until(end?))))
        .collect();
    Ok(Summary {
        totals,
        rows,
        coverage,
        closes,
        read_time: ctx.now(),
        revision,
        scope_limited,
        counted_regions,
        baseline: query.baseline,
        closed: closed::closed(tx, scope, query, &books).await?,
        cells: cells::cells(tx, ctx, catalogue, query).await?,
    })
}

/// In the view by payer, for whom those that are counted paid in either period: a user that falls
/// silent lowers their costs.
pub(super) async fn payers(tx: &mut Tx, ctx: &Ctx, query: &Query) -> Result<Payers> {
    let mut payers = Payers::new();
    if query.view == View::Payer {
        for period in [query.current, query.baseline] {
            for (user, payer, region) in store::payers(tx, ctx.scope(), query, period).await? {
                payers.entry(user).or_default().insert(payer, region);
            }
        }
    }
    Ok(payers)
}
