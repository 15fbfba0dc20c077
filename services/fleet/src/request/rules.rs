//! Refusing what breaks the standards, and how long a vehicle is used. Pure.

use chrono::{Months, NaiveDate};
use steward_chassis::Fields;

use super::{ACQUISITION_FORBIDDEN, OVER_STANDARD};
use crate::standard::Excess;

/// Refuses what breaks the standards (《机关事务管理条例》第二十五条), each rule by itself, with its basis.
pub(crate) fn refuse_excess(fields: &mut Fields, resource: &str, excess: &[Excess]) {
    for one in excess {
        let (field, reason) = match one.rule.code.as_str() {
            "vehicle_price_cap" => ("price_fen", &OVER_STANDARD),
            "vehicle_displacement_cap" => ("displacement_ml", &OVER_STANDARD),
            "vehicle_body" => ("body", &OVER_STANDARD),
            "vehicle_category" => ("category", &OVER_STANDARD),
            "domestic_brand" => ("imported", &ACQUISITION_FORBIDDEN),
            "acquisition_source" => ("source", &ACQUISITION_FORBIDDEN),
            "registered_owner" => ("registered_owner", &ACQUISITION_FORBIDDEN),
            "luxury_fitout" => ("luxury_fitout", &ACQUISITION_FORBIDDEN),
            _ => ("", &ACQUISITION_FORBIDDEN),
        };
        let field = format!("{resource}.{field}");
        let (rule, basis) = (&one.rule.code, format!("{}{}", one.rule.document, one.rule.article));
        let message = match reason == &OVER_STANDARD && one.limit > 0 {
            true => format!("{rule}: {} where {} is the limit ({basis})", one.observed, one.limit),
            false => format!("{rule}: forbidden ({basis})"),
        };
        fields.refuse(field.trim_end_matches('.'), reason, message);
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
