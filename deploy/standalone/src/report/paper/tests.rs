//! Which lines the tables have.

use super::{Figures, Line, Paper, Role};
use crate::report::fixture::{compare, part, report, row};
use crate::report::made::{Cost, city, made, with_heads};
use crate::report::view::{Report, Row};
use crate::report::{Language, Shown};

/// The whole city with these regions.
fn city_of(regions: &[&str]) -> Shown {
    Shown {
        whole_city: true,
        city_regions: regions.iter().map(ToString::to_string).collect(),
        ..Shown::default()
    }
}

fn lines(paper: &Paper<'_>, grouping: &str) -> Vec<Line> {
    paper.section(grouping).unwrap().lines.clone()
}

#[test]
fn a_city_has_a_line_for_every_region() {
    let mut report = report();
    report.counted_regions.push("420503".to_owned());
    let shown = city_of(&["420500", "420502", "420503", "420504"]);
    let paper = Paper::new(&report, &shown);
    let lines = lines(&paper, "region");
    let told: Vec<_> =
        lines.iter().map(|line| (line.number.as_str(), line.name.as_str())).collect();
    let expected = [
        ("1", "市本级"),
        ("2", "西陵区"),
        ("3", "伍家岗区"),
        ("4", "点军区"),
        ("", "区县小计"),
        ("", "全市合计"),
    ];
    assert_eq!(told, expected);
    // Who said that there was nothing has 0; where nobody was to say anything there is nothing.
    assert!(lines[2].main.known().is_some_and(|it| it.change_fen == Some(0)));
    assert_eq!(lines[3].main, Figures::Nothing);
    assert!(!lines[4].main.is_incomplete());
    assert_eq!(lines[4].main.known().map(|it| it.current_fen), Some(40_000_000));
    assert_eq!(lines[5].sum, [0, 4]);
    let named = "下列行政区划两期均无入账，也未登记应报单位：点军区";
    assert!(paper.facts.iter().any(|(_, text)| text == named), "{:?}", paper.facts);
    // Where a domain did not answer nobody knows.
    report.parts[1].answered = false;
    let paper = Paper::new(&report, &shown);
    assert!(self::lines(&paper, "region")[3].main.is_incomplete());
    assert!(paper.facts.iter().all(|(_, text)| !text.contains("点军区")));
}

#[test]
fn heads_of_counties_are_summed_where_there_are_figures() {
    let report = with_heads(made(&city(4, 1), 1));
    let shown = city_of(&["420500", "420503"]);
    let counties = lines(&Paper::new(&report, &shown), "region");
    let counties = counties.iter().find(|line| line.role == Role::Subtotal).unwrap();
    assert_eq!(counties.heads.unwrap().current_heads, Some(90));
}

#[test]
fn categories_are_numbered_without_gaps() {
    let cost = |category, nature| Cost {
        category,
        label: "",
        nature,
        organization: 0,
        month: 0,
        in_baseline: false,
        fen: 5,
    };
    // Energy has revenue only: it is no part of the total.
    let costs = [cost("energy/sale", 2), cost("fleet/fuel", 0), cost("property/rent", 0)];
    let report = made(&costs, 1);
    let lines = lines(&Paper::new(&report, &Shown::default()), "category");
    let numbers = lines.iter().filter(|line| line.role == Role::Subtotal);
    assert_eq!(numbers.map(|line| line.number.as_str()).collect::<Vec<_>>(), ["1", "2"]);
}

fn months(keys: &[&str]) -> Report {
    let month = |key: &&str| row("month", key, "", compare(5, 5));
    Report { rows: keys.iter().map(month).collect(), ..report() }
}

#[test]
fn only_a_january_is_added_to_february() {
    let springs = |keys: &[&str]| {
        let report = months(keys);
        let lines = lines(&Paper::new(&report, &Shown::default()), "month");
        let springs = lines.iter().filter(|line| line.role == Role::Part);
        springs.map(|line| line.sum.clone()).collect::<Vec<_>>()
    };
    assert_eq!(springs(&["2013-01", "2013-02", "2013-03"]), [[0, 1]]);
    assert_eq!(springs(&["2012-11", "2012-12", "2013-01", "2013-02"]), [[2, 3]]);
    for none in [&["2012-12", "2013-02"][..], &["2012-01", "2013-02"], &["2013-02"]] {
        assert_eq!(springs(none), [[0; 0]; 0], "{none:?}");
    }
}

#[test]
fn the_total_of_organizations_stands_below_them() {
    let report = made(&city(3, 1), 1);
    let lines = lines(&Paper::new(&report, &Shown::default()), "organization");
    let roles: Vec<_> = lines.iter().map(|line| line.role).collect();
    assert_eq!(roles, [Role::Item, Role::Item, Role::Item, Role::Total]);
    assert_eq!(lines[3].sum, [0, 1, 2]);
}

#[test]
fn what_is_not_listed_is_told() {
    let mut report = crate::report::fixture::incomplete();
    report.suspected_duplicates_truncated = true;
    for (language, told) in [
        (Language::Zh, "另有未列出的疑似重复；已列出项数：2"),
        (Language::En, "there are more; listed here: 2"),
    ] {
        let shown = Shown { language, ..Shown::default() };
        let paper = Paper::new(&report, &shown);
        assert!(paper.grids.iter().any(|grid| grid.remark == told), "{told}");
    }
}

#[test]
fn a_directory_without_a_grant_is_told_so() {
    let unnamed = Row { label: String::new(), ..row("organization", "L-1", "", compare(1, 1)) };
    let report = Report {
        directory_answered: false,
        rows: vec![unnamed],
        parts: vec![part("energy", &[])],
        ..report()
    };
    let shown = Shown::default();
    let facts = Paper::new(&report, &shown).facts;
    assert!(facts.iter().any(|(_, text)| text.contains("或您的权限不含单位名录")), "{facts:?}");
}
