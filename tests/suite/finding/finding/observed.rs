//! What rules find: opened, followed and cleared in the transaction of a change.

use std::collections::BTreeSet;

use steward_chassis::{Ctx, scope, write_by_service};
use steward_finding::finding::{Breach, Observation, observe, open_for};
use steward_finding::overrun;
use steward_finding::rule::{self, Rule};
use steward_kernel::{Clock as _, Fen};
use steward_ledger::budget::Overspent;
use steward_proto::finding::v1::{
    EndRuleRequest, Finding, FindingEvent, FindingEventKind, FindingResolution, FindingState,
    ListFindingsRequest, Rule as RuleMessage, RuleConfidence, RuleUnit, SetRuleRequest,
};
use steward_tests::service::test_clock;
use steward_tests::{TestDb, both};

use super::super::{House, MIGRATIONS, Rules, XILING, YILING, events, refused};
use super::{Act, Asking, act, asked, get, list, opened, opening, request_id};

both!(
    MIGRATIONS,
    a_breach_is_opened_followed_and_cleared,
    what_was_notified_waits_for_people,
    what_was_judged_is_not_opened_again,
    what_was_cured_and_is_broken_anew_is_found_anew,
    time_that_passes_is_no_news,
    a_budget_is_judged_by_the_rule_of_its_year,
    what_is_found_by_hand_stands,
    a_finding_goes_to_another_holder,
    many_are_seen_at_once,
    a_budget_is_overspent,
);

/// The rule that every domain ships, as it is in force.
pub(super) async fn the_rule(db: &TestDb) -> Rule {
    let mut tx = db.db().read().await.unwrap();
    let rules = rule::load(&mut tx, &["budget_exceeded", "other"]).await.unwrap();
    let (region, today) = ("420502".parse().unwrap(), "2017-06-15".parse().unwrap());
    rules.find("budget_exceeded", "", &region, None, today).unwrap().clone()
}

pub(super) fn seen(rule: &Rule, resource: &str, observed: i64) -> Observation {
    let breach = Breach {
        observed,
        limit: 100,
        detail: format!("已达{observed}"),
        since: "2017-06-10".parse().unwrap(),
    };
    Observation {
        rule: rule.clone(),
        resource: resource.to_owned(),
        occasion: String::new(),
        organization: XILING.parse().unwrap(),
        region: "420502".parse().unwrap(),
        breach: (observed > 100).then_some(breach),
    }
}

/// Observes as a domain does, in a transaction of its own.
pub(super) async fn see(db: &TestDb, seen: &[Observation]) {
    let seen = seen.to_vec();
    let ctx = Ctx::of_service("test", test_clock().now());
    let done = write_by_service(db.db(), &ctx, |tx, ctx| {
        let seen = seen.clone();
        Box::pin(async move {
            scope::admit(tx, &BTreeSet::from([XILING.parse().unwrap()])).await?;
            observe(tx, ctx, &seen).await
        })
    });
    done.await.unwrap();
}

async fn all(house: &House) -> Vec<Finding> {
    list(&mut house.city(), ListFindingsRequest::default()).await
}

async fn a_breach_is_opened_followed_and_cleared(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    see(&db, &[seen(&rule, "vehicles/1", 100)]).await;
    assert_eq!(all(&house).await, [], "what holds is no finding");
    see(&db, &[seen(&rule, "vehicles/1", 101)]).await;
    let found = all(&house).await.remove(0);
    let expected = Finding {
        id: found.id.clone(),
        code: "budget_exceeded".to_owned(),
        rule_id: rule.id.to_string(),
        rule_version: 1,
        legal_basis: rule.legal_basis(),
        resource: "vehicles/1".to_owned(),
        organization: XILING.to_owned(),
        region: "420502".to_owned(),
        detail: "已达101".to_owned(),
        observed: 101,
        limit: 100,
        unit: RuleUnit::BasisPoint.into(),
        since_on: "2017-06-10".to_owned(),
        state: FindingState::Open.into(),
        create_time: found.create_time,
        update_time: found.create_time,
        etag: "1".to_owned(),
        ..Finding::default()
    };
    assert_eq!(found, expected);
    for _ in 0..2 {
        see(&db, &[seen(&rule, "vehicles/1", 102)]).await;
        let now = all(&house).await.remove(0);
        assert_eq!((now.observed, &*now.detail, &*now.etag), (102, "已达102", "2"));
    }
    let mut tx = db.db().read().await.unwrap();
    let xiling = XILING.parse().unwrap();
    assert_eq!(open_for(&mut tx, "vehicles/1", &xiling).await.unwrap().len(), 1);
    drop(tx);
    // Nobody was notified: that it holds again closes it.
    see(&db, &[seen(&rule, "vehicles/1", 7)]).await;
    let (cleared, done) = get(&mut house.city(), &found.id).await.unwrap();
    let told = (cleared.state(), cleared.resolution(), cleared.cleared_time.is_some());
    assert_eq!(told, (FindingState::Closed, FindingResolution::Cleared, true));
    let kinds: Vec<_> = done.iter().map(|it| (it.kind(), &*it.subject)).collect();
    let by = "steward";
    assert_eq!(kinds, [(FindingEventKind::Opened, by), (FindingEventKind::Cleared, by)]);
    see(&db, &[seen(&rule, "vehicles/1", 103)]).await;
    assert_eq!(all(&house).await.len(), 2, "broken anew, found anew");
    assert_eq!(events(&db, "finding").await, 4);
}

async fn what_was_notified_waits_for_people(db: TestDb) {
    use FindingEventKind::{BrokenAgain, Cleared, Closed, Notified, Opened, Submitted};
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let rule = the_rule(&db).await;
    see(&db, &[seen(&rule, "vehicles/1", 101)]).await;
    let found = all(&house).await.remove(0);
    let notified = act(&mut city, Act::Notify, &found).await.unwrap();
    see(&db, &[seen(&rule, "vehicles/1", 100)]).await;
    let cleared = all(&house).await.remove(0);
    assert_eq!(cleared.state(), FindingState::Notified);
    assert!(cleared.cleared_time.is_some());
    assert_eq!(refused(act(&mut clerk, Act::Submit, &notified).await).1, "ETAG_STALE");
    see(&db, &[seen(&rule, "vehicles/1", 100)]).await;
    assert_eq!(all(&house).await, std::slice::from_ref(&cleared), "nothing is new");

    see(&db, &[seen(&rule, "vehicles/1", 105)]).await;
    let again = all(&house).await.remove(0);
    assert_eq!((again.cleared_time, again.observed), (None, 105));
    let submitted = act(&mut clerk, Act::Submit, &again).await.unwrap();
    assert_eq!(refused(act(&mut city, Act::Close, &submitted).await).1, "STILL_OBSERVED");
    see(&db, &[seen(&rule, "vehicles/1", 100)]).await;
    let cleared_again = all(&house).await.remove(0);
    let closed = act(&mut city, Act::Close, &cleared_again).await.unwrap();
    assert_eq!(closed.resolution(), FindingResolution::Rectified);
    let kinds = get(&mut city, &found.id).await.unwrap().1;
    let kinds: Vec<_> = kinds.iter().map(FindingEvent::kind).collect();
    assert_eq!(kinds, [Opened, Notified, Cleared, BrokenAgain, Submitted, Cleared, Closed]);
}

async fn what_was_judged_is_not_opened_again(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let rule = the_rule(&db).await;
    see(&db, &[seen(&rule, "vehicles/1", 101), seen(&rule, "vehicles/2", 101)]).await;
    let found = all(&house).await;
    act(&mut city, Act::Dismiss, &found[1]).await.unwrap();
    // Closed in the knowledge that it is broken still.
    let notified = act(&mut city, Act::Notify, &found[0]).await.unwrap();
    let submitted = act(&mut clerk, Act::Submit, &notified).await.unwrap();
    let accept = Asking { request_id: request_id(), accept_warnings: true, ..Asking::default() };
    asked(&mut city, Act::Close, &submitted, &accept).await.unwrap();
    let count = async || all(&house).await.len();
    see(&db, &[seen(&rule, "vehicles/1", 101), seen(&rule, "vehicles/2", 101)]).await;
    assert_eq!(count().await, 2);
    // Another number is another matter, and so is another limit, or another occasion; another wording of
    // the rule is not.
    see(&db, &[seen(&rule, "vehicles/1", 102)]).await;
    assert_eq!(count().await, 3);
    let newer = Rule { version: 2, ..rule.clone() };
    see(&db, &[seen(&newer, "vehicles/2", 101)]).await;
    assert_eq!(count().await, 3);
    let mut stricter = seen(&newer, "vehicles/2", 101);
    stricter.breach.as_mut().unwrap().limit -= 1;
    see(&db, &[stricter]).await;
    assert_eq!(count().await, 4);
    let occasion = "2017-06".to_owned();
    see(&db, &[Observation { occasion, ..seen(&rule, "vehicles/1", 101) }]).await;
    assert_eq!(count().await, 5);
}

async fn what_was_cured_and_is_broken_anew_is_found_anew(db: TestDb) {
    use FindingEventKind::{Cleared, Dismissed, Opened};
    let house = House::new(&db).await;
    let mut city = house.city();
    let rule = the_rule(&db).await;
    let (broken, holds) = (seen(&rule, "vehicles/1", 101), seen(&rule, "vehicles/1", 100));
    see(&db, std::slice::from_ref(&broken)).await;
    let found = all(&house).await.remove(0);
    let dismissed = act(&mut city, Act::Dismiss, &found).await.unwrap();
    see(&db, std::slice::from_ref(&broken)).await;
    assert_eq!(all(&house).await, [dismissed]);
    // That it was cured stands with the finding, which stays closed as it was.
    for _ in 0..2 {
        see(&db, std::slice::from_ref(&holds)).await;
        let (cured, done) = get(&mut city, &found.id).await.unwrap();
        let told = (cured.state(), cured.resolution(), cured.cleared_time.is_some());
        assert_eq!(told, (FindingState::Closed, FindingResolution::Dismissed, true));
        let kinds: Vec<_> = done.iter().map(FindingEvent::kind).collect();
        assert_eq!(kinds, [Opened, Dismissed, Cleared]);
    }
    see(&db, &[broken]).await;
    let open: Vec<_> = all(&house).await.iter().map(Finding::state).collect();
    assert_eq!(open, [FindingState::Open, FindingState::Closed]);
}

async fn time_that_passes_is_no_news(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let rule = Rule { unit: "day".to_owned(), ..the_rule(&db).await };
    see(&db, &[seen(&rule, "vehicles/1", 101)]).await;
    let found = all(&house).await.remove(0);
    act(&mut city, Act::Dismiss, &found).await.unwrap();
    for days in 102..105 {
        see(&db, &[seen(&rule, "vehicles/1", days)]).await;
        assert_eq!(all(&house).await.len(), 1);
    }
    // Late again, from another day on.
    let mut again = seen(&rule, "vehicles/1", 101);
    again.breach.as_mut().unwrap().since = "2017-06-12".parse().unwrap();
    see(&db, &[again]).await;
    assert_eq!(all(&house).await.len(), 2);
}

async fn set_rule(client: &mut Rules, rule: RuleMessage) -> RuleMessage {
    let (request_id, rule) = (request_id(), Some(rule));
    let request = SetRuleRequest { request_id, rule, validate_only: false };
    client.set_rule(request).await.unwrap().into_inner().rule.unwrap()
}

/// The state and the limit of a finding about a budget of a year.
fn in_fen(found: &Finding, year: i32) -> (FindingState, i64) {
    assert_eq!((found.unit(), found.observed), (RuleUnit::Fen, 110));
    let today = steward_kernel::today(test_clock().now()).to_string();
    assert_eq!(found.since_on, if year < 2017 { format!("{year}-12-31") } else { today });
    (found.state(), found.limit)
}

async fn a_budget_is_judged_by_the_rule_of_its_year(db: TestDb) {
    use FindingState::{Closed, Open};
    let house = House::new(&db).await;
    let spent = |fiscal_year| Overspent {
        organization: XILING.parse().unwrap(),
        region: "420502".parse().unwrap(),
        fiscal_year,
        category: "fuel".to_owned(),
        spent: Fen::new(110),
        budget: Fen::new(100),
    };
    let look = async |year| {
        let ctx = Ctx::of_service("test", test_clock().now());
        let done = write_by_service(db.db(), &ctx, |tx, ctx| {
            Box::pin(async move {
                scope::admit(tx, &BTreeSet::from([XILING.parse().unwrap()])).await?;
                overrun::observe(tx, ctx, &[spent(year)]).await
            })
        });
        done.await.unwrap();
        let found = all(&house).await.into_iter();
        let of_year = |it: &Finding| it.resource.contains(&format!("/{year}/"));
        let found: Vec<_> = found.filter(of_year).collect();
        found.iter().map(|it| in_fen(it, year)).collect::<Vec<_>>()
    };
    assert_eq!(look(2010).await, [(Open, 100)]);
    assert_eq!(look(2017).await, [(Open, 100)]);
    // From this year on a tenth more may be spent, which is nothing to the years before.
    let mut nation = house.rules("*");
    let ours = the_rule(&db).await;
    let new = RuleMessage {
        code: ours.code.clone(),
        region: "*".to_owned(),
        value: 11_000,
        unit: RuleUnit::BasisPoint.into(),
        effective_from: "2017-01-01".to_owned(),
        document: "《预算法》".to_owned(),
        confidence: RuleConfidence::Medium.into(),
        ..Default::default()
    };
    let set = set_rule(&mut nation, new).await;
    assert_eq!(look(2010).await, [(Open, 100)]);
    assert_eq!(look(2016).await, [(Open, 100)]);
    assert_eq!(look(2017).await, [(Closed, 100)]);
    // Where no rule binds any more, what it found is cleared.
    let replaced = RuleMessage { value: 10_000, ..set };
    let set = set_rule(&mut nation, replaced).await;
    assert_eq!(look(2017).await, [(Open, 100), (Closed, 100)]);
    let end = EndRuleRequest {
        request_id: request_id(),
        id: set.id,
        etag: set.etag,
        effective_until: "2017-06-01".to_owned(),
        validate_only: false,
    };
    nation.end_rule(end).await.unwrap();
    assert_eq!(look(2017).await, [(Closed, 100), (Closed, 100)]);
    assert_eq!(look(2016).await, [(Open, 100)]);
}

async fn what_is_found_by_hand_stands(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    let by_hand = Finding {
        code: rule.code.clone(),
        resource: "vehicles/1".to_owned(),
        ..opening(XILING, "")
    };
    let made = opened(&mut house.city(), by_hand.clone()).await;
    // It neither stands for what the rule finds nor follows it.
    see(&db, &[seen(&rule, "vehicles/1", 101)]).await;
    see(&db, &[seen(&rule, "vehicles/1", 100)]).await;
    let found = all(&house).await;
    let (ours, theirs): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.rule_id.is_empty());
    assert_eq!(ours, [made]);
    assert_eq!((theirs.len(), theirs[0].state()), (1, FindingState::Closed));
    // Whoever may open one of any resource must not stop those whose it is.
    let mut tx = db.db().read().await.unwrap();
    let [xiling, yiling] = [XILING, YILING].map(|code| code.parse().unwrap());
    assert_eq!(open_for(&mut tx, "vehicles/1", &yiling).await.unwrap(), []);
    assert_eq!(open_for(&mut tx, "vehicles/1", &xiling).await.unwrap().len(), 1);
    drop(tx);
    // Nor does what the rule finds stand in its way, but another one of the same does.
    see(&db, &[seen(&rule, "vehicles/2", 101)]).await;
    let second = Finding { resource: "vehicles/2".to_owned(), ..by_hand.clone() };
    opened(&mut house.city(), second).await;
    assert_eq!(refused(super::open(&mut house.city(), by_hand).await).1, "FINDING_THERE");
}

/// What is found goes with what it is about.
async fn a_finding_goes_to_another_holder(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    see(&db, &[seen(&rule, "vehicles/1", 101)]).await;
    let before = all(&house).await.remove(0);
    // Another organization that is known here.
    opened(&mut house.city(), opening(YILING, "")).await;
    let moved = Observation {
        organization: YILING.parse().unwrap(),
        region: "420506".parse().unwrap(),
        ..seen(&rule, "vehicles/1", 101)
    };
    see(&db, &[moved]).await;
    let mut after = all(&house).await;
    after.retain(|it| it.resource == "vehicles/1");
    assert_eq!(after.len(), 1);
    assert_eq!(
        (after[0].id.as_str(), after[0].since_on.as_str()),
        (&*before.id, &*before.since_on)
    );
    assert_eq!((after[0].organization.as_str(), after[0].region.as_str()), (YILING, "420506"));
}

async fn many_are_seen_at_once(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    let of = |observed: i64| {
        (0..500).map(|i| seen(&rule, &format!("vehicles/{i:03}"), observed)).collect::<Vec<_>>()
    };
    see(&db, &of(101)).await;
    see(&db, &of(102)).await;
    let request = ListFindingsRequest { page_size: 1000, ..ListFindingsRequest::default() };
    let found = list(&mut house.city(), request.clone()).await;
    assert_eq!(found.len(), 500);
    assert!(found.iter().all(|it| it.observed == 102));
    // Of two that see one thing the last counts.
    see(&db, &[seen(&rule, "vehicles/000", 101), seen(&rule, "vehicles/000", 100)]).await;
    see(&db, &[]).await;
    let found = list(&mut house.city(), request).await;
    assert_eq!(found.iter().filter(|it| it.state() == FindingState::Closed).count(), 1);
}

async fn a_budget_is_overspent(db: TestDb) {
    let house = House::new(&db).await;
    let spend = async |fen: i64| {
        let spent = Overspent {
            organization: XILING.parse().unwrap(),
            region: "420502".parse().unwrap(),
            fiscal_year: 2017,
            category: "rent".to_owned(),
            spent: Fen::new(fen),
            budget: Fen::new(100_000),
        };
        let ctx = Ctx::of_service("test", house.clock.now());
        let done = write_by_service(db.db(), &ctx, |tx, ctx| {
            let spent = spent.clone();
            Box::pin(async move {
                scope::admit(tx, &BTreeSet::from([XILING.parse().unwrap()])).await?;
                overrun::observe(tx, ctx, &[spent]).await
            })
        });
        done.await.unwrap();
    };
    spend(100_000).await;
    assert_eq!(all(&house).await, []);
    spend(100_001).await;
    let found = all(&house).await.remove(0);
    let resource = format!("budgets/{XILING}/2017/rent");
    assert_eq!((&*found.code, found.resource), ("budget_exceeded", resource));
    assert_eq!((found.observed, found.limit), (100_001, 100_000));
    spend(100_000).await;
    assert_eq!(all(&house).await[0].resolution(), FindingResolution::Cleared);
}
