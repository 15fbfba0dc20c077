//! The cells of one row, read one after the other; what is wrong with them is collected.

use steward_kernel::OrganizationCode;
use steward_sheet::{Cell, Fault, Row, Table, Value, Why, shown};

use super::columns::DOMAINS;

/// What stands between several names in one cell: also the signs of full width.
pub(super) const SEVERAL: [char; 5] = ['、', ';', '\u{ff1b}', ',', '\u{ff0c}'];

/// Reads the cells of one row and collects what is wrong with them.
pub(super) struct Cells<'a> {
    pub(super) table: &'a Table,
    pub(super) row: Row,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(table: &'a Table, row: Row) -> Self {
        Self { table, row, faults: Vec::new() }
    }

    pub(super) fn cell(&self, column: &str) -> Cell<'a> {
        self.table.cell(self.row, column)
    }

    pub(super) fn is_empty(&self, column: &str) -> bool {
        self.cell(column).is_empty()
    }

    pub(super) fn fault(&mut self, column: &str, why: Why) {
        self.faults.push(fault(self.table, self.row.line, column, why));
    }

    /// A cell that must be filled.
    pub(super) fn read<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(Cell<'_>) -> Result<T, Why>,
    ) -> Option<T> {
        if self.is_empty(column) {
            self.fault(column, Why::empty());
            return None;
        }
        self.optional(column, read)
    }

    /// A cell that may be empty.
    pub(super) fn optional<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(Cell<'_>) -> Result<T, Why>,
    ) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        read(cell).map_err(|why| self.fault(column, why)).ok()
    }

    /// The domain of a row.
    pub(super) fn domain(&mut self) -> Option<&'static str> {
        self.read("domain", |cell| {
            cell.formula()?;
            cell.choice(&DOMAINS).map_err(|why| {
                let text = shown(&cell.written());
                let names: Vec<_> = DOMAINS.iter().map(|it| it.code).collect();
                Why::new(why.zh, format!("{text} is no domain; there are: {}", names.join(", ")))
            })
        })
    }
}

/// What is wrong with a cell; with the row, if no column is named.
pub(super) fn fault(table: &Table, line: usize, column: &str, why: Why) -> Fault {
    let column = (!column.is_empty()).then(|| table.place(column));
    Fault { line, column, why }
}

/// The number of a document as everyone writes it, so that it is the same document in every file:
/// Ｄ－１ is D-1.
pub(super) fn document_no(cell: Cell<'_>, most: usize) -> Result<String, Why> {
    let text = Value::text(&cell.code(None)?);
    Cell { value: &text, ..cell }.text(most)
}

/// A code whose check character must be right, unless warnings are accepted.
pub(super) fn checked(text: &str, accept_warnings: bool) -> Result<OrganizationCode, Why> {
    let code: OrganizationCode = text.parse().map_err(|error| {
        Why::new(
            format!("{}不是有效的统一社会信用代码(18位,不含I、O、S、V、Z)", shown(text)),
            format!("{}: {error}", shown(text)),
        )
    })?;
    if code.check_character_ok() || accept_warnings {
        return Ok(code);
    }
    Err(Why::new(
        format!("{text}的校验位不对;请再核对,确认无误可加 --accept-warnings"),
        format!(
            "the check character of {text} is odd; look at it again, or accept it with --accept-warnings"
        ),
    ))
}
