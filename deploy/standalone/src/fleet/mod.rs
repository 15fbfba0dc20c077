//! `steward fleet`: what fleet answers about vehicles, as tables for people, workbooks, CSV and JSON.

mod answer;
mod due;
mod establishments;
mod figures;
mod findings;
mod list;
mod names;
mod plain;
#[cfg(test)]
mod tests;
mod xlsx;

use chrono::NaiveDate;
use steward_kernel::Month;

use crate::client::Client;
use crate::failure::Result;
use crate::report::Language;

use answer::Answer;

/// What is asked.
#[derive(Debug, Clone)]
pub enum Asked {
    /// What an organization publishes of a month.
    List {
        /// Its code.
        organization: String,
        /// The month.
        month: Month,
    },
    /// Establishments by organization, or by region.
    Establishments {
        /// Whether by region.
        by_region: bool,
        /// Which are asked for.
        of: Of,
    },
    /// Vehicles for which something is due before a day.
    Due {
        /// What is due.
        what: Due,
        /// Before which day.
        before: NaiveDate,
        /// Whose.
        of: Of,
    },
    /// Figures of vehicles over months, the last one included.
    Figures {
        /// The first month and the last.
        months: (Month, Month),
        /// Whose.
        of: Of,
    },
    /// Findings.
    Findings {
        /// Whether each that is not closed; else how many by region and rule.
        each: bool,
        /// Whose.
        of: Of,
    },
}

/// The regions and organizations that are asked for; none = all.
#[derive(Debug, Clone, Default)]
pub struct Of {
    /// Codes and patterns.
    pub regions: Vec<String>,
    /// Codes.
    pub organizations: Vec<String>,
}

/// What may be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Due {
    /// The vehicle may be renewed
    Renewal,
    /// Its inspection runs out
    Inspection,
    /// Its insurance runs out
    Insurance,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Tables for people
    #[default]
    Table,
    /// JSON, in small units
    Json,
    /// CSV, in small units
    Csv,
    /// A workbook
    Xlsx,
}

/// Asks, and writes the answer.
pub async fn answer(
    client: &Client,
    asked: &Asked,
    format: Format,
    language: Language,
) -> Result<Vec<u8>> {
    let answer = match asked {
        Asked::List { organization, month } => {
            list::ask(client, organization, *month, language).await?
        }
        Asked::Establishments { by_region, of } => {
            establishments::ask(client, *by_region, of, language).await?
        }
        Asked::Due { what, before, of } => due::ask(client, *what, *before, of, language).await?,
        Asked::Figures { months, of } => figures::ask(client, *months, of, language).await?,
        Asked::Findings { each: false, of } => findings::count(client, of, language).await?,
        Asked::Findings { each: true, of } => findings::each(client, of, language).await?,
    };
    written(&answer, format, language)
}

fn written(answer: &Answer, format: Format, language: Language) -> Result<Vec<u8>> {
    match format {
        Format::Table => Ok(plain::table(answer, language).into_bytes()),
        Format::Json => Ok(plain::json(answer).into_bytes()),
        Format::Csv => plain::csv(answer).map(String::into_bytes),
        Format::Xlsx => xlsx::render(answer, language),
    }
}
