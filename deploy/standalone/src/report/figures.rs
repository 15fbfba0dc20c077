//! Figures as people read them. Whole numbers only.

/// Fen in a unit of 10,000 yuan (万元) with two decimals, half away from zero.
pub(super) fn ten_thousand_yuan(fen: i64) -> String {
    let hundredths = rounded(fen.unsigned_abs(), 10_000);
    let sign = if fen < 0 && hundredths > 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Basis points in percent with two decimals.
pub(super) fn percent(basis_points: i64) -> String {
    let sign = if basis_points < 0 { "-" } else { "" };
    let all = basis_points.unsigned_abs();
    format!("{sign}{}.{:02}%", all / 100, all % 100)
}

fn rounded(number: u64, by: u64) -> u64 {
    number / by + u64::from(number % by >= by / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_half_away_from_zero() {
        for (fen, shown) in [
            (0, "0.00"),
            (4_999, "0.00"),
            (5_000, "0.01"),
            (-4_999, "0.00"),
            (-5_000, "-0.01"),
            (127_855_260, "127.86"),
            (-20_330_411_030, "-20330.41"),
            (i64::MIN, "-9223372036854.78"),
        ] {
            assert_eq!(ten_thousand_yuan(fen), shown, "{fen}");
        }
    }

    #[test]
    fn changes_are_in_percent() {
        for (bp, shown) in [(0, "0.00%"), (-1_250, "-12.50%"), (5, "0.05%"), (-5, "-0.05%")] {
            assert_eq!(percent(bp), shown);
        }
    }
}
