//! The quoting of a CSV text, judged strictly before it is parsed.
//!
//! A CSV parser must make something of every text: a quotation mark that is never closed takes the
//! lines below it into its cell, and those rows are gone without a word. Here such a row is refused,
//! and reading goes on with the next line, so that every line is in a row or in a fault.

use std::ops::Range;

use crate::Why;

/// A row of the text, whole and well quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The line that it begins in, from 1.
    pub(crate) line: usize,
    /// Its bytes without what ends its line.
    pub(crate) bytes: Range<usize>,
}

/// A line whose quoting is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The line alone, whatever its open quotation mark would take with it.
    pub(crate) span: Span,
    /// The cell that is broken, from 0.
    pub(crate) column: usize,
    /// How.
    pub(crate) why: Why,
}

/// What a text holds: together all its lines but empty ones, each once.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The rows, the header among them.
    pub(crate) rows: Vec<Span>,
    /// The lines that are refused.
    pub(crate) broken: Vec<Broken>,
}

/// Splits a text into rows. Only the cell `memo` of a row may hold line breaks; but any cell of a row
/// that begins before the byte `free`, where the header is.
pub(crate) fn scan(text: &str, memo: usize, free: usize) -> Scan {
    let bytes = text.as_bytes();
    let (mut scan, mut line, mut at) = (Scan::default(), 1, 0);
    loop {
        let start = at + length(&bytes[at..], is_break);
        line += breaks(&bytes[at..start]);
        if start == bytes.len() {
            return scan;
        }
        let end = match row(bytes, start, (start >= free).then_some(memo)) {
            Ok(end) => {
                scan.rows.push(Span { line, bytes: start..end });
                end
            }
            Err((place, column, why)) => {
                let end = start + length(&bytes[start..], |byte| !is_break(byte));
                let seen = line + breaks(&bytes[start..place]);
                let why = match why {
                    (zh, en) if seen > line => {
                        Why::new(format!("{zh}(见第{seen}行)"), format!("{en} (in line {seen})"))
                    }
                    (zh, en) => Why::new(zh, en),
                };
                scan.broken.push(Broken { span: Span { line, bytes: start..end }, column, why });
                end
            }
        };
        line += breaks(&bytes[start..end]);
        at = end;
    }
}

/// Where the row that begins at `start` ends; or at which byte, in which cell and why it is broken. With
/// `memo` only that cell may hold line breaks.
fn row(bytes: &[u8], start: usize, memo: Option<usize>) -> Result<usize, (usize, usize, Said)> {
    use State::{Bare, Begin, Closed, Quoted};
    let (mut state, mut column) = (Begin, 0);
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        state = match (state, byte) {
            (Quoted, b'"') => Closed,
            (Bare, b'"') => return Err((at, column, INSIDE)),
            (Quoted, b'\r' | b'\n') if memo.is_some_and(|memo| column != memo) => {
                return Err((start, column, OPEN_LINE));
            }
            (Begin | Closed, b'"') | (Quoted, _) => Quoted,
            (_, b'\r' | b'\n') => return Ok(at),
            (_, b',') => {
                column += 1;
                Begin
            }
            (Closed, _) => return Err((at, column, AFTER)),
            (Begin | Bare, _) => Bare,
        };
    }
    if state == Quoted { Err((start, column, OPEN)) } else { Ok(bytes.len()) }
}

/// Within a cell: before it, in one without or with quotation marks, or behind a mark that closes it
/// unless another follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Bare,
    Quoted,
    Closed,
}

/// A sentence in Chinese and in English.
type Said = (&'static str, &'static str);

const INSIDE: Said = (
    "未加引号的单元格里有引号;请给整个单元格加引号,并把其中的引号写成两个",
    "has a quotation mark inside an unquoted cell; quote the whole cell and double the mark",
);
const AFTER: Said = (
    "右引号后面还有文字;是否引号放错了位置,或没有写成两个",
    "has text after its closing quotation mark; \
     is the mark closed at the wrong place, or not doubled",
);
const OPEN: Said = ("左引号一直没有闭合", "opens a quotation mark that is never closed");
const OPEN_LINE: Said = (
    "左引号没有在本行闭合;只有备注可以换行",
    "opens a quotation mark that is not closed in its line; only memo may hold line breaks",
);

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// How many bytes from the first on are such.
fn length(bytes: &[u8], such: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !such(*byte)).unwrap_or(bytes.len())
}

/// How many lines end in a text: `\n`, `\r\n` and `\r` end one, as in an editor.
pub(crate) fn breaks(bytes: &[u8]) -> usize {
    let ends = |at: &usize| match bytes[*at] {
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        byte => byte == b'\n',
    };
    (0..bytes.len()).filter(ends).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What becomes of a text of three columns under a header, the last one its memo.
    fn told(rows: &str) -> Vec<String> {
        let text = format!("a,b,memo\n{rows}");
        let scan = scan(&text, 2, 0);
        let mut told: Vec<_> = (scan.rows.iter().skip(1))
            .map(|it| format!("{} {}", it.line, &text[it.bytes.clone()]))
            .chain(scan.broken.iter().map(|it| {
                let why =
                    [(INSIDE, "inside"), (AFTER, "after"), (OPEN_LINE, "line"), (OPEN, "open")];
                let en = &it.why.en;
                let (why, short) =
                    why.into_iter().find(|((_, why), _)| en.starts_with(why)).unwrap();
                format!("{} {short} {}{}", it.span.line, it.column, &en[why.1.len()..])
            }))
            .collect();
        told.sort();
        told
    }

    #[test]
    fn every_line_is_a_row_or_a_fault() {
        for (rows, expected) in [
            ("1,2,3\n4,5,6", &["2 1,2,3", "3 4,5,6"][..]),
            ("\n1,2,3\r\n\r\n4,5,6\r", &["3 1,2,3", "5 4,5,6"]),
            ("\"1\",\"\",\"\"\"3\"\"\"\n", &["2 \"1\",\"\",\"\"\"3\"\"\""]),
            ("1,2,\"x\ny, z\"\n4,5,6\n", &["2 1,2,\"x\ny, z\"", "4 4,5,6"]),
            (
                "1,2,\"oops\n4,5,6\n7,8,\"good\"\n9,9,9",
                &["2 after 2 (in line 4)", "3 4,5,6", "4 7,8,\"good\"", "5 9,9,9"],
            ),
            ("1,2,\"oops\n4,5,6\n", &["2 open 2", "3 4,5,6"]),
            ("1,2,\"", &["2 open 2"]),
            ("1,\"x\ny\",3\n4,5,6", &["2 line 1", "3 inside 0", "4 4,5,6"]),
            ("1,2,3,\"x\ny\"", &["2 line 3", "3 inside 0"]),
            ("1,2,\"x\" \n4,5,6", &["2 after 2", "3 4,5,6"]),
            ("1,2, \"x\"\n4,5,6", &["2 inside 2", "3 4,5,6"]),
            ("1,5\" pipe,3\n4,5,6", &["2 inside 1", "3 4,5,6"]),
            ("\"x\ny\",2,3\n", &["2 line 0", "3 inside 0"]),
        ] {
            assert_eq!(told(rows), expected, "{rows}");
        }
    }

    #[test]
    fn lines_end_as_in_an_editor() {
        for (text, count) in [("", 0), ("a\nb", 1), ("\r\n\r\n", 2), ("\r\r", 2), ("\n\r", 2)] {
            assert_eq!(breaks(text.as_bytes()), count, "{text:?}");
        }
    }

    proptest! {
        /// No byte of a row is lost, and the parser sees the very rows that were seen here.
        #[test]
        fn nothing_is_lost(
            text in "[a,\"\r\n]{0,60}",
            memo in 0_usize..3,
            free in 0_usize..20,
        ) {
            let scan = scan(&text, memo, free);
            let mut left = text.clone().into_bytes();
            let broken = scan.broken.iter().map(|it| &it.span);
            for span in scan.rows.iter().chain(broken.clone()) {
                let starts = 1 + breaks(&text.as_bytes()[..span.bytes.start]);
                prop_assert_eq!(span.line, starts);
                left[span.bytes.clone()].fill(b'\n');
            }
            prop_assert!(left.into_iter().all(is_break));
            let mut sound = text.clone().into_bytes();
            broken.for_each(|span| sound[span.bytes.clone()].fill(b'\n'));
            let mut reader = csv::ReaderBuilder::new();
            let reader = reader.has_headers(false).flexible(true).from_reader(&*sound);
            prop_assert_eq!(reader.into_records().count(), scan.rows.len());
        }
    }
}
