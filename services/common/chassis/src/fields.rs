//! Checks a request field by field and collects every fault before it refuses.

use std::fmt::Display;
use std::str::FromStr;

use steward_kernel::{is_pasted, is_unseen};

use crate::error::{Class, Error, INVALID_REQUEST, Reason, Result, Violation};

/// A required field is empty.
pub const REQUIRED: Reason = Reason::new("REQUIRED", Class::InvalidArgument, "必填项为空");
/// A text is longer than allowed.
pub const TOO_LONG: Reason = Reason::new("TOO_LONG", Class::InvalidArgument, "内容过长");
/// A text holds control characters, or others that cannot be seen and make it look like another one.
pub const CONTROL_CHARACTER: Reason =
    Reason::new("CONTROL_CHARACTER", Class::InvalidArgument, "内容含有控制字符或不可见的格式字符");
/// A list holds more items than allowed.
pub const TOO_MANY: Reason = Reason::new("TOO_MANY", Class::InvalidArgument, "数量过多");
/// A value stands in a list that holds each at most once.
pub const REPEATED: Reason = Reason::new("REPEATED", Class::InvalidArgument, "取值重复");
/// An enum value that the API does not know.
pub const VALUE_UNKNOWN: Reason = Reason::new("VALUE_UNKNOWN", Class::InvalidArgument, "取值未知");
/// Not an id.
pub const ID_MALFORMED: Reason =
    Reason::new("ID_MALFORMED", Class::InvalidArgument, "编号格式有误");
/// Not a day that exists, as `YYYY-MM-DD`.
pub const DATE_MALFORMED: Reason =
    Reason::new("DATE_MALFORMED", Class::InvalidArgument, "日期有误,应为 YYYY-MM-DD");
/// Not a month, as `YYYY-MM`.
pub const MONTH_MALFORMED: Reason =
    Reason::new("MONTH_MALFORMED", Class::InvalidArgument, "月份有误,应为 YYYY-MM");
/// The period is empty, turned round or too long.
pub const PERIOD_MALFORMED: Reason =
    Reason::new("PERIOD_MALFORMED", Class::InvalidArgument, "期间有误");
/// Not an organization code.
pub const ORGANIZATION_MALFORMED: Reason =
    Reason::new("ORGANIZATION_MALFORMED", Class::InvalidArgument, "单位代码有误");
/// The check character of a unified social credit code is wrong; real early codes fail it.
pub const CHECK_CHARACTER_ODD: Reason = Reason::new(
    "CHECK_CHARACTER_ODD",
    Class::InvalidArgument,
    "统一社会信用代码校验位不符,请核对后确认",
);
/// Not a region code or pattern.
pub const REGION_MALFORMED: Reason =
    Reason::new("REGION_MALFORMED", Class::InvalidArgument, "行政区划代码有误");

/// So many faults are kept; more are only counted.
const MAX_FAULTS: usize = 1000;

/// A region that the city does not have.
pub const REGION_UNKNOWN: Reason =
    Reason::new("REGION_UNKNOWN", Class::InvalidArgument, "行政区划未登记");

/// Collects the faults of a request.
#[derive(Debug, Default)]
pub struct Fields {
    faults: Vec<Violation>,
    more: usize,
}

impl Fields {
    /// No faults yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records a fault.
    pub fn refuse(&mut self, field: &str, reason: &'static Reason, message: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            let (field, message) = (field.to_owned(), message.into());
            self.faults.push(Violation { field, reason, message });
        } else {
            self.more += 1;
        }
    }

    /// Records a warning as a fault, unless the caller accepts warnings.
    pub fn warn(
        &mut self,
        accept: bool,
        field: &str,
        reason: &'static Reason,
        message: impl Into<String>,
    ) {
        if !accept {
            self.refuse(field, reason, message.into() + "; set accept_warnings to accept it");
        }
    }

    /// Parses a required text. Empty is [`REQUIRED`], unparsable is `reason`.
    pub fn parse<T: FromStr<Err: Display>>(
        &mut self,
        field: &str,
        text: &str,
        reason: &'static Reason,
    ) -> Option<T> {
        if text.is_empty() {
            self.refuse(field, &REQUIRED, "is required");
            return None;
        }
        self.optional(field, text, reason)
    }

    /// Parses a text that may be empty (then `None`).
    pub fn optional<T: FromStr<Err: Display>>(
        &mut self,
        field: &str,
        text: &str,
        reason: &'static Reason,
    ) -> Option<T> {
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(field, reason, error.to_string());
                None
            }
        }
    }

    /// A text of at most `max` characters, none of which [cannot be seen](is_unseen); trimmed, and without
    /// what comes along when it is [pasted](is_pasted).
    pub fn text(&mut self, field: &str, text: &str, max: usize) -> String {
        let text: String = text.chars().filter(|letter| !is_pasted(*letter)).collect();
        if text.chars().count() > max {
            self.refuse(field, &TOO_LONG, format!("has more than {max} characters"));
        } else if let Some(letter) = text.chars().find(|letter| is_unseen(*letter)) {
            let message =
                format!("holds U+{:04X}, a control or format character", u32::from(letter));
            self.refuse(field, &CONTROL_CHARACTER, message);
        }
        text.trim().to_owned()
    }

    /// A text that must not be empty.
    pub fn required_text(&mut self, field: &str, text: &str, max: usize) -> String {
        let text = self.text(field, text, max);
        if text.is_empty() {
            self.refuse(field, &REQUIRED, "is required");
        }
        text
    }

    /// Refuses a list of more than `max` items.
    pub fn at_most(&mut self, field: &str, count: usize, max: usize) {
        if count > max {
            self.refuse(field, &TOO_MANY, format!("has {count} items, at most {max} are allowed"));
        }
    }

    /// A value of a proto enum; unknown numbers are refused, `unspecified` stays.
    pub fn value<E: TryFrom<i32> + Default>(&mut self, field: &str, number: i32) -> E {
        E::try_from(number).unwrap_or_else(|_| {
            self.refuse(field, &VALUE_UNKNOWN, format!("{number} is not a value of this enum"));
            E::default()
        })
    }

    /// A value of a proto enum that must be set.
    pub fn required_value<E: TryFrom<i32> + Default>(&mut self, field: &str, number: i32) -> E {
        if number == 0 {
            self.refuse(field, &REQUIRED, "is required");
        }
        self.value(field, number)
    }

    /// Whether nothing was refused so far.
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// The faults, for those who answer them one by one.
    pub fn into_violations(self) -> Vec<Violation> {
        self.faults
    }

    /// Refuses with every fault there is: one with its own reason, several with
    /// [`INVALID_REQUEST`], or with that of the first if all are of one other class: taken, say.
    pub fn finish(self) -> Result<()> {
        match self.faults.as_slice() {
            [] => Ok(()),
            [only] => {
                let reason = only.reason;
                Err(Error::violated(reason, self.faults))
            }
            [first, rest @ ..] => {
                let class = first.reason.class;
                let alike = rest.iter().all(|fault| fault.reason.class == class);
                let stays = alike && class != Class::InvalidArgument;
                let reason = if stays { first.reason } else { &INVALID_REQUEST };
                Err(Error::violated(reason, self.faults).and_more(self.more))
            }
        }
    }

    /// Refuses, or gives the value that a check without faults has.
    pub fn finish_with<T>(self, value: Option<T>) -> Result<T> {
        self.finish()?;
        value.ok_or_else(|| Error::internal("a check without faults gave no value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ETAG_STALE;

    #[test]
    fn a_text_does_not_look_like_another_one() {
        let read = |text: &str| {
            let mut fields = Fields::new();
            let text = fields.text("memo", text, 6);
            fields.finish().map(|()| text).map_err(|error| error.reason().code)
        };
        assert_eq!(read(" 凭证-1 ").as_deref(), Ok("凭证-1"));
        // As it is copied from a table or a web page.
        assert_eq!(read("\u{feff}凭\u{200b}证-1\u{200e}\u{2060}").as_deref(), Ok("凭证-1"));
        for unseen in
            ["1\u{202e}2", "1\u{2066}2", "1\u{ad}2", "1\u{2028}2", "1\n", "\u{e0041}", "\0"]
        {
            assert_eq!(read(unseen), Err("CONTROL_CHARACTER"), "{unseen:?}");
        }
    }

    const TAKEN: Reason = Reason::new("TAKEN_FOR_THIS_TEST", Class::AlreadyExists, "已登记");

    #[test]
    fn several_faults_of_one_class_keep_it() {
        let refused = |reasons: &[&'static Reason]| {
            let mut fields = Fields::new();
            for reason in reasons {
                fields.refuse("field", reason, "message");
            }
            fields.finish().map_err(|error| error.reason().code)
        };
        assert_eq!(refused(&[]), Ok(()));
        assert_eq!(refused(&[&REQUIRED]), Err("REQUIRED"));
        assert_eq!(refused(&[&REQUIRED, &TOO_LONG]), Err("INVALID_REQUEST"));
        assert_eq!(refused(&[&TAKEN, &TAKEN]), Err("TAKEN_FOR_THIS_TEST"));
        assert_eq!(refused(&[&TAKEN, &REQUIRED]), Err("INVALID_REQUEST"));
        assert_eq!(refused(&[&TAKEN, &ETAG_STALE]), Err("INVALID_REQUEST"));
    }
}
