//! What a cell holds, before anything is made of it.

use std::borrow::Cow;

use chrono::{Days, NaiveDate};

/// More digits than this no cell of Excel keeps: what follows has become zeros.
pub(crate) const MOST_DIGITS: usize = 15;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// A text, as it stands.
    Text(Box<str>),
    /// A number.
    Number(f64),
    /// A number that is shown as a date: days since the epoch of the workbook.
    Date {
        /// The days.
        serial: f64,
        /// Whether they count from 1904 rather than from 1900.
        is_1904: bool,
    },
    /// TRUE or FALSE.
    Bool(bool),
    /// A formula that failed, such as `#N/A`.
    Error(Box<str>),
}

impl Value {
    /// A text; empty where it is nothing but blanks.
    pub fn text(text: &str) -> Self {
        if is_blank(text) { Self::Empty } else { Self::Text(text.into()) }
    }

    /// Whether nothing is written here.
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// The value as it is written: numbers with all their digits and without an exponent, dates as
    /// `2013-06-05`, texts without the blanks around them.
    pub fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(trim(text)),
            Self::Number(number) => Cow::Owned(decimal(*number)),
            Self::Date { serial, is_1904 } => Cow::Owned(match day(*serial, *is_1904) {
                Some(day) => day.to_string(),
                None => decimal(*serial),
            }),
            Self::Bool(true) => Cow::Borrowed("TRUE"),
            Self::Bool(false) => Cow::Borrowed("FALSE"),
            Self::Error(error) => Cow::Borrowed(error),
        }
    }
}

/// Blanks of every kind, and what Chinese systems put before a code to keep it a text.
fn is_padding(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}' | '\u{a0}' | '\0')
}

pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_padding)
}

fn is_blank(text: &str) -> bool {
    trim(text).is_empty()
}

/// A number in plain decimals: the shortest text that means this float; and where that has more
/// digits than Excel counts with, as in the sum 3.3000000000000003, the number that Excel shows.
pub(crate) fn decimal(number: f64) -> String {
    let shortest = format!("{number}");
    let digits = shortest.trim_start_matches(['-', '0', '.']).bytes();
    let count = digits.filter(u8::is_ascii_digit).count();
    if count <= MOST_DIGITS || !shortest.contains('.') {
        return shortest;
    }
    let as_shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    format!("{as_shown}")
}

/// The day of a serial number, without its time of day.
pub(crate) fn day(serial: f64, is_1904: bool) -> Option<NaiveDate> {
    let days: u64 = format!("{}", serial.trunc()).parse().ok()?;
    // Excel's 1900 had a 29 February, which is day 60.
    let (epoch, days) = match (is_1904, days) {
        (true, _) => (NaiveDate::from_ymd_opt(1904, 1, 1)?, days),
        (false, 0 | 60) => return None,
        (false, 1..60) => (NaiveDate::from_ymd_opt(1899, 12, 31)?, days),
        (false, _) => (NaiveDate::from_ymd_opt(1899, 12, 30)?, days),
    };
    let day = epoch.checked_add_days(Days::new(days))?;
    (days < 400_000).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_excel_shows_them() {
        for (number, expected) in [
            (0.0, "0"),
            (12.5, "12.5"),
            (1_278_552.6, "1278552.6"),
            (0.1 + 0.2, "0.3"),
            (1.1 * 3.0, "3.3"),
            (-0.05, "-0.05"),
            (1.142_05e17, "114205000000000000"),
            (1e21, "1000000000000000000000"),
            (123_456_789_012_345.0, "123456789012345"),
            (12.345, "12.345"),
        ] {
            assert_eq!(decimal(number), expected);
        }
    }

    #[test]
    fn serials_are_days_of_both_systems() {
        let told = |serial, is_1904| day(serial, is_1904).map(|day| day.to_string());
        for (serial, is_1904, expected) in [
            (41_430.0, false, Some("2013-06-05")),
            (39_968.0, true, Some("2013-06-05")),
            (41_430.75, false, Some("2013-06-05")),
            (1.0, false, Some("1900-01-01")),
            (59.0, false, Some("1900-02-28")),
            (60.0, false, None),
            (61.0, false, Some("1900-03-01")),
            (0.0, true, Some("1904-01-01")),
            (0.5, false, None),
            (-1.0, false, None),
            (1e300, false, None),
        ] {
            assert_eq!(told(serial, is_1904).as_deref(), expected, "{serial} {is_1904}");
        }
    }

    #[test]
    fn blanks_are_nothing() {
        for blank in ["", " ", "\u{3000}", "\t\n", "\u{a0}"] {
            assert!(Value::text(blank).is_empty(), "{blank:?}");
        }
        assert_eq!(Value::text("\u{3000}市财政局 ").written(), "市财政局");
    }
}
