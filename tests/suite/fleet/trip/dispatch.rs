//! From request to settling, and what is refused on the way.

use steward_proto::fleet::v1::{
    DriverState, LicenceClass, OrderTripRequest, RequestTripRequest, Trip, TripKind, TripState,
    Vehicle, VehicleBody,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::super::driver::{self, Drivers};
use super::super::{faults, reason};
use super::{
    Garage, MIGRATIONS, Pair, XILING, YILING, at, car, departing, ordering, request_id, requesting,
    returning,
};

both!(
    MIGRATIONS,
    a_trip_goes_its_way,
    what_is_faulty_is_told,
    what_does_not_fit_is_refused,
    a_pool_serves_its_region,
    every_step_has_its_place,
    sealed_times_need_a_reason,
    nobody_is_on_two_trips,
    early_and_late_are_kept_as_they_are,
    who_departs_off_the_window_is_stopped_or_found,
    what_is_repeated_is_done_once,
    checking_changes_nothing,
    a_stale_version_is_refused,
);

/// The rules that a refusal names.
pub(super) fn broken(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    let details = status.get_error_details();
    let failed = details.precondition_failure().unwrap();
    failed.violations.iter().map(|it| it.r#type.clone()).collect()
}

/// What an ordinary trip is not found to be.
const CODES: &[&str] = &[
    "trip_overlap",
    "odometer_backwards",
    "holiday_trip",
    "trip_overdue",
    "trip_outside_approval",
    "trip_undispatched",
];

async fn a_trip_goes_its_way(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let asked = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    let expected = Trip {
        id: asked.id.clone(),
        organization: XILING.to_owned(),
        kind: TripKind::Ordinary.into(),
        state: TripState::Requested.into(),
        purpose: "调研".to_owned(),
        destination: "兴山".to_owned(),
        pick_up: "东门".to_owned(),
        passengers: 3,
        from_time: Some(at(9)),
        until_time: Some(at(12)),
        requested_by: "clerk".to_owned(),
        approval_id: asked.approval_id.clone(),
        create_time: Some(at(8)),
        update_time: Some(at(8)),
        etag: "1".to_owned(),
        ..Trip::default()
    };
    assert_eq!(asked, expected);
    assert_eq!(asked.approval_id.len(), 36);
    let approved = garage.decide(&asked, steward_proto::approval::v1::Decision::Approve).await;
    assert_eq!(approved.state(), TripState::Approved);
    assert_eq!((approved.approve_time, approved.etag.as_str()), (Some(at(8)), "2"));
    let ordered = garage.order(&approved, &pair).await.unwrap();
    let expected = Trip {
        state: TripState::Ordered.into(),
        vehicle_id: pair.vehicle.clone(),
        driver_id: pair.driver.clone(),
        holder: XILING.to_owned(),
        dispatch_no: "派-1".to_owned(),
        etag: "3".to_owned(),
        ..approved
    };
    assert_eq!(ordered, expected);
    garage.now(9);
    let out = garage.depart(departing(&ordered, 50_000)).await.unwrap();
    let (depart_time, update_time) = (Some(at(9)), Some(at(9)));
    let state = TripState::Departed.into();
    let start_odometer_m = 50_000;
    let etag = "4".to_owned();
    let expected = Trip { state, depart_time, update_time, start_odometer_m, etag, ..ordered };
    assert_eq!(out, expected);
    garage.now(11);
    let back = garage.come_back(returning(&out, 98_500)).await.unwrap();
    assert_eq!((back.state(), back.return_time), (TripState::Returned, Some(at(11))));
    assert_eq!((back.end_odometer_m, back.distance_m), (98_500, 48_500));
    let settled = garage.settle(&back).await.unwrap();
    assert_eq!((settled.state(), settled.note.as_str()), (TripState::Settled, "过路费已报"));
    assert_eq!(garage.get(&settled.id).await, settled);
    for code in CODES {
        assert_eq!(garage.findings(code).await, [], "{code}");
    }
}

async fn what_is_faulty_is_told(db: TestDb) {
    let garage = Garage::new(&db).await;
    let nothing = RequestTripRequest { request_id: request_id(), ..Default::default() };
    let error = garage.request(nothing).await.unwrap_err();
    let told: Vec<_> = faults(&error).into_iter().map(|(field, _)| field).collect();
    assert_eq!(told, ["organization", "from_time", "until_time", "purpose", "destination"]);
    for (until, passengers, want) in [
        (9, 3, vec![("until_time", "WINDOW_MALFORMED")]),
        (9 + 31 * 24 + 1, 3, vec![("until_time", "WINDOW_MALFORMED")]),
        (11, 100, vec![("passengers", "OUT_OF_RANGE")]),
        (11, -1, vec![("passengers", "OUT_OF_RANGE")]),
    ] {
        let request = RequestTripRequest { passengers, ..requesting(XILING, 9, until) };
        let error = garage.request(request).await.unwrap_err();
        let want: Vec<_> = want.into_iter().map(|(f, r)| (f.to_owned(), r.to_owned())).collect();
        assert_eq!(faults(&error), want, "{until}");
    }
    let trip = garage.approved(9, 11).await;
    let order = OrderTripRequest {
        etag: "x".to_owned(),
        ..ordering(&trip, &Pair { vehicle: String::new(), driver: "1".to_owned() })
    };
    let error = garage.trips().order_trip(order).await.unwrap_err();
    let told: Vec<_> = faults(&error).into_iter().map(|(field, _)| field).collect();
    assert_eq!(told, ["vehicle_id", "driver_id", "etag"]);
    let error = garage.depart(departing(&trip, 0)).await.unwrap_err();
    assert_eq!(reason(&error), "OUT_OF_RANGE");
}

async fn what_does_not_fit_is_refused(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.approved(9, 12).await;
    let refused = async |pair: &Pair| broken(&garage.order(&trip, pair).await.unwrap_err());
    let with = |vehicle: String| Pair { vehicle, ..pair.clone() };
    let foreign = garage.vehicle(car(YILING, "鄂E00002")).await;
    assert_eq!(refused(&with(foreign)).await, ["VEHICLE_FOREIGN"]);
    // Three passengers and the driver are four.
    let small = garage.vehicle(Vehicle { seats: 3, ..car(XILING, "鄂E00003") }).await;
    assert_eq!(refused(&with(small)).await, ["SEATS_TOO_FEW"]);
    let body = VehicleBody::LargeBus.into();
    let bus = garage.vehicle(Vehicle { seats: 45, body, ..car(XILING, "鄂E00004") }).await;
    assert_eq!(refused(&with(bus.clone())).await, ["LICENCE_CLASS_UNFIT"]);
    let stranger = garage.driver(YILING, "李四").await;
    let by = |driver: String| Pair { driver, ..pair.clone() };
    assert_eq!(refused(&by(stranger)).await, ["DRIVER_FOREIGN"]);

    // Valid to the end of the trip, the last day included.
    let mut drivers = Drivers::new(garage.caller("clerk", &["operator"], "4205*"));
    let old = driver::create(
        &mut drivers,
        steward_proto::fleet::v1::Driver {
            licence_expires_on: "2017-06-14".to_owned(),
            licence_class: LicenceClass::A1.into(),
            ..driver::driver(XILING, "老王")
        },
    );
    let old = old.await.unwrap();
    let lapsed = Pair { vehicle: bus.clone(), driver: old.id.clone() };
    assert_eq!(refused(&lapsed).await, ["LICENCE_EXPIRED"]);
    let mut left = old.clone();
    left.set_state(DriverState::Left);
    let left = driver::update(&mut drivers, &left, &["state"]).await.unwrap();
    assert_eq!(refused(&lapsed).await, ["DRIVER_LEFT", "LICENCE_EXPIRED"]);
    let mut back = left;
    back.set_state(DriverState::Active);
    back.licence_expires_on = "2017-06-15".to_owned();
    driver::update(&mut drivers, &back, &["state", "licence_expires_on"]).await.unwrap();
    let ordered = garage.order(&trip, &lapsed).await.unwrap();
    assert_eq!(ordered.vehicle_id, bus);
}

async fn a_pool_serves_its_region(db: TestDb) {
    let garage = Garage::new(&db).await;
    garage.grant_pool(YILING).await;
    let pool = Vehicle { pool: true, ..car(YILING, "鄂E00009") };
    let away =
        Pair { vehicle: garage.vehicle(pool).await, driver: garage.driver(YILING, "李四").await };
    let trip = garage.approved(9, 12).await;
    let error = garage.order(&trip, &away).await.unwrap_err();
    assert_eq!(broken(&error), ["VEHICLE_FOREIGN"], "of another region");
    let neighbour = "11420506A00000020M";
    let request = RequestTripRequest { accept_warnings: true, ..requesting(neighbour, 9, 12) };
    let theirs = garage.request(request).await;
    let theirs = theirs.unwrap();
    let officeholder = Some(steward_proto::approval::v1::Officeholder {
        subject: "section".to_owned(),
        name: "科长".to_owned(),
        position: steward_proto::approval::v1::Position::Section.into(),
        organization: neighbour.to_owned(),
        from_date: "2017-01-01".to_owned(),
        ..Default::default()
    });
    let request = steward_proto::approval::v1::CreateOfficeholderRequest {
        request_id: request_id(),
        officeholder,
        accept_warnings: true,
        ..Default::default()
    };
    let security = garage.caller("security", &["security_admin"], "4205*");
    steward_proto::approval::v1::officeholder_service_client::OfficeholderServiceClient::new(
        security,
    )
    .create_officeholder(request)
    .await
    .unwrap();
    let approved = garage.decide(&theirs, steward_proto::approval::v1::Decision::Approve).await;
    let ordered = garage.order(&approved, &away).await.unwrap();
    assert_eq!(ordered.holder, YILING);
}

async fn every_step_has_its_place(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let state = |result: Result<Trip, Status>| {
        let error = result.unwrap_err();
        assert_eq!(
            (error.code(), reason(&error).as_str()),
            (Code::FailedPrecondition, "TRIP_STATE")
        );
    };
    let asked = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    state(garage.order(&asked, &pair).await);
    state(garage.depart(departing(&asked, 1)).await);
    state(garage.come_back(returning(&asked, 1)).await);
    state(garage.settle(&asked).await);
    let approved = garage.decide(&asked, steward_proto::approval::v1::Decision::Approve).await;
    state(garage.depart(departing(&approved, 1)).await);
    let ordered = garage.order(&approved, &pair).await.unwrap();
    state(garage.order(&ordered, &pair).await);
    state(garage.come_back(returning(&ordered, 1)).await);
    garage.now(9);
    let out = garage.depart(departing(&ordered, 1)).await.unwrap();
    state(garage.cancel(&out).await);
    state(garage.settle(&out).await);
    garage.now(10);
    let back = garage.come_back(returning(&out, 2)).await.unwrap();
    state(garage.cancel(&back).await);
    state(garage.depart(departing(&back, 1)).await);
    let settled = garage.settle(&back).await.unwrap();
    state(garage.settle(&settled).await);
    state(garage.come_back(returning(&settled, 1)).await);
}

async fn sealed_times_need_a_reason(db: TestDb) {
    let garage = Garage::new(&db).await;
    // Saturday the 17th begins at hour 48; nights are from 22 to 6.
    for (from, until, sealed) in [
        (9, 18, false),
        (6, 22, false),
        (5, 9, true),
        (20, 23, true),
        (22, 23, true),
        (20, 31, true),
        (9, 9 + 24 + 8, false),
        (9, 24 + 23, true),
        (33, 56, true),
        (48 + 9, 48 + 10, true),
        (72 + 9, 72 + 10, true),
        (96 + 9, 96 + 10, false),
    ] {
        let request = requesting(XILING, from, until);
        let result = garage.request(request.clone()).await;
        assert_eq!(result.is_err(), sealed, "{from} {until}");
        let Err(error) = result else { continue };
        assert_eq!(error.code(), Code::FailedPrecondition);
        assert_eq!(reason(&error), "HOLIDAY_SEALED");
        let with = RequestTripRequest {
            request_id: request_id(),
            holiday_reason: "防汛值班".to_owned(),
            ..request
        };
        assert_eq!(garage.request(with).await.unwrap().holiday_reason, "防汛值班");
    }
}

async fn nobody_is_on_two_trips(db: TestDb) {
    let garage = Garage::new(&db).await;
    let one = garage.pair().await;
    let other = Pair {
        vehicle: garage.vehicle(car(XILING, "鄂E00002")).await,
        driver: garage.driver(XILING, "李四").await,
    };
    let first = garage.ordered(&one, 9, 12).await;
    let next = garage.approved(11, 14).await;
    let refused = async |pair: &Pair| broken(&garage.order(&next, pair).await.unwrap_err());
    assert_eq!(refused(&one).await, ["VEHICLE_BOOKED", "DRIVER_BOOKED"]);
    let with = Pair { vehicle: other.vehicle.clone(), driver: one.driver.clone() };
    assert_eq!(refused(&with).await, ["DRIVER_BOOKED"]);
    let with = Pair { vehicle: one.vehicle.clone(), driver: other.driver.clone() };
    assert_eq!(refused(&with).await, ["VEHICLE_BOOKED"]);
    garage.order(&next, &other).await.unwrap();
    // The end of one is the beginning of the next.
    garage.ordered(&one, 12, 13).await;
    garage.ordered(&one, 8, 9).await;
    garage.cancel(&first).await.unwrap();
    let again = garage.ordered(&one, 9, 12).await;
    garage.now(10);
    let out = garage.depart(departing(&again, 1)).await.unwrap();
    garage.now(11);
    garage.come_back(returning(&out, 2)).await.unwrap();
    garage.ordered(&one, 11, 12).await;
}

async fn early_and_late_are_kept_as_they_are(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let (first, second) = (garage.ordered(&pair, 9, 11).await, garage.ordered(&pair, 11, 13).await);
    garage.now(10);
    let error = garage.depart(departing(&second, 1)).await.unwrap_err();
    assert_eq!(broken(&error), ["VEHICLE_BOOKED", "DRIVER_BOOKED"], "the first has it yet");
    let mut request = departing(&first, 1);
    request.depart_time = Some(at(11));
    assert_eq!(reason(&garage.depart(request).await.unwrap_err()), "TIME_IN_FUTURE");
    // Before its window, where nobody has it.
    let mut request = departing(&first, 1);
    request.depart_time = Some(at(8));
    let out = garage.depart(request).await.unwrap();
    assert_eq!((out.from_time, out.depart_time), (Some(at(9)), Some(at(8))));
    garage.now(12);
    let error = garage.depart(departing(&second, 1)).await.unwrap_err();
    assert_eq!(broken(&error), ["VEHICLE_OUT", "DRIVER_OUT"]);
    let mut request = returning(&out, 2);
    request.return_time = Some(at(8));
    assert_eq!(reason(&garage.come_back(request).await.unwrap_err()), "RETURN_EARLY");
    // Later than planned, into the window of the second: it is as it is.
    let back = garage.come_back(returning(&out, 2)).await.unwrap();
    assert_eq!((back.until_time, back.return_time), (Some(at(11)), Some(at(12))));
    let out = garage.depart(departing(&second, 2)).await.unwrap();
    garage.now(13);
    garage.come_back(returning(&out, 3)).await.unwrap();
    assert_eq!(garage.findings("trip_overlap").await, []);
}

async fn who_departs_off_the_window_is_stopped_or_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    // Tomorrow from 14 to 16.
    let trip = garage.ordered(&pair, 24 + 14, 24 + 16).await;
    garage.now(23);
    let error = garage.depart(departing(&trip, 1)).await.unwrap_err();
    assert_eq!(reason(&error), "DEPARTURE_OFF_WINDOW", "a day before");
    garage.now(96);
    let error = garage.depart(departing(&trip, 1)).await.unwrap_err();
    assert_eq!(reason(&error), "DEPARTURE_OFF_WINDOW", "days after");
    let departed = |hour: i64| steward_proto::fleet::v1::DepartTripRequest {
        depart_time: Some(at(24 + hour)),
        ..departing(&trip, 1)
    };
    let check = steward_proto::fleet::v1::DepartTripRequest { validate_only: true, ..departed(12) };
    garage.depart(check).await.unwrap();
    garage.depart(departed(9)).await.unwrap();
    let found = garage.findings("trip_outside_approval").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, only.limit, only.occasion.as_str()), (5, 2, "depart"));
    assert_eq!(only.since_on, "2017-06-16");
}

async fn what_is_repeated_is_done_once(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let request = requesting(XILING, 9, 12);
    let asked = garage.request(request.clone()).await.unwrap();
    assert_eq!(garage.request(request).await.unwrap(), asked);
    let approved = garage.decide(&asked, steward_proto::approval::v1::Decision::Approve).await;
    let request = ordering(&approved, &pair);
    let first = garage.trips().order_trip(request.clone()).await.unwrap().into_inner();
    let again = garage.trips().order_trip(request).await.unwrap().into_inner();
    assert_eq!(first, again, "not refused as stale");
    let ordered = first.trip.unwrap();
    garage.now(9);
    let request = departing(&ordered, 1);
    let out = garage.depart(request.clone()).await.unwrap();
    assert_eq!(garage.depart(request).await.unwrap(), out);
    garage.now(10);
    let request = returning(&out, 5);
    let back = garage.come_back(request.clone()).await.unwrap();
    assert_eq!(garage.come_back(request).await.unwrap(), back);
    assert_eq!(garage.get(&back.id).await.etag, "5");
}

async fn checking_changes_nothing(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let check = RequestTripRequest { validate_only: true, ..requesting(XILING, 9, 12) };
    let answer = garage.request(check).await.unwrap();
    assert_eq!((answer.id, answer.etag, answer.approval_id), Default::default());
    let trip = garage.approved(9, 12).await;
    let check = OrderTripRequest { validate_only: true, ..ordering(&trip, &pair) };
    let answer = garage.trips().order_trip(check).await.unwrap().into_inner().trip.unwrap();
    assert_eq!((answer.state(), answer.etag.as_str()), (TripState::Ordered, ""));
    assert_eq!(garage.get(&trip.id).await, trip);
    let ordered = garage.order(&trip, &pair).await.unwrap();
    garage.now(9);
    let mut check = departing(&ordered, 1);
    check.validate_only = true;
    assert_eq!(garage.depart(check).await.unwrap().state(), TripState::Departed);
    assert_eq!(garage.get(&trip.id).await, ordered);
}

async fn a_stale_version_is_refused(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.approved(9, 12).await;
    let old = Trip { etag: "1".to_owned(), ..trip };
    let stale = |error: Status| {
        assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
    };
    stale(garage.order(&old, &pair).await.unwrap_err());
    stale(garage.cancel(&old).await.unwrap_err());
    stale(garage.depart(departing(&old, 1)).await.unwrap_err());
    stale(garage.come_back(returning(&old, 1)).await.unwrap_err());
    stale(garage.settle(&old).await.unwrap_err());
    stale(garage.shift(super::moving(&old)).await.unwrap_err());
}
