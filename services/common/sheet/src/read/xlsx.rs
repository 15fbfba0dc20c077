//! A sheet of an XLSX workbook.

use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{MOST_CELLS, package, too_many_cells};
use crate::{Grid, Line, ReadError, Region, Value};

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads the sheet of that name, or else the first one that can be seen.
pub(super) fn read(bytes: &[u8], wanted: &str) -> Result<Grid, ReadError> {
    package::check(bytes)?;
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let sheet = choose(&workbook, wanted).ok_or_else(|| {
        ReadError::new("工作簿里没有可见的工作表", "the workbook has no sheet that can be seen")
    })?;
    let is_1904 = workbook.has_1904_epoch();
    let lines = lines(&mut workbook, &sheet, is_1904)?;
    let merged = workbook.merge_cells_by_sheet_name(&sheet).map_err(|error| bad(&error))?;
    let place = |(line, column): (u32, u32)| (line as usize, column as usize);
    let regions = merged.iter().map(|it| Region { from: place(it.start), to: place(it.end) });
    let height = lines.len();
    let regions = regions.filter(|region| region.from <= region.to && region.from.0 < height);
    Ok(Grid::new(sheet, lines, regions.collect(), is_1904))
}

fn choose(workbook: &Workbook<'_>, wanted: &str) -> Option<String> {
    let sheets = || {
        let all = workbook.sheets_metadata().iter();
        all.filter(|it| it.visible == SheetVisible::Visible && it.typ == SheetType::WorkSheet)
    };
    let named = sheets().find(|sheet| sheet.name.trim() == wanted);
    named.or_else(|| sheets().next()).map(|sheet| sheet.name.clone())
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
