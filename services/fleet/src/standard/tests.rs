//! The shipped rules, by table.

use steward_chassis::resource::unlike;
use steward_finding::rule::Rules;
use steward_kernel::{Fen, Named as _};

use super::{
    Body, CODES, Category, Keeping, LeaderRank, Needs, PowerSource, READ, Source, Subject, check,
};

const ORGAN: Option<&str> = Some("administrative_organ");
const INSTITUTION: Option<&str> = Some("public_institution");
const NONE: Needs = Needs { special: false, work: false };
const WORK: Needs = Needs { special: false, work: true };
const SPECIAL: Needs = Needs { special: true, work: false };

fn shipped() -> Rules {
    Rules::of_texts(crate::RULES).unwrap()
}

/// A vehicle that keeps to every standard there is.
fn subject(kind: Option<&str>, day: &str, category: Category, body: Body) -> Subject {
    Subject {
        category,
        body,
        power_source: PowerSource::Petrol,
        displacement_ml: 1598,
        price: Fen::new(11_900_000),
        price_before_tax: Fen::ZERO,
        needs: NONE,
        domestic: Some(true),
        source: Some(Source::Purchase),
        keeping: Keeping::default(),
        subsidised: false,
        rank: None,
        region: "420502".parse().unwrap(),
        kind: kind.map(str::to_owned),
        acquired_on: day.parse().unwrap(),
        seen_on: "2026-01-05".parse().unwrap(),
    }
}

/// The codes that are broken, with what was seen and the limit.
fn broken(rules: &Rules, subject: &Subject) -> Vec<(String, i64, i64)> {
    let broken = check(rules, subject).into_iter();
    broken.map(|it| (it.rule.code, it.observed, it.limit)).collect()
}

/// Day, kind, category, body, what drives it, needs; the caps of price (yuan) and displacement
/// (millilitres), 0 = none.
type Row = (&'static str, Option<&'static str>, Category, Body, PowerSource, Needs, i64, i32);

#[rustfmt::skip]
fn table() -> Vec<Row> {
    use Body::{Car, LargeBus, Lorry, MediumBus, OffRoad, SmallBus};
    use Category::{Confidential, Emergency, Enforcement, General, Other, Special};
    use PowerSource::{Diesel, Electric, FuelCell, Petrol, PlugInHybrid};
    let mut rows = Vec::new();
    for (day, kind) in [("2017-12-05", ORGAN), ("2025-06-01", ORGAN), ("2017-12-05", INSTITUTION),
        ("2023-09-20", INSTITUTION), ("2023-09-21", INSTITUTION), ("2018-01-01", None)] {
        rows.extend([
            (day, kind, Confidential, Car, Petrol, NONE, 120_000, 1600),
            (day, kind, Confidential, SmallBus, Petrol, NONE, 120_000, 1600),
            // Confidential vehicles know neither special circumstances nor needs of work.
            (day, kind, Confidential, SmallBus, Petrol, SPECIAL, 120_000, 1600),
            (day, kind, Confidential, Car, Petrol, WORK, 120_000, 1600),
            (day, kind, Emergency, Car, Petrol, NONE, 180_000, 1800),
            (day, kind, Emergency, SmallBus, Diesel, NONE, 180_000, 1800),
            (day, kind, Other, Car, Petrol, NONE, 180_000, 1800),
            // Special circumstances are no reason for a better car.
            (day, kind, Emergency, Car, Petrol, SPECIAL, 180_000, 1800),
            (day, kind, Emergency, SmallBus, Petrol, SPECIAL, 250_000, 3000),
            (day, kind, Other, MediumBus, Diesel, SPECIAL, 250_000, 3000),
            (day, kind, Other, OffRoad, Petrol, SPECIAL, 250_000, 3000),
            (day, kind, Emergency, Lorry, Diesel, SPECIAL, 250_000, 3000),
            (day, kind, Other, Body::Other, Diesel, SPECIAL, 250_000, 3000),
            (day, kind, Emergency, LargeBus, Diesel, SPECIAL, 450_000, 0),
            (day, kind, Confidential, Car, Electric, NONE, 180_000, 0),
            (day, kind, Emergency, Car, PlugInHybrid, NONE, 180_000, 0),
            (day, kind, Other, Car, FuelCell, SPECIAL, 180_000, 0),
            // A new-energy vehicle that is no car has the cap of its like.
            (day, kind, Emergency, SmallBus, PlugInHybrid, NONE, 180_000, 1800),
            (day, kind, Special, Car, Petrol, NONE, 0, 0),
            (day, kind, Special, LargeBus, Diesel, NONE, 0, 0),
        ]);
    }
    for (day, kind) in [("2017-12-05", ORGAN), ("2025-06-01", ORGAN), ("2017-12-05", INSTITUTION),
        ("2023-09-20", INSTITUTION), ("2023-09-21", INSTITUTION)] {
        rows.extend([
            (day, kind, Enforcement, Car, Petrol, NONE, 120_000, 1600),
            (day, kind, Enforcement, SmallBus, Petrol, WORK, 180_000, 1800),
            (day, kind, Enforcement, Car, Petrol, WORK, 180_000, 1800),
            (day, kind, Enforcement, SmallBus, Petrol, SPECIAL, 250_000, 3000),
            (day, kind, Enforcement, LargeBus, Petrol, SPECIAL, 450_000, 0),
            (day, kind, Enforcement, Car, Electric, NONE, 180_000, 0),
        ]);
    }
    for (day, price, ml) in [("2011-01-06", 180_000, 1800), ("2017-12-04", 180_000, 1800),
        ("2004-01-01", 250_000, 2000), ("2011-01-05", 250_000, 2000), ("2003-12-31", 0, 0)] {
        let confidential = if price == 180_000 { (120_000, 1600) } else { (price, ml) };
        let enforcement = if price == 180_000 { (price, ml) } else { (0, 0) };
        rows.extend([
            (day, ORGAN, General, Car, Petrol, NONE, price, ml),
            (day, ORGAN, Emergency, Car, Petrol, NONE, price, ml),
            (day, ORGAN, Confidential, Car, Petrol, NONE, confidential.0, confidential.1),
            // Before 2017 only cars had caps, and electric ones no cap of their own.
            (day, ORGAN, Emergency, SmallBus, Petrol, NONE, 0, 0),
            (day, ORGAN, Emergency, LargeBus, Petrol, NONE, 0, 0),
            (day, ORGAN, Emergency, OffRoad, Petrol, SPECIAL, 0, 0),
            (day, ORGAN, Emergency, Car, Electric, NONE, price, 0),
            // In 2011 it followed that of general ones, but for the needs of work; before it had none.
            (day, ORGAN, Enforcement, Car, Petrol, NONE, enforcement.0, enforcement.1),
            (day, ORGAN, Enforcement, Car, Petrol, WORK, 0, 0),
            (day, ORGAN, Enforcement, SmallBus, Petrol, NONE, 0, 0),
            (day, INSTITUTION, Emergency, Car, Petrol, NONE, 0, 0),
        ]);
    }
    rows
}

#[test]
fn what_is_at_a_cap_passes_and_what_is_above_does_not() {
    let rules = shipped();
    for row in table() {
        let (day, kind, category, body, power_source, needs, yuan, ml) = row;
        let plain = Subject {
            power_source,
            needs,
            displacement_ml: 0,
            price: Fen::ZERO,
            ..subject(kind, day, category, body)
        };
        assert_eq!(broken(&rules, &plain), [], "{row:?}: what is not known breaks nothing");
        let cap = yuan * 100;
        for fen in [1, cap - 1, cap, cap + 1, 99_999_999_999] {
            let it = Subject { price: Fen::new(fen), ..plain.clone() };
            let over = cap > 0 && fen > cap;
            let want = over.then(|| ("vehicle_price_cap".to_owned(), fen, cap));
            assert_eq!(broken(&rules, &it), Vec::from_iter(want), "{row:?} {fen}");
        }
        if power_source == PowerSource::Electric || power_source == PowerSource::FuelCell {
            continue;
        }
        for now in [1, ml - 1, ml, ml + 1, 20_000] {
            let it = Subject { displacement_ml: now, ..plain.clone() };
            let over = ml > 0 && now > ml;
            let seen = || ("vehicle_displacement_cap".to_owned(), now.into(), ml.into());
            assert_eq!(broken(&rules, &it), Vec::from_iter(over.then(seen)), "{row:?} {now}");
        }
    }
}

#[test]
fn what_only_special_circumstances_allow_needs_them() {
    let rules = shipped();
    let day = "2018-03-01";
    for body in [Body::OffRoad, Body::MediumBus, Body::LargeBus, Body::Lorry, Body::Other] {
        for category in [Category::Emergency, Category::Other, Category::Enforcement] {
            let it = subject(ORGAN, day, category, body);
            let want = [("vehicle_body".to_owned(), 1, 0)];
            assert_eq!(broken(&rules, &it), want, "{category:?} {body:?}");
            let needed = Subject { needs: SPECIAL, ..it };
            assert_eq!(broken(&rules, &needed), [], "{category:?} {body:?}");
        }
        let it = Subject { needs: SPECIAL, ..subject(ORGAN, day, Category::Confidential, body) };
        assert_eq!(broken(&rules, &it).len(), 1, "confidential {body:?}");
        assert_eq!(broken(&rules, &subject(ORGAN, day, Category::Special, body)), []);
    }
    // In 2011 of off-road vehicles alone, and for nobody before.
    let then = |day, body| broken(&rules, &subject(ORGAN, day, Category::Emergency, body)).len();
    for (day, off_road) in [("2011-01-05", 0), ("2011-01-06", 1), ("2017-12-04", 1)] {
        assert_eq!((then(day, Body::OffRoad), then(day, Body::Lorry)), (off_road, 0), "{day}");
    }
}

#[test]
fn leaders_had_caps_of_their_own() {
    let rules = shipped();
    for (day, rank, price, ml) in [
        ("2004-01-01", LeaderRank::Minister, 45_000_000, 3000),
        ("2011-01-05", LeaderRank::Minister, 45_000_000, 3000),
        ("2004-01-01", LeaderRank::ViceMinister, 35_000_000, 3000),
        ("2011-01-05", LeaderRank::ViceMinister, 35_000_000, 3000),
        // Those rows have ended: the rank is no reason for more.
        ("2011-01-06", LeaderRank::Minister, 18_000_000, 1800),
        ("2017-12-05", LeaderRank::ViceMinister, 18_000_000, 1800),
    ] {
        let car = Subject {
            rank: Some(rank),
            price: Fen::ZERO,
            displacement_ml: 0,
            ..subject(ORGAN, day, Category::Emergency, Body::Car)
        };
        for more in [-1, 0, 1] {
            let dear = Subject { price: Fen::new(price + more), ..car.clone() };
            assert_eq!(broken(&rules, &dear).len(), usize::from(more > 0), "{day} {rank:?}");
            let big = Subject { displacement_ml: ml + i32::try_from(more).unwrap(), ..car.clone() };
            assert_eq!(broken(&rules, &big).len(), usize::from(more > 0), "{day} {rank:?}");
        }
        let bus = Subject { rank: Some(rank), price: Fen::new(90_000_000), ..car };
        let bus = Subject { body: Body::SmallBus, ..bus };
        let over = usize::from(day >= "2017-12-05");
        assert_eq!(broken(&rules, &bus).len(), over, "they are caps of cars");
    }
}

#[test]
fn the_category_that_was_abolished_is_no_more() {
    let rules = shipped();
    for kind in [ORGAN, INSTITUTION] {
        let of = |day| broken(&rules, &subject(kind, day, Category::General, Body::Car));
        assert_eq!(of("2017-12-04"), []);
        assert_eq!(of("2017-12-05"), [("vehicle_category".to_owned(), 1, 0)]);
        assert_eq!(of("2024-01-01"), [("vehicle_category".to_owned(), 1, 0)]);
    }
}

#[test]
fn how_a_vehicle_came_and_is_kept_is_judged() {
    let rules = shipped();
    let codes =
        |it: &Subject| broken(&rules, it).into_iter().map(|(code, ..)| code).collect::<Vec<_>>();
    let plain = subject(ORGAN, "2018-03-01", Category::Emergency, Body::Car);
    for source in Source::ALL {
        let want = matches!(source, Source::Donation | Source::Borrowed);
        let it = Subject { source: Some(*source), ..plain.clone() };
        assert_eq!(codes(&it) == ["acquisition_source"], want, "{source:?}");
        assert_eq!(codes(&it).is_empty(), !want, "{source:?}");
    }
    let foreign = Subject { domestic: Some(false), ..plain.clone() };
    assert_eq!(codes(&foreign), ["domestic_brand"]);
    assert_eq!(codes(&Subject { domestic: None, source: None, ..plain.clone() }), [""; 0]);
    let keeping = Keeping { owner_elsewhere: true, luxury: true, ..Keeping::default() };
    let kept = Subject { keeping, ..plain.clone() };
    assert_eq!(codes(&kept), ["registered_owner", "luxury_fitout"]);
    let fixed = Keeping { fixed: true, ..Keeping::default() };
    for (category, body, want) in [
        (Category::Emergency, Body::Car, false),
        (Category::Confidential, Body::Car, true),
        (Category::Enforcement, Body::Car, true),
        (Category::Special, Body::OffRoad, true),
        (Category::Special, Body::Car, false),
    ] {
        let it = Subject { keeping: fixed, ..subject(ORGAN, "2018-03-01", category, body) };
        let want = if want { vec!["vehicle_fixed"] } else { Vec::new() };
        assert_eq!(codes(&it), want, "{category:?} {body:?}");
    }
    let subsidised = Subject { keeping: fixed, subsidised: true, ..plain.clone() };
    assert_eq!(codes(&subsidised), ["subsidy_and_vehicle"]);
    // How it is kept, the rules of today say, however old it is.
    let old = Subject { keeping, ..subject(ORGAN, "1998-03-01", Category::Emergency, Body::Car) };
    assert_eq!(codes(&old), ["registered_owner", "luxury_fitout"]);
}

#[test]
fn several_broken_rules_are_all_told() {
    let rules = shipped();
    let it = Subject {
        price: Fen::new(19_000_000),
        displacement_ml: 1998,
        domestic: Some(false),
        source: Some(Source::Borrowed),
        keeping: Keeping { owner_elsewhere: true, luxury: true, fixed: true },
        subsidised: true,
        ..subject(ORGAN, "2018-03-01", Category::Confidential, Body::Car)
    };
    let all = check(&rules, &it);
    assert_eq!(all.len(), 8);
    let price = &all[0];
    assert_eq!(price.detail, "机要通信用车价格 190000.00 元,超过标准 120000.00 元");
    assert_eq!(price.rule.legal_basis(), "《党政机关公务用车管理办法》(中办发〔2017〕71号)第二章");
    assert_eq!(price.rule.violation, "over_standard");
    assert_eq!(all[1].detail, "机要通信用车排气量 1.998 升,超过标准 1.600 升");
    assert!(all.iter().all(|it| CODES.contains(&&*it.rule.code)));
}

#[test]
fn the_price_that_counts_is_a_rule_too() {
    let rules = shipped();
    let of = |kind, price, before_tax| {
        let it = Subject {
            price: Fen::new(price),
            price_before_tax: Fen::new(before_tax),
            ..subject(kind, "2024-03-01", Category::Emergency, Body::Car)
        };
        broken(&rules, &it).len()
    };
    // The measure of institutions says that the purchase tax is not in its caps; that of organs does not.
    for (kind, price, before_tax, count) in [
        (ORGAN, 19_000_000, 17_500_000, 1),
        (INSTITUTION, 19_000_000, 17_500_000, 0),
        (INSTITUTION, 19_000_000, 18_000_001, 1),
        (INSTITUTION, 19_000_000, 0, 1),
        // The tax is a tenth: what is lower than it can make the price is not believed.
        (INSTITUTION, 19_250_000, 17_500_000, 0),
        (INSTITUTION, 19_250_001, 17_500_000, 1),
        (INSTITUTION, 30_000_000, 1, 1),
        // Only the one is known.
        (INSTITUTION, 0, 18_000_000, 0),
        (INSTITUTION, 0, 18_000_001, 1),
        (ORGAN, 0, 18_000_001, 0),
        (INSTITUTION, 18_000_000, 0, 0),
    ] {
        assert_eq!(of(kind, price, before_tax), count, "{kind:?} {price} {before_tax}");
    }
}

#[test]
fn every_shipped_rule_is_whole() {
    let rules = shipped();
    assert!(rules.iter().count() > 100);
    for code in READ {
        assert!(rules.iter().any(|rule| rule.code == code), "{code}");
    }
    for rule in rules.iter() {
        assert!(!rule.document.is_empty());
        for kind in &rule.kinds {
            let api = unlike::<Category>("steward.directory.v1.OrganizationKind");
            let name = format!("ORGANIZATION_KIND_{}", kind.to_uppercase());
            assert!(api.iter().any(|value| value.starts_with(&format!("{name} ="))), "{kind}");
        }
    }
}

/// The nine violations of the measures (第二十六条), and the flags of accounts by vehicle, each with the
/// rules that find it. What people find beside they open by hand.
#[test]
fn every_violation_has_rules_that_find_it() {
    let rules = shipped();
    for (violation, codes) in [
        ("over_establishment", &["establishment"][..]),
        (
            "over_standard",
            &["vehicle_price_cap", "vehicle_displacement_cap", "vehicle_body", "vehicle_category"],
        ),
        ("registered_elsewhere", &["registered_owner"]),
        ("private_use", &["subsidy_and_vehicle", "holiday_trip"]),
        ("swapped_or_borrowed", &["acquisition_source"]),
        ("diverted_or_fixed", &["vehicle_fixed"]),
        ("luxury_fitout", &["luxury_fitout"]),
        ("padded_or_foreign_costs", &["unknown_vehicle", "card_mismatch", "fill_over_tank"]),
        ("irregular_disposal", &["disposal_below_appraisal"]),
        ("other", &["unapproved_acquisition", "odometer_backwards", "trip_overlap"]),
    ] {
        for code in codes {
            let is_there = rules.iter().any(|it| it.code == *code && it.violation == violation);
            assert!(is_there, "{violation}: {code}");
        }
    }
    // 倒表、超油箱、卡号不符、无派车、节假日无派车单、非定点、重叠、无对应车辆
    for code in [
        "odometer_backwards",
        "fill_over_tank",
        "card_mismatch",
        "trip_unapproved",
        "holiday_trip",
        "station_outside",
        "trip_overlap",
        "unknown_vehicle",
    ] {
        assert!(rules.iter().any(|it| it.code == code), "{code}");
    }
}

#[test]
fn every_rule_has_a_title() {
    let rules = shipped();
    let untitled: Vec<_> =
        rules.iter().filter(|it| it.title.is_empty()).map(|it| &it.code).collect();
    assert_eq!(untitled, [""; 0]);
}
