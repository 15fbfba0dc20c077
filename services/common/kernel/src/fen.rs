//! Money.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

use crate::ratio::change_bp;

const FEN_PER_YUAN: u64 = 100;

/// An amount of money in whole fen (0.01 yuan), negative for a reversal or a fall.
///
/// Shown in yuan with two decimals: `1278552.60`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Fen(i64);

/// Why a text is not an amount in yuan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum AmountError {
    /// Nothing is written.
    #[error("amount is empty")]
    Empty,
    /// Something other than plain digits with at most one point between them.
    #[error(
        "amount is not a plain decimal number in yuan, such as 1278552.60 (no thousands separator, no exponent)"
    )]
    NotANumber,
    /// More than two digits after the point.
    #[error("amount has more than two decimals")]
    TooManyDecimals,
    /// More than fits: about 92 quadrillion (9.2 × 10^16) yuan either way.
    #[error("amount is too large")]
    TooLarge,
}

impl Fen {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount of so many fen.
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum; `None` when it does not fit.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The difference; `None` when it does not fit.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The same amount the other way; `None` when it does not fit.
    pub const fn checked_neg(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// Reads an amount written in yuan: ASCII digits, at most two decimals after a point that
    /// has a digit on either side, and a leading `-` if negative.
    ///
    /// # Errors
    ///
    /// [`AmountError`] says what is wrong. Surrounding blanks, `+`, thousands separators,
    /// exponents and full-width digits are all refused, never guessed at.
    pub fn parse_yuan(text: &str) -> Result<Self, AmountError> {
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        let (negative, number) = match text.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, text),
        };
        let (yuan, decimals) = match number.split_once('.') {
            Some((_, "")) => return Err(AmountError::NotANumber),
            Some(parts) => parts,
            None => (number, ""),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if yuan.is_empty() || !digits(yuan) || !digits(decimals) {
            return Err(AmountError::NotANumber);
        }
        if decimals.len() > 2 {
            return Err(AmountError::TooManyDecimals);
        }
        let magnitude = magnitude(yuan, decimals).ok_or(AmountError::TooLarge)?;
        let fen = if negative {
            0_i64.checked_sub_unsigned(magnitude)
        } else {
            0_i64.checked_add_unsigned(magnitude)
        };
        fen.map(Self).ok_or(AmountError::TooLarge)
    }

    /// The change from `base` to `now` in basis points (0.01 %), half away from zero; negative
    /// when `now` is less.
    ///
    /// `None` when `base` is zero or negative, for which a ratio has no meaning, and when the
    /// answer does not fit.
    pub fn change_bp(now: Self, base: Self) -> Option<i64> {
        change_bp(now.0.into(), base.0.into())
    }

    /// Spreads the amount over parts in proportion to `weights`.
    ///
    /// One part a weight, in the same order. The parts add up to the amount exactly, each is
    /// within one fen of its exact share and none has the other sign, because the shares are
    /// rounded cumulatively, half away from zero. A weight of zero gets nothing; weights that are
    /// all zero are read as equal. Without any weight there are no parts, and nothing is spread.
    pub fn spread(self, weights: &[u64]) -> Vec<Self> {
        let whole: u128 = weights.iter().copied().map(u128::from).sum();
        if whole == 0 {
            return if weights.is_empty() {
                Vec::new()
            } else {
                self.spread(&vec![1; weights.len()])
            };
        }
        let (mut weight_so_far, mut spread_so_far) = (0_u128, 0_i64);
        let mut part = |weight: &u64| {
            weight_so_far += u128::from(*weight);
            let until_here = self.share(weight_so_far, whole);
            // Both lie between zero and the amount, on the same side: this cannot overflow.
            let part = until_here - spread_so_far;
            spread_so_far = until_here;
            Self(part)
        };
        weights.iter().map(&mut part).collect()
    }

    /// The fen of `part / whole` of the amount, half away from zero; `part` is at most `whole`.
    fn share(self, part: u128, whole: u128) -> i64 {
        let magnitude = self.0.unsigned_abs();
        // A share is never more than the amount, so that it fits.
        let share = u64::try_from(mul_div_round(magnitude, part, whole)).unwrap_or(magnitude);
        match self.0.cmp(&0) {
            Ordering::Less => 0_i64.wrapping_sub_unsigned(share),
            _ => 0_i64.wrapping_add_unsigned(share),
        }
    }
}

/// The fen of so many yuan and one or two decimals, all digits; `None` when it does not fit.
fn magnitude(yuan: &str, decimals: &str) -> Option<u64> {
    let yuan: u64 = yuan.parse().ok()?;
    // One decimal counts tens: `0.5` is 50 fen.
    let fen: u64 = format!("{decimals:0<2}").parse().ok()?;
    yuan.checked_mul(FEN_PER_YUAN)?.checked_add(fen)
}

/// `amount * part / whole`, half up, exact however large the weights are.
fn mul_div_round(amount: u64, part: u128, whole: u128) -> u128 {
    let (quotient, rest) = match u128::from(amount).checked_mul(part) {
        Some(product) => (product / whole, product % whole),
        None => mul_div_by_bits(amount, part, whole),
    };
    if rest >= whole - rest { quotient + 1 } else { quotient }
}

/// The same as quotient and rest, bit by bit from the top, for products beyond 128 bits. A sum of
/// `u64` weights is far below the 126 bits that the doubling needs.
fn mul_div_by_bits(amount: u64, part: u128, whole: u128) -> (u128, u128) {
    (0..u64::BITS).rev().fold((0, 0), |(quotient, rest), bit| {
        let addend = if amount >> bit & 1 == 1 { part } else { 0 };
        let rest = rest * 2 + addend;
        (quotient * 2 + rest / whole, rest % whole)
    })
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let text = format!("{}.{:02}", magnitude / FEN_PER_YUAN, magnitude % FEN_PER_YUAN);
        f.pad_integral(self.0 >= 0, "", &text)
    }
}

#[cfg(test)]
mod tests;
