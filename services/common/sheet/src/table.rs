//! A table: the rows of a sheet that are data, by the columns of a schema.

use std::sync::Arc;

use crate::header::{self, Header};
use crate::layout::{Kind, LeftOut, Lines};
use crate::{Cell, Fault, Grid, Place, ReadError, Schema, Value, Why};

/// A table, read but not understood yet.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The sheet as it stands.
    pub grid: Grid,
    /// The lines of the header in the grid: first and last.
    pub header: (usize, usize),
    /// The columns that were found, in the order of the schema.
    pub columns: Vec<Found>,
    /// Columns that nothing is made of, by index and name.
    pub ignored: Vec<(usize, String)>,
    /// The rows that are data, without those that have faults here.
    pub rows: Vec<Row>,
    /// Rows that cannot be read, such as badly quoted ones.
    pub faults: Vec<Fault>,
    /// The lines that are no data.
    pub left_out: LeftOut,
    /// Other sheets of the workbook that can be seen and hold anything.
    pub unread: Vec<String>,
    /// The workbook that was sent; nothing for a CSV file.
    pub sent: Option<Arc<[u8]>>,
    /// Whether it comes from a CSV file.
    pub is_csv: bool,
}

/// A column of a file that the schema knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its key in the schema.
    pub key: &'static str,
    /// Its place in the file, from 0.
    pub index: usize,
    /// Its header as it stands.
    pub name: String,
    /// The power of ten that its numbers are multiplied by: 4 where they are in 万元.
    pub power: u32,
    /// Whether each row has its own value.
    pub own: bool,
}

/// A row that is data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its place in the grid.
    pub at: usize,
    /// The row of the sheet or the line of the file, from 1.
    pub line: usize,
}

impl Table {
    /// Finds the header and the rows. `faults` of the lines are known already; those lines are left out.
    pub(crate) fn new(
        grid: Grid,
        schema: &Schema,
        is_csv: bool,
        faults: Vec<(usize, Fault)>,
    ) -> Result<Self, ReadError> {
        let schema = header::form(&grid, schema, is_csv);
        let mut header = header::find(&grid, schema, is_csv)?;
        let mut table = Self { is_csv, header: header.lines, ..Self::default() };
        let notes = table.sort(&grid, schema, &header, &faults);
        header::apply_units(&grid, schema, &mut header, &notes)?;
        let is_used = |at: usize| table.rows.iter().any(|row| !grid.raw(row.at, at).is_empty());
        header.ignored.retain(|(at, _)| is_used(*at));
        table.faults.extend(faults.into_iter().map(|(_, fault)| fault));
        (table.columns, table.ignored) = (header.columns, header.ignored);
        table.grid = grid;
        table.refuse_shared();
        if table.rows.is_empty() && table.faults.is_empty() {
            return Err(ReadError::new("表中没有数据行", "the file has no rows"));
        }
        Ok(table)
    }

    /// Sorts the lines below the header; answers which are notes.
    fn sort(
        &mut self,
        grid: &Grid,
        schema: &Schema,
        header: &Header,
        bad: &[(usize, Fault)],
    ) -> Vec<usize> {
        let mut bad = bad.iter().map(|(at, _)| *at).peekable();
        let mut notes = Vec::new();
        for (at, kind) in Lines::new(grid, schema, header).kinds() {
            while bad.peek().is_some_and(|next| *next < at) {
                bad.next();
            }
            if bad.peek() == Some(&at) {
                continue;
            }
            let line = grid.lines[at].number;
            match kind {
                Kind::Data => self.rows.push(Row { at, line }),
                Kind::Empty => self.left_out.empty += 1,
                Kind::Total => self.left_out.totals.push(line),
                Kind::Note => {
                    self.left_out.notes.push(line);
                    notes.push(at);
                }
            }
        }
        notes
    }

    /// Refuses the rows that share an amount: it may be that of the first or of them all.
    fn refuse_shared(&mut self) {
        if self.grid.regions.is_empty() {
            return;
        }
        let mut faults = Vec::new();
        self.rows.retain(|row| {
            let shared = self.columns.iter().filter(|column| column.own).find_map(|column| {
                self.grid.merged_lines(row.at, column.index).map(|lines| (column, lines))
            });
            let Some((column, (first, last))) = shared else { return true };
            let number = |at: usize| self.grid.lines.get(at).map_or(at + 1, |line| line.number);
            let (first, last) = (number(first), number(last));
            faults.push(Fault {
                line: row.line,
                column: Some(Place { index: Some(column.index), name: column.name.clone() }),
                why: Why::new(
                    format!(
                        "第{first}至{last}行合并成一格,无法知道各行是多少;请拆分单元格后逐行填写"
                    ),
                    format!(
                        "is merged over rows {first} to {last}; unmerge it and fill in each row"
                    ),
                ),
            });
            false
        });
        self.faults.append(&mut faults);
        self.faults.sort();
    }

    /// A cell of a row; empty where the file does not have the column.
    pub fn cell(&self, row: Row, key: &str) -> Cell<'_> {
        static NOTHING: Value = Value::Empty;
        let found = self.columns.iter().find(|found| found.key == key);
        Cell {
            value: found.map_or(&NOTHING, |found| self.grid.down(row.at, found.index)),
            is_1904: self.grid.is_1904,
            power: found.map_or(0, |found| found.power),
        }
    }

    /// Whether the file has a column.
    pub fn has(&self, key: &str) -> bool {
        self.columns.iter().any(|found| found.key == key)
    }

    /// Where a column of the schema stands.
    pub fn place(&self, key: &str) -> Place {
        match self.columns.iter().find(|found| found.key == key) {
            Some(found) => Place { index: Some(found.index), name: found.name.clone() },
            None => Place { index: None, name: key.to_owned() },
        }
    }

    /// The lines of rows that cannot be seen in the workbook, because they are hidden or filtered out.
    pub fn hidden(&self) -> Vec<usize> {
        let lines = self.rows.iter().map(|row| row.line);
        lines.filter(|line| self.grid.hidden.contains(line)).collect()
    }

    /// How many rows it has, with those that have faults.
    pub fn count(&self) -> usize {
        let mut lines: Vec<_> = self.faults.iter().map(|fault| fault.line).collect();
        lines.dedup();
        self.rows.len() + lines.len()
    }
}
