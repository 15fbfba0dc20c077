//! Gathering what figures are made of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use steward_chassis::{Ctx, Result, calendar};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::{Period, RegionCode};

use super::rules::{here, is_there, trips_of};
use super::{Figures, Fleet, Known, Limits, Listed, Summed, Trips};
use crate::cost::{self, Span};
use crate::holder::{self, Holding};
use crate::trip::{self, Ride};
use crate::vehicle::{Vehicle, VehicleId};
use crate::watch::{Watch, Whose};

/// The rule about fuel per 100 km.
const FUEL_CEILING: &str = "fuel_ceiling";
/// The rule about electricity per 100 km.
const ELECTRIC_CEILING: &str = "electric_ceiling";
/// The rule about vehicles that are hardly used; cases `distance` and `utilisation`.
const UNDER_USE: &str = "under_use";
/// The rule about the share of new-energy vehicles among purchases.
const NEW_ENERGY_SHARE: &str = "new_energy_share";

/// The figures of vehicles in the hands of organizations within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Figures>> {
    listed.holdings.filter.limited(tx, ctx.scope()).await?;
    let holdings = holder::actions::list(tx, ctx, &listed.holdings).await?;
    let held = holder::actions::vehicles(tx, holdings).await?;
    let known = known(tx, ctx, &held, listed.period).await?;
    let codes = [FUEL_CEILING, ELECTRIC_CEILING, UNDER_USE];
    let mut watch = Watch::over(tx, &codes).await?;
    let mut figures = Vec::with_capacity(held.len());
    for ((vehicle, holding), known) in held.into_iter().zip(known) {
        let limits = limits(tx, &mut watch, &vehicle, listed.period).await?;
        let computed = known.compute(limits, listed.period.len());
        let span = span(&vehicle, &holding, listed.period);
        figures.push(Figures { vehicle, span, held_from: holding.from, known, computed });
    }
    Ok(figures)
}

/// The part of a holding that lies in a period; on the day of its disposal the vehicle is still there.
fn span(vehicle: &Vehicle, holding: &Holding, period: Period) -> Span {
    let span = Span::of(holding, period.first_day(), period.end_day());
    let gone = vehicle.disposed_on.and_then(|day| day.succ_opt());
    Span { until: gone.map_or(span.until, |gone| span.until.min(gone).max(span.from)), ..span }
}

/// What is known of vehicles over their part of a period.
async fn known(
    tx: &mut Tx,
    ctx: &Ctx,
    held: &[(Vehicle, Holding)],
    period: Period,
) -> Result<Vec<Known>> {
    let spans: Vec<_> = held.iter().map(|(vehicle, it)| span(vehicle, it, period)).collect();
    let costs = cost::of(tx, &spans).await?;
    let gone = cost::gone(tx, &spans).await?;
    let trips = trips(tx, ctx, &spans, period).await?;
    let calendar = calendar::load(tx).await?;
    let mut known = Vec::with_capacity(held.len());
    let parts = costs.into_iter().zip(gone).zip(trips);
    for (((costs, gone), trips), ((vehicle, _), span)) in parts.zip(held.iter().zip(&spans)) {
        let here = here(&calendar, vehicle, span, period, ctx.today());
        known.push(Known { costs, gone, trips, here });
    }
    Ok(known)
}

/// What trips vehicles made in their spans. One that is not back is on its way until now.
async fn trips(tx: &mut Tx, ctx: &Ctx, spans: &[Span], period: Period) -> Result<Vec<Trips>> {
    let ids: BTreeSet<_> = spans.iter().map(|span| span.vehicle).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let (begin, end) = (cost::begin(period.first_day()), cost::begin(period.end_day()));
    let mut rides: BTreeMap<VehicleId, Vec<Ride>> = BTreeMap::new();
    for ride in trip::actions::rides(tx, &ids, begin, end).await? {
        rides.entry(ride.vehicle).or_default().push(ride);
    }
    let of = |span: &Span| {
        trips_of(rides.get(&span.vehicle).map_or(&[], Vec::as_slice), span, ctx.now())
    };
    Ok(spans.iter().map(of).collect())
}

/// The numbers of the rules that bind the holder of a vehicle on the last day of a period.
async fn limits(
    tx: &mut Tx,
    watch: &mut Watch,
    vehicle: &Vehicle,
    period: Period,
) -> Result<Limits> {
    let (whose, end) = (Whose::of(vehicle), period.end_day());
    let day = end.pred_opt().unwrap_or(end);
    let mut values = [None; 4];
    let rules = [
        (FUEL_CEILING, ""),
        (ELECTRIC_CEILING, ""),
        (UNDER_USE, "distance"),
        (UNDER_USE, "utilisation"),
    ];
    for (value, (code, case)) in values.iter_mut().zip(rules) {
        let rule = watch.rule_by_body(tx, (code, case), vehicle.content.body, &whose, day).await?;
        *value = rule.map(|rule| rule.value);
    }
    let [fuel, energy, distance, utilisation] = values;
    Ok(Limits { fuel, energy, distance, utilisation })
}

/// Fleets by their key, their sum, the share that is asked for, and whether the answer is only a part.
pub(super) struct Fleets {
    pub(super) rows: BTreeMap<String, Fleet>,
    pub(super) total: Fleet,
    pub(super) required_bp: Option<i64>,
    pub(super) scope_limited: bool,
}

/// The fleets of a year within the caller's scope.
pub(super) async fn summarize(tx: &mut Tx, ctx: &Ctx, summed: &Summed) -> Result<Fleets> {
    let scope_limited = summed.filter.limited(tx, ctx.scope()).await?;
    let (from, until) = cost::year(summed.year);
    let listed = holder::Listed::all(summed.filter.clone(), from, until);
    let holdings = holder::actions::list(tx, ctx, &listed).await?;
    let held = holder::actions::vehicles(tx, holdings).await?;
    let ids: BTreeSet<_> = held.iter().map(|(vehicle, _)| vehicle.id).collect();
    let hands = holder::actions::of(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let spans: Vec<_> = held.iter().map(|(_, it)| Span::of(it, from, until)).collect();
    let costs = cost::of(tx, &spans).await?;
    let day = until.pred_opt().unwrap_or(until);
    // The year is not over: those of today.
    let at = day.min(ctx.today());
    let (mut rows, mut total) = (BTreeMap::<String, Fleet>::new(), Fleet::default());
    for ((vehicle, holding), costs) in held.iter().zip(&costs) {
        let key = if summed.by_region {
            vehicle.region.to_string()
        } else {
            vehicle.organization.to_string()
        };
        let bought = hands.bought_on(vehicle, holding).filter(|day| day.year() == summed.year);
        let there = (holding.from..holding.until).contains(&at) && is_there(vehicle, at);
        for fleet in [rows.entry(key).or_default(), &mut total] {
            fleet.add(vehicle, there, bought.is_some(), costs);
        }
    }
    let rules = rule::load(tx, &[NEW_ENERGY_SHARE]).await?;
    let regions: BTreeSet<&RegionCode> = held.iter().map(|(vehicle, _)| &vehicle.region).collect();
    let asked: BTreeSet<Option<i64>> = regions
        .into_iter()
        .map(|region| rules.find(NEW_ENERGY_SHARE, "", region, None, day))
        .map(|rule| rule.map(|rule| rule.value))
        .collect();
    // Where regions ask for different shares the sum has none.
    let required_bp = if asked.len() == 1 { asked.into_iter().next().flatten() } else { None };
    Ok(Fleets { rows, total, required_bp, scope_limited })
}
