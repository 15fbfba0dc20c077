//! What becomes a finding: on the way, and because time passes.

use steward_proto::approval::v1::Decision;
use steward_proto::finding::v1::{Finding, FindingState};
use steward_proto::fleet::v1::{DepartTripRequest, ReturnTripRequest, StartEmergencyTripRequest};
use steward_tests::{TestDb, both};

use super::super::reason;
use super::{Garage, MIGRATIONS, at, departing, returning, rushing};

both!(
    MIGRATIONS,
    an_odometer_that_goes_backwards_is_asked_about,
    an_emergency_is_approved_in_time_or_found,
    an_emergency_told_late_is_late,
    what_was_judged_does_not_come_back_every_day,
    who_does_not_return_is_found,
    who_is_out_late_is_found,
    an_emergency_of_the_night_is_excused,
);

/// The one finding, which is as it should be.
fn one(found: &[Finding], state: FindingState) -> &Finding {
    let [only] = found else { panic!("{found:#?}") };
    assert_eq!(only.state(), state, "{only:#?}");
    only
}

async fn an_odometer_that_goes_backwards_is_asked_about(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let (first, second) = (garage.ordered(&pair, 9, 10).await, garage.ordered(&pair, 11, 12).await);
    garage.now(9);
    let out = garage.depart(departing(&first, 50_000)).await.unwrap();
    garage.now(10);
    let error = garage.come_back(returning(&out, 49_999)).await.unwrap_err();
    assert_eq!(reason(&error), "ODOMETER_BACKWARDS");
    garage.come_back(returning(&out, 60_000)).await.unwrap();
    garage.now(11);
    let request = departing(&second, 59_000);
    assert_eq!(reason(&garage.depart(request.clone()).await.unwrap_err()), "ODOMETER_BACKWARDS");
    let accepted = DepartTripRequest { accept_warnings: true, ..request };
    let out = garage.depart(accepted).await.unwrap();
    // Which of the two is wrong nothing tells; the lower one stays.
    let found = garage.findings("odometer_backwards").await;
    let only = one(&found, FindingState::Open);
    assert_eq!(only.resource, format!("vehicles/{}", pair.vehicle));
    assert_eq!((only.observed, only.limit), (60_000, 59_000));
    assert!(only.detail.contains("出车记录"), "{}", only.detail);
    let back = ReturnTripRequest { accept_warnings: true, ..returning(&out, 70_000) };
    garage.now(12);
    let back = garage.come_back(back).await.unwrap();
    assert_eq!(back.distance_m, 11_000);
}

async fn an_emergency_is_approved_in_time_or_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let late = garage.emergency(rushing(&pair, 12)).await.unwrap();
    // Thursday; the 16th, the 19th, the 20th are the next three working days.
    assert_eq!(late.approval_due_on, "2017-06-20");
    garage.now(12);
    let back = garage.come_back(returning(&late, 90_000)).await.unwrap();
    let error = garage.settle(&back).await.unwrap_err();
    assert_eq!(reason(&error), "TRIP_UNAPPROVED");
    let soon = garage.emergency(rushing(&pair, 13)).await;
    assert_eq!(reason(&soon.unwrap_err()), "ODOMETER_BACKWARDS");
    garage.now(5 * 24 + 23);
    garage.sweep().await;
    assert_eq!(garage.findings("trip_unapproved").await, [], "on the last day");
    garage.now(6 * 24);
    garage.sweep().await;
    garage.sweep().await;
    let found = garage.findings("trip_unapproved").await;
    let only = one(&found, FindingState::Open);
    assert_eq!((only.observed, only.limit), (4, 3));
    assert_eq!(only.resource, format!("trips/{}", late.id));
    let approved = garage.decide(&back, Decision::Approve).await;
    assert_eq!(approved.approve_time, Some(at(6 * 24)));
    assert_eq!(approved.state, back.state, "how far it is does not change");
    one(&garage.findings("trip_unapproved").await, FindingState::Open);
    garage.settle(&approved).await.unwrap();
    garage.sweep().await;
    let found = garage.findings("trip_unapproved").await;
    assert_eq!(one(&found, FindingState::Open).observed, 4, "late is late");
}

async fn an_emergency_told_late_is_late(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    garage.now(6 * 24 + 9);
    // On Thursday the 15th, told on Wednesday the 21st.
    let request = StartEmergencyTripRequest { depart_time: Some(at(10)), ..rushing(&pair, 12) };
    let told = garage.emergency(request).await.unwrap();
    assert_eq!(told.approval_due_on, "2017-06-20");
    let found = garage.findings("trip_unapproved").await;
    assert_eq!(one(&found, FindingState::Open).resource, format!("trips/{}", told.id));
}

async fn what_was_judged_does_not_come_back_every_day(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.ordered(&pair, 9, 12).await;
    garage.now(9);
    garage.depart(departing(&trip, 1)).await.unwrap();
    let other = super::Pair {
        vehicle: garage.vehicle(super::car(super::XILING, "鄂E00002")).await,
        driver: garage.driver(super::XILING, "李四").await,
    };
    garage.emergency(rushing(&other, 12)).await.unwrap();
    garage.now(6 * 24);
    garage.sweep().await;
    let codes = ["trip_overdue", "trip_unapproved"];
    for code in codes {
        for finding in garage.findings(code).await {
            garage.dismiss(&finding).await;
        }
    }
    let judged = [garage.findings(codes[0]).await, garage.findings(codes[1]).await];
    assert!(judged.iter().all(|found| !found.is_empty()));
    for day in 7..10 {
        garage.now(day * 24);
        garage.sweep().await;
        let now = [garage.findings(codes[0]).await, garage.findings(codes[1]).await];
        assert_eq!(now, judged, "day {day}");
    }
}

async fn who_does_not_return_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.ordered(&pair, 9, 12).await;
    garage.now(9);
    let out = garage.depart(departing(&trip, 1)).await.unwrap();
    garage.now(23);
    garage.sweep().await;
    assert_eq!(garage.findings("trip_overdue").await, [], "the same day");
    garage.now(25);
    garage.sweep().await;
    let found = garage.findings("trip_overdue").await;
    let only = one(&found, FindingState::Open);
    assert_eq!((only.observed, only.limit, only.since_on.as_str()), (1, 0, "2017-06-16"));
    garage.come_back(returning(&out, 2)).await.unwrap();
    one(&garage.findings("trip_overdue").await, FindingState::Closed);
    // Back after midnight without a reason.
    one(&garage.findings("holiday_trip").await, FindingState::Open);
}

async fn who_is_out_late_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.ordered(&pair, 9, 12).await;
    garage.now(9);
    let out = garage.depart(departing(&trip, 1)).await.unwrap();
    assert_eq!(garage.findings("holiday_trip").await, []);
    garage.now(23);
    garage.come_back(returning(&out, 2)).await.unwrap();
    let found = garage.findings("holiday_trip").await;
    let only = one(&found, FindingState::Open);
    assert_eq!((only.since_on.as_str(), only.violation.as_str()), ("2017-06-15", "private_use"));
}

async fn an_emergency_of_the_night_is_excused(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    garage.now(23);
    let out = garage.emergency(rushing(&pair, 26)).await.unwrap();
    garage.now(26);
    garage.come_back(returning(&out, 60_000)).await.unwrap();
    assert_eq!(garage.findings("holiday_trip").await, []);
}
