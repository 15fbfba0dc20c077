use proptest::prelude::*;

use super::*;

fn region(text: &str) -> RegionCode {
    text.parse().unwrap()
}

fn pattern(text: &str) -> RegionPattern {
    text.parse().unwrap()
}

#[test]
fn reads_regions() {
    let own = region("420500");
    assert!(!own.is_local());
    assert_eq!(own.parent(), None);
    let local = region("420500-01");
    assert!(local.is_local());
    assert_eq!(local.parent(), Some(own));
    assert_eq!(local.to_string(), "420500-01");
    for text in [
        "",
        "42050",
        "4205000",
        "42050A",
        "420500-",
        "420500-1",
        "420500-001",
        "420500-00",
        "420500-0A",
        "-01",
        "420500-01-01",
        " 420500",
        "４２０５００",
        "4205*",
    ] {
        assert_eq!(text.parse::<RegionCode>(), Err(RegionError), "{text:?}");
    }
}

#[test]
fn reads_patterns() {
    for text in ["*", "42*", "4205*", "420500*", "420500", "420500-01"] {
        assert_eq!(pattern(text).to_string(), text);
    }
    for text in [
        "",
        "**",
        "4*",
        "420*",
        "42050*",
        "4205001*",
        "420500-*",
        "420500-01*",
        "4205",
        "*42",
        "4a*",
        "４２*",
    ] {
        assert_eq!(text.parse::<RegionPattern>(), Err(PatternError), "{text:?}");
    }
}

#[test]
fn the_own_level_is_not_the_whole_city() {
    for (text, matched) in [
        ("*", [true, true, true, true]),
        ("42*", [true, true, true, true]),
        ("4205*", [true, true, true, false]),
        ("420500*", [true, true, false, false]),
        ("420500", [true, false, false, false]),
        ("420500-01", [false, true, false, false]),
        ("43*", [false; 4]),
    ] {
        let regions = ["420500", "420500-01", "420583", "420600"].map(region);
        assert_eq!(regions.map(|region| pattern(text).matches(&region)), matched, "{text}");
    }
}

#[test]
fn covers_by_hand() {
    for (wide, narrow) in [
        ("*", "*"),
        ("*", "42*"),
        ("42*", "4205*"),
        ("4205*", "4205*"),
        ("4205*", "420500"),
        ("4205*", "420500-01"),
        ("420500*", "420500-01"),
        ("420500", "420500"),
    ] {
        assert!(pattern(wide).covers(&pattern(narrow)), "{wide} {narrow}");
    }
    for (narrow, wide) in [
        ("42*", "*"),
        ("420500", "*"),
        ("4205*", "42*"),
        ("4205*", "4206*"),
        ("4205*", "420600"),
        ("420500", "420500*"),
        ("420500", "420500-01"),
        ("420500-01", "420500"),
    ] {
        assert!(!pattern(narrow).covers(&pattern(wide)), "{narrow} {wide}");
    }
}

#[test]
fn bounds_by_hand() {
    let bounds = |text| pattern(text).bounds();
    assert_eq!(bounds("*"), None);
    assert_eq!(bounds("4205*"), Some(("4205".into(), "4205:".into())));
    assert_eq!(bounds("420500"), Some(("420500".into(), "420500\u{1}".into())));
    assert_eq!(pattern("420500").exact(), Some(&region("420500")));
    assert_eq!(pattern("4205*").exact(), None);
    assert_eq!(pattern("*").exact(), None);
}

#[test]
fn the_narrowest_pattern_around_two() {
    for (one, two, around) in [
        ("420502", "420502", "420502"),
        ("420502", "420506", "4205*"),
        ("420502", "420502-01", "420502*"),
        ("420502-01", "420502-02", "420502*"),
        ("420502", "4205*", "4205*"),
        ("4205*", "4206*", "42*"),
        ("420502", "421000", "42*"),
        ("420502", "410502", "*"),
        ("110000", "420502", "*"),
        ("420502", "*", "*"),
    ] {
        assert_eq!(pattern(one).around(&pattern(two)), pattern(around), "{one} {two}");
        assert_eq!(pattern(two).around(&pattern(one)), pattern(around), "{two} {one}");
    }
}

/// Few digits, so that regions and patterns often meet.
fn regions() -> impl Strategy<Value = RegionCode> {
    "(0|4|9)[29]0[59]0[09](-(01|02|99))?".prop_map(|text| region(&text))
}

fn patterns() -> impl Strategy<Value = RegionPattern> {
    let starred = (regions(), prop::sample::select(vec![0, 2, 4, 6]))
        .prop_map(|(region, digits)| pattern(&format!("{}*", &region.as_str()[..digits])));
    prop_oneof![starred, regions().prop_map(RegionPattern::Exact)]
}

/// Regions that tell any two patterns of [`patterns`] apart: for each pattern some that it
/// matches with every continuation of its digits.
fn witnesses(pattern: &RegionPattern) -> Vec<RegionCode> {
    let Some((from, _)) = pattern.bounds() else {
        return vec![region("110000"), region("650000")];
    };
    if let Some(code) = pattern.exact() {
        return vec![code.clone()];
    }
    ["000000", "999999"]
        .into_iter()
        .flat_map(|rest| {
            let code = format!("{from}{}", &rest[from.len()..]);
            [region(&code), region(&format!("{code}-01")), region(&format!("{code}-99"))]
        })
        .collect()
}

proptest! {
    #[test]
    fn bounds_say_what_matches_says(pattern in patterns(), region in regions()) {
        let inside = pattern.bounds().is_none_or(|(from, until)| {
            from.as_str() <= region.as_str() && region.as_str() < until.as_str()
        });
        prop_assert_eq!(inside, pattern.matches(&region));
    }

    #[test]
    fn covering_is_matching_all(wide in patterns(), narrow in patterns()) {
        let all = witnesses(&narrow).iter().all(|region| wide.matches(region));
        prop_assert_eq!(wide.covers(&narrow), all);
    }

    #[test]
    fn patterns_round_trip(one in patterns()) {
        prop_assert_eq!(pattern(&one.to_string()), one);
    }
}
