//! Trips that were otherwise than was said, or never happened.

use steward_proto::finding::v1::FindingState;
use steward_proto::fleet::v1::odometer_service_client::OdometerServiceClient;
use steward_proto::fleet::v1::{
    CorrectTripRequest, ListReadingsRequest, ReturnTripRequest, Trip, TripState, VoidTripRequest,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::super::{faults, reason};
use super::{
    Garage, MIGRATIONS, Pair, Trips, XILING, YILING, at, car, departing, past, request_id,
    returning, rushing,
};

both!(
    MIGRATIONS,
    a_return_told_late_is_put_right,
    who_drove_is_put_right,
    what_did_not_overlap_is_cleared_for_both,
    a_trip_of_before_is_retimed,
    what_never_left_is_taken_back,
    a_trip_of_before_is_taken_back_and_entered_anew,
    an_emergency_that_was_none_is_taken_back,
    a_void_is_limited,
    a_void_is_repeated_and_checked,
);

fn correcting(trip: &Trip) -> CorrectTripRequest {
    CorrectTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        reason: "次日补录".to_owned(),
        ..Default::default()
    }
}

fn voiding(trip: &Trip) -> VoidTripRequest {
    VoidTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        reason: "误点出车".to_owned(),
        ..Default::default()
    }
}

impl Garage {
    fn managers(&self) -> Trips {
        Trips::new(self.caller("manager", &["manager"], "4205*"))
    }

    async fn right(&self, request: CorrectTripRequest) -> Result<Trip, Status> {
        Ok(self.managers().correct_trip(request).await?.into_inner().trip.unwrap())
    }

    async fn void(&self, request: VoidTripRequest) -> Result<Trip, Status> {
        Ok(self.managers().void_trip(request).await?.into_inner().trip.unwrap())
    }

    /// How many findings of a rule are open.
    async fn open(&self, code: &str) -> usize {
        let found = self.findings(code).await;
        found.iter().filter(|it| it.state() == FindingState::Open).count()
    }

    /// What the odometer showed that counts.
    async fn counted(&self, vehicle: &str) -> Vec<i64> {
        let request = ListReadingsRequest { vehicle_id: vehicle.to_owned(), ..Default::default() };
        let caller = self.caller("viewer", &["viewer"], "4205*");
        let answer = OdometerServiceClient::new(caller).list_readings(request).await.unwrap();
        let readings = answer.into_inner().readings.into_iter();
        readings.filter(|it| it.fits && !it.retracted).map(|it| it.odometer_m).collect()
    }

    async fn out(&self, pair: &Pair) -> Trip {
        let trip = self.ordered(pair, 9, 12).await;
        self.now(9);
        self.depart(departing(&trip, 50_000)).await.unwrap()
    }
}

async fn a_return_told_late_is_put_right(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let out = garage.out(&pair).await;
    // The next morning, without the time: that is a night out.
    garage.now(24 + 8);
    let back = garage.come_back(returning(&out, 90_000)).await.unwrap();
    garage.settle(&back).await.unwrap();
    let codes = ["trip_outside_approval", "holiday_trip"];
    for code in codes {
        assert_eq!(garage.open(code).await, 1, "{code}");
    }
    let settled = garage.get(&back.id).await;
    let request = CorrectTripRequest { return_time: Some(at(12)), ..correcting(&settled) };
    let right = garage.right(request).await.unwrap();
    let expected = Trip {
        return_time: Some(at(12)),
        correction_reason: "次日补录".to_owned(),
        etag: "7".to_owned(),
        ..settled.clone()
    };
    assert_eq!(right, expected);
    for code in codes {
        assert_eq!(garage.open(code).await, 0, "{code}");
    }
    assert_eq!(garage.counted(&pair.vehicle).await, [50_000, 90_000]);
    for (depart, back, want) in [
        (None, Some(at(9)), ("return_time", "RETURN_EARLY")),
        (None, Some(at(48)), ("return_time", "TIME_IN_FUTURE")),
        (Some(at(12)), None, ("return_time", "RETURN_EARLY")),
    ] {
        let request =
            CorrectTripRequest { depart_time: depart, return_time: back, ..correcting(&right) };
        let error = garage.right(request).await.unwrap_err();
        assert_eq!(faults(&error), [(want.0.to_owned(), want.1.to_owned())]);
    }
}

async fn who_drove_is_put_right(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let other = garage.driver(XILING, "李四").await;
    let out = garage.out(&pair).await;
    let by =
        |trip: &Trip, id: &str| CorrectTripRequest { driver_id: id.to_owned(), ..correcting(trip) };
    let stranger = garage.driver(YILING, "王五").await;
    let error = garage.right(by(&out, &stranger)).await.unwrap_err();
    assert_eq!(reason(&error), "DRIVER_FOREIGN");
    let error = garage.right(by(&out, &request_id())).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let right = garage.right(by(&out, &other)).await.unwrap();
    assert_eq!((right.state(), &right.driver_id), (TripState::Departed, &other));
    // Who did not drive is free, who does is not.
    let next = Pair {
        vehicle: garage.vehicle(car(XILING, "鄂E00002")).await,
        driver: pair.driver.clone(),
    };
    let second = garage.emergency(rushing(&next, 12)).await.unwrap();
    let error = garage.right(by(&second, &other)).await.unwrap_err();
    assert_eq!(reason(&error), "DRIVER_OUT");
    garage.now(11);
    let back = garage.come_back(returning(&right, 90_000)).await.unwrap();
    let again = garage.right(by(&back, &pair.driver)).await.unwrap();
    assert_eq!(again.driver_id, pair.driver, "that they were two at once is for the findings");
}

async fn what_did_not_overlap_is_cleared_for_both(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let made = garage.import(vec![past(&pair, -15, -10), past(&pair, -11, -9)]).await.unwrap();
    assert_eq!(garage.open("trip_overlap").await, 4, "vehicle and driver, of both");
    let request = CorrectTripRequest { return_time: Some(at(-11)), ..correcting(&made[0]) };
    let right = garage.right(request).await.unwrap();
    assert_eq!(right.until_time, Some(at(-11)), "when it was is its window");
    assert_eq!(garage.open("trip_overlap").await, 0);
}

async fn a_trip_of_before_is_retimed(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let made = garage.import(vec![past(&pair, -15, -14), past(&pair, -13, -12)]).await.unwrap();
    let onto = CorrectTripRequest {
        depart_time: Some(at(-13)),
        return_time: Some(at(-12)),
        ..correcting(&made[0])
    };
    let error = garage.right(onto).await.unwrap_err();
    assert_eq!((error.code(), &*reason(&error)), (Code::AlreadyExists, "TRIP_THERE"));
    let request = CorrectTripRequest { depart_time: Some(at(-16)), ..correcting(&made[0]) };
    let right = garage.right(request).await.unwrap();
    assert_eq!((right.from_time, right.depart_time), (Some(at(-16)), Some(at(-16))));
    // Sent again as it was said first, it is another one.
    garage.import(vec![past(&pair, -15, -14)]).await.unwrap();
}

async fn what_never_left_is_taken_back(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let out = garage.out(&pair).await;
    let void = garage.void(voiding(&out)).await.unwrap();
    let expected = Trip {
        state: TripState::Void.into(),
        note: "误点出车".to_owned(),
        etag: "5".to_owned(),
        ..out.clone()
    };
    assert_eq!(void, expected);
    assert_eq!(garage.get(&void.id).await, void);
    assert_eq!(garage.counted(&pair.vehicle).await, [0; 0]);
    // The vehicle and the driver are there for the right one.
    let right = garage.ordered(&pair, 10, 12).await;
    garage.now(10);
    let right = garage.depart(departing(&right, 40_000)).await.unwrap();
    garage.now(24 + 8);
    let late = ReturnTripRequest { return_time: Some(at(24 + 8)), ..returning(&right, 60_000) };
    let back = garage.come_back(late).await.unwrap();
    assert_eq!(garage.open("trip_outside_approval").await, 1);
    garage.void(voiding(&back)).await.unwrap();
    assert_eq!(garage.open("trip_outside_approval").await, 0);
    assert_eq!(garage.open("holiday_trip").await, 0);
    assert_eq!(garage.counted(&pair.vehicle).await, [0; 0]);
}

async fn a_trip_of_before_is_taken_back_and_entered_anew(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let wrong =
        Trip { start_odometer_m: 100, end_odometer_m: 900_000_000, ..past(&pair, -15, -10) };
    let next = Trip { start_odometer_m: 300, end_odometer_m: 400, ..past(&pair, -11, -9) };
    let made = garage.import(vec![wrong.clone(), next]).await.unwrap();
    assert_eq!(garage.open("trip_overlap").await, 4);
    garage.void(voiding(&made[0])).await.unwrap();
    assert_eq!(garage.open("trip_overlap").await, 0, "also of the other");
    assert_eq!(garage.open("odometer_backwards").await, 0);
    assert_eq!(garage.counted(&pair.vehicle).await, [300, 400]);
    let right = Trip { end_odometer_m: 300, ..wrong };
    let again = garage.import(vec![right]).await.unwrap().remove(0);
    assert_ne!(again.id, made[0].id);
    assert_eq!(garage.counted(&pair.vehicle).await, [100, 300, 300, 400]);
}

async fn an_emergency_that_was_none_is_taken_back(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    garage.emergency(rushing(&pair, 12)).await.unwrap();
    garage.now(6 * 24);
    garage.sweep().await;
    assert_eq!(garage.open("trip_unapproved").await, 1);
    assert_eq!(garage.open("trip_overdue").await, 1);
    let mut trips = garage.trips();
    let listed = trips.list_trips(steward_proto::fleet::v1::ListTripsRequest::default()).await;
    let out = listed.unwrap().into_inner().trips.remove(0);
    garage.void(voiding(&out)).await.unwrap();
    garage.sweep().await;
    assert_eq!(garage.open("trip_unapproved").await, 0);
    assert_eq!(garage.open("trip_overdue").await, 0);
}

async fn a_void_is_limited(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let ordered = garage.ordered(&pair, 15, 16).await;
    let error = garage.void(voiding(&ordered)).await.unwrap_err();
    assert_eq!(reason(&error), "TRIP_STATE", "that is cancelled");
    let out = garage.out(&pair).await;
    let error = garage.trips().void_trip(voiding(&out)).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
    let mut other = Trips::new(garage.caller("manager", &["manager"], "420506"));
    let error = other.void_trip(voiding(&out)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let unsaid = VoidTripRequest { reason: String::new(), ..voiding(&out) };
    assert_eq!(reason(&garage.void(unsaid).await.unwrap_err()), "REQUIRED");
    let stale = VoidTripRequest { etag: "1".to_owned(), ..voiding(&out) };
    assert_eq!(reason(&garage.void(stale).await.unwrap_err()), "ETAG_STALE");
    let void = garage.void(voiding(&out)).await.unwrap();
    assert_eq!(reason(&garage.void(voiding(&void)).await.unwrap_err()), "TRIP_STATE");
    let request = CorrectTripRequest { start_odometer_m: 5, ..correcting(&void) };
    assert_eq!(reason(&garage.right(request).await.unwrap_err()), "TRIP_STATE");
}

async fn a_void_is_repeated_and_checked(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let out = garage.out(&pair).await;
    let check = VoidTripRequest { validate_only: true, ..voiding(&out) };
    let answer = garage.void(check).await.unwrap();
    assert_eq!((answer.state(), &*answer.etag), (TripState::Void, ""));
    assert_eq!(garage.get(&out.id).await, out);
    let request = voiding(&out);
    let void = garage.void(request.clone()).await.unwrap();
    assert_eq!(garage.void(request).await.unwrap(), void);
    assert_eq!(garage.get(&void.id).await, void);
}
