//! A CSV file with its header and the line numbers that a spreadsheet shows.

use std::collections::BTreeMap;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::Fault;
use crate::failure::{Failure, Result};

/// The columns that a cost file has.
pub const REQUIRED: [&str; 9] = [
    "organization",
    "domain",
    "category",
    "occurred_on",
    "amount_yuan",
    "quantity",
    "unit",
    "document_no",
    "memo",
];
/// The columns that it may have.
pub const OPTIONAL: [&str; 5] =
    ["document_line", "paid_by", "service_from", "service_to", "fund_source"];

/// A cost file, read but not understood yet.
#[derive(Debug)]
pub struct File {
    /// Its rows without those that are empty.
    pub records: Vec<Record>,
    /// Rows that do not have as many cells as the header.
    pub faults: Vec<Fault>,
}

/// A row: its cells by column, trimmed.
#[derive(Debug)]
pub struct Record {
    /// The line that the row begins in; the header's is 1.
    pub line: usize,
    cells: BTreeMap<&'static str, String>,
}

impl Record {
    /// A cell; empty where the file does not have the column.
    pub fn cell(&self, column: &'static str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    #[cfg(test)]
    pub(crate) fn new(line: usize, cells: &[(&'static str, &str)]) -> Self {
        let cells = cells.iter().map(|(column, cell)| (*column, (*cell).to_owned())).collect();
        Self { line, cells }
    }
}

/// Reads a file from disk.
pub fn read(path: &Path) -> Result<File> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    parse(&bytes)
}

/// Reads the bytes of a file.
pub fn parse(bytes: &[u8]) -> Result<File> {
    let text = decode(bytes)?;
    let lines = Lines::of(text);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    let Some(first) = records.next() else { return Err(Failure::new("the file is empty")) };
    let columns = header(&first.map_err(|error| unreadable(&error))?)?;
    let mut file = File { records: Vec::new(), faults: Vec::new() };
    let mut last = None;
    for record in records {
        let record = record.map_err(|error| unreadable(&error))?;
        let start = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(text.len());
        last = Some(start);
        let line = lines.at(start);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.len() != columns.len() {
            let why = format!("has {} cells, the header has {}", record.len(), columns.len());
            file.faults.push(Fault::of_line(line, why));
            continue;
        }
        let cells = columns.iter().copied().zip(record.iter().map(|cell| cell.trim().to_owned()));
        file.records.push(Record { line, cells: cells.collect() });
    }
    closed(text, last.unwrap_or(0), &lines)?;
    Ok(file)
}

/// UTF-8, with or without a byte order mark.
fn decode(bytes: &[u8]) -> Result<&str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Failure::new("the file is UTF-16; save it as CSV UTF-8"));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = Lines::of(&before).at(before.len());
        let hint = "if it is GBK, save it as CSV UTF-8";
        Failure::new(format!("the file is not UTF-8 (first seen in line {line}); {hint}"))
    })
}

fn unreadable(error: &csv::Error) -> Failure {
    Failure::new(format!("the file cannot be read as CSV: {error}"))
}

/// The column of every cell of the header; every wrong column is named.
fn header(record: &StringRecord) -> Result<Vec<&'static str>> {
    let mut columns = Vec::new();
    let mut problems = Vec::new();
    for (place, name) in record.iter().enumerate() {
        let name = name.trim();
        match REQUIRED.into_iter().chain(OPTIONAL).find(|column| *column == name) {
            Some(column) if columns.contains(&column) => {
                problems.push(format!("column {column} stands twice"));
            }
            Some(column) => columns.push(column),
            None if name.is_empty() => problems.push(format!("column {} has no name", place + 1)),
            None => problems.push(format!("column {name} is unknown")),
        }
    }
    let missing = REQUIRED.into_iter().filter(|column| !columns.contains(column));
    problems.extend(missing.map(|column| format!("column {column} is missing")));
    if problems.is_empty() {
        return Ok(columns);
    }
    problems.push(format!("needed: {}; optional: {}", REQUIRED.join(", "), OPTIONAL.join(", ")));
    Err(Failure::new("the header (line 1) is not that of a cost file").with_details(problems))
}

/// A quotation mark that is never closed would swallow the rest of the file as one cell.
fn closed(text: &str, last: usize, lines: &Lines<'_>) -> Result<()> {
    let rest = text.get(last..).unwrap_or_default();
    let spans_lines = rest.trim().contains(['\n', '\r']);
    if spans_lines && rest.matches('"').count() % 2 == 1 {
        let line = lines.at(last);
        let why = "a quotation mark opened in this row is never closed";
        return Err(Failure::new(format!("line {line}: {why}")));
    }
    Ok(())
}

/// Where the lines of a text begin. `\n`, `\r\n` and `\r` end a line, inside quotation marks too.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(|at| ends(*at)).map(|at| at + 1);
        Self { text, starts: std::iter::once(0).chain(starts).collect() }
    }

    /// The number, from 1, of the line of the first character at or after a byte that ends no line.
    fn at(&self, byte: usize) -> usize {
        let rest = self.text.get(byte..).unwrap_or_default();
        let content = byte + rest.len() - rest.trim_start_matches(['\n', '\r']).len();
        self.starts.partition_point(|start| *start <= content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "organization,domain,category,occurred_on,amount_yuan,quantity,unit,document_no,memo";

    fn rows(text: &str) -> Vec<(usize, String)> {
        let file = parse(text.as_bytes()).unwrap();
        file.records.iter().map(|r| (r.line, r.cell("memo").to_owned())).collect()
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let text = format!(
            "{HEADER}\na,,,,,,,,one\n\nb,,,,,,,,\"two\nlines\"\nc,,,,,,,,three\n,,,,,,,,\nd,,,,,,,,four\n"
        );
        let expected = [(2, "one"), (4, "two\nlines"), (6, "three"), (8, "four")];
        let expected = expected.map(|(line, memo)| (line, memo.to_owned()));
        assert_eq!(rows(&text), expected);
        assert_eq!(rows(&text.replace('\n', "\r")).iter().map(|r| r.0).max(), Some(8));
        let windows: Vec<_> = rows(&text.replace('\n', "\r\n")).iter().map(|r| r.0).collect();
        assert_eq!(windows, [2, 4, 6, 8]);
        assert_eq!(rows(&format!("\u{feff}{text}")), expected);
    }

    #[test]
    fn columns_stand_in_any_order() {
        let text = "memo,unit,quantity,document_no,amount_yuan,occurred_on,category,domain,organization,paid_by\n\
                    note,kWh,1,D1,2.00,2013-01-01,electricity,energy, A ,B";
        let file = parse(text.as_bytes()).unwrap();
        let record = &file.records[0];
        assert_eq!(record.cell("organization"), "A");
        assert_eq!(record.cell("paid_by"), "B");
        assert_eq!(record.cell("fund_source"), "");
    }

    #[test]
    fn wrong_columns_are_named() {
        let text = "organization,domain,domain,category,occurred_on,amount,quantity,unit,memo,";
        let failure = parse(text.as_bytes()).unwrap_err();
        let details = failure.details();
        assert_eq!(
            details[..5],
            [
                "column domain stands twice",
                "column amount is unknown",
                "column 10 has no name",
                "column amount_yuan is missing",
                "column document_no is missing",
            ]
        );
        assert!(details[5].starts_with("needed: organization, "));
    }

    #[test]
    fn rows_of_another_length_are_refused_one_by_one() {
        let file = parse(format!("{HEADER}\na,b\nc,,,,,,,,\n1,2,3,4,5,6,7,8,9,10\n").as_bytes());
        let file = file.unwrap();
        let told: Vec<_> = file.faults.iter().map(ToString::to_string).collect();
        let expected =
            ["line 2: has 2 cells, the header has 9", "line 4: has 10 cells, the header has 9"];
        assert_eq!(told, expected);
        assert_eq!(file.records.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let says = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
        assert_eq!(says(b""), "the file is empty");
        assert_eq!(says(b"\xff\xfea\0"), "the file is UTF-16; save it as CSV UTF-8");
        let gbk = [HEADER.as_bytes(), b"\n1,,,,,,,,\xd1\xf9\xb1\xbe\n"].concat();
        assert!(
            says(&gbk).starts_with("the file is not UTF-8 (first seen in line 2); if it is GBK")
        );
        let open = format!("{HEADER}\na,,,,,,,,one\nb,,,,,,,,\"two\nc,,,,,,,,three\n");
        let told = says(open.as_bytes());
        assert_eq!(told, "line 3: a quotation mark opened in this row is never closed");
    }
}
