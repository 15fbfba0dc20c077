//! Spans of months.

use chrono::NaiveDate;
use thiserror::Error;

use crate::Month;

const MONTHS_A_YEAR: usize = 12;
const MOST_MONTHS: usize = 240;

/// A half-open span of 1 to 240 months: `from` belongs to it, `until` does not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Period {
    from: Month,
    until: Month,
}

/// Why two months do not bound a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PeriodError {
    /// It ends where it starts, or before.
    #[error("period must end after it starts")]
    Empty,
    /// More than 240 months.
    #[error("period must not be longer than 240 months")]
    TooLong,
}

impl Period {
    /// The months from `from` until before `until`.
    ///
    /// # Errors
    ///
    /// [`PeriodError`] when there is none, or more than 240.
    pub fn new(from: Month, until: Month) -> Result<Self, PeriodError> {
        if until <= from {
            return Err(PeriodError::Empty);
        }
        let period = Self { from, until };
        if period.len() > MOST_MONTHS { Err(PeriodError::TooLong) } else { Ok(period) }
    }

    /// The first month.
    pub fn from(self) -> Month {
        self.from
    }

    /// The month after the last one.
    pub fn until(self) -> Month {
        self.until
    }

    /// The number of months.
    #[expect(clippy::len_without_is_empty, reason = "a period is never empty")]
    pub fn len(self) -> usize {
        distance(self.from, self.until)
    }

    /// The months, in order.
    pub fn months(self) -> impl DoubleEndedIterator<Item = Month> + ExactSizeIterator + Clone {
        (0..self.until.ordinal() - self.from.ordinal()).map(move |months| self.from.plus(months))
    }

    /// Whether the month belongs to it.
    pub fn contains(self, month: Month) -> bool {
        self.from <= month && month < self.until
    }

    /// The place of a month in it, from 0; `None` when the month does not belong to it.
    pub fn position(self, month: Month) -> Option<usize> {
        self.contains(month).then(|| distance(self.from, month))
    }

    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        self.from.first_day()
    }

    /// The day after the last one.
    pub fn end_day(self) -> NaiveDate {
        self.until.first_day()
    }

    /// The same months of the year before (同期), or of as many whole years back as keeps the two
    /// periods apart: one year for 12 months or fewer, two for 13 to 24, and so on.
    #[must_use]
    pub fn year_before(self) -> Self {
        let months_back = self.len().next_multiple_of(MONTHS_A_YEAR);
        let back = i32::try_from(months_back).map_or(i32::MIN, |months| -months);
        Self { from: self.from.plus(back), until: self.until.plus(back) }
    }
}

/// The months from one to a later one.
fn distance(from: Month, until: Month) -> usize {
    usize::try_from(until.ordinal() - from.ordinal()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn period(from: &str, until: &str) -> Period {
        Period::new(month(from), month(until)).unwrap()
    }

    #[test]
    fn has_one_to_240_months() {
        let new = |from, until| Period::new(month(from), month(until));
        assert_eq!(new("2013-07", "2013-07"), Err(PeriodError::Empty));
        assert_eq!(new("2013-07", "2013-06"), Err(PeriodError::Empty));
        assert_eq!(new("2013-07", "2033-08"), Err(PeriodError::TooLong));
        assert_eq!(new("2013-07", "2033-07").unwrap().len(), 240);
        assert_eq!(new("2013-07", "2013-08").unwrap().len(), 1);
    }

    #[test]
    fn is_half_open() {
        let half = period("2013-01", "2013-07");
        assert_eq!(half.first_day(), NaiveDate::from_ymd_opt(2013, 1, 1).unwrap());
        assert_eq!(half.end_day(), NaiveDate::from_ymd_opt(2013, 7, 1).unwrap());
        assert!(half.contains(month("2013-01")) && half.contains(month("2013-06")));
        assert!(!half.contains(month("2012-12")) && !half.contains(month("2013-07")));
        assert_eq!(half.position(month("2013-01")), Some(0));
        assert_eq!(half.position(month("2013-06")), Some(5));
        assert_eq!(half.position(month("2013-07")), None);
        assert_eq!(half.position(month("2012-12")), None);
    }

    #[test]
    fn the_year_before() {
        for (from, until, from_before, until_before) in [
            ("2013-01", "2013-07", "2012-01", "2012-07"),
            ("2013-01", "2014-01", "2012-01", "2013-01"),
            ("2013-07", "2014-07", "2012-07", "2013-07"),
            ("2013-01", "2014-02", "2011-01", "2012-02"),
            ("2012-01", "2014-01", "2010-01", "2012-01"),
            ("2012-01", "2014-02", "2009-01", "2011-02"),
            ("2000-01", "2020-01", "1980-01", "2000-01"),
        ] {
            let before = period(from_before, until_before);
            assert_eq!(period(from, until).year_before(), before, "{from} {until}");
        }
    }

    #[test]
    fn the_year_before_the_first_year() {
        let before = period("1900-01", "1900-03").year_before();
        assert_eq!(
            (before.len(), before.first_day()),
            (2, NaiveDate::from_ymd_opt(1899, 1, 1).unwrap())
        );
    }

    proptest! {
        #[test]
        fn months_are_those_that_it_contains(from in 1920 * 12..2900 * 12, len in 1..=240_i32) {
            let from = Month::from_ordinal(from).unwrap();
            let period = Period::new(from, from.plus(len)).unwrap();
            let months: Vec<Month> = period.months().collect();
            prop_assert_eq!(months.len(), period.len());
            prop_assert_eq!(months.first(), Some(&period.from()));
            prop_assert_eq!(months.last(), Some(&period.until().previous()));
            for (place, month) in months.into_iter().enumerate() {
                prop_assert_eq!(period.position(month), Some(place));
            }
        }

        #[test]
        fn the_year_before_is_the_nearest_apart(from in 1920 * 12..2900 * 12, len in 1..=240_i32) {
            let from = Month::from_ordinal(from).unwrap();
            let period = Period::new(from, from.plus(len)).unwrap();
            let before = period.year_before();
            prop_assert_eq!(before.len(), period.len());
            prop_assert_eq!(before.from().month(), period.from().month());
            prop_assert!(before.until() <= period.from());
            prop_assert!(before.until().plus(12) > period.from());
        }
    }
}
