//! The report as a table for people, on a terminal.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, LineStyle, Table};
use steward_kernel::Fen;

use super::figures::percent;
use super::notes::notes;
use super::shown::{Shown, baseline_word};
use super::view::{Comparison, PerHead, Report, Row};
use super::words::{Language, Words};

/// Writes the report as a table with what a reader must know below it.
pub fn render(report: &Report, shown: &Shown) -> String {
    let words = shown.words();
    let unit = words.unit_lines[shown.unit.place()];
    let mut text = String::new();
    if !shown.banner.is_empty() {
        text.push_str(&shown.banner);
        text.push('\n');
    }
    let heading = shown.heading(report);
    text.extend([words.title, "\n", &heading, "    ", unit, "\n"]);
    text.push_str(&trimmed(&table(report, shown, words)));
    for line in notes(report, shown) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn table(report: &Report, shown: &Shown, words: &Words) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    let baseline = baseline_word(report, words);
    let mut header = vec![
        words.item.to_owned(),
        words.current.to_owned(),
        baseline.to_owned(),
        words.change.to_owned(),
        words.change_ratio.to_owned(),
    ];
    if !report.head_count.is_empty() {
        let of = |period| {
            let name = words.of_period(period, words.heads.amount);
            format!("{name}{}", words.bracketed(words.heads.unit))
        };
        header.extend([of(words.current), of(baseline), words.change_ratio.to_owned()]);
    }
    let columns = header.len();
    table.set_header(header);
    for column in 1..columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let part = |name: &str| format!("  {}{name}", words.of_which);
    let indent = " ".repeat(if shown.language == Language::Zh { 8 } else { 9 });
    for (label, comparison, heads) in [
        (words.total.to_owned(), &report.total, report.total_per_head),
        (part(words.running), &report.running, None),
        (format!("{indent}{}", words.capital), &report.capital, None),
        (apart(words), &report.revenue, None),
    ] {
        table.add_row(cells(&label, comparison, heads, report, shown));
    }
    for section in sections(&report.rows) {
        add_section(&mut table, section, report, shown, words);
    }
    table
}

/// What revenue is called below a total.
fn apart(words: &Words) -> String {
    format!("{}{}{}", words.apart, words.revenue, words.in_no_total)
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
        if report.is_silent(row) {
            let unknown = [words.incomplete_mark, words.incomplete_mark].map(str::to_owned);
            let [change, ratio] = unknown;
            table.add_row([format!("  {name}"), "—".to_owned(), "—".to_owned(), change, ratio]);
            continue;
        }
        table.add_row(if row.is_revenue() {
            cells(&format!("  {name}{}", words.in_no_total), &row.revenue, None, report, shown)
        } else {
            cells(&format!("  {name}"), &row.total, row.per_head, report, shown)
        });
    }
    if first.grouping == "region" {
        let label = if shown.whole_city { words.whole_city } else { words.total };
        let (total, heads) = (&report.total, report.total_per_head);
        table.add_row(cells(&format!("  {label}"), total, heads, report, shown));
    }
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

fn cells(
    label: &str,
    comparison: &Comparison,
    heads: Option<PerHead>,
    report: &Report,
    shown: &Shown,
) -> Vec<Cell> {
    let words = shown.words();
    let absent = if comparison.incomplete { words.incomplete_mark } else { "—" };
    let amount = |fen: i64| shown.unit.shown(fen);
    let mut cells = vec![
        Cell::new(label),
        Cell::new(amount(comparison.current_fen)),
        Cell::new(amount(comparison.baseline_fen)),
        Cell::new(comparison.change_fen.map_or(absent.to_owned(), amount)),
        Cell::new(comparison.change_bp.map_or(absent.to_owned(), percent)),
    ];
    if !report.head_count.is_empty() {
        let heads = heads.unwrap_or_default();
        let yuan = |fen: Option<i64>| fen.map_or("—".to_owned(), |fen| Fen::new(fen).to_string());
        let ratio = heads.change_bp.map_or("—".to_owned(), percent);
        cells.extend([yuan(heads.current_fen), yuan(heads.baseline_fen), ratio].map(Cell::new));
    }
    cells
}

/// The lines of a table without blanks at their ends.
fn trimmed(table: &Table) -> String {
    table.lines().flat_map(|line| [line.trim_end().to_owned(), "\n".to_owned()]).collect()
}
