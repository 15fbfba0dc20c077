//! Calendar months.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

const MONTHS_A_YEAR: i32 = 12;
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// A calendar month, written `2013-07`.
///
/// What is made of numbers or read from text lies in the years 1900 to 2999. The month of a date
/// and the arithmetic are exact beyond them, and stop only where the calendar of `chrono` does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// Why a text is not a month.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum MonthError {
    /// Not four digits, a hyphen and two digits.
    #[error("month must be written YYYY-MM, such as 2013-07")]
    Format,
    /// No such month, or a year that is not served.
    #[error("month must be 01 to 12 of the years 1900 to 2999")]
    Range,
}

impl Month {
    /// The month 1 to 12 of a year from 1900 to 2999.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        let index =
            i32::try_from(month).ok().filter(|month| (1..=MONTHS_A_YEAR).contains(month))?;
        YEARS.contains(&year).then_some(Self(year * MONTHS_A_YEAR + index - 1))
    }

    /// The month that has this [`ordinal`](Self::ordinal), in the years 1900 to 2999.
    pub fn from_ordinal(ordinal: i32) -> Option<Self> {
        YEARS.contains(&ordinal.div_euclid(MONTHS_A_YEAR)).then_some(Self(ordinal))
    }

    /// The month of a date.
    pub fn of(date: NaiveDate) -> Self {
        Self(date.year() * MONTHS_A_YEAR + date.month0().cast_signed())
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.div_euclid(MONTHS_A_YEAR)
    }

    /// The month of the year, 1 to 12.
    pub fn month(self) -> u32 {
        self.0.rem_euclid(MONTHS_A_YEAR).unsigned_abs() + 1
    }

    /// The number of the month in an endless row: year × 12 + month − 1.
    pub fn ordinal(self) -> i32 {
        self.0
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        // Every month that can be made has a first day: see `plus`.
        NaiveDate::from_ymd_opt(self.year(), self.month(), 1).unwrap_or(NaiveDate::MAX)
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        self.plus(-1)
    }

    /// So many months later, or earlier when negative.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let (first, last) = (Self::of(NaiveDate::MIN), Self::of(NaiveDate::MAX));
        Self(self.0.saturating_add(months).clamp(first.0, last.0))
    }

    /// Its last day.
    fn last_day(self) -> NaiveDate {
        let first = self.first_day();
        first.with_day(u32::from(first.num_days_in_month())).unwrap_or(first)
    }
}

/// How many days of the half-open span `from..until` fall in each month, in order; only months
/// that have some. Empty when the span is.
pub fn spread_days(from: NaiveDate, until: NaiveDate) -> Vec<(Month, u64)> {
    let Some(last) = until.pred_opt().filter(|last| from <= *last) else {
        return Vec::new();
    };
    let days_in = |ordinal| {
        let month = Month(ordinal);
        let (first, last) = (from.max(month.first_day()), last.min(month.last_day()));
        (month, last.signed_duration_since(first).num_days().unsigned_abs() + 1)
    };
    (Month::of(from).0..=Month::of(last).0).map(days_in).collect()
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let (year, month) = text.split_once('-').ok_or(MonthError::Format)?;
        let digits = |text: &str, count| {
            text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(year, 4) || !digits(month, 2) {
            return Err(MonthError::Format);
        }
        let year = year.parse().map_err(|_| MonthError::Format)?;
        let month = month.parse().map_err(|_| MonthError::Format)?;
        Self::new(year, month).ok_or(MonthError::Range)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year(), self.month()))
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn reads_months() {
        let july = month("2013-07");
        assert_eq!((july.year(), july.month(), july.ordinal()), (2013, 7, 2013 * 12 + 6));
        assert_eq!(Month::new(2013, 7), Some(july));
        assert_eq!(format!("{july} {july:?}"), "2013-07 2013-07");
        for text in [
            "",
            "2013",
            "2013-7",
            "13-07",
            "2013-007",
            "2013/07",
            "2013-07-01",
            "+013-07",
            "2013-+7",
            "２０１３-07",
        ] {
            assert_eq!(text.parse::<Month>(), Err(MonthError::Format), "{text:?}");
        }
        for text in ["2013-00", "2013-13", "1899-12", "3000-01"] {
            assert_eq!(text.parse::<Month>(), Err(MonthError::Range), "{text:?}");
        }
    }

    #[test]
    fn the_years_have_ends() {
        assert_eq!(Month::new(1899, 12), None);
        assert_eq!(Month::new(3000, 1), None);
        assert_eq!(Month::new(2013, 0), None);
        assert_eq!(Month::new(2013, u32::MAX), None);
        assert_eq!(Month::from_ordinal(1900 * 12 - 1), None);
        assert_eq!(Month::from_ordinal(3000 * 12), None);
        assert_eq!(month("1900-01").previous(), Month::of(date("1899-12-31")));
        assert_eq!(month("2999-12").next().first_day(), date("3000-01-01"));
    }

    #[test]
    fn walks_over_new_year() {
        assert_eq!(month("2013-12").next(), month("2014-01"));
        assert_eq!(month("2014-01").previous(), month("2013-12"));
        assert_eq!(month("2013-07").plus(-12), month("2012-07"));
        assert_eq!(Month::of(date("2013-07-22")), month("2013-07"));
        assert_eq!(month("2013-07").first_day(), date("2013-07-01"));
    }

    #[test]
    fn stops_at_the_ends_of_the_calendar() {
        let last = Month::of(NaiveDate::MAX);
        assert_eq!(last.next(), last);
        assert_eq!(month("2013-07").plus(i32::MAX), last);
        let first = Month::of(NaiveDate::MIN);
        assert_eq!(first.plus(i32::MIN), first);
        assert_eq!(first.first_day(), NaiveDate::MIN);
    }

    #[test]
    fn spreads_days_by_hand() {
        let spread = |from, until| spread_days(date(from), date(until));
        assert_eq!(
            spread("2012-01-31", "2012-03-02"),
            [(month("2012-01"), 1), (month("2012-02"), 29), (month("2012-03"), 1)]
        );
        assert_eq!(spread("2013-02-01", "2013-03-01"), [(month("2013-02"), 28)]);
        assert_eq!(spread("2013-12-31", "2014-01-01"), [(month("2013-12"), 1)]);
        assert_eq!(spread("2013-02-01", "2013-02-01"), []);
        assert_eq!(spread("2013-02-02", "2013-02-01"), []);
        assert_eq!(spread_days(NaiveDate::MAX, NaiveDate::MIN), []);
        assert_eq!(spread_days(NaiveDate::MIN, NaiveDate::MIN), []);
    }

    fn dates() -> impl Strategy<Value = NaiveDate> {
        (-20_000..20_000_i32).prop_map(|days| NaiveDate::from_epoch_days(days).unwrap())
    }

    proptest! {
        #[test]
        fn text_and_order_agree(one in 1900 * 12..3000 * 12, other in 1900 * 12..3000 * 12) {
            let (one, other) = (Month::from_ordinal(one).unwrap(), Month::from_ordinal(other).unwrap());
            prop_assert_eq!(month(&one.to_string()), one);
            prop_assert_eq!(one.to_string().cmp(&other.to_string()), one.cmp(&other));
            prop_assert_eq!(one.first_day().cmp(&other.first_day()), one.cmp(&other));
        }

        #[test]
        fn next_and_previous_undo_each_other(day in dates(), months in -5000..5000_i32) {
            let month = Month::of(day);
            prop_assert!(month.first_day() <= day && day < month.next().first_day());
            prop_assert_eq!(month.next().previous(), month);
            prop_assert_eq!(month.plus(months).plus(-months), month);
            prop_assert_eq!(month.plus(months).ordinal(), month.ordinal() + months);
        }

        #[test]
        fn every_day_falls_in_its_month(from in dates(), days in 0..1500_u64) {
            let until = from.checked_add_days(chrono::Days::new(days)).unwrap();
            let mut counted = std::collections::BTreeMap::new();
            for day in from.iter_days().take_while(|day| *day < until) {
                *counted.entry(Month::of(day)).or_insert(0_u64) += 1;
            }
            prop_assert_eq!(spread_days(from, until), counted.into_iter().collect::<Vec<_>>());
        }
    }
}
