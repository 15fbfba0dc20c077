//! Trips that are approved after the fact, or are not.

use steward_proto::approval::v1::Decision;
use steward_proto::finding::v1::{Finding, FindingState};
use steward_proto::fleet::v1::{DepartTripRequest, MoveTripRequest, ResubmitTripRequest, Trip};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::super::{faults, reason};
use super::{
    Garage, MIGRATIONS, Pair, Trips, XILING, YILING, at, departing, moving, request_id, requesting,
    returning, rushing,
};

both!(
    MIGRATIONS,
    what_is_over_is_not_requested,
    who_leaves_before_the_approval_is_found,
    a_late_approval_stays_late,
    a_refused_emergency_is_settled,
    a_refused_emergency_is_asked_for_anew,
    a_resubmission_is_limited,
    a_resubmission_is_repeated_and_checked,
);

const CODE: &str = "trip_unapproved";

fn again(trip: &Trip) -> ResubmitTripRequest {
    ResubmitTripRequest {
        request_id: request_id(),
        id: trip.id.clone(),
        etag: trip.etag.clone(),
        reason: "附值班记录".to_owned(),
        ..Default::default()
    }
}

impl Garage {
    async fn again(&self, request: ResubmitTripRequest) -> Result<Trip, Status> {
        Ok(self.trips().resubmit_trip(request).await?.into_inner().trip.unwrap())
    }

    /// The only finding of its code, and its state.
    async fn only(&self) -> (Finding, FindingState) {
        let mut found = self.findings(CODE).await;
        assert_eq!(found.len(), 1, "{found:#?}");
        let only = found.remove(0);
        let state = only.state();
        (only, state)
    }

    /// An emergency trip that is back and was refused.
    async fn refused(&self, pair: &Pair) -> Trip {
        let out = self.emergency(rushing(pair, 12)).await.unwrap();
        self.now(11);
        let back = self.come_back(returning(&out, 60_000)).await.unwrap();
        self.decide(&back, Decision::Refuse).await
    }
}

async fn what_is_over_is_not_requested(db: TestDb) {
    let garage = Garage::new(&db).await;
    let error = garage.request(requesting(XILING, 6, 8)).await.unwrap_err();
    assert_eq!(faults(&error), [("until_time".to_owned(), "WINDOW_OVER".to_owned())]);
    // What has begun, and is not over, is.
    let trip = garage.request(requesting(XILING, 7, 9)).await.unwrap();
    let trip = garage.decide(&trip, Decision::Approve).await;
    let until_time = Some(at(8));
    let error = garage.shift(MoveTripRequest { until_time, ..moving(&trip) }).await.unwrap_err();
    assert_eq!(reason(&error), "WINDOW_OVER");
}

async fn who_leaves_before_the_approval_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let trip = garage.request(requesting(XILING, 9, 12)).await.unwrap();
    garage.now(11);
    let trip = garage.decide(&trip, Decision::Approve).await;
    let ordered = garage.order(&trip, &pair).await.unwrap();
    let depart_time = Some(at(9));
    let early = DepartTripRequest { depart_time, ..departing(&ordered, 50_000) };
    let out = garage.depart(early).await.unwrap();
    let (only, state) = garage.only().await;
    assert_eq!((&*only.resource, state), (&*format!("trips/{}", out.id), FindingState::Open));
    assert_eq!((only.observed, only.limit), (1, 0));
    garage.now(12);
    let back = garage.come_back(returning(&out, 60_000)).await.unwrap();
    garage.settle(&back).await.unwrap();
    assert_eq!(garage.only().await.1, FindingState::Open);
    let next = garage.ordered(&pair, 13, 14).await;
    garage.now(13);
    garage.depart(departing(&next, 60_000)).await.unwrap();
    assert_eq!(garage.findings(CODE).await.len(), 1, "approved before it left");
}

async fn a_late_approval_stays_late(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let out = garage.emergency(rushing(&pair, 12)).await.unwrap();
    garage.now(12);
    let back = garage.come_back(returning(&out, 60_000)).await.unwrap();
    // It was due on the 20th, and nobody looked since.
    garage.now(20 * 24);
    let approved = garage.decide(&back, Decision::Approve).await;
    let (only, state) = garage.only().await;
    assert_eq!((only.observed, only.limit, state), (4, 3, FindingState::Open));
    garage.settle(&approved).await.unwrap();
    garage.sweep().await;
    assert_eq!(garage.only().await, (only, FindingState::Open));
    // In time, on the last day.
    let next = garage.emergency(rushing_at(&pair, 20 * 24 + 1)).await.unwrap();
    garage.now(23 * 24);
    garage.decide(&next, Decision::Approve).await;
    assert_eq!(garage.findings(CODE).await.len(), 1);
}

fn rushing_at(pair: &Pair, until: i64) -> steward_proto::fleet::v1::StartEmergencyTripRequest {
    steward_proto::fleet::v1::StartEmergencyTripRequest {
        odometer_m: 60_000,
        ..rushing(pair, until)
    }
}

async fn a_refused_emergency_is_settled(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let refused = garage.refused(&pair).await;
    assert_eq!((refused.refuse_time, refused.approve_time), (Some(at(11)), None));
    let (only, state) = garage.only().await;
    assert_eq!(state, FindingState::Open);
    let settled = garage.settle(&refused).await.unwrap();
    assert_eq!(settled.refuse_time, Some(at(11)));
    garage.now(6 * 24);
    garage.sweep().await;
    assert_eq!(garage.only().await, (only, FindingState::Open), "nothing is looked at again");
}

async fn a_refused_emergency_is_asked_for_anew(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let refused = garage.refused(&pair).await;
    let asked = garage.again(again(&refused)).await.unwrap();
    let expected = Trip {
        refuse_time: None,
        approval_id: asked.approval_id.clone(),
        note: "附值班记录".to_owned(),
        etag: "4".to_owned(),
        ..refused.clone()
    };
    assert_eq!(asked, expected);
    assert_ne!(asked.approval_id, refused.approval_id);
    assert_eq!(garage.get(&asked.id).await, asked);
    assert_eq!(garage.only().await.1, FindingState::Closed, "it may still be approved in time");
    assert_eq!(reason(&garage.settle(&asked).await.unwrap_err()), "TRIP_UNAPPROVED");
    let approved = garage.decide(&asked, Decision::Approve).await;
    assert_eq!(garage.only().await.1, FindingState::Closed);
    garage.settle(&approved).await.unwrap();
}

async fn a_resubmission_is_limited(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let out = garage.emergency(rushing(&pair, 12)).await.unwrap();
    assert_eq!(reason(&garage.again(again(&out)).await.unwrap_err()), "TRIP_STATE");
    let refused = garage.decide(&out, Decision::Refuse).await;
    let mut other = Trips::new(garage.caller("other", &["operator"], "4205*"));
    let error = other.resubmit_trip(again(&refused)).await.unwrap_err();
    assert_eq!(reason(&error), "NOT_REQUESTER");
    let mut away = Trips::new(garage.caller("clerk", &["operator"], "420506"));
    let error = away.resubmit_trip(again(&refused)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let unsaid = ResubmitTripRequest { reason: " ".to_owned(), ..again(&refused) };
    assert_eq!(reason(&garage.again(unsaid).await.unwrap_err()), "REQUIRED");
    assert_eq!(reason(&garage.again(again(&out)).await.unwrap_err()), "ETAG_STALE");
    let ordinary = garage.request(requesting(YILING, 9, 12)).await.unwrap();
    let ordinary = garage.decide(&ordinary, Decision::Refuse).await;
    assert_eq!(reason(&garage.again(again(&ordinary)).await.unwrap_err()), "TRIP_STATE");
}

async fn a_resubmission_is_repeated_and_checked(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let refused = garage.refused(&pair).await;
    let check = ResubmitTripRequest { validate_only: true, ..again(&refused) };
    let answer = garage.again(check).await.unwrap();
    assert_eq!((&*answer.etag, &*answer.approval_id, answer.refuse_time), ("", "", None));
    assert_eq!(garage.get(&refused.id).await, refused);
    let request = again(&refused);
    let asked = garage.again(request.clone()).await.unwrap();
    assert_eq!(garage.again(request).await.unwrap(), asked);
    assert_eq!(garage.get(&asked.id).await, asked);
}
