//! Moving trips.

use steward_proto::approval::v1::Decision;
use steward_proto::fleet::v1::{MoveTripRequest, Trip};
use steward_tests::{TestDb, both};

use super::super::{faults, reason};
use super::dispatch::broken;
use super::{Garage, MIGRATIONS, Pair, XILING, at, car, departing, moving, requesting};

both!(
    MIGRATIONS,
    what_is_ordered_moves,
    what_moves_is_checked_anew,
    what_is_requested_moves_when_it_was_returned,
    what_is_out_is_prolonged,
    a_move_is_repeated_and_checked,
);

/// Asks for another window.
fn to(trip: &Trip, from: i64, until: i64) -> MoveTripRequest {
    MoveTripRequest { from_time: Some(at(from)), until_time: Some(at(until)), ..moving(trip) }
}

async fn what_is_ordered_moves(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let other = Pair {
        vehicle: garage.vehicle(car(XILING, "鄂E00002")).await,
        driver: garage.driver(XILING, "李四").await,
    };
    let trip = garage.ordered(&pair, 9, 12).await;
    // Into a part of itself.
    let moved = garage.shift(to(&trip, 10, 13)).await.unwrap();
    let (from_time, until_time) = (Some(at(10)), Some(at(13)));
    let etag = "4".to_owned();
    assert_eq!(moved, Trip { from_time, until_time, etag, ..trip });
    garage.ordered(&pair, 9, 10).await;
    let request = MoveTripRequest {
        vehicle_id: other.vehicle.clone(),
        driver_id: other.driver.clone(),
        ..moving(&moved)
    };
    let moved = garage.shift(request).await.unwrap();
    assert_eq!((&moved.vehicle_id, &moved.driver_id), (&other.vehicle, &other.driver));
    assert_eq!((moved.from_time, moved.until_time), (from_time, until_time));
    garage.ordered(&pair, 10, 13).await;
}

async fn what_moves_is_checked_anew(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let other = garage.vehicle(car(XILING, "鄂E00002")).await;
    garage.ordered(&pair, 13, 15).await;
    let trip = garage.ordered(&pair, 9, 12).await;
    let refused = async |request| broken(&garage.shift(request).await.unwrap_err());
    let both = ["VEHICLE_BOOKED", "DRIVER_BOOKED"];
    for (from, until) in [(12, 14), (14, 16), (9, 18), (13, 14)] {
        assert_eq!(refused(to(&trip, from, until)).await, both, "{from} {until}");
    }
    let request = MoveTripRequest { vehicle_id: other, ..to(&trip, 14, 16) };
    assert_eq!(refused(request).await, ["DRIVER_BOOKED"]);
    let small = garage
        .vehicle(steward_proto::fleet::v1::Vehicle { seats: 2, ..car(XILING, "鄂E00003") })
        .await;
    let request = MoveTripRequest { vehicle_id: small, ..moving(&trip) };
    assert_eq!(refused(request).await, ["SEATS_TOO_FEW"]);
    let error = garage.shift(to(&trip, 48 + 9, 48 + 12)).await.unwrap_err();
    assert_eq!(reason(&error), "HOLIDAY_SEALED");
    let request =
        MoveTripRequest { holiday_reason: "值班".to_owned(), ..to(&trip, 48 + 9, 48 + 12) };
    let moved = garage.shift(request).await.unwrap();
    assert_eq!(moved.holiday_reason, "值班");
    for (from, until) in [(60, 57), (57, 57), (57, 57 + 31 * 24 + 1)] {
        let error = garage.shift(to(&moved, from, until)).await.unwrap_err();
        assert_eq!(faults(&error), [("until_time".to_owned(), "WINDOW_MALFORMED".to_owned())]);
    }
    // The licence is valid until March 2019.
    let mut request = to(&moved, 9, 12);
    let far = 24 * 700;
    (request.from_time, request.until_time) = (Some(at(far + 9)), Some(at(far + 12)));
    request.holiday_reason = "值班".to_owned();
    assert_eq!(refused(request).await, ["LICENCE_EXPIRED"]);
}

async fn what_is_requested_moves_when_it_was_returned(db: TestDb) {
    let garage = Garage::new(&db).await;
    let trip = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    let error = garage.shift(to(&trip, 10, 12)).await.unwrap_err();
    assert_eq!(reason(&error), "TRIP_STATE", "who is to approve it is looking at it");
    let returned = garage.decide(&trip, Decision::Return).await;
    assert_eq!(returned, trip);
    let moved = garage.shift(to(&returned, 10, 12)).await.unwrap();
    assert_eq!((moved.from_time, moved.state), (Some(at(10)), trip.state));
    let pair = garage.pair().await;
    let request = MoveTripRequest { vehicle_id: pair.vehicle.clone(), ..moving(&moved) };
    let error = garage.shift(request).await.unwrap_err();
    assert_eq!(reason(&error), "TRIP_STATE", "it has none yet");
    let approved = garage.approved(9, 12).await;
    let moved = garage.shift(to(&approved, 14, 16)).await.unwrap();
    assert_eq!((moved.from_time, moved.vehicle_id.as_str()), (Some(at(14)), ""));
}

async fn what_is_out_is_prolonged(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.ordered(&pair, 9, 12).await;
    garage.ordered(&pair, 14, 16).await;
    garage.now(9);
    let out = garage.depart(departing(&trip, 1)).await.unwrap();
    assert_eq!(reason(&garage.shift(to(&out, 10, 13)).await.unwrap_err()), "TRIP_STATE");
    let request = MoveTripRequest { driver_id: pair.driver.clone(), ..moving(&out) };
    assert_eq!(reason(&garage.shift(request).await.unwrap_err()), "TRIP_STATE");
    let end = |hour| MoveTripRequest { until_time: Some(at(hour)), ..moving(&out) };
    let error = garage.shift(end(15)).await.unwrap_err();
    assert_eq!(broken(&error), ["VEHICLE_BOOKED", "DRIVER_BOOKED"]);
    let error = garage.shift(end(9)).await.unwrap_err();
    assert_eq!(reason(&error), "WINDOW_MALFORMED");
    let longer = garage.shift(end(14)).await.unwrap();
    assert_eq!(longer.until_time, Some(at(14)));
    let request = MoveTripRequest { until_time: Some(at(12)), ..moving(&longer) };
    garage.shift(request).await.unwrap();
    garage.ordered(&pair, 12, 14).await;
}

async fn a_move_is_repeated_and_checked(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.ordered(&pair, 9, 12).await;
    let check = MoveTripRequest { validate_only: true, ..to(&trip, 13, 14) };
    let answer = garage.trips().move_trip(check).await.unwrap().into_inner().trip.unwrap();
    assert_eq!((answer.from_time, answer.etag.as_str()), (Some(at(13)), ""));
    assert_eq!(garage.get(&trip.id).await, trip);
    let request = to(&trip, 13, 14);
    let moved = garage.shift(request.clone()).await.unwrap();
    assert_eq!(garage.shift(request).await.unwrap(), moved);
}
