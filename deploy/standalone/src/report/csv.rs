//! The report as CSV: the totals, then one line a row. Exact, in fen and in yuan. Every line says
//! what report it is of, so that it can be cut out or put beside those of others.

use csv::Writer;
use steward_kernel::Fen;

use super::view::{Comparison, MonthPeriod, PerHead, Report};
use crate::failure::{Failure, Result};

/// The columns. Every nature has current and baseline in fen; the total also in yuan. Months are
/// included at both ends. Suspected are so many payments that may be booked twice, if all are listed.
const HEADER: [&str; 38] = [
    "grouping",
    "key",
    "label",
    "current_fen",
    "baseline_fen",
    "change_fen",
    "change_bp",
    "current_yuan",
    "baseline_yuan",
    "change_yuan",
    "running_current_fen",
    "running_baseline_fen",
    "capital_current_fen",
    "capital_baseline_fen",
    "revenue_current_fen",
    "revenue_baseline_fen",
    "incomplete",
    "report_complete",
    "period_from",
    "period_to",
    "baseline_from",
    "baseline_to",
    "basis",
    "view",
    "scope_limited",
    "unanswered_domains",
    "suspected_current",
    "suspected_baseline",
    "suspected_all_listed",
    "structure",
    "head_count",
    "region",
    "current_heads",
    "baseline_heads",
    "current_per_head_fen",
    "baseline_per_head_fen",
    "per_head_change_bp",
    "directory_answered",
];

/// Writes the report as CSV (UTF-8, a line feed after every line).
pub(super) fn render(report: &Report) -> Result<String> {
    let mut writer = Writer::from_writer(Vec::new());
    let facts = facts(report);
    let natures = [&report.total, &report.running, &report.capital, &report.revenue];
    let heads = per_head("", report.total_per_head);
    let mut lines = vec![line(["total", "", ""], natures, &facts, heads)];
    lines.extend(report.rows.iter().map(|row| {
        let natures = [&row.total, &row.running, &row.capital, &row.revenue];
        let heads = per_head(&row.region, row.per_head);
        line([row.grouping, &row.key, &row.label], natures, &facts, heads)
    }));
    let failed = |error: csv::Error| Failure::new(format!("the report cannot be written: {error}"));
    writer.write_record(HEADER).map_err(failed)?;
    for mut line in lines {
        line.push(report.directory_answered.to_string());
        writer.write_record(line).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Failure::new(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Failure::new(error.to_string()))
}

/// What is the same in every line.
fn facts(report: &Report) -> Vec<String> {
    let months = |period: &MonthPeriod| match period.included() {
        Some((from, to)) => [from.to_string(), to.to_string()],
        None => Default::default(),
    };
    let unanswered = report.parts.iter().filter(|part| !part.answered);
    let unanswered: Vec<_> = unanswered.map(|part| part.domain.as_str()).collect();
    let mut facts = vec![report.complete.to_string()];
    facts.extend(months(&report.period));
    facts.extend(months(&report.baseline));
    facts.extend([report.basis, report.view].map(str::to_owned));
    facts.extend([report.scope_limited.to_string(), unanswered.join(";")]);
    let suspects = &report.suspected_duplicates;
    let in_baseline = suspects.iter().filter(|suspect| suspect.in_baseline).count();
    let in_current = suspects.len() - in_baseline;
    let all = report.suspected_duplicates_checked && !report.suspected_duplicates_truncated;
    facts.extend([in_current.to_string(), in_baseline.to_string(), all.to_string()]);
    facts.extend([report.structure, report.head_count].map(str::to_owned));
    facts
}

/// A text that no spreadsheet takes for a formula.
fn inert(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("{mark}{text}")
}

/// The region of a row, its head counts, its costs per head and their change.
fn per_head(region: &str, heads: Option<PerHead>) -> Vec<String> {
    let heads = heads.unwrap_or_default();
    let numbers = [
        heads.current_heads,
        heads.baseline_heads,
        heads.current_fen,
        heads.baseline_fen,
        heads.change_bp,
    ];
    [inert(region)].into_iter().chain(numbers.map(or_empty)).collect()
}

fn or_empty(number: Option<i64>) -> String {
    number.map(|it| it.to_string()).unwrap_or_default()
}

fn line(
    names: [&str; 3],
    natures: [&Comparison; 4],
    facts: &[String],
    heads: Vec<String>,
) -> Vec<String> {
    let [total, running, capital, revenue] = natures;
    let yuan = |fen: i64| Fen::new(fen).to_string();
    let mut line: Vec<String> = names.map(inert).to_vec();
    line.extend([
        total.current_fen.to_string(),
        total.baseline_fen.to_string(),
        or_empty(total.change_fen),
        or_empty(total.change_bp),
        yuan(total.current_fen),
        yuan(total.baseline_fen),
        total.change_fen.map(yuan).unwrap_or_default(),
    ]);
    for nature in [running, capital, revenue] {
        line.extend([nature.current_fen.to_string(), nature.baseline_fen.to_string()]);
    }
    line.push(total.incomplete.to_string());
    line.extend_from_slice(facts);
    line.extend(heads);
    line
}
