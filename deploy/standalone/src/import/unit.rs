//! Quantities as people write them, in the small units of the ledger. Exact: no rounding.

use steward_proto::ledger::v1::QuantityUnit;

use super::cell::shown;

/// So many digits of a quantity are read; with the largest factor they fit 128 bits.
const MOST_DIGITS: usize = 30;

/// What a written unit measures, and how many small units it is.
fn unit(text: &str) -> Option<(QuantityUnit, i128)> {
    use QuantityUnit::{Kilojoule, Litre, Piece, SquareDecimetre, WattHour};
    Some(match text.to_ascii_lowercase().as_str() {
        "wh" => (WattHour, 1),
        "kwh" | "千瓦时" | "度" => (WattHour, 1_000),
        "mwh" => (WattHour, 1_000_000),
        "kj" => (Kilojoule, 1),
        "mj" => (Kilojoule, 1_000),
        "gj" => (Kilojoule, 1_000_000),
        "l" | "升" => (Litre, 1),
        "m3" | "m³" | "立方米" => (Litre, 1_000),
        "vehicle" | "piece" | "辆" | "件" | "次" | "个" => (Piece, 1),
        "dm2" => (SquareDecimetre, 1),
        "m2" | "m²" | "平方米" => (SquareDecimetre, 100),
        _ => return None,
    })
}

/// The units that may be written for a quantity of a category.
fn choices(wanted: QuantityUnit) -> &'static str {
    match wanted {
        QuantityUnit::Unspecified => "none",
        QuantityUnit::WattHour => "kWh, MWh, Wh, 千瓦时, 度",
        QuantityUnit::Kilojoule => "GJ, MJ, kJ",
        QuantityUnit::Litre => "m3, m³, 立方米, L, 升",
        QuantityUnit::Piece => "vehicle, piece, 辆, 件, 次, 个",
        QuantityUnit::SquareDecimetre => "m2, m², 平方米",
    }
}

/// Why a quantity is refused, and in which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityError {
    /// `quantity` or `unit`.
    pub column: &'static str,
    /// What is wrong.
    pub why: String,
}

/// The quantity of a row in the small unit of its category; `None` where the cell is empty. Then a
/// unit may still stand there, if there is such a unit: a form has it printed in.
pub fn quantity(
    text: &str,
    unit_text: &str,
    wanted: QuantityUnit,
) -> Result<Option<i64>, QuantityError> {
    let in_unit = |why: String| QuantityError { column: "unit", why };
    let in_quantity = |why: String| QuantityError { column: "quantity", why };
    if text.is_empty() {
        if unit_text.is_empty() || unit(unit_text).is_some() {
            return Ok(None);
        }
        return Err(in_unit(format!("{} is no unit; leave it empty", shown(unit_text))));
    }
    if wanted == QuantityUnit::Unspecified {
        return Err(in_quantity("this category carries no quantity".to_owned()));
    }
    let fits = unit(unit_text).filter(|(measures, _)| *measures == wanted);
    let Some((_, factor)) = fits else {
        let written = if unit_text.is_empty() {
            "is empty".to_owned()
        } else {
            format!("{} does not fit the category", shown(unit_text))
        };
        return Err(in_unit(format!("{written}; write one of {}", choices(wanted))));
    };
    exact(text, factor).map(Some).map_err(in_quantity)
}

/// A decimal number times a factor, as a whole number.
fn exact(text: &str, factor: i128) -> Result<i64, String> {
    if text.starts_with('-') {
        return Err(format!("{} is negative", shown(text)));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(format!("{} is not a number such as 1234.5", shown(text)));
    }
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{}{fraction}", whole.trim_start_matches('0'));
    if digits.len() > MOST_DIGITS {
        return Err(format!("{} has too many digits", shown(text)));
    }
    let number: i128 = if digits.is_empty() { 0 } else { digits.parse().map_err(|_| text)? };
    let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(u32::MAX));
    let scaled = number * factor;
    if scaled % scale != 0 {
        return Err(format!("{} is finer than the ledger counts", shown(text)));
    }
    i64::try_from(scaled / scale).map_err(|_| format!("{} is too large", shown(text)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units_convert_exactly() {
        use QuantityUnit::{Kilojoule, Litre, Piece, SquareDecimetre, WattHour};
        for (text, unit, wanted, expected) in [
            ("2130921", "kWh", WattHour, 2_130_921_000),
            ("2130.921", "MWh", WattHour, 2_130_921_000),
            ("0.5", "度", WattHour, 500),
            ("7", "千瓦时", WattHour, 7_000),
            ("7", "KWH", WattHour, 7_000),
            ("742", "GJ", Kilojoule, 742_000_000),
            ("1.5", "MJ", Kilojoule, 1_500),
            ("3", "kJ", Kilojoule, 3),
            ("135445", "m3", Litre, 135_445_000),
            ("0.001", "m³", Litre, 1),
            ("2", "立方米", Litre, 2_000),
            ("40", "L", Litre, 40),
            ("40.0", "升", Litre, 40),
            ("1", "vehicle", Piece, 1),
            ("3", "辆", Piece, 3),
            ("0", "次", Piece, 0),
            ("12.34", "m2", SquareDecimetre, 1_234),
        ] {
            assert_eq!(quantity(text, unit, wanted), Ok(Some(expected)), "{text} {unit}");
        }
        assert_eq!(quantity("", "", WattHour), Ok(None));
        assert_eq!(quantity("", "kWh", QuantityUnit::Unspecified), Ok(None));
    }

    #[test]
    fn what_does_not_convert_says_why() {
        use QuantityUnit::{Litre, Piece, Unspecified, WattHour};
        for (text, unit, wanted, column, why) in [
            (
                "1",
                "GJ",
                WattHour,
                "unit",
                "\"GJ\" does not fit the category; write one of kWh, MWh",
            ),
            ("1", "", WattHour, "unit", "is empty; write one of kWh"),
            ("", "kwatt", WattHour, "unit", "\"kwatt\" is no unit; leave it empty"),
            ("", "吨", Unspecified, "unit", "\"吨\" is no unit; leave it empty"),
            ("1", "吨", Litre, "unit", "\"吨\" does not fit the category; write one of m3"),
            ("1", "kWh", Unspecified, "quantity", "this category carries no quantity"),
            ("-1", "kWh", WattHour, "quantity", "\"-1\" is negative"),
            ("1,000", "kWh", WattHour, "quantity", "\"1,000\" is not a number"),
            ("1e3", "kWh", WattHour, "quantity", "\"1e3\" is not a number"),
            (".5", "kWh", WattHour, "quantity", "\".5\" is not a number"),
            ("1.", "kWh", WattHour, "quantity", "\"1.\" is not a number"),
            ("0.0005", "kWh", WattHour, "quantity", "\"0.0005\" is finer than the ledger counts"),
            ("1.5", "辆", Piece, "quantity", "\"1.5\" is finer"),
            ("9223372036854776", "kWh", WattHour, "quantity", "\"9223372036854776\" is too large"),
            ("1234567890123456789012345678901", "m3", Litre, "quantity", "\"12345678901234567890"),
        ] {
            let error = quantity(text, unit, wanted).unwrap_err();
            assert_eq!(error.column, column, "{text} {unit}");
            assert!(error.why.starts_with(why), "{text} {unit}: {}", error.why);
        }
        let long = "9".repeat(5_000);
        for (text, unit) in [(&*long, "kWh"), ("1", &*long), ("", &*long)] {
            let why = quantity(text, unit, WattHour).unwrap_err().why;
            assert!(why.contains('…') && why.len() < 200, "{why}");
        }
    }

    proptest! {
        #[test]
        fn every_whole_small_unit_comes_back(small in 0_i64..=i64::MAX, zeros in 0_usize..4) {
            let kilowatt_hours =
                format!("{}.{:03}{}", small / 1_000, small % 1_000, "0".repeat(zeros));
            let read = quantity(&kilowatt_hours, "kWh", QuantityUnit::WattHour);
            prop_assert_eq!(read, Ok(Some(small)));
        }

        #[test]
        fn nothing_written_makes_it_panic(text in ".{0,40}", unit in ".{0,6}") {
            let _ = quantity(&text, &unit, QuantityUnit::WattHour);
            let _ = quantity(&text, "kWh", QuantityUnit::WattHour);
        }
    }
}
