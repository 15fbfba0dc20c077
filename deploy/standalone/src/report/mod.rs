//! `steward report`: the cost-reduction report. For people a table, a workbook or a page; for
//! programs JSON or CSV.
//!
//! `fetch` asks, `view` is the answer as plain data, `paper` lays it out for sheets and pages; each
//! format has a module that writes it and knows nothing of the others.

mod csv;
mod fetch;
mod figures;
#[cfg(test)]
mod fixture;
mod html;
mod json;
#[cfg(test)]
mod made;
mod notes;
mod options;
mod paper;
#[cfg(test)]
mod render_tests;
mod shown;
pub mod table;
pub mod view;
mod wire;
mod words;
mod xlsx;

use crate::failure::Result;

pub use fetch::{fetch, fetch_for};
pub use figures::Unit;
pub use options::{Basis, Format, GroupBy, Options, PerHead, Structure, View};
pub use shown::{Shown, Unmatched};
pub use view::Report;
pub use words::Language;

/// Writes a report.
pub fn render(report: &Report, format: Format, shown: &Shown) -> Result<Vec<u8>> {
    match format {
        Format::Table => Ok(table::render(report, shown).into_bytes()),
        Format::Json => json::render(report).map(String::into_bytes),
        Format::Csv => csv::render(report).map(String::into_bytes),
        Format::Xlsx => xlsx::render(&paper::Paper::new(report, shown)),
        Format::Html => Ok(html::render(&paper::Paper::new(report, shown)).into_bytes()),
    }
}
