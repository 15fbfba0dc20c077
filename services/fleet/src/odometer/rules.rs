//! Which readings fit one another.

use steward_kernel::today;

use super::Reading;

/// The readings of one series, by time and value, in the order in which they were made, as far as that is
/// known: those of which only the day is known stand among the fitting ones of that day where their value
/// has its place.
pub(super) fn in_order(series: &[Reading]) -> Vec<&Reading> {
    let exact: Vec<_> = series.iter().filter(|it| !it.whole_day).collect();
    let values: Vec<_> = exact.iter().map(|it| it.odometer_m).collect();
    let mut fit = exact.into_iter().zip(fitting(&values));
    let mut ordered = Vec::with_capacity(series.len());
    for day in series.chunk_by(|one, next| today(one.read_time) == today(next.read_time)) {
        let mut rest = day.iter().filter(|it| it.whole_day).peekable();
        for _ in day.iter().filter(|it| !it.whole_day) {
            let Some((reading, fits)) = fit.next() else { break };
            while fits && let Some(lower) = rest.next_if(|it| it.odometer_m < reading.odometer_m) {
                ordered.push(lower);
            }
            ordered.push(reading);
        }
        ordered.extend(rest);
    }
    ordered
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    }
}
