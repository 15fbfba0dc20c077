//! A cell, read as what its column wants; or refused, with the reason.
//!
//! A cell that is empty is read as nothing by whoever calls; here it is faulty.

mod amount;
mod choice;
mod date;
mod time;

pub use choice::Choice;

use crate::names::plain;
use crate::value::{MOST_DIGITS, trim};
use crate::{Value, Why, shown};

/// A cell with what its table says of it.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// What it holds.
    pub value: &'a Value,
    /// Whether the dates of its workbook count from 1904.
    pub is_1904: bool,
    /// The power of ten that the numbers of its column are multiplied by.
    pub power: u32,
}

impl Cell<'_> {
    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// It as it is written.
    pub fn written(&self) -> String {
        self.value.written().into_owned()
    }

    /// It as it is written, in half-width letters: `２０１３` is `2013`.
    pub fn plain(&self) -> String {
        plain(&self.value.written())
    }

    /// Refuses a formula that failed.
    pub fn formula(&self) -> Result<(), Why> {
        match self.value {
            Value::Error(error) => Err(Why::new(
                format!("公式出错:{error}"),
                format!("holds a formula that failed: {error}"),
            )),
            _ => Ok(()),
        }
    }

    /// A text of so many characters at most. A number keeps its digits; one that Excel has cut is
    /// refused.
    pub fn text(&self, most: usize) -> Result<String, Why> {
        self.is_sound()?;
        let text = self.written();
        let length = text.chars().count();
        if length > most {
            return Err(Why::new(
                format!("有{length}个字符,最多{most}个"),
                format!("has {length} characters; {most} at most"),
            ));
        }
        Ok(text)
    }

    /// A text on one line: line breaks of a cell become blanks.
    pub fn one_line(&self, most: usize) -> Result<String, Why> {
        let written = self.written();
        let parts = written.split(['\r', '\n']).map(str::trim).filter(|part| !part.is_empty());
        let text = Value::text(&parts.collect::<Vec<_>>().join(" "));
        let value = if matches!(self.value, Value::Text(_)) { &text } else { self.value };
        Cell { value, ..*self }.text(most)
    }

    /// A code or number of a document: a text that Excel must not have made anything else of, on one
    /// line and in half-width letters. With `digits` it has that many; fewer are refused, because zeros in front
    /// may be gone and nobody knows where from.
    pub fn code(&self, digits: Option<usize>) -> Result<String, Why> {
        self.is_sound()?;
        if let Value::Date { .. } = self.value {
            return Err(Why::new(
                format!(
                    "被 Excel 变成了日期({});请把该列设为“文本”格式后重新填写",
                    self.value.written()
                ),
                format!(
                    "was turned into a date ({}) by Excel; format the column as text and write it again",
                    self.value.written()
                ),
            ));
        }
        let text = self.plain();
        let text = text.strip_prefix('\'').unwrap_or(&text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match digits {
            Some(want) if text.len() < want && is_number => Err(Why::new(
                format!(
                    "{}只有{}位,应为{want}位:前面的 0 可能被 Excel 去掉了;请把该列设为“文本”格式后重新填写",
                    shown(&text),
                    text.len()
                ),
                format!(
                    "{} has {} digits instead of {want}: Excel may have dropped zeros in front; \
                     format the column as text and write it again",
                    shown(&text),
                    text.len()
                ),
            )),
            Some(want) if text.len() != want || !is_number => Err(Why::new(
                format!("{}不是{want}位数字", shown(&text)),
                format!("{} is not {want} digits", shown(&text)),
            )),
            _ => Ok(text),
        }
    }

    /// Refuses a formula that failed and a number whose digits are lost.
    fn is_sound(&self) -> Result<(), Why> {
        self.formula()?;
        match self.value {
            Value::Number(_) => {
                let text = self.value.written();
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                if digits > MOST_DIGITS { Err(destroyed(&text)) } else { Ok(()) }
            }
            Value::Text(text) if is_scientific(trim(text)) => Err(destroyed(trim(text))),
            _ => Ok(()),
        }
    }
}

/// Excel keeps 15 digits of a number; a longer one is gone for good.
fn destroyed(text: &str) -> Why {
    Why::new(
        format!(
            "{}:长数字已被 Excel 破坏(只保留15位,变成科学计数法),无法还原;请把该列设为“文本”格式后重新填写",
            shown(text)
        ),
        format!(
            "{}: Excel has destroyed this long number (it keeps 15 digits); \
             format the column as text and write it again",
            shown(text)
        ),
    )
}

/// What Excel makes of a long number when it writes CSV: `1.14E+17`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    whole.len() == 1
        && digits(whole)
        && digits(fraction)
        && exponent.strip_prefix('+').is_some_and(digits)
}

#[cfg(test)]
pub(crate) fn cell(value: &Value) -> Cell<'_> {
    Cell { value, is_1904: false, power: 0 }
}

#[cfg(test)]
mod tests;
