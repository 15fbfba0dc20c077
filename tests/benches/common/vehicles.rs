//! Vehicles to measure with.

use steward_proto::fleet::v1::{
    CreateVehicleRequest, PowerSource, Vehicle, VehicleBody, VehicleCategory,
};
use uuid::Uuid;

/// Asks to register the car of that number, up to ten million.
pub(crate) fn create(organization: &str, number: u64) -> CreateVehicleRequest {
    let vehicle = Vehicle {
        organization: organization.to_owned(),
        plate: plate(number),
        category: VehicleCategory::Emergency.into(),
        body: VehicleBody::Car.into(),
        power_source: PowerSource::Petrol.into(),
        model: "东风风神 A60".to_owned(),
        displacement_ml: 1598,
        price_fen: 15_000_000,
        seats: 5,
        acquired_on: "2014-05-20".to_owned(),
        ..Vehicle::default()
    };
    CreateVehicleRequest {
        request_id: Uuid::from_u128(u128::from(number)).to_string(),
        vehicle: Some(vehicle),
        ..CreateVehicleRequest::default()
    }
}

/// `鄂A00000` and on: a hundred thousand of each letter, then the next province.
fn plate(number: u64) -> String {
    let (series, number) = (number / 100_000, number % 100_000);
    let pick = |letters: &str, place: u64| {
        let place = usize::try_from(place).expect("a small number");
        letters.chars().nth(place).expect("fewer vehicles")
    };
    let (province, office) = ("鄂湘赣皖豫陕川渝云贵", "ABCDEFGHJK");
    format!("{}{}{number:05}", pick(province, series / 10), pick(office, series % 10))
}
