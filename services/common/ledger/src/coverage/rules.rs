//! What is expected of those who are declared to report.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use steward_kernel::Month;

/// Months from which on an organization reports, or does not.
pub(super) type Points = BTreeMap<Month, bool>;

/// What is expected from a month on (`None` = from the beginning): what is declared, in months that
/// begin before the organization ended. `kept` is what was expected before; of its points those
/// before that month stay, and only changes against them are answered.
pub(super) fn expected(
    declared: &Points,
    kept: &Points,
    from: Option<Month>,
    ended_on: Option<NaiveDate>,
) -> Points {
    let before = |points: &Points, month| points.range(..month).next_back().map(|(_, on)| *on);
    let mut reports = from.and_then(|from| before(kept, from)).unwrap_or(false);
    let gone = ended_on.map(first_month_without);
    let mut months: Vec<Month> = declared.keys().copied().chain(gone).collect();
    months.retain(|month| from.is_none_or(|from| *month > from));
    months.extend(from);
    months.sort_unstable();
    let mut points = Points::new();
    for month in months {
        let there = gone.is_none_or(|gone| month < gone);
        let now = there && before(declared, month.next()).unwrap_or(false);
        if now != reports {
            points.insert(month, now);
            reports = now;
        }
    }
    points
}

/// The first month that begins when the organization is no more.
fn first_month_without(ended_on: NaiveDate) -> Month {
    let month = Month::of(ended_on);
    if ended_on.day() == 1 { month } else { month.next() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn points(all: &[(&str, bool)]) -> Points {
        all.iter().map(|(at, on)| (month(at), *on)).collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn who_ended_is_expected_until_the_month_in_which_it_did() {
        let declared = points(&[("2016-01", true)]);
        let none = Points::new();
        let all = |ended| expected(&declared, &none, None, ended);
        assert_eq!(all(None), declared);
        assert_eq!(all(Some(day("2017-04-01"))), points(&[("2016-01", true), ("2017-04", false)]));
        assert_eq!(all(Some(day("2017-04-02"))), points(&[("2016-01", true), ("2017-05", false)]));
        assert_eq!(all(Some(day("2015-12-31"))), none);
    }

    #[test]
    fn closed_months_keep_what_they_had() {
        let declared = points(&[("2016-01", true)]);
        let from = Some(month("2017-06"));
        let ended = expected(&declared, &declared, from, Some(day("2017-04-01")));
        assert_eq!(ended, points(&[("2017-06", false)]));
        // Taken back, after months were closed in which it was not expected.
        let kept = points(&[("2016-01", true), ("2017-04", false)]);
        assert_eq!(expected(&declared, &kept, from, None), points(&[("2017-06", true)]));
        assert_eq!(expected(&declared, &kept, from, Some(day("2017-04-01"))), Points::new());
    }

    proptest! {
        #[test]
        fn every_month_says_what_is_declared_and_there(
            declared in prop::collection::btree_map(0..40_i32, any::<bool>(), 0..6),
            kept in prop::collection::btree_map(0..40_i32, any::<bool>(), 0..6),
            from in prop::option::of(0..40_i32), ended in prop::option::of((0..40_i32, 1..28_u32)),
        ) {
            let at = |i: i32| month("2015-01").plus(i);
            let declared: Points = declared.into_iter().map(|(i, on)| (at(i), on)).collect();
            let kept: Points = kept.into_iter().map(|(i, on)| (at(i), on)).collect();
            let ended_on = ended.map(|(i, day)| at(i).first_day().with_day(day).unwrap());
            let from = from.map(at);
            let new = expected(&declared, &kept, from, ended_on);
            let mut all = kept.clone();
            all.retain(|month, _| from.is_some_and(|from| *month < from));
            all.extend(new.clone());
            let says = |points: &Points, month: Month| {
                points.range(..=month).next_back().is_some_and(|(_, on)| *on)
            };
            for month in (0..50).map(at) {
                let there = ended_on.is_none_or(|ended| month.first_day() < ended);
                let want = match from {
                    Some(from) if month < from => says(&kept, month),
                    _ => there && says(&declared, month),
                };
                prop_assert_eq!(says(&all, month), want, "{}", month);
            }
            prop_assert!(new.keys().all(|month| from.is_none_or(|from| *month >= from)));
            prop_assert!(new.values().is_sorted_by(|a, b| a != b), "each point changes something");
            prop_assert_eq!(expected(&declared, &all, from, ended_on), new, "again the same");
        }
    }
}
