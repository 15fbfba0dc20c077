//! The units of the numbers of a column: in its header, above the table, or in a note below it.
//!
//! An amount in 万元 that is read in yuan is ten thousand times too small, and nothing else shows it. So
//! a unit is looked for wherever it may stand, and one that cannot be understood refuses the file.

use text::{Label, counts, is_chinese, is_remark, tokens};

use super::{Column, Header};
use crate::names::normal;
use crate::{Grid, ReadError, Schema, Why, shown};

mod text;

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
    ("万", 4),
];

/// The units of areas.
pub const AREA_UNITS: &[(&str, u32)] = &[
    ("平方米", 0),
    ("平米", 0),
    ("㎡", 0),
    ("m2", 0),
    ("m²", 0),
    ("万平方米", 4),
    ("万平米", 4),
    ("万㎡", 4),
    ("万m2", 4),
    ("万m²", 4),
];

/// What stands before a unit to make it larger.
const SCALES: [char; 5] = ['十', '百', '千', '万', '亿'];
const LARGE: [char; 3] = ['千', '万', '亿'];
/// The name of a currency says nothing of how much of it is counted.
const CURRENCIES: [&str; 4] = ["人民币", "rmb", "cny", "¥"];
/// The units themselves, and the endings of units that are in no list: 千元, 美元, 亩.
const MONEY: [&str; 5] = ["元", "圆", "人民币", "rmb", "yuan"];
const AREA: [&str; 7] = ["平方米", "平米", "㎡", "m2", "m²", "亩", "公顷"];
/// What is said of a unit.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// The numbers are in it.
    In(String),
    /// It stands there, and nobody can tell what for.
    Unclear(String),
}

/// Gives every measured column its unit. `notes` are the lines below the table.
pub(crate) fn apply(
    grid: &Grid,
    schema: &Schema,
    header: &mut Header,
    notes: &[usize],
) -> Result<(), ReadError> {
    let mut problems = Vec::new();
    let places: Vec<_> = header.columns.iter().map(|found| found.index).collect();
    for found in &mut header.columns {
        let column = schema.columns.iter().find(|column| column.key == found.key);
        let Some(column) = column.filter(|column| !column.units.is_empty()) else { continue };
        let (first, last) = header.lines;
        let mut own = Vec::new();
        for line in [last, first] {
            own.extend(Unit(column).of_header(&normal(&grid.spread(line, found.index).written())));
        }
        let power = match Unit(column).power(&own) {
            Ok(None) => {
                Unit(column).power(&Unit(column).around(grid, (first, last), &places, notes))
            }
            own => own,
        };
        match power {
            Ok(power) => found.power = power.unwrap_or(0),
            Err(why) => problems.push(why),
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(ReadError::new("数的单位不明,不能导入", "the unit of the numbers is not clear")
        .with(problems))
}

/// Whether a line has nothing but units or remarks in brackets: it belongs to the header above it.
pub(super) fn is_of_units(grid: &Grid, line: usize) -> bool {
    let texts = grid.lines[line].cells.iter().map(|cell| normal(&cell.written()));
    let mut filled = texts.filter(|text| !text.is_empty()).peekable();
    let is_unit = |text: &str| AMOUNT_UNITS.iter().chain(AREA_UNITS).any(|unit| unit.0 == text);
    filled.peek().is_some()
        && filled.all(|text| text.starts_with('(') && text.ends_with(')') || is_unit(&text))
}

/// The units of a column.
struct Unit<'a>(&'a Column);

impl Unit<'_> {
    /// The power of ten of what is said; nothing if nothing is.
    fn power(&self, said: &[Said]) -> Result<Option<u32>, Why> {
        let mut power: Option<(u32, &str)> = None;
        for said in said {
            let unit = match said {
                Said::In(unit) if CURRENCIES.contains(&unit.as_str()) => continue,
                Said::In(unit) => unit,
                Said::Unclear(text) => return Err(self.unclear(text)),
            };
            let this = self.find(unit).ok_or_else(|| self.unknown(unit))?;
            match power {
                Some((other, earlier)) if other != this => {
                    return Err(self.contradiction(unit, earlier));
                }
                _ => power = power.or(Some((this, unit))),
            }
        }
        Ok(power.map(|it| it.0))
    }

    fn find(&self, unit: &str) -> Option<u32> {
        let bare = unit.replace("人民币", "").replace('圆', "元");
        let bare = bare
            .strip_suffix("rmb")
            .or_else(|| bare.strip_suffix("yuan"))
            .map_or_else(|| bare.clone(), |scale| format!("{scale}元"));
        let is = |it: &&(&str, u32)| it.0 == unit || it.0 == bare;
        self.0.units.iter().find(is).map(|it| it.1)
    }

    fn is_money(&self) -> bool {
        self.find("元").is_some()
    }

    fn bases(&self) -> &'static [&'static str] {
        if self.is_money() { &MONEY } else { &AREA }
    }

    /// Whether a text is a unit and nothing else, be it one that is in no list.
    fn is_unit(&self, text: &str) -> bool {
        // 万, but not 十, which is a number of a chapter.
        let is_scale = text.chars().all(|it| SCALES.contains(&it)) && text.contains(LARGE);
        let is_larger = self.larger(text).is_some_and(|(at, unit)| at == 0 && unit == text);
        self.find(text).is_some() || is_scale || is_larger
    }

    /// A unit that is larger than one in a text: its place, and itself, such as 万元.
    fn larger<'t>(&self, text: &'t str) -> Option<(usize, &'t str)> {
        let mut before = None;
        for (start, letter) in text.char_indices() {
            let begins = SCALES.contains(&letter) && !before.is_some_and(|it| SCALES.contains(&it));
            before = Some(letter);
            if !begins {
                continue;
            }
            let rest = &text[start..];
            let scale = rest.find(|it| !SCALES.contains(&it)).unwrap_or(rest.len());
            let named =
                rest[scale..].strip_prefix("人民币").map_or(scale, |_| scale + "人民币".len());
            let ends = [named, scale].into_iter().find_map(|from| {
                let base = self.bases().iter().find(|base| rest[from..].starts_with(**base))?;
                Some(from + base.len())
            });
            if let Some(end) = ends {
                return Some((start, &rest[..end]));
            }
        }
        None
    }

    /// What the header of the column says.
    fn of_header(&self, text: &str) -> Vec<Said> {
        let is_in_brackets = |token: &text::Token<'_>| token.depth > 0;
        let ends = |text: &str| self.bases().iter().any(|base| text.ends_with(base));
        let said = tokens(text).into_iter().filter_map(|token| {
            let text = token.text;
            match self.larger(text) {
                _ if self.is_unit(text) => Some(Said::In(text.to_owned())),
                Some((at, _)) if counts(&text[..at]) => Some(Said::Unclear(text.to_owned())),
                Some((_, unit)) => Some(Said::In(unit.to_owned())),
                None if is_in_brackets(&token) && ends(text) && !is_remark(text) => {
                    Some(Said::In(text.to_owned()))
                }
                None => None,
            }
        });
        said.collect()
    }

    /// What is said about the whole table: above it and in the name of the sheet; beside its header
    /// and in the notes below it, where a label stands before it.
    fn around(
        &self,
        grid: &Grid,
        (first, last): (usize, usize),
        columns: &[usize],
        notes: &[usize],
    ) -> Vec<Said> {
        let mut said = self.of_text(&normal(&grid.sheet), Where::Above);
        let cells = |line: usize| {
            let cells = grid.lines.get(line).map(|line| &line.cells[..]).unwrap_or_default();
            cells.iter().enumerate().map(|(at, cell)| (at, normal(&cell.written())))
        };
        for line in 0..first {
            said.extend(cells(line).flat_map(|(_, text)| self.of_text(&text, Where::Above)));
        }
        for line in first..=last {
            let beside = cells(line).filter(|(at, _)| !columns.contains(at));
            said.extend(beside.flat_map(|(_, text)| self.of_text(&text, Where::Beside)));
        }
        for line in notes {
            said.extend(cells(*line).flat_map(|(_, text)| self.of_text(&text, Where::Below)));
        }
        said
    }

    fn of_text(&self, text: &str, place: Where) -> Vec<Said> {
        let mut said = Vec::new();
        let mut label = Label::None;
        for token in tokens(text) {
            let begins = label;
            label = label.after(token.text);
            let is_labelled = matches!(begins, Label::Unit { .. });
            let in_brackets = token.depth > 0 && place == Where::Above;
            if self.is_unit(token.text) {
                let is_named = begins == Label::Organization;
                if is_labelled || in_brackets || is_named || place == Where::Above {
                    said.push(Said::In(token.text.to_owned()));
                }
                continue;
            }
            let Some((at, unit)) = self.larger(token.text) else {
                // 单位:美元
                let is_first = begins == Label::Unit { is_first: true };
                if is_first && self.is_money() && token.text.ends_with('元') {
                    said.push(Said::In(token.text.to_owned()));
                }
                continue;
            };
            let (before, behind) = (&token.text[..at], &token.text[at + unit.len()..]);
            // 单位:万元店 may be a shop, 单位:万元含税 is none.
            let ends = !behind.starts_with(is_chinese) || behind.contains(['含', '税']);
            let is_about_unit = is_labelled && before.is_empty() && ends
                || ["单位", "单位为", "单位是", "以", "按"].iter().any(|it| before.ends_with(it))
                || behind.starts_with("为单位");
            let is_name = begins == Label::Organization && behind.starts_with(is_chinese);
            let is_read = place != Where::Beside || is_about_unit;
            let is_count = counts(before) && place != Where::Above;
            if is_about_unit && !counts(before) {
                said.push(Said::In(unit.to_owned()));
            } else if is_read && !is_name && !is_count {
                said.push(Said::Unclear(unit.to_owned()));
            }
        }
        said
    }

    fn unknown(&self, unit: &str) -> Why {
        let (column, unit) = (self.0, shown(unit));
        let known: Vec<_> = column.units.iter().map(|it| it.0).collect();
        let known = known.join("、");
        Why::new(
            format!("列“{}”的单位{unit}不支持,可用:{known}", column.name),
            format!("the unit {unit} of column {} is not supported: {known}", column.key),
        )
    }

    fn unclear(&self, text: &str) -> Why {
        let (column, text) = (self.0, shown(text));
        Why::new(
            format!(
                "表中写有{text},不能确定是不是列“{0}”的单位;请在列名后用括号写明,如 {0}({1})",
                column.name, column.units[0].0
            ),
            format!(
                "{text} stands there, and may or may not be the unit of column {0}; \
                 write the unit in brackets behind the name of the column: {0}({1})",
                column.key, column.units[0].0
            ),
        )
    }

    fn contradiction(&self, unit: &str, other: &str) -> Why {
        let column = self.0;
        Why::new(
            format!("列“{}”的单位一处写{other},一处写{unit},请统一", column.name),
            format!(
                "the unit of column {} is {other} at one place and {unit} at another",
                column.key
            ),
        )
    }
}

/// Where a text stands that speaks of the whole table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Above,
    Beside,
    Below,
}

#[cfg(test)]
mod tests;
