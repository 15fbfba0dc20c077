//! The table, JSON and CSV of one small report, letter by letter.

use std::collections::BTreeMap;

use steward_kernel::Month;

use super::fixture::{compare, incomplete, report, row};
use super::*;

/// Fails where a text is not the one that was kept, and puts it where it can be looked at.
pub(super) fn snapshot(name: &str, kept: &str, text: &str) {
    if kept != text {
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, text).unwrap();
        panic!("snapshots/{name} is another; what was written lies in {}", file.display());
    }
}

#[test]
fn a_complete_table() {
    let shown = Shown { whole_city: true, ..Shown::default() };
    let expected = include_str!("snapshots/complete.txt");
    snapshot("complete.txt", expected, &table::render(&report(), &shown));
}

#[test]
fn an_incomplete_table_in_english_and_chinese() {
    let names = BTreeMap::from([("11420500000000019M".to_owned(), "宜昌市某局".to_owned())]);
    let mut shown =
        Shown { names, banner: "样本数据 / sample data".to_owned(), ..Shown::default() };
    let expected = include_str!("snapshots/incomplete.zh.txt");
    snapshot("incomplete.zh.txt", expected, &table::render(&incomplete(), &shown));
    shown.language = Language::En;
    let expected = include_str!("snapshots/incomplete.en.txt");
    snapshot("incomplete.en.txt", expected, &table::render(&incomplete(), &shown));
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
        unanswered_domains,suspected_current,suspected_baseline,suspected_all_listed,structure,\
        head_count,region,current_heads,baseline_heads,current_per_head_fen,baseline_per_head_fen,\
        per_head_change_bp,directory_answered\n\
        total,,,90000000,100000000,,,900000.00,1000000.00,,80000000,90000000,10000000,10000000,\
        1234567,0,true,false,2013-01,2013-06,2012-01,2012-06,paid,user,true,energy;fleet,1,1,true,as_it_was,,,,,,,,true\n\
        domain,energy,能源,40000000,45678901,-5678901,-1243,400000.00,456789.01,-56789.01,40000000,\
        45678901,0,0,0,0,false,false,2013-01,2013-06,2012-01,2012-06,paid,user,true,energy;fleet,1,1,true,as_it_was,,,,,,,,true\n";
    let mut report = incomplete();
    report.scope_limited = true;
    report.parts.iter_mut().for_each(|part| part.answered = false);
    assert_eq!(csv::render(&report).unwrap(), expected);
}

#[test]
fn csv_runs_no_formula() {
    let mut report = report();
    let amounts = compare(-5, 0);
    report.rows = ["=1+1", "+86", "-x", "@SUM(A1)", "\t=1", "\r=1", "\"=1\"", "a=b"]
        .map(|name| row("organization", name, name, amounts))
        .to_vec();
    let text = csv::render(&report).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let lines: Vec<_> = reader.records().map(Result::unwrap).skip(1).collect();
    let names: Vec<_> = lines.iter().map(|line| (&line[1], &line[2])).collect();
    let told = ["'=1+1", "'+86", "'-x", "'@SUM(A1)", "'\t=1", "'\r=1", "\"=1\"", "a=b"];
    assert_eq!(names, told.map(|name| (name, name)));
    assert!(lines.iter().all(|line| &line[3] == "-5" && &line[7] == "-0.05"), "{text}");
}

#[test]
fn csv_has_the_change_per_head_and_whether_the_directory_was_there() {
    let heads = view::PerHead { change_bp: Some(-333), ..view::PerHead::default() };
    let report = Report { total_per_head: Some(heads), directory_answered: false, ..report() };
    let text = csv::render(&report).unwrap();
    let total = text.lines().nth(1).unwrap();
    assert!(total.ends_with(",,,,,-333,false"), "{total}");
}

#[test]
fn what_is_missing_of_predecessors_is_told_in_both_languages() {
    let mut report = Report { complete: false, structure: "restated", ..report() };
    let reason = "energy: 2 declared organization-months of the baseline period are missing of \
                  organizations whose costs stand here today";
    report.incomplete_reasons = vec![reason.to_owned()];
    let energy = &mut report.parts[0];
    energy.baseline_predecessor_missing_count = 2;
    energy.predecessor_missing_reports = ["2012-03", "2012-05"]
        .map(|month| view::Missing {
            organization: "11420502000000027D".to_owned(),
            region: "420502".to_owned(),
            month: month.to_owned(),
        })
        .to_vec();
    let mut shown = Shown::default();
    let zh = "能源：对比期另缺 2 个单位月，属支出现归入本表单位的原单位";
    for (language, told) in [(Language::Zh, zh), (Language::En, reason)] {
        shown.language = language;
        let text = table::render(&report, &shown);
        assert!(text.contains(told) && text.contains("2012-03 "), "{text}");
        let page = render(&report, Format::Html, &shown).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains(told), "{told} is not in {page}");
        assert!(page.contains("2012-05</th>") && page.contains("11420502000000027D</th>"));
    }
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
        text.contains("受您的权限所限") && text.contains("行政区划：420500、420502\n"),
        "{text}"
    );
    report.counted_regions.clear();
    let shown = Shown { language: Language::En, ..Shown::default() };
    let text = table::render(&report, &shown);
    assert!(text.contains("Limited by your grants") && text.contains("Regions: none\n"), "{text}");
}

#[test]
fn a_region_without_anything_is_named() {
    let mut report = report();
    report.counted_regions = vec!["420500".to_owned()];
    let known = BTreeMap::from([("420502".to_owned(), "西陵区".to_owned())]);
    let asked = ["420103", "4201*", "420502", "420500", "4205*"].map(str::to_owned);
    let unmatched = fetch::unmatched(&asked, &report, &known);
    let told: Vec<_> = unmatched.iter().map(|it| (it.region.as_str(), it.is_known)).collect();
    assert_eq!(told, [("420103", false), ("4201*", false), ("420502", true)]);
    let shown = Shown { unmatched, ..Shown::default() };
    let text = table::render(&report, &shown);
    assert!(text.contains("行政区划 420103：名录中没有该行政区划"), "{text}");
    assert!(text.contains("行政区划 420502：两期均无入账"), "{text}");
    assert!(shown.warnings()[0].starts_with("region 420103: the directory has no such region"));
    assert!(fetch::unmatched(&asked, &incomplete(), &known).is_empty());
    // A directory that cannot be asked knows nothing of what is not there.
    assert!(fetch::unmatched(&asked[..1], &report, &BTreeMap::new())[0].is_known);
}

#[test]
fn what_is_asked_since_january() {
    let month = |text: &str| text.parse::<Month>().unwrap();
    let options = |from, to| Options::months(month(from), month(to));
    assert!(options("2013-01", "2013-06").cumulative().is_none());
    assert!(options("2012-11", "2013-02").cumulative().is_none());
    let asked = options("2013-04", "2013-06").cumulative().unwrap();
    assert_eq!(asked.months, (month("2013-01"), month("2013-06")));
    let mut other = options("2013-01", "2013-06");
    other.baseline = Some((month("2011-01"), month("2011-06")));
    let asked = other.cumulative().unwrap();
    assert!(asked.baseline.is_none() && asked.months == other.months);
}
