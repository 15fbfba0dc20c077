//! Vehicles that went without a trip in a closed month, before the first trip of theirs, after the last one,
//! or without any.
//!
//! What is between two trips is a finding of the later one (`judge.rs`); of a month it is only what no trip
//! and no way between two trips accounts for, so that nothing is found twice. Only who enters trips at all is
//! judged: from the month on in which the first trip departed with a vehicle that it held. What changes of
//! readings and trips is noted (`odometer::actions::stir`), and held against each other once its month is
//! over: at once where a trip changed, else by the sweep.

mod rules;
mod store;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::sweep::alone;
use steward_chassis::{Ctx, Result, write_by_service};
use steward_db::{Db, Tx};
use steward_finding::finding::{self, Breach};
use steward_kernel::{Month, OrganizationCode, today};

use super::Trip;
use crate::cost::begin;
use crate::holder::{self, Holding, Holdings};
use crate::odometer;
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::{Watch, Whose};

/// The rule about what goes without a trip.
const UNDISPATCHED: &str = "trip_undispatched";
/// At most so many vehicles in a transaction.
const AT_ONCE: i64 = 100;

/// A month in the hands of one organization, whose holding began on a day.
type Part = (Month, NaiveDate);

/// Notes that trips changed, and judges the closed months of their vehicles again.
pub(super) async fn changed(tx: &mut Tx, ctx: &Ctx, trips: &[Trip]) -> Result<()> {
    stir(tx, trips).await?;
    let vehicles = trips.iter().filter_map(|trip| Some(trip.dispatch.as_ref()?.vehicle));
    let vehicles: BTreeSet<_> = vehicles.collect();
    let vehicles: Vec<_> = vehicles.into_iter().collect();
    let due = odometer::actions::stirred_of(tx, &vehicles, closed(ctx).first_day()).await?;
    judge(tx, ctx, &due).await
}

/// Notes that trips are, or were, where they are: they also account for the ways from the ones before. With the
/// first one of all a holder begins to be judged.
pub(super) async fn stir(tx: &mut Tx, trips: &[Trip]) -> Result<()> {
    let gone = || trips.iter().filter_map(|trip| trip.dispatch.as_ref().zip(trip.depart_time));
    for (vehicle, depart) in first(gone().map(|(dispatch, depart)| (dispatch.vehicle, depart))) {
        let from = store::last_back(tx, vehicle, depart).await?.unwrap_or(depart);
        odometer::actions::stir(tx, &[vehicle], today(from)).await?;
    }
    for (holder, depart) in first(gone().map(|(dispatch, depart)| (&dispatch.holder, depart))) {
        let began = store::began(tx, holder).await?;
        if began.is_none_or(|began| began >= depart) {
            let all = store::vehicles(tx, holder).await?;
            let month = Month::of(today(depart)).first_day();
            odometer::actions::stir(tx, &all, month).await?;
        }
    }
    Ok(())
}

/// The first departure of each.
fn first<K: Ord>(
    departures: impl Iterator<Item = (K, DateTime<Utc>)>,
) -> BTreeMap<K, DateTime<Utc>> {
    let mut first = BTreeMap::new();
    for (of, depart) in departures {
        let earliest = first.entry(of).or_insert(depart);
        *earliest = depart.min(*earliest);
    }
    first
}

/// The first month that is not closed.
fn closed(ctx: &Ctx) -> Month {
    Month::of(ctx.today())
}

/// Judges the months that are closed and were not judged since something of them changed.
pub(super) async fn sweep(db: &Db, ctx: &Ctx) -> Result<()> {
    loop {
        let judged = write_by_service(db, ctx, |tx, ctx| {
            Box::pin(async move {
                if !alone(tx, "trips").await? {
                    return Ok(0);
                }
                let until = closed(ctx).first_day();
                let due = odometer::actions::stirred(tx, until, AT_ONCE).await?;
                judge(tx, ctx, &due).await?;
                Ok(due.len())
            })
        });
        if judged.await? == 0 {
            return Ok(());
        }
    }
}

/// Judges the closed months of vehicles, each from a day on.
async fn judge(tx: &mut Tx, ctx: &Ctx, due: &[(VehicleId, NaiveDate)]) -> Result<()> {
    if due.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<_> = due.iter().map(|it| it.0).collect();
    ids.sort_unstable();
    // Nobody changes their readings or trips meanwhile.
    vehicle::actions::hold_all(tx, &ids).await?;
    let vehicles = vehicle::actions::known(tx, &ids).await?;
    let holdings = holder::actions::of(tx, &ids).await?;
    let watch = Watch::over(tx, &[UNDISPATCHED]).await?;
    let until = closed(ctx);
    let mut bench = Bench { watch, holdings, until, began: BTreeMap::new() };
    for (id, from) in due {
        if let Some(vehicle) = vehicles.get(id) {
            bench.judge(tx, vehicle, Month::of(*from)).await?;
        }
    }
    bench.watch.finish(tx, ctx).await?;
    odometer::actions::settled(tx, &ids, until.first_day()).await
}

/// What months are judged by.
struct Bench {
    watch: Watch,
    holdings: Holdings,
    /// The first month that is not closed.
    until: Month,
    /// When organizations began to enter trips.
    began: BTreeMap<OrganizationCode, Option<DateTime<Utc>>>,
}

impl Bench {
    /// Judges the closed months of a vehicle from one on.
    async fn judge(&mut self, tx: &mut Tx, vehicle: &Vehicle, from: Month) -> Result<()> {
        let since = begin(from.first_day());
        let points = odometer::actions::points(tx, vehicle.id, since).await?;
        let legs = store::legs(tx, vehicle.id, since).await?;
        let part = |time| self.part(vehicle.id, from, today(time));
        let gone = rules::gone(&points, &legs, |point| part(point.read_time));
        for (part, metres) in &gone {
            if let Some(holding) = self.holdings.on(vehicle.id, part.1.max(part.0.first_day())) {
                let holding = holding.clone();
                self.see(tx, vehicle, &holding, *part, *metres).await?;
            }
        }
        self.clear(tx, vehicle, from, |occasion| gone.keys().any(|it| name(*it) == occasion)).await
    }

    /// Of which month and holder a day is, if it is judged.
    fn part(&self, vehicle: VehicleId, from: Month, day: NaiveDate) -> Option<Part> {
        let month = Month::of(day);
        let judged = (from..self.until).contains(&month);
        let holding = self.holdings.on(vehicle, day).filter(|_| judged)?;
        Some((month, holding.from))
    }

    /// Tells of a month how far the vehicle went in it, and how much of that nothing accounts for.
    async fn see(
        &mut self,
        tx: &mut Tx,
        vehicle: &Vehicle,
        holding: &Holding,
        part: Part,
        (distance, left): (i64, i64),
    ) -> Result<()> {
        let (month, until) = (part.0, holding.until.min(part.0.next().first_day()));
        let last = until.pred_opt().unwrap_or(until);
        let rule = self.watch.rule(tx, UNDISPATCHED, "", &holding.whose, last).await?;
        let enters = self.began(tx, &holding.whose).await?;
        let enters = enters.is_some_and(|began| began < begin(month.next().first_day()));
        let limit = rule.as_ref().filter(|_| enters).map(|rule| rule.value);
        let breach = limit.filter(|limit| left > *limit).map(|limit| Breach {
            observed: left,
            limit,
            detail: format!(
                "{}{month}里程表读数显示行驶 {} 公里,其中 {} 公里无出车记录",
                vehicle.content.plate,
                distance / 1000,
                left / 1000
            ),
            since: holding.from.max(month.first_day()),
        });
        if let Some(rule) = rule.or_else(|| self.watch.any(UNDISPATCHED)) {
            self.watch.saw(rule, vehicle.resource(), name(part), &holding.whose, breach);
        }
        Ok(())
    }

    async fn began(&mut self, tx: &mut Tx, whose: &Whose) -> Result<Option<DateTime<Utc>>> {
        match self.began.entry(whose.organization.clone()) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(new) => Ok(*new.insert(store::began(tx, &whose.organization).await?)),
        }
    }

    /// Clears what was found of months of which no reading is left, or which became another's.
    async fn clear(
        &mut self,
        tx: &mut Tx,
        vehicle: &Vehicle,
        from: Month,
        is_there: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let Some(rule) = self.watch.any(UNDISPATCHED) else { return Ok(()) };
        let mut cleared = BTreeSet::new();
        for finding in finding::open_for(tx, &vehicle.resource(), &vehicle.organization).await? {
            let month = finding.occasion.get(..7).and_then(|month| month.parse::<Month>().ok());
            let judged = month.is_some_and(|month| (from..self.until).contains(&month));
            let ours = finding.code == UNDISPATCHED && judged && !is_there(&finding.occasion);
            let Some(organization) = finding.organization.filter(|_| ours) else { continue };
            if cleared.insert(finding.occasion.clone()) {
                let whose = Whose { organization, region: finding.region };
                let (resource, occasion) = (vehicle.resource(), finding.occasion);
                self.watch.saw(rule.clone(), resource, occasion, &whose, None);
            }
        }
        Ok(())
    }
}

/// `2017-05`, or, for who got the vehicle in the course of the month, `2017-05 2017-05-20`.
fn name((month, from): Part) -> String {
    if from > month.first_day() { format!("{month} {from}") } else { month.to_string() }
}
