//! Who decides, who does not, and who may see.

use chrono::TimeDelta;
use serde_json::json;
use steward_proto::approval::v1::{Approval, ApprovalState, Decision, Delegation, Position};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::super::{Approvals, House, MIGRATIONS, XILING, YILING, holder, refusal, refused, to};
use super::{
    approved, begun, cancel, decide, decided, deciding, done, expenditure, get, resubmit,
    resubmitting, stands, tasks, withdraw,
};

both!(
    MIGRATIONS,
    nobody_approves_his_own,
    only_who_holds_the_position_decides,
    a_delegate_decides_in_the_name_of_another,
    a_delegation_is_not_delegated_on,
    nobody_stands_in_for_two,
    who_holds_it_himself_decides_after_he_stood_in,
    who_assigns_does_not_decide,
    only_who_asked_takes_it_back,
    nobody_reaches_beyond_his_grants,
);

/// Has somebody decide in the name of another.
async fn for_other(
    house: &House,
    who: &str,
    approval: &Approval,
    other: &str,
) -> Result<Approval, Status> {
    let mut request = deciding(approval, Decision::Approve);
    request.on_behalf_of = other.to_owned();
    decided(&mut house.approvals(who), request).await
}

async fn nobody_approves_his_own(db: TestDb) {
    let house = House::staffed(&db).await;
    let own = refusal(Code::PermissionDenied, "SELF_APPROVAL");
    // In his own position.
    house.seat(holder("asker", Position::Section, XILING)).await;
    let made = begun(&house, expenditure(100)).await;
    assert_eq!(refused(decide(&house, "asker", &made, Decision::Approve).await), own);
    // As the delegate of who may.
    house.delegate("section", to("asker")).await;
    assert_eq!(refused(for_other(&house, "asker", &made, "section").await), own);
    // By his own delegate.
    house.delegate("asker", to("helper")).await;
    assert_eq!(refused(for_other(&house, "helper", &made, "asker").await), own);
    for who in ["asker", "helper"] {
        assert_eq!(tasks(&mut house.approvals(who)).await, [], "{who}");
    }
    assert_eq!(get(&mut house.approvals("asker"), &made.id).await.unwrap(), made);
    // What another asks he may decide, and so may his delegate.
    let other = super::asked(&mut house.approvals("li"), expenditure(100)).await.unwrap();
    assert_eq!(
        tasks(&mut house.approvals("helper")).await,
        [(other.id.clone(), "asker".to_owned())]
    );
    let decided = for_other(&house, "helper", &other, "asker").await.unwrap();
    assert_eq!(done(&decided.decisions[1]), ("APPROVE", 1, 1, "helper", "asker"));
}

async fn only_who_holds_the_position_decides(db: TestDb) {
    let house = House::staffed(&db).await;
    let not = refusal(Code::PermissionDenied, "NOT_APPROVER");
    let made = begun(&house, expenditure(100)).await;
    house.seat(holder("stranger", Position::Section, YILING)).await;
    let former = holder("former", Position::Section, XILING);
    house.seat(super::super::Officeholder { until_date: "2017-06-15".to_owned(), ..former }).await;
    let coming = holder("coming", Position::Section, XILING);
    house.seat(super::super::Officeholder { from_date: "2017-06-16".to_owned(), ..coming }).await;
    for who in ["finance", "director", "stranger", "former", "coming", "authority", "nobody"] {
        assert_eq!(refused(decide(&house, who, &made, Decision::Approve).await), not, "{who}");
        assert_eq!(tasks(&mut house.approvals(who)).await, [], "{who}");
    }
    // Naming another does not help, nor does naming oneself hinder.
    assert_eq!(refused(for_other(&house, "finance", &made, "section").await), not);
    let own = for_other(&house, "section", &made, "section").await.unwrap();
    assert_eq!(done(&own.decisions[1]), ("APPROVE", 1, 1, "section", ""));
    let made = begun(&house, expenditure(100)).await;
    house.clock.advance(TimeDelta::days(1));
    decide(&house, "coming", &made, Decision::Approve).await.unwrap();
}

async fn a_delegate_decides_in_the_name_of_another(db: TestDb) {
    let house = House::staffed(&db).await;
    let not = refusal(Code::PermissionDenied, "NOT_APPROVER");
    let finance = Delegation { positions: vec![Position::Finance.into()], ..to("wang") };
    house.delegate("finance", finance.clone()).await;
    house.delegate("section", finance).await;
    let made = begun(&house, expenditure(100)).await;
    assert_eq!(
        refused(for_other(&house, "wang", &made, "section").await),
        not,
        "not that position"
    );
    let made = approved(&house, made, &["section"]).await;
    assert_eq!(
        tasks(&mut house.approvals("wang")).await,
        [(made.id.clone(), "finance".to_owned())]
    );
    assert_eq!(refused(decide(&house, "wang", &made, Decision::Approve).await), not, "not his own");
    assert_eq!(refused(for_other(&house, "wang", &made, "section").await), not, "not his step");
    let at = for_other(&house, "wang", &made, "finance").await.unwrap();
    assert_eq!(at.state(), ApprovalState::Approved);
    assert_eq!(done(&at.decisions[2]), ("APPROVE", 1, 2, "wang", "finance"));
    // Who holds it himself does so in his own name.
    house.seat(holder("wang", Position::Finance, XILING)).await;
    let made = begun(&house, expenditure(100)).await;
    let made = approved(&house, made, &["section"]).await;
    assert_eq!(tasks(&mut house.approvals("wang")).await, [(made.id.clone(), String::new())]);
    // The last day has passed.
    house.clock.advance(TimeDelta::days(16));
    assert_eq!(refused(for_other(&house, "wang", &made, "finance").await), not);
    decide(&house, "wang", &made, Decision::Approve).await.unwrap();
}

async fn a_delegation_is_not_delegated_on(db: TestDb) {
    let house = House::staffed(&db).await;
    house.delegate("section", to("wang")).await;
    house.delegate("wang", to("li")).await;
    let made = begun(&house, expenditure(100)).await;
    let not = refusal(Code::PermissionDenied, "NOT_APPROVER");
    for holder in ["wang", "section"] {
        assert_eq!(refused(for_other(&house, "li", &made, holder).await), not);
    }
    assert_eq!(tasks(&mut house.approvals("li")).await, []);
    for_other(&house, "wang", &made, "section").await.unwrap();
}

/// What somebody does who approved the first step already, in the name of another.
async fn twice(house: &House, who: &str, at: &Approval, other: &str) {
    let not = refusal(Code::PermissionDenied, "ALREADY_DECIDED");
    assert_eq!(refused(for_other(house, who, at, other).await), not);
    let mut sent_back = deciding(at, Decision::Return);
    sent_back.on_behalf_of = other.to_owned();
    assert_eq!(refused(decided(&mut house.approvals(who), sent_back).await), not);
    assert_eq!(tasks(&mut house.approvals(who)).await, []);
}

async fn nobody_stands_in_for_two(db: TestDb) {
    let house = House::staffed(&db).await;
    for holder in ["section", "finance"] {
        house.delegate(holder, to("wang")).await;
    }
    let made = begun(&house, expenditure(100)).await;
    let at = for_other(&house, "wang", &made, "section").await.unwrap();
    twice(&house, "wang", &at, "finance").await;
    // Another round is another matter.
    let back = decide(&house, "finance", &at, Decision::Return).await.unwrap();
    let mut asker = house.approvals("asker");
    let again = resubmit(&mut asker, resubmitting(&back)).await.unwrap();
    let at = approved(&house, again, &["section"]).await;
    let waiting = [(at.id.clone(), "finance".to_owned())];
    assert_eq!(tasks(&mut house.approvals("wang")).await, waiting);
    let at = for_other(&house, "wang", &at, "finance").await.unwrap();
    assert_eq!(at.state(), ApprovalState::Approved);
    // Nor for himself, and then for another.
    house.delegate("finance", to("section")).await;
    let made = begun(&house, expenditure(100)).await;
    let at = approved(&house, made, &["section"]).await;
    twice(&house, "section", &at, "finance").await;
    for_other(&house, "wang", &at, "finance").await.unwrap();
}

async fn who_holds_it_himself_decides_after_he_stood_in(db: TestDb) {
    let house = House::staffed(&db).await;
    // The deputy is away: the head of finance stands in for the section, and decides what is his own.
    house.delegate("section", to("finance")).await;
    let made = begun(&house, expenditure(100)).await;
    let at = for_other(&house, "finance", &made, "section").await.unwrap();
    assert_eq!(tasks(&mut house.approvals("finance")).await, [(at.id.clone(), String::new())]);
    decide(&house, "finance", &at, Decision::Approve).await.unwrap();
    // In a small bureau one holds both, and so does who stands in for him.
    house.seat(holder("both", Position::Section, XILING)).await;
    house.seat(holder("both", Position::Finance, XILING)).await;
    house.delegate("both", to("li")).await;
    let made = begun(&house, expenditure(100)).await;
    let at = approved(&house, made, &["both", "both"]).await;
    assert_eq!(at.state(), ApprovalState::Approved);
    let made = begun(&house, expenditure(100)).await;
    let at = for_other(&house, "li", &made, "both").await.unwrap();
    assert_eq!(tasks(&mut house.approvals("li")).await, [(at.id.clone(), "both".to_owned())]);
    let at = for_other(&house, "li", &at, "both").await.unwrap();
    assert_eq!(at.state(), ApprovalState::Approved);
}

async fn who_assigns_does_not_decide(db: TestDb) {
    let house = House::staffed(&db).await;
    let both = grants(&["operator", "security_admin"], &["420502"]);
    let mut section = Approvals::new(house.caller("section", &both));
    let made = begun(&house, expenditure(100)).await;
    let answer = decided(&mut section, deciding(&made, Decision::Approve)).await;
    assert_eq!(refused(answer), refusal(Code::PermissionDenied, "SECURITY_ADMIN_DECIDES"));
    assert_eq!(tasks(&mut section).await, []);
    let alone = house.caller("section", &grants(&["security_admin"], &["420502"]));
    let answer = decided(&mut Approvals::new(alone), deciding(&made, Decision::Approve)).await;
    assert_eq!(refused(answer).0, Code::PermissionDenied);
}

async fn only_who_asked_takes_it_back(db: TestDb) {
    let house = House::staffed(&db).await;
    let not = refusal(Code::PermissionDenied, "NOT_REQUESTER");
    let mut section = house.approvals("section");
    let made = begun(&house, expenditure(100)).await;
    assert_eq!(refused(withdraw(&mut section, &made).await), not);
    let returned = decide(&house, "section", &made, Decision::Return).await.unwrap();
    assert_eq!(refused(resubmit(&mut section, resubmitting(&returned)).await), not);
    let again = resubmit(&mut house.approvals("asker"), resubmitting(&returned)).await.unwrap();
    let at = approved(&house, again, &["section", "finance"]).await;
    assert_eq!(refused(cancel(&mut section, &at).await), not);
    let manager = |region: &str| {
        let grant = grants(&["viewer", "operator"], &["420502"]);
        let mut all = grant.as_array().unwrap().clone();
        all.extend(grants(&["manager"], &[region]).as_array().unwrap().clone());
        Approvals::new(house.caller("boss", &json!(all)))
    };
    assert_eq!(refused(cancel(&mut manager("420506"), &at).await), not);
    cancel(&mut manager("420502"), &at).await.unwrap();
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = begun(&house, expenditure(100)).await;
    let (missing, denied) =
        (refusal(Code::NotFound, "NOT_FOUND"), refusal(Code::PermissionDenied, "SCOPE_DENIED"));
    // He holds the position, but has no grant there, or only one to read.
    let mut outside = Approvals::new(house.clerk("section", "420506"));
    let mut reads = grants(&["operator"], &["420506"]);
    let viewer = grants(&["viewer"], &["420502"]);
    reads.as_array_mut().unwrap().extend(viewer.as_array().unwrap().clone());
    let mut reader = Approvals::new(house.caller("section", &reads));
    assert_eq!(refused(get(&mut outside, &made.id).await), missing);
    assert_eq!(get(&mut reader, &made.id).await.unwrap(), made);
    for (client, answer) in [(&mut outside, missing), (&mut reader, denied)] {
        let decision = decided(client, deciding(&made, Decision::Approve)).await;
        assert_eq!(refused(decision), answer);
        assert_eq!(refused(withdraw(client, &made).await), answer);
        assert_eq!(refused(resubmit(client, resubmitting(&made)).await), answer);
        assert_eq!(refused(cancel(client, &made).await), answer);
        assert_eq!(tasks(client).await, []);
    }
    assert_eq!(stands(&made), (ApprovalState::Pending, 1, 1));
}
