//! Making what an organization publishes of a month.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::error::Violation;
use steward_chassis::scope::{self, Filter, ORGANIZATION_UNKNOWN};
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::OrganizationCode;

use super::{
    Asked, ByVehicle, Days, Frame, Line, List, Listed, Paid, Times, Trip, Used, rules, store,
};
use crate::cost::{self, Costs, LITRE, Span};
use crate::holder;
use crate::vehicle::{Vehicle, VehicleId};

/// The list of an organization within the caller's scope.
///
/// Errors: `NOT_FOUND`, `ORGANIZATION_UNKNOWN`.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, asked: &Asked) -> Result<List> {
    let frame = frame(tx, ctx, asked).await?;
    let (from, until) = (frame.from, frame.until);
    let (mut costs, unnamed) = cost::of_organization(tx, &asked.organization, from, until).await?;
    let booked = costs.values().chain([&unnamed]).map(Paid::of);
    let booked = booked.fold(Paid::default(), Paid::plus);
    let held = held(tx, ctx, asked, &frame).await?;
    let mut used = used(tx, asked, &frame, &held, &mut costs).await?;
    let mut list = List {
        asked: asked.clone(),
        lines: Vec::new(),
        total: Used::default(),
        withheld: (0, Paid::default()),
        others: booked,
        as_of: ctx.now(),
        frame,
    };
    let secret = withheld(tx, &held, &list.frame).await?;
    for (vehicle, _) in held {
        let used = used.remove(&vehicle.id).unwrap_or_default();
        let paid = Paid::of(&used.costs);
        list.others = list.others.less(paid);
        if secret.contains(&vehicle.id) {
            list.withheld = (list.withheld.0 + 1, list.withheld.1.plus(paid));
        } else {
            list.total.add(&used);
            list.lines.push(Line { vehicle, used });
        }
    }
    list.lines.sort_by_key(|line| (line.vehicle.content.plate.to_string(), line.vehicle.id));
    Ok(list)
}

/// The trips of a list, with what was spent on them.
///
/// Errors: `NOT_FOUND`, `ORGANIZATION_UNKNOWN`.
pub(super) async fn trips(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Trip>> {
    let frame = frame(tx, ctx, &listed.asked).await?;
    let mut trips = store::trips(tx, listed, &frame).await?;
    let ids: Vec<_> = trips.iter().map(|trip| trip.id).collect();
    let spent: BTreeMap<_, _> = store::spent(tx, &ids).await?.into_iter().collect();
    for trip in &mut trips {
        trip.spent = spent.get(&trip.id).copied().unwrap_or_default();
    }
    Ok(trips)
}

async fn frame(tx: &mut Tx, ctx: &Ctx, asked: &Asked) -> Result<Frame> {
    let named = BTreeSet::from([asked.organization.clone()]);
    Filter::of(named.clone()).limited(tx, ctx.scope()).await?;
    let known = scope::store::regions(tx, &named).await?;
    // Nothing of nobody is no list.
    let region = known.get(&asked.organization).cloned();
    let region = region.ok_or_else(|| unknown(&asked.organization))?;
    let kind = scope::store::kind(tx, &asked.organization).await?;
    let rules = rule::load(tx, &[rules::CUT, rules::DUE, rules::WITHHELD]).await?;
    Ok(rules::frame(&rules, asked, &region, kind.as_deref()))
}

fn unknown(code: &OrganizationCode) -> Error {
    let odd = if code.check_character_ok() { "" } else { "; its check character is wrong" };
    let message = format!("organization {code} is not known{odd}");
    let field = "organization".to_owned();
    let why = Violation { field, reason: &ORGANIZATION_UNKNOWN, message };
    Error::violated(&ORGANIZATION_UNKNOWN, vec![why])
}

/// Those of the vehicles that were for something that is withheld on a day on which they were held.
async fn withheld(
    tx: &mut Tx,
    held: &[(Vehicle, Vec<Days>)],
    frame: &Frame,
) -> Result<BTreeSet<VehicleId>> {
    let ids: Vec<_> = held.iter().map(|(vehicle, _)| vehicle.id.uuid()).collect();
    let mut secret: ByVehicle<Vec<Times>> = ByVehicle::new();
    for (vehicle, times) in store::categorized(tx, &ids, &frame.withheld).await? {
        secret.entry(vehicle).or_default().push(times);
    }
    let meets = |times: &Times, days: &Days| {
        times.0.is_none_or(|from| from < cost::begin(days.1))
            && times.1.is_none_or(|until| until > cost::begin(days.0))
    };
    let is_secret = |(vehicle, days): &&(Vehicle, Vec<Days>)| {
        let times = secret.get(&vehicle.id).map_or(&[][..], Vec::as_slice);
        times.iter().any(|times| days.iter().any(|days| meets(times, days)))
    };
    Ok(held.iter().filter(is_secret).map(|(vehicle, _)| vehicle.id).collect())
}

/// The vehicles that the organization held on some day of the list, and when.
async fn held(
    tx: &mut Tx,
    ctx: &Ctx,
    asked: &Asked,
    frame: &Frame,
) -> Result<Vec<(Vehicle, Vec<Days>)>> {
    let filter = Filter::of(BTreeSet::from([asked.organization.clone()]));
    let listed = holder::Listed {
        there_from: frame.from,
        ..holder::Listed::all(filter, frame.from, frame.until)
    };
    let holdings = holder::actions::list(tx, ctx, &listed).await?;
    let mut held: ByVehicle<(Vehicle, Vec<Days>)> = ByVehicle::new();
    for (vehicle, holding) in holder::actions::vehicles(tx, holdings).await? {
        let life = (vehicle.content.acquired_on, vehicle.disposed_on);
        if let Some(days) = rules::held(frame, life, &holding) {
            held.entry(vehicle.id).or_insert_with(|| (vehicle, Vec::new())).1.push(days);
        }
    }
    Ok(held.into_values().collect())
}

/// What each vehicle did and cost while it was held.
async fn used(
    tx: &mut Tx,
    asked: &Asked,
    frame: &Frame,
    held: &[(Vehicle, Vec<Days>)],
    costs: &mut ByVehicle<Costs>,
) -> Result<ByVehicle<Used>> {
    let distances = distances(tx, asked, held).await?;
    let fuel = store::fuel(tx, &asked.organization, frame).await?;
    let trips = store::trip_counts(tx, &asked.organization, frame).await?;
    let of = |(vehicle, _): &(Vehicle, Vec<Days>)| {
        let id = vehicle.id;
        let costs = costs.remove(&id).unwrap_or_default();
        let (exact, booked) = fuel.get(&id).copied().unwrap_or_default();
        let distance = distances.get(&id).copied();
        let used = Used {
            trips: trips.get(&id).copied().unwrap_or_default(),
            distance,
            // What the ledger has without an expense is known in litres.
            fuel: exact + costs.fuel - booked * LITRE,
            spent_on_distance: distance.map_or(0, |_| costs.running()),
            costs,
        };
        (id, used)
    };
    Ok(held.iter().map(of).collect())
}

/// How far each vehicle went while it was held, in metres; without those of which that is not known.
async fn distances(
    tx: &mut Tx,
    asked: &Asked,
    held: &[(Vehicle, Vec<Days>)],
) -> Result<ByVehicle<i64>> {
    let spans = held.iter().flat_map(|(vehicle, days)| {
        days.iter().map(|(from, until)| Span {
            vehicle: vehicle.id,
            organization: asked.organization.clone(),
            from: *from,
            until: *until,
            account: (*from, *until),
        })
    });
    let spans: Vec<_> = spans.collect();
    let gone = cost::gone(tx, &spans).await?;
    let mut distances = ByVehicle::new();
    for (span, gone) in spans.iter().zip(gone) {
        if let Some(distance) = gone.distance {
            *distances.entry(span.vehicle).or_default() += distance;
        }
    }
    Ok(distances)
}
