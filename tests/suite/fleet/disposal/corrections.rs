//! Mistyped days and certificates of disposals.

use steward_proto::fleet::v1::{
    CorrectDisposalRequest, CorrectTransferRequest, DisposalWay, ExpenseKind, NewExpense, Vehicle,
    VehicleState,
};
use steward_proto::ledger::v1::ListEntriesRequest;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::super::office::Office;
use super::super::running::{Clients, slip};
use super::super::{
    MIGRATIONS, XILING, YILING, car, create, events, events_of, faults, get, reason, request_id,
    transfer,
};
use super::{Disposal, ask, asking, completing, read};

both!(
    MIGRATIONS,
    the_day_and_the_certificate_are_corrected,
    what_cannot_be_is_refused,
    it_does_not_go_before_it_came,
    a_certificate_that_is_not_needed_can_go,
);

fn correcting(disposal: &Disposal) -> CorrectDisposalRequest {
    CorrectDisposalRequest {
        request_id: request_id(),
        id: disposal.id.clone(),
        etag: disposal.etag.clone(),
        reason: "日期填错".to_owned(),
        ..CorrectDisposalRequest::default()
    }
}

async fn correct(office: &Office, request: CorrectDisposalRequest) -> Result<Disposal, Status> {
    let answer = office.corrects_disposals().correct_disposal(request).await?;
    Ok(answer.into_inner().disposal.unwrap())
}

/// A vehicle that may go.
async fn old(office: &Office, plate: &str) -> Vehicle {
    let old = Vehicle { acquired_on: "2009-06-01".to_owned(), ..car(XILING, plate) };
    create(&mut office.vehicles(), old).await.unwrap()
}

/// Asked for on the 12th of June, approved, and carried out on the 15th; it is the 20th.
async fn gone(office: &Office, vehicle: &Vehicle, way: DisposalWay) -> Disposal {
    office.day("2017-06-12");
    let mut request = asking(&vehicle.id);
    request.disposal.as_mut().unwrap().way = way.into();
    let asked = ask(office, request).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    office.day("2017-06-20");
    let request = completing(&read(office, &asked.id).await);
    office.disposals().complete_disposal(request).await.unwrap();
    read(office, &asked.id).await
}

async fn the_day_and_the_certificate_are_corrected(db: TestDb) {
    let office = Office::open(&db).await;
    let clients = || {
        let roles = &["viewer", "operator", "manager", "auditor"];
        Clients::of(&office.backend, &office.caller("u", roles, &["4205*"]))
    };
    let vehicle = old(&office, "鄂E00001").await;
    clients().carded(&vehicle, "9").await;
    let done = gone(&office, &vehicle, DisposalWay::Auction).await;
    let paid = |on: &str, no: &str| NewExpense {
        card_no: "9".to_owned(),
        ..slip(&vehicle, ExpenseKind::Repair, on, 100, no)
    };
    clients().recorded(vec![paid("2017-06-14", "1")]).await;
    assert_eq!(clients().open("disposed_vehicle").await, [""; 0]);
    // Another one has the plate by now.
    create(&mut office.vehicles(), car(XILING, "鄂E00001")).await.unwrap();

    let certificate_no = Some("宜拍2017-9".to_owned());
    let request = CorrectDisposalRequest {
        disposed_on: "2017-06-13".to_owned(),
        certificate_no,
        ..correcting(&done)
    };
    let refused = office.disposals().correct_disposal(request.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "an operator");
    let check = CorrectDisposalRequest { validate_only: true, ..request.clone() };
    let checked = correct(&office, check).await.unwrap();
    assert_eq!((&*checked.disposed_on, &*checked.etag), ("2017-06-13", ""));
    assert_eq!(read(&office, &done.id).await, done);
    let now = correct(&office, request.clone()).await.unwrap();
    assert_eq!(correct(&office, request.clone()).await.unwrap(), now, "it is done once");
    let stale = CorrectDisposalRequest { request_id: request_id(), ..request };
    assert_eq!(reason(&correct(&office, stale).await.unwrap_err()), "ETAG_STALE");
    assert_eq!(now, read(&office, &done.id).await);
    let said = [&now.disposed_on, &now.certificate_no, &now.correction_reason];
    assert_eq!(said, ["2017-06-13", "宜拍2017-9", "日期填错"]);
    assert_eq!((now.proceeds_fen, &now.entry_id), (done.proceeds_fen, &done.entry_id));
    let (_, before, after) = events_of(&db, "disposal").await.pop().unwrap();
    assert_eq!(before.unwrap()["disposedOn"], "2017-06-15");
    assert_eq!(after["correctionReason"], "日期填错");
    let (id, _, after) = events(&db).await.pop().unwrap();
    assert_eq!((&id, &after["correctionReason"]), (&vehicle.id, &"日期填错".into()));

    let held = get(&mut office.vehicles(), &vehicle.id).await.unwrap();
    assert_eq!((held.state(), &*held.disposed_on), (VehicleState::Disposed, "2017-06-13"));
    assert_eq!(clients().open("disposed_vehicle").await.len(), 1);
    let entries = office.ledger().list_entries(ListEntriesRequest::default()).await.unwrap();
    let entries = entries.into_inner().entries;
    let proceeds = entries.iter().find(|it| it.id == done.entry_id).unwrap();
    assert_eq!(proceeds.content.as_ref().unwrap().occurred_on, "2017-06-15");
    // The card stayed behind on the right day, also for what was paid before that was known.
    assert_eq!(clients().open("card_mismatch").await.len(), 1);
    clients().recorded(vec![paid("2017-06-12", "2")]).await;
    assert_eq!(clients().open("card_mismatch").await.len(), 1);
    clients().recorded(vec![paid("2017-06-13", "3")]).await;
    assert_eq!(clients().open("card_mismatch").await.len(), 2);

    // Also what lies between the two days is judged again.
    let later = CorrectDisposalRequest { disposed_on: "2017-06-15".to_owned(), ..correcting(&now) };
    let now = correct(&office, later).await.unwrap();
    assert_eq!((&*now.disposed_on, &*now.certificate_no), ("2017-06-15", "宜拍2017-9"));
    assert_eq!(clients().open("disposed_vehicle").await, [""; 0]);
}

async fn what_cannot_be_is_refused(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = old(&office, "鄂E00001").await;
    let done = gone(&office, &vehicle, DisposalWay::Scrap).await;
    let on =
        |day: &str| CorrectDisposalRequest { disposed_on: day.to_owned(), ..correcting(&done) };
    let without = Some(String::new());
    let unsaid = CorrectDisposalRequest { reason: String::new(), ..on("2017-06-14") };
    let uncertified = CorrectDisposalRequest { certificate_no: without, ..correcting(&done) };
    for (request, why) in [
        (correcting(&done), "REQUIRED"),
        (unsaid, "REQUIRED"),
        (on("2017-06-11"), "BEFORE_APPROVAL"),
        (on("2017-06-21"), "DATE_IN_FUTURE"),
        (uncertified, "CERTIFICATE_MISSING"),
    ] {
        assert_eq!(reason(&correct(&office, request).await.unwrap_err()), why);
    }
    let other = old(&office, "鄂E00002").await;
    let asked = ask(&office, asking(&other.id)).await.unwrap();
    let request =
        CorrectDisposalRequest { disposed_on: "2017-06-20".to_owned(), ..correcting(&asked) };
    assert_eq!(reason(&correct(&office, request).await.unwrap_err()), "REQUEST_STATE");
}

async fn it_does_not_go_before_it_came(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(YILING, 1, "2017-01-01").await;
    let vehicle = old(&office, "鄂E00001").await;
    office.day("2017-06-05");
    let asked = transfer::ask(&office, &vehicle.id, YILING).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    office.day("2017-06-10");
    let mut request = transfer::completing(&transfer::read(&office, &asked.id).await);
    "2017-06-10".clone_into(&mut request.transferred_on);
    office.transfers().complete_transfer(request).await.unwrap();
    let done = gone(&office, &vehicle, DisposalWay::Scrap).await;
    // It turns out to have come after its disposal was approved.
    let request = CorrectTransferRequest {
        request_id: request_id(),
        etag: transfer::read(&office, &asked.id).await.etag,
        id: asked.id,
        transferred_on: "2017-06-14".to_owned(),
        reason: "日期填错".to_owned(),
        validate_only: false,
    };
    office.corrects_transfers().correct_transfer(request).await.unwrap();
    let on =
        |day: &str| CorrectDisposalRequest { disposed_on: day.to_owned(), ..correcting(&done) };
    let early = correct(&office, on("2017-06-13")).await.unwrap_err();
    assert_eq!(faults(&early), [("disposed_on".to_owned(), "OUT_OF_RANGE".to_owned())]);
    let now = correct(&office, on("2017-06-14")).await.unwrap();
    assert_eq!(now.disposed_on, "2017-06-14");
}

async fn a_certificate_that_is_not_needed_can_go(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = old(&office, "鄂E00001").await;
    let done = gone(&office, &vehicle, DisposalWay::HandOver).await;
    assert_eq!(done.certificate_no, "宜拍2017-8");
    let before = get(&mut office.vehicles(), &vehicle.id).await.unwrap();
    let without = Some(String::new());
    let request = CorrectDisposalRequest { certificate_no: without, ..correcting(&done) };
    let now = correct(&office, request).await.unwrap();
    assert_eq!((&*now.certificate_no, &*now.disposed_on), ("", "2017-06-15"));
    assert_eq!(get(&mut office.vehicles(), &vehicle.id).await.unwrap(), before, "not its");
}
