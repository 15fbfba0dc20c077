//! Figures as people read them. Whole numbers only.

use steward_kernel::Fen;

/// The unit that amounts are shown in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Unit {
    /// 10,000 yuan (万元).
    #[default]
    Wan,
    /// Yuan (元).
    Yuan,
}

impl Unit {
    /// The place of its words in a list of both.
    pub(super) fn place(self) -> usize {
        usize::from(self == Self::Yuan)
    }

    /// How many fen it is.
    pub(super) fn fen(self) -> i64 {
        match self {
            Self::Wan => 1_000_000,
            Self::Yuan => 100,
        }
    }

    /// An amount with two decimals, half away from zero.
    pub(super) fn shown(self, fen: i64) -> String {
        match self {
            Self::Wan => ten_thousand_yuan(fen),
            Self::Yuan => Fen::new(fen).to_string(),
        }
    }

    /// An amount with all its decimals.
    pub(super) fn exact(self, fen: i64) -> String {
        let (all, by) = (fen.unsigned_abs(), self.fen().unsigned_abs());
        let places = if self == Self::Wan { 6 } else { 2 };
        format!("{}{}.{:0places$}", sign(fen), all / by, all % by)
    }
}

/// Fen in a unit of 10,000 yuan (万元) with two decimals, half away from zero.
fn ten_thousand_yuan(fen: i64) -> String {
    let hundredths = rounded(fen.unsigned_abs(), 10_000);
    let sign = if hundredths > 0 { sign(fen) } else { "" };
    format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Basis points in percent with two decimals.
pub(super) fn percent(basis_points: i64) -> String {
    let all = basis_points.unsigned_abs();
    format!("{}{}.{:02}%", sign(basis_points), all / 100, all % 100)
}

/// A written number with its thousands set apart by commas.
pub(super) fn grouped(number: &str) -> String {
    let digits = number.trim_start_matches('-');
    let whole = digits.split('.').next().unwrap_or_default();
    let mut text = number.get(..number.len() - digits.len()).unwrap_or_default().to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place < whole.len() && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A quotient as a decimal number of at most 16 places, which is more than a spreadsheet tells
/// apart; `None` where it cannot be written so.
pub(super) fn quotient(number: i128, by: i128) -> Option<String> {
    let (all, by_all) = (number.checked_abs()?, by.checked_abs()?);
    let (whole, mut rest) = (all.checked_div(by_all)?, all % by_all);
    let mut decimals = String::new();
    for _ in 0..16 {
        rest = rest.checked_mul(10)?;
        decimals.push_str(&(rest / by_all).to_string());
        rest %= by_all;
    }
    let sign = if (number < 0) == (by < 0) || number == 0 { "" } else { "-" };
    Some(format!("{sign}{whole}.{decimals}"))
}

fn sign(number: i64) -> &'static str {
    if number < 0 { "-" } else { "" }
}

fn rounded(number: u64, by: u64) -> u64 {
    number / by + u64::from(number % by >= by / 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
            assert_eq!(Unit::Wan.shown(fen), shown, "{fen}");
        }
        assert_eq!(Unit::Yuan.shown(-5), "-0.05");
    }

    #[test]
    fn exact_amounts_lose_nothing() {
        assert_eq!(Unit::Wan.exact(-1), "-0.000001");
        assert_eq!(Unit::Wan.exact(127_855_260), "127.855260");
        assert_eq!(Unit::Yuan.exact(127_855_260), "1278552.60");
        assert_eq!(Unit::Wan.exact(i64::MIN), "-9223372036854.775808");
    }

    #[test]
    fn changes_are_in_percent() {
        for (bp, shown) in [(0, "0.00%"), (-1_250, "-12.50%"), (5, "0.05%"), (-5, "-0.05%")] {
            assert_eq!(percent(bp), shown);
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (plain, apart) in [
            ("0.00", "0.00"),
            ("-999.99", "-999.99"),
            ("1000.00", "1,000.00"),
            ("-1234567.89", "-1,234,567.89"),
            ("12", "12"),
        ] {
            assert_eq!(grouped(plain), apart);
        }
    }

    #[test]
    fn quotients_are_written_out() {
        assert_eq!(quotient(-1, 8).unwrap(), "-0.1250000000000000");
        assert_eq!(quotient(0, -8).unwrap(), "0.0000000000000000");
        assert_eq!(quotient(7, -2).unwrap(), "-3.5000000000000000");
        assert!(quotient(1, 0).is_none() && quotient(i128::MAX - 1, i128::MAX).is_none());
    }

    proptest! {
        #[test]
        fn an_exact_amount_reads_back(fen in any::<i64>()) {
            let text = Unit::Wan.exact(fen).replace('.', "");
            prop_assert_eq!(text.parse::<i64>().unwrap(), fen);
        }
    }
}
