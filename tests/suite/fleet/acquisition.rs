//! Acquiring vehicles, from the request to the register.

use steward_proto::approval::v1::{Decision, ResubmitApprovalRequest, WithdrawApprovalRequest};
use steward_proto::fleet::v1::{
    Acquisition, CancelAcquisitionRequest, GetAcquisitionRequest, ListAcquisitionsRequest,
    PowerSource, RegisterAcquisitionRequest, RegisterAcquisitionResponse,
    RequestAcquisitionRequest, RequestState, UpdateAcquisitionRequest, Vehicle, VehicleBody,
    VehicleCategory, VehicleSource,
};
use steward_proto::ledger::v1::{
    Budget, Entry, ListBudgetsRequest, ListEntriesRequest, NewEntry, PostEntriesRequest,
    SetBudgetRequest,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::office::Office;
use super::{
    MIGRATIONS, XILING, YILING, car, correct, create, faults, get, reason, request_id, update,
};

both!(
    MIGRATIONS,
    a_vehicle_comes_by_request_approval_and_registration,
    what_comes_to_nothing_frees_place_and_money,
    what_may_not_be_acquired_is_refused,
    a_returned_request_is_corrected,
    the_vehicle_that_comes_is_the_one_that_was_approved,
    what_was_approved_is_not_turned_into_another,
    what_was_approved_is_corrected_by_a_manager,
    several_vehicles_stand_on_one_invoice,
    what_finance_has_booked_is_not_booked_again,
    an_approved_request_is_corrected_and_approved_anew,
    a_repeated_request_is_done_once,
    checking_changes_nothing,
    others_neither_see_nor_touch_it,
);

/// A car that may be acquired.
pub(super) fn wanted(organization: &str) -> Acquisition {
    Acquisition {
        organization: organization.to_owned(),
        category: VehicleCategory::Emergency.into(),
        source: VehicleSource::Purchase.into(),
        body: VehicleBody::Car.into(),
        power_source: PowerSource::Petrol.into(),
        model: "东风 A60".to_owned(),
        displacement_ml: 1598,
        price_fen: 15_000_000,
        seats: 5,
        reason: "防汛值守".to_owned(),
        ..Acquisition::default()
    }
}

pub(super) fn asking(acquisition: Acquisition) -> RequestAcquisitionRequest {
    RequestAcquisitionRequest {
        request_id: request_id(),
        acquisition: Some(acquisition),
        ..RequestAcquisitionRequest::default()
    }
}

pub(super) async fn ask(office: &Office, wanted: Acquisition) -> Result<Acquisition, Status> {
    let answer = office.acquisitions().request_acquisition(asking(wanted)).await?;
    Ok(answer.into_inner().acquisition.unwrap())
}

pub(super) async fn read(office: &Office, id: &str) -> Acquisition {
    let request = GetAcquisitionRequest { id: id.to_owned() };
    let answer = office.acquisitions().get_acquisition(request).await.unwrap();
    answer.into_inner().acquisition.unwrap()
}

/// Asks to register a vehicle for an acquisition.
pub(super) fn registering(
    acquisition: &Acquisition,
    vehicle: Vehicle,
    document_no: &str,
) -> RegisterAcquisitionRequest {
    RegisterAcquisitionRequest {
        request_id: request_id(),
        id: acquisition.id.clone(),
        etag: acquisition.etag.clone(),
        vehicle: Some(vehicle),
        document_no: document_no.to_owned(),
        paid_on: "2017-06-14".to_owned(),
        ..RegisterAcquisitionRequest::default()
    }
}

/// A new car with its price.
pub(super) fn bought(plate: &str) -> Vehicle {
    Vehicle { acquired_on: "2017-06-15".to_owned(), price_fen: 14_980_000, ..car("", plate) }
}

pub(super) async fn register(
    office: &Office,
    id: &str,
    vehicle: Vehicle,
    document_no: &str,
) -> Result<RegisterAcquisitionResponse, Status> {
    let request = registering(&read(office, id).await, vehicle, document_no);
    Ok(office.acquisitions().register_acquisition(request).await?.into_inner())
}

pub(super) fn cancelling(acquisition: &Acquisition) -> CancelAcquisitionRequest {
    CancelAcquisitionRequest {
        request_id: request_id(),
        id: acquisition.id.clone(),
        etag: acquisition.etag.clone(),
        reason: "不再需要".to_owned(),
        ..CancelAcquisitionRequest::default()
    }
}

/// The budget for purchases, with what is reserved, committed and spent.
async fn budget(office: &Office) -> (i64, i64, i64) {
    let answer = office.ledger().list_budgets(ListBudgetsRequest::default()).await.unwrap();
    let Budget { reserved_fen, committed_fen, spent_fen, .. } = answer.into_inner().budgets[0];
    (reserved_fen, committed_fen, spent_fen)
}

async fn set_budget(office: &Office, organization: &str, amount_fen: i64) {
    let request = SetBudgetRequest {
        request_id: request_id(),
        organization: organization.to_owned(),
        fiscal_year: 2017,
        category: "vehicle_purchase".to_owned(),
        amount_fen,
        document_no: "宜财预〔2017〕1号".to_owned(),
        ..SetBudgetRequest::default()
    };
    office.ledger().set_budget(request).await.unwrap();
}

async fn a_vehicle_comes_by_request_approval_and_registration(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    set_budget(&office, XILING, 40_000_000).await;
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    assert_eq!((asked.state(), asked.holds_place), (RequestState::Pending, true));
    assert_eq!((asked.requested_by.as_str(), asked.paid_by.as_str()), ("clerk", XILING));
    assert_eq!((asked.fiscal_year, asked.vehicle_id.as_str()), (2017, ""));
    assert_eq!(office.places(XILING).await, (Some(1), 0, 1));
    assert_eq!(budget(&office).await, (15_000_000, 0, 0));
    let approval = office.approval(&asked.approval_id).await;
    assert_eq!(approval.resource, format!("acquisitions/{}", asked.id));

    let early = register(&office, &asked.id, bought("鄂E12345"), "发票1").await.unwrap_err();
    assert_eq!(reason(&early), "REQUEST_STATE");
    office.approve(&asked.approval_id).await.unwrap();
    let approved = read(&office, &asked.id).await;
    assert_eq!(approved.state(), RequestState::Approved);
    assert_eq!(budget(&office).await, (0, 15_000_000, 0));

    let done = register(&office, &asked.id, bought("鄂E12345"), "发票1").await.unwrap();
    let (vehicle, acquisition) = (done.vehicle.unwrap(), done.acquisition.unwrap());
    assert_eq!((acquisition.state(), acquisition.holds_place), (RequestState::Completed, false));
    assert_eq!(acquisition.vehicle_id, vehicle.id);
    assert_eq!((vehicle.organization.as_str(), vehicle.price_fen), (XILING, 14_980_000));
    assert_eq!(office.places(XILING).await, (Some(1), 1, 0));
    assert_eq!(get(&mut office.vehicles(), &vehicle.id).await.unwrap(), vehicle);
    let request = ListEntriesRequest { document_no: "发票1".to_owned(), ..Default::default() };
    let entries = office.ledger().list_entries(request).await.unwrap().into_inner().entries;
    assert_eq!((entries.len(), entries[0].id.as_str()), (1, done.entry_id.as_str()));
    let content = entries[0].content.clone().unwrap();
    assert_eq!((content.category.as_str(), content.amount_fen), ("vehicle_purchase", 14_980_000));
    assert_eq!(content.source_resource, format!("vehicles/{}", vehicle.id));
    assert_eq!(content.approval_reference, asked.approval_id);
    assert_eq!(budget(&office).await, (0, 0, 14_980_000), "the rest is free again");

    let full = ask(&office, wanted(XILING)).await.unwrap_err();
    assert_eq!(
        (full.code(), reason(&full).as_str()),
        (Code::FailedPrecondition, "ESTABLISHMENT_EXHAUSTED")
    );
    let none = ask(&office, wanted(YILING)).await.unwrap_err();
    assert_eq!(reason(&none), "ESTABLISHMENT_MISSING");
}

async fn what_comes_to_nothing_frees_place_and_money(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    set_budget(&office, XILING, 40_000_000).await;
    let free = ((Some(1), 0, 0), (0, 0, 0));
    let state = async || (office.places(XILING).await, budget(&office).await);

    let refused = ask(&office, wanted(XILING)).await.unwrap();
    office.decide(&refused.approval_id, Decision::Refuse).await.unwrap();
    assert_eq!(read(&office, &refused.id).await.state(), RequestState::Refused);
    assert_eq!(state().await, free);

    let withdrawn = ask(&office, wanted(XILING)).await.unwrap();
    let request = WithdrawApprovalRequest {
        request_id: request_id(),
        id: withdrawn.approval_id.clone(),
        etag: office.approval(&withdrawn.approval_id).await.etag,
        reason: "填错".to_owned(),
        ..WithdrawApprovalRequest::default()
    };
    office.approvals("clerk").withdraw_approval(request).await.unwrap();
    assert_eq!(read(&office, &withdrawn.id).await.state(), RequestState::Withdrawn);
    assert_eq!(state().await, free);

    let cancelled = ask(&office, wanted(XILING)).await.unwrap();
    office.approve(&cancelled.approval_id).await.unwrap();
    let now = read(&office, &cancelled.id).await;
    let error = office.acquisitions().cancel_acquisition(cancelling(&cancelled)).await.unwrap_err();
    assert_eq!(reason(&error), "ETAG_STALE");
    let answer = office.acquisitions().cancel_acquisition(cancelling(&now)).await.unwrap();
    let now = answer.into_inner().acquisition.unwrap();
    assert_eq!((now.state(), now.holds_place), (RequestState::Cancelled, false));
    assert_eq!(state().await, free);
    let again = office.acquisitions().cancel_acquisition(cancelling(&now)).await.unwrap_err();
    assert_eq!(reason(&again), "REQUEST_STATE");
    let late = office.decide(&cancelled.approval_id, Decision::Approve).await.unwrap_err();
    assert_eq!(late.code(), Code::FailedPrecondition, "{late}");
}

/// What broken rules a refusal names: their reason and the field.
fn broken(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let failed = details.precondition_failure().unwrap();
    failed.violations.iter().map(|it| (it.r#type.clone(), it.subject.clone())).collect()
}

async fn what_may_not_be_acquired_is_refused(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 5, "2017-01-01").await;
    // It is 2017-06-15: the rules of 2011 hold, 180,000 yuan and 1.8 litres.
    let over = |field: &str| ("OVER_STANDARD".to_owned(), format!("acquisition.{field}"));
    let forbidden =
        |field: &str| ("ACQUISITION_FORBIDDEN".to_owned(), format!("acquisition.{field}"));
    let good = wanted(XILING);
    let cases = [
        (Acquisition { price_fen: 18_000_001, ..good.clone() }, vec![over("price_fen")]),
        (Acquisition { displacement_ml: 1801, ..good.clone() }, vec![over("displacement_ml")]),
        (
            Acquisition { source: VehicleSource::Donation.into(), ..good.clone() },
            vec![forbidden("source")],
        ),
        (
            Acquisition { source: VehicleSource::Borrowed.into(), ..good.clone() },
            vec![forbidden("source")],
        ),
        (
            Acquisition { registered_owner: "某公司".to_owned(), ..good.clone() },
            vec![forbidden("registered_owner")],
        ),
        (
            Acquisition { luxury_fitout: "真皮座椅".to_owned(), ..good.clone() },
            vec![forbidden("luxury_fitout")],
        ),
        (Acquisition { imported: true, ..good.clone() }, vec![forbidden("imported")]),
    ];
    for (wanted, want) in cases {
        let refused = ask(&office, wanted).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert_eq!(broken(&refused), want);
    }
    let both = Acquisition { price_fen: 20_000_000, displacement_ml: 2000, ..good.clone() };
    let refused = ask(&office, both).await.unwrap_err();
    assert_eq!(broken(&refused).len(), 2, "every limit is named");
    assert_eq!(office.places(XILING).await, (Some(5), 0, 0), "nothing was reserved");
    let boundary = Acquisition { price_fen: 18_000_000, displacement_ml: 1800, ..good.clone() };
    ask(&office, boundary).await.unwrap();
    let wrong = Acquisition { price_fen: 0, reason: String::new(), seats: 0, ..good };
    let refused = ask(&office, wrong).await.unwrap_err();
    assert_eq!(faults(&refused).len(), 3, "{refused}");
}

async fn a_returned_request_is_corrected(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    set_budget(&office, XILING, 40_000_000).await;
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    let correcting = |it: &Acquisition, price_fen| UpdateAcquisitionRequest {
        request_id: request_id(),
        acquisition: Some(Acquisition { price_fen, ..it.clone() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["price_fen".to_owned()] }),
        ..UpdateAcquisitionRequest::default()
    };
    let mut client = office.acquisitions();
    let early = client.update_acquisition(correcting(&asked, 14_000_000)).await.unwrap_err();
    assert_eq!(reason(&early), "REQUEST_STATE");
    office.decide(&asked.approval_id, Decision::Approve).await.unwrap();
    office.decide(&asked.approval_id, Decision::Return).await.unwrap();
    let returned = read(&office, &asked.id).await;
    assert_eq!((returned.state(), returned.holds_place), (RequestState::Returned, true));
    let over = client.update_acquisition(correcting(&returned, 18_000_001)).await.unwrap_err();
    assert_eq!(reason(&over), "OVER_STANDARD");
    let request = correcting(&returned, 14_000_000);
    let answer = client.update_acquisition(request.clone()).await.unwrap();
    let again = client.update_acquisition(request).await.unwrap();
    assert_eq!(answer.get_ref(), again.get_ref());
    let corrected = answer.into_inner().acquisition.unwrap();
    assert_eq!((corrected.price_fen, corrected.state()), (14_000_000, RequestState::Returned));
    assert_eq!(budget(&office).await, (14_000_000, 0, 0));
    let approval = office.approval(&asked.approval_id).await;
    assert_eq!(approval.money.as_ref().unwrap().amount_fen, 14_000_000);
    let request = ResubmitApprovalRequest {
        request_id: request_id(),
        id: asked.approval_id.clone(),
        etag: approval.etag,
        opinion: "已压减".to_owned(),
        ..ResubmitApprovalRequest::default()
    };
    office.approvals("clerk").resubmit_approval(request).await.unwrap();
    assert_eq!(read(&office, &asked.id).await.state(), RequestState::Pending);
    assert_eq!(office.places(XILING).await, (Some(1), 0, 1), "the place was kept all the time");
    office.approve(&asked.approval_id).await.unwrap();
    assert_eq!(read(&office, &asked.id).await.state(), RequestState::Approved);
}

async fn the_vehicle_that_comes_is_the_one_that_was_approved(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 2, "2017-01-01").await;
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let good = bought("鄂E12345");
    let unlike = [
        (Vehicle { price_fen: 15_000_001, ..good.clone() }, "price_fen"),
        (Vehicle { displacement_ml: 1599, ..good.clone() }, "displacement_ml"),
        (Vehicle { body: VehicleBody::SmallBus.into(), ..good.clone() }, "body"),
        (Vehicle { power_source: PowerSource::Diesel.into(), ..good.clone() }, "power_source"),
        (Vehicle { category: VehicleCategory::Other.into(), ..good.clone() }, "category"),
    ];
    for (vehicle, field) in unlike {
        let refused = register(&office, &asked.id, vehicle, "发票1").await.unwrap_err();
        let differs = ("ACQUISITION_DIFFERS".to_owned(), format!("vehicle.{field}"));
        assert!(broken(&refused).contains(&differs), "{refused}");
    }
    let unpaid = register(&office, &asked.id, good.clone(), "").await.unwrap_err();
    assert_eq!(reason(&unpaid), "INVOICE_INCOMPLETE");
    create(&mut office.vehicles(), car(YILING, "鄂E12345")).await.unwrap();
    let taken = register(&office, &asked.id, good, "发票1").await.unwrap_err();
    assert_eq!(reason(&taken), "PLATE_TAKEN");
    assert_eq!(office.places(XILING).await, (Some(2), 0, 1), "nothing was done by halves");
    register(&office, &asked.id, bought("鄂E54321"), "发票1").await.unwrap();
}

async fn what_was_approved_is_not_turned_into_another(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    for (vehicle, field) in [
        (Vehicle { price_fen: 0, ..bought("鄂E12345") }, "price_fen"),
        (Vehicle { acquired_on: "2017-06-14".to_owned(), ..bought("鄂E12345") }, "acquired_on"),
        (Vehicle { source: VehicleSource::Lease.into(), ..bought("鄂E12345") }, "source"),
    ] {
        let refused = register(&office, &asked.id, vehicle, "发票1").await.unwrap_err();
        let differs = ("ACQUISITION_DIFFERS".to_owned(), format!("vehicle.{field}"));
        assert_eq!(broken(&refused), [differs]);
    }
    let mut request = registering(&read(&office, &asked.id).await, bought("鄂E12345"), "");
    request.paid_on.clear();
    request.accept_warnings = true;
    let unpaid = office.acquisitions().register_acquisition(request).await.unwrap_err();
    assert_eq!(faults(&unpaid), [("document_no".to_owned(), "REQUIRED".to_owned())]);
    let done = register(&office, &asked.id, bought("鄂E12345"), "发票1").await.unwrap();
    let vehicle = done.vehicle.unwrap();
    assert_eq!((vehicle.source(), vehicle.domestic), (VehicleSource::Purchase, Some(true)));
    // Its place was approved for what it is for.
    let other = Vehicle { category: VehicleCategory::Other.into(), ..vehicle.clone() };
    let refused = correct(&mut office.registrar(), &other, &["category"]).await.unwrap_err();
    assert_eq!(reason(&refused), "ESTABLISHMENT_MISSING");
    assert_eq!(get(&mut office.vehicles(), &vehicle.id).await.unwrap(), vehicle);
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 5, "2017-01-01").await;
    let mut client = office.acquisitions();
    let request = asking(wanted(XILING));
    let first = client.request_acquisition(request.clone()).await.unwrap().into_inner();
    let again = client.request_acquisition(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(office.places(XILING).await, (Some(5), 0, 1));
    let asked = first.acquisition.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let request = registering(&read(&office, &asked.id).await, bought("鄂E12345"), "发票1");
    let first = client.register_acquisition(request.clone()).await.unwrap().into_inner();
    let again = client.register_acquisition(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(office.places(XILING).await, (Some(5), 1, 0));
}

async fn checking_changes_nothing(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    let mut client = office.acquisitions();
    let check = RequestAcquisitionRequest { validate_only: true, ..asking(wanted(XILING)) };
    let answer = client.request_acquisition(check).await.unwrap().into_inner();
    let checked = answer.acquisition.unwrap();
    assert_eq!((checked.id.as_str(), checked.etag.as_str()), ("", ""));
    assert_eq!(office.places(XILING).await, (Some(1), 0, 0));
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let now = read(&office, &asked.id).await;
    let check = RegisterAcquisitionRequest {
        validate_only: true,
        ..registering(&now, bought("鄂E12345"), "发票1")
    };
    let answer = client.register_acquisition(check).await.unwrap().into_inner();
    let (vehicle, acquisition) = (answer.vehicle.unwrap(), answer.acquisition.unwrap());
    assert_eq!((vehicle.id.as_str(), acquisition.etag.as_str()), ("", ""));
    assert_eq!((acquisition.id.as_str(), answer.entry_id.as_str()), (asked.id.as_str(), ""));
    assert_eq!(read(&office, &asked.id).await, now);
}

async fn others_neither_see_nor_touch_it(db: TestDb) {
    use steward_proto::fleet::v1::acquisition_service_client::AcquisitionServiceClient;
    use steward_tests::service::called;
    let office = Office::open(&db).await;
    office.grant(XILING, 5, "2017-01-01").await;
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    let client = |roles: &[&str], region: &str| {
        let caller = office.caller("other", roles, &[region]);
        AcquisitionServiceClient::new(called(&office.backend, caller))
    };
    let mut other = client(&["operator"], "420506");
    let error = other.cancel_acquisition(cancelling(&asked)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let error = other.request_acquisition(asking(wanted(XILING))).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    let all = ListAcquisitionsRequest::default();
    let seen = other.list_acquisitions(all.clone()).await.unwrap().into_inner().acquisitions;
    assert!(seen.is_empty());
    let mut auditor = client(&["auditor"], "420502");
    let seen = auditor.list_acquisitions(all).await.unwrap().into_inner().acquisitions;
    assert_eq!(seen.len(), 1);
    let error = auditor.cancel_acquisition(cancelling(&asked)).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    let filtered = ListAcquisitionsRequest {
        state: RequestState::Approved.into(),
        ..ListAcquisitionsRequest::default()
    };
    let seen = office.acquisitions().list_acquisitions(filtered).await.unwrap().into_inner();
    assert!(seen.acquisitions.is_empty());
}

async fn what_was_approved_is_corrected_by_a_manager(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let done = register(&office, &asked.id, bought("鄂E12345"), "发票1").await.unwrap();
    let vehicle = done.vehicle.unwrap();
    let mut clerk = office.vehicles();
    for (changed, field) in [
        (Vehicle { source: VehicleSource::Lease.into(), ..vehicle.clone() }, "source"),
        (Vehicle { price_fen: 14_000_000, ..vehicle.clone() }, "price_fen"),
        (Vehicle { body: VehicleBody::SmallBus.into(), ..vehicle.clone() }, "body"),
        (Vehicle { displacement_ml: 1500, ..vehicle.clone() }, "displacement_ml"),
        (Vehicle { acquired_on: "2017-06-01".to_owned(), ..vehicle.clone() }, "acquired_on"),
        (Vehicle { registered_on: "2001-06-01".to_owned(), ..vehicle.clone() }, "registered_on"),
    ] {
        let refused = update(&mut clerk, &changed, &[field]).await.unwrap_err();
        let why = (refused.code(), reason(&refused));
        assert_eq!(why, (Code::PermissionDenied, "FACTS_GUARDED".to_owned()), "{field}");
    }
    // What it is used with is the clerk's, and what he does not change may be named.
    let used = Vehicle { parking_place: "东门车库".to_owned(), seats: 4, ..vehicle };
    let mask = ["parking_place", "seats", "price_fen"];
    let used = update(&mut clerk, &used, &mask).await.unwrap();
    let mut chief = office.registrar();
    let cheaper = Vehicle { price_fen: 14_000_000, ..used };
    let refused = update(&mut chief, &cheaper, &["price_fen"]).await.unwrap_err();
    assert_eq!(faults(&refused), [("reason".to_owned(), "REQUIRED".to_owned())]);
    let cheaper = correct(&mut chief, &cheaper, &["price_fen"]).await.unwrap();
    assert_eq!((cheaper.price_fen, cheaper.correction_reason.as_str()), (14_000_000, "登记有误"));
    let events = super::events(&db).await;
    assert_eq!(events.last().unwrap().2["correctionReason"], "登记有误");
}

/// An approved acquisition of an ordinary car.
async fn approved(office: &Office) -> Acquisition {
    let asked = ask(office, wanted(XILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    read(office, &asked.id).await
}

/// The entries of a document: line, what caused it, and id.
async fn lines(office: &Office, document_no: &str) -> Vec<(i32, String, String)> {
    let document_no = document_no.to_owned();
    let request = ListEntriesRequest { document_no, ..ListEntriesRequest::default() };
    let answer = office.ledger().list_entries(request).await.unwrap().into_inner();
    let line = |it: Entry| {
        let content = it.content.unwrap();
        (content.document_line, content.source_resource, it.id)
    };
    let mut lines: Vec<_> = answer.entries.into_iter().map(line).collect();
    lines.sort();
    lines
}

async fn several_vehicles_stand_on_one_invoice(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 3, "2017-01-01").await;
    let mut made = Vec::new();
    for plate in ["鄂E00001", "鄂E00002"] {
        let acquisition = approved(&office).await;
        let done = register(&office, &acquisition.id, bought(plate), "发票1").await.unwrap();
        assert_eq!(done.acquisition.unwrap().entry_id, done.entry_id);
        made.push((format!("vehicles/{}", done.vehicle.unwrap().id), done.entry_id));
    }
    let [first, second] = [made[0].clone(), made[1].clone()];
    let expected = [(1, first.0, first.1), (2, second.0, second.1)];
    assert_eq!(lines(&office, "发票1").await, expected);
    let third = approved(&office).await;
    let on_line = |document_line| RegisterAcquisitionRequest {
        document_line,
        ..registering(&third, bought("鄂E00003"), "发票1")
    };
    let mut client = office.acquisitions();
    for line in [-1, 100_001] {
        let refused = client.register_acquisition(on_line(line)).await.unwrap_err();
        let field = ("document_line".to_owned(), "LINE_OUT_OF_RANGE".to_owned());
        assert_eq!(faults(&refused), [field]);
    }
    // Who names a line means it.
    let refused = client.register_acquisition(on_line(2)).await.unwrap_err();
    assert_eq!(reason(&refused), "ENTRY_ALREADY_POSTED");
    client.register_acquisition(on_line(7)).await.unwrap();
    let numbers: Vec<_> = lines(&office, "发票1").await.into_iter().map(|it| it.0).collect();
    assert_eq!(numbers, [1, 2, 7]);
}

async fn what_finance_has_booked_is_not_booked_again(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 2, "2017-01-01").await;
    set_budget(&office, XILING, 60_000_000).await;
    let entry = |organization: &str, amount_fen, line| NewEntry {
        organization: organization.to_owned(),
        category: "vehicle_purchase".to_owned(),
        occurred_on: "2017-06-14".to_owned(),
        amount_fen,
        document_no: "发票1".to_owned(),
        document_line: line,
        ..NewEntry::default()
    };
    let entries = vec![
        entry(XILING, 14_980_000, 1),
        entry(XILING, 14_980_001, 2),
        entry(YILING, 14_980_000, 1),
    ];
    let request =
        PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() };
    let posted = office.ledger().post_entries(request).await.unwrap().into_inner().results;
    let ids: Vec<_> = posted.into_iter().map(|it| it.entry_id).collect();
    let acquisition = approved(&office).await;
    let again = register(&office, &acquisition.id, bought("鄂E00001"), "发票1").await.unwrap_err();
    assert_eq!(reason(&again), "ENTRY_ALREADY_POSTED");
    let by_entry = |id: &str, of: &Acquisition, plate: &str| RegisterAcquisitionRequest {
        entry_id: id.to_owned(),
        paid_on: String::new(),
        ..registering(of, bought(plate), "")
    };
    let mut client = office.acquisitions();
    let first = by_entry(&ids[0], &acquisition, "鄂E00001");
    let both = RegisterAcquisitionRequest { document_no: "发票1".to_owned(), ..first.clone() };
    let refused = client.register_acquisition(both).await.unwrap_err();
    assert_eq!(faults(&refused), [("entry_id".to_owned(), "VOUCHER_AMBIGUOUS".to_owned())]);
    for (id, why) in [(&ids[1], "ENTRY_UNLIKE"), (&ids[2], "ENTRY_UNLIKE")] {
        let other = by_entry(id, &acquisition, "鄂E00001");
        assert_eq!(reason(&client.register_acquisition(other).await.unwrap_err()), why);
    }
    let unknown = by_entry(&request_id(), &acquisition, "鄂E00001");
    let refused = client.register_acquisition(unknown).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let check = RegisterAcquisitionRequest { validate_only: true, ..first.clone() };
    client.register_acquisition(check).await.unwrap();
    let done = client.register_acquisition(first).await.unwrap().into_inner();
    assert_eq!((&done.entry_id, &done.acquisition.unwrap().entry_id), (&ids[0], &ids[0]));
    assert_eq!(lines(&office, "发票1").await.len(), 3, "nothing was booked");
    assert_eq!(budget(&office).await, (0, 0, 29_960_001), "what was approved is free again");
    let second = approved(&office).await;
    let twice = client.register_acquisition(by_entry(&ids[0], &second, "鄂E00002")).await;
    assert_eq!(reason(&twice.unwrap_err()), "ENTRY_TAKEN");
}

async fn an_approved_request_is_corrected_and_approved_anew(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    set_budget(&office, XILING, 40_000_000).await;
    let asked = ask(&office, wanted(XILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let approved = read(&office, &asked.id).await;
    office.clock.advance(chrono::TimeDelta::days(1));
    // It cost one yuan more, and came the day before.
    let dearer = Vehicle { price_fen: 15_000_100, ..bought("鄂E12345") };
    let refused = register(&office, &asked.id, dearer.clone(), "发票1").await.unwrap_err();
    assert_eq!(reason(&refused), "ACQUISITION_DIFFERS");
    let correcting = |it: &Acquisition, price_fen| UpdateAcquisitionRequest {
        request_id: request_id(),
        acquisition: Some(Acquisition { price_fen, ..it.clone() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["price_fen".to_owned()] }),
        ..UpdateAcquisitionRequest::default()
    };
    let mut client = office.acquisitions();
    let same = client.update_acquisition(correcting(&approved, 15_000_000)).await.unwrap();
    assert_eq!(same.into_inner().acquisition.unwrap(), approved, "nothing is asked anew");
    let over = client.update_acquisition(correcting(&approved, 18_000_001)).await.unwrap_err();
    assert_eq!(reason(&over), "OVER_STANDARD");
    assert_eq!(budget(&office).await, (0, 15_000_000, 0));
    assert_eq!(read(&office, &asked.id).await, approved);
    let request = correcting(&approved, 15_000_100);
    let check = UpdateAcquisitionRequest { validate_only: true, ..request.clone() };
    client.update_acquisition(check).await.unwrap();
    assert_eq!(read(&office, &asked.id).await, approved);
    let answer = client.update_acquisition(request.clone()).await.unwrap();
    assert_eq!(&client.update_acquisition(request).await.unwrap().into_inner(), answer.get_ref());
    let returned = answer.into_inner().acquisition.unwrap();
    assert_eq!((returned.state(), returned.holds_place), (RequestState::Returned, true));
    assert_eq!(returned.create_time, asked.create_time);
    assert_eq!(budget(&office).await, (15_000_100, 0, 0));
    assert_eq!(office.places(XILING).await, (Some(1), 0, 1), "the place was kept");
    let early = register(&office, &asked.id, dearer.clone(), "发票1").await.unwrap_err();
    assert_eq!(reason(&early), "REQUEST_STATE");
    let request = ResubmitApprovalRequest {
        request_id: request_id(),
        id: asked.approval_id.clone(),
        etag: office.approval(&asked.approval_id).await.etag,
        opinion: "车价上调".to_owned(),
        ..ResubmitApprovalRequest::default()
    };
    office.approvals("clerk").resubmit_approval(request).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    assert_eq!(budget(&office).await, (0, 15_000_100, 0));
    let done = register(&office, &asked.id, dearer, "发票1").await.unwrap();
    assert_eq!(budget(&office).await, (0, 0, 15_000_100));
    // What came is no longer a request.
    let done = done.acquisition.unwrap();
    let late = client.update_acquisition(correcting(&done, 14_000_000)).await.unwrap_err();
    assert_eq!(reason(&late), "REQUEST_STATE");
}
