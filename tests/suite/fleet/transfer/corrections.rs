//! Mistyped days of transfers.

use steward_proto::fleet::v1::{
    CorrectTransferRequest, ExpenseKind, ImportTripsRequest, NewExpense, Norm, RequestState,
    ReverseExpenseRequest, SetNormRequest, Transfer, Trip, Vehicle, VoidTripRequest,
};
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::super::handed::Two;
use super::super::office::Office;
use super::super::running::{Clients, fill, slip, trip};
use super::super::{
    MIGRATIONS, XILING, YILING, car, create, disposal, events_of, faults, get, reason, request_id,
    update,
};
use super::{ask, completing, read};

both!(
    MIGRATIONS,
    what_belongs_to_the_holder_of_the_day_follows,
    the_old_plate_ends_on_the_right_day,
    a_plate_that_the_transfer_did_not_give_keeps_its_day,
    what_was_found_of_fuel_goes_with_the_day,
    what_was_found_of_the_next_year_goes_with_the_day,
    what_was_recorded_for_the_other_one_is_in_the_way,
    a_day_stays_between_its_neighbours,
    what_is_not_carried_out_has_no_day_to_correct,
);

fn correcting(transfer: &Transfer, on: &str) -> CorrectTransferRequest {
    CorrectTransferRequest {
        request_id: request_id(),
        id: transfer.id.clone(),
        etag: transfer.etag.clone(),
        transferred_on: on.to_owned(),
        reason: "日期填错".to_owned(),
        validate_only: false,
    }
}

async fn correct(office: &Office, id: &str, on: &str) -> Result<Transfer, Status> {
    let request = correcting(&read(office, id).await, on);
    let answer = office.corrects_transfers().correct_transfer(request).await?;
    Ok(answer.into_inner().transfer.unwrap())
}

async fn complete(office: &Office, id: &str, on: &str) -> Result<Transfer, Status> {
    let mut request = completing(&read(office, id).await);
    on.clone_into(&mut request.transferred_on);
    Ok(office.transfers().complete_transfer(request).await?.into_inner().transfer.unwrap())
}

/// Asks on the 5th of June, and has it approved; it is the 20th then.
async fn asked(it: &Two) -> Transfer {
    it.office.day("2017-06-05");
    let asked = ask(&it.office, &it.vehicle.id, YILING).await.unwrap();
    it.office.approve(&asked.approval_id).await.unwrap();
    it.office.day("2017-06-20");
    read(&it.office, &asked.id).await
}

/// Who held a vehicle in June since when, and what it cost him.
async fn june(it: &Two) -> Vec<(String, String, i64)> {
    let june = Two::june(it.city()).await.into_iter();
    june.map(|(who, since, fen, _)| (who, since, fen)).collect()
}

fn of(who: &str, since: &str, fen: i64) -> (String, String, i64) {
    (who.to_owned(), since.to_owned(), fen)
}

async fn norm(it: &Two, organization: &str, fiscal_year: i32) {
    let norm = Norm {
        organization: organization.to_owned(),
        fiscal_year,
        amount_fen: Some(500),
        fuel_ml_per_100km: Some(9_000),
        ..Norm::default()
    };
    let request =
        SetNormRequest { request_id: request_id(), norm: Some(norm), ..SetNormRequest::default() };
    it.city().norms.set_norm(request).await.unwrap();
}

async fn what_belongs_to_the_holder_of_the_day_follows(db: TestDb) {
    let it = Two::new(&db).await;
    let id = asked(&it).await.id;
    for organization in [XILING, YILING] {
        norm(&it, organization, 2017).await;
    }
    let paid = |time: &str, no: &str| NewExpense {
        card_no: "100001".to_owned(),
        ..fill(&it.vehicle, time, 100, 1_000, 1_000, no)
    };
    // Xiling had it until the 13th, and the 10th was typed.
    it.xiling().recorded(vec![paid("2017-06-12 09:00", "1")]).await;
    let done = complete(&it.office, &id, "2017-06-10").await.unwrap();
    let repair = slip(&it.vehicle, ExpenseKind::Repair, "2017-06-16", 501, "2");
    it.yiling().recorded(vec![repair]).await;
    assert_eq!(it.city().open("foreign_vehicle").await.len(), 1);
    assert_eq!(it.city().open("norm_exceeded").await, ["2017 2017-06-10"]);
    assert_eq!(june(&it).await, [of(XILING, "2017-06-01", 100), of(YILING, "2017-06-10", 501)]);

    let mut chief = it.office.corrects_transfers();
    let request = correcting(&done, "2017-06-13");
    let refused = it.office.transfers().correct_transfer(request.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "an operator");
    let unsaid = CorrectTransferRequest { reason: String::new(), ..request.clone() };
    let unsaid = chief.correct_transfer(unsaid).await.unwrap_err();
    assert_eq!(faults(&unsaid), [("reason".to_owned(), "REQUIRED".to_owned())]);
    let check = CorrectTransferRequest { validate_only: true, ..request.clone() };
    let checked = chief.correct_transfer(check).await.unwrap().into_inner().transfer.unwrap();
    assert_eq!((&*checked.transferred_on, &*checked.etag), ("2017-06-13", ""));
    assert_eq!(read(&it.office, &id).await, done);
    let answer = chief.correct_transfer(request.clone()).await.unwrap().into_inner();
    assert_eq!(chief.correct_transfer(request.clone()).await.unwrap().into_inner(), answer);
    let stale = CorrectTransferRequest { request_id: request_id(), ..request };
    assert_eq!(reason(&chief.correct_transfer(stale).await.unwrap_err()), "ETAG_STALE");

    let now = read(&it.office, &id).await;
    assert_eq!(Some(&now), answer.transfer.as_ref());
    assert_eq!(now.state(), RequestState::Completed);
    assert_eq!((&*now.transferred_on, &*now.correction_reason), ("2017-06-13", "日期填错"));
    let (_, before, after) = events_of(&db, "transfer").await.pop().unwrap();
    assert_eq!(before.unwrap()["transferredOn"], "2017-06-10");
    assert_eq!(
        (&after["transferredOn"], &after["correctionReason"]),
        (&"2017-06-13".into(), &"日期填错".into())
    );
    assert_eq!(june(&it).await, [of(XILING, "2017-06-01", 100), of(YILING, "2017-06-13", 501)]);
    assert_eq!(it.city().open("foreign_vehicle").await, [""; 0]);
    assert_eq!(it.city().open("norm_exceeded").await, ["2017 2017-06-13"]);
    // The card stayed behind on the right day.
    it.xiling().recorded(vec![paid("2017-06-12 18:00", "3")]).await;
    assert_eq!(it.city().open("card_mismatch").await, [""; 0]);
    it.yiling().recorded(vec![paid("2017-06-13 09:00", "4")]).await;
    assert_eq!(it.city().open("card_mismatch").await.len(), 1);
}

async fn the_old_plate_ends_on_the_right_day(db: TestDb) {
    let it = Two::new(&db).await;
    let id = asked(&it).await.id;
    let plated = |on: &str| NewExpense {
        plate: it.vehicle.plate.clone(),
        ..slip(&it.vehicle, ExpenseKind::TollParking, on, 100, on)
    };
    it.xiling().recorded(vec![plated("2017-06-12")]).await;
    let mut request = completing(&read(&it.office, &id).await);
    (request.transferred_on, request.plate) = ("2017-06-10".to_owned(), "鄂E99999".to_owned());
    it.office.transfers().complete_transfer(request).await.unwrap();
    it.yiling().recorded(vec![plated("2017-06-14")]).await;
    let until = async || {
        let now = get(&mut it.office.vehicles(), &it.vehicle.id).await.unwrap();
        let [former] = now.former_plates.as_slice() else { panic!("{now:#?}") };
        (former.borne_until.clone(), it.city().open("card_mismatch").await.len())
    };
    assert_eq!(until().await, ("2017-06-10".to_owned(), 2));
    correct(&it.office, &id, "2017-06-13").await.unwrap();
    assert_eq!(until().await, ("2017-06-13".to_owned(), 1), "it bore another on the 14th");
}

async fn a_plate_that_the_transfer_did_not_give_keeps_its_day(db: TestDb) {
    let it = Two::new(&db).await;
    let id = asked(&it).await.id;
    complete(&it.office, &id, "2017-06-20").await.unwrap();
    let now = get(&mut it.office.vehicles(), &it.vehicle.id).await.unwrap();
    let plated = Vehicle { plate: "鄂E99999".to_owned(), ..now };
    update(&mut it.office.vehicles(), &plated, &["plate"]).await.unwrap();
    correct(&it.office, &id, "2017-06-18").await.unwrap();
    let now = get(&mut it.office.vehicles(), &it.vehicle.id).await.unwrap();
    let until: Vec<_> = now.former_plates.iter().map(|it| it.borne_until.as_str()).collect();
    assert_eq!(until, ["2017-06-20"]);
}

async fn what_was_found_of_fuel_goes_with_the_day(db: TestDb) {
    let it = Two::new(&db).await;
    let id = asked(&it).await.id;
    norm(&it, YILING, 2017).await;
    complete(&it.office, &id, "2017-06-10").await.unwrap();
    it.yiling().read(&it.vehicle, "2017-06-13 08:00", 1_000).await.unwrap();
    let filled = fill(&it.vehicle, "2017-06-14 09:00", 100, 9_001, 1_100, "1");
    it.yiling().recorded(vec![filled]).await;
    assert_eq!(it.city().open("norm_fuel_exceeded").await, ["2017 2017-06-10"]);
    correct(&it.office, &id, "2017-06-13").await.unwrap();
    assert_eq!(it.city().open("norm_fuel_exceeded").await, ["2017 2017-06-13"]);
}

async fn what_was_found_of_the_next_year_goes_with_the_day(db: TestDb) {
    let it = Two::new(&db).await;
    let id = asked(&it).await.id;
    it.office.day("2018-01-20");
    for year in [2017, 2018] {
        norm(&it, YILING, year).await;
    }
    complete(&it.office, &id, "2017-12-20").await.unwrap();
    let repair = slip(&it.vehicle, ExpenseKind::Repair, "2018-01-15", 501, "1");
    it.yiling().recorded(vec![repair]).await;
    assert_eq!(it.city().open("norm_exceeded").await, ["2018"], "it came the year before");
    correct(&it.office, &id, "2018-01-10").await.unwrap();
    assert_eq!(it.city().open("norm_exceeded").await, ["2018 2018-01-10"]);
}

/// Entries of Xiling for a vehicle that no expense stands for: of the 8th, of the 5th, and for the 8th.
fn repairs(vehicle: &Vehicle) -> PostEntriesRequest {
    let entry = |on: &str, no: &str| NewEntry {
        organization: XILING.to_owned(),
        category: "vehicle_repair".to_owned(),
        occurred_on: on.to_owned(),
        amount_fen: 700,
        document_no: no.to_owned(),
        source_resource: format!("vehicles/{}", vehicle.id),
        ..NewEntry::default()
    };
    let ahead = NewEntry {
        service_from: "2017-06-08".to_owned(),
        service_until: "2017-06-09".to_owned(),
        ..entry("2017-06-02", "5")
    };
    let entries = vec![entry("2017-06-08", "4"), entry("2017-06-05", "6"), ahead];
    PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() }
}

async fn take_back(clients: &mut Clients, expense: &str) {
    let request = ReverseExpenseRequest {
        request_id: request_id(),
        id: expense.to_owned(),
        reason: "错账".to_owned(),
        validate_only: false,
    };
    clients.expenses.reverse_expense(request).await.unwrap();
}

async fn void(clients: &mut Clients, trip: &Trip) {
    let request = VoidTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        reason: "误登".to_owned(),
        ..VoidTripRequest::default()
    };
    clients.trips.void_trip(request).await.unwrap();
}

async fn what_was_recorded_for_the_other_one_is_in_the_way(db: TestDb) {
    let it = Two::new(&db).await;
    let id = asked(&it).await.id;
    complete(&it.office, &id, "2017-06-10").await.unwrap();
    // Yiling had it from the 6th on.
    let mut xiling = it.xiling();
    let driven = trip(&it.vehicle, ["2017-06-07 08:00", "2017-06-07 17:00"], [500, 600]);
    let request = ImportTripsRequest {
        request_id: request_id(),
        trips: vec![driven],
        ..ImportTripsRequest::default()
    };
    let driven = xiling.trips.import_trips(request).await.unwrap().into_inner().trips.remove(0);
    let insured = NewExpense {
        service_from: "2017-06-08".to_owned(),
        service_until: "2017-07-08".to_owned(),
        ..slip(&it.vehicle, ExpenseKind::Insurance, "2017-06-01", 100, "1")
    };
    let parked = NewExpense {
        service_from: "2017-06-01".to_owned(),
        service_until: "2017-06-02".to_owned(),
        ..slip(&it.vehicle, ExpenseKind::TollParking, "2017-06-09", 10, "2")
    };
    let toll = NewExpense {
        trip_id: driven.id.clone(),
        ..slip(&it.vehicle, ExpenseKind::TollParking, "2017-06-03", 20, "3")
    };
    let slips = vec![insured, parked, toll];
    let [insured, parked, toll]: [String; 3] = xiling.recorded(slips).await.try_into().unwrap();
    // What only the ledger has is found, and keeps nobody from the right day.
    xiling.ledger.post_entries(repairs(&it.vehicle)).await.unwrap();
    // Nothing lies between the 9th and the 10th: the parking was before.
    correct(&it.office, &id, "2017-06-09").await.unwrap();
    let named = async || {
        let refused = correct(&it.office, &id, "2017-06-06").await.unwrap_err();
        let why = (refused.code(), reason(&refused));
        assert_eq!(why, (Code::FailedPrecondition, "TRANSFER_DAY_ENGAGED".to_owned()));
        [&insured, &parked, &toll, &driven.id].map(|id| refused.message().contains(id.as_str()))
    };
    assert_eq!(named().await, [true, false, true, true]);
    for id in [&insured, &toll] {
        take_back(&mut xiling, id).await;
    }
    assert_eq!(named().await, [false, false, false, true]);
    void(&mut xiling, &driven).await;
    correct(&it.office, &id, "2017-06-06").await.unwrap();
    assert_eq!(it.city().open("foreign_vehicle").await.len(), 2);
    let since: Vec<_> = june(&it).await.into_iter().map(|(who, since, _)| (who, since)).collect();
    let two = [(XILING, "2017-06-01"), (YILING, "2017-06-06")];
    assert_eq!(since, two.map(|(who, since)| (who.to_owned(), since.to_owned())));
    // And back, which is not Yiling's any more.
    it.yiling().recorded(vec![slip(&it.vehicle, ExpenseKind::Repair, "2017-06-07", 5, "7")]).await;
    let refused = correct(&it.office, &id, "2017-06-08").await.unwrap_err();
    assert_eq!(reason(&refused), "TRANSFER_DAY_ENGAGED");
    correct(&it.office, &id, "2017-06-07").await.unwrap();
    assert_eq!(it.city().open("foreign_vehicle").await.len(), 2);
}

async fn a_day_stays_between_its_neighbours(db: TestDb) {
    let office = Office::open(&db).await;
    for organization in [XILING, YILING] {
        office.grant(organization, 1, "2017-01-01").await;
    }
    let old = Vehicle { acquired_on: "2009-06-01".to_owned(), ..car(XILING, "鄂E00001") };
    let vehicle = create(&mut office.vehicles(), old).await.unwrap();
    // It goes to Yiling on the 8th, comes back on the 12th and is disposed of on the 15th.
    office.day("2017-06-05");
    let there = ask(&office, &vehicle.id, YILING).await.unwrap();
    office.approve(&there.approval_id).await.unwrap();
    office.day("2017-06-10");
    complete(&office, &there.id, "2017-06-08").await.unwrap();
    office.day("2017-06-11");
    let back = ask(&office, &vehicle.id, XILING).await.unwrap();
    office.approve(&back.approval_id).await.unwrap();
    office.day("2017-06-13");
    // Until it is back nothing bounds the first one but the day; what follows comes after it.
    correct(&office, &there.id, "2017-06-13").await.unwrap();
    let early = complete(&office, &back.id, "2017-06-12").await.unwrap_err();
    assert_eq!(faults(&early), [("transferred_on".to_owned(), "OUT_OF_RANGE".to_owned())]);
    correct(&office, &there.id, "2017-06-08").await.unwrap();
    complete(&office, &back.id, "2017-06-12").await.unwrap();
    let why = async |id: &str, on: &str| {
        let answer = correct(&office, id, on).await;
        answer.map_or_else(|error| reason(&error), |done| done.transferred_on)
    };
    assert_eq!(why(&there.id, "2017-06-04").await, "BEFORE_APPROVAL");
    assert_eq!(why(&there.id, "2017-06-13").await, "OUT_OF_RANGE");
    assert_eq!(why(&there.id, "2017-06-14").await, "DATE_IN_FUTURE");
    assert_eq!(why(&there.id, "2017-06-12").await, "2017-06-12");
    assert_eq!(why(&back.id, "2017-06-11").await, "OUT_OF_RANGE");
    office.day("2017-06-14");
    let gone = disposal::ask(&office, disposal::asking(&vehicle.id)).await.unwrap();
    office.approve(&gone.approval_id).await.unwrap();
    office.day("2017-06-16");
    assert_eq!(why(&back.id, "2017-06-15").await, "2017-06-15");
    let mut request = disposal::completing(&disposal::read(&office, &gone.id).await);
    "2017-06-14".clone_into(&mut request.disposed_on);
    let early = office.disposals().complete_disposal(request.clone()).await.unwrap_err();
    assert_eq!(faults(&early), [("disposed_on".to_owned(), "OUT_OF_RANGE".to_owned())]);
    (request.request_id, request.disposed_on) = (request_id(), "2017-06-15".to_owned());
    office.disposals().complete_disposal(request).await.unwrap();
    assert_eq!(why(&back.id, "2017-06-16").await, "OUT_OF_RANGE");
    // Two on one day, as when they are carried out.
    assert_eq!(why(&back.id, "2017-06-12").await, "2017-06-12");
    assert_eq!(why(&back.id, "2017-06-13").await, "2017-06-13");
    let caller = office.caller("u", &["viewer"], &["4205*"]);
    let figures = Clients::of(&office.backend, &caller).figures("2017-06", "2017-07").await;
    let held: Vec<_> =
        figures.iter().map(|it| (it.organization.as_str(), it.held_from.as_str())).collect();
    assert_eq!(held, [(XILING, "2017-06-01"), (YILING, "2017-06-12"), (XILING, "2017-06-13")]);
}

async fn what_is_not_carried_out_has_no_day_to_correct(db: TestDb) {
    let it = Two::new(&db).await;
    let id = asked(&it).await.id;
    let refused = correct(&it.office, &id, "2017-06-10").await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_STATE");
}
