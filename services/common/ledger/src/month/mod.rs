//! Months and their closing (结账): in order, one region of one domain at a time, never reopened.

pub(crate) mod actions;
pub(crate) mod rpc;
mod store;
mod wire;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::{Class, Error, Reason, Result};
use steward_kernel::{Month, RegionCode};

/// The month is closed for the region.
pub const MONTH_CLOSED: Reason =
    Reason::new("MONTH_CLOSED", Class::FailedPrecondition, "该月已结账");
/// Another month has to be closed before.
pub const MONTH_OUT_OF_ORDER: Reason =
    Reason::new("MONTH_OUT_OF_ORDER", Class::FailedPrecondition, "须按月份顺序结账");
/// The month goes on.
pub const MONTH_NOT_ENDED: Reason =
    Reason::new("MONTH_NOT_ENDED", Class::FailedPrecondition, "该月尚未结束,不能结账");

/// How far the books of one region are closed. The default is open throughout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Book {
    /// The last closed month; all before it are closed too.
    pub closed: Option<Month>,
}

/// The books of several regions.
pub type Books = BTreeMap<RegionCode, Book>;

/// A month that was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// For which region.
    pub region: RegionCode,
    /// Which month.
    pub month: Month,
    /// When.
    pub close_time: DateTime<Utc>,
    /// By whom.
    pub closed_by: String,
}

impl Book {
    /// The same as far as it goes before a month.
    pub(crate) fn until(self, month: Month) -> Self {
        Self { closed: self.closed.map(|closed| closed.min(month.previous())) }
    }

    /// The one of two that is closed further.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self { closed: self.closed.max(other.closed) }
    }

    /// Whether a month still takes entries.
    pub fn is_open(self, month: Month) -> bool {
        self.closed.is_none_or(|closed| month > closed)
    }

    /// The month itself where it is open, else the first open one.
    #[must_use]
    pub fn place(self, month: Month) -> Month {
        match self.closed {
            Some(closed) if month <= closed => closed.next(),
            _ => month,
        }
    }

    /// The day itself where its month is open, else the first open day.
    #[must_use]
    pub fn place_day(self, day: NaiveDate) -> NaiveDate {
        let month = Month::of(day);
        if self.is_open(month) { day } else { self.place(month).first_day() }
    }

    /// Refuses a month that is not the next to close. The first close may be of any ended month.
    ///
    /// Errors: [`MONTH_NOT_ENDED`], [`MONTH_CLOSED`], [`MONTH_OUT_OF_ORDER`].
    pub fn may_close(self, month: Month, today: NaiveDate) -> Result<()> {
        if month >= Month::of(today) {
            return Err(Error::new(&MONTH_NOT_ENDED, format!("month {month} has not ended")));
        }
        match self.closed {
            Some(closed) if month <= closed => {
                Err(Error::new(&MONTH_CLOSED, format!("month {month} is closed")))
            }
            Some(closed) if month != closed.next() => Err(Error::new(
                &MONTH_OUT_OF_ORDER,
                format!("the next month to close is {}", closed.next()),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn book(closed: &str) -> Book {
        Book { closed: Some(month(closed)) }
    }

    #[test]
    fn what_is_closed_moves_to_the_first_open_month() {
        let open = Book::default();
        assert!(open.is_open(month("1990-01")));
        assert_eq!(open.place(month("1990-01")), month("1990-01"));
        let book = book("2015-12");
        assert!(!book.is_open(month("2015-12")) && book.is_open(month("2016-01")));
        assert_eq!(book.place(month("2014-03")), month("2016-01"));
        assert_eq!(book.place(month("2016-02")), month("2016-02"));
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(book.place_day(day(2015, 12, 31)), day(2016, 1, 1));
        assert_eq!(book.place_day(day(2016, 1, 31)), day(2016, 1, 31));
    }

    #[test]
    fn the_stricter_book_is_open_where_both_are() {
        let (open, one, other) = (Book::default(), book("2015-12"), book("2016-03"));
        for (a, b, want) in [(open, one, one), (one, other, other), (other, one, other)] {
            assert_eq!(a.stricter(b), want);
        }
        assert_eq!(open.stricter(open), open);
    }

    #[test]
    fn months_close_in_order_once_they_ended() {
        let today = NaiveDate::from_ymd_opt(2016, 3, 1).unwrap();
        let refused =
            |book: Book, text| book.may_close(month(text), today).err().map(|e| e.reason().code);
        assert_eq!(refused(Book::default(), "2016-03"), Some("MONTH_NOT_ENDED"));
        assert_eq!(refused(Book::default(), "2016-02"), None);
        assert_eq!(refused(Book::default(), "2010-07"), None);
        assert_eq!(refused(book("2015-12"), "2016-01"), None);
        assert_eq!(refused(book("2015-12"), "2016-02"), Some("MONTH_OUT_OF_ORDER"));
        assert_eq!(refused(book("2015-12"), "2015-12"), Some("MONTH_CLOSED"));
        assert_eq!(refused(book("2015-12"), "2014-01"), Some("MONTH_CLOSED"));
        assert_eq!(refused(book("2016-02"), "2016-03"), Some("MONTH_NOT_ENDED"));
    }
}
