//! The workbook, read back: its cells, and that every formula gives the result beside it.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use proptest::prelude::*;

use crate::report::figures::Unit;
use crate::report::made::{CATEGORIES, Cost, city, code, made, with_heads};
use crate::report::render_tests::snapshot;
use crate::report::view::{Comparison, Report};
use crate::report::words::Language;
use crate::report::{Format, Shown, fixture, render};

/// A workbook that was read back.
struct Book(Vec<Sheet>);

struct Sheet {
    name: String,
    values: Range<Data>,
    formulas: Range<String>,
}

fn book(report: &Report, shown: &Shown) -> Book {
    let bytes = render(report, Format::Xlsx, shown).unwrap();
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheets = book.sheet_names().into_iter().map(|name| Sheet {
        values: book.worksheet_range(&name).unwrap(),
        formulas: book.worksheet_formula(&name).unwrap(),
        name,
    });
    Book(sheets.collect())
}

impl Sheet {
    fn number(&self, cell: &str) -> f64 {
        match self.values.get_value(place(cell)) {
            Some(Data::Float(number)) => *number,
            Some(Data::Int(number)) => number.to_string().parse().unwrap(),
            // SUM passes over texts, as "—".
            _ => 0.0,
        }
    }

    fn text(&self, row: u32, column: u32) -> String {
        self.values.get_value((row, column)).map_or_else(String::new, ToString::to_string)
    }

    /// What a formula comes to, reckoned anew from the cells that it names.
    #[expect(clippy::float_arithmetic, reason = "a spreadsheet reckons so")]
    fn reckon(&self, formula: &str) -> f64 {
        if let Some(inner) = formula.strip_prefix("SUM(").and_then(|it| it.strip_suffix(')')) {
            return inner.split(',').map(|range| self.sum(range)).sum();
        }
        if let Some((left, right)) = formula.rsplit_once('-') {
            return self.reckon(left) - self.reckon(right);
        }
        if let Some(at) = formula.rfind(['*', '/']) {
            let (left, right) = (self.reckon(&formula[..at]), self.reckon(&formula[at + 1..]));
            return if formula[at..].starts_with('*') { left * right } else { left / right };
        }
        formula.parse().unwrap_or_else(|_| self.number(formula))
    }

    fn sum(&self, range: &str) -> f64 {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let ((from, column), (to, _)) = (place(first), place(last));
        (from..=to).map(|row| self.number(&name(row, column))).sum()
    }

    /// Every cell that has something in it, a line each, with its formula.
    fn dump(&self) -> String {
        let mut text = format!("[{}]\n", self.name);
        let (rows, columns) = self.values.end().unwrap();
        for row in 0..=rows {
            for column in 0..=columns {
                let value = self.text(row, column);
                let formula = self.formulas.get_value((row, column)).filter(|it| !it.is_empty());
                if value.is_empty() && formula.is_none() {
                    continue;
                }
                let formula = formula.map(|it| format!("  ={it}")).unwrap_or_default();
                let cell = name(row, column);
                text.extend([&cell, " ", &value, &formula, "\n"]);
            }
        }
        text
    }
}

impl Book {
    fn sheet(&self, name: &str) -> &Sheet {
        self.0.iter().find(|sheet| sheet.name == name).unwrap()
    }

    /// Reckons every formula anew; answers how many there are.
    fn check(&self) -> usize {
        let mut count = 0;
        for sheet in &self.0 {
            for (row, column, formula) in cells(&sheet.formulas) {
                let cached = sheet.number(&name(row, column));
                let reckoned = sheet.reckon(&formula);
                assert!(
                    is_near(cached, reckoned),
                    "{} {}: ={formula} is {reckoned}, not {cached}",
                    sheet.name,
                    name(row, column)
                );
                count += 1;
            }
        }
        count
    }
}

#[expect(clippy::float_arithmetic, reason = "a spreadsheet reckons so")]
fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(1.0)
}

fn cells(formulas: &Range<String>) -> Vec<(u32, u32, String)> {
    let Some((top, left)) = formulas.start() else { return Vec::new() };
    formulas
        .used_cells()
        .filter(|(_, _, formula)| !formula.is_empty())
        .map(|(row, column, formula)| {
            let [row, column] = [row, column].map(|it| u32::try_from(it).unwrap());
            (row + top, column + left, formula.clone())
        })
        .collect()
}

/// The row and column of a cell called `C5`.
fn place(cell: &str) -> (u32, u32) {
    let digits = cell.find(|it: char| it.is_ascii_digit()).unwrap();
    let letters = cell[..digits].bytes();
    let column = letters.fold(0, |sum, letter| sum * 26 + u32::from(letter - b'A') + 1) - 1;
    (cell[digits..].parse::<u32>().unwrap() - 1, column)
}

fn name(row: u32, column: u32) -> String {
    rust_xlsxwriter::utility::row_col_to_cell(row, u16::try_from(column).unwrap())
}

fn shown(cumulative: Option<Report>) -> Shown {
    Shown {
        whole_city: true,
        issuer: "宜昌市".to_owned(),
        regions: crate::report::made::REGIONS
            .map(|(code, name)| (code.to_owned(), name.to_owned()))
            .into(),
        cumulative,
        ..Shown::default()
    }
}

#[test]
fn cell_by_cell() {
    let report = with_heads(made(&city(5, 2), 2));
    let book = book(&report, &shown(Some(report.clone())));
    let sheets = ["汇总", "按行政区划", "按业务域", "按类别", "按单位", "按月份", "说明"];
    assert!(book.0.iter().map(|sheet| sheet.name.as_str()).eq(sheets));
    assert!(book.check() > 200);
    let dump: Vec<_> = book.0.iter().map(Sheet::dump).collect();
    snapshot("workbook.txt", include_str!("../snapshots/workbook.txt"), &dump.join("\n"));
}

#[test]
fn an_incomplete_report_has_no_change() {
    let mut report = fixture::incomplete();
    let open = Comparison { change_fen: None, change_bp: None, incomplete: true, ..report.total };
    report.rows.push(fixture::row("domain", "fleet", "", open));
    report.rows.push(fixture::row("region", "420500", "", open));
    let book = book(&report, &shown(None));
    book.check();
    let sheet = book.sheet("汇总");
    let row = |name: &str| {
        let rows = 0..=sheet.values.end().unwrap().0;
        rows.into_iter().find(|row| sheet.text(*row, 1).contains(name)).unwrap()
    };
    let cells = |row: u32| [2, 3, 4, 5].map(|column| sheet.text(row, column));
    assert_eq!(cells(row("合计")), ["90", "100", "不完整", "不完整"]);
    assert_eq!(cells(row("公务用车")), ["—", "—", "不完整", "不完整"]);
    assert_eq!(cells(row("资本性支出"))[2..], ["0", "0"]);
    assert_eq!(cells(row("应缴财政款"))[3], "—");
    assert!(sheet.dump().contains("【数据不完整】"));
    let notes = book.sheet("说明").dump();
    for told in ["未报送单位", "2013-01", "FP-1", "12860", "DEADLINE_EXCEEDED", "缺 25 个"] {
        assert!(notes.contains(told), "{told} is not in {notes}");
    }
}

#[test]
fn an_empty_report_says_so() {
    let report = made(&[], 6);
    let book = book(&report, &shown(Some(report.clone())));
    assert_eq!(book.0.len(), 2);
    book.check();
    assert!(book.sheet("汇总").dump().contains("没有数据"));
}

#[test]
fn in_yuan_and_in_english() {
    let report = with_heads(made(&city(4, 2), 2));
    let shown = Shown { language: Language::En, unit: Unit::Yuan, ..shown(None) };
    let book = book(&report, &shown);
    book.check();
    let sheet = book.sheet("Summary");
    let total = sheet.number("C6");
    let exact: f64 = Unit::Yuan.exact(report.total.current_fen).parse().unwrap();
    assert!(is_near(total, exact), "{total} {exact}");
    let chinese = |letter: char| ('\u{4E00}'..='\u{9FFF}').contains(&letter);
    let fixed = sheet.dump().replace("宜昌市", "");
    assert!(!fixed.contains(chinese), "{fixed}");
}

#[test]
fn names_are_texts() {
    let names =
        ["=1+1", "=HYPERLINK(\"http://x\",\"y\")", "<b>&", "{=1}", "http://example.com", "a\u{1}b"];
    let mut report = made(&city(names.len(), 1), 1);
    let organizations = report.rows.iter_mut().filter(|row| row.grouping == "organization");
    for (row, name) in organizations.zip(names) {
        row.label = name.to_owned();
    }
    let book = book(&report, &shown(None));
    book.check();
    let sheet = book.sheet("按单位");
    let dump = sheet.dump();
    for name in &names[..5] {
        assert!(dump.contains(&format!(" {name}\n")), "{name} is not in {dump}");
    }
    assert!(cells(&sheet.formulas).iter().all(|(_, column, _)| *column >= 4));
}

#[test]
fn a_big_city() {
    let report = made(&city(1_300, 2), 2);
    let book = book(&report, &shown(Some(report.clone())));
    let sheet = book.sheet("按单位");
    let (rows, _) = sheet.values.end().unwrap();
    assert!(rows > 1_300);
    assert_eq!(sheet.text(rows - 3, 0), "1300");
    assert_eq!(sheet.text(rows - 2, 1), "合计");
    assert!(sheet.dump().contains(&code(1_299)));
    assert!(book.check() > 1_300 * 4);
}

#[test]
fn the_total_is_in_no_filter() {
    let report = made(&city(7, 1), 1);
    let bytes = render(&report, Format::Xlsx, &shown(None)).unwrap();
    let book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let filter = book.defined_names().iter().find(|(name, _)| name.contains("FilterDatabase"));
    // Its heading and seven organizations; the total is in the line below.
    let (_, range) = filter.unwrap();
    assert!(range.ends_with("!$A$5:$H$12"), "{range}");
}

fn costs() -> impl Strategy<Value = Vec<Cost>> {
    let cost =
        (0..CATEGORIES.len(), 0_usize..6, 0_usize..3, any::<bool>(), -5_000_000_i64..9_000_000_000);
    let cost = cost.prop_map(|(place, organization, month, in_baseline, fen)| {
        let (category, label, nature) = CATEGORIES[place];
        Cost { category, label, nature, organization, month, in_baseline, fen }
    });
    prop::collection::vec(cost, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every total is the sum of its lines: it is a formula, and that gives the result of the report.
    #[test]
    fn lines_sum_to_totals(costs in costs()) {
        let report = with_heads(made(&costs, 3));
        let book = book(&report, &shown(Some(report.clone())));
        book.check();
        let has_total = !report.total.is_nothing();
        for sheet in book.0.iter().filter(|sheet| sheet.name != "说明" && has_total) {
            let rows = 0..=sheet.values.end().unwrap().0;
            let mut totals = rows.filter(|row| sheet.text(*row, 1).ends_with("合计"));
            let row = totals.next().unwrap();
            let column = if sheet.name == "按单位" { 4 } else { 2 };
            let exact: f64 = Unit::Wan.exact(report.total.current_fen).parse().unwrap();
            prop_assert!(is_near(sheet.number(&name(row, column)), exact));
            let formula = sheet.formulas.get_value((row, column)).cloned().unwrap_or_default();
            prop_assert!(formula.starts_with("SUM("), "{} {}: {}", sheet.name, row, formula);
        }
    }
}
