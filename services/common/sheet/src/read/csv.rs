//! A CSV file with the line numbers that an editor shows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};

use super::encoding::decode;
use super::quoting::{self, Broken, Scan, Span, breaks};
use super::{MOST_CELLS, too_many_cells};
use crate::{Fault, Grid, Line, Place, ReadError, Schema, Table, Value, Why, header};

pub(super) fn read(bytes: &[u8], schema: &Schema) -> Result<Table, ReadError> {
    let text = decode(bytes)?;
    let Layout { memo, width, end } = layout(&text, schema)?;
    let scan = quoting::scan(&text, memo, end);
    let sound = without(&text, &scan.broken);
    let sheet = Sheet { text: &text, memo, width };
    let mut reading = Reading::default();
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&*sound);
    let mut cells = StringRecord::new();
    let mut rows = scan.rows.iter();
    while reader.read_record(&mut cells).map_err(|error| unreadable(&error))? {
        let row = rows.next().ok_or_else(out_of_step)?;
        reading.add(&sheet, row, &cells)?;
    }
    if rows.next().is_some() {
        return Err(out_of_step());
    }
    for broken in scan.broken {
        let text = &text[broken.span.bytes.clone()];
        let fault = sheet.fault(broken.span.line, Some(broken.column), broken.why);
        reading.lines.insert(broken.span.line, (vec![Value::text(text)], Some(fault)));
    }
    let mut faults = Vec::new();
    let lines = reading.lines.into_iter().enumerate().map(|(at, (number, (cells, fault)))| {
        faults.extend(fault.map(|fault| (at, fault)));
        Line { number, cells }
    });
    let grid = Grid::new(String::new(), lines.collect(), Vec::new(), false);
    let table = Table::new(grid, schema, true, Vec::new())?;
    // What stands above the header and below the table needs no particular number of cells.
    let data: Vec<usize> = table.rows.iter().map(|row| row.at).collect();
    faults.retain(|(at, fault)| {
        *at > table.header.1 && (fault.column.is_some() || data.contains(at))
    });
    name(&mut faults, &table);
    Table::new(table.grid, schema, true, faults)
}

/// Gives the faulty columns the names of the header.
fn name(faults: &mut [(usize, Fault)], table: &Table) {
    for (_, fault) in faults {
        let Some(place) = &mut fault.column else { continue };
        let found = table.columns.iter().find(|found| Some(found.index) == place.index);
        place.name = found.map(|found| found.name.clone()).unwrap_or_default();
    }
}

/// What the header says of the rows below it.
struct Layout {
    /// The column that may hold line breaks.
    memo: usize,
    /// The number of columns.
    width: usize,
    /// Before this byte the header, and what stands above it, may hold line breaks in any cell.
    end: usize,
}

/// Reads the header from the first lines by themselves; if there is none as they stand, as lines in
/// which any cell may hold line breaks, as those of Excel do.
fn layout(text: &str, schema: &Schema) -> Result<Layout, ReadError> {
    let first = first_lines(text);
    let as_they_stand = layout_of(text, quoting::scan(first, usize::MAX, 0), schema);
    as_they_stand.or_else(|error| {
        let free = quoting::scan(first, usize::MAX, usize::MAX);
        layout_of(text, free, schema).map_err(|_| error)
    })
}

fn layout_of(text: &str, scan: Scan, schema: &Schema) -> Result<Layout, ReadError> {
    let Scan { rows, broken } = scan;
    if rows.is_empty() && broken.is_empty() {
        return Err(ReadError::new("文件是空的", "the file is empty"));
    }
    let lines = rows
        .iter()
        .map(|row| Ok(Line { number: row.line, cells: cells(&text[row.bytes.clone()])? }));
    let grid = Grid::new(String::new(), lines.collect::<Result<_, _>>()?, Vec::new(), false);
    let schema = header::form(&grid, schema, true);
    let header = header::find(&grid, schema, true).map_err(|error| match broken.first() {
        Some(broken) => {
            let (line, column) = (broken.span.line, broken.column + 1);
            ReadError::new(
                format!("表头(第{line}行)第{column}列:{}", broken.why.zh),
                format!("the header (line {line}): column {column} {}", broken.why.en),
            )
        }
        None => error,
    })?;
    let memo = header.columns.iter().find(|found| found.key == schema.lines_in);
    let memo = memo.map_or(usize::MAX, |found| found.index);
    let (first, last) = header.lines;
    let width = grid.lines[last].cells.len().max(grid.lines[first].cells.len());
    let has_breaks = (0..=last).any(|line| breaks(&text.as_bytes()[rows[line].bytes.clone()]) > 0);
    let end = if has_breaks { rows[last].bytes.end } else { 0 };
    Ok(Layout { memo, width, end })
}

/// So much of a text as surely holds the header, cut at the end of a line.
fn first_lines(text: &str) -> &str {
    let mut ends = text.match_indices(['\n', '\r']).map(|(at, _)| at);
    match ends.nth(60) {
        Some(end) => &text[..end],
        None => text,
    }
}

fn cells(row: &str) -> Result<Vec<Value>, ReadError> {
    let mut record = StringRecord::new();
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
    reader.read_record(&mut record).map_err(|error| unreadable(&error))?;
    Ok(record.iter().map(Value::text).collect())
}

/// The text with blank lines in place of those that are badly quoted, so that no other is read with
/// them.
fn without<'a>(text: &'a str, broken: &[Broken]) -> Cow<'a, [u8]> {
    let mut sound = Cow::Borrowed(text.as_bytes());
    for broken in broken {
        sound.to_mut()[broken.span.bytes.clone()].fill(b'\n');
    }
    sound
}

/// What has been read: cells and a fault by line.
#[derive(Default)]
struct Reading {
    lines: BTreeMap<usize, (Vec<Value>, Option<Fault>)>,
    cells: usize,
}

impl Reading {
    fn add(
        &mut self,
        sheet: &Sheet<'_>,
        row: &Span,
        record: &StringRecord,
    ) -> Result<(), ReadError> {
        self.cells += record.len();
        if self.cells > MOST_CELLS {
            return Err(too_many_cells());
        }
        let fault = sheet.whole(row, record).err();
        let mut cells: Vec<_> = record.iter().map(value).collect();
        while cells.len() > sheet.width && cells.last().is_some_and(Value::is_empty) {
            cells.pop();
        }
        self.lines.insert(row.line, (cells, fault));
        Ok(())
    }
}

/// What a formula that failed leaves in a CSV file.
const FAILED: [&str; 7] = ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"];

/// A cell. Systems that export CSV for Excel write a code as `="0123"` or with an apostrophe or a tab
/// before it, so that Excel takes it for a text.
fn value(text: &str) -> Value {
    if FAILED.contains(&text.trim()) {
        return Value::Error(text.trim().into());
    }
    let bare = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    Value::text(bare.unwrap_or(text))
}

/// What its rows are judged with.
struct Sheet<'a> {
    text: &'a str,
    /// The place of the column that may hold line breaks.
    memo: usize,
    /// The number of columns of the header.
    width: usize,
}

impl Sheet<'_> {
    #[expect(clippy::unused_self, reason = "a fault belongs to the sheet that is read")]
    fn fault(&self, line: usize, column: Option<usize>, why: Why) -> Fault {
        let column = column.map(|index| Place { index: Some(index), name: String::new() });
        Fault { line, column, why }
    }

    /// Refuses a row of another length, and one whose memo may be rows that a quotation mark at the
    /// wrong place has taken in: then it holds as many commas as a row does. Empty cells that are too
    /// many are no matter.
    fn whole(&self, row: &Span, cells: &StringRecord) -> Result<(), Fault> {
        let taken = breaks(&self.text.as_bytes()[row.bytes.clone()]);
        let last = row.line + taken;
        let runs = |why: Why| match taken {
            0 => why,
            _ => Why::new(
                format!("{};该行一直到第{last}行", why.zh),
                format!("{}; it runs to line {last}", why.en),
            ),
        };
        let (have, want) = (cells.len(), self.width);
        let extra = cells.iter().skip(want).any(|cell| !cell.trim().is_empty());
        if have < want || extra {
            let why = Why::new(
                format!("有{have}个单元格,表头有{want}个"),
                format!("has {have} cells, the header has {want}"),
            );
            return Err(self.fault(row.line, None, runs(why)));
        }
        let commas = cells.get(self.memo).unwrap_or_default().matches(',').count();
        if taken > 0 && commas + 1 >= want {
            let why = Why::new(
                "可能吞进了别的行:右引号是否放错了位置?如果没有,请写在一行里",
                "may hold other rows: is its quotation mark closed at the wrong place? \
                 if not, write it on one line",
            );
            return Err(self.fault(row.line, Some(self.memo), runs(why)));
        }
        Ok(())
    }
}

/// What the parser says of a text that it cannot read.
fn unreadable(error: &csv::Error) -> ReadError {
    ReadError::new(
        format!("文件无法按 CSV 读取:{error}"),
        format!("the file cannot be read as CSV: {error}"),
    )
}

fn out_of_step() -> ReadError {
    ReadError::new(
        "文件无法按 CSV 读取:分不清各行",
        "the file cannot be read as CSV: its rows cannot be told apart",
    )
}

#[cfg(test)]
mod tests;
