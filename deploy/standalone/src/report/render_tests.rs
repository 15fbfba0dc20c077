//! Every format of one small report, letter by letter.

use super::view::{
    Close, Comparison, Coverage, Missing, MonthPeriod, Part, Row, Suspect, SuspectEntry,
};
use super::*;

fn compare(current_fen: i64, baseline_fen: i64) -> Comparison {
    let change_fen = Some(current_fen - baseline_fen);
    let change_bp =
        (baseline_fen > 0).then(|| (current_fen - baseline_fen) * 10_000 / baseline_fen);
    Comparison { current_fen, baseline_fen, change_fen, change_bp, incomplete: false }
}

fn row(grouping: &'static str, key: &str, label: &str, total: Comparison) -> Row {
    let none = Comparison::default();
    let (key, label) = (key.to_owned(), label.to_owned());
    Row { grouping, key, label, total, running: total, capital: none, revenue: none }
}

fn part(domain: &str, closes: &[(&str, &str)]) -> Part {
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
    }
}

fn report() -> Report {
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
    }
}

fn incomplete() -> Report {
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

#[test]
fn a_complete_table() {
    let shown = Shown { whole_city: true, ..Shown::default() };
    let expected = include_str!("snapshots/complete.txt");
    assert_eq!(table::render(&report(), &shown), expected);
}

#[test]
fn an_incomplete_table_in_english_and_chinese() {
    let names = BTreeMap::from([("11420500000000019M".to_owned(), "宜昌市某局".to_owned())]);
    let mut shown =
        Shown { names, banner: "样本数据 / sample data".to_owned(), ..Shown::default() };
    let expected = include_str!("snapshots/incomplete.zh.txt");
    assert_eq!(table::render(&incomplete(), &shown), expected);
    shown.language = Language::En;
    let expected = include_str!("snapshots/incomplete.en.txt");
    assert_eq!(table::render(&incomplete(), &shown), expected);
}

#[test]
fn json_has_the_fields_of_the_api_in_their_order() {
    let text = json::render(&incomplete()).unwrap();
    let order = ["period", "baseline", "basis", "view", "complete", "incomplete_reasons", "total"];
    let places: Vec<_> =
        order.iter().map(|key| text.find(&format!("\"{key}\"")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["total"]["current_fen"], 90_000_000);
    assert!(value["total"].get("change_fen").is_none());
    assert_eq!(value["running"]["change_bp"], -1_111);
    assert_eq!(value["parts"][0]["read_time"], "2013-07-22T02:00:00Z");
    assert_eq!(value["suspected_duplicates"][0]["in_baseline"], false);
    assert_eq!(value["suspected_duplicates"][1]["in_baseline"], true);
}

#[test]
fn csv_has_a_line_a_row() {
    let expected = "\
        grouping,key,label,current_fen,baseline_fen,change_fen,change_bp,current_yuan,baseline_yuan,\
        change_yuan,running_current_fen,running_baseline_fen,capital_current_fen,\
        capital_baseline_fen,revenue_current_fen,revenue_baseline_fen,incomplete,report_complete,\
        period_from,period_to,baseline_from,baseline_to,basis,view,scope_limited,\
        unanswered_domains,suspected_current,suspected_baseline,suspected_all_listed\n\
        total,,,90000000,100000000,,,900000.00,1000000.00,,80000000,90000000,10000000,10000000,\
        1234567,0,true,false,2013-01,2013-06,2012-01,2012-06,paid,user,true,energy;fleet,1,1,true\n\
        domain,energy,能源,40000000,45678901,-5678901,-1243,400000.00,456789.01,-56789.01,40000000,\
        45678901,0,0,0,0,false,false,2013-01,2013-06,2012-01,2012-06,paid,user,true,energy;fleet,1,1,true\n";
    let mut report = incomplete();
    report.scope_limited = true;
    report.parts.iter_mut().for_each(|part| part.answered = false);
    assert_eq!(csv::render(&report).unwrap(), expected);
}

#[test]
fn csv_runs_no_formula() {
    let mut report = report();
    let amounts = compare(-5, 0);
    report.rows = ["=1+1", "+86", "-x", "@SUM(A1)", "\"=1\"", "a=b"]
        .map(|name| row("organization", name, name, amounts))
        .to_vec();
    let text = csv::render(&report).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let lines: Vec<_> = reader.records().map(Result::unwrap).skip(1).collect();
    let names: Vec<_> = lines.iter().map(|line| (&line[1], &line[2])).collect();
    let told = ["'=1+1", "'+86", "'-x", "'@SUM(A1)", "\"=1\"", "a=b"];
    assert_eq!(names, told.map(|name| (name, name)));
    assert!(lines.iter().all(|line| &line[3] == "-5" && &line[7] == "-0.05"), "{text}");
}

#[test]
fn months_are_included_at_both_ends() {
    let month = |text: &str| text.parse::<Month>().unwrap();
    let request = Options::months(month("2013-01"), month("2013-06")).request().unwrap();
    let period = request.period.unwrap();
    assert_eq!((&*period.from_month, &*period.until_month), ("2013-01", "2013-07"));
    assert!(request.include_suspected_duplicates && request.baseline.is_none());
    let wrong = Options::months(month("2013-06"), month("2013-05")).request().unwrap_err();
    assert!(wrong.is_usage());
    assert!(wrong.to_string().starts_with("--from 2013-06 --to 2013-05: the last month"));
}

#[test]
fn only_a_report_on_everything_is_on_the_whole_city() {
    let month = Month::new(2013, 1).unwrap();
    let mut options = Options::months(month, month);
    let mut report = report();
    assert!(options.is_whole_city(&report));
    report.scope_limited = true;
    assert!(!options.is_whole_city(&report));
    report.scope_limited = false;
    options.regions = vec!["4205*".to_owned()];
    assert!(options.is_whole_city(&report));
    report.counted_regions.push("420100".to_owned());
    assert!(!options.is_whole_city(&report));
    report.counted_regions.pop();
    options.organizations = vec!["11420500000000019M".to_owned()];
    assert!(!options.is_whole_city(&report));
    options.organizations.clear();
    options.regions.push("420500".to_owned());
    assert!(!options.is_whole_city(&report));
}

#[test]
fn a_limited_report_says_so_and_is_not_of_the_whole_city() {
    let mut report = report();
    report.scope_limited = true;
    let text = table::render(&report, &Shown::default());
    assert!(!text.contains(" 全市 ") && text.contains("   合计 "), "{text}");
    assert!(
        text.contains("受您的权限所限") && text.contains("行政区划: 420500, 420502\n"),
        "{text}"
    );
    report.counted_regions.clear();
    let shown = Shown { language: Language::En, ..Shown::default() };
    let text = table::render(&report, &shown);
    assert!(text.contains("Limited by your grants") && text.contains("Regions: none\n"), "{text}");
}
