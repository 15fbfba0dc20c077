//! The choice of a rule, and loading what is shipped.

use chrono::DateTime;
use proptest::prelude::*;

use super::shipped::{due, read};
use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rule(region: &str, kinds: &[&str], value: i64, from: &str, until: &str) -> Rule {
    Rule {
        id: RuleId::new(DateTime::UNIX_EPOCH),
        code: "cap".to_owned(),
        case: String::new(),
        title: String::new(),
        region: region.parse().unwrap(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        value,
        unit: "fen".to_owned(),
        effective_from: day(from),
        effective_until: (!until.is_empty()).then(|| day(until)),
        document: "《办法》".to_owned(),
        article: "第九条".to_owned(),
        confidence: Confidence::High,
        note: String::new(),
        violation: String::new(),
        shipped: true,
        update_time: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

#[test]
fn the_rule_of_the_day_the_place_and_the_kind_is_found() {
    let rules = Rules::new(vec![
        rule("*", &[], 1, "2004-01-01", "2011-01-06"),
        rule("*", &[], 2, "2011-01-06", ""),
        rule("42*", &[], 3, "2012-01-01", "2018-01-01"),
        rule("4205*", &["court", "party_organ"], 4, "2013-01-01", ""),
        rule("4205*", &[], 5, "2013-01-01", "2016-01-01"),
        rule("420502", &["public_institution"], 6, "2014-01-01", ""),
    ]);
    let court = Some("court");
    for (region, kind, on, value) in [
        ("420502", court, "2003-12-31", None),
        ("420502", court, "2004-01-01", Some(1)),
        ("420502", court, "2011-01-05", Some(1)),
        ("420502", court, "2011-01-06", Some(2)),
        ("420502", court, "2012-01-01", Some(3)),
        ("110000", court, "2012-01-01", Some(2)),
        ("420502", court, "2013-01-01", Some(4)),
        ("420500-01", court, "2013-01-01", Some(4)),
        ("420502", Some("school"), "2013-01-01", Some(5)),
        ("420502", Some("school"), "2016-01-01", Some(3)),
        ("420502", Some("school"), "2018-01-01", Some(2)),
        ("420502", Some("public_institution"), "2014-01-01", Some(6)),
        ("420502", court, "2014-01-01", Some(4)),
        ("420506", Some("public_institution"), "2014-01-01", Some(5)),
        ("420502", None, "2013-12-31", Some(5)),
        ("420502", None, "2014-01-01", Some(6)),
        ("420506", None, "2017-01-01", Some(4)),
    ] {
        let region = region.parse().unwrap();
        let found = rules.find("cap", "", &region, kind, day(on));
        assert_eq!(found.map(|rule| rule.value), value, "{region} {kind:?} {on}");
    }
    let (region, today) = ("420502".parse().unwrap(), day("2017-06-15"));
    assert_eq!(rules.find("cap", "other", &region, None, today), None);
    assert_eq!(rules.find("other", "", &region, None, today), None);
}

const REGIONS: [&str; 6] = ["*", "42*", "4205*", "420502*", "420502", "420506"];
const KINDS: [&[&str]; 4] = [&[], &["court"], &["school"], &["court", "school"]];

fn some_rule() -> impl Strategy<Value = Rule> {
    let days = 0..40_i64;
    (0..REGIONS.len(), 0..KINDS.len(), days, prop::option::of(1..40_i64)).prop_map(
        |(region, kinds, from, length)| {
            let from = day("2017-01-01") + chrono::TimeDelta::days(from);
            let until = length.map(|days| from + chrono::TimeDelta::days(days));
            let until = until.map(|day| day.to_string()).unwrap_or_default();
            rule(REGIONS[region], KINDS[kinds], 1, &from.to_string(), &until)
        },
    )
}

proptest! {
    #[test]
    fn what_is_found_holds_and_nothing_narrower_does(
        rules in prop::collection::vec(some_rule(), 0..12),
        on in 0..60_i64,
        kind in prop::option::of(prop::sample::select(vec!["court", "school", "party_organ"])),
    ) {
        let (on, region) = (day("2017-01-01") + chrono::TimeDelta::days(on), "420502".parse().unwrap());
        let rules = Rules::new(rules);
        let holds = |rule: &&Rule| {
            rule.holds_on(on)
                && rule.region.matches(&region)
                && (rule.kinds.is_empty() || kind.is_none_or(|kind| rule.names(kind)))
        };
        let found = rules.find("cap", "", &region, kind, on);
        prop_assert_eq!(found.is_some(), rules.iter().any(|rule| holds(&rule)));
        if let Some(found) = found {
            prop_assert!(holds(&found));
            for other in rules.iter().filter(holds) {
                let narrower = found.region != other.region && found.region.covers(&other.region);
                prop_assert!(!narrower, "{} before {}", found.region, other.region);
            }
        }
    }

    #[test]
    fn a_region_belongs_to_its_patterns_and_no_others(text in "42[0-9]{4}(-0[1-9])?") {
        let region: RegionCode = text.parse().unwrap();
        for pattern in patterns(&region) {
            prop_assert!(pattern.parse::<RegionPattern>().unwrap().matches(&region));
        }
        prop_assert_eq!(patterns(&region).len(), 5);
    }
}

const TEXT: &str = r#"
    [titles]
    cap = "限额"

    [[rule]]
    code = "cap"
    value = 1
    unit = "fen"
    from = 2011-01-06
    document = "《旧办法》"
    confidence = "medium"

    [[rule]]
    code = "cap"
    kinds = ["party_organ", "court"]
    value = 7
    unit = "fen"
    from = "2012-01-01"
    document = "《规定》"
    confidence = "editable_default"

    [[rule]]
    code = "cap"
    value = 2
    unit = "fen"
    from = 2017-12-05
    document = "《办法》"
    article = "第九条"
    confidence = "high"
    violation = "over_standard"
"#;

#[test]
fn a_shipped_rule_holds_until_the_next_one() {
    let rules = read(&[TEXT], DateTime::UNIX_EPOCH).unwrap();
    let spans: Vec<_> =
        rules.iter().map(|it| (it.value, it.effective_from, it.effective_until)).collect();
    assert_eq!(
        spans,
        [
            (1, day("2011-01-06"), Some(day("2017-12-05"))),
            (2, day("2017-12-05"), None),
            (7, day("2012-01-01"), None),
        ]
    );
    assert_eq!(rules[1].legal_basis(), "《办法》第九条");
    assert_eq!(rules[2].kinds, ["court", "party_organ"], "sorted");
    assert!(rules.iter().all(|it| it.title == "限额"));
    for (from, to) in [
        ("unit = \"fen\"", "unit = \"yuan\""),
        ("from = 2017-12-05", "from = 2011-01-06"),
        ("from = 2011-01-06", "from = 2011-01-06\nuntil = 2018-01-01"),
        ("from = 2011-01-06", "from = 2011-01-06\nuntil = 2011-01-06"),
        ("confidence = \"high\"", "confidence = \"sure\""),
        ("code = \"cap\"", "code = \"Cap\""),
        ("document = \"《办法》\"", "document = \"\""),
        ("value = 2", "value = 2\nregion = \"宜昌\""),
        ("value = 2", "value = 2\nnumber = 3"),
        // What the document says is no place in it.
        ("第九条", "单车核算"),
        ("第九条", "运行管理:定点加油、一车一卡"),
        ("第九条", "条例第九条"),
        ("第九条", "第九条、第十条"),
        ("第九条", "第条"),
        ("第九条", "第二款"),
        ("第九条", "附件"),
    ] {
        assert!(read(&[&TEXT.replace(from, to)], DateTime::UNIX_EPOCH).is_err(), "{to}");
    }
    for place in ["", "第二十六条", "第二章", "第一百零三条", "第九条第二款", "附件1"]
    {
        let text = TEXT.replace("第九条", place);
        assert!(Rules::of_texts(&[crate::COMMON, &text]).is_ok(), "{place}");
    }
}

#[test]
fn what_people_set_stays() {
    let shipped = || read(&[TEXT], DateTime::UNIX_EPOCH).unwrap();
    let first = due(&[], shipped());
    assert_eq!((first.new.len(), first.changed.len()), (3, 0));
    let there = first.new;
    assert_eq!(due(&there, shipped()), shipped::Due::default(), "there is nothing left to do");

    // A release that says something else changes what nobody touched.
    let says = |rules: Vec<Rule>| rules.into_iter().map(|it| (it.id, it.value, it.version));
    let other = TEXT.replace("value = 2", "value = 3");
    let changed = due(&there, read(&[&other], DateTime::UNIX_EPOCH).unwrap());
    assert_eq!(changed.new, []);
    assert_eq!(says(changed.changed).collect::<Vec<_>>(), [(there[1].id, 3, 2)]);

    // What a person set holds from 2015 on: neither what is shipped there nor what follows is put in.
    let cut = Rule { effective_until: Some(day("2015-01-01")), shipped: false, ..there[0].clone() };
    let theirs = Rule {
        effective_from: day("2015-01-01"),
        effective_until: None,
        shipped: false,
        ..there[0].clone()
    };
    assert_eq!(due(&[cut, theirs, there[2].clone()], shipped()), shipped::Due::default());
}
