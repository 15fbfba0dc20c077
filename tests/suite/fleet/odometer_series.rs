//! Odometers that were replaced, and readings of which only the day is known.

use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::fleet::v1::{
    ListReadingsRequest, NewExpense, Reading, RecordOdometerRequest, RetractReadingRequest, Vehicle,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, start, test_clock};
use steward_tests::{TestDb, both};

use super::running::{Clients, fill, reading};
use super::{MIGRATIONS, XILING, car, create, faults, reason, request_id};

both!(
    MIGRATIONS,
    a_replaced_odometer_begins_anew,
    a_replacement_is_told_late_and_taken_back,
    a_replacement_is_a_managers,
    a_slip_of_a_day_fits_anywhere_in_it,
);

fn replacing(vehicle: &Vehicle, time: &str, kilometres: i64) -> RecordOdometerRequest {
    let mut request = reading(vehicle, time, kilometres);
    let it = request.reading.as_mut().unwrap();
    (it.replaced, it.note) = (true, "换表".to_owned());
    request
}

impl Clients {
    async fn replace(&mut self, vehicle: &Vehicle, time: &str, kilometres: i64) -> Reading {
        let request = replacing(vehicle, time, kilometres);
        let answer = self.odometer.record_odometer(request).await.unwrap();
        answer.into_inner().reading.unwrap()
    }

    /// The readings that count, as kilometres and whether they fit, in the order of the list.
    async fn all(&mut self, vehicle: &Vehicle) -> Vec<(i64, bool)> {
        let request = ListReadingsRequest { vehicle_id: vehicle.id.clone(), ..Default::default() };
        let answer = self.odometer.list_readings(request).await.unwrap().into_inner();
        let there = answer.readings.into_iter().filter(|it| !it.retracted);
        there.map(|it| (it.odometer_m / 1000, it.fits)).collect()
    }

    async fn distance(&mut self, from: &str, until: &str) -> Option<i64> {
        self.figures(from, until).await[0].distance_m.map(|metres| metres / 1000)
    }
}

fn retracting(reading: &Reading) -> RetractReadingRequest {
    RetractReadingRequest {
        request_id: request_id(),
        id: reading.id.clone(),
        etag: reading.etag.clone(),
        reason: "没有换表".to_owned(),
        validate_only: false,
    }
}

async fn a_replaced_odometer_begins_anew(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    for (time, kilometres) in [
        ("2017-04-20 08:00", 149_000),
        ("2017-05-01 08:00", 149_500),
        ("2017-05-10 08:00", 150_000),
    ] {
        clients.read(&vehicle, time, kilometres).await.unwrap();
    }
    let swapped = clients.replace(&vehicle, "2017-05-11 08:00", 10).await;
    assert!(swapped.replaced && swapped.fits);
    for (time, kilometres) in [("2017-05-20 08:00", 600), ("2017-06-02 08:00", 1_000)] {
        assert!(clients.read(&vehicle, time, kilometres).await.unwrap().fits, "{time}");
    }
    let fitting = [149_000, 149_500, 150_000, 10, 600, 1_000].map(|it| (it, true));
    assert_eq!(clients.all(&vehicle).await, fitting);
    assert_eq!(clients.open("odometer_backwards").await, [""; 0]);
    // 1,000 by the old one, 590 by the new one; in June 400.
    assert_eq!(clients.distance("2017-05", "2017-06").await, Some(1_590));
    assert_eq!(clients.distance("2017-06", "2017-07").await, Some(400));
    assert_eq!(clients.distance("2017-04", "2017-07").await, Some(1_990));
    // Within a series it is as ever.
    let wrong = clients.read(&vehicle, "2017-05-25 08:00", 9_000).await.unwrap();
    assert!(!wrong.fits);
    let early = clients.read(&vehicle, "2017-05-05 08:00", 700).await.unwrap();
    assert!(!early.fits, "of the old one that is too little");
    let mut found = clients.open("odometer_backwards").await;
    found.sort();
    let mut want = [wrong.id, early.id];
    want.sort();
    assert_eq!(found, want);
}

async fn a_replacement_is_told_late_and_taken_back(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    for (time, kilometres) in [
        ("2017-05-01 08:00", 149_500),
        ("2017-05-09 08:00", 149_900),
        ("2017-05-10 08:00", 150_000),
        ("2017-05-20 08:00", 600),
        ("2017-05-30 08:00", 1_000),
    ] {
        clients.read(&vehicle, time, kilometres).await.unwrap();
    }
    let before = clients.all(&vehicle).await;
    assert_eq!(before.iter().filter(|it| !it.1).count(), 2);
    let swapped = clients.replace(&vehicle, "2017-05-11 08:00", 0).await;
    assert!(clients.all(&vehicle).await.iter().all(|it| it.1));
    assert_eq!(clients.open("odometer_backwards").await, [""; 0]);
    assert_eq!(clients.distance("2017-05", "2017-06").await, Some(1_500));
    clients.odometer.retract_reading(retracting(&swapped)).await.unwrap();
    assert_eq!(clients.all(&vehicle).await, before);
    assert_eq!(clients.open("odometer_backwards").await.len(), 2);
}

async fn a_replacement_is_a_managers(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&steward_fleet::SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes.clone());
    let somebody = |role: &str| {
        let token = issuer.token(clock.now(), role, &grants(&[role], &["420502"]));
        Clients::of(&backend, &As::bearer(&token))
    };
    let (mut clerk, mut manager) = (somebody("operator"), somebody("manager"));
    let vehicle = create(&mut clerk.vehicles, car(XILING, "鄂E12345")).await.unwrap();
    let request = replacing(&vehicle, "2017-05-11 08:00", 0);
    let error = clerk.odometer.record_odometer(request).await.unwrap_err();
    assert_eq!(reason(&error), "REPLACEMENT_RESTRICTED");
    clerk.read(&vehicle, "2017-05-11 08:00", 150_000).await.unwrap();
    let request = replacing(&vehicle, "2017-05-11 08:00", 0);
    let error = manager.odometer.record_odometer(request).await.unwrap_err();
    assert_eq!(reason(&error), "READING_TAKEN", "of which of the two?");
    let swapped = manager.replace(&vehicle, "2017-05-11 08:01", 0).await;
    let error = clerk.odometer.retract_reading(retracting(&swapped)).await.unwrap_err();
    assert_eq!(reason(&error), "REPLACEMENT_RESTRICTED");
    let mut unsaid = replacing(&vehicle, "2017-05-12 08:00", 0);
    unsaid.reading.as_mut().unwrap().note.clear();
    let error = manager.odometer.record_odometer(unsaid).await.unwrap_err();
    assert_eq!(faults(&error), [("reading.note".to_owned(), "REQUIRED".to_owned())]);
    manager.odometer.retract_reading(retracting(&swapped)).await.unwrap();
}

/// A slip of which only the day is known.
fn of_day(vehicle: &Vehicle, day: &str, kilometres: i64, no: &str) -> NewExpense {
    let slip = fill(vehicle, &format!("{day} 08:00"), 100, 1_000, kilometres, no);
    NewExpense { occur_time: None, occurred_on: day.to_owned(), ..slip }
}

async fn a_slip_of_a_day_fits_anywhere_in_it(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    // Filled in the evening, told before the readings of the day.
    clients.recorded(vec![of_day(&vehicle, "2017-05-10", 190, "1")]).await;
    for (time, kilometres) in [
        ("2017-05-10 07:00", 100),
        ("2017-05-10 09:00", 130),
        ("2017-05-10 15:00", 180),
        ("2017-05-11 07:00", 200),
    ] {
        clients.read(&vehicle, time, kilometres).await.unwrap();
    }
    // In the morning, told after them; and between.
    clients.recorded(vec![of_day(&vehicle, "2017-05-10", 105, "2")]).await;
    clients.recorded(vec![of_day(&vehicle, "2017-05-10", 150, "3")]).await;
    assert!(clients.all(&vehicle).await.iter().all(|it| it.1));
    assert_eq!(clients.open("odometer_backwards").await, [""; 0]);
    // Of the next day, too little; of the day, too much.
    clients.recorded(vec![of_day(&vehicle, "2017-05-11", 140, "4")]).await;
    clients.recorded(vec![of_day(&vehicle, "2017-05-10", 900, "5")]).await;
    let misfits = clients.all(&vehicle).await.into_iter().filter(|it| !it.1).map(|it| it.0);
    assert_eq!(misfits.collect::<Vec<_>>(), [900, 140]);
    assert_eq!(clients.distance("2017-05", "2017-06").await, Some(100));
}
