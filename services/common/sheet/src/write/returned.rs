//! The table that was sent, with the reasons of its refused rows beside them.

use std::collections::{BTreeMap, BTreeSet};

use super::{rebuilt, width};
use crate::names::normal;
use crate::package::{Edit, Package, Put, Puts, Rules, Survey, WriteError, edited, styled};
use crate::{Fault, REASON_COLUMN, Table, Value};

/// How wide the column of the reasons is, in letters.
pub(super) const WIDE: usize = 70;
/// How high a line of a reason is, in points, and how many lines are shown at most.
const LINE: usize = 15;
const MOST_SHOWN: usize = 20;
/// The most columns of a sheet.
const MOST_COLUMNS: usize = 16_384;

/// The reasons of a file by its lines, from 1, one after the other.
pub(super) type Reasons = BTreeMap<usize, Vec<String>>;

/// Makes the workbook: every refused row in colour, and in the column 错误原因 what is wrong with it,
/// one reason a line. A workbook that was sent stays as it is in all else: its other sheets, formats,
/// drop-downs, notes and formulas. A CSV file becomes a new workbook.
///
/// # Errors
/// What a sheet cannot hold, such as more rows than Excel has; a workbook without what all have.
pub fn returned(
    table: &Table,
    faults: &[Fault],
    say: impl Fn(&Fault) -> String,
) -> Result<Vec<u8>, WriteError> {
    let mut reasons = Reasons::new();
    for fault in faults {
        reasons.entry(fault.line).or_default().push(say(fault));
    }
    let cells = faults.iter().filter_map(|fault| {
        let column = fault.column.as_ref()?.index?;
        Some((fault.line.checked_sub(1)?, column))
    });
    match &table.sent {
        Some(sent) => marked(table, sent, &reasons, cells.collect()),
        None => Ok(rebuilt::workbook(table, &reasons, &cells.collect())?),
    }
}

/// The workbook with some cells of a sheet written anew, as if a person had typed them: they keep the
/// formats that they or their columns have. Lines count from 1, columns from 0; a date is written as
/// its number of days.
///
/// # Errors
/// No workbook, or none with that sheet.
pub fn with_cells(
    workbook: &[u8],
    sheet: &str,
    cells: impl IntoIterator<Item = (usize, usize, Value)>,
) -> Result<Vec<u8>, WriteError> {
    let mut package = Package::open(workbook)?;
    let part = package.sheet(sheet)?;
    let mut puts = Puts::new();
    for (line, column, value) in cells {
        let put = Put { value, style: None };
        puts.entry(line.saturating_sub(1)).or_default().insert(column, put);
    }
    let text = edited(&package.part(&part)?, Edit { puts, ..Edit::default() })?;
    package.with(&BTreeMap::from([(part, text)]))
}

/// The workbook that was sent, with the reasons.
fn marked(
    table: &Table,
    sent: &[u8],
    reasons: &Reasons,
    cells: BTreeSet<(usize, usize)>,
) -> Result<Vec<u8>, WriteError> {
    let mut package = Package::open(sent)?;
    let (sheet, styles) = (package.sheet(&table.grid.sheet)?, package.styles()?);
    let text = package.part(&sheet)?;
    let survey = Survey::of(&text)?;
    let (style_text, style) = styled(&package.part(&styles)?)?;
    let reason = reason_column(table, Some(&survey));
    if reason >= MOST_COLUMNS {
        return Err(WriteError::Lacks("room for another column".to_owned()));
    }
    let mut edit = Edit { wide: Some((reason, WIDE)), ..Edit::default() };
    let mut put = |line: usize, value: Value, style: Option<usize>| {
        edit.puts.entry(line).or_default().insert(reason, Put { value, style });
    };
    // The reasons of the time before go, and so does the header, which has its style.
    let (first, last) = table.header;
    for line in last + 1..table.grid.lines.len() {
        if !table.grid.raw(line, reason).is_empty() {
            put(line, Value::Empty, None);
        }
    }
    if (first..=last).all(|line| table.grid.raw(line, reason).is_empty()) {
        put(last, Value::text(REASON_COLUMN), Some(style.header));
    }
    for (line, reasons) in reasons {
        let line = line.saturating_sub(1);
        put(line, Value::text(&reasons.join("\n")), Some(style.reason));
        edit.heights.insert(line, height(reasons));
    }
    let body = (last + 1, table.grid.lines.len().max(last + 2) - 1);
    let (formats, priority) = (style.rules, survey.priority);
    edit.rules = Some(Rules { reason, body, cells, formats, priority });
    let parts = [(sheet, edited(&text, edit)?), (styles, style_text)];
    package.with(&BTreeMap::from(parts))
}

/// How high a row must be to show its reasons, in points.
pub(super) fn height(reasons: &[String]) -> usize {
    let lines: usize = reasons.iter().map(|it| usize::from(width(it)) / (WIDE - 4) + 1).sum();
    LINE * lines.clamp(1, MOST_SHOWN)
}

/// Where the reasons go: into their own column if the file has come back before, else behind all others
/// and behind all cells that are merged beside the table.
pub(super) fn reason_column(table: &Table, survey: Option<&Survey>) -> usize {
    let grid = &table.grid;
    let has_formulas = |column: &usize| survey.is_some_and(|it| it.formulas.contains(column));
    let is_reason = |column: &usize| {
        (table.header.0..=table.header.1)
            .any(|line| normal(&grid.raw(line, *column).written()) == REASON_COLUMN)
    };
    let own = (0..grid.width()).find(|column| is_reason(column) && !has_formulas(column));
    own.unwrap_or_else(|| {
        let beside = grid.regions.iter().filter(|region| region.to.0 >= table.header.0);
        let merged = beside.map(|region| region.to.1 + 1).max().unwrap_or_default();
        grid.width().max(survey.map_or(0, |it| it.width)).max(merged)
    })
}

#[cfg(test)]
mod tests;
