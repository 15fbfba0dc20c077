//! What is left of findings when their rule ends.

use std::sync::Arc;

use steward_chassis::service::sweep_once;
use steward_finding::finding::Observation;
use steward_finding::rule::Rule;
use steward_kernel::Clock;
use steward_proto::finding::v1::{
    EndRuleRequest, Finding, FindingEventKind, FindingResolution, FindingState,
    ListFindingsRequest, Rule as RuleMessage, RuleConfidence, RuleUnit, SetRuleRequest,
};
use steward_tests::{TestDb, both};

use super::super::{House, MIGRATIONS, XILING, request_id};
use super::observed::{see, seen, the_rule};
use super::{Act, act, get, list};

both!(
    MIGRATIONS,
    what_began_after_its_rule_had_ended_is_cleared,
    what_another_rule_forbids_stays,
    many_are_cleared,
);

async fn sweep(house: &House, db: &TestDb) {
    let clock: Arc<dyn Clock> = Arc::clone(&house.clock) as _;
    sweep_once(&steward_property::SPEC, db.db(), &clock).await.unwrap();
}

fn since(rule: &Rule, resource: &str, day: &str) -> Observation {
    let mut it = seen(rule, resource, 101);
    it.breach.as_mut().unwrap().since = day.parse().unwrap();
    it
}

/// The findings that the rule still sees broken, by resource.
async fn broken(house: &House) -> Vec<String> {
    let found = list(&mut house.city(), ListFindingsRequest::default()).await;
    let mut broken: Vec<_> = found.into_iter().filter(|it| it.cleared_time.is_none()).collect();
    broken.sort_by(|one, next| one.resource.cmp(&next.resource));
    broken.into_iter().map(|it| it.resource).collect()
}

async fn end(house: &House, rule: &Rule, until: &str) {
    let end = EndRuleRequest {
        request_id: request_id(),
        id: rule.id.to_string(),
        etag: rule.version.to_string(),
        effective_until: until.to_owned(),
        validate_only: false,
    };
    house.rules("*").end_rule(end).await.unwrap();
}

async fn what_began_after_its_rule_had_ended_is_cleared(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    let days =
        [("vehicles/1", "2017-06-09"), ("vehicles/2", "2017-06-10"), ("vehicles/3", "2017-06-11")];
    see(&db, &days.map(|(resource, day)| since(&rule, resource, day))).await;
    let found = list(&mut house.city(), ListFindingsRequest::default()).await;
    let of = |resource: &str| found.iter().find(|it| it.resource == resource).unwrap();
    act(&mut house.city(), Act::Notify, of("vehicles/3")).await.unwrap();
    sweep(&house, &db).await;
    assert_eq!(broken(&house).await.len(), 3, "it is in force");
    end(&house, &rule, "2017-06-10").await;
    sweep(&house, &db).await;
    assert_eq!(broken(&house).await, ["vehicles/1"], "broken while it was in force");
    let (cleared, done) = get(&mut house.city(), &of("vehicles/2").id).await.unwrap();
    let told = (cleared.state(), cleared.resolution());
    assert_eq!(told, (FindingState::Closed, FindingResolution::Cleared));
    let last = done.last().unwrap();
    let told = (last.kind(), &*last.text, &*last.subject);
    assert_eq!(told, (FindingEventKind::Cleared, "规则自 2017-06-10 起不再执行", "steward"));
    let (waiting, _) = get(&mut house.city(), &of("vehicles/3").id).await.unwrap();
    assert_eq!(waiting.state(), FindingState::Notified, "people close what they notified of");
    let all: Vec<Finding> = list(&mut house.city(), ListFindingsRequest::default()).await;
    sweep(&house, &db).await;
    let again = list(&mut house.city(), ListFindingsRequest::default()).await;
    assert_eq!(again, all, "a sweep more changes nothing");
}

async fn what_another_rule_forbids_stays(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    see(&db, &[since(&rule, "vehicles/1", "2017-06-10")]).await;
    // The next one begins before it, and cuts the one before.
    let next = RuleMessage {
        code: rule.code.clone(),
        region: "*".to_owned(),
        value: 11_000,
        unit: RuleUnit::BasisPoint.into(),
        effective_from: "2017-06-01".to_owned(),
        document: "《预算法》".to_owned(),
        confidence: RuleConfidence::Medium.into(),
        ..Default::default()
    };
    let set = SetRuleRequest { request_id: request_id(), rule: Some(next), validate_only: false };
    house.rules("*").set_rule(set).await.unwrap();
    sweep(&house, &db).await;
    assert_eq!(broken(&house).await, ["vehicles/1"], "whoever saw it looks again, not the sweep");
}

async fn many_are_cleared(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    let name = |i| format!("vehicles/{i}");
    let many: Vec<_> = (0..450).map(|i| since(&rule, &name(i), "2017-06-10")).collect();
    see(&db, &many).await;
    end(&house, &rule, "2017-06-10").await;
    sweep(&house, &db).await;
    assert_eq!(broken(&house).await, [""; 0]);
    let all = list(&mut house.city(), ListFindingsRequest::default()).await;
    assert!(all.iter().all(|it| it.organization == XILING));
}
