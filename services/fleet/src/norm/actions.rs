//! Setting norms, and holding what was booked against them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use steward_chassis::resource::stale;
use steward_chassis::scope::{self, Filter, Scope};
use steward_chassis::{Ctx, Result, audit};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_finding::rule::Rule;
use steward_kernel::{Fen, RegionPattern};
use steward_ledger::Entry;

use super::{Listed, Norm, NormId, Setting, Subject, Used, holders, nearest, store, wire};
use crate::cost::{self, Costs};
use crate::odometer;
use crate::odometer::rules::distance;
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::{Watch, Whose, resource, vehicle_of};

/// The rule about vehicles that cost more than their norm.
const EXCEEDED: &str = "norm_exceeded";
/// The rule about vehicles that use more than their norm.
const FUEL_EXCEEDED: &str = "norm_fuel_exceeded";
/// The rule about costs booked for a vehicle that is not registered.
const UNKNOWN: &str = "unknown_vehicle";

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
    Ok(used.pop().unwrap_or(Used { norm: new, vehicles: 0, running: 0, over: 0 }))
}

/// Norms of a year within the caller's scope, with what is used of them.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Used>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    let norms = store::list(tx, ctx.scope(), listed).await?;
    used(tx, ctx, norms).await
}

/// What the fleet does when entries were booked for vehicles: holds them against the norms of their
/// years, and budgets against what is spent, and tells of costs of vehicles that are not registered.
pub(crate) async fn booked(tx: &mut Tx, ctx: &Ctx, entries: &[Entry]) -> Result<()> {
    steward_domain::booked(tx, ctx, entries).await?;
    let named: Vec<_> =
        entries.iter().filter(|it| it.content.source_resource.starts_with("vehicles/")).collect();
    if named.is_empty() {
        return Ok(());
    }
    let ids = named.iter().filter_map(|it| vehicle_of(&it.content.source_resource));
    let ids: BTreeSet<VehicleId> = ids.collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let everywhere = Scope::of(RegionPattern::All);
    let known = vehicle::actions::among(tx, &everywhere, &ids, &[]).await?;
    let known: BTreeMap<_, _> = known.into_iter().map(|it| (it.id, it)).collect();
    let mut watch = Watch::over(tx, &[UNKNOWN]).await?;
    let mut years: BTreeMap<i32, BTreeMap<VehicleId, Vehicle>> = BTreeMap::new();
    for entry in named {
        let id = vehicle_of(&entry.content.source_resource);
        match id.and_then(|id| known.get(&id)) {
            Some(vehicle) => {
                let of_year = years.entry(entry.content.occurred_on.year()).or_default();
                of_year.insert(vehicle.id, vehicle.clone());
            }
            None => unknown(tx, &mut watch, entry).await?,
        }
    }
    watch.finish(tx, ctx).await?;
    for (year, vehicles) in years {
        let vehicles: Vec<_> = vehicles.into_values().collect();
        check(tx, ctx, &vehicles, year).await?;
    }
    Ok(())
}

/// Tells of an entry whose vehicle is not registered, and of its reversal that it is gone.
async fn unknown(tx: &mut Tx, watch: &mut Watch, entry: &Entry) -> Result<()> {
    let content = &entry.content;
    let (organization, region) = (content.organization.clone(), entry.region.clone());
    let whose = Whose { organization, region };
    let Some(rule) = watch.rule(tx, UNKNOWN, "", &whose, content.occurred_on).await? else {
        return Ok(());
    };
    let named = entry.reverses.unwrap_or(entry.id);
    let breach = entry.reverses.is_none().then(|| Breach {
        observed: content.amount.get(),
        limit: 0,
        detail: format!("凭证 {} 记入的车辆未在车辆台账中登记", content.document_no),
        since: content.occurred_on,
    });
    watch.saw(rule, format!("entries/{named}"), String::new(), &whose, breach);
    Ok(())
}

/// Holds what vehicles cost and used in a year against their norms.
pub(crate) async fn check(tx: &mut Tx, ctx: &Ctx, vehicles: &[Vehicle], year: i32) -> Result<()> {
    let norms = store::of(tx, &holders(vehicles), year).await?;
    if norms.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = vehicles.iter().map(|vehicle| vehicle.id).collect();
    let (from, until) = cost::year(year);
    let costs = cost::of(tx, &ids, from, until).await?;
    let readings = odometer::actions::fitted(tx, &ids).await?;
    let mut watch = Watch::over(tx, &[EXCEEDED, FUEL_EXCEEDED]).await?;
    let day = until.pred_opt().unwrap_or(from);
    for vehicle in vehicles {
        let Some(norm) = nearest(&norms, vehicle) else { continue };
        let whose = Whose::of(vehicle);
        let costs = costs.get(&vehicle.id).cloned().unwrap_or_default();
        let points = readings.get(&vehicle.id).map_or(&[] as &[_], |it| it.0.as_slice());
        let metres = distance(points, cost::begin(from), cost::begin(until));
        let money = norm.amount.and_then(|limit| over_amount(vehicle, norm, &costs, limit));
        if let Some(rule) = watch.rule(tx, EXCEEDED, "", &whose, day).await? {
            tell(&mut watch, ctx, rule, vehicle, year, money);
        }
        let fuel = norm.fuel_ml_per_100km.and_then(|limit| {
            let used = cost::per_100km(costs.litres.saturating_mul(1000), metres)?;
            (used > limit).then(|| (used, limit, over_fuel(vehicle, year, used, limit)))
        });
        if let Some(rule) = watch.rule(tx, FUEL_EXCEEDED, "", &whose, day).await? {
            tell(&mut watch, ctx, rule, vehicle, year, fuel);
        }
    }
    watch.finish(tx, ctx).await
}

/// What was seen, what is allowed, and the sentence about it.
type Over = (i64, i64, String);

fn over_amount(vehicle: &Vehicle, norm: &Norm, costs: &Costs, limit: Fen) -> Option<Over> {
    let running = costs.running();
    let (plate, year) = (&vehicle.content.plate, norm.fiscal_year);
    let used = Fen::new(running);
    let detail = || format!("{plate}{year}年度运行费用{used}元,超出定额{limit}元");
    (running > limit.get()).then(|| (running, limit.get(), detail()))
}

fn over_fuel(vehicle: &Vehicle, year: i32, used: i64, limit: i64) -> String {
    let plate = &vehicle.content.plate;
    format!("{plate}{year}年度百公里油耗{used}毫升,超出定额{limit}毫升")
}

fn tell(
    watch: &mut Watch,
    ctx: &Ctx,
    rule: Rule,
    vehicle: &Vehicle,
    year: i32,
    over: Option<Over>,
) {
    let since = ctx.today();
    let breach = over.map(|(observed, limit, detail)| Breach { observed, limit, detail, since });
    watch.saw(rule, resource(vehicle.id), year.to_string(), &Whose::of(vehicle), breach);
}

/// Whose norm it would be, if the caller may set it.
async fn admit(tx: &mut Tx, ctx: &Ctx, subject: &Subject) -> Result<Whose> {
    match subject {
        Subject::Vehicle(id) => Ok(Whose::of(&vehicle::actions::own(tx, ctx, *id).await?)),
        Subject::Fleet(organization, _) => {
            let region = scope::admit_one(tx, ctx, organization).await?;
            Ok(Whose { organization: organization.clone(), region })
        }
    }
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

/// What is used of norms of one year.
async fn used(tx: &mut Tx, ctx: &Ctx, norms: Vec<Norm>) -> Result<Vec<Used>> {
    let Some(year) = norms.first().map(|norm| norm.fiscal_year) else {
        return Ok(Vec::new());
    };
    let vehicles = of_organizations(tx, ctx, &norms.iter().collect::<Vec<_>>()).await?;
    let all = store::of(tx, &holders(&vehicles), year).await?;
    let ids: Vec<_> = vehicles.iter().map(|vehicle| vehicle.id).collect();
    let (from, until) = cost::year(year);
    let costs = cost::of(tx, &ids, from, until).await?;
    let mut found: BTreeMap<NormId, Vec<i64>> = BTreeMap::new();
    for vehicle in &vehicles {
        if let Some(norm) = nearest(&all, vehicle) {
            let running = costs.get(&vehicle.id).map_or(0, Costs::running);
            found.entry(norm.id).or_default().push(running);
        }
    }
    let used = |norm: Norm| {
        let each = found.remove(&norm.id).unwrap_or_default();
        let over = each.iter().filter(|one| norm.amount.is_some_and(|most| **one > most.get()));
        let count = |many: usize| i32::try_from(many).unwrap_or(i32::MAX);
        let (over, vehicles) = (count(over.count()), count(each.len()));
        Used { norm, vehicles, running: each.iter().sum(), over }
    };
    Ok(norms.into_iter().map(used).collect())
}
