//! Amounts and other numbers, exact: in decimals from the first to the last.

use steward_kernel::Fen;

use super::{Cell, is_scientific};
use crate::names::plain;
use crate::{Value, Why, shown};

/// More digits than any number of a table has.
const MOST_DIGITS: usize = 40;

impl Cell<'_> {
    /// An amount of money. Its column says whether it is in yuan or 万元, unless the cell itself does.
    /// Nothing is rounded: what is finer than a fen is refused.
    pub fn amount(&self, allow_negative: bool) -> Result<Fen, Why> {
        self.formula()?;
        let written = self.written();
        let number = self.parse(true).map_err(|fault| fault.why(&written, "金额", "an amount"))?;
        if number.negative && !allow_negative {
            return Err(Why::new(
                format!("{}是负数;记错的账用红冲改正,不用负数入账", shown(&written)),
                format!("{} is negative; a mistake is reversed, not posted", shown(&written)),
            ));
        }
        let power = number.unit.unwrap_or(self.power);
        let fen = number.scaled(power + 2).map_err(|()| match power {
            0 => Why::new(
                format!("{}超过两位小数", shown(&written)),
                format!("{} has more than two decimals", shown(&written)),
            ),
            _ => Why::new(
                format!("{}(万元)换算后不足一分,无法准确入账", shown(&written)),
                format!("{} (10,000 yuan) is finer than a fen", shown(&written)),
            ),
        })?;
        let fen: i64 = fen.parse().map_err(|_| too_large(&written))?;
        Ok(Fen::new(fen))
    }

    /// A number in plain decimals, such as `1234.5`: without thousands separators, multiplied by the
    /// power of ten of its column.
    pub fn number(&self) -> Result<String, Why> {
        self.formula()?;
        let written = self.written();
        let number = self.parse(false).map_err(|fault| fault.why(&written, "数", "a number"))?;
        number.plain(self.power).ok_or_else(|| too_large(&written))
    }

    /// A whole number within bounds, both included.
    pub fn integer(&self, from: i64, to: i64) -> Result<i64, Why> {
        let text = self.number()?;
        let whole = text.parse().ok().filter(|number| (from..=to).contains(number));
        whole.ok_or_else(|| {
            let written = shown(&self.written());
            Why::new(
                format!("{written}不是{from}到{to}的整数"),
                format!("{written} is not a whole number from {from} to {to}"),
            )
        })
    }

    fn parse(&self, is_money: bool) -> Result<Decimal, NotANumber> {
        match self.value {
            Value::Number(_) | Value::Text(_) => Decimal::parse(&self.value.written(), is_money),
            Value::Date { .. } => Err(NotANumber::Date),
            Value::Error(_) | Value::Bool(_) | Value::Empty => Err(NotANumber::Form),
        }
    }
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotANumber {
    Form,
    Date,
    Scientific,
    Separators,
}

impl NotANumber {
    fn why(self, written: &str, zh: &str, en: &str) -> Why {
        let written = shown(written);
        let (zh, en) = match self {
            Self::Form => {
                (format!("不是{zh};请写成 1234.56"), format!("is not {en}; write it as 1234.56"))
            }
            Self::Date => (
                "是日期格式;请把单元格改为“数值”格式".to_owned(),
                "is formatted as a date; format it as a number".to_owned(),
            ),
            Self::Scientific => (
                "是科学计数法,位数已丢失;请写出全部数字".to_owned(),
                "is in scientific notation, digits are lost; write them all".to_owned(),
            ),
            Self::Separators => (
                "的千位分隔符位置不对,可能是多个数或笔误".to_owned(),
                "has its thousands separators at the wrong places".to_owned(),
            ),
        };
        Why::new(format!("{written}{zh}"), format!("{written} {en}"))
    }
}

/// A decimal number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    whole: String,
    /// Without zeros at its end.
    fraction: String,
    /// The power of ten of the unit that stands behind the number.
    unit: Option<u32>,
}

impl Decimal {
    fn parse(text: &str, is_money: bool) -> Result<Self, NotANumber> {
        let text: String = plain(text).chars().filter(|letter| !letter.is_whitespace()).collect();
        if is_scientific(&text) {
            return Err(NotANumber::Scientific);
        }
        let (negative, text) = sign(&text);
        let (unit, text) = if is_money { unit(text) } else { (None, text) };
        // The sign may stand behind the currency: ¥-5.
        let (negative, text) = match sign(text) {
            (true, _) if negative => return Err(NotANumber::Form),
            (inner, text) => (negative || inner, text),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let bare = whole.replace(',', "");
        if !digits(&bare) || !digits(fraction) || bare.len() + fraction.len() > MOST_DIGITS {
            return Err(NotANumber::Form);
        }
        if whole.contains(',') && !is_grouped(whole) {
            return Err(NotANumber::Separators);
        }
        let whole = bare.trim_start_matches('0');
        Ok(Self {
            negative,
            whole: if whole.is_empty() { "0".to_owned() } else { whole.to_owned() },
            fraction: fraction.trim_end_matches('0').to_owned(),
            unit,
        })
    }

    /// The number times that power of ten as a whole number.
    fn scaled(&self, power: u32) -> Result<String, ()> {
        let text = self.plain(power).ok_or(())?;
        if text.contains('.') { Err(()) } else { Ok(text) }
    }

    /// The number times that power of ten.
    fn plain(&self, power: u32) -> Option<String> {
        let power = usize::try_from(power).ok()?;
        let padded = format!("{:0<power$}", self.fraction);
        let (moved, fraction) = padded.split_at(power);
        let digits = format!("{}{moved}", self.whole);
        let whole = digits.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let is_zero = whole == "0" && fraction.is_empty();
        let sign = if self.negative && !is_zero { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        Some(format!("{sign}{whole}{point}{fraction}"))
    }
}

/// Whether a number is negative, by a sign of any kind or in brackets as accountants write it.
fn sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner);
    }
    match text.strip_prefix(['-', '−', '－', '–', '—', '▲', '△']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// An amount without its currency and unit, and the power of ten of the unit.
fn unit(text: &str) -> (Option<u32>, &str) {
    let currencies = ["人民币", "RMB", "rmb", "CNY", "¥", "￥"];
    let bare = currencies.iter().find_map(|currency| text.strip_prefix(currency));
    let text = bare.unwrap_or(text);
    if let Some(rest) = text.strip_suffix("万元").or_else(|| text.strip_suffix('万')) {
        return (Some(4), rest);
    }
    for end in ["元整", "圆整", "元", "圆"] {
        if let Some(rest) = text.strip_suffix(end) {
            return (Some(0), rest);
        }
    }
    (None, text)
}

/// Whether separators stand at every third digit, or at every fourth as in Chinese.
fn is_grouped(whole: &str) -> bool {
    let groups: Vec<_> = whole.split(',').map(str::len).collect();
    [3, 4].into_iter().any(|length| {
        (1..=length).contains(&groups[0]) && groups[1..].iter().all(|group| *group == length)
    })
}

fn too_large(written: &str) -> Why {
    Why::new(format!("{}太大", shown(written)), format!("{} is too large", shown(written)))
}

#[cfg(test)]
mod tests;
