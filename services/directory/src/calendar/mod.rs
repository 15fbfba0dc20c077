//! The working-day calendar: the State Council's notices on public holidays, year by year.

pub(crate) mod actions;
pub mod rpc;
mod rules;
pub(crate) mod shipped;
pub(crate) mod store;
pub(crate) mod wire;

pub(crate) use rules::day_faults;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::{Class, Reason};
use steward_kernel::WorkingCalendar;

/// A day of a notice lies in another year.
pub const DAY_OUTSIDE_YEAR: Reason =
    Reason::new("DAY_OUTSIDE_YEAR", Class::InvalidArgument, "日期不在该年度内");
/// A day is named both off and working, or a make-up day is a weekday already.
pub const DAY_CONTRADICTS: Reason =
    Reason::new("DAY_CONTRADICTS", Class::InvalidArgument, "放假日与上班日相互矛盾");

/// The years that the calendar keeps.
pub(crate) const YEARS: RangeInclusive<i32> = 2000..=2099;

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The year it holds for.
    pub year: i32,
    /// Its number, and those of later ones that changed it.
    pub notice_no: String,
    /// Its day.
    pub notice_date: Option<NaiveDate>,
    /// The days off; Saturdays and Sundays may be among them.
    pub days_off: BTreeSet<NaiveDate>,
    /// The Saturdays and Sundays that are working days.
    pub make_up_days: BTreeSet<NaiveDate>,
}

impl Notice {
    /// How many working days the year has by it.
    pub fn working_days(&self) -> usize {
        let mut calendar = WorkingCalendar::default();
        self.put_into(&mut calendar);
        calendar.working_days_in(self.year)
    }

    /// Puts it into a calendar.
    pub fn put_into(&self, calendar: &mut WorkingCalendar) {
        let (off, make_up) = (self.days_off.iter().copied(), self.make_up_days.iter().copied());
        calendar.set_year(self.year, off, make_up);
    }
}

/// A year that has a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarYear {
    /// The notice.
    pub notice: Notice,
    /// When it was imported.
    pub update_time: DateTime<Utc>,
    /// Counts the imports.
    pub version: i64,
}

/// A notice to import.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) notice: Notice,
    /// The version that was read: 0 where there was no notice, `None` where nobody looked.
    pub(crate) version: Option<i64>,
}
