//! What a sheet has besides the values of its cells.

use std::collections::BTreeSet;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::WriteError;
use super::xml::{attribute, local, number, place};

/// What a sheet has besides the values of its cells.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The rows that cannot be seen, counted from 1.
    pub(crate) hidden: BTreeSet<usize>,
    /// Behind the last column, from 0, in which anything stands, be it a formula that shows nothing.
    pub(crate) width: usize,
    /// The columns, from 0, in which formulas stand.
    pub(crate) formulas: BTreeSet<usize>,
    /// The largest priority of its conditional formats.
    pub(crate) priority: usize,
}

impl Survey {
    /// Looks over the text of a sheet.
    pub(crate) fn of(xml: &str) -> Result<Self, WriteError> {
        let mut survey = Self::default();
        let mut reader = Reader::from_str(xml);
        let (mut row, mut column) = (0, 0);
        loop {
            let (element, is_empty) = match reader.read_event()? {
                Event::Start(it) => (it, false),
                Event::Empty(it) => (it, true),
                Event::Eof => return Ok(survey),
                _ => continue,
            };
            match local(element.name().0) {
                "row" => {
                    row = number(&element, "r")?.unwrap_or(row + 1);
                    column = 0;
                    if matches!(attribute(&element, "hidden")?.as_deref(), Some("1" | "true")) {
                        survey.hidden.insert(row);
                    }
                }
                "c" => {
                    column = column_of(&element)?.unwrap_or(column) + 1;
                    if !is_empty {
                        survey.width = survey.width.max(column);
                    }
                }
                "f" if column > 0 => drop(survey.formulas.insert(column - 1)),
                "cfRule" => {
                    let priority = number(&element, "priority")?.unwrap_or_default();
                    survey.priority = survey.priority.max(priority);
                }
                _ => {}
            }
        }
    }
}

/// The column of a cell, from 0.
pub(super) fn column_of(cell: &BytesStart<'_>) -> Result<Option<usize>, WriteError> {
    let reference = attribute(cell, "r")?;
    Ok(reference.and_then(|reference| place(&reference)).map(|(_, column)| column))
}
