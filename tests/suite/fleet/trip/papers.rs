//! Vehicles whose inspection or insurance lapses before a trip is over.

use steward_proto::approval::v1::Decision;
use steward_proto::fleet::v1::{
    DepartTripRequest, ListFreeVehiclesRequest, MoveTripRequest, OrderTripRequest,
    RequestTripRequest, Trip, TripState, Vehicle,
};
use steward_tests::{TestDb, both};
use tonic::Status;

use super::super::{faults, get, update};
use super::{
    Garage, MIGRATIONS, Pair, Vehicles, XILING, at, car, departing, moving, ordering, past,
    requesting, rushing,
};

both!(
    MIGRATIONS,
    who_orders_is_warned,
    who_moves_and_departs_is_warned,
    an_emergency_is_not_held_up,
    free_vehicles_tell_their_days,
);

const INSPECTION: &str = "INSPECTION_LAPSES";
const INSURANCE: &str = "INSURANCE_LAPSES";

impl Garage {
    /// A car that is inspected until Friday, the 16th of June 2017, and insured on the 18th for the last day.
    async fn lapsing(&self) -> Pair {
        let vehicle = Vehicle {
            inspection_due_on: "2017-06-16".to_owned(),
            insured_until: "2017-06-19".to_owned(),
            ..car(XILING, "鄂E00001")
        };
        let vehicle = self.vehicle(vehicle).await;
        Pair { vehicle, driver: self.driver(XILING, "张三").await }
    }

    /// An approved trip, also at the weekend.
    async fn wanted(&self, from: i64, until: i64) -> Trip {
        let holiday_reason = "防汛值班".to_owned();
        let request = RequestTripRequest { holiday_reason, ..requesting(XILING, from, until) };
        let trip = self.request(request).await.unwrap();
        self.decide(&trip, Decision::Approve).await
    }
}

/// What the caller is warned of.
fn warned(error: &Status) -> Vec<String> {
    assert_eq!(error.code(), tonic::Code::InvalidArgument, "{error:?}");
    let told = faults(error).into_iter();
    told.map(|(field, reason)| {
        assert_eq!(field, "vehicle_id");
        reason
    })
    .collect()
}

async fn who_orders_is_warned(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.lapsing().await;
    // Its last day is the 16th, and the 19th begins at hour 96.
    let (friday, weekend, monday) = (24, 48, 96);
    garage.order(&garage.wanted(friday + 9, friday + 12).await, &pair).await.unwrap();
    for (from, until, want) in [
        (friday + 20, weekend + 1, vec![INSPECTION]),
        (weekend + 9, monday, vec![INSPECTION]),
        (weekend + 9, monday + 1, vec![INSPECTION, INSURANCE]),
        (monday + 9, monday + 12, vec![INSPECTION, INSURANCE]),
    ] {
        let trip = garage.wanted(from, until).await;
        let request = ordering(&trip, &pair);
        let error = garage.trips().order_trip(request.clone()).await.unwrap_err();
        assert_eq!(warned(&error), want, "{from} {until}");
        let accepted = OrderTripRequest { accept_warnings: true, ..request };
        let ordered = garage.trips().order_trip(accepted).await.unwrap().into_inner().trip.unwrap();
        assert_eq!(ordered.state(), TripState::Ordered);
        garage.cancel(&ordered).await.unwrap();
    }
    // What is not known is no warning.
    let vehicle = garage.vehicle(car(XILING, "鄂E00002")).await;
    let trip = garage.wanted(monday + 9, monday + 12).await;
    garage.order(&trip, &Pair { vehicle, ..pair }).await.unwrap();
}

async fn who_moves_and_departs_is_warned(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.lapsing().await;
    let ordered = garage.order(&garage.wanted(24 + 9, 24 + 12).await, &pair).await.unwrap();
    let later = MoveTripRequest {
        from_time: Some(at(96 + 9)),
        until_time: Some(at(96 + 12)),
        ..moving(&ordered)
    };
    let error = garage.shift(later.clone()).await.unwrap_err();
    assert_eq!(warned(&error), [INSPECTION, INSURANCE]);
    let moved = garage.shift(MoveTripRequest { accept_warnings: true, ..later }).await.unwrap();
    let moved = garage.decide(&moved, Decision::Approve).await;
    garage.now(96 + 9);
    let error = garage.depart(departing(&moved, 50_000)).await.unwrap_err();
    assert_eq!(warned(&error), [INSPECTION, INSURANCE]);
    // Insured anew, it is inspected no less late.
    let mut vehicles = Vehicles::new(garage.caller("clerk", &["operator", "viewer"], "4205*"));
    let mut vehicle = get(&mut vehicles, &pair.vehicle).await.unwrap();
    vehicle.insured_until = "2018-06-19".to_owned();
    update(&mut vehicles, &vehicle, &["insured_until"]).await.unwrap();
    let request = departing(&moved, 50_000);
    let error = garage.depart(request.clone()).await.unwrap_err();
    assert_eq!(warned(&error), [INSPECTION]);
    let accepted = DepartTripRequest { accept_warnings: true, ..request };
    let out = garage.depart(accepted).await.unwrap();
    let longer = MoveTripRequest { until_time: Some(at(96 + 14)), ..moving(&out) };
    let error = garage.shift(longer.clone()).await.unwrap_err();
    assert_eq!(warned(&error), [INSPECTION]);
    garage.shift(MoveTripRequest { accept_warnings: true, ..longer }).await.unwrap();
}

async fn an_emergency_is_not_held_up(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.lapsing().await;
    garage.now(96 + 9);
    let out = garage.emergency(rushing(&pair, 96 + 12)).await.unwrap();
    garage.shift(MoveTripRequest { until_time: Some(at(96 + 14)), ..moving(&out) }).await.unwrap();
    garage.import(vec![past(&pair, 96 + 7, 96 + 8)]).await.unwrap();
}

async fn free_vehicles_tell_their_days(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.lapsing().await;
    garage.vehicle(car(XILING, "鄂E00002")).await;
    for (until, lapse) in
        [(48, (false, false)), (49, (true, false)), (96, (true, false)), (97, (true, true))]
    {
        let wanting = ListFreeVehiclesRequest {
            from_time: Some(at(24 + 9)),
            until_time: Some(at(until)),
            ..Default::default()
        };
        let free = garage.trips().list_free_vehicles(wanting).await.unwrap().into_inner().vehicles;
        let [first, second] = free.as_slice() else { panic!("{free:?}") };
        assert_eq!(first.vehicle_id, pair.vehicle);
        let days = (first.inspection_due_on.as_str(), first.insured_until.as_str());
        assert_eq!(days, ("2017-06-16", "2017-06-19"));
        assert_eq!((first.inspection_lapses, first.insurance_lapses), lapse, "{until}");
        assert_eq!((second.inspection_due_on.as_str(), second.insured_until.as_str()), ("", ""));
        assert!(!second.inspection_lapses && !second.insurance_lapses);
    }
}
