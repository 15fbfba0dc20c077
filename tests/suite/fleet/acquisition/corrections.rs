//! Correcting what was approved: of a vehicle that came, and of one that has not come yet.

use steward_proto::approval::v1::ResubmitApprovalRequest;
use steward_proto::fleet::v1::{
    Acquisition, RequestState, UpdateAcquisitionRequest, Vehicle, VehicleBody, VehicleSource,
};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::office::Office;
use super::super::{MIGRATIONS, XILING, correct, events, faults, reason, request_id, update};
use super::{ask, bought, budget, read, register, set_budget, wanted};

both!(
    MIGRATIONS,
    what_was_approved_is_corrected_by_a_manager,
    an_approved_request_is_corrected_and_approved_anew,
);

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
    let events = events(&db).await;
    assert_eq!(events.last().unwrap().2["correctionReason"], "登记有误");
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
