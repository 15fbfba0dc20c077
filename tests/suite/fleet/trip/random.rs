//! Random schedules against a naive oracle of intervals: who may have what when.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_proto::approval::v1::Decision;
use steward_proto::fleet::v1::{ListFreeVehiclesRequest, MoveTripRequest, Trip, TripState};
use steward_tests::{TestDb, both};

use super::super::reason;
use super::{Garage, MIGRATIONS, Pair, XILING, at, car, departing, moving, returning};

both!(MIGRATIONS, nobody_is_ever_on_two_trips);

const EACH: usize = 3;

/// The hour in which all is asked: before the trips of the day. Only for those that are driven it is later.
const BEFORE: i64 = 24 + 5;

#[derive(Debug, Clone)]
enum Step {
    Order { vehicle: usize, driver: usize, from: i64, length: i64 },
    Move { trip: usize, vehicle: usize, driver: usize, from: i64, length: i64 },
    Cancel(usize),
    Ride(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || (0..EACH, 0..EACH);
    let when = || (24 + 6..24 + 18_i64, 1..5_i64);
    let step = prop_oneof![
        4 => (who(), when()).prop_map(|((vehicle, driver), (from, length))| {
            Step::Order { vehicle, driver, from, length }
        }),
        4 => (any::<usize>(), who(), when()).prop_map(|(trip, (vehicle, driver), (from, length))| {
            Step::Move { trip, vehicle, driver, from, length }
        }),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => any::<usize>().prop_map(Step::Ride),
    ];
    prop::collection::vec(step, 40..60)
}

/// A trip as the oracle knows it: hours, and who.
#[derive(Debug, Clone, Copy)]
struct Booked {
    vehicle: usize,
    driver: usize,
    from: i64,
    until: i64,
}

/// What the oracle says of a trip that is to be so: the reasons against it.
fn against(all: &BTreeMap<String, Booked>, but: &str, new: Booked) -> Vec<&'static str> {
    let others = all
        .iter()
        .filter(|(id, it)| id.as_str() != but && it.from < new.until && new.from < it.until);
    let others: Vec<_> = others.map(|(_, it)| it).collect();
    let vehicle = others.iter().any(|it| it.vehicle == new.vehicle);
    let driver = others.iter().any(|it| it.driver == new.driver);
    let of = |is: bool, reason| is.then_some(reason);
    [of(vehicle, "VEHICLE_BOOKED"), of(driver, "DRIVER_BOOKED")].into_iter().flatten().collect()
}

struct World {
    garage: Garage,
    vehicles: Vec<String>,
    drivers: Vec<String>,
    booked: BTreeMap<String, Booked>,
    refused: usize,
}

impl World {
    fn pair(&self, vehicle: usize, driver: usize) -> Pair {
        Pair { vehicle: self.vehicles[vehicle].clone(), driver: self.drivers[driver].clone() }
    }

    /// Holds an answer against the oracle.
    fn compare(&mut self, id: &str, new: Booked, answer: Result<Trip, tonic::Status>) {
        let against = against(&self.booked, id, new);
        match answer {
            Ok(_) => {
                assert_eq!(against, [""; 0], "{new:?} of {:?}", self.booked);
                self.booked.insert(id.to_owned(), new);
            }
            Err(error) => {
                self.refused += 1;
                assert_eq!(Some(&reason(&error).as_str()), against.first(), "{error:?}");
                assert_eq!(super::dispatch::broken(&error), against);
            }
        }
    }

    fn nth(&self, number: usize) -> Option<String> {
        let count = self.booked.len().max(1);
        self.booked.keys().nth(number % count).cloned()
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Order { vehicle, driver, from, length } => {
                let new = Booked { vehicle, driver, from, until: from + length };
                let trip = self.garage.approved(new.from, new.until).await;
                let answer = self.garage.order(&trip, &self.pair(vehicle, driver)).await;
                self.compare(&trip.id, new, answer);
            }
            Step::Move { trip, vehicle, driver, from, length } => {
                let Some(id) = self.nth(trip) else { return };
                let trip = self.garage.get(&id).await;
                if trip.state() != TripState::Ordered {
                    return;
                }
                let new = Booked { vehicle, driver, from, until: from + length };
                let pair = self.pair(vehicle, driver);
                let request = MoveTripRequest {
                    from_time: Some(at(new.from)),
                    until_time: Some(at(new.until)),
                    vehicle_id: pair.vehicle,
                    driver_id: pair.driver,
                    ..moving(&trip)
                };
                let answer = self.garage.shift(request).await;
                if let Ok(moved) = &answer
                    && moved.state() == TripState::Requested
                {
                    self.garage.decide(moved, Decision::Approve).await;
                }
                self.compare(&id, new, answer);
            }
            Step::Cancel(number) => {
                let Some(id) = self.nth(number) else { return };
                let trip = self.garage.get(&id).await;
                if trip.state() == TripState::Ordered {
                    self.garage.cancel(&trip).await.unwrap();
                    self.booked.remove(&id);
                }
            }
            Step::Ride(number) => self.ride(number).await,
        }
    }

    /// Departs on time and returns an hour later, which may be before the end of its window.
    async fn ride(&mut self, number: usize) {
        let Some(id) = self.nth(number) else { return };
        let trip = self.garage.get(&id).await;
        if trip.state() != TripState::Ordered {
            return;
        }
        let booked = self.booked[&id];
        let mut request = departing(&trip, 1_000);
        request.depart_time = trip.from_time;
        self.garage.now(booked.from + 1);
        let out = self.garage.depart(request).await.unwrap();
        let mut request = returning(&out, 1_000);
        request.return_time = Some(at(booked.from + 1));
        self.garage.come_back(request).await.unwrap();
        self.garage.now(BEFORE);
        self.booked.insert(id, Booked { until: booked.from + 1, ..booked });
    }

    /// Those are free that the oracle says.
    async fn look(&self) {
        for from in (24 + 6..24 + 22).step_by(3) {
            let request = ListFreeVehiclesRequest {
                from_time: Some(at(from)),
                until_time: Some(at(from + 2)),
                ..Default::default()
            };
            let answer = self.garage.trips().list_free_vehicles(request).await.unwrap();
            let free: Vec<_> =
                answer.into_inner().vehicles.into_iter().map(|it| it.vehicle_id).collect();
            let taken = |vehicle: usize| {
                let mut all = self.booked.values();
                all.any(|it| it.vehicle == vehicle && it.from < from + 2 && from < it.until)
            };
            for (place, vehicle) in self.vehicles.iter().enumerate() {
                assert_eq!(free.contains(vehicle), !taken(place), "{place} at {from}");
            }
        }
    }
}

async fn nobody_is_ever_on_two_trips(db: TestDb) {
    let mut world = World {
        garage: Garage::new(&db).await,
        vehicles: Vec::new(),
        drivers: Vec::new(),
        booked: BTreeMap::new(),
        refused: 0,
    };
    for number in 0..EACH {
        let plate = format!("鄂E0000{number}");
        world.vehicles.push(world.garage.vehicle(car(XILING, &plate)).await);
        world.drivers.push(world.garage.driver(XILING, &format!("司机{number}")).await);
    }
    world.garage.now(BEFORE);
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        for step in steps().new_tree(&mut runner).unwrap().current() {
            world.step(step).await;
        }
        world.look().await;
    }
    assert!(world.refused > 20 && world.booked.len() > 5, "{} refused", world.refused);
}
