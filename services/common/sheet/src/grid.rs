//! A sheet as it stands: all its lines, also those that are no data.

use std::collections::{BTreeSet, HashMap};

use crate::Value;

/// A cell where there is none.
static NOTHING: Value = Value::Empty;

/// A sheet as it stands.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// The name of the sheet; empty for a CSV file.
    pub sheet: String,
    /// Its lines without those after the last that holds anything.
    pub lines: Vec<Line>,
    /// The merged regions.
    pub regions: Vec<Region>,
    /// Whether its dates count from 1904.
    pub is_1904: bool,
    /// The numbers of the lines that cannot be seen.
    pub hidden: BTreeSet<usize>,
    /// The merged region that a cell belongs to, by (line, column), counted from 0.
    merged: HashMap<(usize, usize), Region>,
}

/// A line of a sheet.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Its number as people see it: the row of a sheet, or the line of a file that it begins in.
    pub number: usize,
    /// Its cells; those after the last are empty.
    pub cells: Vec<Value>,
}

/// Cells that are merged, by line and column from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// The upper left cell.
    pub from: (usize, usize),
    /// The lower right cell.
    pub to: (usize, usize),
}

impl Grid {
    /// A sheet with its merged regions; what lies beyond the lines is cut off.
    pub(crate) fn new(
        sheet: String,
        lines: Vec<Line>,
        regions: Vec<Region>,
        is_1904: bool,
    ) -> Self {
        let mut grid = Self { sheet, lines, regions, is_1904, ..Self::default() };
        let (height, width) = (grid.lines.len(), grid.width());
        let mut merged = HashMap::new();
        for region in &grid.regions {
            for line in region.from.0..=region.to.0.min(height.saturating_sub(1)) {
                for column in region.from.1..=region.to.1.min(width.saturating_sub(1)) {
                    merged.insert((line, column), *region);
                }
            }
        }
        grid.merged = merged;
        grid
    }

    /// The number of columns, to the last in which anything stands.
    pub fn width(&self) -> usize {
        let last = |line: &Line| line.cells.iter().rposition(|cell| !cell.is_empty());
        self.lines.iter().filter_map(last).max().map_or(0, |last| last + 1)
    }

    /// What is written in a cell.
    pub fn raw(&self, line: usize, column: usize) -> &Value {
        self.lines.get(line).and_then(|line| line.cells.get(column)).unwrap_or(&NOTHING)
    }

    /// What a cell of a header shows: a merged region's value holds for all of it.
    pub(crate) fn spread(&self, line: usize, column: usize) -> &Value {
        let (line, column) = self.merged.get(&(line, column)).map_or((line, column), |it| it.from);
        self.raw(line, column)
    }

    /// What a cell of the body means: a merged region's value holds for all its rows.
    pub(crate) fn down(&self, line: usize, column: usize) -> &Value {
        match self.merged.get(&(line, column)) {
            Some(region) if region.from.1 == column => self.raw(region.from.0, column),
            _ => self.raw(line, column),
        }
    }

    /// The first and last line of the merged region that a cell lies in, if it has several.
    pub(crate) fn merged_lines(&self, line: usize, column: usize) -> Option<(usize, usize)> {
        let region = self.merged.get(&(line, column))?;
        (region.from.0 < region.to.0).then_some((region.from.0, region.to.0))
    }
}

/// The letters of a column counted from 0: A, B, … Z, AA.
pub fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
    }
    letters.iter().rev().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (column, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), expected);
        }
    }

    #[test]
    fn a_merged_value_holds_for_its_rows_and_in_a_header_for_its_columns() {
        let line = |number, text: &[&str]| Line {
            number,
            cells: text.iter().map(|text| Value::text(text)).collect(),
        };
        let lines = vec![line(1, &["a", "b", ""]), line(2, &["", "c", "d"])];
        let regions =
            vec![Region { from: (0, 1), to: (0, 2) }, Region { from: (0, 0), to: (1, 0) }];
        let grid = Grid::new(String::new(), lines, regions, false);
        assert_eq!(grid.spread(0, 2).written(), "b");
        assert!(grid.down(0, 2).is_empty());
        assert_eq!(grid.down(1, 0).written(), "a");
        assert_eq!((grid.merged_lines(1, 0), grid.merged_lines(0, 2)), (Some((0, 1)), None));
    }

    #[test]
    fn a_region_beyond_the_sheet_costs_nothing() {
        let region = Region { from: (0, 0), to: (1_048_575, 16_383) };
        let lines = vec![Line { number: 1, cells: vec![Value::text("a")] }];
        assert_eq!(Grid::new(String::new(), lines, vec![region], false).merged.len(), 1);
    }
}
