//! Trips that are ordered, moved and departed at once; and what the databases hold by themselves.

use std::sync::Arc;

use futures::future::join_all;
use steward_proto::fleet::v1::{MoveTripRequest, Trip, TripState};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::Status;

use super::super::reason;
use super::{Garage, MIGRATIONS, Pair, XILING, at, car, departing, moving, ordering, returning};

both!(
    MIGRATIONS,
    one_vehicle_is_raced_for,
    one_driver_is_raced_for,
    a_time_is_raced_for_by_moves,
    a_vehicle_is_raced_for_by_moves,
    a_time_is_raced_for_by_who_is_out,
    of_two_who_depart_one_does,
    the_database_holds_it_too,
);

const ROUNDS: usize = 20;
const RACERS: usize = 100;

/// Runs all at once.
async fn race<F>(acts: Vec<F>) -> Vec<Result<Trip, Status>>
where
    F: Future<Output = Result<Trip, Status>> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(acts.len()));
    let racers = acts.into_iter().map(|act| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            act.await
        })
    });
    let results = join_all(racers.collect::<Vec<_>>()).await;
    results.into_iter().map(Result::unwrap).collect()
}

/// The place of the one who won, and what he got; the others were refused for one of the reasons.
fn winner(results: Vec<Result<Trip, Status>>, reasons: &[&str]) -> (usize, Trip) {
    let mut won = None;
    for (place, result) in results.into_iter().enumerate() {
        match result {
            Ok(trip) => assert!(won.replace((place, trip)).is_none(), "two have won"),
            Err(error) => {
                let why = reason(&error);
                assert!(reasons.contains(&why.as_str()), "{error:?}");
            }
        }
    }
    won.expect("one wins")
}

/// Trips whose windows all have the hour from 12 to 13.
async fn waiting(garage: &Garage) -> Vec<Trip> {
    let mut trips = Vec::new();
    for racer in 0..RACERS {
        let racer = i64::try_from(racer).unwrap();
        trips.push(garage.approved(8 + racer % 5, 13 + racer % 7).await);
    }
    trips
}

/// Orders them all, each for its pair, in rounds; who won is cancelled and another trip takes his place.
async fn order_in_rounds(garage: &Garage, pairs: &[Pair], reasons: &[&str]) {
    let mut trips = waiting(garage).await;
    for _ in 0..ROUNDS {
        let acts = trips.iter().enumerate().map(|(place, trip)| {
            let (mut client, pair) = (garage.trips(), &pairs[place % pairs.len()]);
            let request = ordering(trip, pair);
            async move { Ok(client.order_trip(request).await?.into_inner().trip.unwrap()) }
        });
        let (place, won) = winner(race(acts.collect()).await, reasons);
        assert_eq!(garage.get(&won.id).await, won);
        garage.cancel(&won).await.unwrap();
        trips[place] = garage.approved(12, 13).await;
    }
}

async fn one_vehicle_is_raced_for(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let mut pairs = Vec::new();
    for racer in 0..RACERS {
        let driver = garage.driver(XILING, &format!("司机{racer}")).await;
        pairs.push(Pair { driver, ..pair.clone() });
    }
    order_in_rounds(&garage, &pairs, &["VEHICLE_BOOKED"]).await;
}

async fn one_driver_is_raced_for(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let mut pairs = Vec::new();
    for racer in 0..10 {
        let vehicle = garage.vehicle(car(XILING, &format!("鄂E1{racer:04}"))).await;
        pairs.push(Pair { vehicle, ..pair.clone() });
    }
    // Who meets the driver may meet the vehicle too.
    order_in_rounds(&garage, &pairs, &["DRIVER_BOOKED", "VEHICLE_BOOKED"]).await;
}

async fn a_time_is_raced_for_by_moves(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    for round in 0..ROUNDS {
        let day = working_day(round);
        let mut trips = Vec::new();
        for racer in 0..6 {
            trips.push(garage.ordered(&pair, day + 7 + racer, day + 8 + racer).await);
        }
        let acts = trips.iter().map(|trip| {
            let mut client = garage.trips();
            let request = MoveTripRequest {
                from_time: Some(at(day + 14)),
                until_time: Some(at(day + 15)),
                ..moving(trip)
            };
            async move { Ok(client.move_trip(request).await?.into_inner().trip.unwrap()) }
        });
        let (_, won) = winner(race(acts.collect()).await, &["VEHICLE_BOOKED"]);
        assert_eq!(garage.get(&won.id).await, won);
    }
}

async fn a_vehicle_is_raced_for_by_moves(db: TestDb) {
    let garage = Garage::new(&db).await;
    let wanted = garage.pair().await;
    let (mut pairs, mut trips) = (Vec::new(), Vec::new());
    for racer in 0..RACERS {
        let vehicle = garage.vehicle(car(XILING, &format!("鄂E2{racer:04}"))).await;
        let driver = garage.driver(XILING, &format!("司机{racer}")).await;
        let pair = Pair { vehicle, driver };
        trips.push(garage.ordered(&pair, 14, 15).await);
        pairs.push(pair);
    }
    for _ in 0..ROUNDS {
        // All want the one vehicle for the hour for which they are approved.
        let acts = trips.iter().map(|trip| {
            let mut client = garage.trips();
            let request = MoveTripRequest { vehicle_id: wanted.vehicle.clone(), ..moving(trip) };
            async move { Ok(client.move_trip(request).await?.into_inner().trip.unwrap()) }
        });
        let (place, won) = winner(race(acts.collect()).await, &["VEHICLE_BOOKED"]);
        assert_eq!((&won.vehicle_id, won.state()), (&wanted.vehicle, TripState::Ordered));
        let back = MoveTripRequest { vehicle_id: pairs[place].vehicle.clone(), ..moving(&won) };
        trips[place] = garage.shift(back).await.unwrap();
    }
}

async fn a_time_is_raced_for_by_who_is_out(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    for round in 0..ROUNDS {
        // One is out until 10 and wants to stay until 12; others want the hour from 11.
        let day = working_day(round);
        let trip = garage.ordered(&pair, day + 8, day + 10).await;
        let mut waiting = Vec::new();
        for _ in 0..9 {
            waiting.push(garage.approved(day + 11, day + 12).await);
        }
        garage.now(day + 8);
        let out = garage.depart(departing(&trip, 50_000)).await.unwrap();
        let longer = MoveTripRequest { until_time: Some(at(day + 12)), ..moving(&out) };
        let mut client = garage.trips();
        let stay = async move { Ok(client.move_trip(longer).await?.into_inner().trip.unwrap()) };
        let mut acts: Vec<futures::future::BoxFuture<'static, _>> = vec![Box::pin(stay)];
        for trip in &waiting {
            let (mut client, request) = (garage.trips(), ordering(trip, &pair));
            acts.push(Box::pin(async move {
                Ok(client.order_trip(request).await?.into_inner().trip.unwrap())
            }));
        }
        let (place, won) = winner(race(acts).await, &["VEHICLE_BOOKED"]);
        let out = if place == 0 { won } else { out };
        garage.now(day + 10);
        garage.come_back(returning(&out, 50_000)).await.unwrap();
    }
}

async fn of_two_who_depart_one_does(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    for round in 0..ROUNDS {
        // One is late and one is on time: each may leave, if the other has not.
        let day = working_day(round);
        let trips = [
            garage.ordered(&pair, day + 8, day + 9).await,
            garage.ordered(&pair, day + 9, day + 10).await,
        ];
        garage.now(day + 9);
        let acts = trips.iter().map(|trip| {
            let mut client = garage.trips();
            let request = departing(trip, 50_000);
            async move { Ok(client.depart_trip(request).await?.into_inner().trip.unwrap()) }
        });
        let (place, out) = winner(race(acts.collect()).await, &["VEHICLE_OUT"]);
        garage.now(day + 10);
        garage.come_back(returning(&out, 50_000)).await.unwrap();
        garage.cancel(&trips[1 - place]).await.unwrap();
    }
}

/// The first hour of one working day after the other, from Monday the 19th on.
fn working_day(number: usize) -> i64 {
    96 + 24 * i64::try_from(number / 5 * 7 + number % 5).unwrap()
}

async fn the_database_holds_it_too(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let first = garage.ordered(&pair, 9, 12).await;
    let other = Pair {
        vehicle: garage.vehicle(car(XILING, "鄂E00002")).await,
        driver: garage.driver(XILING, "李四").await,
    };
    let second = garage.ordered(&other, 11, 14).await;
    for (of, column, rule) in [
        (&pair.vehicle, "vehicle", "trip_vehicle_booked"),
        (&pair.driver, "driver", "trip_driver_booked"),
    ] {
        let mut tx = db.write().await;
        let sql = if column == "vehicle" {
            tx.sql("UPDATE trip SET vehicle_id = $1 WHERE id = $2")
        } else {
            tx.sql("UPDATE trip SET driver_id = $1 WHERE id = $2")
        };
        let id = |text: &str| text.parse::<uuid::Uuid>().unwrap();
        let error = sql.bind(id(of)).bind(id(&second.id)).run().await.unwrap_err();
        assert_eq!(error.rule(), Some(rule));
    }
    let mut tx = db.write().await;
    let copy = "INSERT INTO trip SELECT $1, organization, kind, state, purpose, destination, \
                pick_up, passengers, from_time, until_time, holiday_reason, requested_by, \
                vehicle_id, driver_id, holder, dispatch_no, depart_time, return_time, \
                start_odometer_m, end_odometer_m, approval_id, approve_time, approved_from, \
                approved_until, refuse_time, approval_due_on, \
                booked_from, booked_until, note, correction, imported, create_time, update_time, version \
                FROM trip WHERE id = $2";
    let first: uuid::Uuid = first.id.parse().unwrap();
    let error = tx.sql(copy).bind(uuid::Uuid::new_v4()).bind(first).run().await.unwrap_err();
    assert!(error.rule().is_some_and(|rule| rule.ends_with("_booked")), "{error}");
}
