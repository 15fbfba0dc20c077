//! Holding requests for expenditure against norms.

use steward_approval::approval::claimed;
use steward_approval::{Approval, Money, State};
use steward_chassis::error::Violation;
use steward_chassis::resource::not_found;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, Named as _, OrganizationCode};
use steward_ledger::source;

use super::actions::present;
use super::{NORM_EXCEEDED, Norm, nearest, store};
use crate::cost::{self, Costs, Kind};
use crate::vehicle::{self, Vehicle};
use crate::watch::{VEHICLES, vehicle_of};

/// Refuses an expenditure with which the running costs of an organization are more than the norms of its
/// vehicles, or those of the vehicle that it names more than its own, unless there is a reason: what was
/// spent in the year, and what requests claim.
///
/// Errors: `NORM_EXCEEDED`; `NOT_FOUND` of a vehicle that the organization does not hold.
pub(crate) async fn asked(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    if approval.state != State::Pending {
        return Ok(());
    }
    let named = named(tx, ctx, approval).await?;
    let Some(money) = running(approval) else { return Ok(()) };
    let (organization, year) = (&approval.organization, money.fiscal_year);
    // Two requests at once count one after the other.
    store::hold(tx, organization, year).await?;
    let norms = store::of(tx, &[organization.clone()].into(), year).await?;
    let categories: Vec<_> = Kind::ALL.iter().map(|kind| kind.category()).collect();
    let own = named.as_ref().and_then(|vehicle| nearest(&norms, vehicle)?.amount);
    if let (Some(vehicle), Some(limit)) = (&named, own) {
        let resource = Some(approval.resource.as_str());
        let claimed = claimed(tx, (organization, resource), year, &categories).await?;
        let spans = present(tx, std::slice::from_ref(vehicle), year).await?;
        let spent = cost::of(tx, &spans).await?.iter().map(Costs::running).sum();
        refuse_over(approval.resource.clone(), money, [spent, claimed.get(), limit.get()])?;
    }
    let Some(limit) = limit(tx, ctx, organization, &norms).await? else { return Ok(()) };
    let spent = source::used(tx, organization, &categories, cost::year(year), None).await?;
    let claimed = claimed(tx, (organization, None), year, &categories).await?;
    let field = format!("norms/{organization}/{year}");
    refuse_over(field, money, [spent.get(), claimed.get(), limit.get()])
}

/// The vehicle that a request names.
///
/// Errors: `NOT_FOUND` where the organization does not hold it.
async fn named(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<Option<Vehicle>> {
    let Some(id) = approval.resource.strip_prefix(VEHICLES) else { return Ok(None) };
    let missing = || not_found("vehicle", id);
    let vehicle = vehicle_of(&approval.resource).ok_or_else(missing)?;
    let vehicle = vehicle::actions::get(tx, ctx, vehicle).await?;
    if vehicle.organization != approval.organization || vehicle.state != vehicle::State::Held {
        return Err(missing());
    }
    Ok(Some(vehicle))
}

/// Refuses what is spent and claimed beyond the limit.
fn refuse_over(field: String, money: &Money, [spent, claimed, limit]: [i64; 3]) -> Result<()> {
    if i128::from(spent) + i128::from(claimed) <= i128::from(limit) {
        return Ok(());
    }
    let [spent, claimed, limit] = [spent, claimed, limit].map(Fen::new);
    let message = format!(
        "with {} yuan {claimed} yuan are asked for beside {spent} that are spent, of norms of {limit}",
        money.amount
    );
    Err(Error::violated(&NORM_EXCEEDED, vec![Violation { field, reason: &NORM_EXCEEDED, message }]))
}

/// The money of a request for running costs, without a reason to pass norms.
fn running(approval: &Approval) -> Option<&Money> {
    let money = approval.money.as_ref()?;
    Kind::of_category(&money.category)?;
    money.override_reason.is_empty().then_some(money)
}

/// What the vehicles of an organization may cost together by the norms of a year; `None` where it has none, or one of
/// them has no norm.
async fn limit(
    tx: &mut Tx,
    ctx: &Ctx,
    organization: &OrganizationCode,
    norms: &[Norm],
) -> Result<Option<Fen>> {
    if norms.is_empty() {
        return Ok(None);
    }
    let listed = vehicle::Listed {
        state: Some(vehicle::State::Held),
        ..vehicle::Listed::all(Filter::of([organization.clone()].into()))
    };
    let vehicles = vehicle::actions::list(tx, ctx, &listed).await?;
    let each: Option<Vec<_>> = vehicles.iter().map(|it| nearest(norms, it)?.amount).collect();
    let sum = each.filter(|each| !each.is_empty()).map(|each| each.into_iter().map(Fen::get).sum());
    Ok(sum.map(Fen::new))
}
