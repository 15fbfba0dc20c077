//! Which readings fit one another, and the distance between them.

use chrono::{DateTime, Utc};

/// A reading, as far as distances go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) read_time: DateTime<Utc>,
    pub(crate) odometer_m: i64,
}

/// Which of the values, in the order of their times, make the longest row that never falls; of
/// several as long the one whose values are lower, from its end backwards. It depends on the values
/// alone: two typing errors too high do not outweigh the many that stand against them.
pub(crate) fn fitting(values: &[i64]) -> Vec<bool> {
    // Of the rows of each length so far, the place of the lowest last value.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| values[*end] <= *value);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut fits = vec![false; values.len()];
    let mut next = ends.last().copied();
    while let Some(place) = next {
        fits[place] = true;
        next = before[place];
    }
    fits
}

/// How far it went from an instant on until before another, in metres: the last reading in the span
/// less the last one before it, or, where there is none before, less the first in it. `None` where the
/// span has no reading: silence is no standstill. The readings fit one another and stand in order.
///
/// Of spans that follow one another, the distances sum up to that of the whole.
pub(crate) fn distance(
    readings: &[Point],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Option<i64> {
    let begin = readings.partition_point(|reading| reading.read_time < from);
    let end = readings.partition_point(|reading| reading.read_time < until);
    let last = readings.get(begin..end)?.last()?;
    let first = &readings[begin.saturating_sub(1)];
    Some(last.odometer_m - first.odometer_m)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn points(readings: &[(i64, i64)]) -> Vec<Point> {
        let point = |(hours, odometer_m): &(i64, i64)| Point {
            read_time: at(*hours),
            odometer_m: *odometer_m,
        };
        readings.iter().map(point).collect()
    }

    #[test]
    fn what_contradicts_the_others_is_left_out() {
        for (values, left_out) in [
            (&[][..], &[][..]),
            (&[5], &[]),
            (&[1, 1, 2], &[]),
            // One typing error, too high and too low.
            (&[100, 1110, 120, 130], &[1]),
            (&[90, 100, 11, 120, 130], &[2]),
            // Two too high do not outweigh three.
            (&[100, 900, 910, 120, 130, 140], &[1, 2]),
            // Where nothing decides the lower one stays.
            (&[100, 900, 120], &[1]),
            (&[100, 11, 120, 130], &[0]),
            (&[100, 50], &[0]),
            (&[3, 2, 1], &[0, 1]),
            (&[1, 5, 2, 6, 3], &[1, 3]),
        ] {
            let fits = fitting(values);
            let out: Vec<_> = (0..values.len()).filter(|place| !fits[*place]).collect();
            assert_eq!(out, left_out, "{values:?}");
        }
    }

    #[test]
    fn a_distance_begins_with_the_last_reading_before() {
        let readings = points(&[(10, 1000), (20, 1500), (30, 1500), (40, 2100)]);
        for (from, until, metres) in [
            (0, 50, Some(1100)),
            (0, 40, Some(500)),
            (15, 40, Some(500)),
            (20, 40, Some(500)),
            (21, 40, Some(0)),
            (31, 41, Some(600)),
            (0, 11, Some(0)),
            (0, 10, None),
            (11, 20, None),
            (41, 90, None),
        ] {
            assert_eq!(distance(&readings, at(from), at(until)), metres, "{from} {until}");
        }
    }

    proptest! {
        #[test]
        fn the_row_never_falls_and_none_is_longer(values in prop::collection::vec(0..40_i64, 0..12)) {
            let fits = fitting(&values);
            let row: Vec<_> = values.iter().zip(&fits).filter(|it| *it.1).map(|it| *it.0).collect();
            prop_assert!(row.is_sorted());
            let longest = (0_u32..1 << values.len()).filter(|set| {
                let of = |place: &usize| set >> *place & 1 == 1;
                (0..values.len()).filter(of).map(|place| values[place]).is_sorted()
            });
            let longest = longest.map(u32::count_ones).max().unwrap_or(0);
            prop_assert_eq!(row.len(), usize::try_from(longest).unwrap());
        }

        #[test]
        fn distances_sum_up(
            mut readings in prop::collection::vec((0..100_i64, 0..1000_i64), 0..20),
            cuts in prop::collection::btree_set(0..101_i64, 2..8),
        ) {
            readings.sort_unstable();
            let values: Vec<_> = readings.iter().map(|it| it.1).collect();
            let fits = fitting(&values);
            let kept: Vec<_> = readings.iter().zip(&fits).filter(|it| *it.1).map(|it| *it.0).collect();
            let kept = points(&kept);
            let cuts: Vec<_> = cuts.into_iter().collect();
            let parts = cuts.windows(2).filter_map(|cut| distance(&kept, at(cut[0]), at(cut[1])));
            let whole = distance(&kept, at(cuts[0]), at(cuts[cuts.len() - 1]));
            prop_assert_eq!(parts.sum::<i64>(), whole.unwrap_or(0));
        }
    }
}
