//! `steward import vehicles`: the register of vehicles (公务用车台账) into fleet.
//!
//! What is held is loaded whatever rules it breaks; the rules make findings of it. One whose plate is
//! there with the same content is a duplicate; with another it is refused, for changing a vehicle is a
//! matter of its own.

use std::collections::HashMap;
use std::future::Future;

use chrono::Days;
use steward_kernel::Fen;
use steward_proto::fleet::v1::{CreateVehicleRequest, ListVehiclesRequest, Vehicle, VehicleState};
use steward_sheet::{Cell, Choice, Table, Why, shown};
use tonic::Status;

use super::calls::{Item, Verdict, each, once, patient, refused};
use super::cells::Cells;
use super::columns::{BODIES, CATEGORIES, POWER_SOURCES, SOURCES};
use super::costs::unit::exact;
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::{Client, new_request_id};
use crate::failure::Result;

/// The most vehicles of a page.
const PAGE: i32 = 1_000;
/// The longest texts that fleet takes, in characters.
const SHORT: usize = 100;
const LONG: usize = 500;
const SEATS: i64 = 100;
const DISPLACEMENT_ML: i64 = 20_000;
const TANK_ML: i64 = 2_000_000;
/// A displacement without a unit is in litres up to here, in millilitres above.
const MOST_LITRES: i64 = 20_000;

/// Imports a file of vehicles.
pub(super) async fn vehicles(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let day = |place: usize| {
        table.cell(table.rows[place], "acquired_on").date().ok().map(|day| day.to_string())
    };
    let known = Known::ask(client, table, &["organization"], day).await?;
    let mut outcome = Outcome::new(table, options);
    let mut items = Vec::new();
    for row in &table.rows {
        let mut cells = Cells::new(table, *row);
        let said = cells.vehicle(&known, options.accept_warnings);
        if cells.faults.is_empty() {
            items.extend(said.map(|said| Item { line: row.line, said }));
        }
        outcome.refused.append(&mut cells.faults);
    }
    let items = once(table, items, |it: &Vehicle| written(&it.plate), "plate", &mut outcome);
    let there = there(client).await?;
    let ask = async |said: &Vehicle, check: bool| match there.get(&written(&said.plate)) {
        Some(there) => Ok(compared(said, there)),
        None => verdict(client, options, said, check).await,
    };
    each(table, items, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

impl Cells<'_> {
    fn vehicle(&mut self, known: &Known, accept_warnings: bool) -> Option<Vehicle> {
        let acquired_on = self.read("acquired_on", |cell| cell.date());
        let day = acquired_on.map(|day| day.to_string()).unwrap_or_default();
        let organization =
            self.read("organization", |cell| known.code(cell, &day, accept_warnings));
        let plate = self.read("plate", |cell| cell.one_line(SHORT));
        let category = self.read("category", |cell| cell.choice(&CATEGORIES));
        let body = self.read("body", |cell| cell.choice(&BODIES));
        let power_source = self.read("power_source", |cell| cell.choice(&POWER_SOURCES));
        let model = self.read("model", |cell| cell.one_line(SHORT));
        let seats = self.read("seats", |cell| cell.integer(1, SEATS));
        let source = self.optional("source", |cell| cell.choice(&SOURCES));
        let domestic = self.optional("domestic", domestic);
        let flag = |cell: Cell<'_>| cell.yes_or_no();
        let owner = self.optional("registered_owner", |cell| cell.one_line(SHORT));
        let holder = self.cell("organization").plain();
        let inspection = self.optional("inspection_due_on", |cell| cell.date());
        // The last day that is insured stands in registers.
        let insured = self.optional("insured_to", |cell| cell.date());
        let insured_until = insured.and_then(|day| day.checked_add_days(Days::new(1)));
        let text = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        let said = Vehicle {
            vin: self.optional("vin", |cell| cell.code(None)).unwrap_or_default(),
            displacement_ml: self.optional("displacement", displacement).unwrap_or_default(),
            price_fen: self.optional("price_yuan", |cell| cell.amount(false)).map_or(0, Fen::get),
            registered_on: text(self.optional("registered_on", |cell| cell.date()))
                .unwrap_or_default(),
            // Registers name the holder here, too.
            registered_owner: owner.filter(|owner| *owner != holder).unwrap_or_default(),
            luxury_fitout: self
                .optional("luxury_fitout", |cell| cell.one_line(LONG))
                .unwrap_or_default(),
            inspection_due_on: text(inspection).unwrap_or_default(),
            insured_until: text(insured_until).unwrap_or_default(),
            tank_ml: self.optional("tank_l", tank).unwrap_or_default(),
            pool: self.optional("pool", flag).unwrap_or_default(),
            marked: self.optional("marked", flag).unwrap_or_default(),
            parking_place: self
                .optional("parking_place", |cell| cell.one_line(SHORT))
                .unwrap_or_default(),
            note: self.optional("note", |cell| cell.one_line(LONG)).unwrap_or_default(),
            source: source.map_or(0, |code| number(&SOURCES, code)),
            domestic,
            ..Vehicle::default()
        };
        Some(Vehicle {
            organization: organization?,
            plate: plate?,
            category: number(&CATEGORIES, category?),
            body: number(&BODIES, body?),
            power_source: number(&POWER_SOURCES, power_source?),
            model: model?,
            seats: i32::try_from(seats?).ok()?,
            acquired_on: text(acquired_on)?,
            ..said
        })
    }
}

/// The number in the API of a choice; they stand in its order.
pub(super) fn number(choices: &[Choice<'_>], code: &str) -> i32 {
    let place = choices.iter().position(|choice| choice.code == code);
    place.and_then(|place| i32::try_from(place + 1).ok()).unwrap_or_default()
}

/// A plate as fleet compares it: together, in capital letters of half width.
fn written(plate: &str) -> String {
    let kept = plate.chars().filter(|it| !it.is_whitespace() && !"·•-—.".contains(*it));
    kept.flat_map(char::to_uppercase).collect()
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
    if ["-", "—", "/", "无", "纯电动", "纯电"].contains(&text) {
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

/// The vehicles that are held, by plate.
async fn there(client: &Client) -> Result<HashMap<String, Vehicle>> {
    let mut there = HashMap::new();
    let mut request = ListVehiclesRequest {
        page_size: PAGE,
        state: VehicleState::Held.into(),
        ..ListVehiclesRequest::default()
    };
    let register = client.vehicles();
    loop {
        let page = patient(|| {
            let (mut service, request) = (register.clone(), request.clone());
            async move { service.list_vehicles(request).await }
        })
        .await?;
        there.extend(page.vehicles.into_iter().map(|it| (written(&it.plate), it)));
        if page.next_page_token.is_empty() {
            return Ok(there);
        }
        request.page_token = page.next_page_token;
    }
}

async fn verdict(
    client: &Client,
    options: Options,
    said: &Vehicle,
    validate_only: bool,
) -> Result<Verdict, Status> {
    let request = CreateVehicleRequest {
        request_id: new_request_id(),
        vehicle: Some(said.clone()),
        accept_warnings: options.accept_warnings,
        validate_only,
    };
    let register = client.vehicles();
    let asked = patient(|| {
        let (mut service, request) = (register.clone(), request.clone());
        async move { service.create_vehicle(request).await }
    });
    match asked.await {
        Ok(_) => Ok(Verdict::New),
        Err(status) => refused(status, column),
    }
}

/// The column that a field of a vehicle comes from.
fn column(field: &str) -> &str {
    match field.strip_prefix("vehicle.").unwrap_or(field) {
        "displacement_ml" => "displacement",
        "price_fen" => "price_yuan",
        "insured_until" => "insured_to",
        "tank_ml" => "tank_l",
        "vehicle" | "request_id" => "",
        other => other,
    }
}

/// What a row is to the vehicle of its plate that is there.
fn compared(said: &Vehicle, there: &Vehicle) -> Verdict {
    let same = Vehicle {
        plate: said.plate.clone(),
        vin: if said.vin.is_empty() { String::new() } else { there.vin.clone() },
        // What the register says and the file does not differs in nothing.
        ..filled(said, there)
    };
    let is_same = same == *said && (said.vin.is_empty() || written(&said.vin) == there.vin);
    if is_same {
        return Verdict::There;
    }
    let why = Why::new(
        format!("车牌{}已登记,内容不同;要变更请走车辆变更,不能用导入覆盖", there.plate),
        format!(
            "{} is there already with other content; an import does not change it",
            there.plate
        ),
    );
    Verdict::Refused(vec![("plate".to_owned(), why)])
}

/// What is there, as far as the file says something of it; the rest as the file has it.
fn filled(said: &Vehicle, there: &Vehicle) -> Vehicle {
    let text = |said: &String, there: &String| {
        if said.is_empty() { String::new() } else { there.clone() }
    };
    let some = |said: i32, there: i32| if said == 0 { 0 } else { there };
    Vehicle {
        organization: there.organization.clone(),
        category: there.category,
        body: there.body,
        power_source: there.power_source,
        model: there.model.clone(),
        displacement_ml: there.displacement_ml,
        price_fen: if said.price_fen == 0 { 0 } else { there.price_fen },
        seats: there.seats,
        acquired_on: there.acquired_on.clone(),
        note: text(&said.note, &there.note),
        source: some(said.source, there.source),
        registered_owner: text(&said.registered_owner, &there.registered_owner),
        luxury_fitout: text(&said.luxury_fitout, &there.luxury_fitout),
        domestic: said.domestic.and(there.domestic),
        registered_on: text(&said.registered_on, &there.registered_on),
        inspection_due_on: text(&said.inspection_due_on, &there.inspection_due_on),
        insured_until: text(&said.insured_until, &there.insured_until),
        tank_ml: some(said.tank_ml, there.tank_ml),
        pool: said.pool && there.pool,
        parking_place: text(&said.parking_place, &there.parking_place),
        marked: said.marked && there.marked,
        ..Vehicle::default()
    }
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

    #[test]
    fn plates_are_compared_as_one_text() {
        for text in ["鄂E·12345", "鄂e 12345", "鄂E12345", "鄂E-12345"] {
            assert_eq!(written(text), "鄂E12345");
        }
    }

    #[test]
    fn what_is_there_differs_or_not() {
        let there = Vehicle {
            organization: "11420502000000027D".to_owned(),
            plate: "鄂E12345".to_owned(),
            category: 2,
            seats: 5,
            vin: "LSVAA49J132047371".to_owned(),
            note: "备用".to_owned(),
            etag: "3".to_owned(),
            ..Vehicle::default()
        };
        let said = Vehicle {
            plate: "鄂E·12345".to_owned(),
            vin: String::new(),
            note: String::new(),
            etag: String::new(),
            ..there.clone()
        };
        assert_eq!(compared(&said, &there), Verdict::There);
        let seats = Vehicle { seats: 7, ..said.clone() };
        assert!(matches!(compared(&seats, &there), Verdict::Refused(_)));
        let vin = Vehicle { vin: "LSVAA49J132047372".to_owned(), ..said };
        assert!(matches!(compared(&vin, &there), Verdict::Refused(_)));
    }
}
