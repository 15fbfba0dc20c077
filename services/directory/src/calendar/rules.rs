//! What a notice may say.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};
use steward_chassis::Reason;
use steward_chassis::fields::REPEATED;

use super::{DAY_CONTRADICTS, DAY_OUTSIDE_YEAR};

/// A fault of a day of a notice: whether it stands among the make-up days, its place there, and why.
pub(crate) type DayFault = (bool, usize, &'static Reason, String);

/// What is wrong with the days of a notice, in their order.
pub(crate) fn day_faults(
    year: i32,
    days_off: &[NaiveDate],
    make_up_days: &[NaiveDate],
) -> Vec<DayFault> {
    let off: BTreeSet<_> = days_off.iter().collect();
    let mut faults = list_faults(year, false, days_off);
    faults.extend(list_faults(year, true, make_up_days));
    for (place, day) in make_up_days.iter().enumerate() {
        if off.contains(day) {
            let message = format!("{day} is among the days off, too");
            faults.push((true, place, &DAY_CONTRADICTS, message));
        } else if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            let message = format!("{day} is a weekday: it needs no making up");
            faults.push((true, place, &DAY_CONTRADICTS, message));
        }
    }
    faults
}

/// Days of another year, and days that stand there twice.
fn list_faults(year: i32, make_up: bool, days: &[NaiveDate]) -> Vec<DayFault> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (place, day) in days.iter().enumerate() {
        if day.year() != year {
            // The notice for 2019 made 29 December 2018 a working day.
            let other = day.year();
            let message = format!(
                "{day} does not lie in {year}: import it with the whole of {other}, as one of its days"
            );
            faults.push((make_up, place, &DAY_OUTSIDE_YEAR, message));
        }
        if !seen.insert(day) {
            faults.push((make_up, place, &REPEATED, format!("{day} stands there twice")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(texts: &[&str]) -> Vec<NaiveDate> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn every_contradiction_is_found() {
        let off = days(&["2026-01-01", "2026-01-02", "2026-01-01", "2025-12-31", "2026-01-03"]);
        let make_up = days(&["2026-01-04", "2026-01-05", "2026-01-02", "2026-01-03", "2026-01-04"]);
        let faults = day_faults(2026, &off, &make_up);
        let found: Vec<_> = faults.iter().map(|(m, i, r, _)| (*m, *i, r.code)).collect();
        assert_eq!(
            found,
            [
                (false, 2, "REPEATED"),
                (false, 3, "DAY_OUTSIDE_YEAR"),
                (true, 4, "REPEATED"),
                (true, 1, "DAY_CONTRADICTS"),
                (true, 2, "DAY_CONTRADICTS"),
                (true, 3, "DAY_CONTRADICTS"),
            ]
        );
    }

    #[test]
    fn a_saturday_may_be_named_off() {
        assert!(day_faults(2026, &days(&["2026-01-03"]), &days(&["2026-01-04"])).is_empty());
    }
}
