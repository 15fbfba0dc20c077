//! Setting norms, and holding what was booked against them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use steward_chassis::resource::stale;
use steward_chassis::scope::{self, Filter};
use steward_chassis::{Ctx, Result, audit};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_finding::rule::Rule;
use steward_kernel::Fen;
use steward_ledger::Entry;

use super::{
    Listed, Norm, NormId, Setting, Subject, Used, holders, nearest, of_cost, of_fuel, part, store,
    wire,
};
use crate::cost::{self, Costs, Span};
use crate::holder::{self, Holding, Holdings};
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::{Watch, Whose, resource};

/// The rule about vehicles that cost more than their norm.
const EXCEEDED: &str = "norm_exceeded";
/// The rule about vehicles that use more than their norm.
const FUEL_EXCEEDED: &str = "norm_fuel_exceeded";

pub(crate) use super::asked::asked;

/// Sets a norm.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ORGANIZATION_UNKNOWN`, `ETAG_STALE`.
pub(super) async fn set(tx: &mut Tx, ctx: &Ctx, setting: &Setting) -> Result<Used> {
    let whose = admit(tx, ctx, &setting.subject).await?;
    let old = store::find(tx, &setting.subject, setting.fiscal_year).await?;
    if old.as_ref().map(|old| old.version) != setting.version {
        return Err(stale("norm"));
    }
    let new = Norm {
        id: old.as_ref().map_or_else(|| NormId::new(ctx.now()), |old| old.id),
        subject: setting.subject.clone(),
        organization: whose.organization,
        region: whose.region,
        fiscal_year: setting.fiscal_year,
        amount: setting.amount,
        fuel_ml_per_100km: setting.fuel_ml_per_100km,
        document: setting.document.clone(),
        update_time: ctx.now(),
        version: old.as_ref().map_or(1, |old| old.version + 1),
    };
    match &old {
        None => store::insert(tx, &new).await?,
        Some(_) if !store::update(tx, &new).await? => return Err(stale("norm")),
        Some(_) => {}
    }
    let vehicles = of_organizations(tx, ctx, &[&new]).await?;
    check(tx, ctx, &vehicles, new.fiscal_year).await?;
    let event = wire::event(old.as_ref(), &new)?;
    audit::record(tx, ctx, event).await?;
    let mut used = used(tx, ctx, vec![new.clone()]).await?;
    Ok(used.pop().unwrap_or(Used { norm: new, vehicles: 0, running: 0, allowed: 0, over: 0 }))
}

/// Norms of a year within the caller's scope, with what is used of them.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Used>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    let norms = store::list(tx, ctx.scope(), listed).await?;
    used(tx, ctx, norms).await
}

/// What the fleet does when entries were booked: holds budgets against what is spent, costs against the
/// vehicles that they name, and these against the norms of their years.
pub(crate) async fn booked(tx: &mut Tx, ctx: &Ctx, entries: &[Entry]) -> Result<()> {
    steward_domain::booked(tx, ctx, entries).await?;
    let named = cost::actions::booked(tx, ctx, entries).await?;
    let mut years: BTreeMap<i32, BTreeMap<VehicleId, Vehicle>> = BTreeMap::new();
    for (vehicle, day) in named {
        years.entry(day.year()).or_default().insert(vehicle.id, vehicle);
    }
    for (year, vehicles) in years {
        let vehicles: Vec<_> = vehicles.into_values().collect();
        check(tx, ctx, &vehicles, year).await?;
    }
    Ok(())
}

/// Holds a vehicle against the norms of a year and of those that follow, because something changed from that
/// year on: how far it went, or who had it.
pub(crate) async fn again(tx: &mut Tx, ctx: &Ctx, id: VehicleId, from: i32) -> Result<()> {
    let holdings = holder::actions::of(tx, &[id]).await?;
    let codes = holdings.within(cost::year(from).0, NaiveDate::MAX);
    let codes = codes.into_iter().map(|holding| holding.whose.organization).collect();
    let years = store::years(tx, &codes, from).await?;
    if years.is_empty() {
        return Ok(());
    }
    let known = vehicle::actions::known(tx, &[id]).await?;
    let vehicles: Vec<_> = known.into_values().collect();
    for year in years {
        check(tx, ctx, &vehicles, year).await?;
    }
    Ok(())
}

/// Clears what was found of times for which nobody has a vehicle any more: it turns out to have been in others'
/// hands from a day on than `before`.
pub(crate) async fn clear_gone(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: VehicleId,
    before: &Holdings,
    from: NaiveDate,
) -> Result<()> {
    let now = holder::actions::of(tx, &[vehicle]).await?;
    let from = from.year();
    let codes = before.within(cost::year(from).0, NaiveDate::MAX).into_iter();
    let codes = codes.map(|holding| holding.whose.organization).collect();
    for year in store::years(tx, &codes, from).await? {
        clear_gone_of(tx, ctx, (before, &now), year).await?;
    }
    Ok(())
}

/// The same of a year.
async fn clear_gone_of(
    tx: &mut Tx,
    ctx: &Ctx,
    (before, now): (&Holdings, &Holdings),
    year: i32,
) -> Result<()> {
    let (from, until) = cost::year(year);
    let told = |holding: &Holding| {
        let occasion = occasion(&Span::of(holding, from, until));
        (holding.vehicle, holding.whose.organization.clone(), occasion)
    };
    let still: BTreeSet<_> = now.within(from, until).iter().map(told).collect();
    let mut watch = Watch::over(tx, &[EXCEEDED, FUEL_EXCEEDED]).await?;
    for holding in before.within(from, until) {
        let gone = told(&holding);
        if still.contains(&gone) {
            continue;
        }
        for code in [EXCEEDED, FUEL_EXCEEDED] {
            if let Some(rule) = watch.any(code) {
                watch.saw(rule, resource(gone.0), gone.2.clone(), &holding.whose, None);
            }
        }
    }
    watch.finish(tx, ctx).await
}

/// Holds what vehicles cost and used in a year against their norms, in the hands of each who held them.
async fn check(tx: &mut Tx, ctx: &Ctx, vehicles: &[Vehicle], year: i32) -> Result<()> {
    let (from, until) = cost::year(year);
    let ids: Vec<_> = vehicles.iter().map(|vehicle| vehicle.id).collect();
    let holdings = holder::actions::of(tx, &ids).await?;
    let held = holdings.within(from, until);
    let codes = held.iter().map(|holding| holding.whose.organization.clone()).collect();
    let norms = store::of(tx, &codes, year).await?;
    if norms.is_empty() {
        return Ok(());
    }
    let spans: Vec<_> = held.iter().map(|holding| Span::of(holding, from, until)).collect();
    let costs = cost::of(tx, &spans).await?;
    let gone = cost::gone(tx, &spans).await?;
    let known: BTreeMap<_, _> = vehicles.iter().map(|vehicle| (vehicle.id, vehicle)).collect();
    let mut watch = Watch::over(tx, &[EXCEEDED, FUEL_EXCEEDED]).await?;
    let day = until.pred_opt().unwrap_or(from);
    for (((holding, span), costs), gone) in held.iter().zip(&spans).zip(&costs).zip(&gone) {
        let Some(vehicle) = known.get(&span.vehicle) else { continue };
        let vehicle = holdings.vehicle_on(vehicle, span.from);
        if nearest(&norms, &vehicle, |_| true).is_none() {
            continue;
        }
        let whose = Whose::of(&vehicle);
        let there = holding.days_there(&vehicle, (from, until));
        let limit = of_cost(&norms, &vehicle).and_then(|norm| norm.amount);
        let limit = limit.and_then(|amount| part(amount, there, (from, until)));
        let money = limit.and_then(|limit| over_amount(&vehicle, year, costs, limit));
        if let Some(rule) = watch.rule(tx, EXCEEDED, "", &whose, day).await? {
            tell(&mut watch, rule, &whose, span, money);
        }
        let limit = of_fuel(&norms, &vehicle).and_then(|norm| norm.fuel_ml_per_100km);
        let fuel = limit.and_then(|limit| {
            // Where some of it is not known it is more; what is known is enough to be over.
            let used = cost::per_100km(costs.fuel, gone.distance)?;
            let at_least = if costs.fuel_unmeasured == 0 { "" } else { "至少" };
            (used > limit).then(|| (used, limit, over_fuel(&vehicle, year, at_least, used, limit)))
        });
        if let Some(rule) = watch.rule(tx, FUEL_EXCEEDED, "", &whose, day).await? {
            tell(&mut watch, rule, &whose, span, fuel);
        }
    }
    watch.finish(tx, ctx).await
}

/// What was seen, what is allowed, and the sentence about it.
type Over = (i64, i64, String);

fn over_amount(vehicle: &Vehicle, year: i32, costs: &Costs, limit: Fen) -> Option<Over> {
    let running = costs.running();
    let plate = &vehicle.content.plate;
    let used = Fen::new(running);
    let detail = || format!("{plate}{year}年度运行费用{used}元,超出定额{limit}元");
    (running > limit.get()).then(|| (running, limit.get(), detail()))
}

fn over_fuel(vehicle: &Vehicle, year: i32, at_least: &str, used: i64, limit: i64) -> String {
    let plate = &vehicle.content.plate;
    format!("{plate}{year}年度百公里油耗{at_least}{used}毫升,超出定额{limit}毫升")
}

/// Tells of a year in the hands of one organization. What is told depends on what is recorded alone, not
/// on the day on which it is looked at.
fn tell(watch: &mut Watch, rule: Rule, whose: &Whose, span: &Span, over: Option<Over>) {
    let since = span.from;
    let breach = over.map(|(observed, limit, detail)| Breach { observed, limit, detail, since });
    watch.saw(rule, resource(span.vehicle), occasion(span), whose, breach);
}

/// `2017`, or, for who got the vehicle in the course of the year, `2017 2017-05-20`.
fn occasion(span: &Span) -> String {
    let year = span.from.year();
    if span.from == cost::year(year).0 { year.to_string() } else { format!("{year} {}", span.from) }
}

/// Whose norm it would be, if the caller may set it.
///
/// Errors: `SCOPE_DENIED` also where the grants do not cover the region.
async fn admit(tx: &mut Tx, ctx: &Ctx, subject: &Subject) -> Result<Whose> {
    let whose = match subject {
        Subject::Vehicle(id) => Whose::of(&vehicle::actions::own(tx, ctx, *id).await?),
        Subject::Fleet(organization, _) => {
            let region = scope::admit_one(tx, ctx, organization).await?;
            Whose { organization: organization.clone(), region }
        }
    };
    scope::region_admitted(ctx, &whose.organization, &whose.region)?;
    Ok(whose)
}

/// The vehicles of the organizations that norms are for.
async fn of_organizations(tx: &mut Tx, ctx: &Ctx, norms: &[&Norm]) -> Result<Vec<Vehicle>> {
    let organizations: BTreeSet<_> = norms.iter().map(|norm| norm.organization.clone()).collect();
    if organizations.is_empty() {
        return Ok(Vec::new());
    }
    let listed = vehicle::Listed::all(Filter::of(organizations));
    vehicle::actions::list(tx, ctx, &listed).await
}

/// The part of a year in which vehicles were in the hands of who holds them now, and the days of it on which
/// they were there; one a vehicle.
pub(super) async fn present(
    tx: &mut Tx,
    vehicles: &[Vehicle],
    year: i32,
) -> Result<Vec<(Span, i64)>> {
    let (from, until) = cost::year(year);
    let ids: Vec<_> = vehicles.iter().map(|vehicle| vehicle.id).collect();
    let holdings = holder::actions::of(tx, &ids).await?;
    let always = |vehicle: &Vehicle| Holding {
        vehicle: vehicle.id,
        whose: Whose::of(vehicle),
        from: holder::BEGINNING,
        until: NaiveDate::MAX,
        account: (holder::BEGINNING, NaiveDate::MAX),
    };
    let of = |vehicle: &Vehicle| {
        let holding = holdings.on(vehicle.id, holder::LAST).cloned();
        let holding = holding.unwrap_or_else(|| always(vehicle));
        (Span::of(&holding, from, until), holding.days_there(vehicle, (from, until)))
    };
    Ok(vehicles.iter().map(of).collect())
}

/// What is used of norms of one year.
async fn used(tx: &mut Tx, ctx: &Ctx, norms: Vec<Norm>) -> Result<Vec<Used>> {
    let Some(year) = norms.first().map(|norm| norm.fiscal_year) else {
        return Ok(Vec::new());
    };
    let vehicles = of_organizations(tx, ctx, &norms.iter().collect::<Vec<_>>()).await?;
    let all = store::of(tx, &holders(&vehicles), year).await?;
    let (spans, there): (Vec<_>, Vec<_>) = present(tx, &vehicles, year).await?.into_iter().unzip();
    let costs = cost::of(tx, &spans).await?;
    let mut found: BTreeMap<NormId, Vec<(i64, Option<Fen>)>> = BTreeMap::new();
    let all_of = vehicles.iter().zip(&costs).zip(there);
    for ((vehicle, costs), there) in all_of.filter(|(_, there)| *there > 0) {
        let says = of_cost(&all, vehicle).or_else(|| nearest(&all, vehicle, |_| true));
        if let Some(norm) = says {
            let most = norm.amount.and_then(|amount| part(amount, there, cost::year(year)));
            found.entry(norm.id).or_default().push((costs.running(), most));
        }
    }
    let used = |norm: Norm| {
        let each = found.remove(&norm.id).unwrap_or_default();
        let is_over = |(used, most): &&(i64, Option<Fen>)| most.is_some_and(|it| *used > it.get());
        let count = |many: usize| i32::try_from(many).unwrap_or(i32::MAX);
        let (over, vehicles) = (count(each.iter().filter(is_over).count()), count(each.len()));
        let running = each.iter().map(|(used, _)| used).sum();
        let allowed = each.iter().filter_map(|(_, most)| most.map(Fen::get)).sum();
        Used { norm, vehicles, running, allowed, over }
    };
    Ok(norms.into_iter().map(used).collect())
}
