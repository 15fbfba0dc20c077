use serde_json::json;
use steward_proto::finding::v1::{Finding, FindingState, ListFindingsRequest};
use steward_proto::fleet::v1::{
    CreateVehicleRequest, ExpenseKind, ListNormsRequest, Norm, SetNormRequest, Vehicle, VehicleBody,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::office::Office;
use super::running::{Clients, fill, slip};
use super::{
    MIGRATIONS, XILING, YILING, car, correct, create, creating, faults, reason, request_id,
};

both!(
    MIGRATIONS,
    the_nearest_norm_holds,
    what_is_over_a_norm_is_found,
    what_is_known_of_the_fuel_is_enough_to_be_over,
    a_norm_of_money_leaves_the_fuel_to_the_organization,
    what_was_gone_before_the_year_has_no_norm,
    a_vehicle_that_is_corrected_is_held_against_its_norm_again,
    a_vehicle_that_is_corrected_is_held_against_the_norms_of_each_year,
    a_norm_is_changed_by_who_read_it,
    faulty_norms_are_refused,
    norms_are_listed_by_year_and_place,
    who_is_bound_by_a_norm_does_not_set_it,
);

fn setting(norm: Norm) -> SetNormRequest {
    SetNormRequest { request_id: request_id(), norm: Some(norm), ..SetNormRequest::default() }
}

async fn set(clients: &mut Clients, norm: Norm) -> Result<Norm, Status> {
    Ok(clients.norms.set_norm(setting(norm)).await?.into_inner().norm.unwrap())
}

fn of(organization: &str, fen: i64) -> Norm {
    Norm {
        organization: organization.to_owned(),
        fiscal_year: 2017,
        amount_fen: Some(fen),
        ..Norm::default()
    }
}

fn of_vehicle(vehicle: &Vehicle, fen: i64) -> Norm {
    Norm { vehicle_id: vehicle.id.clone(), organization: String::new(), ..of("", fen) }
}

async fn list(clients: &mut Clients, request: ListNormsRequest) -> Vec<Norm> {
    clients.norms.list_norms(request).await.unwrap().into_inner().norms
}

/// The open findings of a rule.
async fn found(clients: &mut Clients, code: &str) -> Vec<Finding> {
    let request = ListFindingsRequest {
        code: code.to_owned(),
        states: vec![FindingState::Open.into()],
        ..ListFindingsRequest::default()
    };
    clients.findings.list_findings(request).await.unwrap().into_inner().findings
}

async fn the_nearest_norm_holds(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let bus = Vehicle { body: VehicleBody::MediumBus.into(), ..car(XILING, "鄂E00003") };
    let bus = create(&mut clients.vehicles, bus).await.unwrap();
    for (vehicle, fen) in [(&one, 30_000), (&two, 20_000), (&bus, 45_000)] {
        let expense = slip(vehicle, ExpenseKind::Repair, "2017-03-01", fen, &vehicle.plate);
        clients.recorded(vec![expense]).await;
    }
    let all = set(&mut clients, of(XILING, 25_000)).await.unwrap();
    let used = |it: &Norm| (it.vehicle_count, it.used_fen, it.used_bp, it.over_count);
    // 95,000 of 75,000.
    assert_eq!(used(&all), (3, 95_000, Some(12_667), 2));
    let body = Norm { body: VehicleBody::MediumBus.into(), ..of(XILING, 45_000) };
    let buses = set(&mut clients, body).await.unwrap();
    assert_eq!(used(&buses), (1, 45_000, Some(10_000), 0));
    let own = set(&mut clients, of_vehicle(&one, 60_000)).await.unwrap();
    assert_eq!((own.organization.as_str(), used(&own)), (XILING, (1, 30_000, Some(5_000), 0)));
    let norms = list(&mut clients, ListNormsRequest::default()).await;
    let norms: Vec<_> = norms.iter().map(used).collect();
    let rest = (1, 20_000, Some(8_000), 0);
    assert_eq!(norms, [rest, used(&buses), used(&own)]);
}

async fn what_is_over_a_norm_is_found(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let norm = Norm { fuel_ml_per_100km: Some(9_000), ..of_vehicle(&vehicle, 50_000) };
    let norm = set(&mut clients, norm).await.unwrap();
    clients.read(&vehicle, "2017-01-01 08:00", 1_000).await.unwrap();
    // 45 litres over 500 km, 300 yuan: within both, and at the limit of one.
    let first = fill(&vehicle, "2017-02-01 08:00", 30_000, 45_000, 1_500, "1");
    clients.recorded(vec![first]).await;
    assert_eq!(clients.open("norm_exceeded").await, [""; 0]);
    assert_eq!(clients.open("norm_fuel_exceeded").await, [""; 0]);
    // 91 litres over 1,000 km, 500.01 yuan.
    let second = fill(&vehicle, "2017-03-01 08:00", 20_001, 46_000, 2_000, "2");
    clients.recorded(vec![second]).await;
    assert_eq!(clients.open("norm_exceeded").await, ["2017"]);
    assert_eq!(clients.open("norm_fuel_exceeded").await, ["2017"]);
    // A higher norm clears it.
    let higher = Norm { amount_fen: Some(50_001), fuel_ml_per_100km: None, ..norm };
    set(&mut clients, higher).await.unwrap();
    assert_eq!(clients.open("norm_exceeded").await, [""; 0]);
    assert_eq!(clients.open("norm_fuel_exceeded").await, [""; 0]);
}

async fn what_is_known_of_the_fuel_is_enough_to_be_over(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.read(&vehicle, "2017-01-01 08:00", 1_000).await.unwrap();
    // How much it was nobody wrote down.
    let unmeasured = slip(&vehicle, ExpenseKind::Fuel, "2017-02-01", 100, "1");
    let most = fill(&vehicle, "2017-03-01 08:00", 100, 9_000, 1_100, "2");
    clients.recorded(vec![unmeasured, most]).await;
    let norm = Norm { amount_fen: None, fuel_ml_per_100km: Some(9_000), ..of_vehicle(&vehicle, 0) };
    let norm = set(&mut clients, norm).await.unwrap();
    // It is the norm of the vehicle, though not of what it costs.
    let used = (norm.vehicle_count, norm.used_fen, norm.used_bp, norm.over_count);
    assert_eq!(used, (1, 200, None, 0));
    assert_eq!(clients.open("norm_fuel_exceeded").await, [""; 0], "so much is allowed");
    clients.recorded(vec![fill(&vehicle, "2017-03-01 09:00", 100, 1, 1_100, "3")]).await;
    let found = found(&mut clients, "norm_fuel_exceeded").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, only.limit), (9_001, 9_000));
    assert!(only.detail.contains("至少9001毫升"), "{}", only.detail);
}

async fn a_norm_of_money_leaves_the_fuel_to_the_organization(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let fuel = Norm { amount_fen: None, fuel_ml_per_100km: Some(9_000), ..of(XILING, 0) };
    set(&mut clients, fuel).await.unwrap();
    set(&mut clients, of_vehicle(&vehicle, 50_000)).await.unwrap();
    clients.read(&vehicle, "2017-01-01 08:00", 1_000).await.unwrap();
    let over = fill(&vehicle, "2017-02-01 08:00", 100, 9_001, 1_100, "1");
    clients.recorded(vec![over]).await;
    let found = found(&mut clients, "norm_fuel_exceeded").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.observed, only.limit), (9_001, 9_000));
    assert!(only.detail.contains("油耗9001毫升"), "all of it is known: {}", only.detail);
}

/// What is paid for it afterwards has findings of its own.
async fn what_was_gone_before_the_year_has_no_norm(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let request = CreateVehicleRequest {
        disposed_on: "2016-12-31".to_owned(),
        ..creating(car(XILING, "鄂E12345"))
    };
    let answer = clients.vehicles.create_vehicle(request).await.unwrap().into_inner();
    let gone = answer.vehicle.unwrap();
    clients.recorded(vec![slip(&gone, ExpenseKind::Repair, "2017-01-05", 200, "1")]).await;
    let norm = set(&mut clients, of(XILING, 100)).await.unwrap();
    assert_eq!((norm.vehicle_count, norm.used_fen, norm.over_count), (0, 0, 0));
    clients.recorded(vec![slip(&gone, ExpenseKind::Repair, "2017-01-06", 200, "2")]).await;
    assert_eq!(clients.open("norm_exceeded").await, [""; 0]);
    assert_eq!(clients.open("disposed_vehicle").await.len(), 2);
}

async fn a_vehicle_that_is_corrected_is_held_against_its_norm_again(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let mut vehicle = clients.car("鄂E12345").await;
    set(&mut clients, of(XILING, 36_500)).await.unwrap();
    let body = Norm { body: VehicleBody::MediumBus.into(), ..of(XILING, 60_000) };
    set(&mut clients, body).await.unwrap();
    let paid = slip(&vehicle, ExpenseKind::Repair, "2017-06-10", 21_401, "1");
    clients.recorded(vec![paid]).await;
    assert_eq!(clients.open("norm_exceeded").await, [""; 0]);
    // From the 1st of June on the year has 214 days: 21,400.
    vehicle.acquired_on = "2017-06-01".to_owned();
    vehicle = correct(&mut clients.vehicles, &vehicle, &["acquired_on"]).await.unwrap();
    assert_eq!(clients.open("norm_exceeded").await, ["2017"]);
    vehicle.body = VehicleBody::MediumBus.into();
    vehicle = correct(&mut clients.vehicles, &vehicle, &["body"]).await.unwrap();
    assert_eq!(clients.open("norm_exceeded").await, [""; 0], "buses may cost more");
    vehicle.body = VehicleBody::Car.into();
    correct(&mut clients.vehicles, &vehicle, &["body"]).await.unwrap();
    assert_eq!(clients.open("norm_exceeded").await, ["2017"]);
}

async fn a_vehicle_that_is_corrected_is_held_against_the_norms_of_each_year(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let bus = Vehicle { body: VehicleBody::MediumBus.into(), ..car(XILING, "鄂E12345") };
    let mut vehicle = create(&mut clients.vehicles, bus).await.unwrap();
    for fiscal_year in [2015, 2016, 2017] {
        let body = VehicleBody::MediumBus.into();
        set(&mut clients, Norm { fiscal_year, ..of(XILING, 100) }).await.unwrap();
        set(&mut clients, Norm { fiscal_year, body, ..of(XILING, 900) }).await.unwrap();
        let on = format!("{fiscal_year}-03-01");
        clients.recorded(vec![slip(&vehicle, ExpenseKind::Repair, &on, 500, &on)]).await;
    }
    assert_eq!(clients.open("norm_exceeded").await, [""; 0]);
    vehicle.body = VehicleBody::Car.into();
    correct(&mut clients.vehicles, &vehicle, &["body"]).await.unwrap();
    let mut years = clients.open("norm_exceeded").await;
    years.sort();
    assert_eq!(years, ["2015", "2016", "2017"]);
}

async fn a_norm_is_changed_by_who_read_it(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let request = setting(of(XILING, 100));
    let check = SetNormRequest { validate_only: true, ..request.clone() };
    let checked = clients.norms.set_norm(check).await.unwrap().into_inner().norm.unwrap();
    assert_eq!((checked.id.as_str(), checked.etag.as_str()), ("", ""));
    let first = clients.norms.set_norm(request.clone()).await.unwrap().into_inner();
    let again = clients.norms.set_norm(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let first = first.norm.unwrap();
    for etag in ["", "2"] {
        let stale = Norm { etag: etag.to_owned(), amount_fen: Some(200), ..first.clone() };
        let error = set(&mut clients, Norm { id: String::new(), ..stale }).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
    }
    let second = set(&mut clients, Norm { amount_fen: Some(200), ..first.clone() }).await.unwrap();
    assert_eq!((second.id, second.etag.as_str()), (first.id, "2"));
    let new = Norm { etag: "1".to_owned(), ..of(YILING, 1) };
    assert_eq!(reason(&set(&mut clients, new).await.unwrap_err()), "ETAG_STALE");
}

async fn faulty_norms_are_refused(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let neither = Norm { fiscal_year: 1989, amount_fen: Some(0), ..Norm::default() };
    let neither = Norm { fuel_ml_per_100km: Some(1_000_001), ..neither };
    let error = set(&mut clients, neither).await.unwrap_err();
    let want = [
        ("norm", "NORM_SUBJECT"),
        ("norm.fiscal_year", "OUT_OF_RANGE"),
        ("norm.amount_fen", "OUT_OF_RANGE"),
        ("norm.fuel_ml_per_100km", "OUT_OF_RANGE"),
    ];
    assert_eq!(faults(&error), want.map(|(at, why)| (at.to_owned(), why.to_owned())));
    let own = of_vehicle(&vehicle, 1);
    let both = Norm { body: VehicleBody::Car.into(), ..own.clone() };
    assert_eq!(reason(&set(&mut clients, both).await.unwrap_err()), "NORM_SUBJECT");
    let none = Norm { vehicle_id: request_id(), ..own };
    assert_eq!(set(&mut clients, none).await.unwrap_err().code(), Code::NotFound);
}

async fn norms_are_listed_by_year_and_place(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    for (organization, fiscal_year) in [(XILING, 2017), (YILING, 2017), (XILING, 2016)] {
        let norm = Norm { fiscal_year, ..of(organization, 100) };
        set(&mut clients, norm).await.unwrap();
    }
    let all = ListNormsRequest::default();
    assert_eq!(list(&mut clients, all.clone()).await.len(), 2, "this year's");
    let before = ListNormsRequest { fiscal_year: 2016, ..all.clone() };
    assert_eq!(list(&mut clients, before).await.len(), 1);
    let there = ListNormsRequest { regions: vec!["420506".to_owned()], ..all.clone() };
    assert_eq!(list(&mut clients, there).await[0].organization, YILING);
    let page = ListNormsRequest { page_size: 1, ..all };
    let first = clients.norms.list_norms(page.clone()).await.unwrap().into_inner();
    let next = ListNormsRequest { page_token: first.next_page_token, ..page };
    let second = clients.norms.list_norms(next).await.unwrap().into_inner();
    assert_ne!(first.norms, second.norms);
    assert_eq!(second.next_page_token, "");
}

async fn who_is_bound_by_a_norm_does_not_set_it(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = create(&mut office.vehicles(), car(XILING, "鄂E12345")).await.unwrap();
    let own = json!([{"role": "manager", "domain": "*", "organizations": [XILING]}]);
    let mut own = Clients::of(&office.backend, &office.caller_of("own", &own));
    let region = office.caller("region", &["manager"], &["420502"]);
    let mut region = Clients::of(&office.backend, &region);
    for norm in [of(XILING, 100), of_vehicle(&vehicle, 100)] {
        let error = set(&mut own, norm.clone()).await.unwrap_err();
        let refusal = (error.code(), reason(&error));
        assert_eq!(refusal, (Code::PermissionDenied, "SCOPE_DENIED".to_owned()));
        let there = set(&mut region, norm).await.unwrap();
        let higher = Norm { amount_fen: Some(900), ..there };
        assert_eq!(reason(&set(&mut own, higher).await.unwrap_err()), "SCOPE_DENIED");
    }
}
