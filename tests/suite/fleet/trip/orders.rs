//! The same trips, told in any order, make the same findings.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_proto::finding::v1::FindingState;
use steward_proto::fleet::v1::Trip;
use steward_tests::{TestDb, both};

use super::{Garage, MIGRATIONS, Pair, XILING, car, past};

both!(MIGRATIONS, the_order_in_which_trips_come_does_not_matter);

const EACH: usize = 2;

/// A trip of before: which vehicle and driver, and hours and readings.
#[derive(Debug, Clone)]
struct Told {
    vehicle: usize,
    driver: usize,
    from: i64,
    hours: i64,
    odometer: (i64, i64),
}

fn told() -> impl Strategy<Value = Vec<Told>> {
    let one = (0..EACH, 0..EACH, -140..-24_i64, 1..9_i64, (1..60_i64, 0..6_i64));
    let told = one.prop_map(|(vehicle, driver, from, hours, (start, metres))| Told {
        vehicle,
        driver,
        from,
        hours,
        odometer: (start, start + metres),
    });
    // The same vehicle and hours twice are the same trip.
    prop::collection::vec(told, 6..14).prop_map(|mut all| {
        let mut there = BTreeSet::new();
        all.retain(|it| there.insert((it.vehicle, it.from, it.hours)));
        all
    })
}

/// What was found, told by places instead of ids.
type Found = BTreeSet<(String, usize, String, i64, i64, String)>;

/// Tells trips in an order, so many at a time, of vehicles and drivers of their own.
async fn tell(garage: &Garage, number: usize, all: &[Told], order: &[usize], part: usize) -> Found {
    let (mut vehicles, mut drivers) = (Vec::new(), Vec::new());
    for each in 0..EACH {
        let plate = format!("鄂E{:05}", number * EACH + each);
        vehicles.push(garage.vehicle(car(XILING, &plate)).await);
        drivers.push(garage.driver(XILING, &format!("司机{number}-{each}")).await);
    }
    let mut trips = vec![String::new(); all.len()];
    for places in order.chunks(part) {
        let trip = |place: &usize| {
            let it = &all[*place];
            let (vehicle, driver) = (vehicles[it.vehicle].clone(), drivers[it.driver].clone());
            Trip {
                start_odometer_m: it.odometer.0,
                end_odometer_m: it.odometer.1,
                ..past(&Pair { vehicle, driver }, it.from, it.from + it.hours)
            }
        };
        let made = garage.import(places.iter().map(trip).collect()).await.unwrap();
        for (place, trip) in places.iter().zip(made) {
            trips[*place] = trip.id;
        }
    }
    let mut found = Found::new();
    for code in ["trip_overlap", "odometer_backwards"] {
        for finding in garage.findings(code).await {
            let id = finding.resource.split('/').nth(1).unwrap();
            let place = if code == "trip_overlap" { &trips } else { &vehicles };
            let Some(place) = place.iter().position(|it| it == id) else { continue };
            if finding.state() == FindingState::Closed {
                continue;
            }
            // A reading has an id of its own.
            let occasion = if code == "trip_overlap" { finding.occasion } else { String::new() };
            let (observed, limit) = (finding.observed, finding.limit);
            found.insert((code.to_owned(), place, occasion, observed, limit, finding.since_on));
        }
    }
    found
}

async fn the_order_in_which_trips_come_does_not_matter(db: TestDb) {
    let garage = Garage::new(&db).await;
    let mut runner = TestRunner::deterministic();
    let (mut number, mut seen) = (0, 0);
    for _ in 0..8 {
        let all = told().new_tree(&mut runner).unwrap().current();
        let places: Vec<_> = (0..all.len()).collect();
        let mut orders = vec![(places.clone(), all.len()), (places.clone(), 1)];
        let backwards = places.iter().rev().copied().collect::<Vec<_>>();
        orders.push((backwards, 1));
        for part in [1, 3] {
            let order =
                Just(places.clone()).prop_shuffle().new_tree(&mut runner).unwrap().current();
            orders.push((order, part));
        }
        let mut first: Option<Found> = None;
        for (order, part) in orders {
            let found = tell(&garage, number, &all, &order, part).await;
            number += 1;
            let first = first.get_or_insert_with(|| found.clone());
            assert_eq!(&found, first, "{order:?} by {part} of {all:#?}");
        }
        seen += first.map_or(0, |found| found.len());
    }
    assert!(seen > 20, "{seen} found");
}
