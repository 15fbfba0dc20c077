//! Vehicles that went in a closed month without a trip that accounts for it.

use std::sync::Arc;

use steward_chassis::service::sweep_once;
use steward_kernel::Clock;
use steward_proto::finding::v1::{Finding, FindingState};
use steward_proto::fleet::v1::{
    ImportTripsRequest, RetractReadingRequest, Trip, Vehicle, VoidTripRequest,
};
use steward_tests::service::As;
use steward_tests::{TestDb, both};

use super::super::handed::Two;
use super::super::known;
use super::super::running::{Clients, fill, trip};
use super::{Garage, MIGRATIONS, XILING, YILING, car, instant, request_id};

both!(
    MIGRATIONS,
    what_goes_without_any_trip_is_found,
    trips_of_several_months_clear_each_of_them,
    a_month_that_trips_account_for_is_quiet,
    what_lies_between_two_trips_is_found_once,
    who_enters_no_trips_is_not_judged,
    what_changes_is_judged_again,
    each_holder_answers_for_his_part,
);

const CODE: &str = "trip_undispatched";
/// The last minute of June 2017, and the first of July, counted in hours from the 15th.
const JULY: i64 = 16 * 24;

impl Garage {
    /// Everybody's clerk.
    fn clerk(&self) -> Clients {
        let roles = ["operator", "viewer", "manager"];
        let grants = steward_tests::issuer::grants(&roles, &["4205*"]);
        Clients::of(
            &self.backend,
            &As::bearer(&self.issuer.token(self.clock.now(), "clerk", &grants)),
        )
    }

    async fn tell(&self, trips: Vec<Trip>) -> Vec<Trip> {
        let request = ImportTripsRequest { request_id: request_id(), trips, ..Default::default() };
        self.clerk().trips.import_trips(request).await.unwrap().into_inner().trips
    }

    /// Open findings: resource, occasion, metres.
    async fn gone(&self) -> Vec<(String, String, i64)> {
        let of = |it: &Finding| (it.resource.clone(), it.occasion.clone(), it.observed);
        let found = self.findings(CODE).await;
        let open = found.iter().filter(|it| it.state() == FindingState::Open);
        let mut open: Vec<_> = open.map(of).collect();
        open.sort();
        open
    }
}

/// Two cars of an organization: one that it enters trips of, since May, and the other.
async fn two(garage: &Garage) -> [Vehicle; 2] {
    let mut clerk = garage.clerk();
    let [one, other] = [clerk.car("鄂E00001").await, clerk.car("鄂E00002").await];
    garage.tell(vec![trip(&one, ["2017-05-02 09:00", "2017-05-02 12:00"], [100, 150])]).await;
    [one, other]
}

fn month(vehicle: &Vehicle, month: &str, kilometres: i64) -> (String, String, i64) {
    (format!("vehicles/{}", vehicle.id), month.to_owned(), kilometres * 1000)
}

async fn what_goes_without_any_trip_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let [_, car] = two(&garage).await;
    let fills = |month: &str, from: i64, to: i64| {
        vec![
            fill(
                &car,
                &format!("2017-{month}-03 10:00"),
                30_000,
                40_000,
                from,
                &format!("{month}a"),
            ),
            fill(&car, &format!("2017-{month}-28 10:00"), 30_000, 40_000, to, &format!("{month}b")),
        ]
    };
    garage.clerk().recorded(fills("05", 1_000, 1_400)).await;
    garage.sweep().await;
    assert_eq!(garage.gone().await, [month(&car, "2017-05", 400)]);
    let found = garage.findings(CODE).await.remove(0);
    assert_eq!(
        (found.limit, &*found.since_on, &*found.organization),
        (20_000, "2017-05-01", XILING)
    );
    assert!(found.detail.contains("400 公里"), "{}", found.detail);
    // June is not over.
    garage.now(JULY - 1);
    garage.clerk().recorded(fills("06", 1_450, 1_470)).await;
    garage.sweep().await;
    assert_eq!(garage.gone().await.len(), 1);
    // What a vehicle goes to be washed and fuelled is left to it, and no more.
    garage.now(JULY);
    garage.sweep().await;
    assert_eq!(garage.gone().await, [month(&car, "2017-05", 400)]);
    let more = fill(&car, "2017-06-30 10:00", 30_000, 40_000, 1_471, "c");
    garage.clerk().recorded(vec![more]).await;
    garage.sweep().await;
    assert_eq!(garage.gone().await[1..], [month(&car, "2017-06", 21)]);
    // The trips that were missing come late, and clear it at once.
    let late = [
        trip(&car, ["2017-05-04 09:00", "2017-05-04 18:00"], [1_000, 1_200]),
        trip(&car, ["2017-05-20 09:00", "2017-05-20 18:00"], [1_210, 1_390]),
        trip(&car, ["2017-06-10 09:00", "2017-06-10 18:00"], [1_452, 1_470]),
    ];
    garage.tell(late[..1].to_vec()).await;
    let after = [month(&car, "2017-05", 200), month(&car, "2017-06", 21)];
    assert_eq!(garage.gone().await, after);
    garage.tell(late[1..2].to_vec()).await;
    assert_eq!(garage.gone().await, [month(&car, "2017-06", 21)]);
    let made = garage.tell(late[2..].to_vec()).await.remove(0);
    // From 1390 to 1452 it is the way between two trips, and found there.
    assert_eq!(garage.gone().await, [(format!("trips/{}", made.id), String::new(), 62_000)]);
}

/// Of none it is told what the odometer showed: each may have been all of its month.
async fn trips_of_several_months_clear_each_of_them(db: TestDb) {
    let garage = Garage::new(&db).await;
    let [_, car] = two(&garage).await;
    garage.now(JULY + 31 * 24);
    for (place, month) in (0..).zip(["05", "06", "07"]) {
        for (day, kilometres) in [("03", 100), ("28", 300)] {
            let time = format!("2017-{month}-{day} 10:00");
            garage.clerk().read(&car, &time, place * 1_000 + kilometres).await.unwrap();
        }
    }
    garage.sweep().await;
    let each = ["2017-05", "2017-06", "2017-07"].map(|it| month(&car, it, 200));
    assert_eq!(garage.gone().await, each);
    let days = ["2017-05-10", "2017-06-10", "2017-07-10"];
    let times = days.map(|day| [format!("{day} 09:00"), format!("{day} 18:00")]);
    let trips = times.iter().map(|[from, until]| trip(&car, [from, until], [0, 0]));
    garage.tell(trips.collect()).await;
    assert_eq!(garage.gone().await, []);
}

async fn a_month_that_trips_account_for_is_quiet(db: TestDb) {
    let garage = Garage::new(&db).await;
    let [one, _] = two(&garage).await;
    garage.now(JULY);
    // Across the ends of the month, each with its fill.
    garage
        .tell(vec![
            trip(&one, ["2017-05-31 20:00", "2017-06-01 10:00"], [160, 500]),
            trip(&one, ["2017-06-12 08:00", "2017-06-12 18:00"], [500, 900]),
            trip(&one, ["2017-06-30 08:00", "2017-07-01 00:00"], [910, 1_300]),
        ])
        .await;
    let fills = [("06-01 05:00", 450), ("06-12 12:00", 700), ("06-30 23:00", 1_290)];
    let fills = fills.into_iter().enumerate().map(|(line, (time, kilometres))| {
        fill(&one, &format!("2017-{time}"), 30_000, 40_000, kilometres, &line.to_string())
    });
    garage.clerk().recorded(fills.collect()).await;
    garage.sweep().await;
    assert_eq!(garage.gone().await, []);
    // Nor does one whose readings nobody told leave anything: it may have been all of it.
    garage.tell(vec![trip(&one, ["2017-06-15 08:00", "2017-06-15 18:00"], [0, 0])]).await;
    garage.sweep().await;
    assert_eq!(garage.gone().await, []);
}

async fn what_lies_between_two_trips_is_found_once(db: TestDb) {
    let garage = Garage::new(&db).await;
    let [one, _] = two(&garage).await;
    garage.now(JULY);
    let read = [("2017-06-02 10:00", 160), ("2017-06-28 10:00", 500)];
    for (time, kilometres) in read {
        garage.clerk().read(&one, time, kilometres).await.unwrap();
    }
    garage.sweep().await;
    assert_eq!(garage.gone().await, [month(&one, "2017-06", 340)]);
    // The next trip tells that it was between two.
    let next = trip(&one, ["2017-07-01 00:00", "2017-07-01 00:01"], [510, 511]);
    garage.now(JULY + 1);
    let next = garage.tell(vec![next]).await.remove(0);
    let between = (format!("trips/{}", next.id), String::new(), 360_000);
    assert_eq!(garage.gone().await, [between]);
    // Where it never was, the month stands for itself again.
    let request = VoidTripRequest {
        request_id: request_id(),
        id: next.id,
        etag: next.etag,
        reason: "录错".to_owned(),
        ..Default::default()
    };
    garage.clerk().trips.void_trip(request).await.unwrap();
    assert_eq!(garage.gone().await, [month(&one, "2017-06", 340)]);
}

async fn who_enters_no_trips_is_not_judged(db: TestDb) {
    let garage = Garage::new(&db).await;
    let car = garage.clerk().car("鄂E00001").await;
    for (time, kilometres) in [
        ("2017-04-02 10:00", 100),
        ("2017-04-28 10:00", 300),
        ("2017-05-02 10:00", 400),
        ("2017-05-28 10:00", 800),
    ] {
        garage.clerk().read(&car, time, kilometres).await.unwrap();
    }
    garage.sweep().await;
    assert_eq!(garage.gone().await, [], "it keeps them on paper");
    // Trips in the vehicles of others say nothing of its own.
    let theirs = garage.vehicle(super::car(YILING, "鄂E00009")).await;
    let theirs = Vehicle { id: theirs, ..Vehicle::default() };
    let lent = trip(&theirs, ["2017-05-02 09:00", "2017-05-02 12:00"], [100, 150]);
    garage.tell(vec![lent]).await;
    garage.sweep().await;
    assert_eq!(garage.gone().await, []);
    // From the month of its first trip on, of any vehicle; whichever is told first.
    let other = garage.clerk().car("鄂E00002").await;
    let first = trip(&other, ["2017-05-31 09:00", "2017-05-31 12:00"], [100, 150]);
    let next = trip(&other, ["2017-06-10 09:00", "2017-06-10 12:00"], [150, 200]);
    garage.tell(vec![next, first]).await;
    garage.sweep().await;
    assert_eq!(garage.gone().await, [month(&car, "2017-05", 400)]);
}

async fn what_changes_is_judged_again(db: TestDb) {
    let garage = Garage::new(&db).await;
    let [_, car] = two(&garage).await;
    let mut clerk = garage.clerk();
    clerk.read(&car, "2017-05-02 10:00", 100).await.unwrap();
    let last = clerk.read(&car, "2017-05-28 10:00", 300).await.unwrap();
    garage.sweep().await;
    assert_eq!(garage.gone().await, [month(&car, "2017-05", 200)]);
    // Judged not to be one, it does not come back.
    garage.dismiss(&garage.findings(CODE).await.remove(0)).await;
    garage.now(9);
    garage.clerk().read(&car, "2017-06-14 10:00", 350).await.unwrap();
    garage.sweep().await;
    assert_eq!(garage.gone().await, []);
    // A reading that comes late makes it another number.
    garage.clerk().read(&car, "2017-05-30 10:00", 340).await.unwrap();
    garage.sweep().await;
    assert_eq!(garage.gone().await, [month(&car, "2017-05", 240)]);
    let retract = |id: &str, etag: &str| RetractReadingRequest {
        request_id: request_id(),
        id: id.to_owned(),
        etag: etag.to_owned(),
        reason: "看错".to_owned(),
        ..Default::default()
    };
    let mut clerk = garage.clerk();
    clerk.odometer.retract_reading(retract(&last.id, &last.etag)).await.unwrap();
    garage.sweep().await;
    assert_eq!(garage.gone().await, [month(&car, "2017-05", 240)]);
    let all = steward_proto::fleet::v1::ListReadingsRequest {
        vehicle_id: car.id.clone(),
        ..Default::default()
    };
    let all = garage.clerk().odometer.list_readings(all).await.unwrap().into_inner().readings;
    for it in all.iter().filter(|it| !it.retracted && it.odometer_m < 350_000) {
        garage.clerk().odometer.retract_reading(retract(&it.id, &it.etag)).await.unwrap();
    }
    garage.sweep().await;
    assert_eq!(garage.gone().await, [], "no reading of May is left");
}

async fn each_holder_answers_for_his_part(db: TestDb) {
    let it = Two::new(&db).await;
    known(&db, XILING, "420502", "court").await;
    it.hand_over().await;
    for (mut clients, times) in [
        (it.xiling(), [("2017-06-02 10:00", 100), ("2017-06-09 10:00", 200)]),
        (it.yiling(), [("2017-06-10 10:00", 250), ("2017-06-14 10:00", 550)]),
    ] {
        let own = if times[0].1 == 100 { (XILING, "鄂E00001") } else { (YILING, "鄂E00002") };
        let other =
            super::super::create(&mut it.office.vehicles(), car(own.0, own.1)).await.unwrap();
        let mut told = trip(&other, ["2017-06-01 09:00", "2017-06-01 10:00"], [1, 2]);
        told.organization = own.0.to_owned();
        let trips = vec![told];
        let request = ImportTripsRequest { request_id: request_id(), trips, ..Default::default() };
        clients.trips.import_trips(request).await.unwrap();
        for (time, kilometres) in times {
            it.city().read(&it.vehicle, time, kilometres).await.unwrap();
        }
    }
    it.office.clock.set(instant(JULY));
    let clock: Arc<dyn Clock> = Arc::clone(&it.office.clock) as _;
    sweep_once(&steward_fleet::SPEC, db.db(), &clock).await.unwrap();
    let mut found = it.city().open(CODE).await;
    found.sort();
    assert_eq!(found, ["2017-06", "2017-06 2017-06-10"]);
    assert_eq!(it.xiling().open(CODE).await, ["2017-06"]);
    assert_eq!(it.yiling().open(CODE).await, ["2017-06 2017-06-10"]);
}
