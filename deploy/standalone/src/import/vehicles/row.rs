//! A row of the register, understood.

use chrono::{Days, NaiveDate};
use steward_kernel::Fen;
use steward_proto::fleet::v1::Vehicle;
use steward_sheet::{Cell, Choice, Why, shown};

use crate::import::cells::Cells;
use crate::import::columns::{
    BODIES, CATEGORIES, GUARANTEES, POWER_SOURCES, RANKS, SOURCES, STATES, number,
};
use crate::import::costs::unit::exact;
use crate::import::register::written;
use crate::import::resolve::Known;

/// The longest texts that fleet takes, in characters.
const SHORT: usize = 100;
const LONG: usize = 500;
const PERSON: usize = 50;
const SEATS: i64 = 100;
const DISPLACEMENT_ML: i64 = 20_000;
const TANK_ML: i64 = 2_000_000;
/// A displacement without a unit is in litres up to here, in millilitres above.
const MOST_LITRES: i64 = 20_000;
/// What people write for what they do not know.
const UNKNOWN: [&str; 8] = ["0", "-", "—", "——", "/", "无", "不详", "未知"];

impl Cells<'_> {
    pub(super) fn vehicle(&mut self, known: &Known, accept_warnings: bool) -> Option<Vehicle> {
        let acquired_on = self.read("acquired_on", |cell| cell.date());
        let day = acquired_on.map(text).unwrap_or_default();
        let organization =
            self.read("organization", |cell| known.code(cell, &day, accept_warnings));
        let plate = self.read("plate", |cell| Ok(written(&cell.one_line(SHORT)?)));
        let category = self.read("category", |cell| cell.choice(&CATEGORIES));
        let body = self.read("body", |cell| cell.choice(&BODIES));
        let power_source = self.read("power_source", |cell| cell.choice(&POWER_SOURCES));
        let model = self.read("model", |cell| cell.one_line(SHORT));
        let disposed_on = self.disposed_on();
        let displacement_ml = self.displacement(power_source, accept_warnings);
        let seats = self.seats(accept_warnings);
        let said = Vehicle {
            registered_owner: self.owner(known, &day, organization.as_deref()),
            ..self.kept()
        };
        let note = self.vehicle_note();
        Some(Vehicle {
            organization: organization?,
            plate: plate?,
            category: number(&CATEGORIES, category?),
            body: number(&BODIES, body?),
            power_source: number(&POWER_SOURCES, power_source?),
            model: model?,
            displacement_ml,
            seats,
            acquired_on: day,
            disposed_on,
            note: note?,
            ..said
        })
    }

    /// How it came and is kept.
    fn kept(&mut self) -> Vehicle {
        let flag = |cell: Cell<'_>| cell.yes_or_no();
        let domestic = self.optional("domestic", domestic);
        // The last day that is insured stands in registers.
        let insured = self.optional("insured_to", |cell| cell.date());
        let insured_until = insured.and_then(|day| day.checked_add_days(Days::new(1)));
        let one_of = |cells: &mut Self, column: &str, choices: &[Choice<'static>]| {
            let code = cells.optional(column, |cell| cell.choice(choices));
            code.map_or(0, |code| number(choices, code))
        };
        let day = |cells: &mut Self, column: &str| {
            cells.optional(column, |cell| cell.date()).map(text).unwrap_or_default()
        };
        Vehicle {
            vin: self.optional("vin", |cell| cell.code(None)).unwrap_or_default(),
            price_fen: self.optional("price_yuan", |cell| cell.amount(false)).map_or(0, Fen::get),
            registered_on: day(self, "registered_on"),
            luxury_fitout: self.line_of("luxury_fitout", LONG),
            inspection_due_on: day(self, "inspection_due_on"),
            insured_until: insured_until.map(text).unwrap_or_default(),
            tank_ml: self.optional("tank_l", tank).unwrap_or_default(),
            pool: self.optional("pool", flag).unwrap_or_default(),
            marked: self.optional("marked", flag).unwrap_or_default(),
            parking_place: self.line_of("parking_place", SHORT),
            source: one_of(self, "source", &SOURCES),
            fixed_to: self.line_of("fixed_to", PERSON),
            guarantee_mode: one_of(self, "guarantee_mode", &GUARANTEES),
            leader_rank: self.optional("leader_rank", rank).unwrap_or_default(),
            domestic,
            ..Vehicle::default()
        }
    }

    /// Who is registered as owner; empty for the holder, whom registers name here too, by whatever name.
    fn owner(&mut self, known: &Known, day: &str, holder: Option<&str>) -> String {
        let owner = self.line_of("registered_owner", SHORT);
        let code = known.code(self.cell("registered_owner"), day, false).ok();
        if code.as_deref().is_some_and(|code| Some(code) == holder) { String::new() } else { owner }
    }

    fn line_of(&mut self, column: &str, most: usize) -> String {
        self.optional(column, |cell| cell.one_line(most)).unwrap_or_default()
    }

    /// The day on which it was disposed of; empty for one that is held.
    fn disposed_on(&mut self) -> String {
        let day = self.optional("disposed_on", |cell| cell.date());
        let state = self.optional("state", |cell| cell.choice(&STATES));
        if state == Some("disposed") && self.is_empty("disposed_on") {
            let why = Why::new(
                "已处置的车辆须填处置日期;不需要导入其历史记录的,删去该行",
                "is empty, but the vehicle was disposed of; delete the row if its history is not needed",
            );
            self.fault("disposed_on", why);
        }
        if state == Some("held") && day.is_some() {
            let why = Why::new(
                "在用的车辆不应有处置日期",
                "the vehicle is held, but has a day of disposal",
            );
            self.fault("state", why);
        }
        day.map(text).unwrap_or_default()
    }

    /// That of an engine which is not known is 0, if that is accepted.
    fn displacement(&mut self, power_source: Option<&str>, accept_warnings: bool) -> i32 {
        let ml = self.optional("displacement", displacement);
        let is_said = ml.is_some() || self.is_empty("displacement");
        let has_engine = power_source.is_some_and(|it| !["electric", "fuel_cell"].contains(&it));
        let ml = ml.unwrap_or_default();
        if is_said && has_engine && ml == 0 && !accept_warnings {
            self.fault("displacement", unknown("排量", "displacement"));
        }
        ml
    }

    /// How many are not known is 0, if that is accepted.
    fn seats(&mut self, accept_warnings: bool) -> i32 {
        let is_unknown =
            self.is_empty("seats") || UNKNOWN.contains(&self.cell("seats").plain().trim());
        if !is_unknown {
            let seats = self.optional("seats", |cell| cell.integer(1, SEATS));
            return seats.and_then(|seats| i32::try_from(seats).ok()).unwrap_or_default();
        }
        if !accept_warnings {
            self.fault("seats", unknown("座位数", "number of seats"));
        }
        0
    }

    /// The note, and how it was disposed of.
    fn vehicle_note(&mut self) -> Option<String> {
        let way = self.optional("disposal_way", |cell| cell.one_line(SHORT));
        let note = self.optional("note", |cell| cell.one_line(LONG));
        let parts = [note, way.map(|way| format!("处置方式:{way}"))];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(";");
        if text.chars().count() <= LONG {
            return Some(text);
        }
        let why = Why::new(
            format!("连同处置方式超过{LONG}个字"),
            format!("has more than {LONG} characters, with the way of disposal"),
        );
        self.fault("note", why);
        None
    }
}

fn text(day: NaiveDate) -> String {
    day.to_string()
}

fn unknown(zh: &str, en: &str) -> Why {
    Why::new(
        format!("{zh}未填或者不详;请补填,查不到的加 --accept-warnings 照样导入"),
        format!("the {en} is not known; fill it in, or accept that with --accept-warnings"),
    )
}

/// A rank that has caps of its own; any other has none.
fn rank(cell: Cell<'_>) -> Result<i32, Why> {
    let code = cell.choice(&RANKS)?;
    Ok(if code == "other" { 0 } else { number(&RANKS, code) })
}

/// Whether a make is domestic: 国产 or 进口.
fn domestic(cell: Cell<'_>) -> Result<bool, Why> {
    let choices = [
        Choice { code: "yes", name: "国产", synonyms: &["自主", "国产品牌", "合资"] },
        Choice { code: "no", name: "进口", synonyms: &["进口品牌", "外国品牌"] },
    ];
    Ok(cell.choice(&choices)? == "yes")
}

/// A displacement in millilitres: `1.6L`, `1.6`, `1598ml`, `1598`, `1.8T`; `-` for none.
fn displacement(cell: Cell<'_>) -> Result<i32, Why> {
    let plain = cell.plain().to_uppercase();
    let text = plain.trim();
    if UNKNOWN.contains(&text) || ["纯电动", "纯电"].contains(&text) {
        return Ok(0);
    }
    let units = [("毫升", 1), ("ML", 1), ("CC", 1), ("升", 1000), ("L", 1000), ("T", 1000)];
    let unit = units.iter().find_map(|(unit, ml)| Some((text.strip_suffix(unit)?, *ml)));
    let refuse = || {
        let said = shown(&plain);
        Why::new(
            format!("{said}不是排量;请写成 1.6L 或 1598ml,纯电动填 0"),
            format!("{said} is no displacement such as 1.6L or 1598ml"),
        )
    };
    let ml = if let Some((number, ml)) = unit {
        exact(number.trim(), ml).map_err(|_| refuse())?
    } else {
        let litres = exact(text, 1000).map_err(|_| refuse())?;
        if litres <= MOST_LITRES { litres } else { litres / 1000 }
    };
    let ml = i32::try_from(ml).ok().filter(|ml| i64::from(*ml) <= DISPLACEMENT_ML);
    ml.ok_or_else(refuse)
}

/// What a tank holds, in millilitres, of litres.
fn tank(cell: Cell<'_>) -> Result<i32, Why> {
    let ml = exact(&cell.number()?, 1000)?;
    let fits = i32::try_from(ml).ok().filter(|ml| (1..=TANK_ML).contains(&i64::from(*ml)));
    fits.ok_or_else(|| Why::new("油箱容积应在 2000 升以内", "is not between 0 and 2000 litres"))
}

#[cfg(test)]
mod tests {
    use steward_sheet::Value;

    use super::*;

    fn ml(text: &str) -> Option<i32> {
        let value = Value::text(text);
        displacement(Cell { value: &value, is_1904: false, power: 0 }).ok()
    }

    #[test]
    fn displacements_are_read_as_they_are_written() {
        for (text, want) in [
            ("1.6L", Some(1600)),
            ("1.6", Some(1600)),
            ("1.598 l", Some(1598)),
            ("1598ml", Some(1598)),
            ("1598", Some(1598)),
            ("1998CC", Some(1998)),
            ("1.8T", Some(1800)),
            ("2.0升", Some(2000)),
            ("20", Some(20_000)),
            ("0", Some(0)),
            ("纯电动", Some(0)),
            ("—", Some(0)),
            ("大", None),
            ("-1.6", None),
            ("99999999", None),
            ("1.5985L", None),
        ] {
            assert_eq!(ml(text), want, "{text}");
        }
    }
}
