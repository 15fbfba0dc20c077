//! Days and months, in all the forms that people write.

use chrono::{Datelike, NaiveDate};
use steward_kernel::Month;

use super::Cell;
use crate::value::{day, decimal};
use crate::{Value, Why, shown};

/// The years that a table may speak of.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;
/// The numbers that can only be days of Excel: from 1954 to 2119.
pub(super) const SERIALS: std::ops::Range<f64> = 20_000.0..80_000.0;

impl Cell<'_> {
    /// A day: a date of Excel, or `2013-06-05`, `2013/6/5`, `2013.6.5`, `2013年6月5日`, `20130605`,
    /// also with blanks between. A time of day behind it is left out.
    pub fn date(&self) -> Result<NaiveDate, Why> {
        self.formula()?;
        let written = self.written();
        match self.value {
            Value::Date { serial, is_1904 } => {
                return day(*serial, *is_1904).ok_or_else(|| no_date(&written));
            }
            Value::Number(number) if SERIALS.contains(number) => {
                return day(*number, self.is_1904).ok_or_else(|| no_date(&written));
            }
            _ => {}
        }
        let text = close(&self.plain());
        let text = text.split([' ', 'T']).next().unwrap_or_default();
        let parts = match split(text) {
            Some((parts, "" | "日" | "号")) => parts,
            _ => compact(text, 8).ok_or_else(|| no_date(&written))?,
        };
        found(&parts, &written)
    }

    /// A month: a date of Excel, or `2013-06`, `2013/6`, `2013.6`, `2013年6月`, `201306`. 2013.1 may
    /// have been 2013.10, as a number and as what Excel writes of it into a CSV file, and is refused.
    pub fn month(&self) -> Result<Month, Why> {
        self.formula()?;
        let written = self.written();
        match self.value {
            Value::Date { serial, is_1904 } => {
                let day = day(*serial, *is_1904).ok_or_else(|| no_month(&written))?;
                return Ok(Month::of(day));
            }
            Value::Number(number) if decimal(*number).ends_with(".1") => {
                return Err(january_or_october(&written));
            }
            Value::Number(number) if SERIALS.contains(number) => {
                let day = day(*number, self.is_1904).ok_or_else(|| no_month(&written))?;
                return if day.day() == 1 { Ok(Month::of(day)) } else { Err(no_month(&written)) };
            }
            _ => {}
        }
        let text = self.plain().replace(' ', "");
        if text.split_once('.').is_some_and(|(year, month)| year.len() == 4 && month == "1") {
            return Err(january_or_october(&written));
        }
        let parts = match split(&text) {
            Some((parts, "" | "月" | "月份" | "份")) => parts,
            _ => compact(&text, 6).ok_or_else(|| no_month(&written))?,
        };
        let [year, month] = parts[..] else { return Err(no_month(&written)) };
        let found = || YEARS.contains(&year).then(|| Month::new(year, month.try_into().ok()?))?;
        found().ok_or_else(|| no_month(&written))
    }
}

/// The day of a year, a month and a day of it.
pub(super) fn found(parts: &[i32], written: &str) -> Result<NaiveDate, Why> {
    let [year, month, day] = *parts else { return Err(no_date(written)) };
    if !YEARS.contains(&year) {
        return Err(no_date(written));
    }
    let found = || NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?);
    found().ok_or_else(|| {
        Why::new(
            format!("{}:没有这一天", shown(written)),
            format!("{written} is no day of the calendar"),
        )
    })
}

/// A date without the blanks beside its separators; the one before a time of day stays.
pub(super) fn close(text: &str) -> String {
    let mut closed = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_separator = matches!(letter, '年' | '月' | '日' | '号' | '-' | '/' | '.');
        if is_separator {
            closed.truncate(closed.trim_end().len());
        }
        if letter != ' ' || !closed.ends_with(['年', '月', '-', '/', '.']) {
            closed.push(letter);
        }
    }
    closed
}

fn january_or_october(written: &str) -> Why {
    Why::new(
        format!("{written}既可能是1月也可能是10月(Excel 会去掉末尾的 0);请写成 2013-01 或 2013-10"),
        format!(
            "{written} may be month 1 or month 10, whose zero Excel drops; \
             write 2013-01 or 2013-10"
        ),
    )
}

/// The numbers of a date with one kind of separator between them, and what follows the last.
pub(super) fn split(text: &str) -> Option<(Vec<i32>, &str)> {
    let digits = |text: &str| text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (mut parts, mut rest, mut used) = (Vec::new(), text, None);
    loop {
        let end = digits(rest);
        let long = if parts.is_empty() { end == 4 } else { (1..=2).contains(&end) };
        if !long {
            return None;
        }
        parts.push(rest[..end].parse().ok()?);
        rest = &rest[end..];
        let Some(separator) = rest.chars().next() else { return Some((parts, rest)) };
        let next = &rest[separator.len_utf8()..];
        let follows = next.starts_with(|it: char| it.is_ascii_digit());
        let chinese = matches!((separator, parts.len()), ('年', 1) | ('月', 2));
        let plain = matches!(separator, '-' | '/' | '.') && used.is_none_or(|it| it == separator);
        if !follows || !(plain || chinese) {
            return Some((parts, rest));
        }
        if plain {
            used = Some(separator);
        }
        rest = next;
    }
}

/// The numbers of `20130605` or `201306`.
pub(super) fn compact(text: &str, length: usize) -> Option<Vec<i32>> {
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let ends = [(0, 4), (4, 6), (6, 8)].into_iter().filter(|(_, end)| *end <= length);
    ends.map(|(from, end)| text[from..end].parse().ok()).collect()
}

fn no_date(text: &str) -> Why {
    Why::new(
        format!("{}不是日期;请写成 2013-07-22", shown(text)),
        format!("{} is not a date; write it as 2013-07-22", shown(text)),
    )
}

fn no_month(text: &str) -> Why {
    Why::new(
        format!("{}不是月份;请写成 2013-07", shown(text)),
        format!("{} is not a month; write it as 2013-07", shown(text)),
    )
}
