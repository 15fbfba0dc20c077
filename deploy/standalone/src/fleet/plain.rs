//! An answer for a terminal, and for programs as CSV and JSON.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, LineStyle};
use serde_json::{Map, json};

use super::answer::{Answer, Form, Table, Value, pick};
use crate::failure::{Failure, Result};
use crate::report::Language;

/// What stands for no value.
pub(super) const NONE: &str = "—";
const TOTAL: (&str, &str) = ("合计", "Total");

/// The tables for people, with what must be known below them.
pub(super) fn table(answer: &Answer, language: Language) -> String {
    let mut text = format!("{}\n", answer.title);
    let lines = |text: &mut String, lines: &[String]| {
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
    };
    lines(&mut text, &answer.lines);
    for table in &answer.tables {
        if answer.tables.len() > 1 {
            text.extend(["\n[", table.name, "]\n"]);
        }
        for line in one(table, language).lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    lines(&mut text, &answer.notes);
    text
}

fn one(table: &Table, language: Language) -> comfy_table::Table {
    let mut made = comfy_table::Table::new();
    made.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    made.set_header(table.columns.iter().map(|column| column.of(language)));
    for (place, column) in table.columns.iter().enumerate() {
        if let Some(made) = made.column_mut(place).filter(|_| column.form != Form::Text) {
            made.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in &table.rows {
        made.add_row(cells(table, row, NONE));
    }
    if let Some(total) = &table.total {
        let mut cells = cells(table, total, "");
        if let Some(first) = cells.first_mut() {
            pick(language, TOTAL).clone_into(first);
        }
        made.add_row(cells);
    }
    made
}

fn cells(table: &Table, row: &[Value], none: &str) -> Vec<String> {
    let shown = table.columns.iter().zip(row).map(|(column, value)| match value {
        Value::None => none.to_owned(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => column.form.shown(*number),
    });
    shown.collect()
}

/// The tables as CSV, one after another with an empty line between: the keys, then the rows in small
/// units. Without totals.
pub(super) fn csv(answer: &Answer) -> Result<String> {
    let failed = |error: csv::Error| Failure::new(format!("CSV cannot be written: {error}"));
    let mut parts = Vec::new();
    for table in &answer.tables {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(table.columns.iter().map(|column| column.key)).map_err(failed)?;
        for row in &table.rows {
            writer.write_record(row.iter().map(raw)).map_err(failed)?;
        }
        let bytes = writer.into_inner().map_err(|error| Failure::new(error.to_string()))?;
        parts.push(String::from_utf8(bytes).map_err(|error| Failure::new(error.to_string()))?);
    }
    Ok(parts.join("\n"))
}

/// A value that no spreadsheet takes for a formula.
fn raw(value: &Value) -> String {
    match value {
        Value::None => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) if text.starts_with(['=', '+', '-', '@', '\t']) => format!("'{text}"),
        Value::Text(text) => text.clone(),
    }
}

/// The tables as JSON: by their names lists of rows, and their totals, by keys in small units.
pub(super) fn json(answer: &Answer) -> String {
    let tables = answer.tables.iter().map(|table| {
        let object = |row: &Vec<Value>| {
            let fields = table.columns.iter().zip(row);
            let fields = fields.map(|(column, value)| (column.key.to_owned(), value.into()));
            serde_json::Value::Object(fields.collect::<Map<_, _>>())
        };
        let rows: Vec<_> = table.rows.iter().map(object).collect();
        json!({"name": table.name, "rows": rows, "total": table.total.as_ref().map(object)})
    });
    let tables: Vec<_> = tables.collect();
    let all = json!({"title": answer.title, "lines": answer.lines, "tables": tables,
        "notes": answer.notes});
    format!("{all:#}\n")
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::None => Self::Null,
            Value::Text(text) => Self::String(text.clone()),
            Value::Number(number) => (*number).into(),
        }
    }
}
