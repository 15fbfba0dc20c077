use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::fleet::v1::{
    Card, CardState, Expense, ExpenseKind, ExpenseOutcome, ExpenseResult, GetExpenseRequest,
    ImportTripsRequest, ListExpensesRequest, ListReadingsRequest, NewExpense, PowerSource,
    RecordExpensesRequest, RecordExpensesResponse, ReverseExpenseRequest, Vehicle,
};
use steward_proto::ledger::v1::{ListEntriesRequest, ReverseEntryRequest};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::running::{Clients, at, fill, recording, slip, trip};
use super::{MIGRATIONS, XILING, YILING, car, create, faults, reason, request_id};

both!(
    MIGRATIONS,
    an_expense_is_kept_and_booked,
    the_same_again_is_skipped,
    a_document_has_several_fills,
    a_trip_is_one_of_the_vehicle,
    all_or_none_or_what_can_be,
    checking_records_nothing,
    a_reversal_takes_everything_back,
    the_ledger_takes_an_expense_with_it,
    cards_and_slips_are_held_together,
    fills_have_a_limit,
    no_more_is_filled_in_than_the_tank_holds,
    no_more_is_charged_than_the_battery_holds,
    a_slip_has_no_more_than_can_be_filled_in,
    expenses_are_listed,
    nobody_records_beyond_his_grants,
);

async fn get(clients: &mut Clients, id: &str) -> Result<Expense, Status> {
    let request = GetExpenseRequest { id: id.to_owned() };
    Ok(clients.expenses.get_expense(request).await?.into_inner().expense.unwrap())
}

fn reversing(id: &str) -> ReverseExpenseRequest {
    ReverseExpenseRequest {
        request_id: request_id(),
        id: id.to_owned(),
        reason: "错账".to_owned(),
        validate_only: false,
    }
}

fn outcomes(answer: &RecordExpensesResponse) -> Vec<ExpenseOutcome> {
    answer.results.iter().map(ExpenseResult::outcome).collect()
}

async fn an_expense_is_kept_and_booked(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let asked = NewExpense {
        card_no: "1000 01".to_owned(),
        station: "中石化西陵一路站".to_owned(),
        paid_by: YILING.to_owned(),
        fund_source: "财政拨款".to_owned(),
        approval_reference: "a".to_owned(),
        memo: "下乡".to_owned(),
        ..fill(&vehicle, "2017-05-03 23:10", 26_050, 40_499, 50_300, "F-1")
    };
    let by_plate = NewExpense {
        vehicle_id: String::new(),
        plate: "鄂e·12345".to_owned(),
        // Three minutes later; it goes on the next line.
        occur_time: Some(at("2017-05-03 23:13")),
        quantity: Some(500),
        ..asked.clone()
    };
    let ids = clients.recorded(vec![asked.clone(), by_plate]).await;
    let kept = get(&mut clients, &ids[0]).await.unwrap();
    let content = NewExpense {
        occurred_on: "2017-05-03".to_owned(),
        card_no: "100001".to_owned(),
        document_line: 1,
        ..asked
    };
    let expected = Expense {
        id: ids[0].clone(),
        organization: XILING.to_owned(),
        content: Some(content),
        entry_id: kept.entry_id.clone(),
        live: true,
        record_time: kept.record_time,
        recorded_by: kept.recorded_by.clone(),
        ..Expense::default()
    };
    assert_eq!(kept, expected);
    let second = get(&mut clients, &ids[1]).await.unwrap().content.unwrap();
    assert_eq!((second.vehicle_id, second.plate.as_str()), (vehicle.id.clone(), "鄂E12345"));
    let entries = clients.ledger.list_entries(ListEntriesRequest::default()).await.unwrap();
    let entries: Vec<_> =
        entries.into_inner().entries.into_iter().map(|entry| entry.content.unwrap()).collect();
    // 40.499 litres are 40 there, half a litre is one.
    let mut litres: Vec<_> = entries.iter().map(|entry| entry.quantity.unwrap()).collect();
    litres.sort_unstable();
    assert_eq!(litres, [1, 40]);
    for entry in &entries {
        assert_eq!((entry.category.as_str(), entry.amount_fen), ("vehicle_fuel", 26_050));
        assert_eq!(entry.source_resource, format!("vehicles/{}", vehicle.id));
        assert_eq!((entry.organization.as_str(), entry.paid_by.as_str()), (XILING, YILING));
        assert_eq!(entry.occurred_on, "2017-05-03");
    }
}

async fn the_same_again_is_skipped(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let first = fill(&vehicle, "2017-05-03 09:10", 26_050, 40_255, 50_300, "F-1");
    let request = recording(vec![first.clone(), first.clone()]);
    let answer = clients.expenses.record_expenses(request.clone()).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer), [ExpenseOutcome::Recorded, ExpenseOutcome::Duplicate]);
    assert_eq!(answer.results[1].expense_id, "", "the earlier one lies in the same request");
    let again = clients.expenses.record_expenses(request).await.unwrap().into_inner();
    assert_eq!(again, answer, "a repeated request is answered again");
    // Imported again, with another request.
    let again = clients.record(vec![first.clone()]).await.unwrap();
    assert_eq!(outcomes(&again), [ExpenseOutcome::Duplicate]);
    assert_eq!(again.results[0].expense_id, answer.results[0].expense_id);
    let other = NewExpense { amount_fen: 26_051, ..first };
    let error = clients.record(vec![other.clone()]).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::AlreadyExists, "ENTRY_CONFLICT"));
    let request = RecordExpensesRequest { partial: true, ..recording(vec![other]) };
    let answer = clients.expenses.record_expenses(request).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer), [ExpenseOutcome::Conflict]);
    assert_eq!((answer.recorded_count, answer.refused_count), (0, 1));
    let list = clients.expenses.list_expenses(ListExpensesRequest::default()).await.unwrap();
    assert_eq!(list.into_inner().expenses.len(), 1);
    assert_eq!(clients.figures("2017-05", "2017-06").await[0].fuel_ml, 40_255);
    let request =
        ListReadingsRequest { vehicle_id: vehicle.id.clone(), ..ListReadingsRequest::default() };
    let readings = clients.odometer.list_readings(request).await.unwrap().into_inner().readings;
    assert_eq!(readings.len(), 1);
}

async fn a_document_has_several_fills(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    // The bill of a month: two fills of a day for the same money, and one of another vehicle.
    let first = fill(&one, "2017-05-03 09:10", 20_000, 30_000, 50_300, "F-1");
    let bill = vec![
        first.clone(),
        fill(&one, "2017-05-03 17:40", 20_000, 30_000, 50_700, "F-1"),
        fill(&two, "2017-05-03 09:10", 20_000, 30_000, 50_300, "F-1"),
    ];
    let ids = clients.recorded(bill.clone()).await;
    for (id, line) in ids.iter().zip(1..) {
        let content = get(&mut clients, id).await.unwrap().content.unwrap();
        assert_eq!(content.document_line, line);
    }
    // Again, in another order.
    let again = clients.record(bill.into_iter().rev().collect()).await.unwrap();
    assert_eq!(outcomes(&again), [ExpenseOutcome::Duplicate; 3]);
    let found: Vec<_> = again.results.iter().map(|it| it.expense_id.as_str()).collect();
    assert_eq!(found, [ids[2].as_str(), &ids[1], &ids[0]]);
    // One that names the line of another one is told so, not swallowed.
    let other = fill(&one, "2017-05-03 12:00", 20_000, 30_000, 50_500, "F-1");
    let on_first = NewExpense { document_line: 1, ..other.clone() };
    assert_eq!(reason(&clients.record(vec![on_first]).await.unwrap_err()), "ENTRY_CONFLICT");
    let kept = clients.recorded(vec![other]).await;
    let content = get(&mut clients, &kept[0]).await.unwrap().content.unwrap();
    assert_eq!(content.document_line, 4);
    // What was reversed may come again.
    clients.expenses.reverse_expense(reversing(&ids[0])).await.unwrap();
    clients.recorded(vec![first]).await;
    assert_eq!(clients.figures("2017-05", "2017-06").await[0].fuel_ml, 90_000);
}

async fn a_trip_is_one_of_the_vehicle(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let trip = trip(&one, ["2017-03-10 08:00", "2017-03-12 18:00"], [100, 200]);
    let request = ImportTripsRequest {
        request_id: request_id(),
        trips: vec![trip],
        ..ImportTripsRequest::default()
    };
    let answer = clients.trips.import_trips(request).await.unwrap().into_inner();
    let trip_id = answer.trips[0].id.clone();
    let toll = |vehicle: &Vehicle, on: &str, trip_id: &str| NewExpense {
        trip_id: trip_id.to_owned(),
        ..slip(vehicle, ExpenseKind::TollParking, on, 100, on)
    };
    for (expense, fits) in [
        (toll(&one, "2017-03-02", &trip_id), false),
        (toll(&one, "2017-03-03", &trip_id), true),
        (toll(&one, "2017-05-13", &trip_id), true),
        (toll(&one, "2017-05-14", &trip_id), false),
        (toll(&two, "2017-03-10", &trip_id), false),
        (toll(&one, "2017-03-11", &request_id()), false),
    ] {
        match clients.record(vec![expense.clone()]).await {
            Ok(_) => assert!(fits, "{expense:?}"),
            Err(error) => {
                assert!(!fits, "{expense:?}");
                let at = "expenses[0].trip_id".to_owned();
                assert_eq!(faults(&error), [(at, "TRIP_UNFIT".to_owned())]);
            }
        }
    }
}

async fn all_or_none_or_what_can_be(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let good = slip(&vehicle, ExpenseKind::Repair, "2017-05-03", 100, "1");
    let faulty = NewExpense {
        kind: ExpenseKind::Repair.into(),
        occurred_on: "2017-06-16".to_owned(),
        quantity: Some(0),
        odometer_m: Some(-1),
        document_line: -1,
        service_from: "2017-01-01".to_owned(),
        ..NewExpense::default()
    };
    let unknown = NewExpense { vehicle_id: request_id(), ..good.clone() };
    let expenses = vec![good, faulty, unknown];
    let error = clients.record(expenses.clone()).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::InvalidArgument, "INVALID_REQUEST"));
    let want = [
        ("expenses[1].vehicle_id", "REQUIRED"),
        ("expenses[1].occurred_on", "DATE_IN_FUTURE"),
        ("expenses[1].odometer_m", "OUT_OF_RANGE"),
        ("expenses[1].quantity", "QUANTITY_UNEXPECTED"),
        ("expenses[1].quantity", "OUT_OF_RANGE"),
        ("expenses[1].amount_fen", "AMOUNT_OUT_OF_RANGE"),
        ("expenses[1].document_no", "REQUIRED"),
        ("expenses[1].document_line", "LINE_OUT_OF_RANGE"),
        ("expenses[1].service_until", "SERVICE_PERIOD_MALFORMED"),
        ("expenses[2].vehicle_id", "VEHICLE_UNKNOWN"),
    ];
    assert_eq!(faults(&error), want.map(|(at, why)| (at.to_owned(), why.to_owned())));
    let request = RecordExpensesRequest { partial: true, ..recording(expenses) };
    let answer = clients.expenses.record_expenses(request).await.unwrap().into_inner();
    let refused = ExpenseOutcome::Refused;
    assert_eq!(outcomes(&answer), [ExpenseOutcome::Recorded, refused, refused]);
    assert_eq!(answer.results[2].refusals[0].message_zh, "该车辆未登记");
    let none = clients.record(vec![]).await.unwrap_err();
    assert_eq!(faults(&none), [("expenses".to_owned(), "REQUIRED".to_owned())]);
}

async fn checking_records_nothing(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let expense = fill(&vehicle, "2017-05-03 09:10", 40_000, 40_255, 50_300, "F-1");
    let check = RecordExpensesRequest { validate_only: true, ..recording(vec![expense.clone()]) };
    let answer = clients.expenses.record_expenses(check).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer), [ExpenseOutcome::Recorded]);
    assert_eq!(answer.results[0].expense_id, "");
    assert_eq!(clients.open("fill_limit").await, [""; 0]);
    let id = clients.recorded(vec![expense]).await.remove(0);
    let check = ReverseExpenseRequest { validate_only: true, ..reversing(&id) };
    let answer = clients.expenses.reverse_expense(check).await.unwrap().into_inner();
    let answer = answer.expense.unwrap();
    assert_eq!((answer.live, answer.reversal_entry_id.as_str()), (false, ""));
    assert!(get(&mut clients, &id).await.unwrap().live);
}

async fn a_reversal_takes_everything_back(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    for (time, kilometres) in
        [("2017-05-01 08:00", 100), ("2017-05-02 08:00", 200), ("2017-05-04 08:00", 300)]
    {
        clients.read(&vehicle, time, kilometres).await.unwrap();
    }
    let wrong = fill(&vehicle, "2017-05-03 09:10", 40_000, 40_255, 50_300, "F-1");
    let id = clients.recorded(vec![wrong.clone()]).await.remove(0);
    assert_eq!(clients.open("odometer_backwards").await.len(), 1);
    assert_eq!(clients.open("fill_limit").await.len(), 1);
    let request = reversing(&id);
    let first = clients.expenses.reverse_expense(request.clone()).await.unwrap().into_inner();
    let again = clients.expenses.reverse_expense(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let reversed = first.expense.unwrap();
    assert_eq!((reversed.live, reversed.reversed_on.as_str()), (false, "2017-05-03"));
    assert_eq!(get(&mut clients, &id).await.unwrap(), reversed);
    for code in ["odometer_backwards", "fill_limit"] {
        assert_eq!(clients.open(code).await, [""; 0], "{code}");
    }
    let figures = clients.figures("2017-05", "2017-06").await.remove(0);
    assert_eq!((figures.fuel_ml, figures.running_fen), (0, 0));
    assert_eq!((figures.distance_m, figures.misfit_count), (Some(200_000), 0));
    let error = clients.expenses.reverse_expense(reversing(&id)).await.unwrap_err();
    assert_eq!(reason(&error), "ENTRY_ALREADY_REVERSED");
    // The slip may be recorded again, corrected.
    let right = NewExpense { odometer_m: Some(250_000), amount_fen: 25_000, ..wrong };
    assert_ne!(clients.recorded(vec![right]).await, [id]);
    let none = clients.expenses.reverse_expense(reversing(&request_id())).await.unwrap_err();
    assert_eq!(none.code(), Code::NotFound);
}

async fn the_ledger_takes_an_expense_with_it(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    let expense = fill(&vehicle, "2017-05-03 09:10", 40_000, 40_255, 50_300, "F-1");
    let id = clients.recorded(vec![expense]).await.remove(0);
    let request = ReverseEntryRequest {
        request_id: request_id(),
        entry_id: get(&mut clients, &id).await.unwrap().entry_id,
        reason: "错账".to_owned(),
        validate_only: false,
    };
    clients.ledger.reverse_entry(request).await.unwrap();
    let expense = get(&mut clients, &id).await.unwrap();
    assert_eq!((expense.live, expense.reversed_on.as_str()), (false, "2017-05-03"));
    assert_eq!(clients.open("fill_limit").await, [""; 0]);
    let figures = clients.figures("2017-05", "2017-06").await.remove(0);
    assert_eq!((figures.fuel_ml, figures.running_fen, figures.distance_m), (0, 0, None));
}

async fn cards_and_slips_are_held_together(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let card = clients.carded(&one, "1").await;
    let limited = Card { stations: vec!["甲站".to_owned()], ..card };
    let card = clients.update_card(&limited, &["stations"], "2017-05-01").await.unwrap();
    let mut number = 0;
    let mut case = |vehicle: &_, card_no: &str, station: &str, plate: &str| {
        number += 1;
        NewExpense {
            card_no: card_no.to_owned(),
            station: station.to_owned(),
            plate: plate.to_owned(),
            ..slip(vehicle, ExpenseKind::Fuel, "2017-05-03", 100, &format!("F-{number}"))
        }
    };
    for (expense, mismatches, outside) in [
        (case(&one, "1", "甲站", "鄂E00001"), 0, 0),
        (case(&one, "1", "", ""), 0, 0),
        (case(&one, "", "乙站", ""), 0, 1),
        (case(&one, "1", "乙站", ""), 0, 2),
        (case(&two, "1", "甲站", ""), 1, 2),
        (case(&one, "1", "甲站", "鄂E00002"), 2, 2),
        (case(&one, "9", "甲站", ""), 3, 2),
    ] {
        clients.recorded(vec![expense.clone()]).await;
        let found = (
            clients.open("card_mismatch").await.len(),
            clients.open("station_outside").await.len(),
        );
        assert_eq!(found, (mismatches, outside), "{expense:?}");
    }
    let blocked = Card { state: CardState::Blocked.into(), ..card };
    clients.update_card(&blocked, &["state"], "").await.unwrap();
    clients.recorded(vec![case(&one, "1", "甲站", "")]).await;
    assert_eq!(clients.open("card_mismatch").await.len(), 3, "it was in use on that day");
    let today = NewExpense {
        card_no: "1".to_owned(),
        ..slip(&one, ExpenseKind::Fuel, "2017-06-15", 100, "F-0")
    };
    clients.recorded(vec![today]).await;
    assert_eq!(clients.open("card_mismatch").await.len(), 4);
}

async fn fills_have_a_limit(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    for (kind, fen, found) in [
        (ExpenseKind::Fuel, 29_999, 0),
        (ExpenseKind::Fuel, 30_000, 0),
        (ExpenseKind::Repair, 30_001, 0),
        (ExpenseKind::Fuel, 30_001, 1),
    ] {
        let expense = slip(&vehicle, kind, "2017-05-03", fen, &format!("{kind:?} {fen}"));
        clients.recorded(vec![expense]).await;
        assert_eq!(clients.open("fill_limit").await.len(), found, "{kind:?} {fen}");
    }
}

async fn no_more_is_filled_in_than_the_tank_holds(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let tank = Vehicle { tank_ml: 50_000, ..car(XILING, "鄂E00001") };
    let tank = create(&mut clients.vehicles, tank).await.unwrap();
    let unknown = clients.car("鄂E00002").await;
    for (vehicle, millilitres, found) in
        [(&unknown, 90_000, 0), (&tank, 55_000, 0), (&tank, 55_001, 1)]
    {
        let no = format!("{} {millilitres}", vehicle.plate);
        let expense = fill(vehicle, "2017-05-03 09:10", 100, millilitres, 100, &no);
        clients.recorded(vec![expense]).await;
        assert_eq!(clients.open("fill_over_tank").await.len(), found, "{no}");
    }
}

async fn no_more_is_charged_than_the_battery_holds(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let battery = Vehicle {
        power_source: PowerSource::Electric.into(),
        displacement_ml: 0,
        battery_wh: 50_000,
        tank_ml: 0,
        ..car(XILING, "鄂ED00001")
    };
    let vehicle = create(&mut clients.vehicles, battery).await.unwrap();
    for (watt_hours, found) in [(60_000, 0), (60_001, 1)] {
        let no = format!("C {watt_hours}");
        let charge = NewExpense {
            quantity: Some(watt_hours),
            ..slip(&vehicle, ExpenseKind::Charging, "2017-05-03", 100, &no)
        };
        clients.recorded(vec![charge]).await;
        assert_eq!(clients.open("fill_over_tank").await.len(), found, "{no}");
    }
}

async fn a_slip_has_no_more_than_can_be_filled_in(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    for (quantity, fits) in [(10_000_000, true), (10_000_001, false)] {
        for kind in [ExpenseKind::Fuel, ExpenseKind::Charging] {
            let no = format!("{kind:?} {quantity}");
            let expense = NewExpense {
                quantity: Some(quantity),
                ..slip(&vehicle, kind, "2017-05-03", 100, &no)
            };
            assert_eq!(clients.record(vec![expense]).await.is_ok(), fits, "{no}");
        }
    }
}

async fn expenses_are_listed(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let mine = clients.car("鄂E00001").await;
    let theirs = create(&mut clients.vehicles, car(YILING, "鄂E00002")).await.unwrap();
    let card_no = "7".to_owned();
    let ids = clients
        .recorded(vec![
            slip(&mine, ExpenseKind::Repair, "2017-05-03", 100, "c"),
            NewExpense { card_no, ..slip(&mine, ExpenseKind::Fuel, "2017-05-01", 100, "a") },
            slip(&theirs, ExpenseKind::Fuel, "2017-05-02", 100, "b"),
        ])
        .await;
    clients.expenses.reverse_expense(reversing(&ids[2])).await.unwrap();
    let all = ListExpensesRequest::default();
    let page = ListExpensesRequest { page_size: 2, ..all.clone() };
    for (request, documents) in [
        (all.clone(), "a b c"),
        (ListExpensesRequest { regions: vec!["420502".to_owned()], ..all.clone() }, "a c"),
        (ListExpensesRequest { organizations: vec![YILING.to_owned()], ..all.clone() }, "b"),
        (ListExpensesRequest { vehicle_id: mine.id.clone(), ..all.clone() }, "a c"),
        (ListExpensesRequest { kind: ExpenseKind::Fuel.into(), ..all.clone() }, "a b"),
        (ListExpensesRequest { from_date: "2017-05-02".to_owned(), ..all.clone() }, "b c"),
        (ListExpensesRequest { until_date: "2017-05-02".to_owned(), ..all.clone() }, "a"),
        (ListExpensesRequest { card_no: "7".to_owned(), ..all.clone() }, "a"),
        (ListExpensesRequest { live: Some(true), ..all.clone() }, "a c"),
        (ListExpensesRequest { live: Some(false), ..all.clone() }, "b"),
        (page.clone(), "a b"),
    ] {
        let answer = clients.expenses.list_expenses(request).await.unwrap().into_inner();
        let found: Vec<_> =
            answer.expenses.into_iter().map(|it| it.content.unwrap().document_no).collect();
        assert_eq!(found.join(" "), documents);
    }
    let first = clients.expenses.list_expenses(page.clone()).await.unwrap().into_inner();
    let next = ListExpensesRequest { page_token: first.next_page_token, ..page };
    let second = clients.expenses.list_expenses(next).await.unwrap().into_inner();
    assert_eq!((second.expenses.len(), second.next_page_token.as_str()), (1, ""));
}

async fn nobody_records_beyond_his_grants(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&steward_fleet::SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes.clone());
    let somebody = |region: &str| {
        let token = issuer.token(clock.now(), "clerk", &grants(&["operator"], &[region]));
        Clients::of(&backend, &As::bearer(&token))
    };
    let (mut clerk, mut other) = (somebody("420502"), somebody("420506"));
    let vehicle = create(&mut clerk.vehicles, car(XILING, "鄂E12345")).await.unwrap();
    let expense = slip(&vehicle, ExpenseKind::Repair, "2017-05-03", 100, "1");
    for named in [
        expense.clone(),
        NewExpense { vehicle_id: String::new(), plate: "鄂E12345".to_owned(), ..expense.clone() },
    ] {
        assert_eq!(reason(&other.record(vec![named]).await.unwrap_err()), "VEHICLE_UNKNOWN");
    }
    let foreign = NewExpense { paid_by: YILING.to_owned(), ..expense.clone() };
    let error = clerk.record(vec![foreign]).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let id = clerk.recorded(vec![expense]).await.remove(0);
    assert_eq!(get(&mut other, &id).await.unwrap_err().code(), Code::NotFound);
    let error = other.expenses.reverse_expense(reversing(&id)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let at_noon = at("2017-05-03 12:00");
    assert!(get(&mut clerk, &id).await.unwrap().record_time.unwrap().seconds > at_noon.seconds);
}
