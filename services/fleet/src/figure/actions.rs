//! Gathering what figures are made of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use steward_chassis::{Ctx, Result, calendar};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::{Period, RegionCode};

use super::rules::{days_of, working_days};
use super::{Figures, Fleet, Known, Limits, Listed, Summed, Trips};
use crate::cost;
use crate::expense;
use crate::odometer;
use crate::odometer::rules::distance;
use crate::trip;
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::{Watch, Whose};

/// The rule about fuel per 100 km.
const FUEL_CEILING: &str = "fuel_ceiling";
/// The rule about electricity per 100 km.
const ELECTRIC_CEILING: &str = "electric_ceiling";
/// The rule about vehicles that are hardly used; cases `distance` and `utilisation`.
const UNDER_USE: &str = "under_use";
/// The rule about the share of new-energy vehicles among purchases.
const NEW_ENERGY_SHARE: &str = "new_energy_share";

/// The figures of vehicles within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Figures>> {
    let vehicles = vehicle::actions::list(tx, ctx, &listed.vehicles).await?;
    let mut known = known(tx, ctx, &vehicles, listed.period).await?;
    let codes = [FUEL_CEILING, ELECTRIC_CEILING, UNDER_USE];
    let mut watch = Watch::over(tx, &codes).await?;
    let mut figures = Vec::with_capacity(vehicles.len());
    for vehicle in vehicles {
        let limits = limits(tx, &mut watch, &vehicle, listed.period).await?;
        let known = known.remove(&vehicle.id).unwrap_or_default();
        let computed = known.compute(limits, listed.period.len());
        figures.push(Figures { vehicle, known, computed });
    }
    Ok(figures)
}

/// What is known of vehicles over a period.
async fn known(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicles: &[Vehicle],
    period: Period,
) -> Result<BTreeMap<VehicleId, Known>> {
    let ids: Vec<_> = vehicles.iter().map(|vehicle| vehicle.id).collect();
    let (from, until) = (period.first_day(), period.end_day());
    let mut costs = cost::of(tx, &ids, from, until).await?;
    let fuel = expense::actions::fuel(tx, &ids, from, until).await?;
    let readings = odometer::actions::fitted(tx, &ids).await?;
    let trips = trips(tx, ctx, &ids, period).await?;
    let working_days = working_days(&calendar::load(tx).await?, period, ctx.today());
    let (begin, end) = (cost::begin(from), cost::begin(until));
    let of = |id: VehicleId| {
        let costs = costs.remove(&id).unwrap_or_default();
        let exact = fuel.get(&id).copied().unwrap_or_default();
        let (points, misfits) = readings.get(&id).cloned().unwrap_or_default();
        let within = |point: &&odometer::rules::Point| (begin..end).contains(&point.read_time);
        let misfits = misfits.iter().filter(within).count();
        let known = Known {
            // What the ledger has without an expense is known in litres.
            fuel: exact.fuel + (costs.litres - exact.booked) * 1000,
            costs,
            distance: distance(&points, begin, end),
            misfits: i32::try_from(misfits).unwrap_or(i32::MAX),
            trips: trips.get(&id).copied().unwrap_or_default(),
            working_days,
        };
        (id, known)
    };
    Ok(ids.into_iter().map(of).collect())
}

/// What trips vehicles made in a period, by vehicle. One that is not back is on its way until now.
async fn trips(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicles: &[VehicleId],
    period: Period,
) -> Result<BTreeMap<VehicleId, Trips>> {
    let (begin, end) = (cost::begin(period.first_day()), cost::begin(period.end_day()));
    let mut trips: BTreeMap<VehicleId, Trips> = BTreeMap::new();
    let mut days: BTreeMap<VehicleId, BTreeSet<NaiveDate>> = BTreeMap::new();
    for ride in trip::actions::rides(tx, vehicles, begin, end).await? {
        let count = &mut trips.entry(ride.vehicle).or_default().count;
        *count += i32::from(ride.depart_time >= begin);
        let until = ride.return_time.unwrap_or_else(|| ctx.now()).min(end);
        days.entry(ride.vehicle).or_default().extend(days_of(ride.depart_time.max(begin), until));
    }
    for (vehicle, days) in days {
        trips.entry(vehicle).or_default().days = i32::try_from(days.len()).unwrap_or(i32::MAX);
    }
    Ok(trips)
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
        *value = watch.rule(tx, code, case, &whose, day).await?.map(|rule| rule.value);
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
    let listed = vehicle::Listed::all(summed.filter.clone());
    let vehicles = vehicle::actions::list(tx, ctx, &listed).await?;
    let ids: Vec<_> = vehicles.iter().map(|vehicle| vehicle.id).collect();
    let (from, until) = cost::year(summed.year);
    let costs = cost::of(tx, &ids, from, until).await?;
    let (mut rows, mut total) = (BTreeMap::<String, Fleet>::new(), Fleet::default());
    for vehicle in &vehicles {
        let key = if summed.by_region {
            vehicle.region.to_string()
        } else {
            vehicle.organization.to_string()
        };
        let costs = costs.get(&vehicle.id);
        rows.entry(key).or_default().add(vehicle, costs, summed.year);
        total.add(vehicle, costs, summed.year);
    }
    let rules = rule::load(tx, &[NEW_ENERGY_SHARE]).await?;
    let day = until.pred_opt().unwrap_or(until);
    let regions: BTreeSet<&RegionCode> = vehicles.iter().map(|vehicle| &vehicle.region).collect();
    let asked: BTreeSet<Option<i64>> = regions
        .into_iter()
        .map(|region| rules.find(NEW_ENERGY_SHARE, "", region, None, day))
        .map(|rule| rule.map(|rule| rule.value))
        .collect();
    // Where regions ask for different shares the sum has none.
    let required_bp = if asked.len() == 1 { asked.into_iter().next().flatten() } else { None };
    Ok(Fleets { rows, total, required_bp, scope_limited })
}
