//! Trips: a garage with its dispatcher, and what the tests of trips have in common.

mod afterwards;
mod approval;
mod corrections;
mod dispatch;
mod findings;
mod foreign;
mod granted;
mod history;
mod kept;
mod lists;
mod months;
mod moves;
mod orders;
mod papers;
mod pool;
mod races;
mod random;
mod reach;
mod voids;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use prost_types::Timestamp;
use steward_chassis::backend::Backend;
use steward_chassis::service::sweep_once;
use steward_kernel::{Clock, TestClock};
use steward_proto::approval::v1::approval_service_client::ApprovalServiceClient;
use steward_proto::approval::v1::officeholder_service_client::OfficeholderServiceClient;
use steward_proto::approval::v1::{
    CreateOfficeholderRequest, DecideApprovalRequest, Decision, GetApprovalRequest, Officeholder,
    Position, ResubmitApprovalRequest,
};
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{DismissFindingRequest, Finding, ListFindingsRequest};
use steward_proto::fleet::v1::trip_service_client::TripServiceClient;
use steward_proto::fleet::v1::{
    CancelTripRequest, DepartTripRequest, EstablishmentGrant, GetTripRequest, GrantAuthority,
    ImportTripsRequest, MoveTripRequest, OrderTripRequest, RequestTripRequest, ReturnTripRequest,
    SettleTripRequest, StartEmergencyTripRequest, Trip, TripKind, Vehicle, VehicleCategory,
};
use steward_tests::TestDb;
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called, start, test_clock};
use tonic::Status;

use super::driver::{self, Drivers};
use super::establishment::{self, Establishments};
use super::{MIGRATIONS, Vehicles, XILING, YILING, car, request_id};

type Trips = TripServiceClient<Called>;

/// A fleet with its issuer of tokens; it is 2017-06-15, a Thursday, at 8 in the morning. Heads of section
/// approve trips in both organizations.
struct Garage {
    issuer: Issuer,
    clock: Arc<TestClock>,
    backend: Backend,
    db: steward_db::Db,
}

impl Garage {
    async fn new(db: &TestDb) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let started = start(&steward_fleet::SPEC, db, &issuer.runtime(&clock)).await;
        let backend = Backend::Local(started.routes);
        let garage = Self { issuer, clock, backend, db: db.db().clone() };
        for organization in [XILING, YILING] {
            let officeholder = Some(Officeholder {
                subject: "section".to_owned(),
                name: "科长".to_owned(),
                position: Position::Section.into(),
                organization: organization.to_owned(),
                from_date: "2017-01-01".to_owned(),
                ..Officeholder::default()
            });
            let request = CreateOfficeholderRequest {
                request_id: request_id(),
                officeholder,
                ..Default::default()
            };
            let security = garage.caller("security", &["security_admin"], "4205*");
            OfficeholderServiceClient::new(security).create_officeholder(request).await.unwrap();
        }
        garage
    }

    fn caller(&self, subject: &str, roles: &[&str], region: &str) -> Called {
        let token = self.issuer.token(self.clock.now(), subject, &grants(roles, &[region]));
        called(&self.backend, As::bearer(&token))
    }

    /// The dispatcher of the city.
    fn trips(&self) -> Trips {
        Trips::new(self.caller("clerk", &["operator", "viewer"], "4205*"))
    }

    /// Registers a car that may differ; its id.
    async fn vehicle(&self, vehicle: Vehicle) -> String {
        let mut client = Vehicles::new(self.caller("clerk", &["operator"], "4205*"));
        super::create(&mut client, vehicle).await.unwrap().id
    }

    /// Grants an organization vehicles of a category that are a pool, or are none.
    async fn grant(
        &self,
        organization: &str,
        category: VehicleCategory,
        (pool, from): (bool, &str),
    ) -> EstablishmentGrant {
        let authority = match category {
            VehicleCategory::Enforcement | VehicleCategory::Special => GrantAuthority::Finance,
            _ => GrantAuthority::VehicleAuthority,
        };
        let grant = EstablishmentGrant {
            category: category.into(),
            authority: authority.into(),
            pool,
            ..establishment::emergency(organization, 5, from)
        };
        let manager = self.caller("authority", &["manager"], "4205*");
        establishment::grant(&mut Establishments::new(manager), grant).await.unwrap()
    }

    /// Makes what an organization holds for emergencies a pool, as far as it is marked so.
    async fn grant_pool(&self, organization: &str) -> EstablishmentGrant {
        self.grant(organization, VehicleCategory::Emergency, (true, "2017-01-01")).await
    }

    /// Enters a driver; the id.
    async fn driver(&self, organization: &str, name: &str) -> String {
        let mut client = Drivers::new(self.caller("clerk", &["operator"], "4205*"));
        driver::create(&mut client, driver::driver(organization, name)).await.unwrap().id
    }

    /// A car and a driver of XILING.
    async fn pair(&self) -> Pair {
        let vehicle = self.vehicle(car(XILING, "鄂E00001")).await;
        Pair { vehicle, driver: self.driver(XILING, "张三").await }
    }

    async fn request(&self, request: RequestTripRequest) -> Result<Trip, Status> {
        Ok(self.trips().request_trip(request).await?.into_inner().trip.unwrap())
    }

    /// Has the head of section decide of a trip; the trip afterwards.
    async fn decide(&self, trip: &Trip, decision: Decision) -> Trip {
        let section = self.caller("section", &["operator", "viewer"], "4205*");
        let mut client = ApprovalServiceClient::new(section);
        let request = GetApprovalRequest { id: trip.approval_id.clone() };
        let approval = client.get_approval(request).await.unwrap().into_inner().approval.unwrap();
        let request = DecideApprovalRequest {
            request_id: request_id(),
            id: approval.id,
            etag: approval.etag,
            decision: decision.into(),
            opinion: "意见".to_owned(),
            ..Default::default()
        };
        client.decide_approval(request).await.unwrap();
        self.get(&trip.id).await
    }

    /// Submits a returned trip again.
    async fn resubmit(&self, trip: &Trip) {
        let mut client = ApprovalServiceClient::new(self.caller("clerk", &["operator"], "4205*"));
        let viewer = self.caller("viewer", &["viewer"], "4205*");
        let request = GetApprovalRequest { id: trip.approval_id.clone() };
        let answer = ApprovalServiceClient::new(viewer).get_approval(request).await.unwrap();
        let approval = answer.into_inner().approval.unwrap();
        let request = ResubmitApprovalRequest {
            request_id: request_id(),
            id: approval.id,
            etag: approval.etag,
            ..Default::default()
        };
        client.resubmit_approval(request).await.unwrap();
    }

    /// An approved trip of XILING.
    async fn approved(&self, from: i64, until: i64) -> Trip {
        let trip = self.request(requesting(XILING, from, until)).await.unwrap();
        self.decide(&trip, Decision::Approve).await
    }

    /// An ordered trip of XILING.
    async fn ordered(&self, pair: &Pair, from: i64, until: i64) -> Trip {
        let trip = self.approved(from, until).await;
        self.order(&trip, pair).await.unwrap()
    }

    async fn order(&self, trip: &Trip, pair: &Pair) -> Result<Trip, Status> {
        Ok(self.trips().order_trip(ordering(trip, pair)).await?.into_inner().trip.unwrap())
    }

    async fn shift(&self, request: MoveTripRequest) -> Result<Trip, Status> {
        Ok(self.trips().move_trip(request).await?.into_inner().trip.unwrap())
    }

    async fn depart(&self, request: DepartTripRequest) -> Result<Trip, Status> {
        Ok(self.trips().depart_trip(request).await?.into_inner().trip.unwrap())
    }

    async fn come_back(&self, request: ReturnTripRequest) -> Result<Trip, Status> {
        Ok(self.trips().return_trip(request).await?.into_inner().trip.unwrap())
    }

    async fn settle(&self, trip: &Trip) -> Result<Trip, Status> {
        let request = SettleTripRequest {
            request_id: request_id(),
            id: trip.id.clone(),
            etag: trip.etag.clone(),
            note: "过路费已报".to_owned(),
            ..Default::default()
        };
        Ok(self.trips().settle_trip(request).await?.into_inner().trip.unwrap())
    }

    async fn cancel(&self, trip: &Trip) -> Result<Trip, Status> {
        Ok(self.trips().cancel_trip(cancelling(trip)).await?.into_inner().trip.unwrap())
    }

    async fn emergency(&self, request: StartEmergencyTripRequest) -> Result<Trip, Status> {
        Ok(self.trips().start_emergency_trip(request).await?.into_inner().trip.unwrap())
    }

    async fn import(&self, trips: Vec<Trip>) -> Result<Vec<Trip>, Status> {
        let request = ImportTripsRequest { request_id: request_id(), trips, ..Default::default() };
        Ok(self.trips().import_trips(request).await?.into_inner().trips)
    }

    async fn get(&self, id: &str) -> Trip {
        let request = GetTripRequest { id: id.to_owned() };
        self.trips().get_trip(request).await.unwrap().into_inner().trip.unwrap()
    }

    /// The findings of a rule.
    async fn findings(&self, code: &str) -> Vec<Finding> {
        let viewer = self.caller("viewer", &["viewer"], "4205*");
        let request = ListFindingsRequest { code: code.to_owned(), ..Default::default() };
        let answer = FindingServiceClient::new(viewer).list_findings(request).await.unwrap();
        answer.into_inner().findings
    }

    /// Judges a finding not to be one.
    async fn dismiss(&self, finding: &Finding) {
        let request = DismissFindingRequest {
            request_id: request_id(),
            id: finding.id.clone(),
            etag: finding.etag.clone(),
            text: "情况属实,不作违规处理".to_owned(),
            ..Default::default()
        };
        let manager = self.caller("manager", &["manager"], "4205*");
        FindingServiceClient::new(manager).dismiss_finding(request).await.unwrap();
    }

    /// Looks what time has made of it.
    async fn sweep(&self) {
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
        sweep_once(&steward_fleet::SPEC, &self.db, &clock).await.unwrap();
    }

    /// It is this hour, counted from the midnight before the 15th.
    fn now(&self, hour: i64) {
        self.clock.set(instant(hour));
    }
}

/// A car and a driver.
#[derive(Debug, Clone)]
struct Pair {
    vehicle: String,
    driver: String,
}

/// An hour at the bureau, counted from the midnight before 2017-06-15.
fn instant(hour: i64) -> DateTime<Utc> {
    "2017-06-14T16:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
}

fn at(hour: i64) -> Timestamp {
    Timestamp { seconds: instant(hour).timestamp(), nanos: 0 }
}

/// Asks for a trip.
fn requesting(organization: &str, from: i64, until: i64) -> RequestTripRequest {
    RequestTripRequest {
        request_id: request_id(),
        organization: organization.to_owned(),
        purpose: "调研".to_owned(),
        destination: "兴山".to_owned(),
        pick_up: "东门".to_owned(),
        passengers: 3,
        from_time: Some(at(from)),
        until_time: Some(at(until)),
        ..Default::default()
    }
}

fn ordering(trip: &Trip, pair: &Pair) -> OrderTripRequest {
    OrderTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        vehicle_id: pair.vehicle.clone(),
        driver_id: pair.driver.clone(),
        dispatch_no: "派-1".to_owned(),
        ..Default::default()
    }
}

fn moving(trip: &Trip) -> MoveTripRequest {
    MoveTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        ..Default::default()
    }
}

fn departing(trip: &Trip, odometer_m: i64) -> DepartTripRequest {
    DepartTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        odometer_m,
        ..Default::default()
    }
}

fn returning(trip: &Trip, odometer_m: i64) -> ReturnTripRequest {
    ReturnTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        odometer_m,
        ..Default::default()
    }
}

fn cancelling(trip: &Trip) -> CancelTripRequest {
    CancelTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        reason: "会议取消".to_owned(),
        ..Default::default()
    }
}

/// Asks to send a pair out now until an hour.
fn rushing(pair: &Pair, until: i64) -> StartEmergencyTripRequest {
    StartEmergencyTripRequest {
        request_id: request_id(),
        organization: XILING.to_owned(),
        purpose: "防汛抢险".to_owned(),
        destination: "葛洲坝".to_owned(),
        until_time: Some(at(until)),
        vehicle_id: pair.vehicle.clone(),
        driver_id: pair.driver.clone(),
        odometer_m: 50_000,
        ..Default::default()
    }
}

/// A trip of before.
fn past(pair: &Pair, from: i64, until: i64) -> Trip {
    Trip {
        organization: XILING.to_owned(),
        kind: TripKind::Ordinary.into(),
        purpose: "调研".to_owned(),
        destination: "兴山".to_owned(),
        vehicle_id: pair.vehicle.clone(),
        driver_id: pair.driver.clone(),
        depart_time: Some(at(from)),
        return_time: Some(at(until)),
        ..Trip::default()
    }
}
