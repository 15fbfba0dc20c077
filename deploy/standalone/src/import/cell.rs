//! The cells of a cost file: each reader answers the value, or why it is refused.

use std::borrow::Cow;

use chrono::NaiveDate;
use steward_kernel::{AmountError, DateError, Fen, OrganizationCode, parse_date};

use crate::client::DOMAINS;

/// The largest line number of a document.
const MOST_LINES: i32 = 100_000;
/// The largest amount of an entry in fen.
const MOST_FEN: i64 = 100_000_000_000_000;

/// So many characters of a cell are shown where it is refused.
const MOST_SHOWN: usize = 40;

/// A cell in quotation marks, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    format!("{:?}", cut(text))
}

/// A text for a message, with an ellipsis where it is long.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// A domain by its name.
pub(super) fn domain(text: &str) -> Result<&'static str, String> {
    let known = DOMAINS.into_iter().find(|domain| *domain == text);
    known.ok_or_else(|| format!("{} is no domain; there are: {}", shown(text), DOMAINS.join(", ")))
}

/// An organization by its code; an odd check character is refused unless warnings are accepted.
pub(super) fn organization(text: &str, accept_warnings: bool) -> Result<OrganizationCode, String> {
    let code: OrganizationCode =
        text.parse().map_err(|error| format!("{}: {error}", shown(text)))?;
    if code.check_character_ok() || accept_warnings {
        return Ok(code);
    }
    let hint = "look at it again, or accept it with --accept-warnings";
    Err(format!("the check character of {text} is odd; {hint}"))
}

/// The same, as text.
pub(super) fn organization_text(text: &str, accept_warnings: bool) -> Result<String, String> {
    organization(text, accept_warnings).map(|code| code.to_string())
}

/// A day as ISO 8601 writes it, and nothing else.
pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    parse_date(text).map_err(|error| match error {
        DateError::Format => format!("{} is not a date; write it as 2013-07-22", shown(text)),
        DateError::NoSuchDay => format!("{text} is no day of the calendar"),
    })
}

/// An amount in yuan, above 0.
pub(super) fn amount(text: &str) -> Result<Fen, String> {
    let fen = Fen::parse_yuan(text).map_err(|error| match error {
        AmountError::TooManyDecimals => format!("{} has more than two decimals", shown(text)),
        AmountError::TooLarge => format!("{} is too large", shown(text)),
        AmountError::Empty | AmountError::NotANumber => {
            format!("{} is not an amount; write it as 1234.56", shown(text))
        }
    })?;
    match fen.get() {
        ..=-1 => Err(format!("{} is negative; a mistake is reversed, not posted", shown(text))),
        0 => Err("is 0; a month without costs is declared, not posted".to_owned()),
        1..=MOST_FEN => Ok(fen),
        _ => Err(format!("{} is too large", shown(text))),
    }
}

/// A line of a document.
pub(super) fn document_line(text: &str) -> Result<i32, String> {
    let line = text.parse().ok().filter(|line| (1..=MOST_LINES).contains(line));
    line.ok_or_else(|| format!("{} is not a whole number from 1 to {MOST_LINES}", shown(text)))
}

/// A note on one line: line breaks of a spreadsheet's cell become blanks.
pub(super) fn one_line(text: &str) -> String {
    text.split(['\r', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A text of so many characters at most.
pub(super) fn text_within(text: &str, most: usize) -> Result<String, String> {
    let length = text.chars().count();
    if length > most {
        return Err(format!("has {length} characters; {most} at most"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_cells_are_cut() {
        let long = "钱".repeat(41);
        assert_eq!(shown(&long), format!("\"{}…\"", "钱".repeat(40)));
        assert_eq!(shown(&long[..120]), format!("\"{}\"", &long[..120]));
    }

    #[test]
    fn no_reader_echoes_a_long_cell() {
        let long = "9".repeat(5_000);
        for why in [
            domain(&long).unwrap_err(),
            organization(&long, true).unwrap_err(),
            date(&long).unwrap_err(),
            amount(&long).unwrap_err(),
            amount(&format!("-{long}")).unwrap_err(),
            amount(&format!("1.{long}")).unwrap_err(),
            document_line(&long).unwrap_err(),
            text_within(&long, 64).unwrap_err(),
        ] {
            assert!(why.len() < 250 && !why.contains(&long[..41]), "{why}");
        }
    }
}
