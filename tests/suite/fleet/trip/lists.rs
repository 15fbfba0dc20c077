//! Lists of trips and of free vehicles.

use steward_proto::fleet::v1::{
    ListFreeVehiclesRequest, ListTripsRequest, TripKind, TripState, Vehicle,
};
use steward_tests::{TestDb, both};

use super::super::{faults, reason};
use super::{
    Garage, MIGRATIONS, Pair, XILING, YILING, at, car, departing, past, requesting, returning,
    rushing,
};

both!(
    MIGRATIONS,
    trips_are_filtered,
    trips_come_in_pages,
    free_vehicles_are_found,
    free_vehicles_come_in_pages,
);

async fn trips_are_filtered(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    garage.ordered(&pair, 9, 12).await;
    garage.request(requesting(XILING, 12, 14)).await.unwrap();
    garage.request(requesting(YILING, 14, 16)).await.unwrap();
    let other = Pair {
        vehicle: garage.vehicle(car(XILING, "鄂E00002")).await,
        driver: garage.driver(XILING, "李四").await,
    };
    garage.emergency(rushing(&other, 20)).await.unwrap();
    let all = ListTripsRequest::default();
    let count = async |request: ListTripsRequest| {
        garage.trips().list_trips(request).await.unwrap().into_inner().trips.len()
    };
    assert_eq!(count(all.clone()).await, 4);
    let regions = vec!["420502".to_owned()];
    assert_eq!(count(ListTripsRequest { regions, ..all.clone() }).await, 3);
    let organizations = vec![YILING.to_owned()];
    assert_eq!(count(ListTripsRequest { organizations, ..all.clone() }).await, 1);
    let vehicle_id = pair.vehicle.clone();
    assert_eq!(count(ListTripsRequest { vehicle_id, ..all.clone() }).await, 1);
    let driver_id = other.driver.clone();
    assert_eq!(count(ListTripsRequest { driver_id, ..all.clone() }).await, 1);
    let state = TripState::Requested.into();
    assert_eq!(count(ListTripsRequest { state, ..all.clone() }).await, 2);
    let kind = TripKind::Emergency.into();
    assert_eq!(count(ListTripsRequest { kind, ..all.clone() }).await, 1);
    let (from_time, until_time) = (Some(at(12)), Some(at(14)));
    assert_eq!(count(ListTripsRequest { from_time, ..all.clone() }).await, 3);
    assert_eq!(count(ListTripsRequest { until_time, ..all.clone() }).await, 3);
    assert_eq!(count(ListTripsRequest { from_time, until_time, ..all.clone() }).await, 2);
    let wrong = ListTripsRequest {
        page_size: -1,
        vehicle_id: "x".to_owned(),
        driver_id: "x".to_owned(),
        state: 99,
        kind: 99,
        ..all
    };
    let error = garage.trips().list_trips(wrong).await.unwrap_err();
    assert_eq!(faults(&error).len(), 5);
}

async fn trips_come_in_pages(db: TestDb) {
    let garage = Garage::new(&db).await;
    for hour in [9, 13, 11, 11, 10] {
        garage.request(requesting(XILING, hour, hour + 1)).await.unwrap();
    }
    let mut request = ListTripsRequest { page_size: 2, ..Default::default() };
    let mut begun = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let answer = garage.trips().list_trips(request.clone()).await.unwrap().into_inner();
        sizes.push(answer.trips.len());
        begun.extend(answer.trips.into_iter().map(|trip| trip.from_time.unwrap().seconds));
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(begun, [13, 11, 11, 10, 9].map(|hour| at(hour).seconds));
    request.state = TripState::Ordered.into();
    let error = garage.trips().list_trips(request).await.unwrap_err();
    assert_eq!(reason(&error), "PAGE_TOKEN_INVALID");
}

fn wanting(from: i64, until: i64) -> ListFreeVehiclesRequest {
    ListFreeVehiclesRequest {
        from_time: Some(at(from)),
        until_time: Some(at(until)),
        ..Default::default()
    }
}

async fn plates(garage: &Garage, request: ListFreeVehiclesRequest) -> Vec<String> {
    let answer = garage.trips().list_free_vehicles(request).await.unwrap().into_inner();
    answer.vehicles.into_iter().map(|vehicle| vehicle.plate).collect()
}

async fn free_vehicles_are_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let place = Vehicle { parking_place: "东院".to_owned(), ..car(XILING, "鄂E00002") };
    garage.vehicle(Vehicle { seats: 7, ..place }).await;
    garage.vehicle(Vehicle { pool: true, ..car(YILING, "鄂E00003") }).await;
    garage.grant_pool(YILING).await;
    let trip = garage.ordered(&pair, 9, 12).await;
    let free = async |from, until| plates(&garage, wanting(from, until)).await;
    let (two, three) = (["鄂E00002", "鄂E00003"], ["鄂E00001", "鄂E00002", "鄂E00003"]);
    assert_eq!(free(8, 9).await, three);
    assert_eq!(free(12, 14).await, three);
    for (from, until) in [(8, 10), (10, 11), (11, 13), (8, 13), (9, 12)] {
        assert_eq!(free(from, until).await, two, "{from} {until}");
    }
    let with = wanting(8, 9);
    let seats = 6;
    let request = ListFreeVehiclesRequest { seats, ..with.clone() };
    assert_eq!(plates(&garage, request).await, ["鄂E00002"]);
    let parking_place = "东院".to_owned();
    let request = ListFreeVehiclesRequest { parking_place, ..with.clone() };
    assert_eq!(plates(&garage, request).await, ["鄂E00002"]);
    let regions = vec!["420506".to_owned()];
    let request = ListFreeVehiclesRequest { regions, ..with.clone() };
    let answer = garage.trips().list_free_vehicles(request).await.unwrap().into_inner();
    let [found] = answer.vehicles.as_slice() else { panic!("{answer:?}") };
    assert_eq!((found.organization.as_str(), found.pool, found.seats), (YILING, true, 5));
    let organizations = vec![XILING.to_owned()];
    let request = ListFreeVehiclesRequest { organizations, ..with };
    assert_eq!(plates(&garage, request).await, three[..2]);
    // What was imported keeps nothing.
    garage.now(9);
    garage.import(vec![past(&pair, -10, -9)]).await.unwrap();
    assert_eq!(free(-10, -9).await, three);
    // What is out beyond its window is not there.
    let out = garage.depart(departing(&trip, 1)).await.unwrap();
    garage.now(13);
    assert_eq!(free(13, 14).await, two);
    garage.come_back(returning(&out, 2)).await.unwrap();
    assert_eq!(free(13, 14).await, three);
    let error = garage.trips().list_free_vehicles(wanting(9, 9)).await.unwrap_err();
    assert_eq!(reason(&error), "WINDOW_MALFORMED");
    let request = ListFreeVehiclesRequest { seats: 101, ..Default::default() };
    let error = garage.trips().list_free_vehicles(request).await.unwrap_err();
    assert_eq!(faults(&error).len(), 3);
}

async fn free_vehicles_come_in_pages(db: TestDb) {
    let garage = Garage::new(&db).await;
    for number in [3, 1, 5, 2, 4] {
        garage.vehicle(car(XILING, &format!("鄂E0000{number}"))).await;
    }
    let mut request = ListFreeVehiclesRequest { page_size: 2, ..wanting(9, 10) };
    let mut found = Vec::new();
    loop {
        let answer = garage.trips().list_free_vehicles(request.clone()).await.unwrap().into_inner();
        assert!(answer.vehicles.len() <= 2);
        found.extend(answer.vehicles.into_iter().map(|vehicle| vehicle.plate));
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(found, [1, 2, 3, 4, 5].map(|number| format!("鄂E0000{number}")));
}
