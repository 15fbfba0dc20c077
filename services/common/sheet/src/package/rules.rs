//! The colours of refused rows: conditional formats, so that no cell loses its own format, and a row
//! loses its colour as soon as its reason is deleted.

use std::collections::{BTreeMap, BTreeSet};

use crate::letters;

/// What is coloured while a reason stands in its row.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// The column of the reasons, from 0.
    pub(crate) reason: usize,
    /// The lines of the body, from 0: first and last.
    pub(crate) body: (usize, usize),
    /// The cells that are refused, by line and column.
    pub(crate) cells: BTreeSet<(usize, usize)>,
    /// The differential formats of refused cells and of their rows.
    pub(crate) formats: (usize, usize),
    /// The priorities that are taken.
    pub(crate) priority: usize,
}

/// The formula begins and ends so; between stands the column.
const FORMULA: (&str, &str) = ("LEN(INDEX($", ",ROW()))&gt;0");

/// Whether a conditional format is one of [`Rules`].
pub(crate) fn is_ours(xml: &str) -> bool {
    xml.contains(FORMULA.0) && xml.contains(FORMULA.1)
}

impl Rules {
    /// The elements.
    pub(super) fn elements(&self, prefix: &str) -> String {
        let rows = format!("A{}:{}{}", self.body.0 + 1, letters(self.reason), self.body.1 + 1);
        let cells = self.ranges();
        let (cell, row) = self.formats;
        let mut elements = String::new();
        if !cells.is_empty() {
            elements += &self.element(prefix, &cells, cell, self.priority + 1);
        }
        elements + &self.element(prefix, &rows, row, self.priority + 2)
    }

    fn element(&self, prefix: &str, cells: &str, format: usize, priority: usize) -> String {
        let column = letters(self.reason);
        let (begin, end) = FORMULA;
        format!(
            "<{prefix}conditionalFormatting sqref=\"{cells}\">\
             <{prefix}cfRule type=\"expression\" dxfId=\"{format}\" priority=\"{priority}\">\
             <{prefix}formula>{begin}{column}:${column}{end}</{prefix}formula>\
             </{prefix}cfRule></{prefix}conditionalFormatting>"
        )
    }

    /// The refused cells, those below one another together: `E5:E9 G7`.
    fn ranges(&self) -> String {
        let mut columns: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (line, column) in &self.cells {
            let runs = columns.entry(*column).or_default();
            match runs.last_mut() {
                Some(run) if run.1 + 1 == *line => run.1 = *line,
                _ => runs.push((*line, *line)),
            }
        }
        let ranges = columns.into_iter().flat_map(|(column, runs)| {
            let column = letters(column);
            runs.into_iter().map(move |(first, last)| {
                let begin = format!("{column}{}", first + 1);
                if first == last { begin } else { format!("{begin}:{column}{}", last + 1) }
            })
        });
        ranges.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_below_one_another_are_one_range() {
        let cells = BTreeSet::from([(4, 4), (5, 4), (6, 4), (8, 4), (6, 26)]);
        let rules = Rules { cells, reason: 27, body: (3, 9), ..Rules::default() };
        assert_eq!(rules.ranges(), "E5:E7 E9 AA7");
        let elements = rules.elements("");
        assert!(elements.contains("sqref=\"A4:AB10\"") && is_ours(&elements), "{elements}");
        assert!(!is_ours("<cfRule><formula>LEN($A1)&gt;0</formula></cfRule>"));
    }
}
