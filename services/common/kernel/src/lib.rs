//! The vocabulary of Steward: small, checked types that every crate speaks. Pure, without I/O.
//!
//! - [`Fen`]: money in whole fen, exact; change in basis points; spreading over parts
//! - [`apportion`]: a whole number divided by shares
//! - [`rounded_quotient`], [`change_bp`], [`per_head`]: quotients and their change, half away from zero
//! - [`OrganizationCode`]: unified social credit codes and local keys
//! - [`RegionCode`], [`RegionPattern`]: regions, and sets of them (`4205*`)
//! - [`yichang`]: the regions of Yichang with their names
//! - [`Month`], [`spread_days`]: calendar months, and the days of a span by month
//! - [`Period`]: half-open spans of months, and the same months of the year before
//! - [`id!`]: typed identifiers (`UUIDv7`)
//! - [`WorkingCalendar`]: working days, by the notices on public holidays
//! - [`named!`], [`content!`]: enums with text and number, and what of a resource can be changed
//! - [`compact`]: numbers and codes as they are written
//! - [`Clock`], [`today`]: where time comes from, and the bureau's day

mod apportion;
mod calendar;
mod clock;
mod date;
mod fen;
mod id;
mod month;
mod noun;
mod organization;
mod period;
mod ratio;
mod region;
mod text;
pub mod yichang;

pub use apportion::apportion;
pub use calendar::{WorkingCalendar, WorkingDay};
pub use clock::{BUREAU_OFFSET, Clock, SystemClock, TestClock, today, truncate};
pub use date::{DateError, parse_date};
pub use fen::{AmountError, Fen};
pub use id::IdError;
pub use month::{Month, MonthError, spread_days};
pub use noun::{NameError, Named};
pub use organization::{CodeError, OrganizationCode};
pub use period::{Period, PeriodError};
pub use ratio::{PerHead, change_bp, per_head, rounded_quotient};
pub use region::{PatternError, RegionCode, RegionError, RegionPattern, RegionPrefix};
pub use text::{compact, is_pasted, is_unseen};

/// What the expansion of [`id!`] needs; not for use by hand.
#[doc(hidden)]
pub mod reexport {
    pub use crate::id::{generate, parse};
    pub use {chrono, uuid};
}
