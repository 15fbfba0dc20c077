//! The header of a cost file: which columns it has, in which order.

use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use super::cell::shown;
use super::file::unreadable;
use super::quoting::{breaks, scan};
use crate::failure::{Failure, Result};

/// The columns that a cost file has.
const REQUIRED: [&str; 9] = [
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
const OPTIONAL: [&str; 5] =
    ["document_line", "paid_by", "service_from", "service_to", "fund_source"];

/// The column that may hold line breaks.
pub(super) const MEMO: &str = "memo";

/// The columns of the header, which is the first line that is not empty.
pub(super) fn header(text: &str) -> Result<Arc<[&'static str]>> {
    let rest = text.trim_start_matches(['\r', '\n']);
    let line = 1 + breaks(&text.as_bytes()[..text.len() - rest.len()]);
    let header = rest.split(['\r', '\n']).next().unwrap_or_default();
    if header.is_empty() {
        return Err(Failure::new("the file is empty"));
    }
    if let Some(broken) = scan(header, usize::MAX).broken.first() {
        let (column, why) = (broken.column + 1, &broken.why);
        return Err(Failure::new(format!("the header (line {line}): column {column} {why}")));
    }
    let mut names = StringRecord::new();
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(header.as_bytes());
    reader.read_record(&mut names).map_err(|error| unreadable(&error))?;
    let sentence = format!("the header (line {line}) is not that of a cost file");
    let columns = columns(&names).map_err(|why| Failure::new(sentence).with_details(why))?;
    Ok(columns.into())
}

/// The column of every cell of the header; or every wrong column.
fn columns(names: &StringRecord) -> Result<Vec<&'static str>, Vec<String>> {
    let mut columns = Vec::new();
    let mut problems = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let name = name.trim();
        match REQUIRED.into_iter().chain(OPTIONAL).find(|column| *column == name) {
            Some(column) if columns.contains(&column) => {
                problems.push(format!("column {column} stands twice"));
            }
            Some(column) => columns.push(column),
            None if name.is_empty() => problems.push(format!("column {} has no name", place + 1)),
            None => problems.push(format!("column {} is unknown", shown(name))),
        }
    }
    let missing = REQUIRED.into_iter().filter(|column| !columns.contains(column));
    problems.extend(missing.map(|column| format!("column {column} is missing")));
    if problems.is_empty() {
        return Ok(columns);
    }
    problems.push(format!("needed: {}; optional: {}", REQUIRED.join(", "), OPTIONAL.join(", ")));
    Err(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_columns_are_named() {
        let text = "organization,domain,domain,category,occurred_on,amount,quantity,unit,memo,";
        let failure = header(text).unwrap_err();
        let details = failure.details();
        assert_eq!(
            details[..5],
            [
                "column domain stands twice",
                "column \"amount\" is unknown",
                "column 10 has no name",
                "column amount_yuan is missing",
                "column document_no is missing",
            ]
        );
        assert!(details[5].starts_with("needed: organization, "));
    }

    #[test]
    fn a_header_stands_on_one_line() {
        let text = format!("\n{},\"memo\nA,,,,,,,,x\nB,,,,,,,,\"\n", REQUIRED[..8].join(","));
        let told = header(&text).unwrap_err().to_string();
        assert!(told.starts_with("the header (line 2): column 9 opens a quotation mark"), "{told}");
        let long = "x".repeat(5_000);
        let told = header(&long).unwrap_err().to_string();
        assert!(told.contains('…') && !told.contains(&long[..41]), "{told}");
    }
}
