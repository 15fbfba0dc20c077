//! Days with a time of day, in all the forms that people write.

use chrono::{Days, NaiveDate, NaiveTime};

use super::Cell;
use super::date::{SERIALS, close, compact, found, split};
use crate::value::{day, decimal};
use crate::{Value, Why, shown};

const DAY_SECONDS: f64 = 86_400.0;
/// The digits of a day that is written together.
const DAY_DIGITS: usize = 8;

/// A part of the day, as people name it before a time of twelve hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Night,
    Morning,
    Noon,
    Afternoon,
}

const HALVES: [(&str, Half); 9] = [
    ("凌晨", Half::Night),
    ("上午", Half::Morning),
    ("早上", Half::Morning),
    ("am", Half::Night),
    ("中午", Half::Noon),
    ("下午", Half::Afternoon),
    ("傍晚", Half::Afternoon),
    ("晚上", Half::Afternoon),
    ("pm", Half::Afternoon),
];

impl Cell<'_> {
    /// A day, and its time where one is written: a date of Excel, `2013-06-05 08:30`, `2013/6/5 8:30:00`,
    /// `2013年6月5日8时30分`, `2013年6月5日 下午2点半`, `201306050830`, `2013-06-05T08:30`. A date of Excel without
    /// a fraction has no time.
    pub fn date_time(&self) -> Result<(NaiveDate, Option<NaiveTime>), Why> {
        self.formula()?;
        let written = self.written();
        let serial = match self.value {
            Value::Date { serial, is_1904 } => Some((*serial, *is_1904)),
            Value::Number(number) if SERIALS.contains(number) => Some((*number, self.is_1904)),
            _ => None,
        };
        if let Some((serial, is_1904)) = serial {
            return moment(serial, is_1904).ok_or_else(|| no_day(&written));
        }
        let text = close(&self.plain().replace(['\r', '\n', '\t'], " "));
        let (parts, rest) = parts(&text).ok_or_else(|| no_day(&written))?;
        let day = found(&parts, &written)?;
        let rest = rest.trim_start_matches(['日', '号', 'T', ' ']).trim();
        if rest.is_empty() {
            return Ok((day, None));
        }
        let time = parse(rest).ok_or_else(|| no_time(&written))?;
        Ok((day, Some(time)))
    }

    /// A time of day: one of Excel, `8:30`, `08:30:00`, `8时30分`, `下午2点半`.
    pub fn time_of_day(&self) -> Result<NaiveTime, Why> {
        self.formula()?;
        let written = self.written();
        let time = match self.value {
            Value::Date { serial, .. } | Value::Number(serial) => {
                (0.0..1.0).contains(serial).then(|| seconds(*serial)).flatten()
            }
            _ => parse(self.plain().trim()),
        };
        time.ok_or_else(|| no_time(&written))
    }

    /// Whether nothing but a time of day stands here.
    pub fn is_time_of_day(&self) -> bool {
        self.time_of_day().is_ok()
    }
}

/// The day and the time of a serial number, to the second.
fn moment(serial: f64, is_1904: bool) -> Option<(NaiveDate, Option<NaiveTime>)> {
    let date = day(serial, is_1904)?;
    if serial.fract() == 0.0 {
        return Some((date, None));
    }
    match seconds(serial.fract()) {
        Some(time) => Some((date, Some(time))),
        None => Some((date.checked_add_days(Days::new(1))?, Some(NaiveTime::MIN))),
    }
}

/// A fraction of a day; `None` where it is the next midnight.
#[expect(
    clippy::float_arithmetic,
    reason = "a time of a workbook is a float; it is rounded to the second"
)]
fn seconds(fraction: f64) -> Option<NaiveTime> {
    let seconds: u32 = decimal((fraction * DAY_SECONDS).round()).parse().ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
}

/// The numbers of the day that a text begins with, and what follows.
fn parts(text: &str) -> Option<(Vec<i32>, &str)> {
    if let Some((parts, rest)) = split(text)
        && parts.len() == 3
    {
        return Some((parts, rest));
    }
    let (day, rest) = text.split_at_checked(DAY_DIGITS)?;
    Some((compact(day, DAY_DIGITS)?, rest))
}

/// A time of day, of 24 hours or of twelve with what part of the day it is.
fn parse(text: &str) -> Option<NaiveTime> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let text = text.to_lowercase();
    let text = text.strip_suffix("+08:00").unwrap_or(&text);
    let half = HALVES.iter().find_map(|(name, half)| {
        let rest = text.strip_prefix(name).or_else(|| text.strip_suffix(name))?;
        Some((*half, rest))
    });
    let (half, clock) = half.map_or((None, text), |(half, rest)| (Some(half), rest));
    let (hour, minute, second) = numbers(clock)?;
    let hour = match (half, hour) {
        (Some(Half::Night), 12) => 0,
        (Some(Half::Morning), 12) => return None,
        (Some(Half::Afternoon), 1..12) | (Some(Half::Noon), 1..3) => hour + 12,
        _ => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// Hours, minutes and seconds.
fn numbers(clock: &str) -> Option<(u32, u32, u32)> {
    let is_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    if matches!(clock.len(), 4 | 6) && is_digits(clock) {
        let second = if clock.len() == 6 { clock[4..].parse().ok()? } else { 0 };
        return Some((clock[..2].parse().ok()?, clock[2..4].parse().ok()?, second));
    }
    let clock = clock.replace(['时', '点'], ":").replace('分', ":").replace('秒', "");
    let clock = clock.replace(":半", ":30").replace(":整", ":").replace("::", ":");
    let clock = clock.split_once('.').map_or(clock.as_str(), |(whole, _)| whole);
    let mut numbers = clock.trim_end_matches(':').split(':').map(|part| {
        let fits = (1..=2).contains(&part.len()) && is_digits(part);
        fits.then(|| part.parse().ok()).flatten()
    });
    let hour = numbers.next()??;
    // An hour alone is a number of anything.
    let minute = match numbers.next() {
        Some(minute) => minute?,
        None if clock.ends_with(':') => 0,
        None => return None,
    };
    let second = numbers.next().unwrap_or(Some(0))?;
    numbers.next().is_none().then_some((hour, minute, second))
}

fn no_day(text: &str) -> Why {
    Why::new(
        format!("{}不是日期时间;请写成 2013-07-22 08:30", shown(text)),
        format!("{} is not a day and time; write it as 2013-07-22 08:30", shown(text)),
    )
}

fn no_time(text: &str) -> Why {
    Why::new(
        format!("{}不是时刻;请写成 08:30", shown(text)),
        format!("{} is not a time of day; write it as 08:30", shown(text)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::cell;

    fn told(value: &Value) -> Result<String, String> {
        let said = cell(value).date_time().map_err(|why| why.zh)?;
        Ok(format!("{}{}", said.0, said.1.map(|time| format!(" {time}")).unwrap_or_default()))
    }

    #[test]
    fn days_with_their_times() {
        for (text, expected) in [
            ("2013-06-05 08:30", "2013-06-05 08:30:00"),
            ("2013/6/5 8:30:05", "2013-06-05 08:30:05"),
            ("2013.6.5 8：30", "2013-06-05 08:30:00"),
            ("２０１３年６月５日８时３０分", "2013-06-05 08:30:00"),
            ("2013年6月5日8点", "2013-06-05 08:00:00"),
            ("2013年6月5日 下午2点半", "2013-06-05 14:30:00"),
            ("2013年6月5号 上午9点整", "2013-06-05 09:00:00"),
            ("2013 年 6 月 5 日 晚上 8:05", "2013-06-05 20:05:00"),
            ("2013-06-05T08:30:00.000+08:00", "2013-06-05 08:30:00"),
            ("201306050830", "2013-06-05 08:30:00"),
            ("20130605 083005", "2013-06-05 08:30:05"),
            ("20130605", "2013-06-05"),
            ("2013-6-5 12:30 AM", "2013-06-05 00:30:00"),
            ("2013-6-5 1:30 PM", "2013-06-05 13:30:00"),
            ("2013-6-5\n8:30", "2013-06-05 08:30:00"),
            ("2013-06-05", "2013-06-05"),
            ("2013年6月5日", "2013-06-05"),
        ] {
            assert_eq!(told(&Value::text(text)), Ok(expected.to_owned()), "{text}");
        }
        for (serial, expected) in [
            (41_430.0, "2013-06-05"),
            (41_430.354_166_666_664, "2013-06-05 08:30:00"),
            (41_430.999_999_9, "2013-06-06 00:00:00"),
        ] {
            let value = Value::Date { serial, is_1904: false };
            assert_eq!(told(&value), Ok(expected.to_owned()), "{serial}");
            assert_eq!(told(&Value::Number(serial)), Ok(expected.to_owned()), "{serial}");
        }
        assert_eq!(told(&Value::Number(20_130_605.0)), Ok("2013-06-05".to_owned()));
        assert!(told(&Value::Number(2013.6)).is_err());
    }

    #[test]
    fn what_is_no_day_or_no_time() {
        for (text, why) in [
            ("8:30", "\"8:30\"不是日期时间"),
            ("2013-06-05 上午", "\"2013-06-05 上午\"不是时刻"),
            ("2013-06-05 25:00", "\"2013-06-05 25:00\"不是时刻"),
            ("2013-06-05 8", "\"2013-06-05 8\"不是时刻"),
            ("2013-06-05 上午12:00", "不是时刻"),
            ("2013-06-05 08:30Z", "不是时刻"),
            ("2013-06-31 08:30", "\"2013-06-31 08:30\":没有这一天"),
            ("当天", "\"当天\"不是日期时间"),
            ("2013-06-05-06", "不是日期时间"),
        ] {
            let told = told(&Value::text(text)).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn times_alone() {
        let time = |value: &Value| cell(value).time_of_day().map(|it| it.to_string()).ok();
        for (text, expected) in [
            ("8:30", Some("08:30:00")),
            ("17时05分", Some("17:05:00")),
            ("下午5点", Some("17:00:00")),
            ("中午12点半", Some("12:30:00")),
            ("1730", Some("17:30:00")),
            ("8", None),
            ("2013-06-05", None),
            ("2013-06-05 08:30", None),
        ] {
            assert_eq!(time(&Value::text(text)).as_deref(), expected, "{text}");
        }
        let excel = |serial| Value::Date { serial, is_1904: false };
        assert_eq!(time(&excel(0.354_166_666_664)).as_deref(), Some("08:30:00"));
        assert_eq!(time(&Value::Number(0.75)).as_deref(), Some("18:00:00"));
        assert_eq!(time(&excel(41_430.5)), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_written_makes_it_panic(text in "[0-9年月日时点分半 :./T上下午amp-]{0,24}|.{0,20}") {
            let value = Value::text(&text);
            let _ = (cell(&value).date_time(), cell(&value).time_of_day());
        }

        #[test]
        fn every_time_comes_back(minutes in 0_u32..24 * 60) {
            let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap();
            let day = NaiveDate::from_ymd_opt(2013, 6, 5).unwrap();
            for form in ["%Y-%m-%d %H:%M", "%Y年%-m月%-d日%-H时%-M分", "%Y%m%d%H%M%S"] {
                let value = Value::text(&day.and_time(time).format(form).to_string());
                proptest::prop_assert_eq!(cell(&value).date_time(), Ok((day, Some(time))));
            }
        }
    }
}
