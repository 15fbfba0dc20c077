//! Refusing what breaks the standards. Pure.

use chrono::NaiveDate;
use steward_chassis::Fields;

use super::{ACQUISITION_FORBIDDEN, BEFORE_APPROVAL, OVER_STANDARD};
use crate::standard::Excess;

/// Refuses a day before the one on which it was approved.
pub(crate) fn refuse_before(
    fields: &mut Fields,
    field: &str,
    day: NaiveDate,
    approved_on: NaiveDate,
) {
    if day < approved_on {
        fields.refuse(field, &BEFORE_APPROVAL, format!("it was approved on {approved_on}"));
    }
}

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
        let message = if reason == &OVER_STANDARD && one.limit > 0 {
            format!("{rule}: {} where {} is the limit ({basis})", one.observed, one.limit)
        } else {
            format!("{rule}: forbidden ({basis})")
        };
        fields.refuse(field.trim_end_matches('.'), reason, message);
    }
}
