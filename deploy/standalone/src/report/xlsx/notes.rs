//! The sheet with what a reader must know.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::style::{Kind, Styles};
use super::{lines, page};
use crate::report::paper::{Grid, Paper, Role, Value};

/// The widths of the columns; the text beside a name goes over all but the first.
const WIDTHS: [u8; 8] = [18, 28, 23, 24, 18, 22, 14, 30];
/// How wide that text may be, in letters, and the height of a line in points.
const TEXT: u8 = 150;
const LINE: u32 = 17;

/// Writes the sheet.
pub(super) fn write(
    sheet: &mut Worksheet,
    paper: &Paper<'_>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let last = 7;
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_row_height(0, 34)?;
    let title = format!("{}{}", paper.words.title, paper.words.bracketed(paper.words.notes));
    sheet.merge_range(0, 0, 0, last, &title, &styles.title)?;
    sheet.merge_range(1, 0, 1, last, &paper.issuer(), &styles.left)?;
    let mut row = 2;
    for (name, text) in &paper.facts {
        sheet.set_row_height(row, LINE * lines(text, TEXT))?;
        sheet.write_string_with_format(row, 0, *name, &styles.label)?;
        sheet.merge_range(row, 1, row, last, text, &styles.wrapped)?;
        row += 1;
    }
    for grid in &paper.grids {
        row = write_grid(sheet, grid, row + 1, styles)?;
    }
    sheet.set_print_area(0, 0, row, last)?;
    page(sheet, paper);
    Ok(())
}

/// Writes a table; answers the row after it.
fn write_grid(
    sheet: &mut Worksheet,
    grid: &Grid,
    mut row: u32,
    styles: &Styles,
) -> Result<u32, XlsxError> {
    sheet.set_row_height(row, LINE + 5)?;
    sheet.write_string_with_format(row, 0, &grid.title, &styles.heading)?;
    row += 1;
    for (column, name) in (0..).zip(&grid.header) {
        sheet.write_string_with_format(row, column, *name, &styles.head)?;
    }
    row += 1;
    let style = |kind| styles.cell(kind, Role::Item, false);
    for cells in &grid.rows {
        let height = cells.iter().zip(WIDTHS).map(|(value, width)| match value {
            Value::Text(text) => lines(text, width - 2),
            Value::Count(_) | Value::Yuan(_) => 1,
        });
        sheet.set_row_height(row, LINE * height.max().unwrap_or(1))?;
        for (column, value) in (0..).zip(cells) {
            match value {
                Value::Text(text) => {
                    sheet.write_string_with_format(row, column, text, &styles.wrapped)?;
                }
                Value::Count(count) => {
                    let number: f64 = count.to_string().parse().unwrap_or_default();
                    sheet.write_number_with_format(row, column, number, style(Kind::Count))?;
                }
                Value::Yuan(fen) => {
                    let yuan = steward_kernel::Fen::new(*fen).to_string();
                    let number: f64 = yuan.parse().unwrap_or_default();
                    sheet.write_number_with_format(row, column, number, style(Kind::Amount))?;
                }
            }
        }
        row += 1;
    }
    if !grid.remark.is_empty() {
        sheet.write_string_with_format(row, 0, &grid.remark, &styles.alert)?;
        row += 1;
    }
    Ok(row)
}
