//! The report as JSON: the fields of the API in their order, amounts as numbers of fen.

use super::view::Report;
use crate::failure::{Failure, Result};

/// Writes the report as indented JSON with a line feed at its end.
pub(super) fn render(report: &Report) -> Result<String> {
    let mut text = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::new(format!("the report cannot be written as JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}
