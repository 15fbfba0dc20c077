//! Holding requests for expenditure against norms.

use steward_approval::approval::claimed;
use steward_approval::{Approval, Money, State};
use steward_chassis::error::Violation;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, Named as _, OrganizationCode};
use steward_ledger::source;

use super::{NORM_EXCEEDED, nearest, store};
use crate::cost::{self, Kind};
use crate::vehicle;

/// Refuses an expenditure with which the running costs of an organization are more than the norms of its
/// vehicles, unless there is a reason: what it spent in the year, and what its requests claim.
///
/// Errors: `NORM_EXCEEDED`.
pub(crate) async fn asked(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    let Some(money) = running(approval) else { return Ok(()) };
    let (organization, year) = (&approval.organization, money.fiscal_year);
    // Two requests at once count one after the other.
    store::hold(tx, organization, year).await?;
    let Some(limit) = limit(tx, ctx, organization, year).await? else { return Ok(()) };
    let categories: Vec<_> = Kind::ALL.iter().map(|kind| kind.category()).collect();
    let spent = source::used(tx, organization, &categories, cost::year(year), None).await?;
    let claimed = claimed(tx, organization, year, &categories).await?;
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
    Kind::of_category(&money.category)?;
    money.override_reason.is_empty().then_some(money)
}

/// What the vehicles of an organization may cost in a year together; `None` where it has none, or one of
/// them has no norm.
async fn limit(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    year: i32,
) -> Result<Option<Fen>> {
    let codes = [organization.clone()].into();
    let norms = store::of(tx, &codes, year).await?;
    if norms.is_empty() {
        return Ok(None);
    }
    let listed = vehicle::Listed {
        state: Some(vehicle::State::Held),
        ..vehicle::Listed::all(Filter::of(codes))
    };
    let vehicles = vehicle::actions::list(tx, ctx, &listed).await?;
    let each: Option<Vec<_>> = vehicles.iter().map(|it| nearest(&norms, it)?.amount).collect();
    let sum = each.filter(|each| !each.is_empty()).map(|each| each.into_iter().map(Fen::get).sum());
    Ok(sum.map(Fen::new))
}
