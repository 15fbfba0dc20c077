//! A row of a cost file, understood.

use std::collections::BTreeMap;

use steward_proto::ledger::v1::{NewEntry, QuantityUnit};

use super::cell;
use super::file::Record;
use super::unit::quantity;
use super::{Fault, catalogue::Catalogue};

/// The longest texts that a ledger takes, in characters.
const DOCUMENT_NO: usize = 64;
const FUND_SOURCE: usize = 64;
const MEMO: usize = 500;

/// A row that may be posted.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line of the file that it begins in.
    pub line: usize,
    /// The domain that books it.
    pub domain: &'static str,
    /// What is posted.
    pub entry: NewEntry,
}

/// Understands the rows; every wrong cell becomes a fault, and its row is left out. Each record is
/// let go as soon as it is understood.
pub fn understand(
    records: Vec<Record>,
    catalogues: &BTreeMap<&'static str, Catalogue>,
    accept_warnings: bool,
) -> (Vec<Row>, Vec<Fault>) {
    let mut rows = Vec::with_capacity(records.len());
    let mut faults = Vec::new();
    for record in records {
        let mut cells = Cells { record: &record, faults: Vec::new() };
        let row = cells.row(catalogues, accept_warnings);
        if cells.faults.is_empty() {
            rows.extend(row);
        }
        faults.append(&mut cells.faults);
    }
    (rows, faults)
}

/// Reads the cells of one row and collects what is wrong with them.
struct Cells<'a> {
    record: &'a Record,
    faults: Vec<Fault>,
}

impl Cells<'_> {
    fn row(&mut self, catalogues: &BTreeMap<&'static str, Catalogue>, odd: bool) -> Option<Row> {
        let domain = self.read("domain", cell::domain);
        let unit = self.category(domain.and_then(|domain| catalogues.get(domain)));
        let organization = self.read("organization", |text| cell::organization(text, odd));
        let paid_by = self.optional("paid_by", |text| cell::organization_text(text, odd));
        let occurred_on = self.read("occurred_on", cell::date);
        let amount = self.read("amount_yuan", cell::amount);
        let quantity = unit.and_then(|unit| self.quantity(unit));
        let document_no = self.read("document_no", |text| cell::text_within(text, DOCUMENT_NO));
        let document_line = self.optional("document_line", cell::document_line).unwrap_or(0);
        let fund_source = self.optional("fund_source", |text| cell::text_within(text, FUND_SOURCE));
        let memo = self.optional("memo", |text| cell::text_within(&cell::one_line(text), MEMO));
        let (service_from, service_until) = self.service();
        Some(Row {
            line: self.record.line,
            domain: domain?,
            entry: NewEntry {
                organization: organization?.to_string(),
                paid_by: paid_by.unwrap_or_default(),
                category: self.record.cell("category").to_owned(),
                occurred_on: occurred_on?.to_string(),
                service_from,
                service_until,
                amount_fen: amount?.get(),
                quantity,
                document_no: document_no?,
                document_line,
                fund_source: fund_source.unwrap_or_default(),
                memo: memo.unwrap_or_default(),
                ..NewEntry::default()
            },
        })
    }

    fn fault(&mut self, column: &'static str, why: impl Into<String>) {
        self.faults.push(Fault::of_cell(self.record.line, column, why));
    }

    /// A cell that must be filled.
    fn read<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.record.cell(column).is_empty() {
            self.fault(column, "is empty");
            return None;
        }
        self.optional(column, read)
    }

    /// A cell that may be empty.
    fn optional<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.record.cell(column);
        if text.is_empty() {
            return None;
        }
        read(text).map_err(|why| self.fault(column, why)).ok()
    }

    /// The unit of the row's category. Without a catalogue (the domain is wrong) nothing is said.
    fn category(&mut self, catalogue: Option<&Catalogue>) -> Option<QuantityUnit> {
        if catalogue.is_none() && !self.record.cell("category").is_empty() {
            return None;
        }
        self.read("category", |text| {
            let unit = catalogue.and_then(|catalogue| catalogue.unit(text));
            unit.ok_or_else(|| {
                let known = catalogue.map(Catalogue::codes).unwrap_or_default();
                format!(
                    "{} is not in the catalogue of its domain; there are: {known}",
                    cell::shown(text)
                )
            })
        })
    }

    fn quantity(&mut self, wanted: QuantityUnit) -> Option<i64> {
        match quantity(self.record.cell("quantity"), self.record.cell("unit"), wanted) {
            Ok(quantity) => quantity,
            Err(error) => {
                self.fault(error.column, error.why);
                None
            }
        }
    }

    /// The service period of the ledger, which ends on the day after the last.
    fn service(&mut self) -> (String, String) {
        let from = self.optional("service_from", cell::date);
        let last = self.optional("service_to", cell::date);
        let empty = |column| self.record.cell(column).is_empty();
        match (from, last) {
            (Some(from), Some(last)) if last < from => {
                self.fault("service_to", format!("{last} is before service_from, {from}"));
            }
            (Some(from), Some(last)) => {
                let until = last.succ_opt().unwrap_or(last);
                return (from.to_string(), until.to_string());
            }
            (Some(_), None) if empty("service_to") => {
                self.fault("service_to", "is empty, but service_from is not");
            }
            (None, Some(_)) if empty("service_from") => {
                self.fault("service_from", "is empty, but service_to is not");
            }
            _ => {}
        }
        (String::new(), String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::catalogue::sample_catalogues;

    const CODE: &str = "11420500000000019M";
    const GOOD: [(&str, &str); 9] = [
        ("organization", CODE),
        ("domain", "energy"),
        ("category", "electricity"),
        ("occurred_on", "2013-01-31"),
        ("amount_yuan", "1278552.60"),
        ("quantity", "2130921"),
        ("unit", "kWh"),
        ("document_no", "B2013-9"),
        ("memo", "note"),
    ];

    /// The good row with some cells changed.
    fn with(changes: &[(&'static str, &'static str)], accept: bool) -> (Vec<Row>, Vec<String>) {
        let mut cells = GOOD.to_vec();
        for change in changes {
            cells.retain(|(column, _)| *column != change.0);
            cells.push(*change);
        }
        let record = Record::new(17, &cells);
        let (rows, faults) = understand(vec![record], &sample_catalogues(), accept);
        (rows, faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_good_row_is_an_entry() {
        let changes = [
            ("paid_by", CODE),
            ("document_line", "3"),
            ("service_from", "2013-01-01"),
            ("service_to", "2013-12-31"),
            ("fund_source", "财政拨款"),
            ("memo", "two\r\nlines"),
        ];
        let (rows, faults) = with(&changes, false);
        assert_eq!(faults, Vec::<String>::new());
        let entry = &rows[0].entry;
        assert_eq!((rows[0].line, rows[0].domain), (17, "energy"));
        assert_eq!(entry.amount_fen, 127_855_260);
        assert_eq!(entry.quantity, Some(2_130_921_000));
        assert_eq!((&*entry.service_from, &*entry.service_until), ("2013-01-01", "2014-01-01"));
        assert_eq!((entry.document_line, &*entry.paid_by), (3, CODE));
        assert_eq!((&*entry.fund_source, &*entry.memo), ("财政拨款", "two lines"));
    }

    #[test]
    fn every_wrong_cell_names_line_column_and_reason() {
        for (column, cell, why) in [
            ("organization", "", "is empty"),
            ("organization", "1142050000000001", "\"1142050000000001\": "),
            ("organization", "11420500000000O19M", "\"11420500000000O19M\": "),
            (
                "organization",
                "11420500000000019X",
                "the check character of 11420500000000019X is odd",
            ),
            ("domain", "Fleet", "\"Fleet\" is no domain; there are: energy, fleet"),
            ("category", "steam", "\"steam\" is not in the catalogue of its domain; there are: "),
            ("category", "", "is empty"),
            ("occurred_on", "2013-02-30", "2013-02-30 is no day of the calendar"),
            ("occurred_on", "2013/02/03", "\"2013/02/03\" is not a date; write it as"),
            ("occurred_on", "2013-2-3", "\"2013-2-3\" is not a date"),
            ("amount_yuan", "-5.00", "\"-5.00\" is negative"),
            ("amount_yuan", "5.005", "\"5.005\" has more than two decimals"),
            ("amount_yuan", "1,000.00", "\"1,000.00\" is not an amount"),
            ("amount_yuan", "0.00", "is 0; "),
            ("amount_yuan", "1000000000000.01", "\"1000000000000.01\" is too large"),
            ("quantity", "many", "\"many\" is not a number"),
            ("unit", "GJ", "\"GJ\" does not fit the category"),
            ("document_no", "", "is empty"),
            ("document_line", "0", "\"0\" is not a whole number from 1 to 100000"),
            ("paid_by", "nobody", "\"nobody\": "),
            ("service_from", "2013-01-01", ""),
            (
                "fund_source",
                "钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱钱",
                "has 65 characters; 64 at most",
            ),
        ] {
            let (rows, faults) = with(&[(column, cell)], false);
            let column = if column == "service_from" { "service_to" } else { column };
            assert!(rows.is_empty(), "{column} {cell}");
            assert_eq!(faults.len(), 1, "{column} {cell}: {faults:?}");
            assert!(faults[0].starts_with(&format!("line 17, {column}: {why}")), "{}", faults[0]);
        }
    }

    #[test]
    fn a_long_category_is_cut() {
        let long = "x".repeat(999);
        let record = Record::new(2, &[("domain", "energy"), ("category", &*long)]);
        let (_, faults) = understand(vec![record], &sample_catalogues(), false);
        let why = format!("\"{}…\" is not in the catalogue", "x".repeat(40));
        assert!(faults.iter().any(|fault| fault.why.starts_with(&why)), "{faults:?}");
    }

    #[test]
    fn all_wrong_cells_of_a_row_are_told_at_once() {
        let changes = [("organization", "x"), ("amount_yuan", "x"), ("occurred_on", "x")];
        assert_eq!(with(&changes, false).1.len(), 3);
        let period = [("service_from", "2013-05-02"), ("service_to", "2013-05-01")];
        let told = with(&period, false).1;
        assert_eq!(told, ["line 17, service_to: 2013-05-01 is before service_from, 2013-05-02"]);
        assert_eq!(with(&[("service_to", "2013-05-01")], false).1.len(), 1);
    }

    #[test]
    fn an_odd_check_character_can_be_accepted() {
        let odd = [("organization", "11420500000000019X")];
        assert_eq!(with(&odd, true).0.len(), 1);
        assert!(with(&odd, false).1[0].contains("--accept-warnings"));
    }
}
