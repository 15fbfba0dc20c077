//! The registered vehicles of the sample: two of each organization of the city's own level.

use steward_proto::fleet::v1::{PowerSource, Vehicle, VehicleBody, VehicleCategory};

use super::MEMO;
use super::noise::pick;
use super::organizations::Organization;
use super::regions::CITY;

/// All of them.
pub(super) fn all(organizations: &[Organization]) -> Vec<Vehicle> {
    let city = organizations.iter().filter(|it| it.region == CITY);
    city.flat_map(|it| {
        [vehicle(it, VehicleCategory::Confidential), vehicle(it, VehicleCategory::Emergency)]
    })
    .collect()
}

/// A vehicle within the standard: at most 120,000 yuan and 1.6 L, or 180,000 yuan and 1.8 L.
fn vehicle(organization: &Organization, category: VehicleCategory) -> Vehicle {
    let emergency = category == VehicleCategory::Emergency;
    let (model, displacement_ml, price_yuan, first_plate) = if emergency {
        ("样本牌 应急型", 1_800, 150_000, 50_000)
    } else {
        ("样本牌 机要型", 1_600, 98_000, 10_000)
    };
    let seed = if emergency { "emergency" } else { "confidential" };
    Vehicle {
        organization: organization.code.clone(),
        plate: format!("鄂E{}", first_plate + organization.index),
        category: category.into(),
        body: VehicleBody::Car.into(),
        power_source: PowerSource::Petrol.into(),
        model: model.to_owned(),
        displacement_ml,
        price_fen: (price_yuan + 1_000 * pick(seed, organization.index, 0, 20)) * 100,
        seats: 5,
        acquired_on: format!("{}-06-01", 2_006 + pick("acquired", organization.index, 0, 6)),
        note: MEMO.to_owned(),
        ..Vehicle::default()
    }
}
