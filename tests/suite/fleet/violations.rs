//! Every violation that a rule names is found once where it happens.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::Timestamp;
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::rule_service_client::RuleServiceClient;
use steward_proto::finding::v1::{Finding, ListFindingsRequest, ListRulesRequest};
use steward_proto::fleet::v1::driver_service_client::DriverServiceClient;
use steward_proto::fleet::v1::{
    Card, CompleteDisposalRequest, CreateVehicleRequest, DepartTripRequest, ExpenseKind,
    GuaranteeMode, ImportStatementRequest, ImportTripsRequest, LineKind, NewExpense, Norm,
    OrderTripRequest, RequestTripRequest, ReturnTripRequest, SetNormRequest,
    StartEmergencyTripRequest, StatementLine, Trip, Vehicle, VehicleBody, VehicleCategory,
    VehicleSource,
};
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest};
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use tonic::Status;

use super::office::Office;
use super::running::{Clients, at, fill, recording, slip, trip};
use super::{MIGRATIONS, XILING, YILING, car, creating, disposal, driver, request_id};

both!(MIGRATIONS, every_violation_is_found_once);

/// The day on which most of it happens, a Thursday.
const TODAY: &str = "2018-03-15";

fn someone(office: &Office) -> As {
    office.caller("clerk", &["viewer", "operator", "manager"], &["4205*"])
}

/// A vehicle that came by no request.
async fn loaded(office: &Office, vehicle: Vehicle) -> Vehicle {
    let acquired_on = "2018-01-10".to_owned();
    let vehicle = Vehicle { acquired_on, ..vehicle };
    let request = CreateVehicleRequest { accept_warnings: true, ..creating(vehicle) };
    office.vehicles().create_vehicle(request).await.unwrap().into_inner().vehicle.unwrap()
}

/// What is wrong with vehicles: one that is everything that it may not be, one off the roads, and one of a
/// category that is no more.
async fn wrong_vehicles(office: &Office) -> (Vehicle, Vehicle) {
    let wrong = Vehicle {
        price_fen: 18_000_001,
        displacement_ml: 1_801,
        domestic: Some(false),
        registered_owner: "某公司".to_owned(),
        luxury_fitout: "真皮座椅".to_owned(),
        source: VehicleSource::Borrowed.into(),
        inspection_due_on: "2018-02-01".to_owned(),
        insured_until: "2018-02-01".to_owned(),
        fixed_to: "张三".to_owned(),
        guarantee_mode: GuaranteeMode::Subsidy.into(),
        tank_ml: 50_000,
        ..car(XILING, "鄂E00001")
    };
    let wrong = loaded(office, wrong).await;
    let kept = Vehicle {
        category: VehicleCategory::Enforcement.into(),
        body: VehicleBody::OffRoad.into(),
        fixed_to: "李四".to_owned(),
        ..car(XILING, "鄂E00002")
    };
    let kept = loaded(office, kept).await;
    let general = VehicleCategory::General.into();
    loaded(office, Vehicle { category: general, ..car(XILING, "鄂E00003") }).await;
    (wrong, kept)
}

/// What is wrong with slips, cards and norms.
async fn wrong_costs(clients: &mut Clients, vehicle: &Vehicle, other: &Vehicle) {
    let card = clients.carded(other, "1").await;
    let limited = Card { stations: vec!["甲站".to_owned()], ..card };
    clients.update_card(&limited, &["stations"], "2017-01-01").await.unwrap();
    let norm = Norm {
        vehicle_id: vehicle.id.clone(),
        fiscal_year: 2018,
        amount_fen: Some(1),
        fuel_ml_per_100km: Some(1),
        ..Norm::default()
    };
    let request =
        SetNormRequest { request_id: request_id(), norm: Some(norm), ..SetNormRequest::default() };
    clients.norms.set_norm(request).await.unwrap();
    clients.read(vehicle, "2018-02-01 09:00", 1_000).await.unwrap();
    let filled = NewExpense {
        card_no: "1".to_owned(),
        station: "乙站".to_owned(),
        ..fill(vehicle, "2018-02-05 09:00", 30_001, 90_000, 1_100, "F-1")
    };
    clients.expenses.record_expenses(recording(vec![filled])).await.unwrap();
    clients.read(vehicle, "2018-02-06 09:00", 900).await.unwrap();
    let top_up = StatementLine {
        card_no: "1".to_owned(),
        kind: LineKind::TopUp.into(),
        line_time: Some(at("2018-02-05 10:00")),
        amount_fen: 300_001,
        document_no: "T-1".to_owned(),
        ..StatementLine::default()
    };
    let request = ImportStatementRequest {
        request_id: request_id(),
        lines: vec![top_up],
        ..ImportStatementRequest::default()
    };
    clients.statements.import_statement(request).await.unwrap();
}

/// A vehicle that is sold for little; and what was booked for that, for others' and for none.
async fn wrong_bookings(office: &Office, clients: &mut Clients, vehicle: &Vehicle) {
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(YILING, "鄂E00009") };
    let old = super::create(&mut office.vehicles(), old).await.unwrap();
    let asked = disposal::ask(office, disposal::asking(&old.id)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let request = CompleteDisposalRequest {
        disposed_on: TODAY.to_owned(),
        proceeds_fen: 100,
        ..disposal::completing(&disposal::read(office, &asked.id).await)
    };
    office.disposals().complete_disposal(request).await.unwrap();
    office.clock.set("2018-03-16T00:00:00Z".parse().unwrap());
    *clients = Clients::of(&office.backend, &someone(office));
    let entry = |organization: &str, source: &str, no: &str| NewEntry {
        organization: organization.to_owned(),
        category: "vehicle_repair".to_owned(),
        occurred_on: "2018-03-16".to_owned(),
        amount_fen: 100,
        document_no: no.to_owned(),
        source_resource: source.to_owned(),
        ..NewEntry::default()
    };
    let entries = vec![
        entry(XILING, &format!("vehicles/{}", request_id()), "1"),
        entry(YILING, &format!("vehicles/{}", vehicle.id), "2"),
        entry(YILING, &format!("vehicles/{}", old.id), "3"),
        entry(YILING, "", "4"),
    ];
    let request =
        PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() };
    clients.ledger.post_entries(request).await.unwrap();
}

/// Trips of before: on a Saturday, two at once, one after a gap, and those of another organization.
async fn wrong_trips(clients: &mut Clients, own: &Vehicle, kept: &Vehicle) {
    let day = |day: u32| [format!("2018-03-{day:02} 09:00"), format!("2018-03-{day:02} 11:00")];
    let of = |vehicle: &Vehicle, on: u32, read: [i64; 2]| {
        let [from, until] = day(on);
        trip(vehicle, [&from, &until], read)
    };
    let of_yiling = |trip: Trip| Trip { organization: YILING.to_owned(), ..trip };
    let trips = vec![
        of(own, 5, [2_000, 2_100]),
        of(own, 6, [2_900, 3_000]),
        trip(own, ["2018-03-06 10:00", "2018-03-06 12:00"], [3_000, 3_000]),
        of(own, 10, [3_000, 3_100]),
        of_yiling(of(kept, 7, [100, 200])),
    ];
    let request = ImportTripsRequest {
        request_id: request_id(),
        trips,
        accept_warnings: true,
        ..ImportTripsRequest::default()
    };
    clients.trips.import_trips(request).await.unwrap();
}

/// Trips of today: one that returns late, one that does not return, and an emergency that nobody approves.
async fn late_trips(office: &Office, clients: &mut Clients) {
    let plates = ["鄂E00011", "鄂E00012", "鄂E00013"];
    let mut pairs = Vec::new();
    for plate in plates {
        let vehicle = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(YILING, plate) };
        let vehicle = super::create(&mut office.vehicles(), vehicle).await.unwrap().id;
        let mut drivers = DriverServiceClient::new(called(&office.backend, someone(office)));
        let driver = driver::create(&mut drivers, driver::driver(YILING, plate)).await.unwrap().id;
        pairs.push((vehicle, driver));
    }
    let until =
        |hours: i64| Timestamp { seconds: at("2018-03-16 09:00").seconds + hours * 3600, nanos: 0 };
    office.clock.set("2018-03-16T01:00:00Z".parse().unwrap());
    *clients = Clients::of(&office.backend, &someone(office));
    let mut out = Vec::new();
    for pair in &pairs[..2] {
        out.push(sent_out(office, clients, pair, (until(0), until(1))).await);
    }
    let request = StartEmergencyTripRequest {
        request_id: request_id(),
        organization: YILING.to_owned(),
        purpose: "防汛抢险".to_owned(),
        destination: "葛洲坝".to_owned(),
        until_time: Some(until(1)),
        vehicle_id: pairs[2].0.clone(),
        driver_id: pairs[2].1.clone(),
        odometer_m: 50_000,
        ..StartEmergencyTripRequest::default()
    };
    clients.trips.start_emergency_trip(request).await.unwrap();
    office.clock.set("2018-03-16T06:00:00Z".parse().unwrap());
    *clients = Clients::of(&office.backend, &someone(office));
    let request = ReturnTripRequest {
        request_id: request_id(),
        id: out[0].id.clone(),
        etag: out[0].etag.clone(),
        odometer_m: 90_000,
        ..ReturnTripRequest::default()
    };
    clients.trips.return_trip(request).await.unwrap();
}

/// A trip that was asked for, approved and ordered, and departed.
async fn sent_out(
    office: &Office,
    clients: &mut Clients,
    (vehicle_id, driver_id): &(String, String),
    (from, until): (Timestamp, Timestamp),
) -> Trip {
    let request = RequestTripRequest {
        request_id: request_id(),
        organization: YILING.to_owned(),
        purpose: "调研".to_owned(),
        destination: "兴山".to_owned(),
        pick_up: "东门".to_owned(),
        passengers: 1,
        from_time: Some(from),
        until_time: Some(until),
        ..RequestTripRequest::default()
    };
    let asked = clients.trips.request_trip(request).await.unwrap().into_inner().trip.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let request = OrderTripRequest {
        request_id: request_id(),
        etag: current(clients, &asked.id).await.etag,
        id: asked.id,
        vehicle_id: vehicle_id.clone(),
        driver_id: driver_id.clone(),
        dispatch_no: "派-1".to_owned(),
        ..OrderTripRequest::default()
    };
    let ordered = clients.trips.order_trip(request).await.unwrap().into_inner().trip.unwrap();
    let request = DepartTripRequest {
        request_id: request_id(),
        id: ordered.id,
        etag: ordered.etag,
        odometer_m: 1_000,
        ..DepartTripRequest::default()
    };
    clients.trips.depart_trip(request).await.unwrap().into_inner().trip.unwrap()
}

async fn current(clients: &mut Clients, id: &str) -> Trip {
    let request = steward_proto::fleet::v1::GetTripRequest { id: id.to_owned() };
    clients.trips.get_trip(request).await.unwrap().into_inner().trip.unwrap()
}

/// What the rules in force name a violation: codes with it.
async fn violations(office: &Office) -> Result<BTreeMap<String, String>, Status> {
    let mut client = RuleServiceClient::<Called>::new(called(&office.backend, someone(office)));
    let request = ListRulesRequest {
        page_size: 1_000,
        on_date: TODAY.to_owned(),
        ..ListRulesRequest::default()
    };
    let rules = client.list_rules(request).await?.into_inner().rules;
    let named = rules.into_iter().filter(|rule| !rule.violation.is_empty());
    Ok(named.map(|rule| (rule.code, rule.violation)).collect())
}

async fn found(office: &Office) -> Vec<Finding> {
    let mut client = FindingServiceClient::new(called(&office.backend, someone(office)));
    let request = ListFindingsRequest { page_size: 1_000, ..ListFindingsRequest::default() };
    client.list_findings(request).await.unwrap().into_inner().findings
}

async fn every_violation_is_found_once(db: TestDb) {
    let office = Office::open(&db).await;
    office.clock.set("2018-03-15T00:00:00Z".parse().unwrap());
    office.grant(XILING, 0, "2018-01-01").await;
    let (wrong, kept) = wrong_vehicles(&office).await;
    let mut clients = Clients::of(&office.backend, &someone(&office));
    wrong_costs(&mut clients, &wrong, &kept).await;
    wrong_trips(&mut clients, &wrong, &kept).await;
    wrong_bookings(&office, &mut clients, &wrong).await;
    let slip = slip(&wrong, ExpenseKind::Repair, "2018-03-15", 100, "R-1");
    clients.recorded(vec![slip]).await;
    late_trips(&office, &mut clients).await;
    office.clock.set("2018-03-30T01:00:00Z".parse().unwrap());
    office.sweep(&db).await;
    let now = found(&office).await;
    let codes: BTreeMap<_, _> =
        now.iter().map(|it| (it.code.clone(), it.violation.clone())).collect();
    let all = violations(&office).await.unwrap();
    assert!(all.len() >= 35, "{all:#?}");
    for (code, violation) in &all {
        assert_eq!(codes.get(code), Some(violation), "{code} is not found");
    }
    let once: BTreeSet<_> = now.iter().map(|it| (&it.code, &it.resource, &it.occasion)).collect();
    assert_eq!(once.len(), now.len(), "each is found once");
    office.sweep(&db).await;
    assert_eq!(found(&office).await, now, "and once again looked at it is the same");
}
