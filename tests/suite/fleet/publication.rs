//! What organizations publish about their vehicles every month.

use steward_proto::finding::v1::rule_service_client::RuleServiceClient;
use steward_proto::finding::v1::{Rule, RuleConfidence, RuleUnit, SetRuleRequest};
use steward_proto::fleet::v1::publication_service_client::PublicationServiceClient;
use steward_proto::fleet::v1::{
    ExpenseKind, GetMonthlyListRequest, ImportTripsRequest, KindCost, ListMonthlyTripsRequest,
    MonthlyList, MonthlyTrip, MonthlyVehicle, NewExpense, SummarizeFleetRequest, Trip, TripKind,
    Vehicle, VehicleCategory,
};
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest};
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::office::Office;
use super::running::{Clients, at, fill, slip};
use super::{
    MIGRATIONS, XILING, YILING, backend, car, correct, create, reason, request_id, transfer,
};

both!(
    MIGRATIONS,
    a_list_by_hand,
    confidential_vehicles_are_counted_and_not_named,
    what_was_confidential_stays_so,
    rent_and_purchases_stand_apart,
    fuel_of_unknown_quantity_is_told,
    each_publishes_what_it_held,
    trips_are_published_with_what_they_cost,
    a_place_has_its_own_days,
    a_list_is_of_an_organization_and_a_month,
);

type Publications = PublicationServiceClient<Called>;

async fn open(db: &TestDb) -> (Clients, Publications) {
    let backend = backend(db).await;
    let caller = As::default();
    (Clients::of(&backend, &caller), Publications::new(called(&backend, caller)))
}

async fn get(client: &mut Publications, of: &str, month: &str) -> Result<MonthlyList, Status> {
    let request = GetMonthlyListRequest { organization: of.to_owned(), month: month.to_owned() };
    Ok(client.get_monthly_list(request).await?.into_inner().list.unwrap())
}

/// An entry of an organization, for a vehicle or for none.
fn entry(organization: &str, vehicle: &str, category: &str, on: &str, fen: i64) -> NewEntry {
    NewEntry {
        organization: organization.to_owned(),
        category: category.to_owned(),
        occurred_on: on.to_owned(),
        amount_fen: fen,
        document_no: format!("{category}-{on}-{fen}"),
        source_resource: if vehicle.is_empty() {
            String::new()
        } else {
            format!("vehicles/{vehicle}")
        },
        ..NewEntry::default()
    }
}

fn posting(entries: Vec<NewEntry>) -> PostEntriesRequest {
    PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() }
}

/// What happens to two vehicles, around both ends of a list too.
async fn happen(clients: &mut Clients, vehicle: &Vehicle, still: &Vehicle) {
    clients.read(vehicle, "2017-04-25 18:00", 50_000).await.unwrap();
    clients.read(vehicle, "2017-05-25 18:00", 50_777).await.unwrap();
    clients.read(vehicle, "2017-05-26 18:00", 60_000).await.unwrap();
    clients
        .recorded(vec![
            fill(vehicle, "2017-04-25 23:59", 10_000, 20_000, 50_001, "before"),
            fill(vehicle, "2017-04-26 00:00", 26_050, 40_255, 50_010, "first"),
            slip(vehicle, ExpenseKind::Repair, "2017-05-15", 120_001, "repair"),
            slip(vehicle, ExpenseKind::Insurance, "2017-05-25", 365_000, "last"),
            slip(vehicle, ExpenseKind::TollParking, "2017-05-26", 4_500, "after"),
            slip(still, ExpenseKind::Other, "2017-05-02", 3_000, "wash"),
        ])
        .await;
    // What is booked with no vehicle, and purchases apart.
    let entries = vec![
        entry(XILING, "", "vehicle_other", "2017-05-03", 777),
        entry(XILING, &vehicle.id, "vehicle_purchase", "2017-05-03", 15_000_000),
        NewEntry {
            quantity: Some(10),
            ..entry(XILING, &vehicle.id, "vehicle_fuel", "2017-05-04", 6_500)
        },
        entry(YILING, "", "vehicle_other", "2017-05-03", 888),
    ];
    clients.ledger.post_entries(posting(entries)).await.unwrap();
}

/// May by the cut: 26 April to 25 May.
async fn a_list_by_hand(db: TestDb) {
    let (mut clients, mut publications) = open(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let still = clients.car("鄂E54321").await;
    happen(&mut clients, &vehicle, &still).await;
    let list = get(&mut publications, XILING, "2017-05").await.unwrap();
    assert_eq!((list.organization.as_str(), list.month.as_str()), (XILING, "2017-05"));
    let days = (list.first_on.as_str(), list.last_on.as_str(), list.due_on.as_str());
    assert_eq!(days, ("2017-04-26", "2017-05-25", "2017-06-05"));
    let cost = |kind: ExpenseKind, amount_fen| KindCost { kind: kind.into(), amount_fen };
    let used = MonthlyVehicle {
        distance_m: Some(776_000),
        fuel_ml: 50_255,
        costs: vec![
            cost(ExpenseKind::Fuel, 32_550),
            cost(ExpenseKind::Repair, 120_001),
            cost(ExpenseKind::Insurance, 365_000),
        ],
        running_fen: 517_551,
        // 517,551 fen / 776 km = 666.9
        fen_per_km: Some(667),
        purchase_fen: 15_000_000,
        ..MonthlyVehicle::default()
    };
    let of = |vehicle: &Vehicle| MonthlyVehicle {
        vehicle_id: vehicle.id.clone(),
        plate: vehicle.plate.clone(),
        category: vehicle.category,
        body: vehicle.body,
        model: vehicle.model.clone(),
        ..MonthlyVehicle::default()
    };
    let wash = cost(ExpenseKind::Other, 3_000);
    let wanted = [
        merge(of(&vehicle), &used),
        MonthlyVehicle { costs: vec![wash], running_fen: 3_000, ..of(&still) },
    ];
    assert_eq!(list.vehicles, wanted);
    let total = list.total.unwrap();
    // The distance of the other is not known: its costs are in no cost per km.
    let sums = (total.distance_m, total.fuel_ml, total.running_fen, total.fen_per_km);
    assert_eq!(sums, (Some(776_000), 50_255, 520_551, Some(667)));
    assert_eq!(total.costs.last(), Some(&wash));
    assert_eq!((list.withheld_count, list.other_running_fen), (0, 777));
    let june = get(&mut publications, XILING, "2017-06").await.unwrap();
    assert_eq!((june.first_on.as_str(), june.total.unwrap().running_fen), ("2017-05-26", 4_500));
}

/// What a vehicle did, with its name.
fn merge(named: MonthlyVehicle, used: &MonthlyVehicle) -> MonthlyVehicle {
    MonthlyVehicle {
        vehicle_id: named.vehicle_id,
        plate: named.plate,
        category: named.category,
        body: named.body,
        model: named.model,
        ..used.clone()
    }
}

async fn confidential_vehicles_are_counted_and_not_named(db: TestDb) {
    let (mut clients, mut publications) = open(&db).await;
    let category = VehicleCategory::Confidential.into();
    let secret = Vehicle { category, ..car(XILING, "鄂E12345") };
    let secret = create(&mut clients.vehicles, secret).await.unwrap();
    let other = clients.car("鄂E54321").await;
    let paid = vec![
        slip(&secret, ExpenseKind::Repair, "2017-05-15", 70_001, "1"),
        slip(&other, ExpenseKind::Repair, "2017-05-15", 100, "2"),
    ];
    clients.recorded(paid).await;
    clients.trips.import_trips(trips(vec![trip(&secret, "2017-05-02 08:00")])).await.unwrap();
    let list = get(&mut publications, XILING, "2017-05").await.unwrap();
    let plates: Vec<_> = list.vehicles.iter().map(|it| it.plate.as_str()).collect();
    assert_eq!(plates, ["鄂E54321"]);
    let apart = (list.withheld_count, list.withheld_running_fen, list.other_running_fen);
    assert_eq!((apart, list.total.unwrap().running_fen), ((1, 70_001, 0), 100));
    assert_eq!(published(&mut publications, 0).await, []);
}

/// In June the vehicle is for emergencies: what it did in May is not published by that.
async fn what_was_confidential_stays_so(db: TestDb) {
    let (mut clients, mut publications) = open(&db).await;
    let category = VehicleCategory::Confidential.into();
    let secret = Vehicle { category, ..car(XILING, "鄂E12345") };
    let secret = create(&mut clients.vehicles, secret).await.unwrap();
    clients.recorded(vec![slip(&secret, ExpenseKind::Repair, "2017-05-15", 70_001, "1")]).await;
    let driven = vec![trip(&secret, "2017-05-02 08:00")];
    clients.trips.import_trips(trips(driven)).await.unwrap();
    let category = VehicleCategory::Emergency.into();
    let now = Vehicle { category, ..secret };
    correct(&mut clients.vehicles, &now, &["category"]).await.unwrap();
    let may = get(&mut publications, XILING, "2017-05").await.unwrap();
    assert_eq!((may.vehicles.len(), may.withheld_count), (0, 1));
    assert_eq!(may.withheld_running_fen, 70_001);
    assert_eq!(published(&mut publications, 0).await, []);
    // It changed in the course of June; from July on it is as others.
    let june = get(&mut publications, XILING, "2017-06").await.unwrap();
    assert_eq!((june.vehicles.len(), june.withheld_count), (0, 1));
    let july = get(&mut publications, XILING, "2017-07").await.unwrap();
    assert_eq!((july.vehicles.len(), july.withheld_count), (1, 0));
}

/// Neither is a cost of running a vehicle.
async fn rent_and_purchases_stand_apart(db: TestDb) {
    let (mut clients, mut publications) = open(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let category = VehicleCategory::Confidential.into();
    let secret = Vehicle { category, ..car(XILING, "鄂E54321") };
    let secret = create(&mut clients.vehicles, secret).await.unwrap();
    clients.read(&vehicle, "2017-04-25 18:00", 1_000).await.unwrap();
    clients.read(&vehicle, "2017-05-25 18:00", 1_100).await.unwrap();
    let paid = vec![
        slip(&vehicle, ExpenseKind::Repair, "2017-05-02", 5_000, "1"),
        slip(&vehicle, ExpenseKind::Rent, "2017-05-02", 70_000, "2"),
        slip(&secret, ExpenseKind::Rent, "2017-05-02", 300, "3"),
    ];
    clients.recorded(paid).await;
    let of = |id: &str, category: &str, fen| entry(XILING, id, category, "2017-05-03", fen);
    let entries = vec![
        of(&vehicle.id, "vehicle_purchase", 15_000_000),
        of(&secret.id, "vehicle_purchase", 12_000_000),
        of("", "vehicle_purchase", 2),
        of("", "vehicle_rental", 40),
    ];
    clients.ledger.post_entries(posting(entries)).await.unwrap();
    let list = get(&mut publications, XILING, "2017-05").await.unwrap();
    let of = |it: &MonthlyVehicle| (it.running_fen, it.rent_fen, it.purchase_fen, it.fen_per_km);
    let all: Vec<_> = list.vehicles.iter().chain(&list.total).map(of).collect();
    // 50.00 yuan over 100 km.
    assert_eq!(all, [(5_000, 70_000, 15_000_000, Some(50)); 2]);
    let rent = KindCost { kind: ExpenseKind::Rent.into(), amount_fen: 70_000 };
    assert_eq!(list.vehicles[0].costs.last(), Some(&rent));
    let withheld = (list.withheld_running_fen, list.withheld_rent_fen, list.withheld_purchase_fen);
    assert_eq!(withheld, (0, 300, 12_000_000));
    let others = (list.other_running_fen, list.other_rent_fen, list.other_purchase_fen);
    assert_eq!(others, (0, 40, 2));
    // So they do in figures.
    let figures = clients.figures("2017-05", "2017-06").await.remove(0);
    let of = (figures.running_fen, figures.rent_fen, figures.purchase_fen, figures.fen_per_km);
    assert_eq!(of, (5_000, 70_000, 15_000_000, Some(50)));
    let request = SummarizeFleetRequest { year: 2017, ..SummarizeFleetRequest::default() };
    let fleet = clients.figures.summarize_fleet(request).await.unwrap().into_inner();
    let total = fleet.total.unwrap();
    let of = (total.running_fen, total.rent_fen, total.purchase_fen);
    assert_eq!(of, (5_000, 70_300, 27_000_000));
}

async fn fuel_of_unknown_quantity_is_told(db: TestDb) {
    let (mut clients, mut publications) = open(&db).await;
    let (one, other) = (clients.car("鄂E12345").await, clients.car("鄂E54321").await);
    let paid = vec![
        fill(&one, "2017-05-15 09:00", 100, 20_000, 100, "1"),
        slip(&other, ExpenseKind::Fuel, "2017-05-15", 100, "2"),
        slip(&other, ExpenseKind::Charging, "2017-05-15", 100, "3"),
    ];
    clients.recorded(paid).await;
    let list = get(&mut publications, XILING, "2017-05").await.unwrap();
    let of = |it: &MonthlyVehicle| (it.fuel_incomplete, it.energy_incomplete);
    let all: Vec<_> = list.vehicles.iter().chain(&list.total).map(of).collect();
    assert_eq!(all, [(false, false), (true, true), (true, true)]);
}

/// One that was handed over on the 15th is in both lists, with what was booked for each.
async fn each_publishes_what_it_held(db: TestDb) {
    let office = Office::open(&db).await;
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, "鄂E00001") };
    let vehicle = create(&mut office.vehicles(), old).await.unwrap();
    office.grant(YILING, 1, "2017-01-01").await;
    let booked = vec![entry(XILING, &vehicle.id, "vehicle_repair", "2017-06-14", 1_000)];
    office.ledger().post_entries(posting(booked)).await.unwrap();
    let asked = transfer::ask(&office, &vehicle.id, YILING).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let approved = transfer::read(&office, &asked.id).await;
    let request = transfer::completing(&approved);
    office.transfers().complete_transfer(request).await.unwrap();
    let booked = vec![entry(YILING, &vehicle.id, "vehicle_repair", "2017-06-15", 20)];
    office.ledger().post_entries(posting(booked)).await.unwrap();

    for (organization, region, running, may) in
        [(XILING, "420502", 1_000, 1), (YILING, "420506", 20, 0)]
    {
        // Each sees his own, wherever the vehicle is now.
        let caller = office.caller("viewer", &["viewer"], &[region]);
        let mut publications = Publications::new(called(&office.backend, caller));
        let june = get(&mut publications, organization, "2017-06").await.unwrap();
        let shown: Vec<_> =
            june.vehicles.iter().map(|it| (it.vehicle_id.as_str(), it.running_fen)).collect();
        assert_eq!(shown, [(vehicle.id.as_str(), running)], "{organization}");
        assert_eq!(june.other_running_fen, 0);
        let before = get(&mut publications, organization, "2017-05").await.unwrap();
        assert_eq!(before.vehicles.len(), may);
    }
}

fn trip(vehicle: &Vehicle, from: &str) -> Trip {
    Trip {
        organization: XILING.to_owned(),
        kind: TripKind::Ordinary.into(),
        purpose: "调研".to_owned(),
        destination: "枝江".to_owned(),
        passengers: 2,
        depart_time: Some(at(from)),
        return_time: Some(at(&from.replace(" 08:", " 18:"))),
        vehicle_id: vehicle.id.clone(),
        ..Trip::default()
    }
}

fn trips(trips: Vec<Trip>) -> ImportTripsRequest {
    ImportTripsRequest { request_id: request_id(), trips, ..ImportTripsRequest::default() }
}

/// All trips of May, from page to page.
async fn published(client: &mut Publications, page_size: i32) -> Vec<MonthlyTrip> {
    let mut request = ListMonthlyTripsRequest {
        organization: XILING.to_owned(),
        month: "2017-05".to_owned(),
        page_size,
        ..ListMonthlyTripsRequest::default()
    };
    let mut trips = Vec::new();
    loop {
        let page = client.list_monthly_trips(request.clone()).await.unwrap().into_inner();
        trips.extend(page.trips);
        if page.next_page_token.is_empty() {
            return trips;
        }
        request.page_token = page.next_page_token;
    }
}

async fn trips_are_published_with_what_they_cost(db: TestDb) {
    let (mut clients, mut publications) = open(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    // Another one's vehicle: in its list, whoever used it.
    let foreign = create(&mut clients.vehicles, car(YILING, "鄂E54321")).await.unwrap();
    let read = Trip {
        start_odometer_m: 100_000,
        end_odometer_m: 223_400,
        ..trip(&vehicle, "2017-05-02 08:00")
    };
    let imported = trips(vec![
        trip(&vehicle, "2017-05-25 08:00"),
        read,
        trip(&vehicle, "2017-05-26 08:00"),
        Trip { organization: YILING.to_owned(), ..trip(&vehicle, "2017-04-26 08:00") },
        trip(&vehicle, "2017-04-25 08:00"),
        trip(&foreign, "2017-05-03 08:00"),
    ]);
    let made = clients.trips.import_trips(imported).await.unwrap().into_inner().trips;
    let spent = |expense: NewExpense| NewExpense { trip_id: made[1].id.clone(), ..expense };
    let tank = fill(&vehicle, "2017-05-02 12:00", 26_050, 40_255, 150, "1");
    clients
        .recorded(vec![
            spent(tank),
            spent(slip(&vehicle, ExpenseKind::TollParking, "2017-05-02", 3_500, "2")),
            slip(&vehicle, ExpenseKind::Repair, "2017-05-02", 9_900, "3"),
        ])
        .await;
    let all = published(&mut publications, 0).await;
    let shown: Vec<_> = all
        .iter()
        .map(|it| (it.organization.as_str(), it.distance_m, it.fuel_ml, it.cost_fen))
        .collect();
    let wanted =
        [(YILING, None, 0, 0), (XILING, Some(123_400), 40_255, 29_550), (XILING, None, 0, 0)];
    assert_eq!(shown, wanted);
    let first = &all[1];
    assert_eq!(
        (first.plate.as_str(), first.depart_time),
        ("鄂E12345", Some(at("2017-05-02 08:00")))
    );
    assert_eq!((first.purpose.as_str(), first.destination.as_str()), ("调研", "枝江"));
    assert_eq!(published(&mut publications, 1).await, all, "page by page");
    let list = get(&mut publications, XILING, "2017-05").await.unwrap();
    assert_eq!(list.vehicles[0].trip_count, 3);
}

async fn a_place_has_its_own_days(db: TestDb) {
    let backend = backend(&db).await;
    Clients::of(&backend, &As::default()).car("鄂E12345").await;
    let mut publications = Publications::new(called(&backend, As::default()));
    let mut rules = RuleServiceClient::new(called(&backend, As::default()));
    for (code, value) in [("publication_cut", 31), ("publication_due", 10)] {
        let rule = Rule {
            code: code.to_owned(),
            region: "4205*".to_owned(),
            value,
            unit: RuleUnit::Day.into(),
            effective_from: "2017-05-10".to_owned(),
            document: "宜昌市机关事务管理局通知".to_owned(),
            confidence: RuleConfidence::EditableDefault.into(),
            ..Rule::default()
        };
        let request = SetRuleRequest {
            request_id: request_id(),
            rule: Some(rule),
            ..SetRuleRequest::default()
        };
        rules.set_rule(request).await.unwrap();
    }
    // From one rule to the other no day is left out, and none counts twice.
    for (month, first, last, due) in [
        ("2017-04", "2017-03-26", "2017-04-25", "2017-05-05"),
        ("2017-05", "2017-04-26", "2017-05-31", "2017-06-10"),
        ("2017-06", "2017-06-01", "2017-06-30", "2017-07-10"),
    ] {
        let list = get(&mut publications, XILING, month).await.unwrap();
        let days = (list.first_on.as_str(), list.last_on.as_str(), list.due_on.as_str());
        assert_eq!(days, (first, last, due));
    }
}

async fn a_list_is_of_an_organization_and_a_month(db: TestDb) {
    let office = Office::open(&db).await;
    let caller = office.caller("viewer", &["viewer"], &["420502"]);
    let mut publications = Publications::new(called(&office.backend, caller));
    let status = get(&mut publications, YILING, "2017-05").await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    // Of whom nothing is known there is no list, with a code that is right or wrong.
    for code in ["11420502000000043L", "11420502000000043A"] {
        let status = get(&mut publications, code, "2017-05").await.unwrap_err();
        assert_eq!(reason(&status), "ORGANIZATION_UNKNOWN", "{status:?}");
    }
    let status = get(&mut publications, XILING, "2017-13").await.unwrap_err();
    assert_eq!(reason(&status), "MONTH_MALFORMED");
    let request = ListMonthlyTripsRequest {
        organization: YILING.to_owned(),
        month: "2017-05".to_owned(),
        ..ListMonthlyTripsRequest::default()
    };
    let status = publications.list_monthly_trips(request.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let request = ListMonthlyTripsRequest { organization: String::new(), ..request };
    let status = publications.list_monthly_trips(request).await.unwrap_err();
    assert_eq!(reason(&status), "REQUIRED");
}
