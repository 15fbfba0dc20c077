//! The page: letter by letter, and that no data changes what it is made of.

use crate::report::made::{city, made, with_heads};
use crate::report::render_tests::snapshot;
use crate::report::view::{Comparison, Missing, Report};
use crate::report::words::Language;
use crate::report::{Format, Shown, fixture, render};

fn page(report: &Report, shown: &Shown) -> String {
    String::from_utf8(render(report, Format::Html, shown).unwrap()).unwrap()
}

fn shown(cumulative: Option<Report>) -> Shown {
    Shown { whole_city: true, issuer: "宜昌市".to_owned(), cumulative, ..Shown::default() }
}

/// The names of all tags of a page, in their order; each that is opened is closed in its place.
fn tags(page: &str) -> Vec<String> {
    let body = page.split_once("<style>").unwrap();
    let (head, rest) = (body.0, body.1.split_once("</style>").unwrap().1);
    let (mut open, mut tags) = (Vec::new(), Vec::new());
    for part in [head, rest] {
        for tag in part.split('<').skip(1) {
            let (tag, after) = tag.split_once('>').unwrap();
            assert!(!after.contains('>'), "{after:?} is no text");
            let name = tag.split([' ', '\n']).next().unwrap().to_owned();
            if let Some(closed) = name.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(closed), "in <{tag}>");
            } else if !tag.ends_with('/') && name != "meta" && !name.starts_with('!') {
                open.push(name.clone());
            }
            tags.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
    tags
}

#[test]
fn letter_by_letter() {
    let report = with_heads(made(&city(5, 2), 2));
    let page = page(&report, &shown(Some(report.clone())));
    tags(&page);
    snapshot("page.html", include_str!("../snapshots/page.html"), &page);
}

#[test]
fn it_needs_nothing_from_outside_and_runs_nothing() {
    let report = made(&city(9, 3), 3);
    let page = page(&report, &shown(None)).to_lowercase();
    let tags = tags(&page);
    for never in ["script", "link", "img", "iframe", "object", "embed", "form", "a", "image", "use"]
    {
        assert!(tags.iter().all(|tag| tag != never), "<{never}>");
    }
    for never in ["http://", "https://", "@import", "javascript:", " on", "src=", "href="] {
        let (style, rest) = page.split_once("</style>").unwrap();
        assert!(!style.contains(never) || never == " on", "{never} in the head");
        assert!(!rest.contains(never), "{never}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn names_stay_names() {
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</text></svg></table><h1>",
        "'><style>*{display:none}</style>",
        "&lt;b&gt; & <!-- ]]>",
        "\u{202E}gnihtyna\u{0}\u{1B}[2J",
    ];
    let plain = made(&city(hostile.len(), 2), 2);
    let mut report = plain.clone();
    for row in &mut report.rows {
        if let Some(name) = hostile.get(row.key.len() % hostile.len()) {
            row.label = (*name).to_owned();
        }
    }
    let organizations = report.rows.iter_mut().filter(|row| row.grouping == "organization");
    for (row, name) in organizations.zip(hostile) {
        (row.label, row.region) = (name.to_owned(), name.to_owned());
    }
    let mut shown = shown(Some(report.clone()));
    let calm = tags(&page(&plain, &self::shown(Some(plain.clone()))));
    assert_eq!(tags(&page(&report, &shown)), calm);
    shown.issuer = hostile.concat();
    let text = page(&report, &shown);
    assert_eq!(tags(&text), calm);
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!text.contains(['\u{0}', '\u{1B}']));
}

#[test]
fn an_incomplete_report_is_marked() {
    let mut report = fixture::incomplete();
    let open = Comparison { change_fen: None, change_bp: None, incomplete: true, ..report.total };
    report.rows.push(fixture::row("domain", "fleet", "", open));
    report.rows.push(fixture::row("region", "420500", "宜昌市本级", open));
    report.parts[0].current_coverage.missing_reports.push(Missing {
        organization: "11420502000000027D".to_owned(),
        region: "420502".to_owned(),
        month: "2013-05".to_owned(),
    });
    let page = page(&report, &shown(None));
    tags(&page);
    for told in [
        "【数据不完整】",
        "<tr class=\"total incomplete\">",
        "<td class=\"n mark\">不完整</td>",
        "class=\"gap\"",
        "<td class=\"c gap\">能</td>",
        "未答复（DEADLINE_EXCEEDED）",
        "未报送共计（单位月）：25",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
}

#[test]
fn where_nothing_can_be_compared_it_says_why() {
    let mut report = fixture::incomplete();
    let open = Comparison { change_fen: None, change_bp: None, incomplete: true, ..report.total };
    report.rows = (0..3)
        .map(|place| fixture::row("organization", &format!("L-{place}"), "某局", open))
        .collect();
    let text = page(&report, &shown(None));
    tags(&text);
    let told = "<figure>\n<figcaption>增减额最大的单位</figcaption>\n<p class=\"remark\">\
                不完整而未参与比较：3；";
    let (_, why) = text.split_once(told).unwrap_or_else(|| panic!("{text}"));
    assert!(why.split_once("</p>").unwrap().0.contains("公务用车未答复（DEADLINE_EXCEEDED）"));
    // In a complete report without any change there is nothing to say.
    let mut calm = fixture::report();
    calm.rows.clear();
    assert!(!page(&calm, &shown(None)).contains("未参与比较"));
}

#[test]
fn earlier_months_are_counted() {
    let mut report = fixture::incomplete();
    let missing = (0..30).map(|place| Missing {
        organization: "L-1".to_owned(),
        region: "420502".to_owned(),
        month: format!("{}-{:02}", 2010 + place / 12, place % 12 + 1),
    });
    report.parts[0].current_coverage.missing_reports = missing.collect();
    let text = page(&report, &shown(None));
    assert!(text.contains("<p class=\"remark\">另有未列出的较早月份数：6</p>"), "{text}");
    assert!(!text.contains("2010-06</th>") && text.contains("2010-07</th>"));
}

#[test]
fn an_empty_report_and_a_big_one() {
    let empty = made(&[], 6);
    let text = page(&empty, &shown(None));
    assert!(tags(&text).iter().all(|tag| tag != "figure") && text.contains("没有数据"));
    let big = made(&city(1_300, 1), 1);
    let text = page(&big, &Shown { language: Language::En, ..shown(Some(big.clone())) });
    let rows = tags(&text).iter().filter(|tag| *tag == "tr").count();
    assert!(rows > 1_300, "{rows}");
}
