//! Disposing of vehicles, and what that brings in.

mod corrections;

use steward_proto::approval::v1::{Decision, ResubmitApprovalRequest};
use steward_proto::fleet::v1::{
    CancelDisposalRequest, CompleteDisposalRequest, CompleteDisposalResponse, Disposal,
    DisposalWay, GetDisposalRequest, ListDisposalsRequest, RequestDisposalRequest, RequestState,
    UpdateDisposalRequest, Vehicle, VehicleState,
};
use steward_proto::ledger::v1::{CloseMonthRequest, ListEntriesRequest};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::office::Office;
use super::{MIGRATIONS, XILING, car, create, get, reason, request_id};

both!(
    MIGRATIONS,
    a_vehicle_goes_and_brings_something_in,
    what_goes_early_or_unappraised_is_refused,
    a_vehicle_goes_once,
    a_returned_disposal_is_corrected,
    others_neither_see_nor_touch_it,
    a_sale_below_the_appraisal_is_found,
    what_several_brought_in_stands_on_one_voucher,
    what_came_in_late_counts_on_its_day,
);

pub(super) fn asking(vehicle_id: &str) -> RequestDisposalRequest {
    let disposal = Disposal {
        vehicle_id: vehicle_id.to_owned(),
        way: DisposalWay::Auction.into(),
        appraisal_fen: 2_000_000,
        reason: "达到更新年限".to_owned(),
        ..Disposal::default()
    };
    RequestDisposalRequest {
        request_id: request_id(),
        disposal: Some(disposal),
        ..RequestDisposalRequest::default()
    }
}

pub(super) async fn ask(
    office: &Office,
    request: RequestDisposalRequest,
) -> Result<Disposal, Status> {
    let answer = office.disposals().request_disposal(request).await?;
    Ok(answer.into_inner().disposal.unwrap())
}

pub(super) async fn read(office: &Office, id: &str) -> Disposal {
    let request = GetDisposalRequest { id: id.to_owned() };
    office.disposals().get_disposal(request).await.unwrap().into_inner().disposal.unwrap()
}

pub(super) fn completing(disposal: &Disposal) -> CompleteDisposalRequest {
    CompleteDisposalRequest {
        request_id: request_id(),
        id: disposal.id.clone(),
        etag: disposal.etag.clone(),
        disposed_on: "2017-06-15".to_owned(),
        proceeds_fen: 2_350_000,
        document_no: format!("缴库{}", disposal.id.rsplit('-').next().unwrap()),
        certificate_no: "宜拍2017-8".to_owned(),
        ..CompleteDisposalRequest::default()
    }
}

async fn complete(office: &Office, id: &str) -> Result<CompleteDisposalResponse, Status> {
    let request = completing(&read(office, id).await);
    Ok(office.disposals().complete_disposal(request).await?.into_inner())
}

pub(super) fn cancelling(disposal: &Disposal) -> CancelDisposalRequest {
    CancelDisposalRequest {
        request_id: request_id(),
        id: disposal.id.clone(),
        etag: disposal.etag.clone(),
        reason: "继续使用".to_owned(),
        ..CancelDisposalRequest::default()
    }
}

/// Disposes of a vehicle from the request to the end.
pub(super) async fn dispose(office: &Office, vehicle_id: &str) {
    let asked = ask(office, asking(vehicle_id)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    complete(office, &asked.id).await.unwrap();
}

/// A vehicle that may go: it came in 2009.
async fn old_car(office: &Office, plate: &str) -> Vehicle {
    let old = Vehicle { acquired_on: "2009-06-15".to_owned(), ..car(XILING, plate) };
    create(&mut office.vehicles(), old).await.unwrap()
}

async fn a_vehicle_goes_and_brings_something_in(db: TestDb) {
    let office = Office::open(&db).await;
    let old = old_car(&office, "鄂E00001").await;
    assert_eq!(office.places(XILING).await, (None, 1, 0));
    let asked = ask(&office, asking(&old.id)).await.unwrap();
    assert_eq!((asked.state(), asked.organization.as_str()), (RequestState::Pending, XILING));
    assert_eq!(reason(&complete(&office, &asked.id).await.unwrap_err()), "REQUEST_STATE");
    office.approve(&asked.approval_id).await.unwrap();
    let approved = read(&office, &asked.id).await;
    let mut client = office.disposals();
    let future =
        CompleteDisposalRequest { disposed_on: "2017-06-16".to_owned(), ..completing(&approved) };
    assert_eq!(reason(&client.complete_disposal(future).await.unwrap_err()), "DATE_IN_FUTURE");
    let before =
        CompleteDisposalRequest { disposed_on: "2017-06-14".to_owned(), ..completing(&approved) };
    assert_eq!(reason(&client.complete_disposal(before).await.unwrap_err()), "BEFORE_APPROVAL");
    let uncertified =
        CompleteDisposalRequest { certificate_no: String::new(), ..completing(&approved) };
    let refused = client.complete_disposal(uncertified).await.unwrap_err();
    assert_eq!(reason(&refused), "CERTIFICATE_MISSING");
    let unbooked = CompleteDisposalRequest { document_no: String::new(), ..completing(&approved) };
    assert_eq!(reason(&client.complete_disposal(unbooked).await.unwrap_err()), "REQUIRED");
    assert_eq!(office.places(XILING).await, (None, 1, 0), "nothing was done by halves");

    let request = completing(&approved);
    let done = client.complete_disposal(request.clone()).await.unwrap().into_inner();
    let again = client.complete_disposal(request).await.unwrap().into_inner();
    assert_eq!(done, again);
    let disposal = done.disposal.unwrap();
    assert_eq!((disposal.state(), disposal.proceeds_fen), (RequestState::Completed, 2_350_000));
    assert_eq!(disposal.disposed_on, "2017-06-15");
    assert_eq!(office.places(XILING).await, (None, 0, 0));
    let gone = get(&mut office.vehicles(), &old.id).await.unwrap();
    assert_eq!(gone.state(), VehicleState::Disposed);
    let entries = office.ledger().list_entries(ListEntriesRequest::default()).await.unwrap();
    let entries = entries.into_inner().entries;
    assert_eq!((entries.len(), entries[0].id.as_str()), (1, done.entry_id.as_str()));
    let content = entries[0].content.clone().unwrap();
    assert_eq!(content.category, "vehicle_disposal_proceeds");
    assert_eq!(content.amount_fen, 2_350_000, "revenue, never a negative cost");
    // The plate is free.
    create(&mut office.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
}

async fn what_goes_early_or_unappraised_is_refused(db: TestDb) {
    let office = Office::open(&db).await;
    let young = Vehicle { acquired_on: "2009-06-16".to_owned(), ..car(XILING, "鄂E00001") };
    let young = create(&mut office.vehicles(), young).await.unwrap();
    let early = ask(&office, asking(&young.id)).await.unwrap_err();
    assert_eq!(
        (early.code(), reason(&early).as_str()),
        (Code::FailedPrecondition, "DISPOSAL_EARLY")
    );
    let with = |change: &dyn Fn(&mut Disposal)| {
        let mut request = asking(&young.id);
        change(request.disposal.as_mut().unwrap());
        request
    };
    let unappraised = with(&|it| {
        it.early_reason = "严重事故".to_owned();
        it.appraisal_fen = 0;
    });
    assert_eq!(reason(&ask(&office, unappraised).await.unwrap_err()), "APPRAISAL_MISSING");
    let scrap = with(&|it| {
        it.early_reason = "严重事故".to_owned();
        it.appraisal_fen = 0;
        it.way = DisposalWay::Scrap.into();
    });
    let asked = ask(&office, scrap).await.unwrap();
    let answer = office.disposals().cancel_disposal(cancelling(&asked)).await.unwrap();
    assert_eq!(answer.into_inner().disposal.unwrap().state(), RequestState::Cancelled);
}

async fn a_vehicle_goes_once(db: TestDb) {
    let office = Office::open(&db).await;
    let old = old_car(&office, "鄂E00001").await;
    let asked = ask(&office, asking(&old.id)).await.unwrap();
    let twice = ask(&office, asking(&old.id)).await.unwrap_err();
    assert_eq!(reason(&twice), "VEHICLE_ENGAGED");
    office.decide(&asked.approval_id, Decision::Refuse).await.unwrap();
    assert_eq!(read(&office, &asked.id).await.state(), RequestState::Refused);
    dispose(&office, &old.id).await;
    let gone = ask(&office, asking(&old.id)).await.unwrap_err();
    assert_eq!(reason(&gone), "VEHICLE_DISPOSED");
    let list =
        ListDisposalsRequest { vehicle_id: old.id.clone(), page_size: 1, ..Default::default() };
    let page = office.disposals().list_disposals(list.clone()).await.unwrap().into_inner();
    assert_eq!(page.disposals[0].state(), RequestState::Completed, "the latest first");
    let next = ListDisposalsRequest { page_token: page.next_page_token, ..list };
    let page = office.disposals().list_disposals(next).await.unwrap().into_inner();
    assert_eq!((page.disposals.len(), page.next_page_token.as_str()), (1, ""));
    assert_eq!(page.disposals[0].id, asked.id);
}

async fn a_returned_disposal_is_corrected(db: TestDb) {
    let office = Office::open(&db).await;
    let old = old_car(&office, "鄂E00001").await;
    let asked = ask(&office, asking(&old.id)).await.unwrap();
    office.decide(&asked.approval_id, Decision::Return).await.unwrap();
    let returned = read(&office, &asked.id).await;
    let update = UpdateDisposalRequest {
        request_id: request_id(),
        disposal: Some(Disposal { appraisal_fen: 2_500_000, ..returned.clone() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["appraisal_fen".to_owned()] }),
        ..UpdateDisposalRequest::default()
    };
    let check = UpdateDisposalRequest { validate_only: true, ..update.clone() };
    let checked = office.disposals().update_disposal(check).await.unwrap().into_inner();
    assert_eq!(checked.disposal.unwrap().etag, "");
    assert_eq!(read(&office, &asked.id).await, returned);
    let answer = office.disposals().update_disposal(update.clone()).await.unwrap();
    assert_eq!(answer.into_inner().disposal.unwrap().appraisal_fen, 2_500_000);
    let stale = UpdateDisposalRequest { request_id: request_id(), ..update };
    assert_eq!(reason(&office.disposals().update_disposal(stale).await.unwrap_err()), "ETAG_STALE");
    let request = ResubmitApprovalRequest {
        request_id: request_id(),
        id: asked.approval_id.clone(),
        etag: office.approval(&asked.approval_id).await.etag,
        ..ResubmitApprovalRequest::default()
    };
    office.approvals("clerk").resubmit_approval(request).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    complete(&office, &asked.id).await.unwrap();
}

async fn others_neither_see_nor_touch_it(db: TestDb) {
    use steward_proto::fleet::v1::disposal_service_client::DisposalServiceClient;
    use steward_tests::service::called;
    let office = Office::open(&db).await;
    let old = old_car(&office, "鄂E00001").await;
    let asked = ask(&office, asking(&old.id)).await.unwrap();
    let caller = office.caller("other", &["operator"], &["420506"]);
    let mut other = DisposalServiceClient::new(called(&office.backend, caller));
    let error = other.request_disposal(asking(&old.id)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    for error in [
        other.cancel_disposal(cancelling(&asked)).await.unwrap_err(),
        other.complete_disposal(completing(&asked)).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::NotFound);
    }
    let seen = other.list_disposals(ListDisposalsRequest::default()).await.unwrap().into_inner();
    assert!(seen.disposals.is_empty());
}

async fn a_sale_below_the_appraisal_is_found(db: TestDb) {
    let office = Office::open(&db).await;
    // Appraised at 20,000 yuan; nine tenths of that are 18,000.
    for (number, (proceeds_fen, found)) in
        (1..).zip([(1_800_000, None), (1_799_999, Some(8_999)), (0, Some(0))])
    {
        let vehicle = old_car(&office, &format!("鄂E0000{number}")).await;
        let asked = ask(&office, asking(&vehicle.id)).await.unwrap();
        office.approve(&asked.approval_id).await.unwrap();
        let request =
            CompleteDisposalRequest { proceeds_fen, ..completing(&read(&office, &asked.id).await) };
        office.disposals().complete_disposal(request).await.unwrap();
        let findings = office.findings(&format!("disposals/{}", asked.id)).await;
        let seen: Vec<_> =
            findings.iter().map(|it| (it.violation.as_str(), it.observed, it.limit)).collect();
        let want = found.map(|observed| ("irregular_disposal", observed, 9_000));
        assert_eq!(seen, Vec::from_iter(want), "{proceeds_fen}");
    }
}

/// A disposal that is approved.
async fn approved(office: &Office, plate: &str) -> Disposal {
    let vehicle = old_car(office, plate).await;
    let asked = ask(office, asking(&vehicle.id)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    read(office, &asked.id).await
}

async fn what_several_brought_in_stands_on_one_voucher(db: TestDb) {
    let office = Office::open(&db).await;
    let mut client = office.disposals();
    let on_one = |it: &Disposal| CompleteDisposalRequest {
        document_no: "缴款书1".to_owned(),
        ..completing(it)
    };
    let first = approved(&office, "鄂E00001").await;
    let done = client.complete_disposal(on_one(&first)).await.unwrap().into_inner();
    let entry = done.entry_id;
    assert_eq!(done.disposal.unwrap().entry_id, entry);
    let second = approved(&office, "鄂E00002").await;
    let check = CompleteDisposalRequest { validate_only: true, ..on_one(&second) };
    let checked = client.complete_disposal(check).await.unwrap().into_inner();
    assert_eq!((checked.entry_id.as_str(), checked.disposal.unwrap().entry_id.as_str()), ("", ""));
    let first_line = CompleteDisposalRequest { document_line: 1, ..on_one(&second) };
    let refused = client.complete_disposal(first_line).await.unwrap_err();
    assert_eq!(reason(&refused), "ENTRY_ALREADY_POSTED");
    client.complete_disposal(on_one(&second)).await.unwrap();
    let request = ListEntriesRequest {
        document_no: "缴款书1".to_owned(),
        ..ListEntriesRequest::default()
    };
    let entries = office.ledger().list_entries(request).await.unwrap().into_inner().entries;
    let mut lines: Vec<_> =
        entries.iter().map(|it| it.content.as_ref().unwrap().document_line).collect();
    lines.sort_unstable();
    assert_eq!(lines, [1, 2]);
    // An entry is one vehicle's.
    let third = approved(&office, "鄂E00003").await;
    let by_entry = CompleteDisposalRequest {
        entry_id: entry,
        document_no: String::new(),
        ..completing(&third)
    };
    let refused = client.complete_disposal(by_entry.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "ENTRY_TAKEN");
    let less = CompleteDisposalRequest { proceeds_fen: 2_349_999, ..by_entry };
    let refused = client.complete_disposal(less).await.unwrap_err();
    assert_eq!(reason(&refused), "ENTRY_UNLIKE");
}

async fn what_came_in_late_counts_on_its_day(db: TestDb) {
    let office = Office::open(&db).await;
    let asked = approved(&office, "鄂E00001").await;
    // It went in June; June is closed before it is entered.
    office.clock.set("2017-07-05T00:00:00Z".parse().unwrap());
    for month in ["2017-05", "2017-06"] {
        let request = CloseMonthRequest {
            request_id: request_id(),
            region: "420502".to_owned(),
            month: month.to_owned(),
            ..CloseMonthRequest::default()
        };
        office.ledger().close_month(request).await.unwrap();
    }
    let mut client = office.disposals();
    let refused = client.complete_disposal(completing(&asked)).await.unwrap_err();
    assert_eq!(reason(&refused), "MONTH_CLOSED");
    let future = "2017-07-06".to_owned();
    let future = CompleteDisposalRequest { received_on: future, ..completing(&asked) };
    assert_eq!(reason(&client.complete_disposal(future).await.unwrap_err()), "DATE_IN_FUTURE");
    let received_on = "2017-07-03".to_owned();
    let late = CompleteDisposalRequest { received_on, ..completing(&asked) };
    let done = client.complete_disposal(late).await.unwrap().into_inner();
    assert_eq!(done.disposal.unwrap().disposed_on, "2017-06-15");
    let all = ListEntriesRequest::default();
    let entries = office.ledger().list_entries(all).await.unwrap().into_inner().entries;
    assert_eq!(entries[0].content.as_ref().unwrap().occurred_on, "2017-07-03");
}
