use steward_proto::fleet::v1::{
    ListReadingsRequest, Reading, RecordOdometerRequest, RetractReadingRequest,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;
use tonic::Status;

use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;

use super::running::{Clients, at, fill, reading};
use super::{MIGRATIONS, XILING, car, create, faults, reason, request_id};

both!(
    MIGRATIONS,
    readings_come_late_and_are_flagged,
    a_reading_is_retracted_once,
    a_reading_of_a_slip_goes_with_it,
    faulty_readings_are_refused,
    a_repeated_request_records_once,
    readings_come_in_pages,
    nobody_writes_beyond_his_grants,
);

async fn list(clients: &mut Clients, vehicle_id: &str) -> Vec<Reading> {
    let request =
        ListReadingsRequest { vehicle_id: vehicle_id.to_owned(), ..ListReadingsRequest::default() };
    clients.odometer.list_readings(request).await.unwrap().into_inner().readings
}

fn kilometres(readings: &[Reading], fits: bool) -> Vec<i64> {
    let wanted = readings.iter().filter(|it| it.fits == fits && !it.retracted);
    wanted.map(|it| it.odometer_m / 1000).collect()
}

async fn readings_come_late_and_are_flagged(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let first = clients.read(&vehicle, "2017-05-10 08:00", 900).await.unwrap();
    assert!(first.fits && first.record_time.is_some());
    assert_eq!(first.etag, "1");
    // A lower one later: one of the two is wrong, and nothing tells which.
    assert!(clients.read(&vehicle, "2017-05-12 08:00", 200).await.unwrap().fits);
    let readings = list(&mut clients, &vehicle.id).await;
    assert_eq!((kilometres(&readings, true), kilometres(&readings, false)), (vec![200], vec![900]));
    assert_eq!(clients.open("odometer_backwards").await, std::slice::from_ref(&first.id));
    // What comes late tells.
    clients.read(&vehicle, "2017-05-08 08:00", 880).await.unwrap();
    clients.read(&vehicle, "2017-05-14 08:00", 930).await.unwrap();
    let readings = list(&mut clients, &vehicle.id).await;
    assert_eq!(kilometres(&readings, true), [880, 900, 930]);
    let misfit = readings.iter().find(|it| !it.fits).unwrap();
    assert_eq!(clients.open("odometer_backwards").await, std::slice::from_ref(&misfit.id));
    let request = ListReadingsRequest {
        vehicle_id: vehicle.id.clone(),
        misfits_only: true,
        ..ListReadingsRequest::default()
    };
    let misfits = clients.odometer.list_readings(request).await.unwrap().into_inner().readings;
    assert_eq!(misfits, std::slice::from_ref(misfit));
}

fn retracting(reading: &Reading) -> RetractReadingRequest {
    RetractReadingRequest {
        request_id: request_id(),
        id: reading.id.clone(),
        etag: reading.etag.clone(),
        reason: "看错".to_owned(),
        validate_only: false,
    }
}

async fn retract(clients: &mut Clients, reading: &Reading) -> Result<Reading, Status> {
    let answer = clients.odometer.retract_reading(retracting(reading)).await?;
    Ok(answer.into_inner().reading.unwrap())
}

async fn a_reading_is_retracted_once(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    for (time, kilometres) in
        [("2017-05-01 08:00", 100), ("2017-05-02 08:00", 150), ("2017-05-03 08:00", 200)]
    {
        clients.read(&vehicle, time, kilometres).await.unwrap();
    }
    let wrong = clients.read(&vehicle, "2017-05-02 09:00", 950).await.unwrap();
    assert!(!wrong.fits);
    assert_eq!(clients.open("odometer_backwards").await.len(), 1);
    let check = RetractReadingRequest { validate_only: true, ..retracting(&wrong) };
    let checked = clients.odometer.retract_reading(check).await.unwrap().into_inner();
    assert_eq!(checked.reading.unwrap().etag, "");
    let gone = retract(&mut clients, &wrong).await.unwrap();
    assert!(gone.retracted && !gone.fits);
    assert_eq!((gone.note.as_str(), gone.etag.as_str()), ("看错", "2"));
    assert_eq!(clients.open("odometer_backwards").await, [""; 0]);
    assert_eq!(reason(&retract(&mut clients, &wrong).await.unwrap_err()), "ETAG_STALE");
    assert_eq!(reason(&retract(&mut clients, &gone).await.unwrap_err()), "READING_RETRACTED");
    // The same may be typed again.
    clients.read(&vehicle, "2017-05-02 09:00", 950).await.unwrap();
    let none = Reading { id: request_id(), ..wrong };
    assert_eq!(retract(&mut clients, &none).await.unwrap_err().code(), Code::NotFound);
}

async fn a_reading_of_a_slip_goes_with_it(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.recorded(vec![fill(&vehicle, "2017-05-01 08:00", 100, 1_000, 100, "1")]).await;
    let readings = list(&mut clients, &vehicle.id).await;
    let error = retract(&mut clients, &readings[0]).await.unwrap_err();
    assert_eq!(reason(&error), "READING_NOT_TYPED");
}

async fn faulty_readings_are_refused(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let empty = RecordOdometerRequest {
        request_id: request_id(),
        reading: Some(Reading { odometer_m: -1, ..Reading::default() }),
        validate_only: false,
    };
    let error = clients.odometer.record_odometer(empty).await.unwrap_err();
    let want = [
        ("reading.vehicle_id", "REQUIRED"),
        ("reading.read_time", "REQUIRED"),
        ("reading.odometer_m", "OUT_OF_RANGE"),
    ];
    assert_eq!(faults(&error), want.map(|(at, why)| (at.to_owned(), why.to_owned())));
    let future = clients.read(&vehicle, "2017-06-15 08:01", 1).await.unwrap_err();
    assert_eq!(reason(&future), "TIME_IN_FUTURE");
    clients.read(&vehicle, "2017-06-15 08:00", 1).await.unwrap();
    let again = clients.read(&vehicle, "2017-06-15 08:00", 1).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::AlreadyExists, "READING_TAKEN"));
    let mut elsewhere = reading(&vehicle, "2017-06-01 08:00", 1);
    elsewhere.reading.as_mut().unwrap().vehicle_id = request_id();
    let error = clients.odometer.record_odometer(elsewhere).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}

async fn a_repeated_request_records_once(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let request = reading(&vehicle, "2017-05-01 08:00", 100);
    let check = RecordOdometerRequest { validate_only: true, ..request.clone() };
    let checked = clients.odometer.record_odometer(check).await.unwrap().into_inner();
    let checked = checked.reading.unwrap();
    assert_eq!((checked.id.as_str(), checked.etag.as_str(), checked.fits), ("", "", true));
    assert!(list(&mut clients, &vehicle.id).await.is_empty());
    let first = clients.odometer.record_odometer(request.clone()).await.unwrap().into_inner();
    let again = clients.odometer.record_odometer(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(list(&mut clients, &vehicle.id).await, [first.reading.unwrap()]);
}

async fn readings_come_in_pages(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    for day in 1..=5 {
        clients.read(&vehicle, &format!("2017-05-0{day} 08:00"), 100 * day).await.unwrap();
    }
    let mut request = ListReadingsRequest {
        vehicle_id: vehicle.id.clone(),
        page_size: 2,
        ..ListReadingsRequest::default()
    };
    let mut found = Vec::new();
    loop {
        let page = clients.odometer.list_readings(request.clone()).await.unwrap().into_inner();
        found.extend(page.readings);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(kilometres(&found, true), [100, 200, 300, 400, 500]);
    assert_eq!(found[0].read_time, Some(at("2017-05-01 08:00")));
}

async fn nobody_writes_beyond_his_grants(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&steward_fleet::SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes.clone());
    let somebody = |role: &str, region: &str| {
        let token = issuer.token(clock.now(), "clerk", &grants(&[role], &[region]));
        Clients::of(&backend, &As::bearer(&token))
    };
    let mut clerk = somebody("operator", "420502");
    let vehicle = create(&mut clerk.vehicles, car(XILING, "鄂E12345")).await.unwrap();
    let kept = clerk.read(&vehicle, "2017-05-01 08:00", 100).await.unwrap();
    let mut other = somebody("operator", "420506");
    let error = other.read(&vehicle, "2017-05-02 08:00", 100).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert_eq!(retract(&mut other, &kept).await.unwrap_err().code(), Code::NotFound);
    let error = somebody("viewer", "420502").read(&vehicle, "2017-05-02 08:00", 100).await;
    assert_eq!(error.unwrap_err().code(), Code::PermissionDenied);
}
