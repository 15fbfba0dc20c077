//! What several nouns read from and write to the wire.

use chrono::NaiveDate;
use steward_chassis::Fields;
use steward_chassis::fields::{
    CHECK_CHARACTER_ODD, DATE_MALFORMED, MONTH_MALFORMED, ORGANIZATION_MALFORMED, PERIOD_MALFORMED,
    REQUIRED,
};
use steward_kernel::{Month, OrganizationCode, Period, parse_date};
use steward_proto::types::v1::MonthPeriod;

/// An organization that something is written for: a wrong check character is a warning.
pub(crate) fn organization(
    fields: &mut Fields,
    field: &str,
    text: &str,
    accept_warnings: bool,
) -> Option<OrganizationCode> {
    let code = fields.parse::<OrganizationCode>(field, text, &ORGANIZATION_MALFORMED)?;
    if !code.check_character_ok() {
        let message = format!("the check character of {code} is wrong");
        fields.warn(accept_warnings, field, &CHECK_CHARACTER_ODD, message);
    }
    Some(code)
}

/// A day that may be absent.
pub(crate) fn day(fields: &mut Fields, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let day = parse_date(text);
    if let Err(error) = day {
        fields.refuse(field, &DATE_MALFORMED, error.to_string());
    }
    day.ok()
}

/// A day that must be there.
pub(crate) fn required_day(fields: &mut Fields, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() {
        fields.refuse(field, &REQUIRED, "is required");
    }
    day(fields, field, text)
}

/// A period that may be absent.
pub(crate) fn period(
    fields: &mut Fields,
    field: &str,
    period: Option<&MonthPeriod>,
) -> Option<Period> {
    let period = period?;
    let name = |part| format!("{field}.{part}");
    let from = fields.parse::<Month>(&name("from_month"), &period.from_month, &MONTH_MALFORMED);
    let until = fields.parse::<Month>(&name("until_month"), &period.until_month, &MONTH_MALFORMED);
    match Period::new(from?, until?) {
        Ok(period) => Some(period),
        Err(error) => {
            fields.refuse(field, &PERIOD_MALFORMED, error.to_string());
            None
        }
    }
}

/// A period that must be there.
pub(crate) fn required_period(
    fields: &mut Fields,
    field: &str,
    value: Option<&MonthPeriod>,
) -> Option<Period> {
    if value.is_none() {
        fields.refuse(field, &REQUIRED, "is required");
    }
    period(fields, field, value)
}

pub(crate) fn month_period(period: Period) -> MonthPeriod {
    MonthPeriod { from_month: period.from().to_string(), until_month: period.until().to_string() }
}
