//! Declaring who reports and that there was nothing; counting what came.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::scope::store::Known;
use steward_chassis::scope::{self, Filter, Scope};
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_kernel::{Month, OrganizationCode, Period, RegionPattern};

use super::rules::{Points, expected};
use super::store::Kept;
use super::{
    Coverage, LiveCounts, MONTH_IN_FUTURE, Reported, Reporter, Span, ZERO_CONTRADICTS_ENTRIES,
    Zero, store, wire,
};
use crate::{admission, month, revision};

/// Which month has no costs.
#[derive(Debug)]
pub(crate) struct ZeroInput {
    pub(crate) organization: OrganizationCode,
    pub(crate) month: Month,
}

/// Declares who reports; replaces what was declared for the first month and later ones.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED` (the grants do not cover the region: who reports does
/// not say himself that he need not), `MONTH_CLOSED`.
pub(crate) async fn declare_reporter(tx: &mut Tx, ctx: &Ctx, input: &Reporter) -> Result<Reporter> {
    let (region, life) = admission::lock(tx, ctx, &input.organization).await?;
    scope::region_admitted(ctx, &input.organization, &region)?;
    month::actions::hold_month(tx, &region, input.from).await?;
    let codes = [input.organization.clone()];
    let before = store::points(tx, Kept::Declared, &codes).await?;
    store::declare(tx, input).await?;
    let declared = store::points(tx, Kept::Declared, &codes).await?;
    let kept = store::points(tx, Kept::Expected, &codes).await?;
    let of = |all: &BTreeMap<_, Points>| all.get(&input.organization).cloned().unwrap_or_default();
    let from = Some(input.from);
    let points = expected(&of(&declared), &of(&kept), from, life.ended_on);
    store::replace_expected(tx, &input.organization, from, &points).await?;
    revision::bump(tx).await?;
    if before != declared {
        let replaced = input.replaced(&of(&before));
        let event = wire::reporter_event(&replaced, input, &region)?;
        audit::record(tx, ctx, event).await?;
    }
    Ok(input.clone())
}

/// Expects those who are no more no longer, and others again, in months that are open.
pub(crate) async fn follow(tx: &mut Tx, known: &[Known]) -> Result<()> {
    let codes: Vec<_> = known.iter().map(|known| known.code.clone()).collect();
    let declared = store::points(tx, Kept::Declared, &codes).await?;
    let known: Vec<_> = known.iter().filter(|one| declared.contains_key(&one.code)).collect();
    let regions = known.iter().map(|known| known.region.clone()).collect();
    let books = month::actions::hold(tx, &regions).await?;
    let kept = store::points(tx, Kept::Expected, &codes).await?;
    let mut changed = false;
    for one in known {
        let from = books.get(&one.region).and_then(|book| book.closed).map(Month::next);
        let (none, declared) = (Points::new(), declared.get(&one.code));
        let kept = kept.get(&one.code).unwrap_or(&none);
        let points = expected(declared.unwrap_or(&none), kept, from, one.ended_on);
        let open = |month: &Month| from.is_none_or(|from| *month >= from);
        if points.iter().ne(kept.iter().filter(|(month, _)| open(month))) {
            store::replace_expected(tx, &one.code, from, &points).await?;
            changed = true;
        }
    }
    if changed {
        revision::bump(tx).await?;
    }
    Ok(())
}

/// Declares that a month had no costs. The first declaration stays.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`, `MONTH_IN_FUTURE`, `MONTH_CLOSED`,
/// `ZERO_CONTRADICTS_ENTRIES`.
pub(crate) async fn declare_zero(tx: &mut Tx, ctx: &Ctx, input: &ZeroInput) -> Result<Zero> {
    if input.month > Month::of(ctx.today()) {
        return Err(Error::new(&MONTH_IN_FUTURE, format!("month {} is to come", input.month)));
    }
    let (region, _) = admission::lock(tx, ctx, &input.organization).await?;
    month::actions::hold_month(tx, &region, input.month).await?;
    let zero = Zero {
        organization: input.organization.clone(),
        month: input.month,
        declare_time: ctx.now(),
        declared_by: ctx.subject().to_owned(),
    };
    let declared = store::declare_zero(tx, &zero).await?.ok_or_else(|| {
        let message = format!("live entries count in month {}", input.month);
        Error::new(&ZERO_CONTRADICTS_ENTRIES, message)
    })?;
    revision::bump(tx).await?;
    // The first declaration stays.
    if declared == zero {
        audit::record(tx, ctx, wire::zero_event(&zero, &region)?).await?;
    }
    Ok(declared)
}

/// Counts live entries that came or went.
pub(crate) async fn count(tx: &mut Tx, counts: &LiveCounts) -> Result<()> {
    store::count(tx, counts).await
}

/// Who reported in two periods, among the organizations asked for within the scope, and among
/// `others`, wherever they lie.
pub(crate) async fn cover(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    others: &BTreeSet<OrganizationCode>,
    periods: [Period; 2],
) -> Result<[Coverage; 2]> {
    let mut spans = store::spans(tx, scope, filter, periods).await?;
    let asked: BTreeSet<_> = spans.iter().map(|span| &span.organization).collect();
    let others: BTreeSet<_> = others.iter().filter(|other| !asked.contains(other)).collect();
    if !others.is_empty() {
        let everywhere = Scope::of(RegionPattern::All);
        let all = store::spans(tx, &everywhere, &Filter::default(), periods).await?;
        let others = all.into_iter().filter(|span| others.contains(&span.organization));
        let others: Vec<_> = others.map(|span| Span { asked: false, ..span }).collect();
        spans.extend(others);
    }
    let mut covered = [Coverage::default(), Coverage::default()];
    for (side, period) in periods.into_iter().enumerate() {
        let gaps: Vec<_> = spans
            .iter()
            .filter_map(|span| Some((span, span.within(period)?)))
            .filter(|(span, declared)| span.reported[side] < declared.len())
            .map(|(span, declared)| (span.organization.clone(), declared))
            .collect();
        // Most spans are complete: only of the others it matters which months are there.
        let reported: Reported = store::reported(tx, &gaps).await?;
        covered[side] = Coverage::of(&spans, side, period, &reported);
    }
    Ok(covered)
}
