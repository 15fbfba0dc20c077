//! The working days, as the directory has them: the notices of the State Council that were followed.

pub(crate) mod store;

use chrono::NaiveDate;
use steward_db::Tx;
use steward_kernel::WorkingCalendar;

use crate::error::Result;

/// The notice of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The year.
    pub(crate) year: i32,
    /// Whether there is no notice (any more).
    pub(crate) provisional: bool,
    /// The days off that the notice names.
    pub(crate) days_off: Vec<NaiveDate>,
    /// The Saturdays and Sundays that are working days.
    pub(crate) make_up_days: Vec<NaiveDate>,
}

/// The calendar with every notice that was followed; a year without one is provisional.
pub async fn load(tx: &mut Tx) -> Result<WorkingCalendar> {
    let mut calendar = WorkingCalendar::default();
    for year in store::years(tx).await? {
        calendar.set_year(year.year, year.days_off, year.make_up_days);
    }
    Ok(calendar)
}
