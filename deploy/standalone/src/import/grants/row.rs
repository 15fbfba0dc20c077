//! A row of authorised numbers, understood.

use steward_proto::fleet::v1::{EstablishmentGrant, GrantAuthority};
use steward_sheet::{Cell, Value, Why};

use crate::import::cells::{Cells, document_no};
use crate::import::columns::{AUTHORITIES, CATEGORIES, number};
use crate::import::resolve::Known;

/// The longest texts that fleet takes, in characters.
const DOCUMENT: usize = 100;
const NOTE: usize = 500;
const MOST_VEHICLES: i64 = 10_000;
/// What people write in the column of a category that is not granted; 0 is a grant of none.
const NOTHING: [&str; 6] = ["-", "—", "——", "/", "\\", "无"];

/// A grant that a row says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) grant: EstablishmentGrant,
    /// Whether it is a pool, if that is said.
    pub(super) pool: Option<bool>,
    /// The column of its category, where the table has one for each.
    pub(super) column: Option<&'static str>,
}

impl Said {
    /// The column where it is told that this grant is there otherwise.
    pub(super) fn place(&self) -> &'static str {
        self.column.unwrap_or("effective_from")
    }

    /// The column that a field of it comes from.
    pub(super) fn column_of<'f>(&self, field: &'f str) -> &'f str {
        match field.strip_prefix("grant.").unwrap_or(field) {
            "grant" | "request_id" => "",
            own @ ("category" | "authorised" | "authority") => self.column.unwrap_or(own),
            other => other,
        }
    }
}

/// How many of a category, and where that stands.
struct Number {
    category: &'static str,
    column: Option<&'static str>,
    authorised: i32,
}

impl Cells<'_> {
    /// The grants of a row: one, or where the table has a column for each category one of each that is
    /// filled in.
    pub(super) fn grants(&mut self, known: &Known, accept_warnings: bool) -> Option<Vec<Said>> {
        let effective_from = self.read("effective_from", |cell| cell.date());
        let day = effective_from.map(|day| day.to_string()).unwrap_or_default();
        let organization =
            self.read("organization", |cell| known.code(cell, &day, accept_warnings));
        let document_no = self.read("document_no", |cell| document_no(cell, DOCUMENT));
        let document_on = self.optional("document_on", |cell| cell.date());
        let authority = self.optional("authority", |cell| cell.choice(&AUTHORITIES));
        let pool = self.optional("pool", |cell| cell.yes_or_no());
        let note = self.optional("note", |cell| cell.one_line(NOTE));
        let numbers = if self.table.has("category") {
            self.number_of_one().map(|it| vec![it])
        } else {
            self.number_of_each()
        };
        let of_all = EstablishmentGrant {
            organization: organization?,
            effective_from: day,
            document_no: document_no?,
            document_on: document_on.map(|day| day.to_string()).unwrap_or_default(),
            pool: pool.unwrap_or_default(),
            note: note.unwrap_or_default(),
            ..EstablishmentGrant::default()
        };
        let said = |Number { category, column, authorised }| {
            let grant = EstablishmentGrant {
                category: number(&CATEGORIES, category),
                authorised,
                authority: match authority {
                    Some(code) => number(&AUTHORITIES, code),
                    None => authority_of(category).into(),
                },
                ..of_all.clone()
            };
            Said { grant, pool, column }
        };
        Some(numbers?.into_iter().map(said).collect())
    }

    fn number_of_one(&mut self) -> Option<Number> {
        let category = self.read("category", |cell| cell.choice(&CATEGORIES));
        let authorised = self.read("authorised", vehicles);
        Some(Number { category: category?, column: None, authorised: authorised? })
    }

    /// The numbers of a row that has a column for each category; if it has one for their sum, it is right.
    fn number_of_each(&mut self) -> Option<Vec<Number>> {
        let before = self.faults.len();
        let mut numbers = Vec::new();
        for category in CATEGORIES.map(|it| it.code) {
            let authorised = self.optional(category, vehicles_or_none).flatten();
            numbers.extend(authorised.map(|authorised| Number {
                category,
                column: Some(category),
                authorised,
            }));
        }
        let total = self.optional("total", vehicles_or_none).flatten();
        if self.faults.len() > before {
            return None;
        }
        if numbers.is_empty() {
            let why = Why::new(
                "各类用车的编制数都没有填;没有编制的填0,不需要导入的删去该行",
                "has no number of any category; write 0 where there is none, or delete the row",
            );
            self.fault("", why);
        }
        let sum: i32 = numbers.iter().map(|it| it.authorised).sum();
        if let Some(total) = total.filter(|total| *total != sum) {
            let why = Why::new(
                format!("合计填的是{total}辆,各类相加是{sum}辆;请核对"),
                format!("says {total}, but the numbers of the row make {sum}"),
            );
            self.fault("total", why);
        }
        Some(numbers)
    }
}

/// How many vehicles: `3`, `3辆`.
fn vehicles(cell: Cell<'_>) -> Result<i32, Why> {
    let bare = cell.plain();
    let bare = bare.strip_suffix('辆').map(Value::text);
    let value = bare.as_ref().unwrap_or(cell.value);
    let number = Cell { value, ..cell }.integer(0, MOST_VEHICLES)?;
    Ok(i32::try_from(number).unwrap_or(i32::MAX))
}

/// How many vehicles, if any are granted.
fn vehicles_or_none(cell: Cell<'_>) -> Result<Option<i32>, Why> {
    if NOTHING.contains(&cell.plain().trim()) { Ok(None) } else { vehicles(cell).map(Some) }
}

/// Who grants vehicles of a category, where the file does not say it.
fn authority_of(category: &str) -> GrantAuthority {
    match category {
        "enforcement" | "special" => GrantAuthority::Finance,
        _ => GrantAuthority::VehicleAuthority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_stand_at_the_column_of_the_category_if_it_has_one() {
        let grant = EstablishmentGrant::default();
        let long = Said { grant, pool: None, column: None };
        let wide = Said { column: Some("special"), ..long.clone() };
        for (field, of_long, of_wide) in [
            ("grant.authorised", "authorised", "special"),
            ("grant.authority", "authority", "special"),
            ("grant.document_on", "document_on", "document_on"),
            ("grant", "", ""),
        ] {
            assert_eq!((long.column_of(field), wide.column_of(field)), (of_long, of_wide));
        }
        assert_eq!((long.place(), wide.place()), ("effective_from", "special"));
    }

    #[test]
    fn numbers_may_say_what_they_count() {
        let read = |text: &str| {
            let value = Value::text(text);
            let cell = Cell { value: &value, is_1904: false, power: 0 };
            (vehicles(cell).ok(), vehicles_or_none(cell).ok())
        };
        for text in ["3", "3辆", "３ 辆"] {
            assert_eq!(read(text), (Some(3), Some(Some(3))), "{text}");
        }
        assert_eq!(read("0"), (Some(0), Some(Some(0))));
        for text in ["-", "－", " / ", "——", "无"] {
            assert_eq!(read(text), (None, Some(None)), "{text}");
        }
        for text in ["-1", "1.5", "三", "10001", "辆"] {
            assert_eq!(read(text), (None, None), "{text}");
        }
    }
}
