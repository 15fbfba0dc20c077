//! Holding requests for expenditure against norms.

use std::collections::BTreeSet;

use steward_approval::approval::claimed;
use steward_approval::{Approval, Money, State};
use steward_chassis::error::Violation;
use steward_chassis::resource::not_found;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};
use steward_ledger::source;

use super::actions::present;
use super::{NORM_EXCEEDED, Norm, of_cost, part, store};
use crate::cost::{self, Costs, Kind};
use crate::holder;
use crate::vehicle::{self, Vehicle};
use crate::watch::{VEHICLES, vehicle_of};

/// Refuses an expenditure with which the running costs of an organization are more than the norms of its
/// vehicles, or those of the vehicle that it names more than its own, unless there is a reason: what was
/// spent in the year, and what requests claim. Rent is for others' vehicles, which have no norms.
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
    let categories: Vec<_> = Kind::RUNNING.iter().map(|kind| kind.category()).collect();
    let own = named.as_ref().and_then(|vehicle| of_cost(&norms, vehicle)?.amount);
    if let (Some(vehicle), Some(limit)) = (&named, own) {
        let resource = Some(approval.resource.as_str());
        let claimed = claimed(tx, (organization, resource), year, &categories).await?;
        for (span, there) in present(tx, std::slice::from_ref(vehicle), year).await? {
            let Some(limit) = part(limit, there, cost::year(year)) else { continue };
            let spent = cost::of(tx, &[span]).await?.iter().map(Costs::running).sum();
            let field = approval.resource.clone();
            refuse_over(field, money, [spent, claimed.get(), limit.get()])?;
        }
    }
    let Some(limit) = limit(tx, ctx, organization, year, norms).await? else { return Ok(()) };
    // In this order: what is paid between the two counts twice, and is never left out.
    let claimed = claimed(tx, (organization, None), year, &categories).await?;
    let spent = source::used(tx, organization, &categories, cost::year(year), None).await?;
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
    Kind::of_category(&money.category).filter(|kind| Kind::RUNNING.contains(kind))?;
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
    mut norms: Vec<Norm>,
) -> Result<Option<Fen>> {
    let (from, until) = cost::year(year);
    let filter = Filter::of([organization.clone()].into());
    let held = holder::actions::list(tx, ctx, &holder::Listed::all(filter, from, until)).await?;
    let held = holder::actions::vehicles(tx, held).await?;
    let ids: BTreeSet<_> = held.iter().map(|(vehicle, _)| vehicle.id).collect();
    // Those that are gone have their own norms with them.
    norms.extend(store::of_vehicles(tx, &ids.into_iter().collect::<Vec<_>>(), year).await?);
    let mut sum = None;
    for (vehicle, holding) in &held {
        let there = holding.days_there(vehicle, (from, until));
        if there == 0 {
            continue;
        }
        let most = of_cost(&norms, vehicle).and_then(|norm| norm.amount);
        let Some(most) = most.and_then(|amount| part(amount, there, (from, until))) else {
            return Ok(None);
        };
        *sum.get_or_insert(0) += i128::from(most.get());
    }
    Ok(sum.map(|sum| Fen::new(i64::try_from(sum).unwrap_or(i64::MAX))))
}
