//! An answer as a workbook, a sheet a table. Totals that are the sum of their rows are formulas whose
//! results stand beside them.

use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{
    DocProperties, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

use super::answer::{Answer, Column, Form, Table, Value, pick};
use super::plain::NONE;
use crate::failure::{Failure, Result};
use crate::report::Language;

/// A4.
const PAPER: u8 = 9;
/// The heights of rows in points: the title, all else.
const TITLE: u8 = 34;
const TEXT: u8 = 20;
const HEAD_FILL: u32 = 0x00D3_DCE6;
const TOTAL_FILL: u32 = 0x00E7_ECF2;
/// The widths of columns in letters, at least and at most.
const WIDTHS: (usize, usize) = (9, 40);

/// Writes the answer as an XLSX file.
pub(super) fn render(answer: &Answer, language: Language) -> Result<Vec<u8>> {
    workbook(answer, language)
        .and_then(|mut book| book.save_to_buffer())
        .map_err(|error| Failure::new(format!("the workbook cannot be written: {error}")))
}

fn workbook(answer: &Answer, language: Language) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_title(&answer.title));
    for table in &answer.tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.name)?;
        write(sheet, answer, table, language)?;
    }
    Ok(book)
}

fn write(
    sheet: &mut Worksheet,
    answer: &Answer,
    table: &Table,
    language: Language,
) -> Result<(), XlsxError> {
    let last = index(table.columns.len().saturating_sub(1));
    let title = base().set_font_size(18).set_bold().set_align(FormatAlign::Center);
    line(sheet, 0, last, &answer.title, &title)?;
    sheet.set_row_height(0, TITLE)?;
    let mut row = 1;
    for text in &answer.lines {
        line(sheet, row, last, text, &base())?;
        row += 1;
    }
    let head = row;
    let style = boxed().set_bold().set_text_wrap().set_align(FormatAlign::Center);
    let style = style.set_background_color(HEAD_FILL);
    for (place, column) in table.columns.iter().enumerate() {
        sheet.set_column_width(index(place), width(table, place, column.of(language)))?;
        sheet.write_string_with_format(head, index(place), column.of(language), &style)?;
    }
    row += 1;
    let first = row;
    for values in &table.rows {
        for ((place, column), value) in table.columns.iter().enumerate().zip(values) {
            cell(sheet, (row, index(place)), column, value, &boxed())?;
        }
        row += 1;
    }
    if let Some(values) = &table.total {
        total(sheet, table, values, (first, row), language)?;
        row += 1;
    }
    for note in &answer.notes {
        line(sheet, row, last, note, &base().set_text_wrap())?;
        row += 1;
    }
    sheet.set_freeze_panes(first, 0)?;
    sheet.set_repeat_rows(head, head)?;
    sheet.set_landscape();
    sheet.set_paper_size(PAPER);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_footer("&C&P / &N");
    Ok(())
}

fn total(
    sheet: &mut Worksheet,
    table: &Table,
    values: &[Value],
    (first, row): (u32, u32),
    language: Language,
) -> Result<(), XlsxError> {
    let style = || boxed().set_bold().set_background_color(TOTAL_FILL);
    for ((place, column), value) in table.columns.iter().enumerate().zip(values) {
        let at = (row, index(place));
        match value {
            _ if place == 0 => {
                sheet.write_string_with_format(
                    at.0,
                    at.1,
                    pick(language, ("合计", "Total")),
                    &style(),
                )?;
            }
            Value::Number(number) if column.sums && row > first => {
                let ends = [first, row - 1].map(|row| row_col_to_cell(row, at.1));
                let formula = Formula::new(format!("=SUM({}:{})", ends[0], ends[1]));
                let formula = formula.set_result(column.form.in_cell(*number));
                let style = numbered(style(), column.form);
                sheet.write_formula_with_format(at.0, at.1, formula, &style)?;
            }
            Value::None => {
                sheet.write_blank(at.0, at.1, &style())?;
            }
            value => cell(sheet, at, column, value, &style())?,
        }
    }
    Ok(())
}

fn cell(
    sheet: &mut Worksheet,
    (row, place): (u32, u16),
    column: &Column,
    value: &Value,
    style: &Format,
) -> Result<(), XlsxError> {
    match value {
        Value::None => {
            let style = style.clone().set_align(FormatAlign::Center);
            sheet.write_string_with_format(row, place, NONE, &style)?;
        }
        Value::Text(text) => {
            sheet.write_string_with_format(row, place, text, &style.clone().set_text_wrap())?;
        }
        Value::Number(number) => {
            // The decimal number is exact; its nearest float is made here and nowhere before.
            let nearest: f64 = column.form.in_cell(*number).parse().unwrap_or_default();
            let style = numbered(style.clone(), column.form);
            sheet.write_number_with_format(row, place, nearest, &style)?;
        }
    }
    Ok(())
}

fn numbered(style: Format, form: Form) -> Format {
    let style = style.set_align(FormatAlign::Right);
    match form {
        Form::Text => style,
        Form::Count => style.set_num_format("#,##0"),
        Form::Yuan => style.set_num_format("#,##0.00"),
        Form::Thousandths => style.set_num_format("#,##0.0"),
        Form::Percent => style.set_num_format("0.00%"),
    }
}

/// A text over all columns.
fn line(
    sheet: &mut Worksheet,
    row: u32,
    last: u16,
    text: &str,
    style: &Format,
) -> Result<(), XlsxError> {
    sheet.set_row_height(row, TEXT)?;
    if last == 0 {
        sheet.write_string_with_format(row, 0, text, style)?;
    } else {
        sheet.merge_range(row, 0, row, last, text, style)?;
    }
    Ok(())
}

/// How wide a column is for its name and texts; a Chinese character is two letters wide.
fn width(table: &Table, place: usize, name: &str) -> u8 {
    let letters =
        |text: &str| -> usize { text.chars().map(|it| if it.is_ascii() { 1 } else { 2 }).sum() };
    let texts = table.rows.iter().filter_map(|row| match row.get(place) {
        Some(Value::Text(text)) => Some(letters(text)),
        _ => None,
    });
    let most = texts.chain([letters(name)]).max().unwrap_or_default();
    u8::try_from((most + 2).clamp(WIDTHS.0, WIDTHS.1)).unwrap_or(u8::MAX)
}

fn index(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

fn base() -> Format {
    Format::new().set_font_name("宋体").set_font_size(11).set_align(FormatAlign::VerticalCenter)
}

fn boxed() -> Format {
    base().set_border(FormatBorder::Thin)
}
