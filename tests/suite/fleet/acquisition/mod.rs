//! Acquiring vehicles, from the request to the register.

mod corrections;
mod payment;

use steward_proto::approval::v1::{Decision, ResubmitApprovalRequest, WithdrawApprovalRequest};
use steward_proto::fleet::v1::{
    Acquisition, CancelAcquisitionRequest, GetAcquisitionRequest, ListAcquisitionsRequest,
    PowerSource, RegisterAcquisitionRequest, RegisterAcquisitionResponse,
    RequestAcquisitionRequest, RequestState, UpdateAcquisitionRequest, Vehicle, VehicleBody,
    VehicleCategory, VehicleSource,
};
use steward_proto::ledger::v1::{Budget, ListBudgetsRequest, ListEntriesRequest, SetBudgetRequest};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::office::Office;
use super::{MIGRATIONS, XILING, YILING, car, correct, create, faults, get, reason, request_id};

both!(
    MIGRATIONS,
    a_vehicle_comes_by_request_approval_and_registration,
    what_comes_to_nothing_frees_place_and_money,
    what_may_not_be_acquired_is_refused,
    a_returned_request_is_corrected,
    the_vehicle_that_comes_is_the_one_that_was_approved,
    what_was_approved_is_not_turned_into_another,
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
        paid_on: "2017-06-15".to_owned(),
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
