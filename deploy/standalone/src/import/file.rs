//! A CSV file with its header and the line numbers that a spreadsheet shows.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use super::Fault;
use super::header::{MEMO, header};
use super::quoting::{self, Broken, Span, breaks};
use crate::failure::{Failure, Result};

/// The largest file that is read, in bytes and in words: all its rows are held in memory.
const MOST_BYTES: u64 = 50_000_000;
const MOST: &str = "50 MB";

/// A cost file, read but not understood yet.
#[derive(Debug, Default)]
pub struct File {
    /// Its rows without those that are empty.
    pub records: Vec<Record>,
    /// Rows that are badly quoted or do not have as many cells as the header.
    pub faults: Vec<Fault>,
}

/// A row: its cells in the order of the columns, trimmed.
#[derive(Debug)]
pub struct Record {
    /// The line that the row begins in; the header's is 1.
    pub line: usize,
    columns: Arc<[&'static str]>,
    cells: Vec<Box<str>>,
}

impl Record {
    /// A cell; empty where the file does not have the column.
    pub fn cell(&self, column: &'static str) -> &str {
        let place = self.columns.iter().position(|it| *it == column);
        place.and_then(|place| self.cells.get(place)).map_or("", |cell| cell)
    }

    #[cfg(test)]
    pub(crate) fn new(line: usize, cells: &[(&'static str, &str)]) -> Self {
        let columns = cells.iter().map(|(column, _)| *column).collect();
        Self { line, columns, cells: cells.iter().map(|(_, cell)| (*cell).into()).collect() }
    }
}

/// Reads a file of at most 50 MB from disk.
pub fn read(path: &Path) -> Result<File> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        let why = format!("is larger than {MOST}, the most that is read at once; split it");
        return Err(Failure::new(format!("{} {why}", path.display())));
    }
    parse(&bytes)
}

/// Reads the bytes of a file.
pub fn parse(bytes: &[u8]) -> Result<File> {
    let text = decode(bytes)?;
    let columns = header(text)?;
    let memo = columns.iter().position(|column| *column == MEMO).unwrap_or(usize::MAX);
    let scan = quoting::scan(text, memo);
    let sheet = Sheet { text, columns, memo };
    let sound = without(text, &scan.broken);
    let mut file = File::default();
    file.faults.extend(scan.broken.into_iter().map(|broken| sheet.fault(broken)));
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&*sound);
    let mut cells = StringRecord::new();
    let mut rows = scan.rows.iter();
    while reader.read_record(&mut cells).map_err(|error| unreadable(&error))? {
        let row = rows.next().ok_or_else(out_of_step)?;
        // The first row is the header, which is well quoted.
        if reader.position().record() > 1 {
            sheet.add(row, &cells, &mut file);
        }
    }
    if rows.next().is_some() {
        return Err(out_of_step());
    }
    if file.records.is_empty() && file.faults.is_empty() {
        return Err(Failure::new("the file has no rows"));
    }
    Ok(file)
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

/// What its rows are read with.
struct Sheet<'a> {
    text: &'a str,
    columns: Arc<[&'static str]>,
    /// The place of the memo among the columns.
    memo: usize,
}

impl Sheet<'_> {
    fn fault(&self, broken: Broken) -> Fault {
        let column = self.columns.get(broken.column).copied().unwrap_or_default();
        Fault::of_cell(broken.span.line, column, broken.why)
    }

    /// Adds a row to the file, unless it is empty.
    fn add(&self, row: &Span, cells: &StringRecord, file: &mut File) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        match self.whole(row, cells) {
            Ok(()) => file.records.push(Record {
                line: row.line,
                columns: Arc::clone(&self.columns),
                cells: cells.iter().map(|cell| cell.trim().into()).collect(),
            }),
            Err(fault) => file.faults.push(fault),
        }
    }

    /// Refuses a row of another length, and one whose memo may be rows that a quotation mark at the
    /// wrong place has taken in: then it holds as many commas as a row does.
    fn whole(&self, row: &Span, cells: &StringRecord) -> Result<(), Fault> {
        let taken = breaks(&self.text.as_bytes()[row.bytes.clone()]);
        let runs = match taken {
            0 => String::new(),
            _ => format!("; it runs to line {}", row.line + taken),
        };
        if cells.len() != self.columns.len() {
            let why = format!("has {} cells, the header has {}", cells.len(), self.columns.len());
            return Err(Fault::of_line(row.line, why + &runs));
        }
        let commas = cells.get(self.memo).unwrap_or_default().matches(',').count();
        if taken > 0 && commas + 1 >= self.columns.len() {
            let why = "may hold other rows: is its quotation mark closed at the wrong place? \
                       if not, write it on one line";
            return Err(Fault::of_cell(row.line, MEMO, why.to_owned() + &runs));
        }
        Ok(())
    }
}

/// UTF-8, with or without a byte order mark.
fn decode(bytes: &[u8]) -> Result<&str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Failure::new("the file is UTF-16; save it as CSV UTF-8"));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + breaks(&bytes[..error.valid_up_to()]);
        let hint = "if it is GBK, save it as CSV UTF-8";
        Failure::new(format!("the file is not UTF-8 (first seen in line {line}); {hint}"))
    })
}

/// What the parser says of a text that it cannot read.
pub(super) fn unreadable(error: &csv::Error) -> Failure {
    Failure::new(format!("the file cannot be read as CSV: {error}"))
}

fn out_of_step() -> Failure {
    Failure::new("the file cannot be read as CSV: its rows cannot be told apart")
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
        for empty in [&b""[..], b"\r\n\n"] {
            assert_eq!(says(empty), "the file is empty");
        }
        assert_eq!(says(b"\xff\xfea\0"), "the file is UTF-16; save it as CSV UTF-8");
        let gbk = [HEADER.as_bytes(), b"\n1,,,,,,,,\xd1\xf9\xb1\xbe\n"].concat();
        assert!(
            says(&gbk).starts_with("the file is not UTF-8 (first seen in line 2); if it is GBK")
        );
        for header_only in [HEADER.to_owned(), format!("\n{HEADER}\n\n,,,,,,,,\n")] {
            assert_eq!(says(header_only.as_bytes()), "the file has no rows");
        }
    }

    /// What became of every row: the lines of those that stand, and what is said of the others.
    fn accounted(rows: &str) -> (Vec<usize>, Vec<String>) {
        let file = parse(format!("{HEADER}\n{rows}").as_bytes()).unwrap();
        let lines = file.records.iter().map(|record| record.line).collect();
        (lines, file.faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_open_quotation_mark_takes_no_other_row() {
        let row = |memo: &str| format!("A,energy,electricity,2013-01-01,1.00,,,V,{memo}\n");
        let rows = [row("\"oops"), row("x"), row("\"good memo\""), row("y")].concat();
        let (lines, told) = accounted(&rows);
        assert_eq!(lines, [3, 4, 5]);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("line 2, memo: has text after its closing"), "{told:?}");
        assert!(told[0].ends_with(" (in line 4)"), "{told:?}");
        let (lines, told) = accounted(&[row("x"), row("\"oops"), row("y")].concat());
        assert_eq!(lines, [2, 4]);
        assert_eq!(told, ["line 3, memo: opens a quotation mark that is never closed"]);
        let (lines, told) = accounted(&rows.replace(",V,", ",\"V\n1\","));
        assert_eq!((lines.len(), told.len()), (0, 8), "{told:?}");
        assert!(told[0].starts_with("line 2, document_no: opens a quotation mark that is not"));
    }

    /// Well quoted, and yet the rows between are gone: such a memo is not believed.
    #[test]
    fn a_memo_that_may_hold_rows_is_refused() {
        let row = |memo: &str| format!("A,energy,electricity,2013-01-01,1.00,,,V,{memo}\n");
        let (lines, told) = accounted(&[row("\"oops"), row("x"), row("\""), row("y")].concat());
        assert_eq!(lines, [5]);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("line 2, memo: may hold other rows: "), "{told:?}");
        assert!(told[0].ends_with("; it runs to line 4"), "{told:?}");
        let (lines, told) = accounted(&row("\"一, 二\n三, 四, 五, 六, 七, 八, 九\""));
        assert_eq!((lines, told), (vec![2], vec![]));
        let (lines, told) = accounted(&row("one,\"two\nthree\"").replace(",V,", ","));
        assert_eq!((lines, told), (vec![2], vec![]));
        let (_, told) = accounted(&row("\"two\nthree\",four"));
        assert_eq!(told, ["line 2: has 10 cells, the header has 9; it runs to line 3"]);
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(MOST_BYTES + 1).unwrap();
        let told = read(file.path()).unwrap_err().to_string();
        assert!(told.ends_with(" is larger than 50 MB, the most that is read at once; split it"));
    }
}
