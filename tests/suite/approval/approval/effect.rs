//! What a kind does beside, and the other side.

use std::sync::Arc;

use steward_approval::approval::{amend, cancel, find, submit};
use steward_approval::{Approval as Asked, Submission};
use steward_chassis::Ctx;
use steward_chassis::identity::{Grant, Identity};
use steward_chassis::scope::Scope;
use steward_kernel::{Clock as _, RegionPattern};
use steward_proto::approval::v1::{
    Approval, ApprovalState, Decision, ListApprovalsRequest, ListRoutesRequest, Position, Route,
    RouteStep, SetRouteRequest,
};
use steward_proto::types::v1::Role;
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{
    Approvals, House, MIGRATIONS, XILING, YILING, events, fault, faults, refusal, refused,
    request_id, to,
};
use super::{
    cancel as cancelled, decided, deciding, done, get, resubmit, resubmitting, stands, tasks,
    withdraw,
};

both!(
    MIGRATIONS,
    both_sides_decide_and_the_effect_is_told,
    nobody_decides_for_both_sides,
    what_the_effect_refuses_is_not_decided,
    every_end_is_told,
    a_domain_amends_and_cancels,
    who_asked_a_manager_or_the_other_side_gives_it_up,
    a_route_of_one_region_does_not_decide_for_another,
    a_route_with_another_side_needs_one,
);

fn handover(title: &str) -> Submission {
    Submission {
        kind: "handover",
        category: String::new(),
        organization: XILING.parse().unwrap(),
        counterpart: Some(YILING.parse().unwrap()),
        resource: "handovers/1".to_owned(),
        title: title.to_owned(),
        money: None,
    }
}

/// The context of a noun that acts for `asker`.
fn ctx(house: &House) -> Ctx {
    acting(house, "asker", Role::Operator, "420502")
}

/// The same for somebody with a role in a region.
fn acting(house: &House, subject: &str, role: Role, region: &str) -> Ctx {
    let pattern: RegionPattern = region.parse().unwrap();
    let regions = vec![pattern.clone()];
    let grants = vec![Grant { role, domain: None, regions, organizations: Vec::new() }];
    let identity = Identity::new(subject, grants);
    Ctx::new(Arc::new(identity), Scope::of(pattern), "test", house.clock.now())
}

/// Submits as a noun does.
async fn submitted(db: &TestDb, house: &House, new: &Submission) -> Approval {
    let mut tx = db.write().await;
    let made: Asked = submit(&mut tx, &ctx(house), new).await.unwrap();
    tx.commit().await.unwrap();
    get(&mut house.approvals("asker"), &made.id.to_string()).await.unwrap()
}

/// The other side and the authority, each with grants of his own.
fn other(house: &House) -> Approvals {
    Approvals::new(house.clerk("other", "420506"))
}

fn authority(house: &House) -> Approvals {
    Approvals::new(house.clerk("authority", "4205*"))
}

/// What the effect was told, in order.
async fn told(db: &TestDb) -> Vec<String> {
    let mut tx = db.db().read().await.unwrap();
    let sql = "SELECT code FROM scope_organization WHERE region = '000000' ORDER BY code";
    let rows: Vec<(String,)> = tx.sql(sql).all().await.unwrap();
    rows.into_iter().map(|(code,)| code).collect()
}

async fn approve(client: &mut Approvals, approval: &Approval) -> Approval {
    decided(client, deciding(approval, Decision::Approve)).await.unwrap()
}

async fn both_sides_decide_and_the_effect_is_told(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = submitted(&db, &house, &handover("移交")).await;
    assert_eq!((made.counterpart.as_str(), made.resource.as_str()), (YILING, "handovers/1"));
    assert_eq!(made.money, None);
    let not = refusal(Code::PermissionDenied, "NOT_APPROVER");
    let early = decided(&mut other(&house), deciding(&made, Decision::Approve)).await;
    assert_eq!(refused(early), not);
    let at = approve(&mut house.approvals("director"), &made).await;
    // The director here is not the one there.
    let again = decided(&mut house.approvals("director"), deciding(&at, Decision::Approve)).await;
    assert_eq!(refused(again), not);
    assert_eq!(tasks(&mut house.approvals("director")).await, []);
    assert_eq!(tasks(&mut other(&house)).await, [(made.id.clone(), String::new())]);
    let all = ListApprovalsRequest::default();
    let seen = other(&house).list_approvals(all).await.unwrap().into_inner().approvals;
    assert_eq!(seen.len(), 1, "the other side sees it");
    let at = approve(&mut other(&house), &at).await;
    assert_eq!(told(&db).await, [""; 0], "nothing became of it yet");
    assert_eq!(tasks(&mut authority(&house)).await, [(made.id.clone(), String::new())]);
    let at = approve(&mut authority(&house), &at).await;
    assert_eq!(stands(&at), (ApprovalState::Approved, 1, 0));
    assert_eq!(told(&db).await, ["4 approved"]);
    assert_eq!(get(&mut other(&house), &made.id).await.unwrap(), at);
}

async fn nobody_decides_for_both_sides(db: TestDb) {
    let house = House::staffed(&db).await;
    for who in ["other", "authority"] {
        house.delegate("director", to(who)).await;
    }
    let mut sides = ["other", "authority"].map(|who| Approvals::new(house.clerk(who, "4205*")));
    let not = refusal(Code::PermissionDenied, "ALREADY_DECIDED");
    let for_director = |made: &Approval| {
        let mut request = deciding(made, Decision::Approve);
        request.on_behalf_of = "director".to_owned();
        request
    };
    let [there, above] = &mut sides;
    // The other side's director, who stood in for the one here.
    let made = submitted(&db, &house, &handover("移交")).await;
    let at = decided(there, for_director(&made)).await.unwrap();
    let answer = decided(there, deciding(&at, Decision::Approve)).await;
    assert_eq!(refused(answer), not);
    assert_eq!(tasks(there).await, []);
    // The authority, likewise.
    let made = submitted(&db, &house, &handover("移交")).await;
    let at = decided(above, for_director(&made)).await.unwrap();
    let at = approve(there, &at).await;
    assert_eq!(refused(decided(above, deciding(&at, Decision::Approve)).await), not);
    assert_eq!(tasks(above).await, []);
    assert_eq!(told(&db).await, [""; 0]);
}

async fn what_the_effect_refuses_is_not_decided(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = submitted(&db, &house, &handover("坏")).await;
    let at = approve(&mut house.approvals("director"), &made).await;
    let at = approve(&mut other(&house), &at).await;
    let before = events(&db, "approval").await.len();
    let failed = refusal(Code::FailedPrecondition, "TEST_REFUSED");
    for decision in [Decision::Approve, Decision::Return, Decision::Refuse] {
        let answer = decided(&mut authority(&house), deciding(&at, decision)).await;
        assert_eq!(refused(answer), failed);
    }
    assert_eq!(refused(withdraw(&mut house.approvals("asker"), &at).await), failed);
    assert_eq!(get(&mut house.approvals("asker"), &made.id).await.unwrap(), at);
    assert_eq!(told(&db).await, [""; 0], "what the effect did is undone");
    assert_eq!(events(&db, "approval").await.len(), before);
}

async fn every_end_is_told(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut asker = house.approvals("asker");
    let made = submitted(&db, &house, &handover("移交")).await;
    let mut director = house.approvals("director");
    let at = decided(&mut director, deciding(&made, Decision::Return)).await.unwrap();
    let mut wrong = resubmitting(&at);
    wrong.amount_fen = 5;
    wrong.title = "另".to_owned();
    let elsewhere = [fault("amount_fen", "CHANGED_ELSEWHERE"), fault("title", "CHANGED_ELSEWHERE")];
    assert_eq!(faults(resubmit(&mut asker, wrong).await), elsewhere);
    let at = resubmit(&mut asker, resubmitting(&at)).await.unwrap();
    let elsewhere = refusal(Code::InvalidArgument, "CHANGED_ELSEWHERE");
    assert_eq!(refused(cancelled(&mut asker, &at).await), elsewhere);
    let at = decided(&mut director, deciding(&at, Decision::Refuse)).await.unwrap();
    assert_eq!(at.state(), ApprovalState::Refused);
    assert_eq!(told(&db).await, ["2 returned", "3 pending", "4 refused"]);
    let mut tx = db.write().await;
    tx.sql("DELETE FROM scope_organization WHERE region = '000000'").run().await.unwrap();
    tx.commit().await.unwrap();
    let made = submitted(&db, &house, &handover("移交")).await;
    withdraw(&mut asker, &made).await.unwrap();
    assert_eq!(told(&db).await, ["2 withdrawn"]);
}

async fn a_domain_amends_and_cancels(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = submitted(&db, &house, &handover("移交")).await;
    let id = made.id.parse().unwrap();
    let mut tx = db.write().await;
    let pending = amend(&mut tx, &ctx(&house), id, &handover("移交两辆")).await.unwrap_err();
    assert_eq!(pending.reason().code, "APPROVAL_STATE");
    tx.rollback().await.unwrap();
    let mut director = house.approvals("director");
    let at = decided(&mut director, deciding(&made, Decision::Return)).await.unwrap();
    let mut tx = db.write().await;
    amend(&mut tx, &ctx(&house), id, &handover("移交两辆")).await.unwrap();
    assert_eq!(find(&mut tx, id).await.unwrap().title, "移交两辆");
    tx.commit().await.unwrap();
    let mut asker = house.approvals("asker");
    let stale = refusal(Code::Aborted, "ETAG_STALE");
    assert_eq!(refused(resubmit(&mut asker, resubmitting(&at)).await), stale);
    let at = get(&mut asker, &made.id).await.unwrap();
    assert_eq!(done(&at.decisions[2]), ("AMEND", 1, 0, "asker", ""));
    resubmit(&mut asker, resubmitting(&at)).await.unwrap();
    let before = told(&db).await;
    let mut tx = db.write().await;
    cancel(&mut tx, &ctx(&house), id, "不移交了").await.unwrap();
    let twice = cancel(&mut tx, &ctx(&house), id, "不移交了").await.unwrap_err();
    assert_eq!(twice.reason().code, "APPROVAL_STATE");
    tx.commit().await.unwrap();
    let at = get(&mut asker, &made.id).await.unwrap();
    assert_eq!(stands(&at), (ApprovalState::Cancelled, 2, 0));
    assert_eq!(at.decisions.last().unwrap().opinion, "不移交了");
    assert_eq!(told(&db).await, before, "the domain cancels: it is not told");
}

async fn who_asked_a_manager_or_the_other_side_gives_it_up(db: TestDb) {
    let house = House::staffed(&db).await;
    let others = [
        acting(&house, "li", Role::Operator, "420502"),
        acting(&house, "li", Role::Manager, "420503"),
        acting(&house, "li", Role::Auditor, "*"),
    ];
    let receiver = acting(&house, "li", Role::Operator, "420506");
    let manager = acting(&house, "li", Role::Manager, "420502");
    // Whether he may; nothing comes of it.
    let may = async |approval: &Approval, ctx: &Ctx| {
        let mut tx = db.write().await;
        let answer = cancel(&mut tx, ctx, approval.id.parse().unwrap(), "不移交了").await;
        tx.rollback().await.unwrap();
        answer.map(|_| ()).map_err(|error| error.reason().code)
    };
    let pending = submitted(&db, &house, &handover("移交")).await;
    for other in &others[..2] {
        assert_eq!(may(&pending, other).await, Err("NOT_REQUESTER"), "{other:?}");
    }
    for ctx in [&ctx(&house), &manager, &receiver] {
        assert_eq!(may(&pending, ctx).await, Ok(()), "{ctx:?}");
    }
    let at = approve(&mut house.approvals("director"), &pending).await;
    let at = approve(&mut other(&house), &at).await;
    let approved = approve(&mut authority(&house), &at).await;
    for other in others.iter().chain([&receiver]) {
        assert_eq!(may(&approved, other).await, Err("NOT_REQUESTER"), "{other:?}");
    }
    for ctx in [&ctx(&house), &manager] {
        assert_eq!(may(&approved, ctx).await, Ok(()), "{ctx:?}");
    }
}

/// Sets the route of handovers in a region, over every region.
async fn route(house: &House, region: &str, positions: &[Position]) {
    let step = |it: &Position| RouteStep { position: (*it).into(), working_days: 2 };
    let mut client = house.routes("*");
    let kind = "handover".to_owned();
    let all = ListRoutesRequest { kind: kind.clone(), ..ListRoutesRequest::default() };
    let there = client.list_routes(all).await.unwrap().into_inner().routes;
    let there = there.into_iter().find(|it| it.region == region);
    let route = Route {
        kind,
        region: region.to_owned(),
        steps: positions.iter().map(step).collect(),
        etag: there.map(|it| it.etag).unwrap_or_default(),
        ..Route::default()
    };
    let (request_id, route) = (request_id(), Some(route));
    let request = SetRouteRequest { request_id, route, validate_only: false };
    client.set_route(request).await.unwrap();
}

async fn a_route_of_one_region_does_not_decide_for_another(db: TestDb) {
    let house = House::staffed(&db).await;
    route(&house, "420502", &[Position::Director]).await;
    let mut tx = db.write().await;
    let error = submit(&mut tx, &ctx(&house), &handover("移交")).await.unwrap_err();
    assert_eq!(error.reason().code, "COUNTERPART_NOT_ASKED");
    // Within the region it decides.
    let beside = Submission {
        counterpart: Some("114205020112345670".parse().unwrap()),
        ..handover("移交")
    };
    submit(&mut tx, &ctx(&house), &beside).await.unwrap();
    tx.commit().await.unwrap();
    let returned = submitted(&db, &house, &beside).await;
    // A request that goes elsewhere when it comes again is held against it anew.
    let mut director = house.approvals("director");
    let at = decided(&mut director, deciding(&returned, Decision::Return)).await.unwrap();
    let mut tx = db.write().await;
    amend(&mut tx, &ctx(&house), at.id.parse().unwrap(), &handover("移交")).await.unwrap();
    tx.commit().await.unwrap();
    let mut asker = house.approvals("asker");
    let at = get(&mut asker, &at.id).await.unwrap();
    let not = refusal(Code::FailedPrecondition, "COUNTERPART_NOT_ASKED");
    assert_eq!(refused(resubmit(&mut asker, resubmitting(&at)).await), not);
    // One for both regions needs not ask, nor one that asks a position there.
    route(&house, "420502", &[Position::Director, Position::CounterpartDirector]).await;
    resubmit(&mut asker, resubmitting(&at)).await.unwrap();
    route(&house, "4205*", &[Position::Director]).await;
    let sent_back = Submission {
        organization: YILING.parse().unwrap(),
        counterpart: Some(XILING.parse().unwrap()),
        ..handover("移交")
    };
    let mut tx = db.write().await;
    submit(&mut tx, &ctx(&house), &sent_back).await.unwrap();
}

async fn a_route_with_another_side_needs_one(db: TestDb) {
    let house = House::staffed(&db).await;
    let alone = Submission { counterpart: None, ..handover("移交") };
    let mut tx = db.write().await;
    let error = submit(&mut tx, &ctx(&house), &alone).await.unwrap_err();
    assert_eq!(error.reason().code, "COUNTERPART_MISSING");
}
