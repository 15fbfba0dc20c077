//! The report as a workbook: a sheet a table and one with notes. Sums, differences and ratios are
//! formulas whose results stand beside them, so that a viewer that does not calculate shows the same.

mod cells;
mod notes;
mod style;
mod table;
#[cfg(test)]
mod tests;

use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};
use steward_kernel::BUREAU_OFFSET;

use super::paper::{Paper, letters};
use crate::failure::{Failure, Result};
use style::Styles;

/// A4.
const PAPER: u8 = 9;
/// Margins in inches: left, right, top, bottom, header, footer.
const MARGINS: [f64; 6] = [0.5, 0.5, 0.6, 0.7, 0.3, 0.35];

/// Writes the report as an XLSX file.
pub(super) fn render(paper: &Paper<'_>) -> Result<Vec<u8>> {
    workbook(paper)
        .and_then(|mut book| book.save_to_buffer())
        .map_err(|error| Failure::new(format!("the workbook cannot be written: {error}")))
}

fn workbook(paper: &Paper<'_>) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(paper)?);
    let styles = Styles::new(paper.words);
    for section in &paper.sections {
        let sheet = book.add_worksheet();
        sheet.set_name(section.title)?;
        table::write(sheet, paper, section, &styles)?;
    }
    let sheet = book.add_worksheet();
    sheet.set_name(paper.words.notes)?;
    notes::write(sheet, paper, &styles)?;
    Ok(book)
}

/// The title, and as time of making the last read: the same figures make the same file.
fn properties(paper: &Paper<'_>) -> Result<DocProperties, XlsxError> {
    let mut properties = DocProperties::new().set_title(paper.words.title);
    if !paper.shown.issuer.is_empty() {
        properties = properties.set_company(&paper.shown.issuer);
    }
    let read = paper.report.parts.iter().filter_map(|part| part.read_time).max();
    if let Some(time) = read.map(|time| time.with_timezone(&BUREAU_OFFSET)) {
        let year = u16::try_from(time.year()).unwrap_or(1900);
        let [month, day, minute] = [time.month(), time.day(), time.minute()]
            .map(|number| u8::try_from(number).unwrap_or_default());
        let hour = u16::try_from(time.hour()).unwrap_or_default();
        let second: f64 = time.second().into();
        let made = ExcelDateTime::from_ymd(year, month, day)?.and_hms(hour, minute, second)?;
        properties = properties.set_creation_datetime(&made);
    }
    Ok(properties)
}

/// Landscape A4, one page wide, with the number of the page below.
fn page(sheet: &mut Worksheet, paper: &Paper<'_>) {
    let [left, right, top, bottom, header, footer] = MARGINS;
    sheet.set_landscape();
    sheet.set_paper_size(PAPER);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_print_center_horizontally(true);
    sheet.set_margins(left, right, top, bottom, header, footer);
    let [before, between, after] = paper.words.paper.pages;
    let issuer = paper.shown.issuer.replace('&', "&&");
    let issuer: String = issuer.chars().take(60).collect();
    sheet.set_header("&R&A");
    sheet.set_footer(format!("&L{issuer}&C{before}&P{between}&N{after}"));
}

/// How many lines a text takes in a cell so many letters wide.
fn lines(text: &str, width: u8) -> u32 {
    u32::try_from(letters(text).div_ceil(width.max(1).into()).max(1)).unwrap_or(1)
}
