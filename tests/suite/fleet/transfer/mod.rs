//! Transferring vehicles between organizations.

mod corrections;

use steward_proto::approval::v1::{ApprovalStep, Decision, ListTasksRequest, Position};
use steward_proto::fleet::v1::transfer_service_client::TransferServiceClient;
use steward_proto::fleet::v1::{
    CancelTransferRequest, CompleteTransferRequest, CreateVehicleRequest, GetTransferRequest,
    ListTransfersRequest, RequestState, RequestTransferRequest, Transfer, UpdateTransferRequest,
    Vehicle, VehicleCategory,
};
use steward_tests::service::called;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::office::Office;
use super::{
    MIGRATIONS, XILING, YILING, car, correct, create, creating, faults, get, reason, request_id,
    update,
};

both!(
    MIGRATIONS,
    both_sides_and_the_authority_approve,
    a_transfer_that_comes_to_nothing_frees_the_place,
    who_receives_needs_a_place,
    a_replaced_vehicle_may_go_by_transfer,
    each_side_may_do_its_part,
    a_returned_transfer_is_corrected,
    between_regions_both_authorities_approve,
    within_a_region_its_authority_is_asked_once,
    what_is_not_settled_is_not_handed_on,
    what_people_were_notified_of_is_theirs_to_close,
    what_was_the_givers_ends_with_the_transfer,
);

pub(super) fn asking(vehicle_id: &str, to: &str) -> RequestTransferRequest {
    let transfer = Transfer {
        vehicle_id: vehicle_id.to_owned(),
        to_organization: to.to_owned(),
        reason: "余缺调剂".to_owned(),
        ..Transfer::default()
    };
    RequestTransferRequest {
        request_id: request_id(),
        transfer: Some(transfer),
        ..RequestTransferRequest::default()
    }
}

pub(super) async fn ask(office: &Office, vehicle_id: &str, to: &str) -> Result<Transfer, Status> {
    let answer = office.transfers().request_transfer(asking(vehicle_id, to)).await?;
    Ok(answer.into_inner().transfer.unwrap())
}

pub(super) async fn read(office: &Office, id: &str) -> Transfer {
    let request = GetTransferRequest { id: id.to_owned() };
    office.transfers().get_transfer(request).await.unwrap().into_inner().transfer.unwrap()
}

pub(super) fn completing(transfer: &Transfer) -> CompleteTransferRequest {
    CompleteTransferRequest {
        request_id: request_id(),
        id: transfer.id.clone(),
        etag: transfer.etag.clone(),
        transferred_on: "2017-06-15".to_owned(),
        ..CompleteTransferRequest::default()
    }
}

pub(super) fn cancelling(transfer: &Transfer) -> CancelTransferRequest {
    CancelTransferRequest {
        request_id: request_id(),
        id: transfer.id.clone(),
        etag: transfer.etag.clone(),
        reason: "另行安排".to_owned(),
        ..CancelTransferRequest::default()
    }
}

async fn complete(office: &Office, id: &str) -> Result<Transfer, Status> {
    let request = completing(&read(office, id).await);
    Ok(office.transfers().complete_transfer(request).await?.into_inner().transfer.unwrap())
}

async fn held(office: &Office, plate: &str) -> Vehicle {
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, plate) };
    create(&mut office.vehicles(), old).await.unwrap()
}

async fn both_sides_and_the_authority_approve(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = held(&office, "鄂E00001").await;
    office.grant(YILING, 1, "2017-01-01").await;
    let asked = ask(&office, &vehicle.id, YILING).await.unwrap();
    assert_eq!((asked.from_organization.as_str(), asked.state()), (XILING, RequestState::Pending));
    assert_eq!(asked.category, vehicle.category);
    assert_eq!(office.places(YILING).await, (Some(1), 0, 1));
    let approval = office.approval(&asked.approval_id).await;
    assert_eq!((approval.organization.as_str(), approval.counterpart.as_str()), (XILING, YILING));
    let route: Vec<_> = approval.steps.iter().map(ApprovalStep::position).collect();
    let both = [
        Position::Director,
        Position::CounterpartDirector,
        Position::VehicleAuthority,
        Position::CounterpartVehicleAuthority,
    ];
    assert_eq!(route, both, "they lie in two regions");
    assert_eq!(reason(&complete(&office, &asked.id).await.unwrap_err()), "REQUEST_STATE");
    office.approve(&asked.approval_id).await.unwrap();

    let approved = read(&office, &asked.id).await;
    let request =
        CompleteTransferRequest { plate: "鄂E00009".to_owned(), ..completing(&approved) };
    let done = office.transfers().complete_transfer(request.clone()).await.unwrap().into_inner();
    let again = office.transfers().complete_transfer(request).await.unwrap().into_inner();
    assert_eq!(done, again);
    let done = done.transfer.unwrap();
    assert_eq!(
        (done.state(), done.transferred_on.as_str()),
        (RequestState::Completed, "2017-06-15")
    );
    let now = get(&mut office.vehicles(), &vehicle.id).await.unwrap();
    assert_eq!((now.organization.as_str(), now.plate.as_str()), (YILING, "鄂E00009"));
    assert_eq!(office.places(YILING).await, (Some(1), 1, 0));
    assert_eq!(office.places(XILING).await, (None, 0, 0));
}

async fn a_transfer_that_comes_to_nothing_frees_the_place(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = held(&office, "鄂E00001").await;
    office.grant(YILING, 1, "2017-01-01").await;
    let refused = ask(&office, &vehicle.id, YILING).await.unwrap();
    let twice = ask(&office, &vehicle.id, YILING).await.unwrap_err();
    assert_eq!(reason(&twice), "VEHICLE_ENGAGED");
    office.decide(&refused.approval_id, Decision::Refuse).await.unwrap();
    assert_eq!(read(&office, &refused.id).await.state(), RequestState::Refused);
    assert_eq!(office.places(YILING).await, (Some(1), 0, 0));
    let cancelled = ask(&office, &vehicle.id, YILING).await.unwrap();
    office.approve(&cancelled.approval_id).await.unwrap();
    let now = read(&office, &cancelled.id).await;
    office.transfers().cancel_transfer(cancelling(&now)).await.unwrap();
    assert_eq!(office.places(YILING).await, (Some(1), 0, 0));
    let held = get(&mut office.vehicles(), &vehicle.id).await.unwrap();
    assert_eq!(held.organization, XILING);
    assert_eq!(reason(&ask(&office, &vehicle.id, XILING).await.unwrap_err()), "TRANSFER_TO_SELF");
}

async fn who_receives_needs_a_place(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = held(&office, "鄂E00001").await;
    let missing = ask(&office, &vehicle.id, YILING).await.unwrap_err();
    assert_eq!(reason(&missing), "ESTABLISHMENT_MISSING");
    office.grant(YILING, 0, "2017-01-01").await;
    let full = ask(&office, &vehicle.id, YILING).await.unwrap_err();
    assert_eq!(reason(&full), "ESTABLISHMENT_EXHAUSTED");
    office.grant(YILING, 1, "2017-02-01").await;
    // The category that it would get has no place.
    let mut request = asking(&vehicle.id, YILING);
    request.transfer.as_mut().unwrap().category = VehicleCategory::Other.into();
    let missing = office.transfers().request_transfer(request).await.unwrap_err();
    assert_eq!(reason(&missing), "ESTABLISHMENT_MISSING");
    ask(&office, &vehicle.id, YILING).await.unwrap();
}

async fn a_replaced_vehicle_may_go_by_transfer(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = held(&office, "鄂E00001").await;
    for organization in [XILING, YILING] {
        office.grant(organization, 1, "2017-01-01").await;
    }
    let wanted = super::acquisition::wanted(XILING);
    let wanted =
        steward_proto::fleet::v1::Acquisition { replaces_vehicle_id: vehicle.id.clone(), ..wanted };
    let renewal = super::acquisition::ask(&office, wanted).await.unwrap();
    office.approve(&renewal.approval_id).await.unwrap();
    let asked = ask(&office, &vehicle.id, YILING).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    complete(&office, &asked.id).await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(1), 0, 1), "kept for the new one");
    assert_eq!(office.places(YILING).await, (Some(1), 1, 0));
    let bought = super::acquisition::bought("鄂E00002");
    super::acquisition::register(&office, &renewal.id, bought, "发票1").await.unwrap();
    assert_eq!(office.places(XILING).await, (Some(1), 1, 0));
}

async fn each_side_may_do_its_part(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = held(&office, "鄂E00001").await;
    office.grant(YILING, 1, "2017-01-01").await;
    let client = |region: &str| {
        let caller = office.caller("someone", &["operator"], &[region]);
        TransferServiceClient::new(called(&office.backend, caller))
    };
    let (mut giver, mut receiver, mut other) =
        (client("420502"), client("420506"), client("420503"));
    let request = asking(&vehicle.id, YILING);
    let error = receiver.request_transfer(request.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound, "he does not see the vehicle");
    let asked = giver.request_transfer(request).await.unwrap().into_inner().transfer.unwrap();
    // Nobody holds a place of his against his will.
    assert_eq!(office.places(YILING).await, (Some(1), 0, 1));
    let error = other.cancel_transfer(cancelling(&asked)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let request = cancelling(&asked);
    let refused = receiver.cancel_transfer(request.clone()).await.unwrap().into_inner();
    assert_eq!(refused.transfer.as_ref().unwrap().state(), RequestState::Cancelled);
    assert_eq!(receiver.cancel_transfer(request).await.unwrap().into_inner(), refused);
    assert_eq!(office.places(YILING).await, (Some(1), 0, 0));
    let request = asking(&vehicle.id, YILING);
    let asked = giver.request_transfer(request).await.unwrap().into_inner().transfer.unwrap();
    for (client, count) in [(&mut giver, 2), (&mut receiver, 2), (&mut other, 0)] {
        let list = client.list_transfers(ListTransfersRequest::default()).await.unwrap();
        assert_eq!(list.into_inner().transfers.len(), count);
    }
    office.approve(&asked.approval_id).await.unwrap();
    let now = read(&office, &asked.id).await;
    let error = receiver.cancel_transfer(cancelling(&now)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED", "it is no longer his to refuse");
    let error = other.complete_transfer(completing(&now)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    receiver.complete_transfer(completing(&now)).await.unwrap();
}

async fn a_returned_transfer_is_corrected(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = held(&office, "鄂E00001").await;
    office.grant(YILING, 1, "2017-01-01").await;
    let asked = ask(&office, &vehicle.id, YILING).await.unwrap();
    office.decide(&asked.approval_id, Decision::Return).await.unwrap();
    let returned = read(&office, &asked.id).await;
    assert_eq!(returned.state(), RequestState::Returned);
    let update = |category: VehicleCategory| UpdateTransferRequest {
        request_id: request_id(),
        transfer: Some(Transfer {
            category: category.into(),
            reason: "按会议纪要调剂".to_owned(),
            ..returned.clone()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["category".to_owned(), "reason".to_owned()],
        }),
        ..UpdateTransferRequest::default()
    };
    let mut client = office.transfers();
    let missing = client.update_transfer(update(VehicleCategory::Other)).await.unwrap_err();
    assert_eq!(reason(&missing), "ESTABLISHMENT_MISSING");
    assert_eq!(office.places(YILING).await, (Some(1), 0, 1), "the place is kept");
    let answer = client.update_transfer(update(VehicleCategory::Emergency)).await.unwrap();
    assert_eq!(answer.into_inner().transfer.unwrap().reason, "按会议纪要调剂");
}

async fn between_regions_both_authorities_approve(db: TestDb) {
    let office = Office::open(&db).await;
    let both = [Position::VehicleAuthority, Position::CounterpartVehicleAuthority];
    office.set_route("vehicle_transfer", &both).await;
    for (subject, region) in [("xiling", "420502"), ("yiling", "420506")] {
        office.appoint(subject, Position::VehicleAuthority, "", region).await;
    }
    let vehicle = held(&office, "鄂E00001").await;
    office.grant(YILING, 1, "2017-01-01").await;
    let asked = ask(&office, &vehicle.id, YILING).await.unwrap();
    let tasks = async |subject: &str| {
        let mut client = office.approvals(subject);
        let answer = client.list_tasks(ListTasksRequest::default()).await.unwrap();
        answer.into_inner().tasks.len()
    };
    let approve =
        async |subject| office.decide_as(subject, &asked.approval_id, Decision::Approve).await;
    assert_eq!((tasks("xiling").await, tasks("yiling").await), (1, 0));
    assert_eq!(approve("yiling").await.unwrap_err().code(), Code::PermissionDenied);
    approve("xiling").await.unwrap();
    assert_eq!((tasks("xiling").await, tasks("yiling").await), (0, 1));
    assert_eq!(approve("xiling").await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(read(&office, &asked.id).await.state(), RequestState::Pending);
    approve("yiling").await.unwrap();
    assert_eq!(read(&office, &asked.id).await.state(), RequestState::Approved);
}

/// In the region of the receiver.
const NEIGHBOUR: &str = "114205060112345679";

async fn within_a_region_its_authority_is_asked_once(db: TestDb) {
    let office = Office::open(&db).await;
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(YILING, "鄂E00001") };
    let vehicle = create(&mut office.vehicles(), old).await.unwrap();
    let grant = super::establishment::emergency(NEIGHBOUR, 1, "2017-01-01");
    let grant = steward_proto::fleet::v1::GrantEstablishmentRequest {
        accept_warnings: true,
        ..super::establishment::granting(grant)
    };
    office.establishments().grant_establishment(grant).await.unwrap();
    let request =
        RequestTransferRequest { accept_warnings: true, ..asking(&vehicle.id, NEIGHBOUR) };
    let asked = office.transfers().request_transfer(request).await.unwrap().into_inner();
    let approval = office.approval(&asked.transfer.unwrap().approval_id).await;
    let route: Vec<_> = approval.steps.iter().map(ApprovalStep::position).collect();
    let once = [Position::Director, Position::CounterpartDirector, Position::VehicleAuthority];
    assert_eq!(route, once);
}

async fn what_is_not_settled_is_not_handed_on(db: TestDb) {
    let office = Office::open(&db).await;
    for organization in [XILING, YILING] {
        office.grant(organization, 2, "2016-01-01").await;
    }
    let unapproved = Vehicle { acquired_on: "2016-05-20".to_owned(), ..car(XILING, "鄂E00001") };
    let request = CreateVehicleRequest { accept_warnings: true, ..creating(unapproved) };
    let answer = office.vehicles().create_vehicle(request).await.unwrap().into_inner();
    let vehicle = answer.vehicle.unwrap();
    assert_eq!(vehicle.breach_count, 1);
    let refused = ask(&office, &vehicle.id, YILING).await.unwrap_err();
    assert_eq!(reason(&refused), "VEHICLE_UNSETTLED");
    assert_eq!(office.places(YILING).await, (Some(2), 0, 0));
    // The authority judges it; then it may be handed on.
    office.dismiss_findings(&format!("vehicles/{}", vehicle.id)).await;
    let asked = ask(&office, &vehicle.id, YILING).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    // What is found in between is found in time.
    let owned = Vehicle { registered_owner: "某公司".to_owned(), ..vehicle.clone() };
    let mut client = office.vehicles();
    let owned = update(&mut client, &owned, &["registered_owner"]).await.unwrap();
    let refused = complete(&office, &asked.id).await.unwrap_err();
    assert_eq!(reason(&refused), "VEHICLE_UNSETTLED");
    // The receiver may hold it by the standard of the day on which it comes to him.
    let dear = Vehicle { registered_owner: String::new(), price_fen: 18_000_001, ..owned };
    let mut chief = office.registrar();
    let mask = ["registered_owner", "price_fen"];
    let refused = update(&mut client, &dear, &mask).await.unwrap_err();
    assert_eq!(reason(&refused), "FACTS_GUARDED");
    let dear = correct(&mut chief, &dear, &mask).await.unwrap();
    let refused = complete(&office, &asked.id).await.unwrap_err();
    assert_eq!(reason(&refused), "OVER_STANDARD");
    assert_eq!(office.places(YILING).await, (Some(2), 0, 1));
    let fair = Vehicle { price_fen: 18_000_000, ..dear };
    correct(&mut chief, &fair, &["price_fen"]).await.unwrap();
    complete(&office, &asked.id).await.unwrap();
    assert_eq!(office.places(YILING).await, (Some(2), 1, 0));
}

async fn what_was_the_givers_ends_with_the_transfer(db: TestDb) {
    let office = Office::open(&db).await;
    let old = Vehicle {
        acquired_on: "2009-05-20".to_owned(),
        fixed_to: "张三".to_owned(),
        pool: true,
        parking_place: "东门车库".to_owned(),
        note: "左门有划痕".to_owned(),
        ..car(XILING, "鄂E00001")
    };
    let vehicle = create(&mut office.vehicles(), old).await.unwrap();
    office.grant(YILING, 1, "2017-01-01").await;
    let asked = ask(&office, &vehicle.id, YILING).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let request = completing(&read(&office, &asked.id).await);
    let electric = CompleteTransferRequest { plate: "鄂ED00009".to_owned(), ..request };
    let mut client = office.transfers();
    let odd = client.complete_transfer(electric.clone()).await.unwrap_err();
    assert_eq!(faults(&odd), [("plate".to_owned(), "PLATE_CONTRADICTS".to_owned())]);
    let accepted = CompleteTransferRequest { accept_warnings: true, ..electric };
    client.complete_transfer(accepted).await.unwrap();
    let now = get(&mut office.vehicles(), &vehicle.id).await.unwrap();
    assert_eq!((now.organization.as_str(), now.plate.as_str()), (YILING, "鄂ED00009"));
    assert_eq!((now.fixed_to.as_str(), now.pool, now.parking_place.as_str()), ("", false, ""));
    assert_eq!((now.note, now.acquisition_id), (vehicle.note, asked.id));
}

async fn what_people_were_notified_of_is_theirs_to_close(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(YILING, 1, "2017-01-01").await;
    let owned = Vehicle {
        acquired_on: "2009-05-20".to_owned(),
        registered_owner: "某公司".to_owned(),
        ..car(XILING, "鄂E00001")
    };
    let vehicle = create(&mut office.vehicles(), owned).await.unwrap();
    let resource = format!("vehicles/{}", vehicle.id);
    office.notify_findings(&resource).await;
    let own = Vehicle { registered_owner: String::new(), ..vehicle.clone() };
    correct(&mut office.registrar(), &own, &["registered_owner"]).await.unwrap();
    // It is no longer seen, but nobody has judged yet that it was put right.
    let refused = ask(&office, &vehicle.id, YILING).await.unwrap_err();
    assert_eq!(reason(&refused), "VEHICLE_UNSETTLED");
    office.dismiss_findings(&resource).await;
    ask(&office, &vehicle.id, YILING).await.unwrap();
}
