//! What is refused: faulty fields, other states, other versions.

use steward_proto::approval::v1::{ApprovalState, Decision, RequestExpenditureRequest};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{House, MIGRATIONS, YILING, events, fault, faults, refusal, refused};
use super::{
    approved, asked, begun, cancel, decide, decided, deciding, expenditure, get, resubmit,
    resubmitting, stands, withdraw,
};

both!(
    MIGRATIONS,
    faulty_requests_are_told,
    nobody_to_decide_is_a_warning,
    another_state_refuses,
    another_version_refuses,
    there_is_no_way,
);

async fn faulty_requests_are_told(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut asker = house.approvals("asker");
    let required = faults(
        asker
            .request_expenditure(RequestExpenditureRequest {
                request_id: super::request_id(),
                ..RequestExpenditureRequest::default()
            })
            .await,
    );
    assert_eq!(
        required,
        [
            fault("organization", "REQUIRED"),
            fault("category", "REQUIRED"),
            fault("amount_fen", "OUT_OF_RANGE"),
            fault("fiscal_year", "OUT_OF_RANGE"),
            fault("title", "REQUIRED"),
        ]
    );
    let with = |category: &str| RequestExpenditureRequest {
        category: category.to_owned(),
        ..expenditure(100)
    };
    for (request, field, reason) in [
        (with("rent"), "category", "CATEGORY_UNKNOWN"),
        (with("sale"), "category", "CATEGORY_NOT_COST"),
        (expenditure(100_000_000_000_001), "amount_fen", "OUT_OF_RANGE"),
    ] {
        assert_eq!(faults(asked(&mut asker, request).await), [fault(field, reason)]);
    }
    let made = begun(&house, expenditure(100)).await;
    let mut section = house.approvals("section");
    let mut silent = deciding(&made, Decision::Refuse);
    silent.opinion = " ".to_owned();
    assert_eq!(faults(decided(&mut section, silent).await), [fault("opinion", "REQUIRED")]);
    let unset = deciding(&made, Decision::Unspecified);
    assert_eq!(faults(decided(&mut section, unset).await), [fault("decision", "REQUIRED")]);
}

async fn nobody_to_decide_is_a_warning(db: TestDb) {
    let house = House::new(&db).await;
    let mut asker = house.approvals("asker");
    let warned = faults(asked(&mut asker, expenditure(100)).await);
    assert_eq!(warned, [fault("organization", "APPROVER_MISSING")]);
    let accepted = RequestExpenditureRequest { accept_warnings: true, ..expenditure(100) };
    let made = asked(&mut asker, accepted).await.unwrap();
    assert_eq!(stands(&made), (ApprovalState::Pending, 1, 1));
    // Who asked is nobody.
    house
        .seat(super::super::holder("asker", super::super::Position::Section, &made.organization))
        .await;
    let warned = faults(asked(&mut asker, expenditure(100)).await);
    assert_eq!(warned, [fault("organization", "APPROVER_MISSING")]);
    house
        .seat(super::super::holder("li", super::super::Position::Section, &made.organization))
        .await;
    asked(&mut asker, expenditure(100)).await.unwrap();
    // He may decide what waited before he came.
    decide(&house, "li", &made, Decision::Approve).await.unwrap();
}

async fn another_state_refuses(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut asker = house.approvals("asker");
    let wrong = refusal(Code::FailedPrecondition, "APPROVAL_STATE");
    let pending = begun(&house, expenditure(100)).await;
    assert_eq!(refused(resubmit(&mut asker, resubmitting(&pending)).await), wrong);
    let returned = decide(&house, "section", &pending, Decision::Return).await.unwrap();
    assert_eq!(refused(decide(&house, "section", &returned, Decision::Approve).await), wrong);
    let made = begun(&house, expenditure(100)).await;
    let approved = approved(&house, made, &["section", "finance"]).await;
    let made = begun(&house, expenditure(100)).await;
    let ended = decide(&house, "section", &made, Decision::Refuse).await.unwrap();
    let taken = withdraw(&mut asker, &returned).await.unwrap();
    let made = cancel(&mut asker, &approved).await.unwrap();
    // Also what waits for somebody who is gone.
    let waiting = begun(&house, expenditure(100)).await;
    let waiting = cancel(&mut asker, &waiting).await.unwrap();
    let sent = begun(&house, expenditure(100)).await;
    let sent = decide(&house, "section", &sent, Decision::Return).await.unwrap();
    let sent = cancel(&mut asker, &sent).await.unwrap();
    for approval in [ended, taken, made, waiting, sent] {
        for what in [Decision::Approve, Decision::Return, Decision::Refuse] {
            assert_eq!(refused(decide(&house, "section", &approval, what).await), wrong);
        }
        assert_eq!(refused(withdraw(&mut asker, &approval).await), wrong);
        assert_eq!(refused(resubmit(&mut asker, resubmitting(&approval)).await), wrong);
        assert_eq!(refused(cancel(&mut asker, &approval).await), wrong);
        assert_eq!(get(&mut asker, &approval.id).await.unwrap(), approval);
    }
}

async fn another_version_refuses(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut asker = house.approvals("asker");
    let stale = refusal(Code::Aborted, "ETAG_STALE");
    let made = begun(&house, expenditure(100)).await;
    let now = approved(&house, made.clone(), &["section"]).await;
    assert_eq!(refused(decide(&house, "section", &made, Decision::Approve).await), stale);
    assert_eq!(refused(withdraw(&mut asker, &made).await), stale);
    let returned = decide(&house, "finance", &now, Decision::Return).await.unwrap();
    assert_eq!(refused(resubmit(&mut asker, resubmitting(&now)).await), stale);
    let again = resubmit(&mut asker, resubmitting(&returned)).await.unwrap();
    let done = approved(&house, again.clone(), &["section", "finance"]).await;
    assert_eq!(refused(cancel(&mut asker, &again).await), stale);
    assert_eq!(get(&mut asker, &made.id).await.unwrap(), done);
    assert_eq!(events(&db, "approval").await.len(), 6, "what is refused leaves nothing");
}

async fn there_is_no_way(db: TestDb) {
    let house = House::staffed(&db).await;
    let missing = refusal(Code::FailedPrecondition, "ROUTE_MISSING");
    let mut tx = db.write().await;
    tx.sql("DELETE FROM approval_route WHERE kind = 'expenditure'").run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refused(asked(&mut house.approvals("asker"), expenditure(100)).await), missing);
    let denied = refusal(Code::PermissionDenied, "SCOPE_DENIED");
    for (organization, paid_by) in [(YILING, ""), ("", YILING)] {
        let mut request = expenditure(100);
        if !organization.is_empty() {
            request.organization = organization.to_owned();
        }
        request.paid_by = paid_by.to_owned();
        assert_eq!(refused(asked(&mut house.approvals("asker"), request).await), denied);
    }
}
