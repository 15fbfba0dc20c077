//! Days, as the API and files write them.

use chrono::{Datelike, NaiveDate};

/// Why a text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not of the form `YYYY-MM-DD`.
    #[error("is not a date of the form YYYY-MM-DD")]
    Format,
    /// The calendar has no such day.
    #[error("is a day that does not exist")]
    NoSuchDay,
}

/// Reads a day of the years 1900 to 2999, strictly `YYYY-MM-DD`: `2013-7-2` is refused.
///
/// # Errors
/// [`DateError::Format`] for another form or year, [`DateError::NoSuchDay`] for 2013-02-29.
pub fn parse_date(text: &str) -> Result<NaiveDate, DateError> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !form {
        return Err(DateError::Format);
    }
    let date: NaiveDate = text.parse().map_err(|_| DateError::NoSuchDay)?;
    if (1900..=2999).contains(&date.year()) { Ok(date) } else { Err(DateError::Format) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_in_one_form() {
        assert_eq!(parse_date("2013-07-22").unwrap().to_string(), "2013-07-22");
        assert!(parse_date("2012-02-29").is_ok());
        for text in ["2013-02-29", "2013-04-31", "2013-13-01", "2013-00-10", "2013-01-00"] {
            assert_eq!(parse_date(text), Err(DateError::NoSuchDay), "{text}");
        }
        for text in [
            "2013-7-2",
            "20130702",
            "2013/07/02",
            " 2013-07-02",
            "+2013-07-2",
            "0013-07-02",
            "",
            "２０１３-07",
        ] {
            assert_eq!(parse_date(text), Err(DateError::Format), "{text}");
        }
    }
}
