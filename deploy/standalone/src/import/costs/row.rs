//! A row of a cost file, understood.

use std::collections::BTreeMap;

use steward_kernel::Fen;
use steward_ledger::entry::MAX_AMOUNT;
use steward_proto::ledger::v1::{NewEntry, QuantityUnit};
use steward_sheet::{Cell, Fault, Table, Why, shown};

use super::catalogue::Catalogue;
use super::unit::quantity;
use crate::import::cells::{Cells, document_no};
use crate::import::resolve::Known;

/// The longest texts that a ledger takes, in characters.
pub(crate) const DOCUMENT_NO: usize = 64;
const FUND_SOURCE: usize = 64;
const MEMO: usize = 500;
/// The largest line number of a document.
const MOST_LINES: i64 = 100_000;

/// A row that may be posted.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The line of the file that it begins in.
    pub(crate) line: usize,
    /// The domain that books it.
    pub(crate) domain: &'static str,
    /// What is posted.
    pub(crate) entry: NewEntry,
}

/// What rows are understood with.
pub(crate) struct With<'a> {
    pub(crate) catalogues: &'a BTreeMap<&'static str, Catalogue>,
    pub(crate) known: &'a Known,
    pub(crate) accept_warnings: bool,
}

/// Understands the rows; every wrong cell becomes a fault, and its row is left out.
pub(crate) fn understand(table: &Table, with: &With<'_>) -> (Vec<Row>, Vec<Fault>) {
    let mut rows = Vec::with_capacity(table.rows.len());
    let mut faults = Vec::new();
    for row in &table.rows {
        let mut cells = Cells::new(table, *row);
        let understood = cells.cost(with);
        if cells.faults.is_empty() {
            rows.extend(understood);
        }
        faults.append(&mut cells.faults);
    }
    (rows, faults)
}

impl Cells<'_> {
    fn cost(&mut self, with: &With<'_>) -> Option<Row> {
        let domain = self.domain();
        let category = self.category(domain.and_then(|domain| with.catalogues.get(domain)));
        let occurred_on = self.read("occurred_on", |cell| cell.date());
        let day = occurred_on.map(|day| day.to_string()).unwrap_or_default();
        let code = |cell: Cell<'_>| with.known.code(cell, &day, with.accept_warnings);
        let organization = self.read("organization", code);
        let paid_by = self.optional("paid_by", code);
        let amount = self.read("amount_yuan", amount);
        let quantity = category.as_ref().and_then(|(_, unit)| self.quantity(*unit));
        let document_no = self.read("document_no", |cell| document_no(cell, DOCUMENT_NO));
        let line = self.optional("document_line", |cell| cell.integer(1, MOST_LINES));
        let fund_source = self.optional("fund_source", |cell| cell.text(FUND_SOURCE));
        let memo = self.optional("memo", |cell| cell.one_line(MEMO));
        let (service_from, service_until) = self.service();
        Some(Row {
            line: self.row.line,
            domain: domain?,
            entry: NewEntry {
                organization: organization?,
                paid_by: paid_by.unwrap_or_default(),
                category: category?.0,
                occurred_on: occurred_on?.to_string(),
                service_from,
                service_until,
                amount_fen: amount?.get(),
                quantity,
                document_no: document_no?,
                document_line: line.and_then(|line| i32::try_from(line).ok()).unwrap_or(0),
                fund_source: fund_source.unwrap_or_default(),
                memo: memo.unwrap_or_default(),
                ..NewEntry::default()
            },
        })
    }

    /// The row's category and its unit. Without a catalogue (the domain is wrong) nothing is said.
    pub(in crate::import) fn category(
        &mut self,
        catalogue: Option<&Catalogue>,
    ) -> Option<(String, QuantityUnit)> {
        if catalogue.is_none() && !self.is_empty("category") {
            return None;
        }
        self.read("category", |cell| {
            cell.formula()?;
            let text = cell.plain();
            let found = catalogue.and_then(|catalogue| catalogue.find(&text));
            found.map(|(code, unit)| (code.to_owned(), unit)).ok_or_else(|| {
                let names = catalogue.map(Catalogue::names).unwrap_or_default();
                let codes = catalogue.map(Catalogue::codes).unwrap_or_default();
                let text = shown(&text);
                Why::new(
                    format!("{text}不是该业务域的费用科目;可填:{names}"),
                    format!("{text} is not in the catalogue of its domain; there are: {codes}"),
                )
            })
        })
    }

    fn quantity(&mut self, wanted: QuantityUnit) -> Option<i64> {
        let unit = self.cell("unit").plain();
        match quantity(self.cell("quantity"), &unit, wanted) {
            Ok(quantity) => quantity,
            Err(error) => {
                self.fault(error.column, error.why);
                None
            }
        }
    }

    /// The service period of the ledger, which ends on the day after the last.
    pub(crate) fn service(&mut self) -> (String, String) {
        let from = self.optional("service_from", |cell| cell.date());
        let last = self.optional("service_to", |cell| cell.date());
        match (from, last) {
            (Some(from), Some(last)) if last < from => {
                let why = Why::new(
                    format!("{last}早于服务期起{from}"),
                    format!("{last} is before service_from, {from}"),
                );
                self.fault("service_to", why);
            }
            (Some(from), Some(last)) => {
                let until = last.succ_opt().unwrap_or(last);
                return (from.to_string(), until.to_string());
            }
            (Some(_), None) if self.is_empty("service_to") => {
                let why = Why::new("未填写,但填了服务期起", "is empty, but service_from is not");
                self.fault("service_to", why);
            }
            (None, Some(_)) if self.is_empty("service_from") => {
                let why = Why::new("未填写,但填了服务期止", "is empty, but service_to is not");
                self.fault("service_from", why);
            }
            _ => {}
        }
        (String::new(), String::new())
    }
}

/// An amount above 0.
pub(crate) fn amount(cell: Cell<'_>) -> Result<Fen, Why> {
    let fen = cell.amount(false)?;
    match fen.get() {
        ..=0 => Err(Why::new(
            "金额为0;没有费用的月份用零报告申报,不入账",
            "is 0; a month without costs is declared, not posted",
        )),
        1..=MAX_AMOUNT => Ok(fen),
        _ => {
            let text = shown(&cell.written());
            Err(Why::new(format!("{text}太大"), format!("{text} is too large")))
        }
    }
}

#[cfg(test)]
mod tests;
