//! Vehicles that go without a trip, and trips in the vehicles of others; and which rules bind whom.

use steward_proto::finding::v1::{Finding, FindingState};
use steward_proto::fleet::v1::{CorrectTripRequest, Trip, Vehicle, VehicleCategory};
use steward_tests::{TestDb, both};

use super::super::known;
use super::{Garage, MIGRATIONS, Pair, Trips, XILING, YILING, car, past, request_id};

both!(MIGRATIONS, what_goes_without_a_trip_is_found, who_borrows_is_found, a_rule_binds_its_kinds,);

fn open(found: Vec<Finding>) -> Vec<Finding> {
    found.into_iter().filter(|it| it.state() == FindingState::Open).collect()
}

async fn what_goes_without_a_trip_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let read = |from: i64, start: i64, end: i64| Trip {
        start_odometer_m: start * 1000,
        end_odometer_m: end * 1000,
        ..past(&pair, from, from + 2)
    };
    let late =
        garage.import(vec![read(-40, 100, 150), read(-10, 300, 350)]).await.unwrap().remove(1);
    let found = open(garage.findings("trip_undispatched").await);
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, only.limit), (150_000, 20_000));
    assert_eq!(only.resource, format!("trips/{}", late.id));
    // The trip that was missing comes; twenty kilometres are left for the pump.
    let between = garage.import(vec![read(-20, 170, 280)]).await.unwrap().remove(0);
    assert_eq!(open(garage.findings("trip_undispatched").await), []);
    // Put right, it leaves a gap after it.
    let request = CorrectTripRequest {
        request_id: request_id(),
        id: between.id.clone(),
        etag: between.etag.clone(),
        end_odometer_m: 279_999,
        reason: "看错".to_owned(),
        ..Default::default()
    };
    let mut manager = Trips::new(garage.caller("manager", &["manager"], "4205*"));
    manager.correct_trip(request).await.unwrap();
    let found = open(garage.findings("trip_undispatched").await);
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, &*only.resource), (20_001, &*format!("trips/{}", late.id)));
    // Of one whose readings are not known nothing is said.
    garage.import(vec![past(&pair, -16, -15)]).await.unwrap();
    assert_eq!(open(garage.findings("trip_undispatched").await), []);
}

async fn who_borrows_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    known(&db, XILING, "420502", "court").await;
    let driver = garage.driver(XILING, "张三").await;
    let with = |vehicle: String| Pair { vehicle, driver: driver.clone() };
    let theirs = with(garage.vehicle(car(YILING, "鄂E00002")).await);
    let own = with(garage.vehicle(car(XILING, "鄂E00003")).await);
    let police = Vehicle {
        category: VehicleCategory::Enforcement.into(),
        price_fen: 10_000_000,
        displacement_ml: 1500,
        ..car(YILING, "鄂E00004")
    };
    let police = with(garage.vehicle(police).await);
    let trips = vec![past(&theirs, -16, -15), past(&own, -14, -13), past(&police, -12, -11)];
    let made = garage.import(trips).await.unwrap();
    let found = garage.findings("trip_borrowed").await;
    let mut of: Vec<_> = found.iter().map(|it| it.resource.clone()).collect();
    of.sort();
    let mut want = [&made[0], &made[2]].map(|trip| format!("trips/{}", trip.id));
    want.sort();
    assert_eq!(of, want);
    assert!(found.iter().all(|it| it.violation == "swapped_or_borrowed"));
    assert!(found[0].legal_basis.contains("第二十五条"), "{}", found[0].legal_basis);
    assert_eq!(garage.findings("trip_diverted").await, [], "the measures of 2017 are to come");
    garage.now(24 * 365 + 8);
    let later = garage.import(vec![past(&police, 24 * 365 - 12, 24 * 365 - 11)]).await.unwrap();
    let found = garage.findings("trip_diverted").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(only.resource, format!("trips/{}", later[0].id));
    assert_eq!(only.violation, "diverted_or_fixed");
}

async fn a_rule_binds_its_kinds(db: TestDb) {
    let garage = Garage::new(&db).await;
    known(&db, XILING, "420502", "court").await;
    known(&db, YILING, "420506", "public_institution").await;
    // Saturday, 2018-06-16.
    let saturday = 24 * 366 + 10;
    garage.now(saturday + 24);
    for (organization, plate, basis) in
        [(XILING, "鄂E00001", "71号"), (YILING, "鄂E00002", "本局规定")]
    {
        let vehicle = garage.vehicle(car(organization, plate)).await;
        let driver = garage.driver(organization, "张三").await;
        let trip = Trip {
            organization: organization.to_owned(),
            ..past(&Pair { vehicle, driver }, saturday, saturday + 1)
        };
        let made = garage.import(vec![trip]).await.unwrap().remove(0);
        let found = garage.findings("holiday_trip").await;
        let found = found.iter().find(|it| it.resource == format!("trips/{}", made.id)).unwrap();
        assert!(found.legal_basis.contains(basis), "{}", found.legal_basis);
    }
}
