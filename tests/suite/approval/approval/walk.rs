//! The ways a request goes.

use serde_json::json;
use steward_proto::approval::v1::{
    Approval, ApprovalMoney, ApprovalState, ApprovalStep, Decision, Position,
};
use steward_tests::{TestDb, both};

use super::super::{House, MIGRATIONS, XILING, events};
use super::{
    approved, begun, cancel, decide, decided, deciding, done, expenditure, get, resubmit,
    resubmitting, stands, tasks, withdraw, withdrawing,
};

both!(
    MIGRATIONS,
    it_is_approved_step_by_step,
    it_is_returned_and_comes_again,
    it_is_refused,
    it_is_taken_back,
    it_is_cancelled_after_it_was_approved,
    repeating_and_checking_change_nothing,
);

/// What is answered to a request of 10,000 yuan.
fn as_submitted(made: &Approval) -> Approval {
    Approval {
        id: made.id.clone(),
        kind: "expenditure".to_owned(),
        category: "fuel".to_owned(),
        organization: XILING.to_owned(),
        resource: format!("approvals/{}", made.id),
        title: "加油".to_owned(),
        money: Some(ApprovalMoney {
            paid_by: XILING.to_owned(),
            fiscal_year: 2017,
            category: "fuel".to_owned(),
            amount_fen: 1_000_000,
            budget_override_reason: String::new(),
        }),
        requested_by: "asker".to_owned(),
        state: ApprovalState::Pending.into(),
        round: 1,
        step: 1,
        position: Position::Section.into(),
        // Thursday; the weekend does not count.
        due_on: "2017-06-19".to_owned(),
        steps: made.steps.clone(),
        decisions: made.decisions.clone(),
        create_time: made.create_time,
        update_time: made.create_time,
        etag: "1".to_owned(),
        ..Approval::default()
    }
}

async fn it_is_approved_step_by_step(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = begun(&house, expenditure(1_000_000)).await;
    assert_eq!(made, as_submitted(&made));
    let positions: Vec<_> = made.steps.iter().map(ApprovalStep::position).collect();
    assert_eq!(positions, [Position::Section, Position::Finance, Position::Deputy]);
    assert_eq!(
        made.decisions.iter().map(done).collect::<Vec<_>>(),
        [("SUBMIT", 1, 0, "asker", "")]
    );
    assert_eq!(get(&mut house.approvals("asker"), &made.id).await.unwrap(), made);

    let own = [(made.id.clone(), String::new())];
    let mut at = made.clone();
    for (step, who, next) in
        [(1, "section", "finance"), (2, "finance", "deputy"), (3, "deputy", "")]
    {
        assert_eq!(stands(&at), (ApprovalState::Pending, 1, step));
        assert_eq!(tasks(&mut house.approvals(who)).await, own);
        if !next.is_empty() {
            assert_eq!(tasks(&mut house.approvals(next)).await, []);
        }
        at = decide(&house, who, &at, Decision::Approve).await.unwrap();
    }
    assert_eq!(stands(&at), (ApprovalState::Approved, 1, 0));
    assert_eq!((at.position(), at.due_on.as_str()), (Position::Unspecified, ""));
    assert_eq!(tasks(&mut house.approvals("deputy")).await, []);
    let trail: Vec<_> = at.decisions.iter().map(done).collect();
    assert_eq!(
        trail[1..],
        [
            ("APPROVE", 1, 1, "section", ""),
            ("APPROVE", 1, 2, "finance", ""),
            ("APPROVE", 1, 3, "deputy", "")
        ]
    );
    assert_eq!(at.decisions[2].position(), Position::Finance);
    let events = events(&db, "approval").await;
    assert_eq!(events.len(), 4);
    assert_eq!(events[0].0, json!(null));
    assert_eq!(events[3].0["state"], "APPROVAL_STATE_PENDING");
    // Both halves are of one shape.
    assert_eq!(events[3].0["decisions"].as_array().unwrap().len(), 3);
    assert_eq!(events[3].0["steps"], events[3].1["steps"]);
    assert_eq!(events[3].1["state"], "APPROVAL_STATE_APPROVED");
    assert_eq!(events[3].1["decisions"].as_array().unwrap().len(), 4);
}

async fn it_is_returned_and_comes_again(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = begun(&house, expenditure(999_999)).await;
    let at = approved(&house, made, &["section"]).await;
    let returned = decide(&house, "finance", &at, Decision::Return).await.unwrap();
    assert_eq!(stands(&returned), (ApprovalState::Returned, 1, 0));
    assert_eq!(returned.decisions[2].opinion, "不妥");
    let own = [(returned.id.clone(), String::new())];
    assert_eq!(tasks(&mut house.approvals("asker")).await, own);
    assert_eq!(tasks(&mut house.approvals("finance")).await, []);

    // With more money it takes another route, from its beginning.
    let mut again = resubmitting(&returned);
    again.amount_fen = 5_000_000;
    again.title = "加油,两个月".to_owned();
    let at = resubmit(&mut house.approvals("asker"), again).await.unwrap();
    assert_eq!(stands(&at), (ApprovalState::Pending, 2, 1));
    assert_eq!((at.title.as_str(), at.steps.len()), ("加油,两个月", 4));
    assert_eq!(at.money.as_ref().unwrap().amount_fen, 5_000_000);
    assert_eq!(tasks(&mut house.approvals("asker")).await, []);
    let at = approved(&house, at, &["section", "finance", "deputy", "director"]).await;
    assert_eq!(stands(&at), (ApprovalState::Approved, 2, 0));
    let trail: Vec<_> = at.decisions.iter().map(done).collect();
    assert_eq!(
        trail,
        [
            ("SUBMIT", 1, 0, "asker", ""),
            ("APPROVE", 1, 1, "section", ""),
            ("RETURN", 1, 2, "finance", ""),
            ("RESUBMIT", 2, 0, "asker", ""),
            ("APPROVE", 2, 1, "section", ""),
            ("APPROVE", 2, 2, "finance", ""),
            ("APPROVE", 2, 3, "deputy", ""),
            ("APPROVE", 2, 4, "director", "")
        ]
    );
    assert!(at.decisions.iter().map(|it| it.number).eq(1..=8));
}

async fn it_is_refused(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = begun(&house, expenditure(100)).await;
    let at = decide(&house, "section", &made, Decision::Refuse).await.unwrap();
    assert_eq!(stands(&at), (ApprovalState::Refused, 1, 0));
    assert_eq!(done(&at.decisions[1]), ("REFUSE", 1, 1, "section", ""));
    assert_eq!(tasks(&mut house.approvals("asker")).await, []);
}

async fn it_is_taken_back(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut asker = house.approvals("asker");
    let made = begun(&house, expenditure(100)).await;
    let at = withdraw(&mut asker, &made).await.unwrap();
    assert_eq!(stands(&at), (ApprovalState::Withdrawn, 1, 0));
    assert_eq!(at.decisions[1].opinion, "不再需要");
    assert_eq!(tasks(&mut house.approvals("section")).await, []);
    let made = begun(&house, expenditure(100)).await;
    let returned = decide(&house, "section", &made, Decision::Return).await.unwrap();
    let at = withdraw(&mut asker, &returned).await.unwrap();
    assert_eq!(stands(&at), (ApprovalState::Withdrawn, 1, 0));
}

async fn it_is_cancelled_after_it_was_approved(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = begun(&house, expenditure(100)).await;
    let at = approved(&house, made, &["section", "finance"]).await;
    let at = cancel(&mut house.approvals("asker"), &at).await.unwrap();
    assert_eq!(stands(&at), (ApprovalState::Cancelled, 1, 0));
    assert_eq!(done(&at.decisions[3]), ("CANCEL", 1, 0, "asker", ""));
}

async fn repeating_and_checking_change_nothing(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut asker = house.approvals("asker");
    let mut request = expenditure(100);
    request.validate_only = true;
    let checked = asker.request_expenditure(request.clone()).await.unwrap().into_inner();
    let checked = checked.approval.unwrap();
    let none = (checked.id.as_str(), checked.etag.as_str(), checked.resource.as_str());
    assert_eq!(none, ("", "", ""));
    assert_eq!(stands(&checked), (ApprovalState::Pending, 1, 1));
    request.validate_only = false;
    let first = asker.request_expenditure(request.clone()).await.unwrap().into_inner();
    assert_eq!(asker.request_expenditure(request).await.unwrap().into_inner(), first);
    let made = first.approval.unwrap();

    let mut section = house.approvals("section");
    let mut request = deciding(&made, Decision::Return);
    request.validate_only = true;
    let checked = decided(&mut section, request.clone()).await.unwrap();
    assert_eq!((checked.state(), checked.etag.as_str()), (ApprovalState::Returned, ""));
    assert_eq!(get(&mut asker, &made.id).await.unwrap(), made);
    request.validate_only = false;
    let returned = decided(&mut section, request.clone()).await.unwrap();
    assert_eq!(decided(&mut section, request).await.unwrap(), returned);

    let mut request = resubmitting(&returned);
    request.validate_only = true;
    assert_eq!(resubmit(&mut asker, request.clone()).await.unwrap().etag, "");
    request.validate_only = false;
    let again = resubmit(&mut asker, request.clone()).await.unwrap();
    assert_eq!(resubmit(&mut asker, request).await.unwrap(), again);

    let mut request = withdrawing(&again);
    request.validate_only = true;
    asker.withdraw_approval(request.clone()).await.unwrap();
    request.validate_only = false;
    let gone = asker.withdraw_approval(request.clone()).await.unwrap().into_inner();
    assert_eq!(asker.withdraw_approval(request).await.unwrap().into_inner(), gone);
    assert_eq!(get(&mut asker, &made.id).await.unwrap(), gone.approval.unwrap());
    assert_eq!(events(&db, "approval").await.len(), 4);
}
