//! The report as CSV: the totals, then one line a row. Exact, in fen and in yuan.

use csv::Writer;
use steward_kernel::Fen;

use super::view::{Comparison, Report};
use crate::failure::{Failure, Result};

/// The columns. Every nature has current and baseline in fen; the total also in yuan.
const HEADER: [&str; 18] = [
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
];

/// Writes the report as CSV (UTF-8, a line feed after every line).
pub(super) fn render(report: &Report) -> Result<String> {
    let mut writer = Writer::from_writer(Vec::new());
    let complete = report.complete.to_string();
    let natures = [&report.total, &report.running, &report.capital, &report.revenue];
    let mut lines = vec![line(["total", "", ""], natures, &complete)];
    lines.extend(report.rows.iter().map(|row| {
        let natures = [&row.total, &row.running, &row.capital, &row.revenue];
        line([row.grouping, &row.key, &row.label], natures, &complete)
    }));
    let failed = |error: csv::Error| Failure::new(format!("the report cannot be written: {error}"));
    writer.write_record(HEADER).map_err(failed)?;
    for line in lines {
        writer.write_record(line).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Failure::new(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Failure::new(error.to_string()))
}

fn line(names: [&str; 3], natures: [&Comparison; 4], complete: &str) -> Vec<String> {
    let [total, running, capital, revenue] = natures;
    let yuan = |fen: i64| Fen::new(fen).to_string();
    let or_empty = |number: Option<i64>| number.map(|it| it.to_string()).unwrap_or_default();
    let mut line: Vec<String> = names.map(str::to_owned).to_vec();
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
    line.extend([total.incomplete.to_string(), complete.to_owned()]);
    line
}
