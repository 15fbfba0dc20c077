//! Trips of before.

use steward_proto::finding::v1::Finding;
use steward_proto::fleet::v1::{ImportTripsRequest, ListTripsRequest, Trip, TripKind, TripState};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{faults, reason};
use super::{Garage, MIGRATIONS, Pair, XILING, YILING, at, car, past, request_id, requesting};

both!(
    MIGRATIONS,
    history_is_kept_as_it_was,
    history_comes_whole_or_not,
    what_overlaps_is_found,
    what_goes_backwards_is_found_in_any_order,
    what_was_on_a_holiday_is_found,
    who_asks_for_trips_does_not_tell_them_afterwards,
    an_import_is_repeated_and_checked,
    what_is_there_is_not_imported_again,
    of_two_imports_at_once_one_is_kept,
);

async fn history_is_kept_as_it_was(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let asked = Trip {
        pick_up: "东门".to_owned(),
        passengers: 2,
        dispatch_no: "2016-7".to_owned(),
        start_odometer_m: 1_000,
        end_odometer_m: 61_000,
        note: "台账第 7 行".to_owned(),
        ..past(&pair, -15, -10)
    };
    let unknown = Trip { driver_id: String::new(), ..past(&pair, -9, -8) };
    let made = garage.import(vec![asked.clone(), unknown]).await.unwrap();
    let expected = Trip {
        id: made[0].id.clone(),
        state: TripState::Settled.into(),
        from_time: Some(at(-15)),
        until_time: Some(at(-10)),
        requested_by: "clerk".to_owned(),
        holder: XILING.to_owned(),
        distance_m: 60_000,
        imported: true,
        create_time: Some(at(8)),
        update_time: Some(at(8)),
        etag: "1".to_owned(),
        ..asked
    };
    assert_eq!(made[0], expected);
    assert_eq!(garage.get(&made[0].id).await, expected);
    assert_eq!((made[1].driver_id.as_str(), made[1].distance_m), ("", 0));
    assert_eq!(garage.findings("trip_overlap").await, []);
}

async fn history_comes_whole_or_not(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let good = past(&pair, -15, -10);
    let wrong = [
        Trip { kind: 0, ..good.clone() },
        Trip { return_time: Some(at(-15)), ..good.clone() },
        Trip { return_time: Some(at(9)), ..good.clone() },
        Trip { depart_time: None, ..good.clone() },
        Trip { end_odometer_m: -1, ..good.clone() },
        Trip { vehicle_id: "x".to_owned(), ..good.clone() },
        Trip { depart_time: Some(at(-31 * 24 - 11)), ..good.clone() },
    ];
    let error = garage.import([vec![good.clone()], wrong.to_vec()].concat()).await.unwrap_err();
    let told = [
        ("trips[1].kind", "REQUIRED"),
        ("trips[2].return_time", "RETURN_EARLY"),
        ("trips[3].return_time", "TIME_IN_FUTURE"),
        ("trips[4].depart_time", "REQUIRED"),
        ("trips[5].end_odometer_m", "OUT_OF_RANGE"),
        ("trips[6].vehicle_id", "ID_MALFORMED"),
        ("trips[7].return_time", "WINDOW_MALFORMED"),
    ];
    assert_eq!(faults(&error), told.map(|(field, why)| (field.to_owned(), why.to_owned())));
    for missing in [
        Trip { vehicle_id: request_id(), ..good.clone() },
        Trip { driver_id: request_id(), ..good.clone() },
    ] {
        let error = garage.import(vec![good.clone(), missing]).await.unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
    }
    assert_eq!(reason(&garage.import(vec![]).await.unwrap_err()), "REQUIRED");
    let many = vec![good; 501];
    assert_eq!(reason(&garage.import(many).await.unwrap_err()), "TOO_MANY");
    let all = garage.trips().list_trips(ListTripsRequest::default()).await.unwrap();
    assert!(all.into_inner().trips.is_empty());
}

async fn what_overlaps_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let one = garage.pair().await;
    let two = Pair {
        vehicle: garage.vehicle(car(XILING, "鄂E00002")).await,
        driver: garage.driver(XILING, "李四").await,
    };
    let mixed = Pair { vehicle: two.vehicle.clone(), driver: one.driver.clone() };
    // Yesterday, a Wednesday: 12 to 14 twice by the car, later 14 to 15 by the driver.
    let (first, next) = (past(&one, -12, -10), past(&one, -11, -9));
    let made = garage.import(vec![first, past(&one, -9, -8), past(&two, -12, -8)]).await.unwrap();
    assert_eq!(garage.findings("trip_overlap").await, []);
    let late = garage.import(vec![next]).await.unwrap().remove(0);
    let found = garage.findings("trip_overlap").await;
    let mut of: Vec<_> = found.iter().map(|it| (&*it.occasion, &*it.resource)).collect();
    of.sort_unstable();
    let [first, late] = [&made[0], &late].map(|trip| format!("trips/{}", trip.id));
    let mut want: Vec<_> = ["driver", "vehicle"]
        .into_iter()
        .flat_map(|occasion| [(occasion, &*first), (occasion, &*late)])
        .collect();
    want.sort_unstable();
    assert_eq!(of, want, "both of them");
    assert!(found.iter().all(|it| it.organization == XILING));
    let both = garage.import(vec![past(&mixed, -9, -8)]).await.unwrap().remove(0);
    let found = garage.findings("trip_overlap").await;
    let of = found.iter().filter(|it| it.resource == format!("trips/{}", both.id));
    assert_eq!(of.count(), 2, "the car with one trip, the driver with another");
}

async fn what_goes_backwards_is_found_in_any_order(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let read = |from: i64, start: i64, end: i64| Trip {
        start_odometer_m: start,
        end_odometer_m: end,
        ..past(&pair, from, from + 1)
    };
    garage.import(vec![read(-9, 300, 400)]).await.unwrap();
    assert_eq!(garage.findings("odometer_backwards").await, []);
    // What comes later and was before shows that one of the two is wrong.
    garage.import(vec![read(-12, 100, 350)]).await.unwrap();
    let found = garage.findings("odometer_backwards").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(only.resource, format!("vehicles/{}", pair.vehicle));
    assert_eq!((only.observed, only.limit), (350, 300));
    let fell = garage.import(vec![read(-7, 500, 450)]).await.unwrap().remove(0);
    assert_eq!(fell.distance_m, 0);
    assert_eq!(garage.findings("odometer_backwards").await.len(), 2);
}

async fn what_was_on_a_holiday_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    // Sunday the 11th.
    let sunday = past(&pair, -86, -84);
    let excused = Trip { holiday_reason: "值班".to_owned(), ..past(&pair, -83, -82) };
    let night = past(&pair, -1, 1);
    let made = garage.import(vec![sunday, excused, night]).await.unwrap();
    let found = garage.findings("holiday_trip").await;
    let mut of: Vec<_> = found.iter().map(|it| it.resource.clone()).collect();
    of.sort();
    let mut want = [0, 2].map(|place: usize| format!("trips/{}", made[place].id));
    want.sort();
    assert_eq!(of, want);
}

async fn who_asks_for_trips_does_not_tell_them_afterwards(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let other = Pair {
        vehicle: garage.vehicle(car(YILING, "鄂E00002")).await,
        driver: garage.driver(YILING, "李四").await,
    };
    let emergency =
        |from, until| Trip { kind: TripKind::Emergency.into(), ..past(&pair, from, until) };
    let excused = emergency(-2, -1);
    garage.request(requesting(XILING, 10, 12)).await.unwrap();
    garage.now(34);
    // It asked at 8 in the morning.
    let before = past(&pair, 6, 7);
    let others = Trip { organization: YILING.to_owned(), ..past(&other, 13, 15) };
    let (day, night) = (past(&pair, 13, 15), emergency(23, 24));
    let reasoned = Trip { holiday_reason: "抢险".to_owned(), ..emergency(25, 26) };
    let trips = vec![excused, before, others, day, night, reasoned, past(&pair, 8, 9)];
    let made = garage.import(trips).await.unwrap();
    let of = async |code: &str| {
        let found = garage.findings(code).await;
        let place = |it: &Finding| made.iter().position(|trip| it.resource.ends_with(&trip.id));
        let mut of: Vec<_> = found.iter().map(|it| place(it).unwrap()).collect();
        of.sort_unstable();
        of
    };
    assert_eq!(of("trip_unapproved").await, [3, 4, 5, 6]);
    assert_eq!(of("holiday_trip").await, [4], "nobody approved that it was an emergency");
}

async fn an_import_is_repeated_and_checked(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trips = vec![past(&pair, -15, -10)];
    let request = ImportTripsRequest { request_id: request_id(), trips, ..Default::default() };
    let check =
        ImportTripsRequest { validate_only: true, request_id: request_id(), ..request.clone() };
    let answer = garage.trips().import_trips(check).await.unwrap().into_inner().trips.remove(0);
    assert_eq!((answer.id.as_str(), answer.etag.as_str()), ("", ""));
    let first = garage.trips().import_trips(request.clone()).await.unwrap().into_inner();
    let again = garage.trips().import_trips(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let all = garage.trips().list_trips(ListTripsRequest::default()).await;
    let all = all.unwrap().into_inner();
    assert_eq!(all.trips, first.trips);
    // Another organization's car and driver may have driven for this one.
    let theirs = Pair {
        vehicle: garage.vehicle(car(YILING, "鄂E00002")).await,
        driver: garage.driver(YILING, "李四").await,
    };
    let lent = garage.import(vec![past(&theirs, -15, -10)]).await.unwrap().remove(0);
    assert_eq!((lent.organization.as_str(), lent.holder.as_str()), (XILING, YILING));
}

async fn what_is_there_is_not_imported_again(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = Trip { start_odometer_m: 100, end_odometer_m: 200, ..past(&pair, -15, -10) };
    let made = garage.import(vec![trip.clone()]).await.unwrap();
    // With another one, as a register that goes on is sent again.
    let next = past(&pair, -9, -8);
    for validate_only in [true, false] {
        let trips = vec![trip.clone(), next.clone(), trip.clone(), next.clone()];
        let request_id = request_id();
        let request = ImportTripsRequest { request_id, trips, validate_only, ..Default::default() };
        let answer = garage.trips().import_trips(request).await.unwrap().into_inner();
        assert_eq!(answer.duplicate_places, [0, 2, 3]);
    }
    let again = garage.import(vec![trip.clone(), next]).await.unwrap();
    assert_eq!(again[0], made[0]);
    let all = garage.trips().list_trips(ListTripsRequest::default()).await.unwrap();
    assert_eq!(all.into_inner().trips.len(), 2);
    assert_eq!(garage.findings("trip_overlap").await, []);
    for other in [
        Trip { end_odometer_m: 300, ..trip.clone() },
        Trip { driver_id: String::new(), ..trip.clone() },
        Trip { organization: YILING.to_owned(), ..trip.clone() },
    ] {
        let error = garage.import(vec![other]).await.unwrap_err();
        assert_eq!((error.code(), &*reason(&error)), (Code::AlreadyExists, "TRIP_THERE"));
        assert_eq!(faults(&error), [("trips[0]".to_owned(), "TRIP_THERE".to_owned())]);
    }
    let twice = vec![past(&pair, -7, -6), past(&pair, -7, -6)];
    let twice = garage.import(twice).await.unwrap();
    assert_eq!(twice[0], twice[1], "in one request too");
}

async fn of_two_imports_at_once_one_is_kept(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    for round in 0..20 {
        let trip = Trip {
            start_odometer_m: 1_000 * (round + 1),
            end_odometer_m: 1_000 * (round + 1) + 500,
            ..past(&pair, round - 100, round - 99)
        };
        let acts = (0..4).map(|_| {
            let (mut client, trips) = (garage.trips(), vec![trip.clone()]);
            let request =
                ImportTripsRequest { request_id: request_id(), trips, ..Default::default() };
            tokio::spawn(async move { client.import_trips(request).await })
        });
        let mut kept = Vec::new();
        for answer in futures::future::join_all(acts).await {
            kept.push(answer.unwrap().unwrap().into_inner().trips.remove(0));
        }
        assert!(kept.windows(2).all(|two| two[0] == two[1]), "{kept:#?}");
    }
    let request = ListTripsRequest { page_size: 100, ..Default::default() };
    let all = garage.trips().list_trips(request).await.unwrap();
    assert_eq!(all.into_inner().trips.len(), 20);
    assert_eq!(garage.findings("odometer_backwards").await, []);
}
