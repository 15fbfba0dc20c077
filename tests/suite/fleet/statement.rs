use steward_chassis::backend::Backend;
use steward_proto::fleet::v1::{
    Card, ExpenseOutcome, ExpenseResult, GetExpenseRequest, ImportStatementRequest,
    ImportStatementResponse, LineKind, ListStatementLinesRequest, ReverseExpenseRequest,
    ReverseTopUpRequest, StatementLine,
};
use steward_tests::service::{As, open_runtime, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::running::{Clients, at};
use super::{MIGRATIONS, XILING, faults, reason, request_id};

both!(
    MIGRATIONS,
    fills_are_expenses_and_top_ups_are_none,
    a_statement_is_imported_once,
    a_fill_that_was_reversed_comes_again,
    faulty_lines_are_refused,
    lines_are_listed,
    a_top_up_is_taken_back,
    a_line_is_about_the_vehicle_that_the_card_was_for_then,
);

fn line(kind: LineKind, time: &str, fen: i64, no: &str) -> StatementLine {
    StatementLine {
        card_no: "1000 01".to_owned(),
        kind: kind.into(),
        line_time: Some(at(time)),
        amount_fen: fen,
        document_no: no.to_owned(),
        ..StatementLine::default()
    }
}

fn importing(lines: Vec<StatementLine>) -> ImportStatementRequest {
    ImportStatementRequest { request_id: request_id(), lines, ..ImportStatementRequest::default() }
}

async fn import(
    clients: &mut Clients,
    lines: Vec<StatementLine>,
) -> Result<ImportStatementResponse, Status> {
    Ok(clients.statements.import_statement(importing(lines)).await?.into_inner())
}

fn outcomes(answer: &ImportStatementResponse) -> Vec<ExpenseOutcome> {
    answer.results.iter().map(ExpenseResult::outcome).collect()
}

fn statement() -> Vec<StatementLine> {
    let fill = StatementLine {
        quantity: Some(40_255),
        odometer_m: Some(50_300_000),
        plate: "鄂E00009".to_owned(),
        station: "中石化西陵一路站".to_owned(),
        ..line(LineKind::Fill, "2017-05-03 09:10", 26_050, "2")
    };
    vec![line(LineKind::TopUp, "2017-05-02 10:00", 300_001, "1"), fill]
}

async fn list(clients: &mut Clients, request: ListStatementLinesRequest) -> Vec<StatementLine> {
    clients.statements.list_statement_lines(request).await.unwrap().into_inner().lines
}

async fn fills_are_expenses_and_top_ups_are_none(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.carded(&vehicle, "100001").await;
    let answer = import(&mut clients, statement()).await.unwrap();
    assert_eq!((answer.recorded_count, answer.refused_count), (2, 0));
    assert_eq!(answer.results[0].expense_id, "");
    let id = answer.results[1].expense_id.clone();
    let expense = clients.expenses.get_expense(GetExpenseRequest { id: id.clone() }).await;
    let content = expense.unwrap().into_inner().expense.unwrap().content.unwrap();
    assert_eq!((content.vehicle_id, content.plate.as_str()), (vehicle.id, "鄂E00009"));
    assert_eq!((content.quantity, content.card_no.as_str()), (Some(40_255), "100001"));
    let figures = clients.figures("2017-05", "2017-06").await.remove(0);
    assert_eq!((figures.running_fen, figures.fuel_ml), (26_050, 40_255), "a top-up is no cost");
    assert_eq!(clients.open("top_up_limit").await.len(), 1);
    assert_eq!(clients.open("card_mismatch").await.len(), 1, "another plate at the pump");
    let lines = list(&mut clients, ListStatementLinesRequest::default()).await;
    let [top_up, fill] = lines.as_slice() else { panic!("{lines:#?}") };
    assert_eq!((top_up.kind(), top_up.expense_id.as_str()), (LineKind::TopUp, ""));
    assert_eq!((fill.kind(), &fill.expense_id), (LineKind::Fill, &id));
    let asked = statement().remove(1);
    let expected = StatementLine {
        id: fill.id.clone(),
        organization: XILING.to_owned(),
        card_no: "100001".to_owned(),
        document_line: 1,
        expense_id: id,
        record_time: fill.record_time,
        ..asked
    };
    assert_eq!(*fill, expected);
    let charge = StatementLine {
        quantity: Some(35_000),
        ..line(LineKind::Charge, "2017-05-05 09:10", 3_000, "3")
    };
    import(&mut clients, vec![charge]).await.unwrap();
    assert_eq!(clients.figures("2017-05", "2017-06").await[0].energy_wh, 35_000);
}

async fn a_statement_is_imported_once(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.carded(&vehicle, "100001").await;
    let request = importing(statement());
    let check = ImportStatementRequest { validate_only: true, ..request.clone() };
    let checked = clients.statements.import_statement(check).await.unwrap().into_inner();
    assert!(checked.results.iter().all(|result| result.expense_id.is_empty()));
    assert!(list(&mut clients, ListStatementLinesRequest::default()).await.is_empty());
    let first = clients.statements.import_statement(request.clone()).await.unwrap().into_inner();
    let again = clients.statements.import_statement(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let again = import(&mut clients, statement()).await.unwrap();
    assert_eq!(outcomes(&again), [ExpenseOutcome::Duplicate; 2]);
    assert_eq!(again.results[1].expense_id, first.results[1].expense_id);
    let twice = line(LineKind::TopUp, "2017-05-04 10:00", 100, "5");
    let answer = import(&mut clients, vec![twice.clone(), twice]).await.unwrap();
    assert_eq!(outcomes(&answer), [ExpenseOutcome::Recorded, ExpenseOutcome::Duplicate]);
    assert_eq!(list(&mut clients, ListStatementLinesRequest::default()).await.len(), 3);
    let other = line(LineKind::TopUp, "2017-05-02 10:00", 300_000, "1");
    let error = import(&mut clients, vec![other]).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::AlreadyExists, "LINE_CONFLICT"));
}

async fn a_fill_that_was_reversed_comes_again(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.carded(&vehicle, "100001").await;
    let first = import(&mut clients, statement()).await.unwrap();
    let request = ReverseExpenseRequest {
        request_id: request_id(),
        id: first.results[1].expense_id.clone(),
        reason: "错账".to_owned(),
        validate_only: false,
    };
    clients.expenses.reverse_expense(request).await.unwrap();
    let again = import(&mut clients, statement()).await.unwrap();
    assert_eq!(outcomes(&again), [ExpenseOutcome::Duplicate, ExpenseOutcome::Recorded]);
    assert_ne!(again.results[1].expense_id, first.results[1].expense_id);
    assert_eq!(clients.figures("2017-05", "2017-06").await[0].running_fen, 26_050);
    let again = import(&mut clients, statement()).await.unwrap();
    assert_eq!(outcomes(&again), [ExpenseOutcome::Duplicate; 2]);
    // Two fills of a day for the same money.
    let fills = vec![
        line(LineKind::Fill, "2017-05-04 10:00", 100, "5"),
        line(LineKind::Fill, "2017-05-04 16:00", 100, "5"),
    ];
    let answer = import(&mut clients, fills).await.unwrap();
    assert_eq!(outcomes(&answer), [ExpenseOutcome::Recorded; 2]);
    let lines = list(&mut clients, ListStatementLinesRequest::default()).await;
    let of_document = lines.iter().filter(|line| line.document_no == "5");
    assert_eq!(of_document.map(|line| line.document_line).collect::<Vec<_>>(), [1, 2]);
}

async fn faulty_lines_are_refused(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.carded(&vehicle, "100001").await;
    let unknown = StatementLine {
        card_no: "2".to_owned(),
        ..line(LineKind::Fill, "2017-05-02 10:00", 100, "1")
    };
    let faulty = StatementLine {
        quantity: Some(1),
        amount_fen: 0,
        ..line(LineKind::TopUp, "2017-06-15 08:01", 0, "")
    };
    let lines = vec![unknown, faulty, line(LineKind::Fill, "2017-05-02 10:00", 100, "1")];
    let error = import(&mut clients, lines.clone()).await.unwrap_err();
    let want = [
        ("lines[0].card_no", "CARD_UNKNOWN"),
        ("lines[1].line_time", "TIME_IN_FUTURE"),
        ("lines[1].quantity", "QUANTITY_UNEXPECTED"),
        ("lines[1].amount_fen", "AMOUNT_OUT_OF_RANGE"),
        ("lines[1].document_no", "REQUIRED"),
    ];
    assert_eq!(faults(&error), want.map(|(at, why)| (at.to_owned(), why.to_owned())));
    let request = ImportStatementRequest { partial: true, ..importing(lines) };
    let answer = clients.statements.import_statement(request).await.unwrap().into_inner();
    let refused = ExpenseOutcome::Refused;
    assert_eq!(outcomes(&answer), [refused, refused, ExpenseOutcome::Recorded]);
}

async fn lines_are_listed(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.carded(&vehicle, "100001").await;
    import(&mut clients, statement()).await.unwrap();
    let all = ListStatementLinesRequest::default();
    for (request, count) in [
        (ListStatementLinesRequest { card_no: "1000-01".to_owned(), ..all.clone() }, 2),
        (ListStatementLinesRequest { card_no: "2".to_owned(), ..all.clone() }, 0),
        (ListStatementLinesRequest { kind: LineKind::TopUp.into(), ..all.clone() }, 1),
        (ListStatementLinesRequest { regions: vec!["420506".to_owned()], ..all.clone() }, 0),
        (ListStatementLinesRequest { organizations: vec![XILING.to_owned()], ..all.clone() }, 2),
    ] {
        assert_eq!(list(&mut clients, request).await.len(), count);
    }
    let page = ListStatementLinesRequest { page_size: 1, ..all };
    let first = clients.statements.list_statement_lines(page.clone()).await.unwrap().into_inner();
    let next = ListStatementLinesRequest { page_token: first.next_page_token, ..page };
    let second = clients.statements.list_statement_lines(next).await.unwrap().into_inner();
    assert_ne!(first.lines, second.lines);
    assert_eq!(second.next_page_token, "");
}

async fn a_line_is_about_the_vehicle_that_the_card_was_for_then(db: TestDb) {
    let clock = test_clock();
    let runtime = open_runtime(&clock);
    let backend = Backend::Local(start(&steward_fleet::SPEC, &db, &runtime).await.routes);
    let mut clients = Clients::of(&backend, &As::default());
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let card = clients.carded(&one, "100001").await;
    let moved = Card { vehicle_id: two.id.clone(), ..card };
    clients.update_card(&moved, &["vehicle_id"], "").await.unwrap();
    clock.advance(chrono::TimeDelta::days(2));
    let fills = vec![
        line(LineKind::Fill, "2017-05-03 10:00", 100, "1"),
        line(LineKind::Fill, "2017-06-14 23:59", 200, "2"),
        line(LineKind::Fill, "2017-06-15 00:00", 400, "3"),
        line(LineKind::Fill, "2017-06-16 10:00", 800, "4"),
    ];
    import(&mut clients, fills).await.unwrap();
    assert_eq!(clients.open("card_mismatch").await, [""; 0], "each is that of its vehicle");
    let figures = clients.figures("2017-05", "2017-07").await;
    let cost = |id: &str| figures.iter().find(|it| it.vehicle_id == id).unwrap().running_fen;
    assert_eq!((cost(&one.id), cost(&two.id)), (300, 1_200));
}

async fn reverse(
    clients: &mut Clients,
    request: ReverseTopUpRequest,
) -> Result<StatementLine, Status> {
    Ok(clients.statements.reverse_top_up(request).await?.into_inner().line.unwrap())
}

async fn a_top_up_is_taken_back(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let vehicle = clients.car("鄂E12345").await;
    clients.carded(&vehicle, "100001").await;
    let answer = import(&mut clients, statement()).await.unwrap();
    let (id, fill) = (answer.results[0].line_id.clone(), &answer.results[1]);
    assert_eq!(fill.line_id, "", "a fill has its expense");
    let lines = list(&mut clients, ListStatementLinesRequest::default()).await;
    let of_fill = lines.iter().find(|it| it.expense_id == fill.expense_id).unwrap().id.clone();
    assert_eq!(clients.open("top_up_limit").await.len(), 1);
    let asked = |id: &str| ReverseTopUpRequest {
        request_id: request_id(),
        id: id.to_owned(),
        reason: "金额有误".to_owned(),
        validate_only: false,
    };

    let error = reverse(&mut clients, asked(&of_fill)).await.unwrap_err();
    assert_eq!(reason(&error), "LINE_IS_EXPENSE");
    let error = reverse(&mut clients, asked(&request_id())).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let silent = ReverseTopUpRequest { reason: String::new(), ..asked(&id) };
    let error = reverse(&mut clients, silent).await.unwrap_err();
    assert_eq!(faults(&error), [("reason".to_owned(), "REQUIRED".to_owned())]);
    let tried = ReverseTopUpRequest { validate_only: true, ..asked(&id) };
    reverse(&mut clients, tried).await.unwrap();

    let request = asked(&id);
    let line = reverse(&mut clients, request.clone()).await.unwrap();
    assert_eq!((line.id.as_str(), line.reverse_reason.as_str()), (&*id, "金额有误"));
    assert_eq!(reverse(&mut clients, request).await.unwrap(), line, "repeated");
    let error = reverse(&mut clients, asked(&id)).await.unwrap_err();
    assert_eq!(reason(&error), "TOP_UP_REVERSED");
    assert_eq!(clients.open("top_up_limit").await, [""; 0]);
    // As it should have been.
    let right = line_of_top_up(3_000);
    let answer = import(&mut clients, vec![right.clone()]).await.unwrap();
    assert_eq!(answer.recorded_count, 1);
    let again = import(&mut clients, vec![right]).await.unwrap();
    assert_eq!(again.duplicate_count, 1);
}

fn line_of_top_up(fen: i64) -> StatementLine {
    line(LineKind::TopUp, "2017-05-02 10:00", fen, "1")
}
