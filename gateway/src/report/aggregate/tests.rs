use steward_chassis::scope::Filter;
use steward_kernel::{Period, yichang};
use steward_proto::ledger::v1::{
    Basis, CostRow, Coverage, Grouping, MissingReport, PeriodCost, RegionClose,
    SummarizeCostsResponse, View,
};
use steward_proto::report::v1::{
    Comparison, HeadCount, ReportGrouping, ReportRow, ReportStructure,
};

use super::*;

use ReportGrouping as By;

pub(in crate::report) fn ask(groupings: &[By]) -> Ask {
    let period = |from: &str, until: &str| {
        Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap()
    };
    Ask {
        period: period("2013-01", "2013-07"),
        baseline: period("2012-01", "2012-07"),
        basis: Basis::Paid,
        view: View::User,
        regions: Vec::new(),
        organizations: Vec::new(),
        filter: Filter::default(),
        groupings: groupings.to_vec(),
        structure: ReportStructure::AsItWas,
        head_count: HeadCount::Unspecified,
    }
}

/// The report while the directory does not answer.
pub(in crate::report) fn aggregate(
    ask: &Ask,
    answers: Vec<(Domain, Answer)>,
) -> Result<CostReductionReport, Overflow> {
    super::aggregate(ask, answers, &Told::default())
}

pub(in crate::report) fn cost(running_fen: i64, capital_fen: i64, revenue_fen: i64) -> PeriodCost {
    PeriodCost { running_fen, capital_fen, revenue_fen, entry_count: 1 }
}

pub(in crate::report) fn row(
    grouping: Grouping,
    key: &str,
    now: PeriodCost,
    base: PeriodCost,
) -> CostRow {
    CostRow {
        grouping: grouping.into(),
        key: key.to_owned(),
        current: Some(now),
        baseline: Some(base),
        ..CostRow::default()
    }
}

pub(in crate::report) fn summary(now: PeriodCost, base: PeriodCost, rows: Vec<CostRow>) -> Summary {
    let covered = Coverage { declared: true, expected_count: 12, ..Coverage::default() };
    Summary {
        costs: SummarizeCostsResponse {
            current: Some(now),
            baseline: Some(base),
            rows,
            current_coverage: Some(covered.clone()),
            baseline_coverage: Some(covered),
            counted_regions: vec!["420502".to_owned(), "420503".to_owned()],
            ..SummarizeCostsResponse::default()
        },
        categories: [("electricity".to_owned(), "电费".to_owned())].into(),
    }
}

pub(in crate::report) fn missing(mut summary: Summary, current: i32, baseline: i32) -> Summary {
    let coverage = |count| Coverage {
        declared: true,
        expected_count: 12,
        reported_count: 12 - count,
        missing_count: count,
        missing_reports: Vec::new(),
    };
    summary.costs.current_coverage = Some(coverage(current));
    summary.costs.baseline_coverage = Some(coverage(baseline));
    summary
}

/// Amounts and change of a comparison.
type Shown = (i64, i64, Option<i64>, Option<i64>, bool);

fn shown(comparison: Option<&Comparison>) -> Shown {
    let c = comparison.unwrap();
    (c.current_fen, c.baseline_fen, c.change_fen, c.change_bp, c.incomplete)
}

fn find<'a>(report: &'a CostReductionReport, grouping: By, key: &str) -> &'a ReportRow {
    let mut rows = report.rows.iter();
    rows.find(|row| row.grouping() == grouping && row.key == key).unwrap()
}

#[test]
fn sums_domains_exactly_and_keeps_natures_apart() {
    let fleet = summary(cost(900, 50, 7), cost(1_000, 0, 0), Vec::new());
    let energy = summary(cost(101, 0, 0), cost(600, 0, 0), Vec::new());
    let answers = vec![(Domain::Fleet, Ok(fleet)), (Domain::Energy, Ok(energy))];
    let report = aggregate(&ask(&[By::Domain]), answers).unwrap();
    assert!(report.complete);
    assert_eq!(report.incomplete_reasons, Vec::<String>::new());
    assert_eq!(shown(report.total.as_ref()), (1_051, 1_600, Some(-549), Some(-3_431), false));
    assert_eq!(shown(report.running.as_ref()), (1_001, 1_600, Some(-599), Some(-3_744), false));
    assert_eq!(shown(report.capital.as_ref()), (50, 0, Some(50), None, false));
    assert_eq!(shown(report.revenue.as_ref()), (7, 0, Some(7), None, false));
    let rows: Vec<_> = report.rows.iter().map(|r| (r.key.as_str(), r.label.as_str())).collect();
    assert_eq!(rows, [("energy", "能源"), ("fleet", "公务用车")]);
    assert_eq!(
        report.parts.iter().map(|p| p.domain.as_str()).collect::<Vec<_>>(),
        ["energy", "fleet"]
    );
}

#[test]
fn a_failed_domain_flags_all_it_could_be_in_and_nothing_else() {
    let rows = vec![
        row(Grouping::Category, "electricity", cost(5, 0, 0), cost(4, 0, 0)),
        row(Grouping::Region, "420502", cost(5, 0, 0), cost(4, 0, 0)),
        row(Grouping::Organization, "L-1", cost(5, 0, 0), cost(4, 0, 0)),
        row(Grouping::Month, "2013-01", cost(5, 0, 0), cost(4, 0, 0)),
    ];
    let energy = summary(cost(5, 0, 0), cost(4, 0, 0), rows);
    let groupings = [By::Domain, By::Category, By::Region, By::Organization, By::Month];
    let answers =
        vec![(Domain::Energy, Ok(energy)), (Domain::Property, Err(Failure::DeadlineExceeded))];
    let report = aggregate(&ask(&groupings), answers).unwrap();
    assert!(!report.complete);
    assert_eq!(report.incomplete_reasons, ["property did not answer: DEADLINE_EXCEEDED"]);
    for part in [&report.total, &report.running, &report.capital, &report.revenue] {
        let comparison = part.as_ref().unwrap();
        assert!(comparison.incomplete);
        assert_eq!((comparison.change_fen, comparison.change_bp), (None, None));
    }
    assert_eq!(report.total.as_ref().unwrap().current_fen, 5);
    for (grouping, key, flagged) in [
        (By::Domain, "energy", false),
        (By::Domain, "property", true),
        (By::Category, "energy/electricity", false),
        (By::Region, "420502", true),
        (By::Organization, "L-1", true),
        (By::Month, "2013-01", true),
    ] {
        let comparison = find(&report, grouping, key).total.unwrap();
        assert_eq!(comparison.incomplete, flagged, "{key}");
        assert_eq!(comparison.change_fen.is_none(), flagged, "{key}");
    }
    let silent = find(&report, By::Domain, "property");
    assert_eq!(shown(silent.total.as_ref()), (0, 0, None, None, true));
    assert_eq!(shown(silent.revenue.as_ref()), (0, 0, None, None, true));
    let part = &report.parts[1];
    assert_eq!((part.answered, part.failure.as_str()), (false, "DEADLINE_EXCEEDED"));
}

#[test]
fn a_silent_organization_flags_its_rows_its_domain_and_the_totals() {
    let mut silent = row(Grouping::Region, "420502", cost(0, 0, 0), cost(9, 0, 0));
    silent.current_missing_count = 1;
    let other = row(Grouping::Region, "420503", cost(8, 0, 0), cost(9, 0, 0));
    let fleet = missing(summary(cost(8, 0, 0), cost(18, 0, 0), vec![silent, other]), 1, 0);
    let energy = summary(cost(1, 0, 0), cost(1, 0, 0), Vec::new());
    let answers = vec![(Domain::Fleet, Ok(fleet)), (Domain::Energy, Ok(energy))];
    let report = aggregate(&ask(&[By::Domain, By::Region]), answers).unwrap();
    assert!(!report.complete);
    let expected = "fleet: 1 of 12 declared organization-months of the current period are missing";
    assert_eq!(report.incomplete_reasons, [expected]);
    assert_eq!(shown(report.total.as_ref()), (9, 19, None, None, true));
    assert!(find(&report, By::Domain, "fleet").total.unwrap().incomplete);
    assert!(!find(&report, By::Domain, "energy").total.unwrap().incomplete);
    assert!(find(&report, By::Region, "420502").total.unwrap().incomplete);
    assert_eq!(find(&report, By::Region, "420503").total.unwrap().change_fen, Some(-1));
}

#[test]
fn a_gap_in_the_baseline_is_a_gap_too() {
    let fleet = missing(summary(cost(8, 0, 0), cost(18, 0, 0), Vec::new()), 0, 2);
    let report = aggregate(&ask(&[By::Domain]), vec![(Domain::Fleet, Ok(fleet))]).unwrap();
    assert!(!report.complete);
    assert!(report.incomplete_reasons[0].contains("of the baseline period"));
    assert_eq!(report.total.unwrap().change_fen, None);
}

#[test]
fn where_nobody_is_declared_nothing_is_flagged() {
    let mut fleet = summary(cost(8, 0, 0), cost(10, 0, 0), Vec::new());
    fleet.costs.current_coverage = Some(Coverage::default());
    fleet.costs.baseline_coverage = Some(Coverage::default());
    let report = aggregate(&ask(&[By::Domain]), vec![(Domain::Fleet, Ok(fleet))]).unwrap();
    assert!(report.complete);
    assert_eq!(shown(report.total.as_ref()), (8, 10, Some(-2), Some(-2_000), false));
}

#[test]
fn rows_come_in_the_order_of_the_request_then_by_key_with_names_for_people() {
    let rows = vec![
        row(Grouping::Region, "420503", cost(1, 0, 0), cost(0, 0, 0)),
        row(Grouping::Region, "420502", cost(1, 0, 0), cost(0, 0, 0)),
        row(Grouping::Region, "420500-01", cost(1, 0, 0), cost(0, 0, 0)),
        row(Grouping::Category, "water", cost(1, 0, 0), cost(0, 0, 0)),
        row(Grouping::Category, "electricity", cost(2, 0, 0), cost(0, 0, 0)),
        row(Grouping::Month, "2013-01", cost(3, 0, 0), cost(0, 0, 0)),
    ];
    let energy = summary(cost(3, 0, 0), cost(0, 0, 0), rows);
    let wanted = [By::Region, By::Category];
    let report = aggregate(&ask(&wanted), vec![(Domain::Energy, Ok(energy))]).unwrap();
    let rows: Vec<_> = report.rows.iter().map(|r| (r.key.as_str(), r.label.as_str())).collect();
    let expected = [
        ("420500-01", ""),
        ("420502", yichang::region_name("420502").unwrap()),
        ("420503", yichang::region_name("420503").unwrap()),
        ("energy/electricity", "电费"),
        ("energy/water", ""),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn closed_is_what_the_domain_says() {
    let close = |region: &str, month: &str| RegionClose {
        region: region.to_owned(),
        closed_month: month.to_owned(),
    };
    for closed in [true, false] {
        let mut fleet = summary(cost(1, 0, 0), cost(1, 0, 0), Vec::new());
        fleet.costs.closes = vec![close("420503", "2013-06"), close("420502", "2013-06")];
        fleet.costs.closed = closed;
        let report = aggregate(&ask(&[By::Domain]), vec![(Domain::Fleet, Ok(fleet))]).unwrap();
        assert_eq!(report.parts[0].closed, closed);
        assert!(report.parts[0].closes.is_sorted_by_key(|close| &close.region));
    }
}

#[test]
fn the_scope_of_the_parts_is_told() {
    let mut fleet = summary(cost(1, 0, 0), cost(1, 0, 0), Vec::new());
    fleet.costs.scope_limited = true;
    fleet.costs.counted_regions = vec!["420529".to_owned(), "420502".to_owned()];
    let energy = summary(cost(1, 0, 0), cost(1, 0, 0), Vec::new());
    let answers = vec![(Domain::Fleet, Ok(fleet)), (Domain::Energy, Ok(energy))];
    let report = aggregate(&ask(&[By::Domain]), answers).unwrap();
    assert!(report.scope_limited);
    assert_eq!(report.counted_regions, ["420502", "420503", "420529"]);
}

#[test]
fn sums_out_of_range_are_refused() {
    let huge = || Ok(summary(cost(i64::MAX, 0, 0), cost(0, 0, 0), Vec::new()));
    let answers = vec![(Domain::Fleet, huge()), (Domain::Energy, huge())];
    assert_eq!(aggregate(&ask(&[By::Domain]), answers).unwrap_err(), Overflow);
    let both = summary(cost(i64::MAX, 1, 0), cost(0, 0, 0), Vec::new());
    let answers = vec![(Domain::Fleet, Ok(both))];
    assert_eq!(aggregate(&ask(&[By::Domain]), answers).unwrap_err(), Overflow);
}

#[test]
fn the_missing_are_listed_in_order() {
    let report_of = |month: &str, organization: &str| MissingReport {
        organization: organization.to_owned(),
        region: "420502".to_owned(),
        month: month.to_owned(),
    };
    let mut fleet = missing(summary(cost(1, 0, 0), cost(1, 0, 0), Vec::new()), 3, 0);
    fleet.costs.current_coverage.as_mut().unwrap().missing_reports =
        vec![report_of("2013-02", "L-1"), report_of("2013-01", "L-2"), report_of("2013-01", "L-1")];
    let report = aggregate(&ask(&[By::Domain]), vec![(Domain::Fleet, Ok(fleet))]).unwrap();
    let listed = &report.parts[0].current_coverage.as_ref().unwrap().missing_reports;
    let listed: Vec<_> =
        listed.iter().map(|m| (m.month.as_str(), m.organization.as_str())).collect();
    assert_eq!(listed, [("2013-01", "L-1"), ("2013-01", "L-2"), ("2013-02", "L-1")]);
}
