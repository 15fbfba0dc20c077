//! What becomes of a trip by its approval, and of the approval by its trip.

use steward_proto::approval::v1::approval_service_client::ApprovalServiceClient;
use steward_proto::approval::v1::{
    ApprovalState, Decision, GetApprovalRequest, WithdrawApprovalRequest,
};
use steward_proto::fleet::v1::{CancelTripRequest, Trip, TripState};
use steward_tests::{TestDb, both};

use super::super::reason;
use super::{Garage, MIGRATIONS, XILING, cancelling, request_id, requesting, rushing};

both!(
    MIGRATIONS,
    a_refused_trip_is_refused,
    a_returned_trip_waits,
    a_cancelled_trip_is_not_approved,
    nobody_approves_his_own_trip,
    a_refused_emergency_has_happened,
    an_emergency_is_not_withdrawn,
    a_cancellation_is_repeated_and_checked,
);

async fn approval(garage: &Garage, trip: &Trip) -> ApprovalState {
    let caller = garage.caller("viewer", &["viewer"], "4205*");
    let request = GetApprovalRequest { id: trip.approval_id.clone() };
    let answer = ApprovalServiceClient::new(caller).get_approval(request).await.unwrap();
    answer.into_inner().approval.unwrap().state()
}

async fn a_refused_trip_is_refused(db: TestDb) {
    let garage = Garage::new(&db).await;
    let trip = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    let refused = garage.decide(&trip, Decision::Refuse).await;
    assert_eq!((refused.state(), refused.approve_time), (TripState::Refused, None));
    assert_eq!(reason(&garage.cancel(&refused).await.unwrap_err()), "TRIP_STATE");
}

async fn a_returned_trip_waits(db: TestDb) {
    let garage = Garage::new(&db).await;
    let trip = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    assert_eq!(garage.decide(&trip, Decision::Return).await, trip);
    let cancelled = garage.cancel(&trip).await.unwrap();
    assert_eq!((cancelled.state(), cancelled.note.as_str()), (TripState::Cancelled, "会议取消"));
}

async fn a_cancelled_trip_is_not_approved(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let requested = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    let approved = garage.approved(9, 12).await;
    let ordered = garage.ordered(&pair, 9, 12).await;
    for trip in [requested, approved, ordered] {
        let cancelled = garage.cancel(&trip).await.unwrap();
        assert_eq!(cancelled.state(), TripState::Cancelled);
        assert_eq!(approval(&garage, &trip).await, ApprovalState::Cancelled);
    }
    garage.ordered(&pair, 9, 12).await;
}

async fn nobody_approves_his_own_trip(db: TestDb) {
    let garage = Garage::new(&db).await;
    let section = garage.caller("section", &["operator", "viewer"], "4205*");
    let mut client = super::Trips::new(section.clone());
    let mut request = requesting(XILING, 9, 12);
    let error = client.request_trip(request.clone()).await.unwrap_err();
    assert_eq!(reason(&error), "APPROVER_MISSING", "nobody else can");
    request.accept_warnings = true;
    let trip = client.request_trip(request).await.unwrap().into_inner().trip.unwrap();
    assert_eq!(approval(&garage, &trip).await, ApprovalState::Pending);
    let decide = steward_proto::approval::v1::DecideApprovalRequest {
        request_id: request_id(),
        id: trip.approval_id.clone(),
        etag: "1".to_owned(),
        decision: Decision::Approve.into(),
        ..Default::default()
    };
    let error = ApprovalServiceClient::new(section).decide_approval(decide).await.unwrap_err();
    assert_eq!(reason(&error), "SELF_APPROVAL");
    assert_eq!(garage.get(&trip.id).await, trip);
}

async fn a_refused_emergency_has_happened(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let out = garage.emergency(rushing(&pair, 12)).await.unwrap();
    assert_eq!(out.state(), TripState::Departed);
    let refused = garage.decide(&out, Decision::Refuse).await;
    let (refuse_time, etag) = (out.update_time, "2".to_owned());
    assert_eq!(refused, Trip { refuse_time, etag, ..out });
    assert_eq!(garage.findings("trip_unapproved").await.len(), 1);
}

async fn an_emergency_is_not_withdrawn(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let out = garage.emergency(rushing(&pair, 12)).await.unwrap();
    let caller = garage.caller("clerk", &["operator", "manager"], "4205*");
    let client = ApprovalServiceClient::new(caller);
    let withdraw = |id: &str| {
        let request = WithdrawApprovalRequest {
            request_id: request_id(),
            id: id.to_owned(),
            etag: "1".to_owned(),
            ..Default::default()
        };
        let mut client = client.clone();
        async move { client.withdraw_approval(request).await }
    };
    let error = withdraw(&out.approval_id).await.unwrap_err();
    assert_eq!(reason(&error), "EMERGENCY_HAPPENED");
    assert_eq!(approval(&garage, &out).await, ApprovalState::Pending);
    assert_eq!(garage.get(&out.id).await, out);
    // One that is still to come is.
    let asked = garage.request(requesting(XILING, 14, 15)).await.unwrap();
    withdraw(&asked.approval_id).await.unwrap();
    assert_eq!(garage.get(&asked.id).await.state(), TripState::Cancelled);
}

async fn a_cancellation_is_repeated_and_checked(db: TestDb) {
    let garage = Garage::new(&db).await;
    let trip = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    let request = cancelling(&trip);
    let check =
        CancelTripRequest { validate_only: true, request_id: request_id(), ..request.clone() };
    let answer = garage.trips().cancel_trip(check).await.unwrap().into_inner().trip.unwrap();
    assert_eq!((answer.state(), answer.etag.as_str()), (TripState::Cancelled, ""));
    assert_eq!(garage.get(&trip.id).await, trip);
    let first = garage.trips().cancel_trip(request.clone()).await.unwrap().into_inner();
    let again = garage.trips().cancel_trip(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let unsaid = CancelTripRequest { reason: " ".to_owned(), ..cancelling(&trip) };
    assert_eq!(reason(&garage.trips().cancel_trip(unsaid).await.unwrap_err()), "REQUIRED");
}
