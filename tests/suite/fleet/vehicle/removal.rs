//! Removing what should not be in the register.

use steward_proto::approval::v1::{ApprovalState, Decision, WithdrawApprovalRequest};
use steward_proto::fleet::v1::expense_service_client::ExpenseServiceClient;
use steward_proto::fleet::v1::{
    ExpenseKind, ListTransfersRequest, RecordExpensesRequest, RemoveVehicleRequest, RequestState,
    Vehicle, VehicleState,
};
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest};
use steward_tests::service::called;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::super::office::Office;
use super::super::{
    MIGRATIONS, Vehicles, XILING, YILING, acquisition, car, create, disposal, events, faults, get,
    reason, request_id, running, transfer, vehicles,
};

both!(
    MIGRATIONS,
    a_mistake_is_removed,
    what_something_refers_to_stays,
    requests_that_came_to_nothing_hold_nothing,
    only_a_manager_of_the_region_removes,
);

fn removing(vehicle: &Vehicle) -> RemoveVehicleRequest {
    RemoveVehicleRequest {
        request_id: request_id(),
        id: vehicle.id.clone(),
        etag: vehicle.etag.clone(),
        reason: "单位填错".to_owned(),
        validate_only: false,
    }
}

async fn remove(client: &mut Vehicles, vehicle: &Vehicle) -> Result<Vehicle, Status> {
    let answer = client.remove_vehicle(removing(vehicle)).await?;
    Ok(answer.into_inner().vehicle.unwrap())
}

async fn a_mistake_is_removed(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 1, "2017-01-01").await;
    let owned = Vehicle {
        acquired_on: "2009-05-20".to_owned(),
        registered_owner: "某公司".to_owned(),
        ..car(XILING, "鄂E00001")
    };
    let made = create(&mut office.vehicles(), owned.clone()).await.unwrap();
    let resource = format!("vehicles/{}", made.id);
    assert_eq!(office.findings(&resource).await.len(), 1);
    let mut chief = office.registrar();
    let unsaid = RemoveVehicleRequest { reason: String::new(), ..removing(&made) };
    let error = chief.remove_vehicle(unsaid).await.unwrap_err();
    assert_eq!(faults(&error), [("reason".to_owned(), "REQUIRED".to_owned())]);
    let stale = RemoveVehicleRequest { etag: "7".to_owned(), ..removing(&made) };
    assert_eq!(reason(&chief.remove_vehicle(stale).await.unwrap_err()), "ETAG_STALE");
    let check = RemoveVehicleRequest { validate_only: true, ..removing(&made) };
    let checked = chief.remove_vehicle(check).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!((checked.state(), checked.etag.as_str()), (VehicleState::Removed, ""));
    assert_eq!(get(&mut chief, &made.id).await.unwrap(), made);
    let request = removing(&made);
    let gone = chief.remove_vehicle(request.clone()).await.unwrap().into_inner();
    assert_eq!(chief.remove_vehicle(request).await.unwrap().into_inner(), gone);
    let gone = gone.vehicle.unwrap();
    assert_eq!(
        (gone.state(), gone.correction_reason.as_str()),
        (VehicleState::Removed, "单位填错")
    );
    assert_eq!(get(&mut chief, &made.id).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(office.places(XILING).await, (Some(1), 0, 0));
    let closed = office.findings(&resource).await;
    assert!(closed.iter().all(|it| it.cleared_time.is_some()), "{closed:?}");
    let (_, before, after) = events(&db).await.pop().unwrap();
    assert_eq!(before.unwrap()["plate"], "鄂E00001");
    assert_eq!(after["correctionReason"], "单位填错");
    assert_eq!(remove(&mut chief, &made).await.unwrap_err().code(), Code::NotFound);
    // Its plate is free for the right one.
    let right = Vehicle { organization: YILING.to_owned(), ..owned };
    create(&mut office.vehicles(), right).await.unwrap();
}

async fn what_something_refers_to_stays(db: TestDb) {
    let office = Office::open(&db).await;
    for organization in [XILING, YILING] {
        office.grant(organization, 5, "2017-01-01").await;
    }
    let mut chief = office.registrar();
    let old = |plate: &str| Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, plate) };
    let mut used = Vec::new();
    for plate in ["鄂E00001", "鄂E00002", "鄂E00003", "鄂E00004"] {
        used.push(create(&mut office.vehicles(), old(plate)).await.unwrap());
    }
    transfer::ask(&office, &used[0].id, YILING).await.unwrap();
    let renewal = steward_proto::fleet::v1::Acquisition {
        replaces_vehicle_id: used[1].id.clone(),
        ..acquisition::wanted(XILING)
    };
    acquisition::ask(&office, renewal).await.unwrap();
    let slip = running::slip(&used[2], ExpenseKind::Repair, "2017-06-01", 100, "1");
    let caller = office.caller("clerk", &["operator"], &["4205*"]);
    let mut expenses = ExpenseServiceClient::new(called(&office.backend, caller));
    let recording: RecordExpensesRequest = running::recording(vec![slip]);
    expenses.record_expenses(recording).await.unwrap();
    let entry = NewEntry {
        organization: XILING.to_owned(),
        category: "vehicle_repair".to_owned(),
        occurred_on: "2017-06-15".to_owned(),
        amount_fen: 700,
        document_no: "2".to_owned(),
        source_resource: format!("vehicles/{}", used[3].id),
        ..NewEntry::default()
    };
    let entries = vec![entry];
    let request =
        PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() };
    office.ledger().post_entries(request).await.unwrap();
    // What came by a request is no mistake of who typed it.
    let asked = acquisition::ask(&office, acquisition::wanted(YILING)).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let bought = acquisition::bought("鄂E00005");
    let came = acquisition::register(&office, &asked.id, bought, "发票1").await.unwrap();
    used.push(came.vehicle.unwrap());
    for vehicle in used {
        let refused = remove(&mut chief, &vehicle).await.unwrap_err();
        let why = (refused.code(), reason(&refused));
        let in_use = (Code::FailedPrecondition, "VEHICLE_IN_USE".to_owned());
        assert_eq!(why, in_use, "{}", vehicle.plate);
        let now = get(&mut chief, &vehicle.id).await.unwrap();
        assert_eq!(now.etag, vehicle.etag);
    }
}

async fn requests_that_came_to_nothing_hold_nothing(db: TestDb) {
    let office = Office::open(&db).await;
    for organization in [XILING, YILING] {
        office.grant(organization, 5, "2017-01-01").await;
    }
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, "鄂E00001") };
    let made = create(&mut office.vehicles(), old).await.unwrap();
    let mut chief = office.registrar();
    let stays = async |chief: &mut Vehicles| {
        let refused = remove(chief, &made).await.unwrap_err();
        assert_eq!(reason(&refused), "VEHICLE_IN_USE");
    };
    // One that is refused, one that is cancelled, one that is withdrawn.
    let given = transfer::ask(&office, &made.id, YILING).await.unwrap();
    stays(&mut chief).await;
    office.decide(&given.approval_id, Decision::Refuse).await.unwrap();
    let gone = disposal::ask(&office, disposal::asking(&made.id)).await.unwrap();
    stays(&mut chief).await;
    let cancelling = disposal::cancelling(&disposal::read(&office, &gone.id).await);
    office.disposals().cancel_disposal(cancelling).await.unwrap();
    let renewal = steward_proto::fleet::v1::Acquisition {
        replaces_vehicle_id: made.id.clone(),
        ..acquisition::wanted(XILING)
    };
    let renewal = acquisition::ask(&office, renewal).await.unwrap();
    stays(&mut chief).await;
    let withdrawing = WithdrawApprovalRequest {
        request_id: request_id(),
        id: renewal.approval_id.clone(),
        etag: office.approval(&renewal.approval_id).await.etag,
        ..WithdrawApprovalRequest::default()
    };
    office.approvals("clerk").withdraw_approval(withdrawing).await.unwrap();
    remove(&mut chief, &made).await.unwrap();
    // They are read as before, and name it still.
    let given = transfer::read(&office, &given.id).await;
    assert_eq!((given.state(), &given.vehicle_id), (RequestState::Refused, &made.id));
    let gone = disposal::read(&office, &gone.id).await;
    assert_eq!((gone.state(), &gone.vehicle_id), (RequestState::Cancelled, &made.id));
    let renewal = acquisition::read(&office, &renewal.id).await;
    let of = (renewal.state(), &renewal.replaces_vehicle_id);
    assert_eq!(of, (RequestState::Withdrawn, &made.id));
    let list = ListTransfersRequest { vehicle_id: made.id.clone(), ..Default::default() };
    let listed = office.transfers().list_transfers(list).await.unwrap().into_inner().transfers;
    assert_eq!(listed, std::slice::from_ref(&given));
    let approval = office.approval(&given.approval_id).await;
    assert_eq!(approval.state(), ApprovalState::Refused);
    assert!(approval.title.contains("鄂E00001") && !approval.decisions.is_empty(), "{approval:?}");
    // What names a vehicle that is not there is not asked for.
    let again = transfer::ask(&office, &made.id, YILING).await.unwrap_err();
    assert_eq!(again.code(), Code::NotFound);
    let left = events(&db).await.into_iter().filter(|(id, ..)| *id == made.id).count();
    assert_eq!(left, 2, "made and removed");
}

async fn only_a_manager_of_the_region_removes(db: TestDb) {
    let office = Office::open(&db).await;
    let made = create(&mut office.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    for (roles, region, code) in
        [(&["operator"], "4205*", Code::PermissionDenied), (&["manager"], "420506", Code::NotFound)]
    {
        let caller = office.caller("other", roles, &[region]);
        let mut client = vehicles(&office.backend, caller);
        assert_eq!(remove(&mut client, &made).await.unwrap_err().code(), code, "{region}");
    }
    remove(&mut office.registrar(), &made).await.unwrap();
}
