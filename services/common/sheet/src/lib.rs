//! Tables as people send them: Excel workbooks and CSV files, with titles above the header, merged
//! cells, totals below, codes that lost their zeros and amounts in ten thousands.
//!
//! - [`Schema`]: the columns that a kind of table has, with all the names that people give them
//! - [`read`](fn@read): the bytes of a file to a [`Table`] of raw [`Value`]s, each with its place
//! - [`Cell`]: a value read as a date, an amount, a code …, or refused with a reason ([`Why`])
//! - [`template`]: an empty workbook to be filled in
//! - [`returned`]: the workbook that was sent, with the reasons of its refused rows beside them
//!
//! Nothing is guessed: what can be read in two ways is refused, and says so.

pub mod cell;
mod fault;
mod grid;
mod header;
mod layout;
mod names;
mod package;
mod read;
mod table;
#[cfg(test)]
mod testing;
mod value;
mod write;

pub use cell::{Cell, Choice};
pub use fault::{Fault, Place, ReadError, Why, cut, shown};
pub use grid::{Grid, Line, Region, letters};
pub use header::{AMOUNT_UNITS, AREA_UNITS, Column, Schema};
pub use layout::LeftOut;
pub use names::plain;
pub use package::WriteError;
pub use read::{MOST_BYTES, MOST_CELLS, MOST_UNPACKED, read, read_sheet};
pub use table::{Found, Row, Table};
pub use value::Value;
pub use write::{Field, Kind, Template, returned, template, with_cells};

/// The column that a returned workbook has more than the one that was sent; never read.
pub const REASON_COLUMN: &str = "错误原因";
