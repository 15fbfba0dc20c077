//! A CSV file as a new workbook, with the reasons of its refused rows beside them.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::returned::{Reasons, WIDE, height, reason_column};
use super::{A4, bordered, header_format, width};
use crate::package::cut;
use crate::{REASON_COLUMN, Table};

/// So many lines are looked at to find how wide the columns are.
const SAMPLE: usize = 300;
const ROW: Color = Color::RGB(0x00FF_F2CC);
const CELL: Color = Color::RGB(0x00FF_C7CE);
const RED: Color = Color::RGB(0x00C0_0000);

/// The workbook. All its cells are texts, so that what is typed into them stays as it is typed, but
/// for those of numbers that are empty.
pub(super) fn workbook(
    table: &Table,
    reasons: &Reasons,
    bad: &BTreeSet<(usize, usize)>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows = table.rows.iter().map(|row| row.line).collect();
    let writing = Writing { table, rows, reasons, bad, reason: reason_column(table, None) };
    for at in 0..table.grid.lines.len() {
        writing.line(sheet, at)?;
    }
    writing.finish(sheet)?;
    workbook.save_to_buffer()
}

struct Writing<'a> {
    table: &'a Table,
    /// The numbers of the lines that are rows of the table.
    rows: BTreeSet<usize>,
    reasons: &'a Reasons,
    /// The cells that are refused: line number less one, column.
    bad: &'a BTreeSet<(usize, usize)>,
    reason: usize,
}

fn place(at: usize, column: usize) -> (u32, u16) {
    (u32::try_from(at).unwrap_or(u32::MAX), u16::try_from(column).unwrap_or(u16::MAX))
}

impl Writing<'_> {
    fn line(&self, sheet: &mut Worksheet, at: usize) -> Result<(), XlsxError> {
        let line = &self.table.grid.lines[at];
        let reasons = self.reasons.get(&line.number);
        // A row of the table has lines all along it; what stands below the table has none.
        let is_row = reasons.is_some() || self.rows.contains(&line.number);
        let width = if is_row { self.reason } else { line.cells.len() };
        for column in (0..width.max(line.cells.len())).filter(|column| *column != self.reason) {
            let value = self.table.grid.raw(at, column);
            if value.is_empty() && !is_row {
                continue;
            }
            let format = self.format(at, column, is_row);
            let is_bad = self.bad.contains(&(line.number.wrapping_sub(1), column));
            let format = match reasons {
                None => format,
                Some(_) if is_bad => format.set_background_color(CELL),
                Some(_) => format.set_background_color(ROW),
            };
            let (row, column) = place(at, column);
            if value.is_empty() {
                sheet.write_blank(row, column, &format)?;
            } else {
                sheet.write_string_with_format(row, column, cut(&value.written()), &format)?;
            }
        }
        let (row, column) = place(at, self.reason);
        if at == self.table.header.1 {
            let format = header_format().set_font_color(RED);
            sheet.write_with_format(row, column, REASON_COLUMN, &format)?;
        }
        if let Some(reasons) = reasons {
            let format = reason_format();
            sheet.write_with_format(row, column, cut(&reasons.join("\n")), &format)?;
            sheet.set_row_height(row, u32::try_from(height(reasons)).unwrap_or(u32::MAX))?;
        }
        Ok(())
    }

    fn format(&self, at: usize, column: usize, is_row: bool) -> Format {
        let centred = |format: Format| {
            format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter)
        };
        let is_number = |column: usize| {
            let found = self.table.columns.iter().find(|found| found.index == column);
            found.is_some_and(|found| found.own)
        };
        match at {
            at if at < self.table.header.0 => centred(Format::new().set_bold()),
            at if at <= self.table.header.1 => header_format(),
            at => {
                let format = bordered().set_align(FormatAlign::VerticalCenter);
                let format = if is_row { format } else { format.set_border(FormatBorder::None) };
                let is_empty = self.table.grid.raw(at, column).is_empty();
                let is_open = is_empty && is_number(column);
                if is_open { format } else { format.set_num_format("@") }
            }
        }
    }

    fn finish(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let grid = &self.table.grid;
        let body = self.table.header.0..grid.lines.len().min(self.table.header.1 + SAMPLE);
        for column in (0..grid.width()).filter(|column| *column != self.reason) {
            let widths = body.clone().map(|at| width(&grid.raw(at, column).written()));
            let widest = (widths.max().unwrap_or_default() + 2).clamp(8, 36);
            sheet.set_column_width(place(0, column).1, f64::from(widest))?;
        }
        let wide = u16::try_from(WIDE).unwrap_or(u16::MAX);
        sheet.set_column_width(place(0, self.reason).1, f64::from(wide))?;
        let (first, _) = place(self.table.header.0, 0);
        let (last, _) = place(self.table.header.1, 0);
        sheet.set_freeze_panes(last + 1, 0)?;
        sheet.set_repeat_rows(first, last)?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

fn reason_format() -> Format {
    bordered()
        .set_background_color(ROW)
        .set_font_color(RED)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
}
