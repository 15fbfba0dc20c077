//! Moving trips.

use steward_proto::approval::v1::approval_service_client::ApprovalServiceClient;
use steward_proto::approval::v1::{Approval, ApprovalState, Decision, GetApprovalRequest};
use steward_proto::finding::v1::FindingState;
use steward_proto::fleet::v1::{DriverState, MoveTripRequest, Trip, TripState};
use steward_tests::{TestDb, both};

use super::super::driver::{self, Drivers};
use super::super::{faults, reason};
use super::dispatch::broken;
use super::{Garage, MIGRATIONS, Pair, XILING, at, car, departing, moving, requesting};

both!(
    MIGRATIONS,
    what_is_ordered_moves,
    what_moves_beyond_its_approval_is_approved_anew,
    what_moves_is_checked_anew,
    what_is_requested_moves_when_it_was_returned,
    what_is_out_is_prolonged,
    who_prolongs_far_beyond_the_approval_is_found,
    a_licence_that_lapses_is_seen_on_the_way,
    a_move_is_repeated_and_checked,
);

/// Asks for another window.
fn to(trip: &Trip, from: i64, until: i64) -> MoveTripRequest {
    MoveTripRequest { from_time: Some(at(from)), until_time: Some(at(until)), ..moving(trip) }
}

async fn approval(garage: &Garage, trip: &Trip) -> Approval {
    let caller = garage.caller("viewer", &["viewer"], "4205*");
    let request = GetApprovalRequest { id: trip.approval_id.clone() };
    let answer = ApprovalServiceClient::new(caller).get_approval(request).await.unwrap();
    answer.into_inner().approval.unwrap()
}

async fn what_is_ordered_moves(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let other = Pair {
        vehicle: garage.vehicle(car(XILING, "鄂E00002")).await,
        driver: garage.driver(XILING, "李四").await,
    };
    let trip = garage.ordered(&pair, 9, 14).await;
    // Into a part of itself: that was approved.
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
    assert_eq!(moved.state(), TripState::Ordered);
    garage.ordered(&pair, 10, 13).await;
}

async fn what_moves_beyond_its_approval_is_approved_anew(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.ordered(&pair, 9, 12).await;
    assert_eq!((trip.approved_from_time, trip.approved_until_time), (Some(at(9)), Some(at(12))));
    let mut colleague = super::Trips::new(garage.caller("colleague", &["operator"], "4205*"));
    let error = colleague.move_trip(to(&trip, 9, 13)).await.unwrap_err();
    assert_eq!(reason(&error), "NOT_REQUESTER");
    let moved = garage.shift(to(&trip, 9, 13)).await.unwrap();
    assert_eq!(moved.state(), TripState::Requested);
    assert_ne!(moved.approval_id, trip.approval_id);
    let none = (None, None, None);
    assert_eq!((moved.approve_time, moved.approved_from_time, moved.approved_until_time), none);
    assert_eq!(approval(&garage, &trip).await.state(), ApprovalState::Cancelled);
    let asked = approval(&garage, &moved).await;
    assert_eq!(asked.state(), ApprovalState::Pending);
    assert!(asked.title.contains("2017-06-15 09:00至2017-06-15 13:00"), "{}", asked.title);
    // What it has booked is its own while it waits.
    let next = garage.approved(12, 14).await;
    let error = garage.order(&next, &pair).await.unwrap_err();
    assert_eq!(broken(&error), ["VEHICLE_BOOKED", "DRIVER_BOOKED"]);
    garage.now(9);
    assert_eq!(reason(&garage.depart(departing(&moved, 1)).await.unwrap_err()), "TRIP_STATE");
    // Returned, it moves again, before the approver who sees what he is asked for.
    assert_eq!(garage.decide(&moved, Decision::Return).await, moved);
    let error = colleague.move_trip(to(&moved, 9, 15)).await.unwrap_err();
    assert_eq!(reason(&error), "NOT_REQUESTER");
    let moved = garage.shift(to(&moved, 9, 15)).await.unwrap();
    let asked = approval(&garage, &moved).await;
    assert!(asked.title.contains("2017-06-15 15:00"), "{}", asked.title);
    garage.resubmit(&moved).await;
    let approved = garage.decide(&moved, Decision::Approve).await;
    assert_eq!(approved.state(), TripState::Ordered, "it has its vehicle");
    assert_eq!(approved.approved_until_time, Some(at(15)));
    // Another reason was not approved either.
    let excused = MoveTripRequest { holiday_reason: "防汛".to_owned(), ..moving(&approved) };
    let excused = garage.shift(excused).await.unwrap();
    assert_eq!(excused.state(), TripState::Requested);
    // Refused, it frees what it has booked.
    let refused = garage.decide(&excused, Decision::Refuse).await;
    assert_eq!(refused.state(), TripState::Refused);
    garage.order(&next, &pair).await.unwrap();
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
    let moved = garage.decide(&moved, Decision::Approve).await;
    for (from, until) in [(60, 57), (57, 57), (57, 57 + 31 * 24 + 1)] {
        let error = garage.shift(to(&moved, from, until)).await.unwrap_err();
        assert_eq!(faults(&error), [("until_time".to_owned(), "WINDOW_MALFORMED".to_owned())]);
    }
    // The licence is valid until March 2019.
    let far = 24 * 700;
    let request =
        MoveTripRequest { holiday_reason: "值班".to_owned(), ..to(&moved, far + 9, far + 12) };
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
    let moved = garage.shift(to(&approved, 10, 11)).await.unwrap();
    assert_eq!((moved.from_time, moved.state()), (Some(at(10)), TripState::Approved));
    let moved = garage.shift(to(&moved, 9, 12)).await.unwrap();
    assert_eq!(moved.state(), TripState::Approved, "so much was approved");
    let moved = garage.shift(to(&moved, 14, 16)).await.unwrap();
    assert_eq!((moved.state(), moved.vehicle_id.as_str()), (TripState::Requested, ""));
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
    assert_eq!((longer.until_time, longer.approved_until_time), (Some(at(14)), Some(at(12))));
    assert_eq!(longer.state(), TripState::Departed, "it is out in any case");
    assert_eq!(garage.findings("trip_outside_approval").await, []);
    let request = MoveTripRequest { until_time: Some(at(12)), ..moving(&longer) };
    garage.shift(request).await.unwrap();
    garage.ordered(&pair, 12, 14).await;
}

async fn who_prolongs_far_beyond_the_approval_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.ordered(&pair, 9, 12).await;
    garage.now(9);
    let out = garage.depart(departing(&trip, 1)).await.unwrap();
    let until_time = Some(at(15));
    let longer = garage.shift(MoveTripRequest { until_time, ..moving(&out) }).await.unwrap();
    let found = garage.findings("trip_outside_approval").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, only.limit, only.occasion.as_str()), (3, 2, "return"));
    assert_eq!(only.resource, format!("trips/{}", trip.id));
    // Back within two hours after all.
    garage.now(14);
    garage.come_back(super::returning(&longer, 2)).await.unwrap();
    let found = garage.findings("trip_outside_approval").await;
    assert_eq!(found[0].state(), FindingState::Closed);
}

async fn a_licence_that_lapses_is_seen_on_the_way(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let mut drivers = Drivers::new(garage.caller("clerk", &["operator", "viewer"], "4205*"));
    let expires = async |drivers: &mut Drivers, day: &str| {
        let mut driver = driver::get(drivers, &pair.driver).await.unwrap();
        day.clone_into(&mut driver.licence_expires_on);
        driver::update(drivers, &driver, &["licence_expires_on"]).await.unwrap();
    };
    let trip = garage.ordered(&pair, 9, 12).await;
    expires(&mut drivers, "2017-06-14").await;
    garage.now(9);
    let refused = async |request| broken(&garage.depart(request).await.unwrap_err());
    assert_eq!(refused(departing(&trip, 1)).await, ["LICENCE_EXPIRED"]);
    let mut driver = driver::get(&mut drivers, &pair.driver).await.unwrap();
    driver.set_state(DriverState::Left);
    driver::update(&mut drivers, &driver, &["state"]).await.unwrap();
    assert_eq!(refused(departing(&trip, 1)).await, ["DRIVER_LEFT", "LICENCE_EXPIRED"]);
    driver = driver::get(&mut drivers, &pair.driver).await.unwrap();
    driver.set_state(DriverState::Active);
    driver::update(&mut drivers, &driver, &["state"]).await.unwrap();
    expires(&mut drivers, "2017-06-15").await;
    let out = garage.depart(departing(&trip, 1)).await.unwrap();
    let until_time = Some(at(24 + 9));
    let request = MoveTripRequest { until_time, ..moving(&out) };
    assert_eq!(broken(&garage.shift(request).await.unwrap_err()), ["LICENCE_EXPIRED"]);
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
