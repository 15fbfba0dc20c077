//! Reports to write, for tests.

use steward_kernel::Fen;

use super::view::{
    Close, Comparison, Coverage, Missing, MonthPeriod, Part, Report, Row, Suspect, SuspectEntry,
};

pub(super) fn compare(current_fen: i64, baseline_fen: i64) -> Comparison {
    let change_fen = Some(current_fen - baseline_fen);
    let change_bp = Fen::change_bp(Fen::new(current_fen), Fen::new(baseline_fen));
    Comparison { current_fen, baseline_fen, change_fen, change_bp, incomplete: false }
}

pub(super) fn row(grouping: &'static str, key: &str, label: &str, total: Comparison) -> Row {
    let none = Comparison::default();
    let (key, label) = (key.to_owned(), label.to_owned());
    let region = String::new();
    Row {
        grouping,
        key,
        label,
        total,
        running: total,
        capital: none,
        revenue: none,
        region,
        per_head: None,
    }
}

pub(super) fn part(domain: &str, closes: &[(&str, &str)]) -> Part {
    let full = |count| Coverage {
        declared: true,
        expected_count: count,
        reported_count: count,
        ..Coverage::default()
    };
    let close = |(region, month): &(&str, &str)| Close {
        region: (*region).to_owned(),
        closed_month: (*month).to_owned(),
    };
    Part {
        domain: domain.to_owned(),
        answered: true,
        failure: String::new(),
        read_time: "2013-07-22T02:00:00Z".parse().ok(),
        revision: "7".to_owned(),
        closes: closes.iter().map(close).collect(),
        closed: false,
        current_coverage: full(12),
        baseline_coverage: full(6),
        current_predecessor_missing_count: 0,
        baseline_predecessor_missing_count: 0,
        predecessor_missing_reports: Vec::new(),
    }
}

pub(super) fn report() -> Report {
    Report {
        period: MonthPeriod { from_month: "2013-01".to_owned(), until_month: "2013-07".to_owned() },
        baseline: MonthPeriod {
            from_month: "2012-01".to_owned(),
            until_month: "2012-07".to_owned(),
        },
        basis: "paid",
        view: "user",
        complete: true,
        incomplete_reasons: Vec::new(),
        total: compare(90_000_000, 100_000_000),
        running: compare(80_000_000, 90_000_000),
        capital: compare(10_000_000, 10_000_000),
        revenue: compare(1_234_567, 0),
        rows: vec![
            row("domain", "energy", "能源", compare(40_000_000, 45_678_901)),
            row("category", "energy/electricity", "电费", compare(40_000_000, 45_678_901)),
            Row {
                revenue: compare(1_234_567, 0),
                ..row("category", "fleet/vehicle_disposal_proceeds", "车辆处置收入", compare(0, 0))
            },
            row("region", "420500", "宜昌市本级", compare(50_000_000, 60_000_000)),
            row("region", "420502", "西陵区", compare(40_000_000, 40_000_000)),
        ],
        parts: vec![
            part("energy", &[]),
            part("fleet", &[("420500", "2013-03"), ("420502", "2013-03")]),
        ],
        scope_limited: false,
        counted_regions: vec!["420500".to_owned(), "420502".to_owned()],
        suspected_duplicates: Vec::new(),
        suspected_duplicates_checked: true,
        suspected_duplicates_truncated: false,
        structure: "as_it_was",
        directory_answered: true,
        succession_count: 0,
        head_count: "",
        total_per_head: None,
    }
}

pub(super) fn incomplete() -> Report {
    let mut report = report();
    let open = Comparison { change_fen: None, change_bp: None, incomplete: true, ..report.total };
    (report.complete, report.total) = (false, open);
    report.incomplete_reasons = vec!["fleet did not answer: DEADLINE_EXCEEDED".to_owned()];
    report.rows.truncate(1);
    let fleet = &mut report.parts[1];
    (fleet.answered, fleet.failure) = (false, "DEADLINE_EXCEEDED".to_owned());
    let missing = |month: u32| Missing {
        organization: "11420500000000019M".to_owned(),
        region: "420500".to_owned(),
        month: format!("2013-{month:02}"),
    };
    let coverage = &mut report.parts[0].current_coverage;
    coverage.missing_count = 25;
    coverage.missing_reports = (1..=25).map(|n| missing(n.min(12))).take(12).collect();
    let suspect = Suspect {
        organization: "11420502000000027D".to_owned(),
        document_no: "FP-1".to_owned(),
        amount_fen: 1_286_000,
        entries: ["maintenance", "property"]
            .map(|domain| SuspectEntry {
                domain: domain.to_owned(),
                entry_id: "0197".to_owned(),
                category: "x".to_owned(),
                occurred_on: "2013-08-16".to_owned(),
            })
            .to_vec(),
        in_baseline: false,
    };
    let before = Suspect { document_no: "FP-0".to_owned(), in_baseline: true, ..suspect.clone() };
    report.suspected_duplicates = vec![suspect, before];
    report
}
