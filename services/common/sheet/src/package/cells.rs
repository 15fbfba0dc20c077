//! Cells that are written into a sheet.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::xml::text;
use crate::{Value, letters};

/// The longest text of a cell that Excel takes.
const MOST_LETTERS: usize = 32_767;

/// What a cell becomes.
#[derive(Debug, Clone)]
pub(crate) struct Put {
    /// What it holds.
    pub(crate) value: Value,
    /// Its style; `None` = the one that it or its column has.
    pub(crate) style: Option<usize>,
}

/// Cells by line and column, from 0.
pub(crate) type Puts = BTreeMap<usize, BTreeMap<usize, Put>>;

impl Put {
    /// The element of the cell.
    pub(super) fn element(
        &self,
        prefix: &str,
        (line, column): (usize, usize),
        style: usize,
    ) -> String {
        let style = self.style.unwrap_or(style);
        let mut element = format!("<{prefix}c r=\"{}{}\"", letters(column), line + 1);
        if style > 0 {
            let _ = write!(element, " s=\"{style}\"");
        }
        let (kind, content) = match &self.value {
            Value::Empty => return element + "/>",
            Value::Number(number) | Value::Date { serial: number, .. } => {
                ("", format!("<{prefix}v>{number}</{prefix}v>"))
            }
            Value::Bool(is) => (" t=\"b\"", format!("<{prefix}v>{}</{prefix}v>", u8::from(*is))),
            Value::Text(it) | Value::Error(it) => {
                let it = text(cut(it));
                let it = format!("<{prefix}t xml:space=\"preserve\">{it}</{prefix}t>");
                (" t=\"inlineStr\"", format!("<{prefix}is>{it}</{prefix}is>"))
            }
        };
        let _ = write!(element, "{kind}>{content}</{prefix}c>");
        element
    }
}

/// So much of a text as a cell takes.
pub(crate) fn cut(text: &str) -> &str {
    text.char_indices().nth(MOST_LETTERS).map_or(text, |(end, _)| &text[..end])
}
