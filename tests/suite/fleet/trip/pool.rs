//! Vehicles of a pool, between who holds them and who uses them, each with grants on his own organization
//! alone.

use serde_json::json;
use steward_kernel::Clock as _;
use steward_proto::approval::v1::officeholder_service_client::OfficeholderServiceClient;
use steward_proto::approval::v1::{CreateOfficeholderRequest, Decision, Officeholder, Position};
use steward_proto::fleet::v1::{
    CreateDriverRequest, GetTripRequest, ListFreeVehiclesRequest, ListTripsRequest,
    MoveTripRequest, RequestTripRequest, Trip, TripState, Vehicle,
};
use steward_tests::service::{As, called};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::reason;
use super::{
    Garage, MIGRATIONS, Pair, Trips, XILING, YILING, at, cancelling, car, departing, driver,
    moving, ordering, request_id, requesting, returning,
};

both!(
    MIGRATIONS,
    who_uses_a_pool_drives_with_it,
    who_holds_a_pool_gives_from_it,
    a_trip_with_a_pool_moves_by_its_requester,
    a_trip_that_is_out_is_brought_back_by_the_holder,
    nobody_gives_what_is_not_to_be_shared,
);

/// An organization in the region of YILING, which holds the pool.
pub(super) const NEIGHBOUR: &str = "11420506A00000020M";

pub(super) struct Pool {
    pub(super) garage: Garage,
    /// A vehicle of the pool with a driver of its holder.
    pub(super) shared: Pair,
    /// A vehicle of the holder that is his alone.
    private: Pair,
    /// A driver of the neighbour.
    pub(super) own: String,
}

impl Pool {
    pub(super) async fn new(db: &TestDb) -> Self {
        let garage = Garage::new(db).await;
        let request = CreateOfficeholderRequest {
            request_id: request_id(),
            officeholder: Some(Officeholder {
                subject: "section".to_owned(),
                name: "科长".to_owned(),
                position: Position::Section.into(),
                organization: NEIGHBOUR.to_owned(),
                from_date: "2017-01-01".to_owned(),
                ..Officeholder::default()
            }),
            accept_warnings: true,
            ..Default::default()
        };
        let security = garage.caller("security", &["security_admin"], "4205*");
        OfficeholderServiceClient::new(security).create_officeholder(request).await.unwrap();
        garage.grant_pool(YILING).await;
        let shared = Vehicle { pool: true, ..car(YILING, "鄂E00009") };
        let holders = garage.driver(YILING, "李四").await;
        let shared = Pair { vehicle: garage.vehicle(shared).await, driver: holders.clone() };
        let private = garage.vehicle(car(YILING, "鄂E00008")).await;
        let private = Pair { vehicle: private, driver: holders };
        let mut drivers = driver::Drivers::new(garage.caller("clerk", &["operator"], "4205*"));
        let own = driver::creating(driver::driver(NEIGHBOUR, "王五"));
        let own = CreateDriverRequest { accept_warnings: true, ..own };
        let own = drivers.create_driver(own).await.unwrap().into_inner().driver.unwrap().id;
        Self { garage, shared, private, own }
    }

    /// Somebody who may write and read for one organization, and for nothing else.
    pub(super) fn of(&self, organization: &str) -> Trips {
        let grant =
            |role| json!({"role": role, "domain": "fleet", "organizations": [organization]});
        let grants = json!([grant("operator"), grant("viewer")]);
        let now = self.garage.clock.now();
        let token = self.garage.issuer.token(now, &format!("clerk of {organization}"), &grants);
        Trips::new(called(&self.garage.backend, As::bearer(&token)))
    }

    pub(super) fn user(&self) -> Trips {
        self.of(NEIGHBOUR)
    }

    pub(super) fn holder(&self) -> Trips {
        self.of(YILING)
    }

    /// The neighbour's trip, approved.
    pub(super) async fn approved(&self, from: i64, until: i64) -> Trip {
        let asking = requesting(NEIGHBOUR, from, until);
        let asking = RequestTripRequest { accept_warnings: true, ..asking };
        let trip = self.user().request_trip(asking).await.unwrap().into_inner().trip.unwrap();
        self.garage.decide(&trip, Decision::Approve).await
    }

    /// With what the neighbour's clerk drives in the pool's vehicle.
    pub(super) fn pair(&self) -> Pair {
        Pair { driver: self.own.clone(), ..self.shared.clone() }
    }

    async fn out(&self) -> Trip {
        let trip = self.approved(9, 12).await;
        let mut user = self.user();
        let ordered = user.order_trip(ordering(&trip, &self.pair())).await.unwrap().into_inner();
        self.garage.now(9);
        let departing = departing(&ordered.trip.unwrap(), 50_000);
        self.user().depart_trip(departing).await.unwrap().into_inner().trip.unwrap()
    }
}

async fn who_uses_a_pool_drives_with_it(db: TestDb) {
    let pool = Pool::new(&db).await;
    let wanting = ListFreeVehiclesRequest {
        from_time: Some(at(9)),
        until_time: Some(at(12)),
        ..Default::default()
    };
    let free = pool.user().list_free_vehicles(wanting.clone()).await.unwrap().into_inner();
    let plates: Vec<_> = free.vehicles.iter().map(|it| it.plate.as_str()).collect();
    assert_eq!(plates, ["鄂E00009"], "what serves him, and nothing else of the holder");
    let away = pool.of(XILING).list_free_vehicles(wanting).await.unwrap().into_inner();
    assert_eq!(away.vehicles, [], "of another region");
    let out = pool.out().await;
    assert_eq!((out.state(), out.holder.as_str()), (TripState::Departed, YILING));
    pool.garage.now(11);
    let back = pool.user().return_trip(returning(&out, 90_000)).await.unwrap().into_inner();
    assert_eq!(back.trip.unwrap().state(), TripState::Returned);
}

async fn who_holds_a_pool_gives_from_it(db: TestDb) {
    let pool = Pool::new(&db).await;
    let pending = requesting(NEIGHBOUR, 14, 15);
    let pending = RequestTripRequest { accept_warnings: true, ..pending };
    pool.user().request_trip(pending).await.unwrap();
    let trip = pool.approved(9, 12).await;
    // What waits for a vehicle is shown to him, and nothing else of the neighbour.
    let listed = pool.holder().list_trips(ListTripsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().trips, std::slice::from_ref(&trip));
    let away = pool.of(XILING).get_trip(GetTripRequest { id: trip.id.clone() }).await;
    assert_eq!(away.unwrap_err().code(), Code::NotFound);
    let error = pool.holder().cancel_trip(cancelling(&trip)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED", "it is not his trip");
    let mut holder = pool.holder();
    let ordered = holder.order_trip(ordering(&trip, &pool.shared)).await.unwrap().into_inner();
    let ordered = ordered.trip.unwrap();
    pool.garage.now(9);
    let mut holder = pool.holder();
    let out = holder.depart_trip(departing(&ordered, 50_000)).await.unwrap().into_inner();
    pool.garage.now(11);
    let back = returning(&out.trip.unwrap(), 90_000);
    let back = pool.holder().return_trip(back).await.unwrap().into_inner().trip.unwrap();
    assert_eq!(back.distance_m, 40_000);
    assert_eq!(pool.garage.get(&back.id).await, back);
}

async fn a_trip_with_a_pool_moves_by_its_requester(db: TestDb) {
    let pool = Pool::new(&db).await;
    let trip = pool.approved(9, 12).await;
    // The driver is the holder's too.
    let mut holder = pool.holder();
    let ordered = holder.order_trip(ordering(&trip, &pool.shared)).await.unwrap().into_inner();
    let ordered = ordered.trip.unwrap();
    let later =
        MoveTripRequest { until_time: Some(at(14)), accept_warnings: true, ..moving(&ordered) };
    let theirs = MoveTripRequest { request_id: request_id(), ..later.clone() };
    let error = pool.holder().move_trip(theirs).await.unwrap_err();
    assert_eq!(reason(&error), "NOT_REQUESTER");
    let moved = pool.user().move_trip(later).await.unwrap().into_inner().trip.unwrap();
    assert_eq!((moved.state(), &moved.vehicle_id), (TripState::Requested, &pool.shared.vehicle));
    let approved = pool.garage.decide(&moved, Decision::Approve).await;
    assert_eq!(approved.state(), TripState::Ordered);
    // Within what was approved the holder may.
    let sooner = MoveTripRequest { until_time: Some(at(13)), ..moving(&approved) };
    let sooner = pool.holder().move_trip(sooner).await.unwrap().into_inner().trip.unwrap();
    assert_eq!((sooner.state(), sooner.until_time), (TripState::Ordered, Some(at(13))));
    pool.garage.now(9);
    pool.user().depart_trip(departing(&sooner, 50_000)).await.unwrap();
}

async fn a_trip_that_is_out_is_brought_back_by_the_holder(db: TestDb) {
    let pool = Pool::new(&db).await;
    let out = pool.out().await;
    pool.garage.now(14);
    let error = pool.of(XILING).return_trip(returning(&out, 90_000)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    pool.holder().return_trip(returning(&out, 90_000)).await.unwrap();
    // The vehicle is his again.
    let own = requesting(YILING, 15, 16);
    let own = RequestTripRequest { accept_warnings: true, ..own };
    let own = pool.holder().request_trip(own).await.unwrap().into_inner().trip.unwrap();
    let own = pool.garage.decide(&own, Decision::Approve).await;
    let ordered = pool.holder().order_trip(ordering(&own, &pool.shared)).await.unwrap();
    pool.garage.now(15);
    let departing = departing(&ordered.into_inner().trip.unwrap(), 91_000);
    pool.holder().depart_trip(departing).await.unwrap();
}

async fn nobody_gives_what_is_not_to_be_shared(db: TestDb) {
    let pool = Pool::new(&db).await;
    let trip = pool.approved(9, 12).await;
    let taken = ordering(&trip, &Pair { driver: pool.own.clone(), ..pool.private.clone() });
    let error = pool.user().order_trip(taken).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound, "he does not know of it");
    let given = ordering(&trip, &pool.private);
    let error = pool.holder().order_trip(given).await.unwrap_err();
    assert_eq!(reason(&error), "VEHICLE_FOREIGN", "lending is not what a pool is for");
    let error = pool.of(XILING).order_trip(ordering(&trip, &pool.shared)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}
