//! The table that was sent, with the reasons of its refused rows beside them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rust_xlsxwriter::{
    Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{A4, bordered, header_format, width};
use crate::names::normal;
use crate::value::{MOST_DIGITS, day};
use crate::{Fault, REASON_COLUMN, Table, Value};

/// The longest text of a cell that Excel takes.
const MOST_LETTERS: usize = 32_767;
/// So many lines are looked at to find how wide the columns are.
const SAMPLE: usize = 300;
const ROW: Color = Color::RGB(0x00FF_F2CC);
const CELL: Color = Color::RGB(0x00FF_C7CE);
const RED: Color = Color::RGB(0x00C0_0000);

/// Makes the workbook: the same sheet with its lines in the same rows, every refused row in colour, and
/// in the column 错误原因 what is wrong with it, one reason a line.
///
/// # Errors
/// What a sheet cannot hold, such as more rows than Excel has.
pub fn returned(
    table: &Table,
    faults: &[Fault],
    say: impl Fn(&Fault) -> String,
) -> Result<Vec<u8>, XlsxError> {
    let mut by_line: BTreeMap<usize, Vec<&Fault>> = BTreeMap::new();
    for fault in faults {
        by_line.entry(fault.line).or_default().push(fault);
    }
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    if !table.grid.sheet.is_empty() {
        sheet.set_name(&table.grid.sheet)?;
    }
    let rows = table.rows.iter().map(|row| row.at).collect();
    let writing = Writing { table, rows, reason: reason_column(table), formats: Formats::new() };
    writing.merge(sheet);
    for (at, line) in table.grid.lines.iter().enumerate() {
        let faults = by_line.get(&line.number).map(Vec::as_slice).unwrap_or_default();
        writing.line(sheet, at, faults)?;
        if !faults.is_empty() {
            writing.reasons(sheet, at, faults.iter().map(|fault| say(fault)))?;
        }
    }
    writing.finish(sheet)?;
    workbook.save_to_buffer()
}

/// Where the reasons go: into their own column if the file has come back before, else behind all others.
fn reason_column(table: &Table) -> usize {
    let grid = &table.grid;
    let is_reason = |column: &usize| {
        (table.header.0..=table.header.1)
            .any(|line| normal(&grid.raw(line, *column).written()) == REASON_COLUMN)
    };
    (0..grid.width()).find(is_reason).unwrap_or_else(|| grid.width())
}

struct Writing<'a> {
    table: &'a Table,
    /// The lines that are rows of the table.
    rows: HashSet<usize>,
    reason: usize,
    formats: Formats,
}

/// The formats of cells by what they hold, each for sound cells, for those of a refused row and for
/// refused ones.
struct Formats {
    plain: Format,
    text: Format,
    whole: Format,
    date: Format,
}

impl Formats {
    fn new() -> Self {
        let plain = bordered().set_align(FormatAlign::VerticalCenter);
        Self {
            text: plain.clone().set_num_format("@"),
            whole: plain.clone().set_num_format("0"),
            date: plain.clone().set_num_format("yyyy-mm-dd"),
            plain,
        }
    }

    fn of(&self, value: &Value) -> &Format {
        match value {
            Value::Text(_) | Value::Error(_) => &self.text,
            Value::Date { .. } => &self.date,
            // A long number is shown with all its digits.
            Value::Number(_) if value.written().len() > MOST_DIGITS - 4 => &self.whole,
            _ => &self.plain,
        }
    }
}

fn place(at: usize, column: usize) -> (u32, u16) {
    (u32::try_from(at).unwrap_or(u32::MAX), u16::try_from(column).unwrap_or(u16::MAX))
}

impl Writing<'_> {
    /// Merges what was merged. Regions that overlap, which a damaged file may have, stay apart.
    fn merge(&self, sheet: &mut Worksheet) {
        let height = self.table.grid.lines.len();
        for region in &self.table.grid.regions {
            let last = (region.to.0.min(height.saturating_sub(1)), region.to.1);
            let inside = region.from.1 <= self.reason && self.reason <= region.to.1;
            if last == region.from || (inside && region.to.0 >= self.table.header.0) {
                continue;
            }
            let ((row, column), (last_row, last_column)) =
                (place(region.from.0, region.from.1), place(last.0, last.1));
            let format = self.format(region.from.0);
            let _ = sheet.merge_range(row, column, last_row, last_column, "", &format);
        }
    }

    /// The format of a line that is no row of the table.
    fn format(&self, at: usize) -> Format {
        match at {
            at if at < self.table.header.0 => Format::new()
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            at if at <= self.table.header.1 => header_format(),
            _ => bordered().set_align(FormatAlign::VerticalCenter),
        }
    }

    fn line(&self, sheet: &mut Worksheet, at: usize, faults: &[&Fault]) -> Result<(), XlsxError> {
        let line = &self.table.grid.lines[at];
        let bad: BTreeSet<usize> =
            faults.iter().filter_map(|it| it.column.as_ref()?.index).collect();
        let is_body = at > self.table.header.1;
        // A row of the table has lines all along it; what stands below the table has none.
        let is_row = !faults.is_empty() || self.rows.contains(&at);
        let width = if is_row { self.reason } else { line.cells.len() };
        for column in (0..width.max(line.cells.len())).filter(|column| *column != self.reason) {
            let value = self.table.grid.raw(at, column);
            let format = if is_body { self.formats.of(value).clone() } else { self.format(at) };
            let format =
                if is_body && !is_row { format.set_border(FormatBorder::None) } else { format };
            let format = match faults.is_empty() {
                true => format,
                false if bad.contains(&column) => format.set_background_color(CELL),
                false => format.set_background_color(ROW),
            };
            if !value.is_empty() || is_row {
                write(sheet, place(at, column), value, &format)?;
            }
        }
        if at == self.table.header.1 {
            let (row, column) = place(at, self.reason);
            let format = header_format().set_font_color(RED);
            sheet.write_with_format(row, column, REASON_COLUMN, &format)?;
        }
        Ok(())
    }

    fn reasons(
        &self,
        sheet: &mut Worksheet,
        at: usize,
        reasons: impl Iterator<Item = String>,
    ) -> Result<(), XlsxError> {
        let reasons: Vec<_> = reasons.collect();
        let lines: u16 = reasons.iter().map(|reason| width(reason) / 66 + 1).sum();
        let format = bordered()
            .set_background_color(ROW)
            .set_font_color(RED)
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter);
        let (row, column) = place(at, self.reason);
        sheet.write_with_format(row, column, cut(&reasons.join("\n")), &format)?;
        sheet.set_row_height(row, 15 * lines.clamp(1, 20))?;
        Ok(())
    }

    fn finish(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let grid = &self.table.grid;
        let body = self.table.header.0..grid.lines.len().min(self.table.header.1 + SAMPLE);
        for column in (0..grid.width()).filter(|column| *column != self.reason) {
            let widths = body.clone().map(|at| match grid.raw(at, column) {
                Value::Date { .. } => 10,
                value => width(&value.written()),
            });
            let widest = (widths.max().unwrap_or_default() + 2).clamp(8, 36);
            sheet.set_column_width(place(0, column).1, f64::from(widest))?;
        }
        sheet.set_column_width(place(0, self.reason).1, 70)?;
        let (first, _) = place(self.table.header.0, 0);
        let (last, _) = place(self.table.header.1, 0);
        sheet.set_freeze_panes(last + 1, 0)?;
        sheet.set_repeat_rows(first, last)?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(MOST_LETTERS).map_or(text, |(end, _)| &text[..end])
}

/// Writes a value as it was read.
fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: &Value,
    format: &Format,
) -> Result<(), XlsxError> {
    match value {
        Value::Empty => sheet.write_blank(row, column, format)?,
        Value::Text(text) | Value::Error(text) => {
            sheet.write_string_with_format(row, column, cut(text), format)?
        }
        Value::Number(number) => sheet.write_number_with_format(row, column, *number, format)?,
        Value::Bool(is) => sheet.write_boolean_with_format(row, column, *is, format)?,
        // The workbook that is written counts from 1900.
        Value::Date { serial, is_1904: false } => {
            sheet.write_number_with_format(row, column, *serial, format)?
        }
        Value::Date { serial, is_1904: true } => match day(*serial, true) {
            Some(day) => {
                let text = day.to_string();
                sheet.write_datetime_with_format(
                    row,
                    column,
                    ExcelDateTime::parse_from_str(&text)?,
                    format,
                )?
            }
            None => sheet.write_number_with_format(row, column, *serial, format)?,
        },
    };
    Ok(())
}

#[cfg(test)]
mod tests;
