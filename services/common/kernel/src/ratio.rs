//! Whole numbers divided by whole numbers, half away from zero.

/// Basis points of a whole.
const BASIS_POINTS: i128 = 10_000;

/// A quotient as a whole number, half away from zero; `None` where it is divided by 0 or does not fit.
pub fn rounded_quotient(number: i128, by: i128) -> Option<i64> {
    let (quotient, rest) = (number.checked_div(by)?, number.checked_rem(by)?);
    let is_half = rest.unsigned_abs() >= by.unsigned_abs() - rest.unsigned_abs();
    let away = if is_half { rest.signum() * by.signum() } else { 0 };
    i64::try_from(quotient + away).ok()
}

/// The change from `base` to `now` in basis points (0.01 %), half away from zero; negative when `now`
/// is less.
///
/// `None` when `base` is zero or negative, for which a ratio has no meaning, and when the answer does
/// not fit.
pub fn change_bp(now: i128, base: i128) -> Option<i64> {
    if base <= 0 {
        return None;
    }
    rounded_quotient(now.checked_sub(base)?.checked_mul(BASIS_POINTS)?, base)
}

/// Amounts divided by head counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerHead {
    /// Each amount by its head count, half away from zero; `None` where that is not known or 0.
    pub amounts: [Option<i64>; 2],
    /// The change from the second quotient to the first in basis points, of the quotients as they are
    /// before they are rounded; `None` where one of them is not there or the second is not positive.
    pub change_bp: Option<i64>,
}

/// Divides two amounts by their head counts; `None` = not known.
pub fn per_head(amounts: [i64; 2], heads: [Option<i64>; 2]) -> PerHead {
    let [now, base] = [0, 1].map(|side| {
        let heads = heads[side].filter(|heads| *heads > 0)?;
        Some((i128::from(amounts[side]), i128::from(heads)))
    });
    let quotient = |(amount, heads)| rounded_quotient(amount, heads);
    let change = now.zip(base).and_then(|((now, heads), (base, base_heads))| {
        change_bp(now.checked_mul(base_heads)?, base.checked_mul(heads)?)
    });
    PerHead { amounts: [now.and_then(quotient), base.and_then(quotient)], change_bp: change }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_half_away_from_zero() {
        let (most, least) = (i128::from(i64::MAX), i128::from(i64::MIN));
        for (number, by, quotient) in [
            (7, 2, Some(4)),
            (-7, 2, Some(-4)),
            (-5, 4, Some(-1)),
            (-5, 2, Some(-3)),
            (5, -3, Some(-2)),
            (most, 1, Some(i64::MAX)),
            (least, 1, Some(i64::MIN)),
            (least, -1, None),
            (1, 0, None),
            (i128::MAX, i128::MAX, Some(1)),
        ] {
            assert_eq!(rounded_quotient(number, by), quotient, "{number} / {by}");
        }
    }

    #[test]
    fn a_change_per_head_is_of_the_quotients_before_they_are_rounded() {
        let of = |amounts, heads: [i64; 2]| per_head(amounts, heads.map(Some));
        // 1 fen against 0.75: both are shown as 1.
        let per = of([4, 3], [4, 4]);
        assert_eq!((per.amounts, per.change_bp), ([Some(1), Some(1)], Some(3_333)));
        assert_eq!(of([3, 4], [4, 4]).change_bp, Some(-2_500));
        assert_eq!(of([3, 0], [4, 4]).change_bp, None);
        assert_eq!(of([3, 4], [0, 4]).amounts, [None, Some(1)]);
        assert_eq!(of([3, 4], [0, 4]).change_bp, None);
        assert_eq!(per_head([3, 4], [Some(1), None]).amounts, [Some(3), None]);
        // What does not fit into 128 bits is not told.
        assert_eq!(of([i64::MAX, 1], [1, i64::MAX]).change_bp, None);
    }
}
