//! `steward import drivers`: the register of drivers (驾驶员台账) into fleet.
//!
//! A driver is known by organization and name, of namesakes by the login too. The same again is a
//! duplicate; with other content it is refused, for changing a driver is a matter of its own.

use std::collections::HashMap;
use std::future::Future;

use steward_kernel::{Clock as _, SystemClock};
use steward_proto::fleet::v1::{CreateDriverRequest, Driver, DriverState};
use steward_sheet::{Cell, Table, Value, Why, shown};
use tonic::Status;

use super::calls::{Item, Verdict, judged, once, understood};
use super::cells::{Cells, fault};
use super::columns::{DRIVER_STATES, LICENCES, number};
use super::each::each;
use super::register;
use super::resolve::Known;

use super::{Options, Outcome};
use crate::client::{Client, new_request_id};
use crate::failure::Result;

/// The longest texts that fleet takes, in characters.
const NAME: usize = 50;
const SUBJECT: usize = 200;
/// Classes for what no office drives, which stand beside the others: `A1D`.
const ASIDE: [&str; 10] = ["C3", "C4", "C5", "C6", "D", "E", "F", "M", "N", "P"];
/// The last day of a licence that never runs out: the last one that there is.
const FOR_GOOD: &str = "2999-12-31";

/// Imports a file of drivers.
pub(super) async fn drivers(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    // Whoever bears a name now is meant.
    let today = steward_kernel::today(SystemClock.now()).to_string();
    let known = Known::ask(client, table, &["organization"], |_| Some(today.clone())).await?;
    let mut outcome = Outcome::new(table, options);
    let items = understood(
        table,
        |cells| cells.driver(&known, &today, options.accept_warnings),
        &mut outcome,
    );
    let one = |it: &Driver| [&it.organization, &it.name, &it.subject].map(String::clone);
    let items = once(table, items, one, |_| "name", &mut outcome);
    let items = each_name_once(table, items, options, &mut outcome);
    let there = there(client).await?;
    let ask = async |said: &Driver, check: bool| {
        let namesakes = there.get(&key(said)).map(Vec::as_slice).unwrap_or_default();
        match compared(said, namesakes) {
            Some(verdict) => Ok(verdict),
            None => verdict(client, options, said, check).await,
        }
    };
    each(table, items, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

/// Of those who drive for an organization under one name the first stands, unless others are accepted:
/// fleet would ask about them only when it has the first.
fn each_name_once(
    table: &Table,
    items: Vec<Item<Driver>>,
    options: Options,
    outcome: &mut Outcome,
) -> Vec<Item<Driver>> {
    let mut first: HashMap<(String, String), usize> = HashMap::new();
    let mut kept = Vec::new();
    for item in items {
        let drives = item.said.state() == DriverState::Active;
        let line =
            if drives { *first.entry(key(&item.said)).or_insert(item.line) } else { item.line };
        if line == item.line || options.accept_warnings {
            kept.push(item);
            continue;
        }
        let why = Why::new(
            format!("与第{line}行是同一单位的同名在岗驾驶员;确是两人请加 --accept-warnings"),
            format!(
                "line {line} has the same name and organization; if they are two, --accept-warnings"
            ),
        );
        outcome.refused.push(fault(table, item.line, "name", why));
    }
    kept
}

fn key(it: &Driver) -> (String, String) {
    (it.organization.clone(), it.name.clone())
}

impl Cells<'_> {
    fn driver(&mut self, known: &Known, today: &str, accept_warnings: bool) -> Option<Driver> {
        let organization =
            self.read("organization", |cell| known.code(cell, today, accept_warnings));
        let name = self.read("name", name);
        let licence_class = self.read("licence_class", licence_class);
        let licence_expires_on = self.read("licence_expires_on", expires_on);
        let state = self.optional("state", |cell| cell.choice(&DRIVER_STATES));
        let subject = self.optional("subject", |cell| cell.one_line(SUBJECT));
        let active = DriverState::Active.into();
        Some(Driver {
            organization: organization?,
            name: name?,
            licence_class: licence_class?,
            licence_expires_on: licence_expires_on?,
            state: state.map_or(active, |code| number(&DRIVER_STATES, code)),
            subject: subject.unwrap_or_default(),
            ..Driver::default()
        })
    }
}

/// A name. The blanks that make short Chinese names as wide as long ones are none of it.
fn name(cell: Cell<'_>) -> Result<String, Why> {
    let name = cell.one_line(NAME)?;
    let parts: Vec<_> = name.split_whitespace().collect();
    Ok(parts.join(if name.is_ascii() { " " } else { "" }))
}

/// A class, of several the first: `A1`, `A1A2`, `C1、D`.
fn licence_class(cell: Cell<'_>) -> Result<i32, Why> {
    let refuse = |why: Why| {
        let text = shown(&cell.written());
        Why::new(why.zh, format!("{text} is none of: a1, a2, a3, b1, b2, c1, c2"))
    };
    let one = match cell.choice(&LICENCES) {
        Ok(code) => return Ok(number(&LICENCES, code)),
        Err(why) => why,
    };
    let mut found = Vec::new();
    for class in classes(&cell.plain()) {
        if let Some(place) = LICENCES.iter().position(|it| it.code.eq_ignore_ascii_case(&class)) {
            found.push(place + 1);
        } else if !ASIDE.contains(&&*class) {
            return Err(refuse(one));
        }
    }
    let first = found.into_iter().min().and_then(|place| i32::try_from(place).ok());
    first.ok_or_else(|| refuse(one))
}

/// The classes that stand together: a letter, and the digit behind it.
fn classes(text: &str) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    let apart = |it: &char| it.is_whitespace() || "、,;/+|".contains(*it);
    for letter in text.to_uppercase().chars().filter(|it| !apart(it)) {
        match classes.last_mut().filter(|_| letter.is_ascii_digit()) {
            Some(class) => class.push(letter),
            None => classes.push(letter.into()),
        }
    }
    classes
}

/// The last day of a licence: a day, the end of `2022-05-01至2028-05-01`, or 长期.
fn expires_on(cell: Cell<'_>) -> Result<String, Why> {
    let text = cell.plain();
    let last = text.rsplit(['至', '到', '~']).next().unwrap_or_default();
    if last.contains("长期") {
        return Ok(FOR_GOOD.to_owned());
    }
    let value = Value::text(last);
    let value = if matches!(cell.value, Value::Text(_)) { &value } else { cell.value };
    Ok(Cell { value, ..cell }.date()?.to_string())
}

/// What a row is to the drivers of its organization that have its name; `None` = it is new.
fn compared(said: &Driver, namesakes: &[Driver]) -> Option<Verdict> {
    let is_open = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
    let is_same = |there: &&Driver| {
        (said.licence_class, said.state) == (there.licence_class, there.state)
            && said.licence_expires_on == there.licence_expires_on
            && (said.subject.is_empty() || said.subject == there.subject)
    };
    if namesakes.iter().any(|it| is_same(&it)) {
        return Some(Verdict::There);
    }
    // Who left may come back; who has another login is somebody else, which fleet asks about.
    let other = namesakes
        .iter()
        .find(|it| it.state() == DriverState::Active && is_open(&said.subject, &it.subject))?;
    let class = LICENCES.get(usize::try_from(other.licence_class - 1).unwrap_or(usize::MAX));
    let (class, until) = (class.map_or("", |it| it.name), &other.licence_expires_on);
    let why = Why::new(
        format!(
            "本单位已有在岗驾驶员{},准驾{class},驾驶证有效期止{until},与本行不同;换证、离岗请走驾驶员变更,不能用导入覆盖",
            said.name
        ),
        format!(
            "{} drives for the organization already, with class {class} until {until}, otherwise than \
             here; an import does not change a driver",
            said.name
        ),
    );
    Some(Verdict::Refused(vec![("name".to_owned(), why)]))
}

/// The drivers that the caller may see, by organization and name.
async fn there(client: &Client) -> Result<HashMap<(String, String), Vec<Driver>>> {
    let mut there: HashMap<(String, String), Vec<Driver>> = HashMap::new();
    for driver in register::drivers(client).await? {
        there.entry(key(&driver)).or_default().push(driver);
    }
    Ok(there)
}

async fn verdict(
    client: &Client,
    options: Options,
    said: &Driver,
    validate_only: bool,
) -> Result<Verdict, Status> {
    let request = CreateDriverRequest {
        request_id: new_request_id(),
        driver: Some(said.clone()),
        accept_warnings: options.accept_warnings,
        validate_only,
    };
    let register = client.drivers();
    judged(&register, &request, column, async |mut service, request| {
        service.create_driver(request).await
    })
    .await
}

/// The column that a field of a driver comes from.
fn column(field: &str) -> &str {
    match field.strip_prefix("driver.").unwrap_or(field) {
        "driver" | "request_id" => "",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: &Value) -> Cell<'_> {
        Cell { value, is_1904: false, power: 0 }
    }

    #[test]
    fn of_several_classes_the_first_counts() {
        let read = |text: &str| licence_class(cell(&Value::text(text)));
        for (text, number) in [
            ("A1", 1),
            ("a2", 2),
            ("A2A1", 1),
            ("B2、D", 5),
            ("Ｃ１Ｅ", 6),
            ("D C1", 6),
            ("C2/C3", 7),
            ("小型汽车", 6),
        ] {
            assert_eq!(read(text), Ok(number), "{text}");
        }
        for text in ["C3", "D", "A4", "A1Z", "驾照", "1"] {
            let why = read(text).unwrap_err();
            assert!(why.zh.contains("不在可选范围内;可选:A1、A2、A3"), "{text}: {why:?}");
        }
    }

    #[test]
    fn the_last_day_of_a_licence_is_read() {
        let read = |text: &str| expires_on(cell(&Value::text(text)));
        for (text, day) in [
            ("2028-05-01", "2028-05-01"),
            ("2022年5月1日至2028年5月1日", "2028-05-01"),
            ("2022.05.01～2028.05.01", "2028-05-01"),
            ("2022-05-01至长期", FOR_GOOD),
            ("长期", FOR_GOOD),
        ] {
            assert_eq!(read(text).as_deref(), Ok(day), "{text}");
        }
        assert!(read("六年").is_err());
        let excel = Value::Date { serial: 46_874.0, is_1904: false };
        assert_eq!(expires_on(cell(&excel)).as_deref(), Ok("2028-05-01"));
    }

    #[test]
    fn names_are_as_wide_as_they_are() {
        let read = |text: &str| name(cell(&Value::text(text)));
        assert_eq!(read("张　 三").as_deref(), Ok("张三"));
        assert_eq!(read("John  Smith").as_deref(), Ok("John Smith"));
    }

    #[test]
    fn a_namesake_is_the_same_another_or_new() {
        let there = Driver {
            name: "张三".to_owned(),
            licence_class: 1,
            licence_expires_on: "2028-05-01".to_owned(),
            state: DriverState::Active.into(),
            subject: "zhang".to_owned(),
            ..Driver::default()
        };
        let said = Driver { subject: String::new(), ..there.clone() };
        let all = std::slice::from_ref(&there);
        assert_eq!(compared(&said, &[]), None);
        assert_eq!(compared(&said, all), Some(Verdict::There));
        let renewed = Driver { licence_expires_on: "2034-05-01".to_owned(), ..said.clone() };
        assert!(matches!(compared(&renewed, all), Some(Verdict::Refused(_))));
        let somebody_else = Driver { subject: "zhang2".to_owned(), ..renewed.clone() };
        assert_eq!(compared(&somebody_else, all), None);
        let left = Driver { state: DriverState::Left.into(), ..there };
        assert_eq!(compared(&renewed, &[left]), None);
    }
}
