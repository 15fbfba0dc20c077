//! Quantities as people write them, in the small units of the ledger. Exact: no rounding.

use steward_proto::ledger::v1::QuantityUnit;

use steward_sheet::{Cell, Why, plain, shown};

/// So many digits of a quantity are read; with the largest factor they fit 128 bits.
const MOST_DIGITS: usize = 30;

/// What a written unit measures, and how many small units it is.
fn unit(text: &str) -> Option<(QuantityUnit, i128)> {
    use QuantityUnit::{Kilojoule, Litre, Piece, SquareDecimetre, WattHour};
    let text: String = plain(text).chars().filter(|letter| !letter.is_whitespace()).collect();
    Some(match text.to_ascii_lowercase().as_str() {
        "wh" => (WattHour, 1),
        "kwh" | "千瓦时" | "度" => (WattHour, 1_000),
        "mwh" | "兆瓦时" => (WattHour, 1_000_000),
        "万千瓦时" | "万度" => (WattHour, 10_000_000),
        "kj" => (Kilojoule, 1),
        "mj" => (Kilojoule, 1_000),
        "gj" | "吉焦" => (Kilojoule, 1_000_000),
        "l" | "升" => (Litre, 1),
        "m3" | "m³" | "㎥" | "立方米" | "立方" | "方" => (Litre, 1_000),
        "vehicle" | "piece" | "辆" | "件" | "次" | "个" | "台" => (Piece, 1),
        "dm2" => (SquareDecimetre, 1),
        "m2" | "m²" | "㎡" | "平方米" | "平米" => (SquareDecimetre, 100),
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
pub(crate) struct QuantityError {
    /// `quantity` or `unit`.
    pub(crate) column: &'static str,
    /// What is wrong.
    pub(crate) why: Why,
}

/// The quantity of a row in the small unit of its category; `None` where the cell is empty. Then a
/// unit may still stand there, if there is such a unit: a form has it printed in.
pub(crate) fn quantity(
    cell: Cell<'_>,
    unit_text: &str,
    wanted: QuantityUnit,
) -> Result<Option<i64>, QuantityError> {
    let in_unit = |zh: String, en: String| QuantityError { column: "unit", why: Why::new(zh, en) };
    let in_quantity = |why: Why| QuantityError { column: "quantity", why };
    let said = shown(unit_text);
    // A bar or a nought stands for nothing.
    let nothing = matches!(cell.value.written().as_ref(), "" | "-" | "—" | "——" | "/" | "无");
    if nothing {
        if matches!(unit_text, "" | "-" | "—" | "——" | "/" | "无") || unit(unit_text).is_some()
        {
            return Ok(None);
        }
        return Err(in_unit(
            format!("{said}不是计量单位;没有数量时请留空"),
            format!("{said} is no unit; leave it empty"),
        ));
    }
    if wanted == QuantityUnit::Unspecified {
        return Err(in_quantity(Why::new(
            "该科目不填数量,请留空",
            "this category carries no quantity",
        )));
    }
    let fits = unit(unit_text).filter(|(measures, _)| *measures == wanted);
    let Some((_, factor)) = fits else {
        let choices = choices(wanted);
        if unit_text.is_empty() {
            let (zh, en) = ("未填写;可填", "is empty; write one of");
            return Err(in_unit(format!("{zh}:{choices}"), format!("{en} {choices}")));
        }
        return Err(in_unit(
            format!("{said}与科目不符;可填:{choices}"),
            format!("{said} does not fit the category; write one of {choices}"),
        ));
    };
    let number = cell.number().map_err(in_quantity)?;
    exact(&number, factor).map(Some).map_err(in_quantity)
}

/// An area in square metres as whole square decimetres.
pub(crate) fn area(cell: Cell<'_>) -> Result<i64, Why> {
    exact(&cell.number()?, 100)
}

/// A decimal number times a factor, as a whole number.
pub(crate) fn exact(text: &str, factor: i128) -> Result<i64, Why> {
    let said = shown(text);
    let refuse = |zh: &str, en: &str| Why::new(format!("{said}{zh}"), format!("{said} {en}"));
    if text.starts_with('-') {
        return Err(refuse("是负数", "is negative"));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    if digits.len() > MOST_DIGITS {
        return Err(refuse("位数太多", "has too many digits"));
    }
    let number: i128 =
        digits.parse().map_err(|_| refuse("不是数", "is not a number such as 1234.5"))?;
    let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(u32::MAX));
    let scaled = number * factor;
    if scaled % scale != 0 {
        return Err(refuse("小数位数过多,超出账上计量的精度", "is finer than the ledger counts"));
    }
    i64::try_from(scaled / scale).map_err(|_| refuse("太大", "is too large"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use steward_sheet::Value;

    use super::*;

    fn read(
        text: &str,
        unit: &str,
        wanted: QuantityUnit,
    ) -> Result<Option<i64>, (&'static str, String)> {
        let value = Value::text(text);
        let cell = Cell { value: &value, is_1904: false, power: 0 };
        quantity(cell, unit, wanted).map_err(|error| (error.column, error.why.en))
    }

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
            ("1,234.5", " kWh ", WattHour, 1_234_500),
            ("2", "万度", WattHour, 20_000_000),
            ("２", "ｋＷｈ", WattHour, 2_000),
            ("2", "ｍ３", Litre, 2_000),
        ] {
            assert_eq!(read(text, unit, wanted), Ok(Some(expected)), "{text} {unit}");
        }
        assert_eq!(read("", "", WattHour), Ok(None));
        assert_eq!(read("", "kWh", QuantityUnit::Unspecified), Ok(None));
        assert_eq!(read("—", "/", WattHour), Ok(None));
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
            ("1,00", "kWh", WattHour, "quantity", "\"1,00\" has its thousands separators"),
            ("1e3", "kWh", WattHour, "quantity", "\"1e3\" is not a number"),
            (".5", "kWh", WattHour, "quantity", "\".5\" is not a number"),
            ("1.", "kWh", WattHour, "quantity", "\"1.\" is not a number"),
            ("0.0005", "kWh", WattHour, "quantity", "\"0.0005\" is finer than the ledger counts"),
            ("1.5", "辆", Piece, "quantity", "\"1.5\" is finer"),
            ("9223372036854776", "kWh", WattHour, "quantity", "\"9223372036854776\" is too large"),
            ("1234567890123456789012345678901", "m3", Litre, "quantity", "\"12345678901234567890"),
        ] {
            let (place, told) = read(text, unit, wanted).unwrap_err();
            assert_eq!(place, column, "{text} {unit}");
            assert!(told.starts_with(why), "{text} {unit}: {told}");
        }
        let long = "9".repeat(5_000);
        for (text, unit) in [(&*long, "kWh"), ("1", &*long), ("", &*long)] {
            let (_, why) = read(text, unit, WattHour).unwrap_err();
            assert!(why.contains('…') && why.len() < 200, "{why}");
        }
    }

    proptest! {
        #[test]
        fn every_whole_small_unit_comes_back(small in 0_i64..=i64::MAX, zeros in 0_usize..4) {
            let kilowatt_hours =
                format!("{}.{:03}{}", small / 1_000, small % 1_000, "0".repeat(zeros));
            let back = read(&kilowatt_hours, "kWh", QuantityUnit::WattHour);
            prop_assert_eq!(back, Ok(Some(small)));
        }

        #[test]
        fn nothing_written_makes_it_panic(text in ".{0,40}", unit in ".{0,6}") {
            let _ = read(&text, &unit, QuantityUnit::WattHour);
            let _ = read(&text, "kWh", QuantityUnit::WattHour);
        }
    }
}
