//! The registered vehicles of the sample: two of each organization of the city's own level, and all of
//! the bureau; and how many of them were granted.

use std::collections::BTreeMap;

use steward_proto::fleet::v1::{EstablishmentGrant, GrantAuthority};
use steward_proto::fleet::v1::{PowerSource, Vehicle, VehicleBody, VehicleCategory};

use super::MEMO;
use super::noise::pick;
use super::organizations::{Organization, bureau};
use super::regions::CITY;

/// So many vehicles stand below another in the list of plates.
const NEXT: usize = 1_000;

/// All of them.
pub(super) fn all(organizations: &[Organization]) -> Vec<Vehicle> {
    let city = organizations.iter().filter(|it| it.region == CITY);
    let own = bureau(organizations);
    city.flat_map(|it| {
        let count = if it.code == own { usize::try_from(it.vehicles).unwrap_or(2) } else { 2 };
        (0..count).map(|place| match place {
            0 => vehicle(it, VehicleCategory::Confidential, 0),
            _ => vehicle(it, VehicleCategory::Emergency, place - 1),
        })
    })
    .collect()
}

/// The establishments: what they hold, but for the last organization, which holds one too many.
pub(super) fn grants(vehicles: &[Vehicle]) -> Vec<EstablishmentGrant> {
    let mut held: BTreeMap<(&str, i32), i32> = BTreeMap::new();
    for vehicle in vehicles {
        *held.entry((&vehicle.organization, vehicle.category)).or_default() += 1;
    }
    let last = vehicles.last().map(|it| (it.organization.as_str(), it.category));
    let grant = |(of, held): ((&str, i32), i32)| EstablishmentGrant {
        organization: of.0.to_owned(),
        category: of.1,
        authorised: if Some(of) == last { held - 1 } else { held },
        effective_from: "2012-10-01".to_owned(),
        document_no: "宜车编〔2012〕1号(样本)".to_owned(),
        authority: GrantAuthority::VehicleAuthority.into(),
        note: MEMO.to_owned(),
        ..EstablishmentGrant::default()
    };
    held.into_iter().map(grant).collect()
}

/// A vehicle within the standard: at most 120,000 yuan and 1.6 L, or 180,000 yuan and 1.8 L.
fn vehicle(organization: &Organization, category: VehicleCategory, place: usize) -> Vehicle {
    let emergency = category == VehicleCategory::Emergency;
    let (model, displacement_ml, price_yuan, first_plate) = if emergency {
        ("样本牌 应急型", 1_800, 150_000, 50_000)
    } else {
        ("样本牌 机要型", 1_600, 98_000, 10_000)
    };
    let seed = if emergency { "emergency" } else { "confidential" };
    Vehicle {
        organization: organization.code.clone(),
        plate: format!("鄂E{}", first_plate + NEXT * place + organization.index),
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
