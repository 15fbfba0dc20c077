use proptest::strategy::{Just, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::finding::v1::{Finding, FindingState, ListFindingsRequest};
use steward_proto::fleet::v1::{
    ExpenseKind, FleetGrouping, ImportTripsRequest, KindCost, ListVehicleFiguresRequest,
    NewExpense, Norm, PowerSource, ReverseExpenseRequest, SetNormRequest, SummarizeFleetRequest,
    Trip, Vehicle, VehicleFigures,
};
use steward_proto::ledger::v1::{CloseMonthRequest, NewEntry, PostEntriesRequest};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, start, test_clock};
use steward_tests::{TestDb, both};

use super::running::{Clients, fill, period, slip, trip};
use super::{MIGRATIONS, XILING, YILING, car, create, reason, request_id};

both!(
    MIGRATIONS,
    a_month_by_hand_in_any_order,
    findings_depend_on_no_order,
    what_the_ledger_has_without_an_expense_counts,
    a_reversal_counts_where_the_ledger_has_it,
    unknown_litres_make_no_ratio,
    trips_are_use_and_read_the_odometer,
    fleets_are_summed_up,
    figures_come_in_pages,
);

/// What happens to a vehicle, in the order of time.
enum Happened {
    Read(&'static str, i64),
    Paid(Box<NewExpense>),
    Driven(Box<Trip>),
}

/// A month worked by hand: 1,300 km with 120 litres in May, 100 km with 39 litres in June.
fn month(vehicle: &Vehicle, mark: &str) -> Vec<Happened> {
    let paid = |expense| Happened::Paid(Box::new(expense));
    let driven = |times, readings| Happened::Driven(Box::new(trip(vehicle, times, readings)));
    let no = |number: u32| format!("{mark}-{number}");
    let insurance = NewExpense {
        service_from: "2017-05-10".to_owned(),
        service_until: "2018-05-10".to_owned(),
        ..slip(vehicle, ExpenseKind::Insurance, "2017-05-10", 365_000, &no(4))
    };
    vec![
        Happened::Read("2017-04-28 18:00", 50_000),
        paid(fill(vehicle, "2017-05-03 09:10", 26_050, 40_255, 50_300, &no(1))),
        paid(insurance),
        paid(fill(vehicle, "2017-05-12 17:45", 24_900, 38_500, 50_720, &no(2))),
        paid(slip(vehicle, ExpenseKind::Repair, "2017-05-15", 120_000, &no(5))),
        paid(slip(vehicle, ExpenseKind::TollParking, "2017-05-16", 4_500, &no(6))),
        paid(fill(vehicle, "2017-05-20 12:00", 26_700, 41_245, 51_110, &no(3))),
        driven(["2017-05-22 08:00", "2017-05-22 17:30"], [51_110, 51_220]),
        // 51,220 was misread.
        Happened::Read("2017-05-24 08:00", 15_110),
        paid(slip(vehicle, ExpenseKind::Other, "2017-05-26", 3_000, &no(7))),
        Happened::Read("2017-05-31 17:00", 51_300),
        paid(fill(vehicle, "2017-06-02 11:30", 25_000, 39_000, 51_400, &no(8))),
    ]
}

fn expected(vehicle: &Vehicle) -> [VehicleFigures; 2] {
    let cost = |kind: ExpenseKind, amount_fen| KindCost { kind: kind.into(), amount_fen };
    let common = VehicleFigures {
        vehicle_id: vehicle.id.clone(),
        organization: XILING.to_owned(),
        plate: vehicle.plate.clone(),
        body: vehicle.body,
        ..VehicleFigures::default()
    };
    let may = VehicleFigures {
        distance_m: Some(1_300_000),
        fuel_ml: 120_000,
        // 120,000 ml × 100 km / 1,300 km = 9,230.8
        fuel_ml_per_100km: Some(9_231),
        costs: vec![
            cost(ExpenseKind::Fuel, 77_650),
            cost(ExpenseKind::Repair, 120_000),
            cost(ExpenseKind::Insurance, 365_000),
            cost(ExpenseKind::TollParking, 4_500),
            cost(ExpenseKind::Other, 3_000),
        ],
        running_fen: 570_150,
        // 570,150 fen / 1,300 km = 438.6
        fen_per_km: Some(439),
        misfit_count: 1,
        trip_count: 1,
        days_used: 1,
        // One of 23 working days, which is less than 30 %.
        utilisation_bp: Some(435),
        under_used: true,
        held_from: "2017-05-01".to_owned(),
        held_until: "2017-06-01".to_owned(),
        ..common.clone()
    };
    let june = VehicleFigures {
        distance_m: Some(100_000),
        fuel_ml: 39_000,
        fuel_ml_per_100km: Some(39_000),
        costs: vec![cost(ExpenseKind::Fuel, 25_000)],
        running_fen: 25_000,
        fen_per_km: Some(250),
        // Over 9.5 litres per 100 km, and under 150 km in half a month.
        over_ceiling: true,
        under_used: true,
        held_from: "2017-06-01".to_owned(),
        held_until: "2017-07-01".to_owned(),
        ..common
    };
    [may, june]
}

async fn a_month_by_hand_in_any_order(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let mut runner = TestRunner::deterministic();
    let mut wanted = Vec::new();
    for round in 0..8_usize {
        let vehicle = clients.car(&format!("鄂E1234{round}")).await;
        let mut happened = month(&vehicle, &format!("r{round}"));
        let order = Just((0..happened.len()).collect::<Vec<_>>()).prop_shuffle();
        let order = match round {
            0 => (0..happened.len()).collect(),
            1 => (0..happened.len()).rev().collect(),
            _ => order.new_tree(&mut runner).unwrap().current(),
        };
        let mut happened: Vec<_> = happened.drain(..).map(Some).collect();
        for place in order {
            match happened[place].take().unwrap() {
                Happened::Read(time, kilometres) => {
                    clients.read(&vehicle, time, kilometres).await.unwrap();
                }
                Happened::Paid(expense) => {
                    clients.recorded(vec![*expense]).await;
                }
                Happened::Driven(trip) => driven(&mut clients, vec![*trip]).await,
            }
        }
        wanted.push(expected(&vehicle));
    }
    let of = |month: usize| wanted.iter().map(|it| it[month].clone()).collect::<Vec<_>>();
    assert_eq!(clients.figures("2017-05", "2017-06").await, of(0));
    assert_eq!(clients.figures("2017-06", "2017-07").await, of(1));
    let both = clients.figures("2017-05", "2017-07").await;
    let sums = |it: &VehicleFigures| (it.distance_m, it.fuel_ml, it.running_fen);
    assert!(both.iter().all(|it| sums(it) == (Some(1_400_000), 159_000, 595_150)), "{both:#?}");
    // Each misreading is found once, whatever came first.
    assert_eq!(clients.open("odometer_backwards").await.len(), 8);
    let silent = clients.figures("2017-03", "2017-04").await;
    assert!(silent.iter().all(|it| it.distance_m.is_none() && it.fen_per_km.is_none()));
}

/// One of six things that happen to a vehicle with a norm.
async fn happens(clients: &mut Clients, vehicle: &Vehicle, step: usize) {
    let no = format!("{}-{step}", vehicle.plate);
    match step {
        0 => drop(clients.read(vehicle, "2016-12-31 18:00", 1_000).await.unwrap()),
        1 => drop(clients.read(vehicle, "2017-05-31 18:00", 1_200).await.unwrap()),
        // Twice 20.4 litres over 200 km are 20,400 ml per 100 km; rounded to litres they were 20,000.
        2 => {
            let fill = fill(vehicle, "2017-03-01 09:00", 100, 20_400, 1_050, &no);
            drop(clients.recorded(vec![fill]).await);
        }
        3 => {
            let fill = fill(vehicle, "2017-04-01 09:00", 100, 20_400, 1_150, &no);
            drop(clients.recorded(vec![fill]).await);
        }
        4 => {
            let norm = Norm {
                vehicle_id: vehicle.id.clone(),
                fiscal_year: 2017,
                amount_fen: Some(199),
                fuel_ml_per_100km: Some(20_399),
                ..Norm::default()
            };
            let request = SetNormRequest {
                request_id: request_id(),
                norm: Some(norm),
                ..SetNormRequest::default()
            };
            drop(clients.norms.set_norm(request).await.unwrap());
        }
        // The road of another year.
        _ => drop(clients.read(vehicle, "2016-01-31 18:00", 10).await.unwrap()),
    }
}

/// The same things in any order, looked at on other days: the same findings.
async fn findings_depend_on_no_order(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&steward_fleet::SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes);
    let mut runner = TestRunner::deterministic();
    let expected = [("norm_exceeded", 200, 199), ("norm_fuel_exceeded", 20_400, 20_399)];
    for round in 0..10_usize {
        // Another day each time.
        clock.advance(chrono::TimeDelta::days(1));
        let token = issuer.token(clock.now(), "u", &grants(&["operator", "manager"], &["4205*"]));
        let mut clients = Clients::of(&backend, &As::bearer(&token));
        let vehicle = clients.car(&format!("鄂E1234{round}")).await;
        let order = Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle();
        let order = order.new_tree(&mut runner).unwrap().current();
        for step in &order {
            happens(&mut clients, &vehicle, *step).await;
        }
        let request = ListFindingsRequest {
            resource: format!("vehicles/{}", vehicle.id),
            // What was found on the way is cleared.
            states: vec![FindingState::Open.into()],
            ..ListFindingsRequest::default()
        };
        let found = clients.findings.list_findings(request).await.unwrap().into_inner().findings;
        let mut found: Vec<_> = found.iter().filter(|it| it.code.starts_with("norm_")).collect();
        found.sort_by(|one, other| one.code.cmp(&other.code));
        assert!(found.iter().all(|it| (&*it.occasion, &*it.since_on) == ("2017", "2017-01-01")));
        let of = |it: &&Finding| (it.code.clone(), it.observed, it.limit);
        let expected = expected.map(|(code, observed, limit)| (code.to_owned(), observed, limit));
        assert_eq!(found.iter().map(of).collect::<Vec<_>>(), expected, "{order:?}");
    }
}

fn entry(vehicle: &Vehicle, category: &str, fen: i64, quantity: Option<i64>) -> NewEntry {
    NewEntry {
        organization: XILING.to_owned(),
        category: category.to_owned(),
        occurred_on: "2017-05-08".to_owned(),
        amount_fen: fen,
        quantity,
        document_no: category.to_owned(),
        source_resource: format!("vehicles/{}", vehicle.id),
        ..NewEntry::default()
    }
}

async fn what_the_ledger_has_without_an_expense_counts(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.recorded(vec![fill(&vehicle, "2017-05-03 09:10", 26_050, 40_255, 100, "1")]).await;
    let elsewhere = NewEntry {
        source_resource: "vehicles/0198a000-0000-7000-8000-000000000000".to_owned(),
        document_no: "elsewhere".to_owned(),
        ..entry(&vehicle, "vehicle_repair", 9_900, None)
    };
    // No sum finds a vehicle that is spelt otherwise: it is told, and counts nowhere.
    let shouted = NewEntry {
        source_resource: format!("vehicles/{}", vehicle.id.to_uppercase()),
        document_no: "shouted".to_owned(),
        ..entry(&vehicle, "vehicle_repair", 9_900, None)
    };
    let entries = vec![
        entry(&vehicle, "vehicle_fuel", 6_500, Some(10)),
        entry(&vehicle, "vehicle_purchase", 15_000_000, Some(1)),
        elsewhere,
        shouted,
    ];
    let posting =
        PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() };
    clients.ledger.post_entries(posting).await.unwrap();
    let figures = clients.figures("2017-05", "2017-06").await.remove(0);
    assert_eq!((figures.fuel_ml, figures.running_fen), (50_255, 32_550));
    assert_eq!((figures.purchase_fen, figures.proceeds_fen), (15_000_000, 0));
    assert_eq!(clients.open("unknown_vehicle").await.len(), 2, "repairs of others");
}

async fn a_reversal_counts_where_the_ledger_has_it(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let april = fill(&vehicle, "2017-04-03 09:10", 26_050, 40_255, 100, "1");
    let may = fill(&vehicle, "2017-05-03 09:10", 24_000, 38_400, 400, "2");
    let ids = clients.recorded(vec![april, may]).await;
    let close = CloseMonthRequest {
        request_id: request_id(),
        region: "420502".to_owned(),
        month: "2017-04".to_owned(),
        validate_only: false,
    };
    clients.ledger.close_month(close).await.unwrap();
    for id in ids {
        let request = ReverseExpenseRequest {
            request_id: request_id(),
            id,
            reason: "错账".to_owned(),
            validate_only: false,
        };
        clients.expenses.reverse_expense(request).await.unwrap();
    }
    // April is closed and stays; its reversal counts in May, exactly.
    let sums = |it: &VehicleFigures| (it.fuel_ml, it.running_fen, it.distance_m);
    assert_eq!(sums(&clients.figures("2017-04", "2017-05").await[0]), (40_255, 26_050, None));
    assert_eq!(sums(&clients.figures("2017-05", "2017-06").await[0]), (-40_255, -26_050, None));
    assert_eq!(sums(&clients.figures("2017-04", "2017-06").await[0]), (0, 0, None));
}

/// 60 litres over 1,000 km are 6 litres per 100 km, unless there was another fill of nobody knows how many.
async fn unknown_litres_make_no_ratio(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.read(&vehicle, "2017-04-30 18:00", 1_000).await.unwrap();
    clients.read(&vehicle, "2017-05-31 18:00", 2_000).await.unwrap();
    clients.recorded(vec![fill(&vehicle, "2017-05-03 09:10", 30_000, 60_000, 1_100, "1")]).await;
    let of = |it: &VehicleFigures| (it.fuel_ml_per_100km, it.fuel_incomplete, it.over_ceiling);
    let may = clients.figures("2017-05", "2017-06").await;
    assert_eq!(of(&may[0]), (Some(6_000), false, false));
    let unknown = slip(&vehicle, ExpenseKind::Fuel, "2017-05-20", 30_000, "2");
    let id = clients.recorded(vec![unknown]).await.remove(0);
    let may = clients.figures("2017-05", "2017-06").await;
    assert_eq!(of(&may[0]), (None, true, false));
    assert_eq!((may[0].fuel_ml, may[0].energy_incomplete), (60_000, false));
    // What is known is over the ceiling of 9.5 litres by itself.
    let more = fill(&vehicle, "2017-05-21 09:10", 30_000, 40_000, 1_900, "3");
    clients.recorded(vec![more]).await;
    let may = clients.figures("2017-05", "2017-06").await;
    assert_eq!(of(&may[0]), (None, true, true));
    let request = ReverseExpenseRequest {
        request_id: request_id(),
        id,
        reason: "错账".to_owned(),
        validate_only: false,
    };
    clients.expenses.reverse_expense(request).await.unwrap();
    let may = clients.figures("2017-05", "2017-06").await;
    assert_eq!(of(&may[0]), (Some(10_000), false, true));
}

async fn driven(clients: &mut Clients, trips: Vec<Trip>) {
    let request =
        ImportTripsRequest { request_id: request_id(), trips, ..ImportTripsRequest::default() };
    clients.trips.import_trips(request).await.unwrap();
}

async fn trips_are_use_and_read_the_odometer(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.read(&vehicle, "2017-04-30 18:00", 1_000).await.unwrap();
    let trip = |from: &'static str, until, readings| trip(&vehicle, [from, until], readings);
    let trips = vec![
        // Later than the others, and over the end of the month.
        trip("2017-05-31 08:00", "2017-06-01 18:00", [1_500, 1_900]),
        trip("2017-05-02 08:00", "2017-05-02 18:00", [1_010, 1_210]),
        trip("2017-05-03 08:00", "2017-05-05 18:00", [1_210, 1_500]),
    ];
    driven(&mut clients, trips).await;
    let of = |it: &VehicleFigures| (it.distance_m, it.trip_count, it.days_used, it.utilisation_bp);
    // Five of 23 working days; the odometer of the last trip's start.
    let may = &clients.figures("2017-05", "2017-06").await[0];
    assert_eq!(of(may), (Some(500_000), 3, 5, Some(2_174)));
    assert!(may.under_used, "less than 30 % of the working days");
    // One of 11 working days until today, 2017-06-15, without a trip that began in it.
    let june = &clients.figures("2017-06", "2017-07").await[0];
    assert_eq!(of(june), (Some(400_000), 0, 1, Some(909)));
    let april = &clients.figures("2017-04", "2017-05").await[0];
    assert_eq!(of(april), (Some(0), 0, 0, None));
}

async fn fleets_are_summed_up(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    for (organization, plate, acquired_on, electric) in [
        (XILING, "鄂E10001", "2016-03-01", false),
        (XILING, "鄂ED00002", "2017-01-01", true),
        (XILING, "鄂E10003", "2017-06-01", false),
        (XILING, "鄂E10004", "2017-06-02", false),
        (YILING, "鄂ED00005", "2017-02-01", true),
    ] {
        let mut vehicle =
            Vehicle { acquired_on: acquired_on.to_owned(), ..car(organization, plate) };
        if electric {
            vehicle.power_source = PowerSource::Electric.into();
            vehicle.displacement_ml = 0;
        }
        let vehicle = create(&mut clients.vehicles, vehicle).await.unwrap();
        clients.recorded(vec![slip(&vehicle, ExpenseKind::Repair, "2017-03-01", 100, plate)]).await;
    }
    let asked = SummarizeFleetRequest { year: 2017, ..SummarizeFleetRequest::default() };
    let answer = clients.figures.summarize_fleet(asked.clone()).await.unwrap().into_inner();
    let rows: Vec<_> = answer.rows.iter().chain(answer.total.as_ref()).collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let counts = (row.vehicle_count, row.new_energy_count, row.purchase_count);
            (row.key.as_str(), counts, row.new_energy_bp, row.running_fen)
        })
        .collect();
    let wanted = [
        (XILING, (4, 1, 3), Some(3_333), 400),
        (YILING, (1, 1, 1), Some(10_000), 100),
        ("", (5, 2, 4), Some(5_000), 500),
    ];
    assert_eq!(shown, wanted);
    let group_by = FleetGrouping::Region.into();
    let by_region = SummarizeFleetRequest { group_by, year: 2016, ..asked };
    let answer = clients.figures.summarize_fleet(by_region).await.unwrap().into_inner();
    let keys: Vec<_> =
        answer.rows.iter().map(|row| (row.key.as_str(), row.vehicle_count)).collect();
    assert_eq!(keys, [("420502", 1), ("420506", 0)]);
    assert!(!answer.scope_limited);
    let wrong = SummarizeFleetRequest { year: 1989, ..SummarizeFleetRequest::default() };
    assert_eq!(reason(&clients.figures.summarize_fleet(wrong).await.unwrap_err()), "OUT_OF_RANGE");
}

async fn figures_come_in_pages(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    for number in 0..5 {
        clients.car(&format!("鄂E0000{number}")).await;
    }
    let mut request = ListVehicleFiguresRequest {
        period: Some(period("2017-01", "2017-06")),
        page_size: 2,
        ..ListVehicleFiguresRequest::default()
    };
    let mut plates = Vec::new();
    loop {
        let page = clients.figures.list_vehicle_figures(request.clone()).await.unwrap();
        let page = page.into_inner();
        plates.extend(page.figures.into_iter().map(|it| it.plate));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(plates.len(), 5);
    assert!(plates.is_sorted());
    let part = ListVehicleFiguresRequest {
        plate_contains: "00003".to_owned(),
        page_token: String::new(),
        ..request
    };
    let found = clients.figures.list_vehicle_figures(part).await.unwrap().into_inner();
    assert_eq!(found.figures.len(), 1);
    let none = ListVehicleFiguresRequest::default();
    assert_eq!(reason(&clients.figures.list_vehicle_figures(none).await.unwrap_err()), "REQUIRED");
}
