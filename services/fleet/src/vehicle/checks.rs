//! What of a vehicle cannot be, or is doubtful.

use steward_chassis::Fields;
use steward_kernel::{Fen, Named as _};

use super::{
    DISPLACEMENT_CONTRADICTS, DISPLACEMENT_UNKNOWN, Energy, PLATE_CONTRADICTS, PRICE_CONTRADICTS,
    Plate, PowerSource, SEATS_UNKNOWN,
};

/// Refuses a displacement without an engine, and an engine whose displacement is not known unless that is
/// accepted.
pub(crate) fn check_displacement(
    fields: &mut Fields,
    accept: bool,
    field: &str,
    (power_source, ml): (PowerSource, i32),
) {
    match (power_source, ml) {
        (PowerSource::Electric | PowerSource::FuelCell, 0) => {}
        (PowerSource::Electric | PowerSource::FuelCell, _) => {
            fields.refuse(field, &DISPLACEMENT_CONTRADICTS, "must be 0 without an engine");
        }
        (_, 0) => fields.warn(accept, field, &DISPLACEMENT_UNKNOWN, "is 0: not known"),
        _ => {}
    }
}

/// Warns where it is not known how many seats it has.
pub(super) fn check_seats(fields: &mut Fields, accept: bool, field: &str, seats: i32) {
    if seats == 0 {
        fields.warn(accept, field, &SEATS_UNKNOWN, "is 0: not known");
    }
}

/// Refuses a price without the tax that is above the price with it, where both are known.
pub(crate) fn check_prices(fields: &mut Fields, field: &str, (price, before_tax): (Fen, Fen)) {
    if price > Fen::ZERO && before_tax > price {
        let message = format!("must be at most {price} yuan");
        fields.refuse(field, &PRICE_CONTRADICTS, message);
    }
}

/// Warns of a plate that is not of the kind for what drives the vehicle.
pub(crate) fn check_plate(
    fields: &mut Fields,
    accept: bool,
    field: &str,
    (plate, drive): (&Plate, PowerSource),
) {
    let want = match drive {
        PowerSource::Electric => Energy::BatteryElectric,
        PowerSource::PlugInHybrid | PowerSource::FuelCell => Energy::OtherNew,
        PowerSource::Petrol | PowerSource::Diesel | PowerSource::Gas => Energy::Conventional,
    };
    if plate.energy().is_some_and(|energy| energy != want) {
        let message = format!("{plate} is no plate of a vehicle so driven ({})", drive.text());
        fields.warn(accept, field, &PLATE_CONTRADICTS, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_an_engine_has_a_displacement() {
        for power_source in PowerSource::ALL {
            let engine = !["electric", "fuel_cell"].contains(&power_source.text());
            for (ml, accept, fits) in [
                (0, false, !engine),
                (0, true, true),
                (1, true, engine),
                (1, false, engine),
                (1798, false, engine),
            ] {
                let mut fields = Fields::new();
                check_displacement(&mut fields, accept, "displacement_ml", (*power_source, ml));
                assert_eq!(fields.is_empty(), fits, "{power_source:?} {ml} {accept}");
            }
        }
    }

    #[test]
    fn a_plate_fits_what_drives_the_vehicle() {
        for (plate, fitting) in [
            ("鄂E12345", "petrol diesel gas"),
            ("鄂ED12345", "electric"),
            ("鄂E12345E", "electric"),
            ("鄂EF12345", "plug_in_hybrid fuel_cell"),
            ("鄂E12345K", "plug_in_hybrid fuel_cell"),
            ("鄂E1234警", "petrol diesel gas electric plug_in_hybrid fuel_cell"),
        ] {
            let parsed = plate.parse().unwrap();
            for drive in PowerSource::ALL {
                let mut fields = Fields::new();
                check_plate(&mut fields, true, "plate", (&parsed, *drive));
                assert!(fields.is_empty(), "{plate} {drive:?} is only a warning");
                check_plate(&mut fields, false, "plate", (&parsed, *drive));
                let fits = fitting.split(' ').any(|text| text == drive.text());
                assert_eq!(fields.is_empty(), fits, "{plate} {drive:?}");
            }
        }
    }
}
