//! A sheet of an XLSX workbook.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{MOST_CELLS, package, too_many_cells};
use crate::package::{Package, Survey};
use crate::write::ABOUT;
use crate::{Grid, Line, ReadError, Region, Schema, Table, Value};

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads the sheet that is wanted; or else the one that the schema names, or the first one that can be
/// seen, unless another could be read as well.
pub(super) fn read(
    bytes: &[u8],
    schema: &Schema,
    wanted: Option<&str>,
) -> Result<Table, ReadError> {
    package::check(bytes)?;
    // The library takes some damage for impossible, and panics.
    let reading = AssertUnwindSafe(|| sheet_of(bytes, schema, wanted));
    catch_unwind(reading).unwrap_or_else(|_| {
        Err(ReadError::new(
            "工作簿损坏,无法读取;请用 Excel 打开并另存后再导入",
            "the workbook is damaged and cannot be read; open it in Excel and save it anew",
        ))
    })
}

fn sheet_of(bytes: &[u8], schema: &Schema, wanted: Option<&str>) -> Result<Table, ReadError> {
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let (sheet, others) = choose(&workbook, schema.sheet, wanted)?;
    let mut also = Vec::new();
    let mut unread = Vec::new();
    for name in others {
        let other = grid(&mut workbook, &name);
        let is_blank = other.as_ref().is_ok_and(|grid| grid.lines.is_empty());
        let table = other.and_then(|grid| Table::new(grid, schema, false, Vec::new()));
        if table.is_ok() {
            also.push(name);
        } else if !is_blank && name != ABOUT {
            unread.push(name);
        }
    }
    let mut found = grid(&mut workbook, &sheet)?;
    found.hidden = hidden(bytes, &sheet);
    let table = Table::new(found, schema, false, Vec::new());
    if also.is_empty() {
        let sent = Some(Arc::from(bytes));
        return table.map(|table| Table { unread, sent, ..table });
    }
    Err(match table {
        Ok(_) => several(&[vec![sheet], also].concat()),
        Err(mut error) => {
            error.details.push(several(&also).why);
            error
        }
    })
}

/// More than one sheet could be meant.
fn several(sheets: &[String]) -> ReadError {
    let names = sheets.join("、");
    ReadError::new(
        format!("可以导入的工作表:{names};请用 --sheet 指定一张,逐张导入"),
        format!("sheets that can be imported: {names}; name one with --sheet, and import each"),
    )
}

/// The sheet that is read, and the others that can be seen, unless one was asked for.
fn choose(
    workbook: &Workbook<'_>,
    named: &str,
    wanted: Option<&str>,
) -> Result<(String, Vec<String>), ReadError> {
    let sheets = || workbook.sheets_metadata().iter().filter(|it| it.typ == SheetType::WorkSheet);
    if let Some(wanted) = wanted {
        let all: Vec<_> = sheets().map(|it| it.name.as_str()).collect();
        let found = all.iter().find(|name| name.trim() == wanted.trim());
        return found.map(|name| ((*name).to_owned(), Vec::new())).ok_or_else(|| {
            let there = all.join("、");
            ReadError::new(
                format!("没有名为“{wanted}”的工作表;现有:{there}"),
                format!("there is no sheet {wanted:?}; there are: {there}"),
            )
        });
    }
    let seen = sheets().filter(|it| it.visible == SheetVisible::Visible);
    let mut seen: Vec<_> = seen.map(|it| it.name.clone()).collect();
    if seen.is_empty() {
        return Err(ReadError::new(
            "工作簿里没有可见的工作表",
            "the workbook has no sheet that can be seen",
        ));
    }
    let place = seen.iter().position(|name| name.trim() == named).unwrap_or(0);
    Ok((seen.remove(place), seen))
}

fn grid(workbook: &mut Workbook<'_>, sheet: &str) -> Result<Grid, ReadError> {
    let is_1904 = workbook.has_1904_epoch();
    let lines = lines(workbook, sheet, is_1904)?;
    let merged = workbook.merge_cells_by_sheet_name(sheet).map_err(|error| bad(&error))?;
    let place = |(line, column): (u32, u32)| (line as usize, column as usize);
    let regions = merged.iter().map(|it| Region { from: place(it.start), to: place(it.end) });
    let height = lines.len();
    let regions = regions.filter(|region| {
        region.from.0 <= region.to.0 && region.from.1 <= region.to.1 && region.from.0 < height
    });
    Ok(Grid::new(sheet.to_owned(), lines, regions.collect(), is_1904))
}

/// The rows that cannot be seen; none if nobody can tell.
fn hidden(bytes: &[u8], sheet: &str) -> BTreeSet<usize> {
    let survey = || {
        let mut package = Package::open(bytes)?;
        let part = package.sheet(sheet)?;
        Survey::of(&package.part(&part)?)
    };
    survey().map(|survey| survey.hidden).unwrap_or_default()
}

/// The lines down to the last that holds anything. Cells that are merely formatted count for nothing.
fn lines(workbook: &mut Workbook<'_>, sheet: &str, is_1904: bool) -> Result<Vec<Line>, ReadError> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|error| bad(&error))?;
    let mut lines: Vec<Line> = Vec::new();
    let mut count = 0;
    while let Some(cell) = reader.next_cell().map_err(|error| bad(&error))? {
        let value = value(cell.get_value(), is_1904);
        if value.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize, column as usize);
        // An empty line costs as much as a cell.
        count += (row + 1).saturating_sub(lines.len());
        let width = lines.get(row).map_or(0, |line| line.cells.len());
        count += (column + 1).saturating_sub(width);
        if count > MOST_CELLS {
            return Err(too_many_cells());
        }
        while lines.len() <= row {
            lines.push(Line { number: lines.len() + 1, cells: Vec::new() });
        }
        let cells = &mut lines[row].cells;
        if cells.len() <= column {
            cells.resize(column + 1, Value::Empty);
        }
        cells[column] = value;
    }
    Ok(lines)
}

fn value(data: &DataRef<'_>, is_1904: bool) -> Value {
    match data {
        DataRef::Empty => Value::Empty,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Value::text(text)
        }
        DataRef::SharedString(text) => Value::text(text),
        // Excel has no whole numbers of its own: they fit.
        #[expect(clippy::cast_precision_loss, reason = "a number of a workbook is a float")]
        DataRef::Int(number) => Value::Number(*number as f64),
        DataRef::Float(number) if number.is_finite() => Value::Number(*number),
        DataRef::Float(_) => Value::Error("#NUM!".into()),
        DataRef::Bool(is) => Value::Bool(*is),
        DataRef::DateTime(it) if it.is_datetime() => Value::Date { serial: it.as_f64(), is_1904 },
        DataRef::DateTime(it) => Value::Number(it.as_f64()),
        DataRef::Error(error) => Value::Error(error.to_string().into()),
    }
}

fn bad(error: &XlsxError) -> ReadError {
    match error {
        XlsxError::Password => ReadError::new(
            "工作簿加了密码;请去掉密码后再导入",
            "the workbook has a password; take it off",
        ),
        _ => ReadError::new(
            format!("工作簿无法读取:{error}"),
            format!("the workbook cannot be read: {error}"),
        ),
    }
}
