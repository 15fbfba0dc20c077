//! Whose account a cost goes to: by the day it is for, and for good.

use steward_proto::finding::v1::ListFindingsRequest;
use steward_proto::fleet::v1::{
    ExpenseKind, ImportTripsRequest, ListExpensesRequest, NewExpense, ReverseExpenseRequest,
    Vehicle, VehicleFigures,
};
use steward_proto::ledger::v1::{CloseMonthRequest, NewEntry, PostEntriesRequest};
use steward_tests::{TestDb, both};

use super::handed::Two;
use super::running::{Clients, fill, slip, trip};
use super::{MIGRATIONS, XILING, YILING, car, create, disposal, faults, request_id};

both!(
    MIGRATIONS,
    what_a_sale_brings_in_is_its_vehicles,
    what_is_told_late_is_still_his,
    what_is_taken_back_late_is_still_his,
    a_bill_is_of_who_used_the_vehicle,
    a_plate_is_of_the_vehicle_of_the_day,
    a_finding_tells_of_no_vehicle_that_was_never_ones_own,
);

async fn old_car(it: &Two, plate: &str) -> Vehicle {
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, plate) };
    create(&mut it.office.vehicles(), old).await.unwrap()
}

fn set(it: &Two, day: &str) {
    it.office.clock.set(format!("{day}T00:00:00Z").parse().unwrap());
}

/// The figures of a vehicle over months.
async fn of(it: &Two, vehicle: &Vehicle, from: &str, until: &str) -> Vec<VehicleFigures> {
    let figures = it.city().figures(from, until).await;
    figures.into_iter().filter(|of| of.vehicle_id == vehicle.id).collect()
}

async fn what_a_sale_brings_in_is_its_vehicles(db: TestDb) {
    let it = Two::new(&db).await;
    set(&it, "2017-06-15");
    let old = old_car(&it, "鄂E00001").await;
    disposal::dispose(&it.office, &old.id).await;
    let june = of(&it, &old, "2017-06", "2017-07").await;
    assert_eq!((june.len(), june[0].proceeds_fen, june[0].running_fen), (1, 2_350_000, 0));
    assert_eq!(june[0].held_until, "2017-06-16");
    // Afterwards its plate is another one's, and it is in no list but with what was paid for it.
    let new = create(&mut it.office.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    assert_eq!(of(&it, &old, "2017-07", "2017-08").await, []);
    assert_eq!(of(&it, &new, "2017-07", "2017-08").await.len(), 1);
    set(&it, "2017-07-10");
    let bill = NewExpense {
        service_from: "2017-06-01".to_owned(),
        service_until: "2017-06-15".to_owned(),
        ..slip(&old, ExpenseKind::TollParking, "2017-07-05", 300, "1")
    };
    it.xiling().recorded(vec![bill]).await;
    let july = of(&it, &old, "2017-07", "2017-08").await;
    let day = "2017-07-01".to_owned();
    assert_eq!((july.len(), july[0].running_fen), (1, 300));
    assert_eq!((&july[0].held_from, &july[0].held_until), (&day, &day));
    assert_eq!(it.xiling().open("disposed_vehicle").await, [""; 0], "it is for before");
}

/// That the vehicle went on the 10th is told on the 12th, when its holder has booked a slip of the 11th.
async fn what_is_told_late_is_still_his(db: TestDb) {
    let it = Two::new(&db).await;
    set(&it, "2017-06-12");
    let paid = slip(&it.vehicle, ExpenseKind::Repair, "2017-06-11", 500, "1");
    let ids = it.xiling().recorded(vec![paid]).await;
    assert_eq!(it.city().open("foreign_vehicle").await, [""; 0]);
    set(&it, "2017-06-10");
    it.hand_over().await;
    let sums = |rows: Vec<VehicleFigures>| {
        rows.into_iter().map(|it| (it.organization, it.running_fen)).collect::<Vec<_>>()
    };
    let row = |organization: &str, fen| (organization.to_owned(), fen);
    let june = of(&it, &it.vehicle, "2017-06", "2017-07").await;
    assert_eq!(sums(june), [row(XILING, 500), row(YILING, 0)]);
    assert_eq!(it.xiling().open("foreign_vehicle").await.len(), 1, "judged again");
    it.xiling().expenses.reverse_expense(reversing(&ids[0])).await.unwrap();
    let june = of(&it, &it.vehicle, "2017-06", "2017-07").await;
    assert_eq!(sums(june), [row(XILING, 0), row(YILING, 0)]);
    assert_eq!(it.xiling().open("foreign_vehicle").await, [""; 0]);
}

fn reversing(id: &str) -> ReverseExpenseRequest {
    ReverseExpenseRequest {
        request_id: request_id(),
        id: id.to_owned(),
        reason: "错账".to_owned(),
        validate_only: false,
    }
}

/// Its month is closed by then: the reversal counts when another one has the vehicle.
async fn what_is_taken_back_late_is_still_his(db: TestDb) {
    let it = Two::new(&db).await;
    let paid = fill(&it.vehicle, "2017-06-02 09:00", 500, 40_000, 1_000, "1");
    let ids = it.xiling().recorded(vec![paid]).await;
    it.hand_over().await;
    set(&it, "2017-07-05");
    let close = CloseMonthRequest {
        request_id: request_id(),
        region: "420502".to_owned(),
        month: "2017-06".to_owned(),
        validate_only: false,
    };
    it.city().ledger.close_month(close).await.unwrap();
    it.xiling().expenses.reverse_expense(reversing(&ids[0])).await.unwrap();
    let sums = |rows: Vec<VehicleFigures>| {
        let of = |it: VehicleFigures| (it.organization, it.running_fen, it.fuel_ml);
        rows.into_iter().map(of).collect::<Vec<_>>()
    };
    let row = |organization: &str, fen, fuel| (organization.to_owned(), fen, fuel);
    let july = of(&it, &it.vehicle, "2017-07", "2017-08").await;
    assert_eq!(sums(july), [row(XILING, -500, -40_000), row(YILING, 0, 0)]);
    let both = of(&it, &it.vehicle, "2017-06", "2017-08").await;
    assert_eq!(sums(both), [row(XILING, 0, 0), row(YILING, 0, 0)]);
    assert_eq!(of(&it, &it.vehicle, "2017-08", "2017-09").await.len(), 1);
}

async fn a_bill_is_of_who_used_the_vehicle(db: TestDb) {
    let it = Two::new(&db).await;
    let driven = trip(&it.vehicle, ["2017-06-05 08:00", "2017-06-05 17:00"], [1_000, 1_100]);
    let request = ImportTripsRequest {
        request_id: request_id(),
        trips: vec![driven],
        ..ImportTripsRequest::default()
    };
    let trips = it.xiling().trips.import_trips(request).await.unwrap().into_inner().trips;
    it.hand_over().await;
    let toll = |no| slip(&it.vehicle, ExpenseKind::TollParking, "2017-06-14", 100, no);
    let error = it.xiling().record(vec![toll("1")]).await.unwrap_err();
    assert_eq!(faults(&error)[0].1, "VEHICLE_NOT_THEN");
    let of_trip = NewExpense { trip_id: trips[0].id.clone(), ..toll("2") };
    let of_days = NewExpense {
        service_from: "2017-06-01".to_owned(),
        service_until: "2017-06-10".to_owned(),
        ..toll("3")
    };
    let error = it.yiling().record(vec![of_trip.clone()]).await.unwrap_err();
    assert_eq!(faults(&error)[0].1, "VEHICLE_NOT_THEN");
    it.xiling().recorded(vec![of_trip, of_days]).await;
    assert_eq!(it.city().open("foreign_vehicle").await, [""; 0]);
    let sums = [Two::june(it.xiling()).await[0].2, Two::june(it.yiling()).await[0].2];
    assert_eq!(sums, [200, 0]);
}

async fn vehicles_of(clients: &mut Clients) -> Vec<(String, String)> {
    let all = ListExpensesRequest::default();
    let expenses = clients.expenses.list_expenses(all).await.unwrap().into_inner().expenses;
    let of = |it: steward_proto::fleet::v1::Expense| {
        let content = it.content.unwrap();
        (content.document_no, content.vehicle_id)
    };
    let mut of: Vec<_> = expenses.into_iter().map(of).collect();
    of.sort();
    of
}

async fn a_plate_is_of_the_vehicle_of_the_day(db: TestDb) {
    let it = Two::new(&db).await;
    set(&it, "2017-06-15");
    let old = old_car(&it, "鄂E00001").await;
    disposal::dispose(&it.office, &old.id).await;
    set(&it, "2017-06-25");
    let new = Vehicle { acquired_on: "2017-06-20".to_owned(), ..car(XILING, "鄂E00001") };
    let new = create(&mut it.office.vehicles(), new).await.unwrap();
    let by_plate = |on: &str, no: &str| NewExpense {
        vehicle_id: String::new(),
        plate: "鄂E00001".to_owned(),
        ..slip(&old, ExpenseKind::Repair, on, 100, no)
    };
    // Of before the sale, of its day, between the two, and of the new one's first day.
    let slips = vec![
        by_plate("2015-03-01", "1"),
        by_plate("2017-06-15", "2"),
        by_plate("2017-06-18", "3"),
        by_plate("2017-06-20", "4"),
    ];
    it.xiling().recorded(slips).await;
    let wanted = [("1", &old), ("2", &old), ("3", &old), ("4", &new)];
    let wanted = wanted.map(|(no, vehicle)| (no.to_owned(), vehicle.id.clone()));
    assert_eq!(vehicles_of(&mut it.xiling()).await, wanted);
    assert_eq!(it.xiling().open("disposed_vehicle").await.len(), 1);
    assert_eq!(it.xiling().open("foreign_vehicle").await, [""; 0]);
    // What is booked for a vehicle before it came is found.
    it.xiling().recorded(vec![slip(&new, ExpenseKind::Repair, "2017-06-19", 100, "5")]).await;
    assert_eq!(it.xiling().open("foreign_vehicle").await.len(), 1);
}

async fn a_finding_tells_of_no_vehicle_that_was_never_ones_own(db: TestDb) {
    let it = Two::new(&db).await;
    set(&it, "2017-06-15");
    let entry = |organization: &str, on: &str| NewEntry {
        organization: organization.to_owned(),
        category: "vehicle_repair".to_owned(),
        occurred_on: on.to_owned(),
        amount_fen: 700,
        document_no: on.to_owned(),
        source_resource: format!("vehicles/{}", it.vehicle.id),
        ..NewEntry::default()
    };
    let posting = |entry| PostEntriesRequest {
        request_id: request_id(),
        entries: vec![entry],
        ..PostEntriesRequest::default()
    };
    let told = async |mut clients: Clients| {
        let request = ListFindingsRequest {
            code: "foreign_vehicle".to_owned(),
            ..ListFindingsRequest::default()
        };
        let found = clients.findings.list_findings(request).await.unwrap().into_inner().findings;
        found.into_iter().map(|finding| finding.detail).collect::<Vec<_>>()
    };
    // Whoever guesses an id learns no plate by it.
    it.yiling().ledger.post_entries(posting(entry(YILING, "2017-06-12"))).await.unwrap();
    let unknown = "凭证 2017-06-12 记入的车辆未在本单位车辆台账中登记";
    assert_eq!(told(it.yiling()).await, [unknown]);
    // Who held it before knows it.
    set(&it, "2017-06-10");
    it.hand_over().await;
    it.xiling().ledger.post_entries(posting(entry(XILING, "2017-06-13"))).await.unwrap();
    let gone = "凭证 2017-06-13 记入的车辆 鄂E12345 当日不属于本单位";
    assert_eq!(told(it.xiling()).await, [gone]);
}
