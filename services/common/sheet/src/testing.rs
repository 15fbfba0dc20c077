//! What the tests share.

use rust_xlsxwriter::Workbook;

use crate::{AMOUNT_UNITS, AREA_UNITS, Column, Schema, Table, read};

/// A table like that of costs.
pub(crate) static SCHEMA: Schema = Schema {
    title: ("费用表", "cost file"),
    sheet: "费用",
    columns: &[
        Column::required("organization", "使用单位", &["单位", "单位名称"]),
        Column::required("occurred_on", "支付日期", &["日期"]),
        Column::required("amount_yuan", "金额", &["金额合计"]).measured(AMOUNT_UNITS),
        Column::required("memo", "备注", &["摘要"]),
        Column::optional("unit", "计量单位", &["单位"]),
        Column::optional("paid_by", "付款单位", &[]),
        Column::optional("service_from", "服务期起", &["服务期间起"]),
        Column::optional("service_to", "服务期止", &["服务期间止"]),
        Column::optional("area", "建筑面积", &[]).measured(AREA_UNITS),
    ],
    lines_in: "memo",
    other: None,
};

/// A CSV file read.
pub(crate) fn csv(text: &str) -> Result<Table, crate::ReadError> {
    read(text.as_bytes(), &SCHEMA)
}

/// The bytes of a workbook with one sheet of texts.
pub(crate) fn workbook(lines: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(lines) {
        for (column, cell) in (0..).zip(*cells) {
            if !cell.is_empty() {
                sheet.write(row, column, *cell).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// The details of why a file cannot be read, in English.
pub(crate) fn details(result: Result<Table, crate::ReadError>) -> Vec<String> {
    let error = result.unwrap_err();
    let all = [vec![error.why], error.details].concat();
    all.into_iter().map(|why| why.en).collect()
}

/// The lines of the rows, and what is said of the faulty ones.
pub(crate) fn told(table: &Table) -> (Vec<usize>, Vec<String>) {
    let lines = table.rows.iter().map(|row| row.line).collect();
    let say = |fault: &crate::Fault| match &fault.column {
        Some(place) => format!("{}, {place}: {}", fault.line, fault.why.en),
        None => format!("{}: {}", fault.line, fault.why.en),
    };
    (lines, table.faults.iter().map(say).collect())
}
