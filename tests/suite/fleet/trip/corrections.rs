//! Readings that were wrong, put right.

use steward_proto::finding::v1::FindingState;
use steward_proto::fleet::v1::odometer_service_client::OdometerServiceClient;
use steward_proto::fleet::v1::{
    CorrectTripRequest, ListReadingsRequest, Reading, RecordOdometerRequest, Trip, TripState,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::super::{faults, reason};
use super::{Garage, MIGRATIONS, Pair, Trips, at, departing, past, request_id, returning};

both!(
    MIGRATIONS,
    a_new_odometer_is_no_fault,
    a_typing_error_is_put_right,
    what_contradicts_a_typed_reading_is_found,
    a_trip_of_before_is_put_right,
    a_correction_is_limited,
    a_correction_is_repeated_and_checked,
);

fn correcting(trip: &Trip, start: i64, end: i64) -> CorrectTripRequest {
    CorrectTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        start_odometer_m: start,
        end_odometer_m: end,
        reason: "看错一位".to_owned(),
        ..Default::default()
    }
}

impl Garage {
    fn manager(&self) -> Trips {
        Trips::new(self.caller("manager", &["manager"], "4205*"))
    }

    async fn correct(&self, request: CorrectTripRequest) -> Result<Trip, Status> {
        Ok(self.manager().correct_trip(request).await?.into_inner().trip.unwrap())
    }

    fn odometer(&self) -> OdometerServiceClient<steward_tests::service::Called> {
        OdometerServiceClient::new(self.caller("clerk", &["operator", "viewer"], "4205*"))
    }

    /// What the odometer showed: metres, and whether it counts.
    async fn readings(&self, vehicle: &str) -> Vec<(i64, bool)> {
        let request = ListReadingsRequest { vehicle_id: vehicle.to_owned(), ..Default::default() };
        let answer = self.odometer().list_readings(request).await.unwrap().into_inner();
        answer.readings.into_iter().map(|it| (it.odometer_m, it.fits && !it.retracted)).collect()
    }

    async fn returned(&self, pair: &Pair, start: i64, end: i64) -> Trip {
        let trip = self.ordered(pair, 9, 12).await;
        self.now(9);
        let out = self.depart(departing(&trip, start)).await.unwrap();
        self.now(11);
        self.come_back(returning(&out, end)).await.unwrap()
    }
}

async fn a_typing_error_is_put_right(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    // 95 km, typed as 950.
    let back = garage.returned(&pair, 50_000, 950_000).await;
    let settled = garage.settle(&back).await.unwrap();
    let next = garage.ordered(&pair, 13, 14).await;
    garage.now(13);
    let mut request = departing(&next, 95_000);
    request.accept_warnings = true;
    let out = garage.depart(request).await.unwrap();
    garage.now(14);
    garage.come_back(returning(&out, 99_000)).await.unwrap();
    let found = garage.findings("odometer_backwards").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, only.limit), (950_000, 95_000));
    assert_eq!(only.state(), FindingState::Open);
    let right = garage.correct(correcting(&settled, 0, 95_000)).await.unwrap();
    let expected = Trip {
        end_odometer_m: 95_000,
        distance_m: 45_000,
        correction_reason: "看错一位".to_owned(),
        update_time: Some(at(14)),
        etag: "7".to_owned(),
        ..settled.clone()
    };
    assert_eq!(right, expected);
    assert_eq!((right.state(), &right.note), (TripState::Settled, &settled.note));
    assert_eq!(garage.get(&right.id).await, right);
    let found = garage.findings("odometer_backwards").await;
    assert!(found.iter().all(|it| it.state() == FindingState::Closed), "{found:#?}");
    let readings = garage.readings(&pair.vehicle).await;
    let counted: Vec<_> = readings.iter().filter(|it| it.1).map(|it| it.0).collect();
    assert_eq!(counted, [50_000, 95_000, 95_000, 99_000]);
    assert!(readings.contains(&(950_000, false)), "what was said stays to be seen");
    assert_eq!(readings.len(), 5, "what was right was not touched");
}

async fn what_contradicts_a_typed_reading_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let record = async |hour: i64, odometer_m: i64| {
        let reading = Some(Reading {
            vehicle_id: pair.vehicle.clone(),
            read_time: Some(at(hour)),
            odometer_m,
            ..Default::default()
        });
        let request =
            RecordOdometerRequest { request_id: request_id(), reading, ..Default::default() };
        garage.odometer().record_odometer(request).await.unwrap();
    };
    record(-20, 10_000).await;
    record(-10, 20_000).await;
    // Below what somebody read: asked about, and found.
    let trip = garage.ordered(&pair, 9, 12).await;
    garage.now(9);
    let mut request = departing(&trip, 2_100);
    assert_eq!(reason(&garage.depart(request.clone()).await.unwrap_err()), "ODOMETER_BACKWARDS");
    request.request_id = request_id();
    request.accept_warnings = true;
    let out = garage.depart(request).await.unwrap();
    let found = garage.findings("odometer_backwards").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, only.limit), (2_100, 20_000));
    assert_eq!(only.resource, format!("vehicles/{}", pair.vehicle));
    // On its way, too.
    let error = garage.correct(correcting(&out, 0, 30_000)).await.unwrap_err();
    assert_eq!(reason(&error), "TRIP_STATE", "it is not back");
    garage.correct(correcting(&out, 21_000, 0)).await.unwrap();
    let found = garage.findings("odometer_backwards").await;
    assert!(found.iter().all(|it| it.state() == FindingState::Closed), "{found:#?}");
}

async fn a_new_odometer_is_no_fault(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    garage.returned(&pair, 150_000_000, 150_050_000).await;
    let reading = Some(Reading {
        vehicle_id: pair.vehicle.clone(),
        read_time: Some(at(12)),
        note: "换表".to_owned(),
        replaced: true,
        ..Default::default()
    });
    garage.now(12);
    let request = RecordOdometerRequest { request_id: request_id(), reading, ..Default::default() };
    let manager = garage.caller("manager", &["manager"], "4205*");
    OdometerServiceClient::new(manager).record_odometer(request).await.unwrap();
    let next = garage.ordered(&pair, 13, 14).await;
    garage.now(13);
    garage.depart(departing(&next, 1_000)).await.unwrap();
    assert_eq!(garage.findings("odometer_backwards").await, []);
}

async fn a_trip_of_before_is_put_right(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = Trip { start_odometer_m: 100, end_odometer_m: 90, ..past(&pair, -15, -10) };
    let unread = past(&pair, -9, -8);
    let made = garage.import(vec![trip, unread]).await.unwrap();
    assert_eq!(garage.findings("odometer_backwards").await.len(), 1);
    let request = correcting(&made[0], 80, 0);
    let right = garage.correct(request).await.unwrap();
    assert_eq!(right.distance_m, 10);
    let found = garage.findings("odometer_backwards").await;
    assert_eq!(found[0].state(), FindingState::Closed);
    let known = garage.correct(correcting(&made[1], 95, 99)).await.unwrap();
    assert_eq!(known.distance_m, 4, "what was not known is told");
    let counted = garage.readings(&pair.vehicle).await.into_iter().filter(|it| it.1);
    assert_eq!(counted.map(|it| it.0).collect::<Vec<_>>(), [80, 90, 95, 99]);
}

async fn a_correction_is_limited(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let ordered = garage.ordered(&pair, 15, 16).await;
    let error = garage.correct(correcting(&ordered, 1, 0)).await.unwrap_err();
    assert_eq!(reason(&error), "TRIP_STATE");
    let back = garage.returned(&pair, 50_000, 60_000).await;
    let error = garage.trips().correct_trip(correcting(&back, 0, 61_000)).await;
    assert_eq!(reason(&error.unwrap_err()), "ROLE_MISSING", "not for who types them");
    let mut other = Trips::new(garage.caller("manager", &["manager"], "420506"));
    let error = other.correct_trip(correcting(&back, 0, 61_000)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let nothing =
        CorrectTripRequest { id: back.id.clone(), request_id: request_id(), ..Default::default() };
    let told = faults(&garage.correct(nothing).await.unwrap_err());
    let told: Vec<_> = told.iter().map(|(field, why)| (&**field, &**why)).collect();
    let want = [("end_odometer_m", "REQUIRED"), ("reason", "REQUIRED"), ("etag", "REQUIRED")];
    assert_eq!(told, want);
    let error = garage.correct(correcting(&back, -1, 10_000_000_001)).await.unwrap_err();
    let told: Vec<_> = faults(&error).into_iter().map(|(field, _)| field).collect();
    assert_eq!(told, ["start_odometer_m", "end_odometer_m"]);
    let mut request = correcting(&back, 0, 49_000);
    assert_eq!(reason(&garage.correct(request.clone()).await.unwrap_err()), "ODOMETER_BACKWARDS");
    request.request_id = request_id();
    request.accept_warnings = true;
    assert_eq!(garage.correct(request).await.unwrap().distance_m, 0);
    let error = garage.correct(correcting(&back, 0, 61_000)).await.unwrap_err();
    assert_eq!((error.code(), &*reason(&error)), (Code::Aborted, "ETAG_STALE"));
}

async fn a_correction_is_repeated_and_checked(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let back = garage.returned(&pair, 50_000, 60_000).await;
    let check = CorrectTripRequest { validate_only: true, ..correcting(&back, 0, 61_000) };
    let answer = garage.correct(check).await.unwrap();
    assert_eq!((answer.end_odometer_m, &*answer.etag), (61_000, ""));
    assert_eq!(garage.get(&back.id).await, back);
    let request = correcting(&back, 0, 61_000);
    let right = garage.correct(request.clone()).await.unwrap();
    assert_eq!(garage.correct(request).await.unwrap(), right);
    assert_eq!(garage.get(&back.id).await, right);
    assert_eq!(garage.readings(&pair.vehicle).await.len(), 3);
}
