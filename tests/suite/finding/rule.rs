//! Rules: set, ended, listed, and loaded from what is shipped.

use steward_kernel::Clock as _;
use steward_proto::finding::v1::{
    EndRuleRequest, GetRuleRequest, ListRulesRequest, Rule, RuleConfidence, RuleUnit,
    SetRuleRequest,
};
use steward_tests::service::test_clock;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::{House, MIGRATIONS, Rules, events, faults, refusal, refused, request_id};

both!(
    MIGRATIONS,
    a_rule_is_set_from_a_day_on,
    a_rule_is_replaced_and_ended,
    what_is_faulty_is_named,
    a_repeated_request_is_done_once_and_a_check_changes_nothing,
    who_sets_a_rule_covers_its_regions,
    a_regulation_is_not_relaxed_in_a_county,
    what_a_rule_counts_is_settled,
    each_unit_has_its_most,
    lists_filter_and_come_in_pages,
    shipped_rules_are_loaded_once_and_what_people_set_stays,
    shipped_rules_are_loaded_by_two_at_once,
    those_set_at_once_follow_each_other,
);

fn rule(region: &str, value: i64, from: &str) -> Rule {
    Rule {
        code: "night_use".to_owned(),
        title: "夜间用车".to_owned(),
        region: region.to_owned(),
        value,
        unit: RuleUnit::Hour.into(),
        effective_from: from.to_owned(),
        document: "《公务用车使用规定》".to_owned(),
        article: "第五条".to_owned(),
        confidence: RuleConfidence::High.into(),
        ..Rule::default()
    }
}

fn setting(rule: &Rule) -> SetRuleRequest {
    let rule = Some(rule.clone());
    SetRuleRequest { request_id: request_id(), rule, validate_only: false }
}

async fn set(client: &mut Rules, rule: &Rule) -> Result<Rule, Status> {
    Ok(client.set_rule(setting(rule)).await?.into_inner().rule.unwrap())
}

fn ending(rule: &Rule, until: &str) -> EndRuleRequest {
    EndRuleRequest {
        request_id: request_id(),
        id: rule.id.clone(),
        etag: rule.etag.clone(),
        effective_until: until.to_owned(),
        validate_only: false,
    }
}

async fn end(client: &mut Rules, rule: &Rule, until: &str) -> Result<Rule, Status> {
    Ok(client.end_rule(ending(rule, until)).await?.into_inner().rule.unwrap())
}

async fn get(client: &mut Rules, id: &str) -> Result<Rule, Status> {
    let answer = client.get_rule(GetRuleRequest { id: id.to_owned() }).await?;
    Ok(answer.into_inner().rule.unwrap())
}

/// Value and span of the rules of a list.
async fn spans(client: &mut Rules, request: ListRulesRequest) -> Vec<(i64, String, String)> {
    let rules = client.list_rules(request).await.unwrap().into_inner().rules;
    rules.into_iter().map(|it| (it.value, it.effective_from, it.effective_until)).collect()
}

fn of_code(code: &str) -> ListRulesRequest {
    ListRulesRequest { code: code.to_owned(), ..ListRulesRequest::default() }
}

fn span(value: i64, from: &str, until: &str) -> (i64, String, String) {
    (value, from.to_owned(), until.to_owned())
}

async fn a_rule_is_set_from_a_day_on(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.rules("4205*");
    let first = set(&mut client, &rule("4205*", 22, "2017-01-01")).await.unwrap();
    let expected = Rule {
        id: first.id.clone(),
        etag: "1".to_owned(),
        update_time: first.update_time,
        ..rule("4205*", 22, "2017-01-01")
    };
    assert_eq!(first, expected);
    assert_eq!(get(&mut client, &first.id).await.unwrap(), first);
    // Later ones end those before; one in between holds until the next.
    set(&mut client, &rule("4205*", 23, "2019-01-01")).await.unwrap();
    set(&mut client, &rule("4205*", 21, "2018-01-01")).await.unwrap();
    set(&mut client, &rule("4205*", 20, "2015-01-01")).await.unwrap();
    // Another kind and another region are other lines.
    let kinds = vec!["party_organ".to_owned(), "court".to_owned(), "court".to_owned()];
    let other = Rule { kinds, ..rule("4205*", 5, "2017-06-01") };
    assert_eq!(set(&mut client, &other).await.unwrap().kinds, ["court", "party_organ"]);
    set(&mut client, &rule("420502", 6, "2017-06-01")).await.unwrap();
    assert_eq!(
        spans(&mut client, of_code("night_use")).await,
        [
            span(20, "2015-01-01", "2017-01-01"),
            span(22, "2017-01-01", "2018-01-01"),
            span(21, "2018-01-01", "2019-01-01"),
            span(23, "2019-01-01", ""),
            span(5, "2017-06-01", ""),
            span(6, "2017-06-01", ""),
        ]
    );
    // Those that were cut changed too.
    assert_eq!(events(&db, "rule").await, 6 + 2);
    let last = Rule { effective_until: "2015-03-01".to_owned(), ..rule("4205*", 1, "2014-01-01") };
    let error = set(&mut client, &last).await;
    assert_eq!(refused(error), refusal(Code::FailedPrecondition, "RULE_OVERLAPS"));
    assert_eq!(events(&db, "rule").await, 6 + 2, "who is refused leaves nothing");
}

async fn a_rule_is_replaced_and_ended(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.rules("4205*");
    let first = set(&mut client, &rule("4205*", 22, "2017-01-01")).await.unwrap();
    let error = set(&mut client, &rule("4205*", 23, "2017-01-01")).await;
    assert_eq!(refused(error), refusal(Code::Aborted, "ETAG_STALE"), "it has to be read first");
    let error =
        set(&mut client, &Rule { etag: "1".to_owned(), ..rule("*", 1, "2017-01-01") }).await;
    assert_eq!(refused(error), refusal(Code::PermissionDenied, "SCOPE_DENIED"));
    let nothing = Rule { etag: "1".to_owned(), ..rule("4205*", 1, "2016-01-01") };
    assert_eq!(refused(set(&mut client, &nothing).await).1, "ETAG_STALE", "there is none");
    let again = set(&mut client, &first).await.unwrap();
    assert_eq!(again, first, "a change to what there is changes nothing");
    let second = set(&mut client, &Rule { value: 23, ..first.clone() }).await.unwrap();
    assert_eq!((second.value, &*second.etag, &second.id), (23, "2", &first.id));
    let error = set(&mut client, &Rule { value: 24, ..first.clone() }).await;
    assert_eq!(refused(error), refusal(Code::Aborted, "ETAG_STALE"));

    assert_eq!(refused(end(&mut client, &first, "2018-01-01").await).1, "ETAG_STALE");
    let error = end(&mut client, &second, "2017-01-01").await;
    assert_eq!(refused(error), refusal(Code::InvalidArgument, "RULE_DAYS_REVERSED"));
    let ended = end(&mut client, &second, "2018-01-01").await.unwrap();
    assert_eq!((&*ended.effective_until, &*ended.etag), ("2018-01-01", "3"));
    set(&mut client, &rule("4205*", 30, "2018-06-01")).await.unwrap();
    let error = end(&mut client, &ended, "2018-06-02").await;
    assert_eq!(refused(error), refusal(Code::FailedPrecondition, "RULE_OVERLAPS"));
    let longer = end(&mut client, &ended, "2018-06-01").await.unwrap();
    assert_eq!(end(&mut client, &longer, "2018-06-01").await.unwrap(), longer);
    let lost = Rule { id: request_id(), ..longer };
    assert_eq!(refused(end(&mut client, &lost, "2018-06-01").await).1, "NOT_FOUND");
    assert_eq!(refused(get(&mut client, &lost.id).await).1, "NOT_FOUND");
    assert_eq!(events(&db, "rule").await, 5);
}

async fn what_is_faulty_is_named(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.rules("4205*");
    let wrong = Rule {
        code: "Night".to_owned(),
        case: "夜".to_owned(),
        title: "名".repeat(51),
        region: "宜昌".to_owned(),
        kinds: vec![String::new()],
        unit: 99,
        effective_from: "2017-02-29".to_owned(),
        article: "条".repeat(101),
        note: "注".repeat(501),
        violation: "x".repeat(65),
        etag: "x".to_owned(),
        ..Rule::default()
    };
    let mut told = faults(&set(&mut client, &wrong).await.unwrap_err());
    told.sort();
    let expected = [
        ("rule.article", "TOO_LONG"),
        ("rule.case", "CODE_MALFORMED"),
        ("rule.code", "CODE_MALFORMED"),
        ("rule.confidence", "REQUIRED"),
        ("rule.document", "REQUIRED"),
        ("rule.effective_from", "DATE_MALFORMED"),
        ("rule.etag", "ETAG_MALFORMED"),
        ("rule.kinds[0]", "REQUIRED"),
        ("rule.note", "TOO_LONG"),
        ("rule.region", "REGION_MALFORMED"),
        ("rule.title", "TOO_LONG"),
        ("rule.unit", "VALUE_UNKNOWN"),
        ("rule.violation", "CODE_MALFORMED"),
    ];
    assert_eq!(told, expected.map(|(field, reason)| (field.to_owned(), reason.to_owned())));
    let turned = Rule { effective_until: "2017-01-01".to_owned(), ..rule("*", 1, "2017-01-01") };
    assert_eq!(refused(set(&mut client, &turned).await).1, "RULE_DAYS_REVERSED");
}

async fn a_repeated_request_is_done_once_and_a_check_changes_nothing(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.rules("4205*");
    let mut request = setting(&rule("4205*", 22, "2017-01-01"));
    let check = SetRuleRequest { validate_only: true, ..request.clone() };
    let checked = client.set_rule(check).await.unwrap().into_inner().rule.unwrap();
    assert_eq!((&*checked.id, &*checked.etag, checked.value), ("", "", 22));
    assert_eq!(spans(&mut client, of_code("night_use")).await, []);
    let first = client.set_rule(request.clone()).await.unwrap().into_inner();
    assert_eq!(client.set_rule(request.clone()).await.unwrap().into_inner(), first);
    request.rule.as_mut().unwrap().value = 23;
    assert_eq!(refused(client.set_rule(request).await).1, "REQUEST_ID_REUSED");

    let request = ending(first.rule.as_ref().unwrap(), "2018-01-01");
    let check = EndRuleRequest { validate_only: true, ..request.clone() };
    let checked = client.end_rule(check).await.unwrap().into_inner().rule.unwrap();
    assert_eq!((&*checked.etag, &*checked.effective_until), ("", "2018-01-01"));
    assert_eq!(spans(&mut client, of_code("night_use")).await, [span(22, "2017-01-01", "")]);
    let ended = client.end_rule(request.clone()).await.unwrap().into_inner();
    assert_eq!(client.end_rule(request).await.unwrap().into_inner(), ended);
    assert_eq!(events(&db, "rule").await, 2);
}

async fn who_sets_a_rule_covers_its_regions(db: TestDb) {
    let house = House::new(&db).await;
    let made = set(&mut house.rules("4205*"), &rule("420506", 22, "2017-01-01")).await.unwrap();
    let denied = refusal(Code::PermissionDenied, "SCOPE_DENIED");
    let mut client = house.rules("420502");
    for region in ["*", "4205*", "420502*", "420506"] {
        assert_eq!(refused(set(&mut client, &rule(region, 1, "2017-01-01")).await), denied);
    }
    assert_eq!(refused(end(&mut client, &made, "2018-01-01").await), denied);
    set(&mut client, &rule("420502", 1, "2017-01-01")).await.unwrap();
    assert_eq!(get(&mut client, &made.id).await.unwrap(), made, "rules are no secret");
}

async fn a_regulation_is_not_relaxed_in_a_county(db: TestDb) {
    let house = House::new(&db).await;
    let (mut nation, mut city) = (house.rules("*"), house.rules("4205*"));
    let denied = refusal(Code::PermissionDenied, "SCOPE_DENIED");
    let certain = rule("*", 10, "2017-01-01");
    let ended = Rule { effective_until: "2018-01-01".to_owned(), ..certain.clone() };
    set(&mut nation, &ended).await.unwrap();
    let local = rule("4205*", 20, "2017-06-01");
    assert_eq!(refused(set(&mut city, &local).await), denied);
    // Nor is that of one case or kind, be it that it has none yet, but where none holds there is nothing to
    // relax.
    let kinds = |kind: &str| vec![kind.to_owned()];
    let of_kind = Rule { kinds: kinds("court"), ..local.clone() };
    assert_eq!(refused(set(&mut city, &of_kind).await), denied);
    let case = |case: &str, rule: Rule| Rule { case: case.to_owned(), ..rule };
    assert_eq!(refused(set(&mut city, &case("weekend", local.clone())).await), denied);
    set(&mut city, &rule("4205*", 20, "2018-01-01")).await.unwrap();
    set(&mut city, &case("weekend", rule("4205*", 20, "2018-01-01"))).await.unwrap();
    let before =
        Rule { effective_until: "2017-01-01".to_owned(), ..rule("4205*", 9, "2016-01-01") };
    set(&mut city, &before).await.unwrap();
    // Who answers for all of it may.
    set(&mut nation, &local).await.unwrap();
    let of_city = rule("420502", 20, "2017-06-01");
    assert_eq!(refused(set(&mut house.rules("420502"), &of_city).await), denied, "nor the city's");

    // Whichever kinds it names: an organization whose kind is not known is bound by every rule, and there
    // it would count. A default is made to be edited.
    let code = |code: &str, rule: Rule| Rule { code: code.to_owned(), ..rule };
    let courts = Rule { kinds: kinds("court"), ..code("courts", certain.clone()) };
    set(&mut nation, &courts).await.unwrap();
    let schools = Rule { kinds: kinds("school"), ..code("courts", local.clone()) };
    assert_eq!(refused(set(&mut city, &schools).await), denied);
    let all = code("courts", local.clone());
    assert_eq!(refused(set(&mut city, &all).await), denied);
    let confidence = RuleConfidence::EditableDefault.into();
    set(&mut nation, &Rule { confidence, ..code("default", certain) }).await.unwrap();
    set(&mut city, &code("default", local)).await.unwrap();
}

async fn what_a_rule_counts_is_settled(db: TestDb) {
    let mut client = House::new(&db).await.rules("*");
    let hours = rule("4205*", 22, "2017-01-01");
    set(&mut client, &hours).await.unwrap();
    let days = Rule { unit: RuleUnit::Day.into(), ..rule("420502", 22, "2019-01-01") };
    let error = set(&mut client, &days).await.unwrap_err();
    assert_eq!(faults(&error), [("rule.unit".to_owned(), "RULE_UNIT".to_owned())]);
    let case = |case: &str| Rule { case: case.to_owned(), ..days.clone() };
    // A case may be asked for before the rule without one: it counts the same.
    let error = set(&mut client, &case("weekend")).await.unwrap_err();
    assert_eq!(faults(&error), [("rule.unit".to_owned(), "RULE_UNIT".to_owned())]);
    let distances = |case: &str, unit: RuleUnit| Rule {
        code: "under_use".to_owned(),
        case: case.to_owned(),
        unit: unit.into(),
        ..days.clone()
    };
    set(&mut client, &distances("distance", RuleUnit::Metre)).await.unwrap();
    set(&mut client, &distances("distant", RuleUnit::BasisPoint)).await.unwrap();
    let error = set(&mut client, &distances("distance_car", RuleUnit::BasisPoint)).await;
    assert_eq!(faults(&error.unwrap_err()), [("rule.unit".to_owned(), "RULE_UNIT".to_owned())]);
    set(&mut client, &distances("distance_car", RuleUnit::Metre)).await.unwrap();
}

async fn each_unit_has_its_most(db: TestDb) {
    let mut client = House::new(&db).await.rules("*");
    for (unit, most) in [
        (RuleUnit::Year, 100),
        (RuleUnit::Month, 1_200),
        (RuleUnit::Day, 3_660),
        (RuleUnit::WorkingDay, 3_660),
        (RuleUnit::Hour, 8_760),
        (RuleUnit::Minute, 525_600),
        (RuleUnit::BasisPoint, 1_000_000),
        (RuleUnit::Fen, 100_000_000_000_000),
        (RuleUnit::None, 100_000_000_000_000),
    ] {
        let case = unit.as_str_name().to_lowercase();
        let of = |value| Rule {
            case: case.clone(),
            unit: unit.into(),
            ..rule("*", value, "2019-01-01")
        };
        for value in [-1, most + 1, i64::MAX] {
            let told = faults(&set(&mut client, &of(value)).await.unwrap_err());
            assert_eq!(told, [("rule.value".to_owned(), "OUT_OF_RANGE".to_owned())], "{case}");
        }
        assert_eq!(set(&mut client, &of(most)).await.unwrap().value, most);
    }
}

async fn lists_filter_and_come_in_pages(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.rules("4205*");
    for (region, value, from) in [
        ("4205*", 1, "2016-01-01"),
        ("4205*", 2, "2017-01-01"),
        ("420502", 3, "2017-01-01"),
        ("420506", 4, "2017-01-01"),
    ] {
        set(&mut client, &rule(region, value, from)).await.unwrap();
    }
    let weekend = Rule { case: "weekend".to_owned(), ..rule("4205*", 5, "2017-01-01") };
    set(&mut client, &weekend).await.unwrap();
    let values = async |request| {
        let spans = spans(&mut client.clone(), request).await;
        spans.into_iter().map(|(value, ..)| value).collect::<Vec<_>>()
    };
    let all = of_code("night_use");
    assert_eq!(values(all.clone()).await, [1, 2, 3, 4, 5]);
    let with = |change: fn(&mut ListRulesRequest)| {
        let mut request = all.clone();
        change(&mut request);
        request
    };
    assert_eq!(values(with(|it| it.on_date = "2016-12-31".to_owned())).await, [1]);
    assert_eq!(values(with(|it| it.on_date = "2017-01-01".to_owned())).await, [2, 3, 4, 5]);
    assert_eq!(values(with(|it| it.region = "420502".to_owned())).await, [1, 2, 3, 5]);
    assert_eq!(values(with(|it| it.region = "420500-01".to_owned())).await, [1, 2, 5]);
    assert_eq!(values(with(|it| it.case = "weekend".to_owned())).await, [5]);
    assert_eq!(values(of_code("nothing")).await, [0; 0]);
    let (mut request, mut found) = (ListRulesRequest { page_size: 2, ..all }, Vec::new());
    loop {
        let page = client.list_rules(request.clone()).await.unwrap().into_inner();
        found.extend(page.rules.into_iter().map(|it| it.value));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(found, [1, 2, 3, 4, 5]);
}

const SHIPPED: &str = r#"
    [[rule]]
    code = "holiday_sealing"
    value = 1
    unit = "count"
    from = 2013-01-01
    document = "《规定》"
    confidence = "editable_default"
    violation = "private_use"

    [[rule]]
    code = "holiday_sealing"
    value = 2
    unit = "count"
    from = 2017-01-01
    document = "《规定》"
    confidence = "editable_default"
"#;

async fn shipped_rules_are_loaded_once_and_what_people_set_stays(db: TestDb) {
    let house = House::new(&db).await;
    let now = house.clock.now();
    let mut client = house.rules("*");
    let sealing = of_code("holiday_sealing");
    for _ in 0..2 {
        steward_finding::prepare(db.db(), now, &[SHIPPED]).await.unwrap();
        let both = [span(1, "2013-01-01", "2017-01-01"), span(2, "2017-01-01", "")];
        assert_eq!(spans(&mut client, sealing.clone()).await, both);
    }
    let rules = client.list_rules(sealing.clone()).await.unwrap().into_inner().rules;
    assert!(rules.iter().all(|it| it.shipped && it.region == "*" && it.etag == "1"));
    assert_eq!(rules[0].violation, "private_use");

    // A release says something else of both; a person has changed one.
    let theirs = set(&mut client, &Rule { value: 7, ..rules[1].clone() }).await.unwrap();
    assert!(!theirs.shipped);
    let other = SHIPPED.replace("value = 1", "value = 3").replace("value = 2", "value = 4");
    steward_finding::prepare(db.db(), now, &[&other]).await.unwrap();
    let now_there = client.list_rules(sealing).await.unwrap().into_inner().rules;
    assert_eq!((now_there[0].value, &*now_there[0].etag, now_there[0].shipped), (3, "2", true));
    assert_eq!(now_there[1], theirs);
    assert!(steward_finding::prepare(db.db(), now, &["[[rule]]"]).await.is_err());
}

async fn shipped_rules_are_loaded_by_two_at_once(db: TestDb) {
    let now = test_clock().now();
    let (one, two) = (
        steward_finding::prepare(db.db(), now, &[SHIPPED, steward_finding::COMMON]),
        steward_finding::prepare(db.db(), now, &[SHIPPED, steward_finding::COMMON]),
    );
    let (one, two) = futures::join!(one, two);
    one.unwrap();
    two.unwrap();
    let mut client = House::new(&db).await.rules("*");
    assert_eq!(spans(&mut client, of_code("holiday_sealing")).await.len(), 2);
    assert_eq!(spans(&mut client, of_code("budget_exceeded")).await.len(), 2);
}

async fn those_set_at_once_follow_each_other(db: TestDb) {
    let house = House::new(&db).await;
    for round in 0..20 {
        let racers = (0..4).map(|racer| {
            let mut client = house.rules("*");
            let from = format!("2017-0{}-01", racer + 1);
            let rule = Rule { code: format!("of_round_{round}"), ..rule("*", racer, &from) };
            tokio::spawn(async move { set(&mut client, &rule).await.unwrap() })
        });
        for racer in futures::future::join_all(racers.collect::<Vec<_>>()).await {
            racer.unwrap();
        }
        let expected = [
            span(0, "2017-01-01", "2017-02-01"),
            span(1, "2017-02-01", "2017-03-01"),
            span(2, "2017-03-01", "2017-04-01"),
            span(3, "2017-04-01", ""),
        ];
        let mut client = house.rules("*");
        assert_eq!(spans(&mut client, of_code(&format!("of_round_{round}"))).await, expected);
    }
}
