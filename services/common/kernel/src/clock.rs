//! Where time comes from.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound, TimeDelta, Utc};

const MICROSECOND_DIGITS: u16 = 6;

/// The bureau's clock: +08:00 all the year.
pub const BUREAU_OFFSET: FixedOffset = match FixedOffset::east_opt(8 * 60 * 60) {
    Some(offset) => offset,
    None => panic!("eight hours are an offset"),
};

/// Tells the time.
pub trait Clock: Send + Sync + Debug {
    /// Now, truncated to the microsecond.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time is read")]
    fn now(&self) -> DateTime<Utc> {
        truncate(Utc::now())
    }
}

/// A clock that stands still until it is told to move; for tests, shared in an `Arc`.
#[derive(Debug)]
pub struct TestClock {
    /// Microseconds since 1970.
    now: AtomicI64,
}

impl TestClock {
    /// Shows this instant, truncated to the microsecond.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { now: AtomicI64::new(now.timestamp_micros()) }
    }

    /// Moves to this instant, forward or back, truncated to the microsecond.
    pub fn set(&self, now: DateTime<Utc>) {
        self.now.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves on by so much, or back when negative.
    pub fn advance(&self, by: TimeDelta) {
        self.now.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.now.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// The bureau's day at an instant.
pub fn today(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&BUREAU_OFFSET).date_naive()
}

/// The instant cut to the microsecond, which both databases keep.
pub fn truncate(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.trunc_subsecs(MICROSECOND_DIGITS)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_bureaus_day_begins_at_16_utc() {
        let day = |text| today(instant(text)).to_string();
        assert_eq!(day("2013-07-22T15:59:59.999999Z"), "2013-07-22");
        assert_eq!(day("2013-07-22T16:00:00Z"), "2013-07-23");
        assert_eq!(day("2013-12-31T16:00:00Z"), "2014-01-01");
    }

    #[test]
    fn a_test_clock_moves_only_when_told() {
        let clock = Arc::new(TestClock::new(instant("2013-07-22T00:00:00.1234567Z")));
        let shared: Arc<dyn Clock> = clock.clone();
        assert_eq!(shared.now(), instant("2013-07-22T00:00:00.123456Z"));
        assert_eq!(shared.now(), clock.now());
        clock.advance(TimeDelta::days(1));
        assert_eq!(shared.now(), instant("2013-07-23T00:00:00.123456Z"));
        clock.advance(TimeDelta::microseconds(-1));
        assert_eq!(shared.now(), instant("2013-07-23T00:00:00.123455Z"));
        clock.set(instant("2012-01-01T00:00:00Z"));
        assert_eq!(shared.now(), instant("2012-01-01T00:00:00Z"));
    }

    #[test]
    fn the_system_clock_is_truncated() {
        let now = SystemClock.now();
        assert_eq!(now, truncate(now));
        assert!(now > instant("2020-01-01T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn truncating_goes_back_by_less_than_a_microsecond(nanos: i64) {
            let instant = DateTime::from_timestamp_nanos(nanos);
            let cut = truncate(instant);
            prop_assert_eq!(cut.timestamp_subsec_nanos() % 1000, 0);
            prop_assert!(cut <= instant && instant - cut < TimeDelta::microseconds(1));
            prop_assert_eq!(truncate(cut), cut);
            prop_assert_eq!(TestClock::new(instant).now(), cut);
        }
    }
}
