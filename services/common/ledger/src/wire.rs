//! What several nouns read from and write to the wire.

use chrono::NaiveDate;
use steward_chassis::Fields;
use steward_chassis::fields::{DATE_MALFORMED, REQUIRED};
use steward_kernel::{OrganizationCode, parse_date};
use steward_proto::ledger::v1 as proto;

use crate::summary::View;

/// An organization that something is written for: a wrong check character is a warning.
pub(crate) fn organization(
    fields: &mut Fields,
    field: &str,
    text: &str,
    accept_warnings: bool,
) -> Option<OrganizationCode> {
    fields.organization(field, text, accept_warnings)
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

/// Whose cost it is; by user where nothing is said.
pub(crate) fn view(fields: &mut Fields, number: i32) -> View {
    match fields.value("view", number) {
        proto::View::Unspecified | proto::View::User => View::User,
        proto::View::Payer => View::Payer,
    }
}
