//! Working days, by the State Council's yearly notices.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};

/// The working days of China: Monday to Friday, but for what the notices on public holidays say, with
/// their make-up days (调休). Pure; a year without a notice is computed from the weekdays alone and is
/// *provisional*. The default knows no notice.
///
/// ```
/// use chrono::NaiveDate;
/// use steward_kernel::WorkingCalendar;
///
/// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
/// let mut calendar = WorkingCalendar::default();
/// calendar.set_year(2026, [day("2026-02-16")], [day("2026-02-14")]);
/// // Friday; the Saturday is made up, the Sunday is off and so is the Monday.
/// let due = calendar.nth_working_day_after(day("2026-02-13"), 2).unwrap();
/// assert_eq!((due.date, due.provisional), (day("2026-02-17"), false));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkingCalendar {
    years: BTreeMap<i32, Notice>,
}

/// What a notice says of its year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Notice {
    days_off: BTreeSet<NaiveDate>,
    make_up: BTreeSet<NaiveDate>,
}

/// A day that was counted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingDay {
    /// The day.
    pub date: NaiveDate,
    /// Whether a year without a notice was needed: the day may change when the notice comes.
    pub provisional: bool,
}

impl WorkingCalendar {
    /// So many working days are counted at most: forty years. They are counted one by one.
    pub const MOST: u32 = 10_000;

    /// Puts in the notice of a year, in place of the one that was there. Saturdays and Sundays may be
    /// among the days off; days of other years are left out.
    pub fn set_year(
        &mut self,
        year: i32,
        days_off: impl IntoIterator<Item = NaiveDate>,
        make_up: impl IntoIterator<Item = NaiveDate>,
    ) {
        let of_year = |day: &NaiveDate| day.year() == year;
        let notice = Notice {
            days_off: days_off.into_iter().filter(of_year).collect(),
            make_up: make_up.into_iter().filter(of_year).collect(),
        };
        self.years.insert(year, notice);
    }

    /// Whether a day is worked. A make-up day is, whatever else is said of it.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        let weekday = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        match self.years.get(&day.year()) {
            None => weekday,
            Some(notice) => {
                notice.make_up.contains(&day) || (weekday && !notice.days_off.contains(&day))
            }
        }
    }

    /// Whether there is no notice of a year.
    pub fn is_provisional(&self, year: i32) -> bool {
        !self.years.contains_key(&year)
    }

    /// The `n`-th working day after a day, which itself does not count. It is provisional if any day
    /// from the one after `from` up to the answer lies in a year without a notice.
    ///
    /// `None` for `n` = 0, for more than [`Self::MOST`], and at the end of time.
    pub fn nth_working_day_after(&self, from: NaiveDate, n: u32) -> Option<WorkingDay> {
        if n > Self::MOST {
            return None;
        }
        let mut left = n;
        let mut provisional = false;
        let mut date = from;
        while left > 0 {
            date = date.succ_opt()?;
            provisional |= self.is_provisional(date.year());
            if self.is_working_day(date) {
                left -= 1;
            }
        }
        (n > 0).then_some(WorkingDay { date, provisional })
    }

    /// How many working days a year has.
    pub fn working_days_in(&self, year: i32) -> usize {
        NaiveDate::from_ymd_opt(year, 1, 1)
            .iter()
            .flat_map(NaiveDate::iter_days)
            .take_while(|day| day.year() == year)
            .filter(|day| self.is_working_day(*day))
            .count()
    }
}

#[cfg(test)]
mod tests;
