//! Reports that are summed up from single costs, for tests: every grouping adds up.

use std::collections::BTreeMap;

use steward_kernel::{Month, per_head};

use super::fixture;
use super::view::{Comparison, MonthPeriod, PerHead, Report, Row};

/// One cost.
#[derive(Debug, Clone)]
pub(super) struct Cost {
    /// `energy/electricity`.
    pub(super) category: &'static str,
    pub(super) label: &'static str,
    /// 0 running, 1 capital, 2 revenue.
    pub(super) nature: usize,
    pub(super) organization: usize,
    /// The place of the month in its period.
    pub(super) month: usize,
    pub(super) in_baseline: bool,
    pub(super) fen: i64,
}

/// What costs may be of.
pub(super) const CATEGORIES: [(&str, &str, usize); 6] = [
    ("energy/electricity", "电费", 0),
    ("energy/water", "水费", 0),
    ("fleet/vehicle_fuel", "燃油费", 0),
    ("fleet/vehicle_purchase", "车辆购置费", 1),
    ("fleet/vehicle_disposal_proceeds", "车辆处置收入", 2),
    ("property/rent", "房屋租金", 0),
];

/// Its organizations lie in these regions, one after another.
pub(super) const REGIONS: [(&str, &str); 4] =
    [("420500", "宜昌市本级"), ("420502", "西陵区"), ("420529", "五峰县"), ("420581", "宜都市")];

/// Amounts of both periods by nature.
type Sums = [[i64; 2]; 3];

/// What organizations are called.
pub(super) fn name(organization: usize) -> String {
    format!("第{}局", organization + 1)
}

/// Their keys.
pub(super) fn code(organization: usize) -> String {
    format!("11{}{:010}", REGIONS[organization % REGIONS.len()].0, organization)
}

/// The report on costs from January 2013 on, against the year before.
pub(super) fn made(costs: &[Cost], months: usize) -> Report {
    let mut total = Sums::default();
    let mut groups: BTreeMap<(usize, String), (String, String, Sums)> = BTreeMap::new();
    for cost in costs {
        add(&mut total, cost);
        for (place, key, label, region) in keys(cost) {
            let row = groups.entry((place, key)).or_default();
            (row.0, row.1) = (label, region);
            add(&mut row.2, cost);
        }
    }
    let groupings = ["domain", "category", "region", "organization", "month"];
    let rows = groups.into_iter().map(|((place, key), (label, region, sums))| {
        let [all, running, capital, revenue] = comparisons(&sums);
        Row {
            running,
            capital,
            revenue,
            region,
            ..fixture::row(groupings[place], &key, &label, all)
        }
    });
    let [all, running, capital, revenue] = comparisons(&total);
    let until = |year| Month::new(year, 1).unwrap().plus(i32::try_from(months).unwrap());
    let period = |year: i32| MonthPeriod {
        from_month: format!("{year}-01"),
        until_month: until(year).to_string(),
    };
    Report {
        period: period(2013),
        baseline: period(2012),
        total: all,
        running,
        capital,
        revenue,
        rows: rows.collect(),
        ..fixture::report()
    }
}

/// Gives rows and total a head count each.
pub(super) fn with_heads(mut report: Report) -> Report {
    report.head_count = "establishment";
    let regions = report.rows_of("region").count();
    let each = |it: &Comparison, heads: i64| {
        let each = per_head([it.current_fen, it.baseline_fen], [Some(heads); 2]);
        PerHead {
            current_heads: Some(heads),
            baseline_heads: Some(heads),
            current_fen: each.amounts[0],
            baseline_fen: each.amounts[1],
            change_bp: each.change_bp,
        }
    };
    for row in report.rows.iter_mut().filter(|row| row.grouping == "region") {
        row.per_head = Some(each(&row.total, 30));
    }
    let all = i64::try_from(regions).unwrap() * 30;
    report.total_per_head = (all > 0).then(|| each(&report.total, all));
    report
}

fn add(sums: &mut Sums, cost: &Cost) {
    sums[cost.nature][usize::from(cost.in_baseline)] += cost.fen;
}

/// The groups that a cost is in: grouping, key, label, region.
fn keys(cost: &Cost) -> [(usize, String, String, String); 5] {
    let (region, region_name) = REGIONS[cost.organization % REGIONS.len()];
    let domain = cost.category.split('/').next().unwrap();
    let month = Month::new(2013, 1).unwrap().plus(i32::try_from(cost.month).unwrap());
    let none = String::new;
    [
        (0, domain.to_owned(), none(), none()),
        (1, cost.category.to_owned(), cost.label.to_owned(), none()),
        (2, region.to_owned(), region_name.to_owned(), none()),
        (3, code(cost.organization), name(cost.organization), region.to_owned()),
        (4, month.to_string(), none(), none()),
    ]
}

fn comparisons(sums: &Sums) -> [Comparison; 4] {
    let [running, capital, revenue] = sums.map(|[now, base]| fixture::compare(now, base));
    let all = fixture::compare(
        running.current_fen + capital.current_fen,
        running.baseline_fen + capital.baseline_fen,
    );
    [all, running, capital, revenue]
}

/// A plain city: every organization has costs of every category in every month, which differ.
pub(super) fn city(organizations: usize, months: usize) -> Vec<Cost> {
    let mut costs = Vec::new();
    for organization in 0..organizations {
        for month in 0..months {
            for (place, (category, label, nature)) in CATEGORIES.into_iter().enumerate() {
                let seed = i64::try_from(organization * 7 + month * 13 + place * 29).unwrap();
                for in_baseline in [false, true] {
                    let fen = 1_000_007 * (seed % 17 + 1) + if in_baseline { 500_003 } else { 0 };
                    costs.push(Cost {
                        category,
                        label,
                        nature,
                        organization,
                        month,
                        in_baseline,
                        fen,
                    });
                }
            }
        }
    }
    costs
}
