//! The bytes of a file to a table.

mod csv;
mod encoding;
mod package;
mod quoting;
mod xlsx;

use crate::{ReadError, Schema, Table};

/// The largest file that is read: all its rows are held in memory.
pub const MOST_BYTES: u64 = 50_000_000;
/// The largest content of a workbook, unpacked.
pub const MOST_UNPACKED: u64 = 1_000_000_000;
/// The most cells of a sheet.
pub const MOST_CELLS: usize = 10_000_000;

/// Reads the bytes of a CSV file or of a workbook; what it is, the bytes say. Of a workbook the sheet
/// that the schema names is read, or else the first one that can be seen.
///
/// # Errors
/// Larger than [`MOST_BYTES`], neither of both, or without the header that the schema wants; a workbook
/// with another sheet that could be read as well.
pub fn read(bytes: &[u8], schema: &Schema) -> Result<Table, ReadError> {
    read_sheet(bytes, schema, None)
}

/// Reads as [`read`] does, of a workbook the sheet of that name, if one is given.
///
/// # Errors
/// As those of [`read`]; no sheet of that name.
pub fn read_sheet(bytes: &[u8], schema: &Schema, sheet: Option<&str>) -> Result<Table, ReadError> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large());
    }
    match bytes {
        [b'P', b'K', 3, 4, ..] => xlsx::read(bytes, schema, sheet),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(ReadError::new(
            "这是旧版 Excel(.xls)或加了密码的工作簿;请另存为不加密的“Excel 工作簿(.xlsx)”",
            "the file is an old .xls workbook or one with a password; save it as .xlsx without one",
        )),
        _ if sheet.is_some() => Err(ReadError::new(
            "CSV 文件没有工作表,请去掉 --sheet",
            "a CSV file has no sheets; leave --sheet out",
        )),
        _ => csv::read(bytes, schema),
    }
}

fn too_large() -> ReadError {
    ReadError::new(
        "文件超过 50 MB(一次最多读取的大小),请拆分",
        "the file is larger than 50 MB, the most that is read at once; split it",
    )
}

fn too_many_cells() -> ReadError {
    ReadError::new(
        format!("表太大:单元格超过 {MOST_CELLS} 个,请拆分"),
        format!("the table has more than {MOST_CELLS} cells; split it"),
    )
}
