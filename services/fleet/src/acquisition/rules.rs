//! What may be acquired. Pure.

use chrono::{Months, NaiveDate};
use steward_chassis::Fields;

use super::{ACQUISITION_DIFFERS, ACQUISITION_FORBIDDEN, Acquisition, Content, OVER_STANDARD};
use crate::standard::Excess;
use crate::vehicle::{self, Source};

/// Refuses what may not be acquired at all (《机关事务管理条例》第二十五条).
pub(super) fn refuse_forbidden(fields: &mut Fields, content: &Content) {
    let mut refuse = |field: &str, message: &str| {
        fields.refuse(&format!("acquisition.{field}"), &ACQUISITION_FORBIDDEN, message);
    };
    if !matches!(content.source, Source::Purchase | Source::Lease | Source::Allocation) {
        refuse("source", "official vehicles are bought, leased or allocated, not taken from others");
    }
    if !content.registered_owner.is_empty() {
        refuse("registered_owner", "must be registered in the name of the organization");
    }
    if !content.luxury_fitout.is_empty() {
        refuse("luxury_fitout", "luxury fit-out is forbidden");
    }
    if content.imported {
        refuse("imported", "official vehicles are of domestic brands");
    }
}

/// Refuses what passes the standard, each limit by itself.
pub(super) fn refuse_excess(fields: &mut Fields, resource: &str, excess: &[Excess]) {
    for one in excess {
        let message = format!(
            "{}: {} {}, the limit is {} ({} {})",
            one.rule.code, one.observed, one.rule.unit, one.limit, one.rule.document, one.rule.article
        );
        fields.refuse(&format!("{resource}.{}", one.field), &OVER_STANDARD, message);
    }
}

/// Refuses a vehicle that is not the one that was approved.
pub(super) fn refuse_unlike(fields: &mut Fields, asked: &Acquisition, came: &vehicle::Content) {
    let content = &asked.content;
    let mut unlike = |field: &str, message: String| {
        fields.refuse(&format!("vehicle.{field}"), &ACQUISITION_DIFFERS, message);
    };
    if came.category != asked.category {
        unlike("category", "is not the category that was approved".to_owned());
    }
    if came.body != content.body {
        unlike("body", "is not the body that was approved".to_owned());
    }
    if came.power_source != content.power_source {
        unlike("power_source", "is not the drive that was approved".to_owned());
    }
    if came.displacement_ml > content.displacement_ml {
        unlike("displacement_ml", format!("{} ml were approved", content.displacement_ml));
    }
    if came.price_fen > content.price_fen {
        unlike("price_fen", format!("{} yuan were approved", content.price_fen));
    }
}

/// The first day on which a vehicle has been used for so many years.
pub(crate) fn renewable_from(first_registered: NaiveDate, years: i64) -> Option<NaiveDate> {
    let months = u32::try_from(years).ok()?.checked_mul(12)?;
    first_registered.checked_add_months(Months::new(months))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_use_end_on_the_day_of_first_registration() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (registered, years, from) in [
            ("2009-06-15", 8, "2017-06-15"),
            ("2008-02-29", 8, "2016-02-29"),
            ("2009-03-31", 8, "2017-03-31"),
            ("2012-02-29", 1, "2013-02-28"),
        ] {
            assert_eq!(renewable_from(day(registered), years), Some(day(from)), "{registered}");
        }
        assert_eq!(renewable_from(day("2009-06-15"), -1), None);
    }
}
