//! Holding requests for expenditure against norms.

use std::collections::BTreeSet;

use steward_approval::approval::claimed;
use steward_approval::{Approval, Money, State};
use steward_chassis::error::Violation;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};
use steward_ledger::source;

use super::{NORM_EXCEEDED, of_cost, store};
use crate::cost::{self, Kind};
use crate::holder;

/// Refuses an expenditure with which the running costs of an organization are more than the norms of its
/// vehicles, unless there is a reason: what it spent in the year, and what its requests claim. Rent is
/// for others' vehicles, which have no norms.
///
/// Errors: `NORM_EXCEEDED`.
pub(crate) async fn asked(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    let Some(money) = running(approval) else { return Ok(()) };
    let (organization, year) = (&approval.organization, money.fiscal_year);
    // Two requests at once count one after the other.
    store::hold(tx, organization, year).await?;
    let Some(limit) = limit(tx, ctx, organization, year).await? else { return Ok(()) };
    let categories: Vec<_> = Kind::NORMED.iter().map(|kind| kind.category()).collect();
    // In this order: what is paid between the two counts twice, and is never left out.
    let claimed = claimed(tx, organization, year, &categories).await?;
    let spent = source::used(tx, organization, &categories, cost::year(year), None).await?;
    if i128::from(spent.get()) + i128::from(claimed.get()) <= i128::from(limit.get()) {
        return Ok(());
    }
    let message = format!(
        "with {} yuan {claimed} yuan are asked for beside {spent} that are spent, of norms of {limit}",
        money.amount
    );
    let field = format!("norms/{organization}/{year}");
    Err(Error::violated(&NORM_EXCEEDED, vec![Violation { field, reason: &NORM_EXCEEDED, message }]))
}

/// The money of a request that was just submitted, for running costs and without a reason to pass norms.
fn running(approval: &Approval) -> Option<&Money> {
    let money = approval.money.as_ref().filter(|_| approval.state == State::Pending)?;
    Kind::of_category(&money.category).filter(|kind| Kind::NORMED.contains(kind))?;
    money.override_reason.is_empty().then_some(money)
}

/// What the vehicles of an organization may cost in a year together: each for the days of the year on
/// which the organization held it, as its part of the year, rounded down. `None` where it held none, or
/// one of them has no norm.
async fn limit(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    year: i32,
) -> Result<Option<Fen>> {
    let (from, until) = cost::year(year);
    let filter = Filter::of([organization.clone()].into());
    let held = holder::actions::list(tx, ctx, &holder::Listed::all(filter, from, until)).await?;
    let held = holder::actions::vehicles(tx, held).await?;
    let ids: BTreeSet<_> = held.iter().map(|(vehicle, _)| vehicle.id).collect();
    let mut norms = store::of(tx, &[organization.clone()].into(), year).await?;
    // Those that are gone have their own norms with them.
    norms.extend(store::of_vehicles(tx, &ids.into_iter().collect::<Vec<_>>(), year).await?);
    let days = until.signed_duration_since(from).num_days();
    let mut sum = None;
    for (vehicle, holding) in &held {
        let there = holding.days_there(vehicle, (from, until));
        if there == 0 {
            continue;
        }
        let Some(most) = of_cost(&norms, vehicle).and_then(|norm| norm.amount) else {
            return Ok(None);
        };
        *sum.get_or_insert(0) += i128::from(most.get()) * i128::from(there) / i128::from(days);
    }
    Ok(sum.map(|sum| Fen::new(i64::try_from(sum).unwrap_or(i64::MAX))))
}
