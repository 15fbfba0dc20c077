//! The report as a table in a unit of 10,000 yuan, for people.

use std::collections::BTreeMap;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, LineStyle, Table};
use steward_kernel::Month;

use super::figures::{percent, ten_thousand_yuan};
use super::notes::notes;
use super::view::{Comparison, MonthPeriod, Report, Row};
use super::words::{Language, Words};

/// How a table is shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Its language.
    pub language: Language,
    /// Whether it is about the whole city, so that its total may be called so.
    pub whole_city: bool,
    /// A line above the title; empty for none.
    pub banner: String,
    /// The names of organizations by code, as far as they are known.
    pub names: BTreeMap<String, String>,
}

/// Writes the report as a table with what a reader must know below it.
pub fn render(report: &Report, shown: &Shown) -> String {
    let words = shown.language.words();
    let mut text = String::new();
    if !shown.banner.is_empty() {
        text.push_str(&shown.banner);
        text.push('\n');
    }
    text.push_str(&heading(report, shown.language));
    text.push_str(&trimmed(&table(report, shown, words)));
    for line in notes(report, shown) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn heading(report: &Report, language: Language) -> String {
    let words = language.words();
    let basis = if report.basis == "incurred" { words.incurred } else { words.paid };
    let view = if report.view == "payer" { words.by_payer } else { words.by_user };
    format!(
        "{}\n{}: {}    {}: {}    {basis}, {view}    {}\n",
        words.title,
        words.current,
        months(&report.period, language),
        baseline_word(report, words),
        months(&report.baseline, language),
        words.unit,
    )
}

/// The year before, if that is what it is.
pub(super) fn baseline_word(report: &Report, words: &Words) -> &'static str {
    let ordinal = |period: &MonthPeriod| period.from_month.parse::<Month>().map(Month::ordinal);
    match (ordinal(&report.period), ordinal(&report.baseline)) {
        (Ok(now), Ok(base)) if now - base == 12 => words.year_before,
        _ => words.baseline,
    }
}

/// A period with its last month included.
fn months(period: &MonthPeriod, language: Language) -> String {
    let Some((from, last)) = period.included() else { return String::new() };
    match language {
        Language::Zh if from == last => format!("{}年{}月", from.year(), from.month()),
        Language::Zh if from.year() == last.year() => {
            format!("{}年{}—{}月", from.year(), from.month(), last.month())
        }
        Language::Zh => {
            let (until_year, until) = (last.year(), last.month());
            format!("{}年{}月—{until_year}年{until}月", from.year(), from.month())
        }
        Language::En if from == last => from.to_string(),
        Language::En => format!("{from} to {last}"),
    }
}

fn table(report: &Report, shown: &Shown, words: &Words) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    let change = format!("{}%", words.change.trim_end_matches('额'));
    let baseline = baseline_word(report, words);
    table.set_header([words.item, words.current, baseline, words.change, &change]);
    for column in 1..=4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for (label, comparison) in [
        (words.total, &report.total),
        (words.running, &report.running),
        (words.capital, &report.capital),
        (words.revenue, &report.revenue),
    ] {
        table.add_row(cells(label, comparison, words));
    }
    for section in sections(&report.rows) {
        add_section(&mut table, section, report, shown, words);
    }
    table
}

/// The rows of one grouping after another.
fn sections(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|one, next| one.grouping == next.grouping)
}

fn add_section(table: &mut Table, rows: &[Row], report: &Report, shown: &Shown, words: &Words) {
    let Some(first) = rows.first() else { return };
    let title = Words::of(&words.sections, first.grouping);
    table.add_row([format!("[{title}]")]);
    for row in rows {
        let name = name(row, shown, words);
        if is_silent(row, report) {
            table.add_row([
                format!("  {name}"),
                "—".to_owned(),
                "—".to_owned(),
                words.incomplete_mark.to_owned(),
                words.incomplete_mark.to_owned(),
            ]);
            continue;
        }
        let is_revenue = row.total.is_nothing() && !row.revenue.is_nothing();
        table.add_row(if is_revenue {
            cells(&format!("  {name}{}", words.in_no_total), &row.revenue, words)
        } else {
            cells(&format!("  {name}"), &row.total, words)
        });
    }
    if first.grouping == "region" {
        let label = if shown.whole_city { words.whole_city } else { words.total };
        table.add_row(cells(&format!("  {label}"), &report.total, words));
    }
}

/// Whether the row is of a domain that did not answer: nothing is known, which is not 0.
fn is_silent(row: &Row, report: &Report) -> bool {
    let silent = |domain: &str| report.parts.iter().any(|p| p.domain == domain && !p.answered);
    row.grouping == "domain" && silent(&row.key)
}

/// What a row is called.
fn name(row: &Row, shown: &Shown, words: &Words) -> String {
    match row.grouping {
        "domain" => Words::of(&words.domains, &row.key).to_owned(),
        "category" => match (shown.language, row.key.split_once('/')) {
            (Language::Zh, Some((domain, _))) if !row.label.is_empty() => {
                format!("{}·{}", Words::of(&words.domains, domain), row.label)
            }
            _ => row.key.clone(),
        },
        "region" if row.key == "420500" => words.city_level.to_owned(),
        "organization" => {
            let name = shown.names.get(&row.key).unwrap_or(&row.label);
            if name.is_empty() { row.key.clone() } else { format!("{name} {}", row.key) }
        }
        _ if row.label.is_empty() => row.key.clone(),
        _ => row.label.clone(),
    }
}

fn cells(label: &str, comparison: &Comparison, words: &Words) -> Vec<Cell> {
    let absent = if comparison.incomplete { words.incomplete_mark } else { "—" };
    let change = comparison.change_fen.map(ten_thousand_yuan);
    let ratio = comparison.change_bp.map(percent);
    vec![
        Cell::new(label),
        Cell::new(ten_thousand_yuan(comparison.current_fen)),
        Cell::new(ten_thousand_yuan(comparison.baseline_fen)),
        Cell::new(change.as_deref().unwrap_or(absent)),
        Cell::new(ratio.as_deref().unwrap_or(absent)),
    ]
}

/// The lines of a table without blanks at their ends.
fn trimmed(table: &Table) -> String {
    table.lines().flat_map(|line| [line.trim_end().to_owned(), "\n".to_owned()]).collect()
}
