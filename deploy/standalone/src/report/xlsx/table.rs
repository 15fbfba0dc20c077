//! A table on a sheet of its own.

use rust_xlsxwriter::{IgnoreError, Worksheet, XlsxError};

use super::cells::Cells;
use super::style::{Kind, Styles};
use super::{lines, page};
use crate::report::paper::{Columns, Paper, Role, Section, groups};

/// The heights of rows in points: the title, a line of text, a line of figures.
const TITLE: u8 = 34;
const TEXT: u8 = 20;
const LINE: u32 = 19;

/// Writes a table with its title, its headings and the lines to sign.
pub(super) fn write(
    sheet: &mut Worksheet,
    paper: &Paper<'_>,
    section: &Section,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let columns = Columns::of(section);
    let head = masthead(sheet, paper, section, columns, styles)?;
    let width = headings(sheet, paper, section, head, styles)?;
    let first = head + 2;
    let mut row = first;
    for line in &section.lines {
        let (role, incomplete) = (line.role, line.main.is_incomplete());
        let text = styles.cell(Kind::Text, role, incomplete);
        let blank = if role == Role::Part { 6 } else { 2 };
        sheet.set_row_height(row, LINE * lines(&line.name, width.saturating_sub(blank)))?;
        match line.number.parse::<u32>() {
            Ok(number) => sheet.write_number_with_format(row, 0, number, text)?,
            Err(_) => sheet.write_blank(row, 0, text)?,
        };
        let name = styles.cell(Kind::Name, role, incomplete);
        sheet.write_string_with_format(row, 1, &line.name, name)?;
        if let Some(column) = columns.codes {
            sheet.write_string_with_format(row, column, &line.code, text)?;
            sheet.write_string_with_format(row, column + 1, &line.region, text)?;
        }
        let unit = paper.shown.unit;
        let lines = &section.lines;
        let mut cells =
            Cells { sheet: &mut *sheet, styles, words: paper.words, unit, first, row, line, lines };
        cells.comparison(columns.main, &line.main)?;
        if let Some((column, figures)) = columns.cumulative.zip(line.cumulative.as_ref()) {
            cells.comparison(column, figures)?;
        }
        if let Some(column) = columns.heads {
            cells.heads(column, columns.main)?;
        }
        row += 1;
    }
    finish(sheet, paper, section, (head, row), columns, styles)
}

/// The title and what must be read first; answers the row after it.
fn masthead(
    sheet: &mut Worksheet,
    paper: &Paper<'_>,
    section: &Section,
    columns: Columns,
    styles: &Styles,
) -> Result<u32, XlsxError> {
    let last = columns.last;
    let title = match section.grouping {
        "summary" => paper.words.title.to_owned(),
        _ => format!("{}{}", paper.words.title, paper.words.bracketed(section.title)),
    };
    sheet.set_row_height(0, TITLE)?;
    sheet.merge_range(0, 0, 0, last, &title, &styles.title)?;
    sheet.set_row_height(1, TEXT)?;
    sheet.merge_range(1, 0, 1, last - 2, &paper.issuer(), &styles.left)?;
    sheet.merge_range(1, last - 1, 1, last, paper.unit(), &styles.right)?;
    let heading = paper.shown.heading(paper.report);
    let lines = [(&heading, &styles.left)].into_iter();
    let mut row = 2;
    for (line, style) in lines.chain(paper.alerts.iter().map(|alert| (alert, &styles.alert))) {
        sheet.set_row_height(row, TEXT)?;
        sheet.merge_range(row, 0, row, last, line, style)?;
        row += 1;
    }
    Ok(row)
}

/// Two rows of headings, and the widths of the columns; answers that of names.
fn headings(
    sheet: &mut Worksheet,
    paper: &Paper<'_>,
    section: &Section,
    row: u32,
    styles: &Styles,
) -> Result<u8, XlsxError> {
    let mut column = 0;
    let mut names = 0;
    for group in groups(paper, section) {
        let first = column;
        for (name, width) in &group.columns {
            sheet.set_column_width(column, *width)?;
            names = if column == 1 { *width } else { names };
            if group.title.is_empty() {
                sheet.merge_range(row, column, row + 1, column, name, &styles.head)?;
            } else {
                sheet.write_string_with_format(row + 1, column, name, &styles.head)?;
            }
            column += 1;
        }
        if !group.title.is_empty() {
            sheet.merge_range(row, first, row, column - 1, &group.title, &styles.head)?;
        }
    }
    sheet.set_row_height(row, TEXT)?;
    let height = if section.has_heads { LINE * 2 } else { TEXT.into() };
    sheet.set_row_height(row + 1, height)?;
    Ok(names)
}

/// The lines to sign, what is printed, what stays in sight.
fn finish(
    sheet: &mut Worksheet,
    paper: &Paper<'_>,
    section: &Section,
    (head, end): (u32, u32),
    columns: Columns,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let blanks = paper.words.paper.signatures.map(|name| paper.words.said(name, "＿＿＿＿＿＿"));
    sheet.set_row_height(end + 1, TEXT)?;
    sheet.merge_range(end + 1, 0, end + 1, columns.last, &blanks.join("　　"), &styles.left)?;
    sheet.set_freeze_panes(head + 2, 2)?;
    sheet.set_repeat_rows(head, head + 1)?;
    sheet.set_print_area(0, 0, end + 1, columns.last)?;
    if let Some(column) = columns.codes {
        // Codes are texts even where they have no letter.
        let error = IgnoreError::NumberStoredAsText;
        sheet.ignore_error_range(head + 2, column, end, column, error)?;
    }
    let items = section.lines.iter().take_while(|line| line.role == Role::Item).count();
    if section.has_codes && items > 0 {
        // Without the total below, which stays what it is whatever is filtered.
        let last = head + 1 + u32::try_from(items).unwrap_or_default();
        sheet.autofilter(head + 1, 0, last, columns.last)?;
    }
    page(sheet, paper);
    Ok(())
}
