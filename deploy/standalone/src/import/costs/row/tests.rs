use std::fmt::Write as _;

use super::*;
use crate::import::columns::COSTS;
use crate::import::costs::catalogue::sample_catalogues;

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
fn with(changes: &[(&str, &str)], accept_warnings: bool) -> (Vec<Row>, Vec<String>) {
    let mut cells = GOOD.to_vec();
    for change in changes {
        cells.retain(|(column, _)| *column != change.0);
        cells.push(*change);
    }
    let (mut header, mut row) = (String::new(), String::new());
    for (column, cell) in cells {
        write!(header, "{column},").unwrap();
        write!(row, "\"{}\",", cell.replace('"', "\"\"")).unwrap();
    }
    let text = format!("{header}\n{row}\n");
    let table = steward_sheet::read(text.as_bytes(), &COSTS).unwrap();
    let catalogues = sample_catalogues();
    let known = Known::default();
    let with = With { catalogues: &catalogues, known: &known, accept_warnings };
    let (rows, faults) = understand(&table, &with);
    let told = faults.into_iter().map(|it| format!("{}: {}", it.column.unwrap().name, it.why.en));
    (rows, told.collect())
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
    assert_eq!((rows[0].line, rows[0].domain), (2, "energy"));
    assert_eq!(entry.amount_fen, 127_855_260);
    assert_eq!(entry.quantity, Some(2_130_921_000));
    assert_eq!((&*entry.service_from, &*entry.service_until), ("2013-01-01", "2014-01-01"));
    assert_eq!((entry.document_line, &*entry.paid_by), (3, CODE));
    assert_eq!((&*entry.fund_source, &*entry.memo), ("财政拨款", "two lines"));
}

#[test]
fn a_row_in_chinese_is_the_same_entry() {
    let changes = [
        ("domain", "能源"),
        ("category", "电费"),
        ("occurred_on", "2013年1月31日"),
        ("amount_yuan", "￥1,278,552.60"),
        ("quantity", "2,130,921"),
        ("unit", "ｋＷｈ"),
        ("document_no", "＇Ｂ２０１３－９"),
    ];
    let ((rows, faults), (plain, _)) = (with(&changes, false), with(&[], false));
    assert_eq!((faults, &rows[0].entry), (Vec::new(), &plain[0].entry));
}

#[test]
fn every_wrong_cell_names_column_and_reason() {
    let long = "钱".repeat(65);
    for (column, cell, why) in [
        ("organization", "", "is empty"),
        ("organization", "1142050000000001", "\"1142050000000001\": "),
        ("organization", "11420500000000O19M", "\"11420500000000O19M\": "),
        ("organization", "11420500000000019X", "the check character of 11420500000000019X is odd"),
        ("organization", "1.14205E+17", "\"1.14205E+17\": Excel has destroyed this long number"),
        ("domain", "Fleets", "\"Fleets\" is no domain; there are: energy, fleet"),
        ("category", "steam", "\"steam\" is not in the catalogue of its domain; there are: "),
        ("category", "", "is empty"),
        ("category", "#REF!", "holds a formula that failed: #REF!"),
        ("amount_yuan", "#REF!", "holds a formula that failed: #REF!"),
        ("occurred_on", "#N/A", "holds a formula that failed: #N/A"),
        ("occurred_on", "2013-02-30", "2013-02-30 is no day of the calendar"),
        ("occurred_on", "31/1/2013", "\"31/1/2013\" is not a date; write it as"),
        ("amount_yuan", "-5.00", "\"-5.00\" is negative"),
        ("amount_yuan", "5.005", "\"5.005\" has more than two decimals"),
        ("amount_yuan", "1,00.00", "\"1,00.00\" has its thousands separators"),
        ("amount_yuan", "0.00", "is 0; "),
        ("amount_yuan", "1000000000.01", "\"1000000000.01\" is too large"),
        ("quantity", "many", "\"many\" is not a number"),
        ("unit", "GJ", "\"GJ\" does not fit the category"),
        ("document_no", "", "is empty"),
        ("document_no", "1.23E+17", "\"1.23E+17\": Excel has destroyed"),
        ("document_line", "0", "\"0\" is not a whole number from 1 to 100000"),
        ("paid_by", "nobody", "\"nobody\" is no organization"),
        ("service_from", "2013-01-01", ""),
        ("fund_source", &long, "has 65 characters; 64 at most"),
    ] {
        // The row needs a column for the other end of the service period.
        let both = [(column, cell), ("service_to", "")];
        let changes = if column == "service_from" { &both[..] } else { &both[..1] };
        let (rows, faults) = with(changes, false);
        let column = if column == "service_from" { "service_to" } else { column };
        assert!(rows.is_empty(), "{column} {cell}");
        assert_eq!(faults.len(), 1, "{column} {cell}: {faults:?}");
        assert!(faults[0].starts_with(&format!("{column}: {why}")), "{}", faults[0]);
    }
}

#[test]
fn no_reason_echoes_a_long_cell() {
    let long = "9".repeat(5_000);
    for column in ["domain", "category", "organization", "occurred_on", "amount_yuan", "quantity"] {
        let (_, faults) = with(&[(column, &long)], false);
        assert!(faults[0].len() < 250 && !faults[0].contains(&long[..41]), "{}", faults[0]);
    }
}

#[test]
fn all_wrong_cells_of_a_row_are_told_at_once() {
    let changes = [("organization", "x"), ("amount_yuan", "x"), ("occurred_on", "x")];
    assert_eq!(with(&changes, false).1.len(), 3);
    let period = [("service_from", "2013-05-02"), ("service_to", "2013-05-01")];
    let told = with(&period, false).1;
    assert_eq!(told, ["service_to: 2013-05-01 is before service_from, 2013-05-02"]);
    let half = [("service_from", ""), ("service_to", "2013-05-01")];
    assert_eq!(with(&half, false).1, ["service_from: is empty, but service_to is not"]);
}

#[test]
fn an_odd_check_character_can_be_accepted() {
    let odd = [("organization", "11420500000000019X")];
    assert_eq!(with(&odd, true).0.len(), 1);
    assert!(with(&odd, false).1[0].contains("--accept-warnings"));
}
