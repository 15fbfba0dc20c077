//! The units of the numbers of a column: in brackets behind its name, or above the table.

use std::borrow::Cow;

use super::Column;
use crate::names::{bracket, normal};
use crate::{Grid, Why, shown};

/// The units of amounts of money.
pub const AMOUNT_UNITS: &[(&str, u32)] = &[
    ("元", 0),
    ("人民币", 0),
    ("人民币元", 0),
    ("yuan", 0),
    ("rmb", 0),
    ("cny", 0),
    ("¥", 0),
    ("万元", 4),
    ("人民币万元", 4),
];

/// The units of areas.
pub const AREA_UNITS: &[(&str, u32)] = &[
    ("平方米", 0),
    ("平米", 0),
    ("㎡", 0),
    ("m2", 0),
    ("m²", 0),
    ("万平方米", 4),
    ("万㎡", 4),
    ("万m2", 4),
];

/// Endings of units that are in no list: 千元, 亿元, 亩.
const ENDINGS: [&str; 7] = ["元", "米", "亩", "顷", "㎡", "m2", "m²"];

/// What stands above the table: `单位:万元`, without `单位:`.
pub(super) fn above(grid: &Grid, header: usize) -> Option<String> {
    (0..header).rev().find_map(|line| {
        let cells = grid.lines[line].cells.iter();
        cells.map(|cell| normal(&cell.written())).find_map(|text| {
            let (before, unit) = text.rsplit_once("单位:").or_else(|| text.rsplit_once("unit:"))?;
            // 填报单位:, 编制单位: name an organization.
            let is_money = before.is_empty()
                || before.ends_with(['(', ',', ';', ' '])
                || before.ends_with("金额")
                || before.ends_with("货币");
            let unit = unit.trim_end_matches([')', ';', '.', ',']);
            (is_money && ENDINGS.iter().any(|end| unit.ends_with(end))).then(|| unit.to_owned())
        })
    })
}

/// The power of ten that the numbers of a column are multiplied by. What stands above the table holds
/// for money alone, and where the column says nothing itself.
pub(super) fn power(
    column: &Column,
    texts: &[Cow<'_, str>],
    above: Option<String>,
) -> Result<u32, Why> {
    if column.units.is_empty() {
        return Ok(0);
    }
    let of = |unit: &str| column.units.iter().find(|it| it.0 == unit).map(|it| it.1);
    let mut own = None;
    for text in texts {
        let text = normal(text);
        for token in bracket(&text).1.unwrap_or_default().split([',', '、', '/', ';', ':']) {
            match of(token) {
                Some(power) => own = own.or(Some((power, token.to_owned()))),
                None if ENDINGS.iter().any(|end| token.ends_with(end)) => {
                    return Err(unknown(column, token));
                }
                None => {}
            }
        }
    }
    let is_money = of("元").is_some();
    let Some(above) = above.filter(|_| is_money) else {
        return Ok(own.map_or(0, |it| it.0));
    };
    let general = of(&above).ok_or_else(|| unknown(column, &above))?;
    match own {
        Some((power, unit)) if power != general => Err(Why::new(
            format!("列“{}”的单位写的是{unit},表上方写的是{above},请统一", column.name),
            format!("column {} is in {unit}, but above the table stands {above}", column.key),
        )),
        _ => Ok(general),
    }
}

fn unknown(column: &Column, unit: &str) -> Why {
    let known: Vec<_> = column.units.iter().map(|it| it.0).collect();
    let known = known.join("、");
    Why::new(
        format!("列“{}”的单位{}不支持,可用:{known}", column.name, shown(unit)),
        format!("the unit {} of column {} is not supported: {known}", shown(unit), column.key),
    )
}
