//! Costs of vehicles that went from one organization to another, and costs that are none of the vehicles
//! that an organization holds.

use steward_proto::fleet::v1::{
    ExpenseKind, ExpenseOutcome, FleetRow, ImportStatementRequest, ImportTripsRequest, LineKind,
    ListNormsRequest, ListStatementLinesRequest, NewExpense, Norm, RecordExpensesRequest,
    ReverseExpenseRequest, SetNormRequest, StatementLine, SummarizeFleetRequest, Trip, TripKind,
    Vehicle,
};
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest};
use steward_tests::{TestDb, both};

use super::office::Office;
use super::running::{Clients, at, fill, recording, slip};
use super::{
    MIGRATIONS, XILING, YILING, car, create, disposal, known, reason, request_id, transfer,
};

both!(
    MIGRATIONS,
    what_a_vehicle_costs_is_of_who_held_it,
    a_slip_again_after_a_transfer_is_no_other,
    norms_are_of_who_held_the_vehicle,
    nobody_costs_another_ones_vehicle,
    a_vehicle_that_is_gone_costs_nothing,
    fleets_are_those_of_their_day,
    a_trip_of_before_is_of_who_held_the_vehicle,
);

async fn a_trip_of_before_is_of_who_held_the_vehicle(db: TestDb) {
    let it = Two::new(&db).await;
    it.hand_over().await;
    // Organizations that the regulations bind.
    known(&db, XILING, "420502", "court").await;
    known(&db, YILING, "420506", "court").await;
    let trip = |organization: &str, day: &str| Trip {
        organization: organization.to_owned(),
        kind: TripKind::Ordinary.into(),
        purpose: "调研".to_owned(),
        destination: "兴山".to_owned(),
        vehicle_id: it.vehicle.id.clone(),
        depart_time: Some(at(&format!("{day} 09:00"))),
        return_time: Some(at(&format!("{day} 10:00"))),
        ..Trip::default()
    };
    let import = async |mut clients: Clients, trip: Trip| {
        let (request_id, trips) = (request_id(), vec![trip]);
        let request = ImportTripsRequest { request_id, trips, ..Default::default() };
        let answer = clients.trips.import_trips(request).await?.into_inner();
        Ok::<_, tonic::Status>(answer.trips.into_iter().next().unwrap())
    };
    // Who gave it away enters what he drove, and who got it does not.
    let before = import(it.xiling(), trip(XILING, "2017-06-09")).await.unwrap();
    let after = import(it.yiling(), trip(YILING, "2017-06-10")).await.unwrap();
    assert_eq!([&*before.holder, &*after.holder], [XILING, YILING]);
    for (clients, wrong) in
        [(it.xiling(), trip(XILING, "2017-06-12")), (it.yiling(), trip(YILING, "2017-06-02"))]
    {
        assert_eq!(import(clients, wrong).await.unwrap_err().code(), tonic::Code::NotFound);
    }
    assert_eq!(it.city().open("trip_borrowed").await, [""; 0]);
    // With grants on both it is what it is: borrowed.
    import(it.city(), trip(XILING, "2017-06-13")).await.unwrap();
    assert_eq!(it.city().open("trip_borrowed").await.len(), 1);
}

pub(super) struct Two {
    pub(super) office: Office,
    pub(super) vehicle: Vehicle,
}

impl Two {
    /// A vehicle that Xiling holds, who gives it to Yiling on the 10th of June 2017.
    pub(super) async fn new(db: &TestDb) -> Self {
        let office = Office::open(db).await;
        office.clock.set("2017-06-10T00:00:00Z".parse().unwrap());
        office.grant(YILING, 5, "2017-06-01").await;
        let vehicle = create(&mut office.vehicles(), car(XILING, "鄂E12345")).await.unwrap();
        let it = Self { office, vehicle };
        it.city().carded(&it.vehicle, "100001").await;
        it
    }

    /// Somebody who may do everything in a region, with a token of now.
    fn of(&self, region: &str) -> Clients {
        let roles = &["viewer", "operator", "manager", "auditor"];
        Clients::of(&self.office.backend, &self.office.caller("u", roles, &[region]))
    }

    pub(super) fn xiling(&self) -> Clients {
        self.of("420502")
    }

    pub(super) fn yiling(&self) -> Clients {
        self.of("420506")
    }

    pub(super) fn city(&self) -> Clients {
        self.of("4205*")
    }

    pub(super) async fn hand_over(&self) {
        self.hand_over_as("").await;
    }

    /// The same with another plate, if one is given.
    pub(super) async fn hand_over_as(&self, plate: &str) {
        let asked = transfer::ask(&self.office, &self.vehicle.id, YILING).await.unwrap();
        self.office.approve(&asked.approval_id).await.unwrap();
        let mut request = transfer::completing(&transfer::read(&self.office, &asked.id).await);
        "2017-06-10".clone_into(&mut request.transferred_on);
        plate.clone_into(&mut request.plate);
        self.office.transfers().complete_transfer(request).await.unwrap();
        self.office.clock.set("2017-06-15T00:00:00Z".parse().unwrap());
    }

    /// Running costs and distance of June, and when it was held, as somebody sees it.
    pub(super) async fn june(mut clients: Clients) -> Vec<(String, String, i64, Option<i64>)> {
        let figures = clients.figures("2017-06", "2017-07").await;
        let of = |it: steward_proto::fleet::v1::VehicleFigures| {
            (it.organization, it.held_from, it.running_fen, it.distance_m)
        };
        figures.into_iter().map(of).collect()
    }
}

async fn what_a_vehicle_costs_is_of_who_held_it(db: TestDb) {
    let it = Two::new(&db).await;
    let early = fill(&it.vehicle, "2017-06-02 09:00", 100, 1_000, 1_000, "1");
    it.xiling().recorded(vec![early]).await;
    it.hand_over().await;
    // A slip of before comes late: whose it was records it, who holds the vehicle now may not.
    let late = fill(&it.vehicle, "2017-06-09 23:00", 200, 2_000, 1_100, "2");
    let error = it.yiling().record(vec![late.clone()]).await.unwrap_err();
    assert_eq!(super::faults(&error)[0].1, "VEHICLE_NOT_THEN");
    it.xiling().recorded(vec![late]).await;
    let now = fill(&it.vehicle, "2017-06-11 09:00", 400, 4_000, 1_400, "3");
    let error = it.xiling().record(vec![now.clone()]).await.unwrap_err();
    assert_eq!(super::faults(&error)[0].1, "VEHICLE_NOT_THEN");
    let by_plate = NewExpense { vehicle_id: String::new(), plate: it.vehicle.plate.clone(), ..now };
    it.yiling().recorded(vec![by_plate]).await;
    // Each sees his own part, and nothing of the other's.
    let [first, second] = [
        (XILING.to_owned(), "2017-06-01".to_owned(), 300, Some(100_000)),
        (YILING.to_owned(), "2017-06-10".to_owned(), 400, Some(300_000)),
    ];
    assert_eq!(Two::june(it.xiling()).await, std::slice::from_ref(&first));
    assert_eq!(Two::june(it.yiling()).await, std::slice::from_ref(&second));
    assert_eq!(Two::june(it.city()).await, [first, second]);
    // The statement of a card too.
    let line = |time: &str, kind: LineKind, no: &str| StatementLine {
        card_no: "100001".to_owned(),
        kind: kind.into(),
        line_time: Some(at(time)),
        amount_fen: 1_000,
        document_no: no.to_owned(),
        ..StatementLine::default()
    };
    let importing = |lines| ImportStatementRequest {
        request_id: request_id(),
        lines,
        ..ImportStatementRequest::default()
    };
    let lines = vec![
        line("2017-06-05 09:00", LineKind::TopUp, "a"),
        line("2017-06-06 09:00", LineKind::Fill, "b"),
    ];
    let refused = it.yiling().statements.import_statement(importing(lines.clone())).await;
    assert_eq!(super::faults(&refused.unwrap_err())[0].1, "CARD_UNKNOWN");
    it.xiling().statements.import_statement(importing(lines)).await.unwrap();
    let lines = vec![line("2017-06-12 09:00", LineKind::Fill, "c")];
    it.yiling().statements.import_statement(importing(lines)).await.unwrap();
    for (mut clients, documents) in [(it.xiling(), "a b"), (it.yiling(), "c")] {
        let all = ListStatementLinesRequest::default();
        let lines = clients.statements.list_statement_lines(all).await.unwrap().into_inner().lines;
        let found: Vec<_> = lines.iter().map(|line| line.document_no.as_str()).collect();
        assert_eq!(found.join(" "), documents);
    }
    let sums = [Two::june(it.xiling()).await[0].2, Two::june(it.yiling()).await[0].2];
    assert_eq!(sums, [1_300, 1_400]);
    assert_eq!(it.city().open("foreign_vehicle").await, [""; 0]);
}

async fn a_slip_again_after_a_transfer_is_no_other(db: TestDb) {
    let it = Two::new(&db).await;
    // It is told late that the vehicle went on the 10th.
    it.office.clock.set("2017-06-12T00:00:00Z".parse().unwrap());
    let slips = vec![
        fill(&it.vehicle, "2017-06-09 09:00", 100, 1_000, 1_000, "1"),
        fill(&it.vehicle, "2017-06-11 09:00", 100, 1_000, 1_100, "2"),
    ];
    let ids = it.city().recorded(slips.clone()).await;
    it.office.clock.set("2017-06-10T00:00:00Z".parse().unwrap());
    it.hand_over().await;
    let again = RecordExpensesRequest { partial: true, ..recording(slips) };
    let again = it.city().expenses.record_expenses(again).await.unwrap().into_inner();
    let found: Vec<_> = again.results.iter().map(|it| (it.outcome(), &it.expense_id)).collect();
    let there = ExpenseOutcome::Duplicate;
    assert_eq!(found, [(there, &ids[0]), (there, &ids[1])]);
}

async fn norms_are_of_who_held_the_vehicle(db: TestDb) {
    let it = Two::new(&db).await;
    for organization in [XILING, YILING] {
        let norm = Norm {
            organization: organization.to_owned(),
            fiscal_year: 2017,
            amount_fen: Some(36_500),
            ..Norm::default()
        };
        let request = SetNormRequest {
            request_id: request_id(),
            norm: Some(norm),
            ..SetNormRequest::default()
        };
        it.city().norms.set_norm(request).await.unwrap();
    }
    it.xiling()
        .recorded(vec![slip(&it.vehicle, ExpenseKind::Repair, "2017-06-01", 16_001, "1")])
        .await;
    assert_eq!(it.xiling().open("norm_exceeded").await, [""; 0]);
    // Each has the norm for the days on which it was his: 160 of 365 for 16,000, and 205 for 20,500.
    it.hand_over().await;
    assert_eq!(it.xiling().open("norm_exceeded").await, ["2017"]);
    it.yiling()
        .recorded(vec![slip(&it.vehicle, ExpenseKind::Repair, "2017-06-11", 20_500, "2")])
        .await;
    // What it cost before is not his who got it.
    assert_eq!(it.city().open("norm_exceeded").await, ["2017"]);
    assert_eq!(it.yiling().open("norm_exceeded").await, [""; 0]);
    let listing = ListNormsRequest { fiscal_year: 2017, ..ListNormsRequest::default() };
    let norms = it.yiling().norms.list_norms(listing).await.unwrap().into_inner().norms;
    let used: Vec<_> = norms.iter().map(|it| (it.used_fen, it.used_bp, it.over_count)).collect();
    assert_eq!(used, [(20_500, Some(10_000), 0)]);
    it.yiling().recorded(vec![slip(&it.vehicle, ExpenseKind::Repair, "2017-06-12", 1, "3")]).await;
    assert_eq!(it.yiling().open("norm_exceeded").await, ["2017 2017-06-10"]);
    assert_eq!(it.xiling().open("norm_exceeded").await, ["2017"]);
}

async fn nobody_costs_another_ones_vehicle(db: TestDb) {
    let it = Two::new(&db).await;
    it.hand_over().await;
    let entry = |organization: &str, category: &str, on: &str, source: &str| NewEntry {
        organization: organization.to_owned(),
        category: category.to_owned(),
        occurred_on: on.to_owned(),
        amount_fen: 700,
        document_no: format!("{organization} {category} {on}"),
        source_resource: source.to_owned(),
        ..NewEntry::default()
    };
    let source = format!("vehicles/{}", it.vehicle.id);
    let posting = |entries| PostEntriesRequest {
        request_id: request_id(),
        entries,
        ..PostEntriesRequest::default()
    };
    // Xiling booked a repair for what Yiling holds by then: it is found, and counts where it was paid.
    let foreign = entry(XILING, "vehicle_repair", "2017-06-12", &source);
    let own = entry(XILING, "vehicle_repair", "2017-06-08", &source);
    it.xiling().ledger.post_entries(posting(vec![foreign, own])).await.unwrap();
    assert_eq!(Two::june(it.yiling()).await[0].2, 0);
    assert_eq!(Two::june(it.xiling()).await[0].2, 1_400);
    assert_eq!(it.xiling().open("foreign_vehicle").await.len(), 1);
    assert_eq!(it.yiling().open("foreign_vehicle").await.len(), 0);
    // Costs of no vehicle are told once a year, and rent is none.
    let unnamed = vec![
        entry(YILING, "vehicle_fuel", "2017-06-12", ""),
        entry(YILING, "vehicle_repair", "2017-06-12", "rooms/1"),
        entry(YILING, "vehicle_rental", "2017-06-12", ""),
        entry(YILING, "vehicle_purchase", "2017-06-12", ""),
    ];
    it.yiling().ledger.post_entries(posting(unnamed)).await.unwrap();
    assert_eq!(it.yiling().open("cost_without_vehicle").await, ["2017"]);
    assert_eq!(it.xiling().open("cost_without_vehicle").await, [""; 0]);
}

async fn a_vehicle_that_is_gone_costs_nothing(db: TestDb) {
    let it = Two::new(&db).await;
    it.office.clock.set("2017-06-15T00:00:00Z".parse().unwrap());
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, "鄂E00001") };
    let old = create(&mut it.office.vehicles(), old).await.unwrap();
    disposal::dispose(&it.office, &old.id).await;
    it.office.clock.set("2017-06-20T00:00:00Z".parse().unwrap());
    let late = slip(&old, ExpenseKind::Repair, "2017-06-15", 100, "1");
    let after = slip(&old, ExpenseKind::Repair, "2017-06-16", 100, "2");
    let ids = it.xiling().recorded(vec![late, after]).await;
    assert_eq!(it.xiling().open("disposed_vehicle").await.len(), 1);
    let request = ReverseExpenseRequest {
        request_id: request_id(),
        id: ids[1].clone(),
        reason: "错账".to_owned(),
        validate_only: false,
    };
    it.xiling().expenses.reverse_expense(request).await.unwrap();
    assert_eq!(it.xiling().open("disposed_vehicle").await, [""; 0]);
}

async fn fleets_are_those_of_their_day(db: TestDb) {
    let it = Two::new(&db).await;
    let bought = Vehicle { acquired_on: "2017-03-01".to_owned(), ..car(YILING, "鄂E00001") };
    create(&mut it.city().vehicles, bought.clone()).await.unwrap();
    let given = steward_proto::fleet::v1::VehicleSource::Donation.into();
    let given = Vehicle { plate: "鄂E00002".to_owned(), source: given, ..bought };
    create(&mut it.city().vehicles, given).await.unwrap();
    it.xiling()
        .recorded(vec![slip(&it.vehicle, ExpenseKind::Repair, "2017-06-01", 501, "1")])
        .await;
    it.hand_over().await;
    it.yiling().recorded(vec![slip(&it.vehicle, ExpenseKind::Repair, "2017-06-11", 9, "2")]).await;
    let asked = |year| SummarizeFleetRequest { year, ..SummarizeFleetRequest::default() };
    let of =
        |row: &FleetRow| (row.key.clone(), row.vehicle_count, row.purchase_count, row.running_fen);
    let answer = it.city().figures.summarize_fleet(asked(2017)).await.unwrap().into_inner();
    let rows: Vec<_> = answer.rows.iter().map(of).collect();
    // The donated one was not bought, the transferred one is with who has it today.
    assert_eq!(rows, [(XILING.to_owned(), 0, 0, 501), (YILING.to_owned(), 3, 1, 9)]);
    let answer = it.city().figures.summarize_fleet(asked(2016)).await.unwrap().into_inner();
    let rows: Vec<_> = answer.rows.iter().map(of).collect();
    assert_eq!(rows[0], (XILING.to_owned(), 1, 0, 0), "{rows:?}");
    let answer = it.yiling().figures.summarize_fleet(asked(2017)).await.unwrap().into_inner();
    let rows: Vec<_> = answer.rows.iter().map(of).collect();
    assert_eq!(rows, [(YILING.to_owned(), 3, 1, 9)], "nothing of others");
    let answer = it.city().figures.summarize_fleet(asked(1989)).await;
    assert_eq!(reason(&answer.unwrap_err()), "OUT_OF_RANGE");
}
