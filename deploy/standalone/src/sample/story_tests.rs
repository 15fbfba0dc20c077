//! The story is in the figures: each sentence of the module's comment is held here.

use std::collections::BTreeMap;

use chrono::Datelike;
use steward_kernel::Month;

use super::regions::{COLD_WINTER, NEW_WING, REGIONS};
use super::*;

type Sums = BTreeMap<String, [i64; 2]>;

/// Expenditure of both years by some key, in fen.
fn sums(city: &City, key: impl Fn(&Cost) -> Option<String>) -> Sums {
    let mut sums = Sums::new();
    for cost in city.costs.iter().filter(|cost| !cost.category.ends_with("_proceeds")) {
        if let Some(key) = key(cost) {
            let year = usize::try_from(cost.day.year() - 2012).unwrap();
            sums.entry(key).or_default()[year] += cost.fen;
        }
    }
    sums
}

/// The change in permille.
fn change([before, after]: [i64; 2]) -> i64 {
    (after - before) * 1_000 / before
}

fn region_of(city: &City, cost: &Cost) -> &'static str {
    city.organizations[cost.organization].region
}

#[test]
fn the_same_city_every_time() {
    let (one, two) = (City::new(), City::new());
    assert_eq!(one.costs, two.costs);
    assert_eq!(one.zeros, two.zeros);
}

#[test]
fn its_size_is_that_of_a_city_and_loads_in_seconds() {
    let city = City::new();
    assert!((20_000..=30_000).contains(&city.costs.len()), "{} costs", city.costs.len());
    assert!((50..=600).contains(&city.zeros.len()), "{} zeros", city.zeros.len());
    let total = sums(&city, |_| Some(String::new()))[""];
    assert!((20_000_000_000..=40_000_000_000).contains(&total[0]), "{total:?} fen");
    assert!((-90..=-50).contains(&change(total)), "{total:?}: {} permille", change(total));
}

#[test]
fn every_domain_moves_as_told() {
    let city = City::new();
    let domains = sums(&city, |cost| Some(cost.domain.to_owned()));
    let told = [("fleet", -180..=-100), ("property", -150..=-30), ("maintenance", -40..=-5)];
    for (domain, range) in told {
        let change = change(domains[domain]);
        assert!(range.contains(&change), "{domain}: {change} permille of {:?}", domains[domain]);
    }
    let energy = change(domains["energy"]);
    assert!((-40..=-5).contains(&energy), "energy: {energy} permille of {:?}", domains["energy"]);
}

#[test]
fn categories_move_as_told() {
    let city = City::new();
    let by = sums(&city, |cost| Some(cost.category.to_owned()));
    for falls in ["vehicle_fuel", "vehicle_purchase", "rent", "electricity", "water"] {
        assert!(change(by[falls]) < 0, "{falls}: {:?}", by[falls]);
    }
    for rises in ["epc_payment", "property_management"] {
        assert!(change(by[rises]) > 0, "{rises}: {:?}", by[rises]);
    }
    assert!(change(by["vehicle_purchase"]) < -350, "{:?}", by["vehicle_purchase"]);
}

#[test]
fn two_regions_rise_and_the_others_fall() {
    let city = City::new();
    let regions = sums(&city, |cost| Some(region_of(&city, cost).to_owned()));
    for region in &REGIONS {
        let change = change(regions[region.code]);
        let rises = [COLD_WINTER, NEW_WING].contains(&region.code);
        assert_eq!(change > 0, rises, "{}: {change} permille", region.code);
    }
}

#[test]
fn maintenance_falls_in_the_city_and_rises_in_some_counties() {
    let city = City::new();
    let by = sums(&city, |cost| {
        (cost.domain == "maintenance").then(|| region_of(&city, cost).to_owned())
    });
    assert!(change(by["420500"]) < -30);
    let rising = by.values().filter(|sums| change(**sums) > 0).count();
    assert!((4..=9).contains(&rising), "{rising} regions rise");
}

#[test]
fn lighting_saves_power_in_the_seventy() {
    let city = City::new();
    let by = sums(&city, |cost| {
        let of = &city.organizations[cost.organization];
        (cost.category == "electricity" && of.region != COLD_WINTER)
            .then(|| of.epc_after.is_some().to_string())
    });
    assert!(change(by["true"]) < -80, "{by:?}");
    assert!(change(by["true"]) < change(by["false"]) - 50, "{by:?}");
}

#[test]
fn every_organization_reports_every_month() {
    let city = City::new();
    let mut reported: BTreeSet<_> =
        city.zeros.iter().map(|zero| (zero.domain, zero.organization, zero.month)).collect();
    let zeros = reported.len();
    assert_eq!(zeros, city.zeros.len());
    for cost in &city.costs {
        for month in covers(cost) {
            let fresh = reported.insert((cost.domain, cost.organization, month));
            assert!(
                !fresh
                    || !city.zeros.iter().any(|z| z.month == month
                        && z.organization == cost.organization
                        && z.domain == cost.domain)
            );
        }
    }
    let first = Month::new(2012, 1).unwrap();
    for domain in DOMAINS {
        for organization in 0..200 {
            for plus in 0..24 {
                let key = (domain, organization, first.plus(plus));
                assert!(reported.contains(&key), "{key:?}");
            }
        }
    }
}

#[test]
fn documents_are_unique_and_one_is_suspected_in_two_domains() {
    let city = City::new();
    let mut keys = BTreeSet::new();
    let mut across: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for cost in &city.costs {
        let document = (cost.organization, cost.document_no.clone());
        assert!(keys.insert((cost.domain, document.clone())), "{cost:?}");
        across.entry((document, cost.fen)).or_default().insert(cost.domain);
        assert!(cost.fen > 0 && cost.quantity.is_none_or(|quantity| quantity > 0), "{cost:?}");
    }
    assert_eq!(across.values().filter(|domains| domains.len() > 1).count(), 1);
}

#[test]
fn the_bureau_pays_for_the_compound() {
    let city = City::new();
    assert_eq!(city.organizations.len(), 200);
    let paid: Vec<_> = city.costs.iter().filter(|cost| cost.paid_by_bureau).collect();
    assert!(paid.len() > 1_000);
    assert!(paid.iter().all(|cost| city.organizations[cost.organization].in_compound));
}

#[test]
fn rent_is_paid_in_january_for_the_year() {
    let city = City::new();
    let rents: Vec<_> = city.costs.iter().filter(|cost| cost.category == "rent").collect();
    assert!(rents.iter().all(|rent| rent.day.month() == 1 && rent.service.is_some()));
    let half = rents.iter().filter(|rent| rent.service.unwrap().1.year() == 2013).count();
    assert!(half * 4 > rents.len());
}
