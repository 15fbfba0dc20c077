//! Dividing a whole number by shares.

use std::cmp::Reverse;

/// Divides a whole number over parts in proportion to `weights`, by the largest remainder.
///
/// One part a weight, in the same order. The parts add up to the number exactly, each is less than
/// one away from its exact share and none has the other sign. What rounding leaves goes, one each, to
/// the largest remainders; of equal ones the earlier part has it. A weight of zero gets nothing;
/// weights that are all zero are read as equal. Without any weight there are no parts.
///
/// [`Fen::spread`](crate::Fen::spread) instead keeps the running sums right, which is what parts
/// that follow each other in time want; here the order of the parts means nothing but for ties.
pub fn apportion(whole: i64, weights: &[u64]) -> Vec<i64> {
    let of: u128 = weights.iter().copied().map(u128::from).sum();
    if of == 0 {
        return if weights.is_empty() {
            Vec::new()
        } else {
            apportion(whole, &vec![1; weights.len()])
        };
    }
    let magnitude = whole.unsigned_abs();
    // Two numbers of 64 bits: their product fits.
    let product = |weight: &u64| u128::from(magnitude) * u128::from(*weight);
    let mut parts: Vec<u64> = weights
        .iter()
        // A share is never more than the whole, so that it fits.
        .map(|weight| u64::try_from(product(weight) / of).unwrap_or(magnitude))
        .collect();
    let left = magnitude - parts.iter().sum::<u64>();
    let mut places: Vec<usize> = (0..weights.len()).collect();
    places.sort_by_key(|place| (Reverse(product(&weights[*place]) % of), *place));
    // Fewer are left than there are remainders above zero.
    for (place, _) in places.into_iter().zip(0..left) {
        parts[place] += 1;
    }
    let signed = |part: u64| {
        if whole < 0 {
            0_i64.wrapping_sub_unsigned(part)
        } else {
            0_i64.wrapping_add_unsigned(part)
        }
    };
    parts.into_iter().map(signed).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_remainders_get_what_is_left() {
        for (whole, weights, parts) in [
            (100, vec![1, 1, 1], vec![34, 33, 33]),
            (-100, vec![1, 1, 1], vec![-34, -33, -33]),
            (101, vec![1, 1, 1], vec![34, 34, 33]),
            // 3.0, 4.5, 2.5: of equal remainders the earlier one.
            (10, vec![300_000, 450_000, 250_000], vec![3, 5, 2]),
            (10, vec![250_000, 450_000, 300_000], vec![3, 4, 3]),
            // 0.4, 0.6: not by the running sum.
            (1, vec![400_000, 600_000], vec![0, 1]),
            (7, vec![0, 1_000_000, 0], vec![0, 7, 0]),
            (0, vec![3, 4], vec![0, 0]),
            (5, vec![0, 0], vec![3, 2]),
            (5, vec![], vec![]),
            (i64::MIN, vec![1], vec![i64::MIN]),
            (i64::MAX, vec![u64::MAX, u64::MAX], vec![i64::MAX / 2 + 1, i64::MAX / 2]),
        ] {
            assert_eq!(apportion(whole, &weights), parts, "{whole} by {weights:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_part_is_near_its_share(
            whole: i64,
            weights in prop::collection::vec(0..=1_000_000_u64, 1..20),
        ) {
            let parts = apportion(whole, &weights);
            prop_assert_eq!(parts.iter().copied().map(i128::from).sum::<i128>(), i128::from(whole));
            let of: i128 = weights.iter().copied().map(i128::from).sum();
            prop_assume!(of > 0);
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = i128::from(whole) * i128::from(*weight);
                prop_assert!((i128::from(*part) * of - exact).abs() < of);
                prop_assert!(part.signum() * whole.signum() >= 0);
                prop_assert!(*weight > 0 || *part == 0);
            }
        }

        #[test]
        fn the_order_of_different_weights_means_nothing(
            whole: i64,
            weights in prop::collection::btree_set(1..=1_000_000_u64, 1..10),
        ) {
            let weights: Vec<u64> = weights.into_iter().collect();
            let turned: Vec<u64> = weights.iter().rev().copied().collect();
            let (parts, mut other) = (apportion(whole, &weights), apportion(whole, &turned));
            other.reverse();
            for (part, other) in parts.iter().zip(other) {
                prop_assert!((part - other).abs() <= 1);
            }
        }
    }
}
