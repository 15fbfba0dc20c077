//! Odometers: what they showed, and which of it fits together.

pub(crate) mod actions;
pub mod rpc;
pub(crate) mod rules;
mod store;
pub(crate) mod wire;

use chrono::{DateTime, Utc};
use steward_chassis::{Class, Reason};
use uuid::Uuid;

use crate::vehicle::VehicleId;

/// The vehicle has a reading of that time with that value, which somebody typed; or any of the time of a
/// replacement.
pub const READING_TAKEN: Reason =
    Reason::new("READING_TAKEN", Class::AlreadyExists, "该车辆同一时间的里程读数已登记");
/// What begins the readings anew is for a manager: it puts aside what they contradicted.
pub const REPLACEMENT_RESTRICTED: Reason = Reason::new(
    "REPLACEMENT_RESTRICTED",
    Class::PermissionDenied,
    "更换里程表的登记和撤销须由管理员办理",
);
/// The reading was retracted before.
pub const READING_RETRACTED: Reason =
    Reason::new("READING_RETRACTED", Class::FailedPrecondition, "该里程读数已撤销");
/// The reading is that of an expense or a trip, and goes with it.
pub const READING_NOT_TYPED: Reason = Reason::new(
    "READING_NOT_TYPED",
    Class::FailedPrecondition,
    "该里程读数来自费用或出车记录,请更正原记录",
);
/// A time is to come that must have been.
pub const TIME_IN_FUTURE: Reason =
    Reason::new("TIME_IN_FUTURE", Class::InvalidArgument, "时间不能晚于现在");

/// No odometer shows more, in metres.
pub(crate) const MAX_ODOMETER_M: i64 = 10_000_000_000;

/// The rule about readings that contradict the others.
const BACKWARDS: &str = "odometer_backwards";

steward_kernel::id!(
    /// A reading.
    ReadingId
);

steward_kernel::named! {
    /// What gave a reading.
    Source {
        Typed = 1 "typed",
        Expense = 2 "expense",
        Trip = 3 "trip",
    }
}

/// What an odometer showed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "none of them follows from another")]
pub struct Reading {
    /// Its key.
    pub id: ReadingId,
    /// Whose.
    pub vehicle_id: VehicleId,
    /// When.
    pub read_time: DateTime<Utc>,
    /// What, in metres.
    pub odometer_m: i64,
    /// What gave it.
    pub source: Source,
    /// The expense or trip; empty for one that was typed.
    pub source_id: String,
    /// A note, or empty; of a replacement, why.
    pub note: String,
    /// Whether the odometer was replaced: it begins a new series, which has nothing to do with what was
    /// before.
    pub replaced: bool,
    /// Whether only its day is known. It stands at noon, and fits if it fits anywhere in that day.
    pub whole_day: bool,
    /// Whether it fits the others.
    pub fits: bool,
    /// Whether it was retracted.
    pub retracted: bool,
    /// When it was recorded.
    pub record_time: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// 1, and 2 once it is retracted.
    pub version: i64,
}

/// A reading that fits, or that began a series, as one reckons with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) read_time: DateTime<Utc>,
    pub(crate) odometer_m: i64,
    /// Whether it begins a new series.
    pub(crate) replaced: bool,
    /// Whether only its day is known; then the time is noon.
    pub(crate) whole_day: bool,
    /// Whether it fits the others.
    pub(crate) fits: bool,
}

/// A reading to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct New {
    pub(crate) vehicle_id: VehicleId,
    pub(crate) read_time: DateTime<Utc>,
    pub(crate) odometer_m: i64,
    pub(crate) source: Source,
    pub(crate) source_id: String,
    pub(crate) note: String,
    pub(crate) replaced: bool,
    pub(crate) whole_day: bool,
}

/// A reading to be retracted.
#[derive(Debug)]
pub(crate) struct Retraction {
    pub(crate) id: ReadingId,
    pub(crate) version: i64,
    pub(crate) reason: String,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) vehicle_id: VehicleId,
    pub(crate) misfits_only: bool,
    /// Time, value and id of the last one of the page before.
    pub(crate) after: Option<(DateTime<Utc>, i64, Uuid)>,
    pub(crate) limit: i64,
}
