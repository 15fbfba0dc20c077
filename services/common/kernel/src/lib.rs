//! The vocabulary of Steward: small, checked types that every crate speaks. Pure, without I/O.
//!
//! - [`Fen`]: money in whole fen, exact; change in basis points; spreading over parts
//! - [`OrganizationCode`]: unified social credit codes and local keys
//! - [`RegionCode`], [`RegionPattern`]: regions, and sets of them (`4205*`)
//! - [`yichang`]: the regions of Yichang with their names
//! - [`Month`], [`spread_days`]: calendar months, and the days of a span by month
//! - [`Period`]: half-open spans of months, and the same months of the year before
//! - [`id!`]: typed identifiers (`UUIDv7`)
//! - [`Clock`], [`today`]: where time comes from, and the bureau's day

mod clock;
mod date;
mod fen;
mod id;
mod month;
mod organization;
mod period;
mod region;
pub mod yichang;

pub use clock::{BUREAU_OFFSET, Clock, SystemClock, TestClock, today, truncate};
pub use date::{DateError, parse_date};
pub use fen::{AmountError, Fen};
pub use id::IdError;
pub use month::{Month, MonthError, spread_days};
pub use organization::{CodeError, OrganizationCode};
pub use period::{Period, PeriodError};
pub use region::{PatternError, RegionCode, RegionError, RegionPattern, RegionPrefix};

/// What the expansion of [`id!`] needs; not for use by hand.
#[doc(hidden)]
pub mod reexport {
    pub use crate::id::{generate, parse};
    pub use {chrono, uuid};
}
