//! The file against itself: what identifies an entry may stand in it once.

use std::collections::HashMap;

use steward_kernel::Fen;
use steward_proto::ledger::v1::NewEntry;
use steward_sheet::{Fault, Table, Why, cut};

use super::row::Row;
use crate::import::cells::fault;
use crate::import::outcome::Duplicate;

/// The rows of a file after they were compared with one another.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// The rows that stand alone, or first.
    pub(crate) rows: Vec<Row>,
    /// The rows that repeat an earlier one.
    pub(crate) duplicates: Vec<Duplicate>,
    /// The rows that contradict an earlier one.
    pub(crate) conflicts: Vec<Fault>,
}

/// What identifies an entry in its domain: organization, fiscal year, document, line and category.
#[derive(PartialEq, Eq, Hash)]
struct Identity<'a> {
    domain: &'static str,
    organization: &'a str,
    fiscal_year: &'a str,
    document_no: &'a str,
    document_line: i32,
    category: &'a str,
}

impl<'a> Identity<'a> {
    fn of(row: &'a Row) -> Self {
        let entry = &row.entry;
        Self {
            domain: row.domain,
            organization: &entry.organization,
            fiscal_year: entry.occurred_on.get(..4).unwrap_or_default(),
            document_no: &entry.document_no,
            document_line: entry.document_line.max(1),
            category: &entry.category,
        }
    }
}

/// Compares the rows by identity: the same again with the same day and amount is a duplicate, with
/// another one a conflict. The first of them stands, as in the ledger.
pub(crate) fn compare(table: &Table, mut rows: Vec<Row>) -> Compared {
    let mut compared = Compared::default();
    let mut first: HashMap<Identity<'_>, &Row> = HashMap::with_capacity(rows.len());
    let mut stands = Vec::with_capacity(rows.len());
    for row in &rows {
        let earlier = *first.entry(Identity::of(row)).or_insert(row);
        stands.push(earlier.line == row.line);
        if earlier.line == row.line {
            continue;
        }
        if content(earlier) == content(row) {
            let repeats = Some((earlier.line, repetition(row, earlier)));
            compared.duplicates.push(Duplicate { line: row.line, repeats });
        } else {
            let why = conflict(row, earlier);
            compared.conflicts.push(fault(table, row.line, "document_no", why));
        }
    }
    let mut stands = stands.into_iter();
    rows.retain(|_| stands.next().unwrap_or(true));
    compared.rows = rows;
    compared
}

fn content(row: &Row) -> (&str, i64) {
    (&row.entry.occurred_on, row.entry.amount_fen)
}

fn describe(row: &Row) -> Why {
    let (day, fen) = content(row);
    let (document, yuan) = (cut(&row.entry.document_no), Fen::new(fen));
    Why::new(
        format!("凭证{document},{day},{yuan}元"),
        format!("document {document} of {day} over {yuan} yuan"),
    )
}

/// What a row repeats of an earlier one. What it says otherwise is no conflict to the ledger, but may
/// be meant as a correction, which a duplicate is not.
fn repetition(row: &Row, earlier: &Row) -> Why {
    let described = describe(row);
    let differs = differences(row, earlier);
    if differs.is_empty() {
        return described;
    }
    let zh: Vec<_> = differs.iter().map(|it| it.0).collect();
    let en: Vec<_> = differs.iter().map(|it| it.1).collect();
    Why::new(
        format!("{};日期和金额相同,但{}不同:已跳过", described.zh, zh.join("、")),
        format!("{}; same date and amount; differs in {}: skipped", described.en, en.join(", ")),
    )
}

/// Where two rows differ that say whose cost it is, of when and of how much. Who pays is who uses,
/// unless another is named.
fn differences(row: &Row, earlier: &Row) -> Vec<(&'static str, &'static str)> {
    let (now, then) = (&row.entry, &earlier.entry);
    let payer = |entry: &NewEntry| match &*entry.paid_by {
        "" => entry.organization.clone(),
        payer => payer.to_owned(),
    };
    let service = |entry: &NewEntry| (entry.service_from.clone(), entry.service_until.clone());
    let differs = [
        (("付款单位", "paid_by"), payer(now) != payer(then)),
        (("服务期", "service period"), service(now) != service(then)),
        (("数量", "quantity"), now.quantity != then.quantity),
    ];
    differs.into_iter().filter_map(|(what, differs)| differs.then_some(what)).collect()
}

fn conflict(row: &Row, earlier: &Row) -> Why {
    let (day, fen) = content(earlier);
    let (described, line, yuan) = (describe(row), earlier.line, Fen::new(fen));
    Why::new(
        format!("{};但第{line}行同一凭证是{day},{yuan}元", described.zh),
        format!(
            "{}; but line {line} has the same document of {day} over {yuan} yuan",
            described.en
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: usize, change: impl FnOnce(&mut Row)) -> Row {
        let entry = NewEntry {
            organization: "A".to_owned(),
            category: "electricity".to_owned(),
            occurred_on: "2013-05-01".to_owned(),
            amount_fen: 2_400_434,
            document_no: "V-1".to_owned(),
            ..NewEntry::default()
        };
        let mut row = Row { line, domain: "energy", entry };
        change(&mut row);
        row
    }

    fn told(compared: &Compared) -> Vec<String> {
        let say = |it: &Duplicate| {
            let (earlier, what) = it.repeats.as_ref().unwrap();
            format!("line {} repeats line {earlier}: {}", it.line, what.en)
        };
        compared.duplicates.iter().map(say).collect()
    }

    #[test]
    fn the_same_again_is_a_duplicate() {
        let memo = |row: &mut Row| row.entry.memo = "other".to_owned();
        let line = |row: &mut Row| row.entry.document_line = 1;
        let compared =
            compare(&Table::default(), vec![row(9, |_| {}), row(17, memo), row(18, line)]);
        assert_eq!(compared.rows.len(), 1);
        let told = told(&compared);
        let of = "document V-1 of 2013-05-01 over 24004.34 yuan";
        assert_eq!(
            told,
            [format!("line 17 repeats line 9: {of}"), format!("line 18 repeats line 9: {of}")]
        );
    }

    #[test]
    fn a_duplicate_names_what_it_hides() {
        let compared = compare(
            &Table::default(),
            vec![
                row(9, |row| row.entry.quantity = Some(5)),
                row(10, |row| (row.entry.quantity, row.entry.paid_by) = (Some(5), "A".to_owned())),
                row(11, |row| row.entry.quantity = Some(6)),
                row(12, |row| {
                    row.entry.paid_by = "B".to_owned();
                    row.entry.service_until = "2014-01-01".to_owned();
                }),
            ],
        );
        let told = told(&compared);
        let of = "repeats line 9: document V-1 of 2013-05-01 over 24004.34 yuan";
        let same = "same date and amount; differs in";
        assert_eq!(
            told,
            [
                format!("line 10 {of}"),
                format!("line 11 {of}; {same} quantity: skipped"),
                format!("line 12 {of}; {same} paid_by, service period, quantity: skipped"),
            ]
        );
    }

    #[test]
    fn another_day_or_amount_is_a_conflict() {
        let amount = |row: &mut Row| row.entry.amount_fen = 1;
        let day = |row: &mut Row| row.entry.occurred_on = "2013-05-02".to_owned();
        let compared =
            compare(&Table::default(), vec![row(9, |_| {}), row(17, amount), row(18, day)]);
        assert_eq!((compared.rows.len(), compared.conflicts.len()), (1, 2));
        assert_eq!(compared.conflicts[0].line, 17);
        assert_eq!(
            compared.conflicts[0].why.en,
            "document V-1 of 2013-05-01 over 0.01 yuan; \
             but line 9 has the same document of 2013-05-01 over 24004.34 yuan"
        );
    }

    #[test]
    fn what_differs_in_its_identity_stands() {
        let rows = vec![
            row(2, |_| {}),
            row(3, |row| row.entry.organization = "B".to_owned()),
            row(4, |row| row.entry.occurred_on = "2014-05-01".to_owned()),
            row(5, |row| row.entry.document_line = 2),
            row(6, |row| row.entry.category = "heat".to_owned()),
            row(7, |row| row.domain = "property"),
            row(8, |row| row.entry.document_no = "V-2".to_owned()),
        ];
        let compared = compare(&Table::default(), rows);
        assert_eq!(compared.rows.len(), 7);
        assert!(compared.duplicates.is_empty() && compared.conflicts.is_empty());
    }
}
