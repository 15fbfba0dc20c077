//! Whether the vehicle that came is the one that was approved. Pure.

use steward_chassis::Fields;
use steward_kernel::Fen;

use super::{ACQUISITION_DIFFERS, Acquisition};
use crate::standard::Source;
use crate::vehicle;

/// Refuses a vehicle that is not the one that was approved, or costs more.
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
    if came.source != Some(content.source) {
        unlike("source", "is not the source that was approved".to_owned());
    }
    if content.source == Source::Purchase && came.price_fen == Fen::new(0) {
        unlike("price_fen", "is required of what was bought".to_owned());
    }
    if came.price_fen > content.price_fen {
        unlike("price_fen", format!("{} yuan were approved", content.price_fen));
    }
}
