//! A row of a file of trips, understood.

use chrono::{NaiveDate, NaiveDateTime};
use prost_types::Timestamp;
use steward_kernel::BUREAU_OFFSET;
use steward_proto::fleet::v1::Trip;
use steward_sheet::{Cell, Why, shown};

use crate::import::Options;
use crate::import::cells::Cells;
use crate::import::columns::{TRIP_KINDS, number};
use crate::import::costs::unit::exact;
use crate::import::register::{Drivers, Vehicles};
use crate::import::resolve::Known;

/// The longest texts that fleet takes, in characters.
const TEXT: usize = 200;
const NUMBER: usize = 40;
const NOTE: usize = 500;
const PASSENGERS: i64 = 99;
const ODOMETER_M: i64 = 10_000_000_000;
const METRES: i128 = 1_000;
/// Readings of whole kilometres may differ from a distance by less than that.
const ONE_KM: i64 = 1_000;

/// What rows are understood with.
pub(super) struct With<'a> {
    pub(super) known: &'a Known,
    pub(super) vehicles: &'a Vehicles,
    pub(super) drivers: &'a Drivers,
    pub(super) options: Options,
}

impl Cells<'_> {
    pub(super) fn trip(&mut self, with: &With<'_>) -> Option<Trip> {
        let (depart, back) = self.times();
        let day = depart.map(|it| it.date().to_string());
        let vehicle = match &day {
            Some(day) => self.read("plate", |cell| with.vehicles.on(cell, day)),
            None => self.read("plate", |_| Ok(None)).flatten(),
        };
        let accept = with.options.accept_warnings;
        let said = self.optional("organization", |cell| {
            with.known.code(cell, day.as_deref().unwrap_or_default(), accept)
        });
        let (driver_id, driver) =
            self.driven_by(with, vehicle.map(|it| &*it.organization), said.as_deref());
        let (start_odometer_m, end_odometer_m, distance) = self.readings();
        let purpose = self.read("purpose", |cell| cell.one_line(TEXT));
        let destination = self.read("destination", |cell| cell.one_line(TEXT));
        let passengers = self.optional("passengers", |cell| cell.integer(0, PASSENGERS));
        let kind = self.optional("kind", |cell| cell.choice(&TRIP_KINDS));
        let note = self.trip_note(driver, distance);
        let mut text = |column: &str, most: usize| {
            self.optional(column, |cell| cell.one_line(most)).unwrap_or_default()
        };
        let (holiday_reason, pick_up) = (text("holiday_reason", TEXT), text("pick_up", TEXT));
        let dispatch_no = text("dispatch_no", NUMBER);
        let vehicle = vehicle?;
        Some(Trip {
            organization: said.unwrap_or_else(|| vehicle.organization.clone()),
            kind: number(&TRIP_KINDS, kind.unwrap_or("ordinary")),
            purpose: purpose?,
            destination: destination?,
            pick_up,
            passengers: passengers.and_then(|it| i32::try_from(it).ok()).unwrap_or_default(),
            holiday_reason,
            vehicle_id: vehicle.id.clone(),
            driver_id,
            dispatch_no,
            depart_time: depart.and_then(instant),
            return_time: back.and_then(instant),
            start_odometer_m,
            end_odometer_m,
            note: note?,
            ..Trip::default()
        })
    }

    /// When it departed and when it returned. Where a cell has only a time of day, another column has
    /// the day.
    fn times(&mut self) -> (Option<NaiveDateTime>, Option<NaiveDateTime>) {
        let date = self.optional("date", |cell| Ok(cell.date_time()?.0));
        let return_date = self.optional("return_date", |cell| Ok(cell.date_time()?.0));
        let depart = self.read("depart_time", |cell| moment(cell, date));
        let day = return_date.or_else(|| depart.map(|it| it.date()));
        let back = self.read("return_time", |cell| moment(cell, day));
        if let Some((depart, back)) = depart.zip(back).filter(|(depart, back)| back <= depart) {
            let why = Why::new(
                format!(
                    "{}不晚于出车时间{};跨日的请写明回车的日期",
                    shown(&back.to_string()),
                    depart
                ),
                format!("{back} is not after the departure, {depart}; write the day of the return"),
            );
            self.fault("return_time", why);
        }
        for (column, given, moment) in [("date", date, depart), ("return_date", return_date, back)]
        {
            let other = given.zip(moment).filter(|(given, moment)| *given != moment.date());
            if let Some((given, moment)) = other {
                let day = moment.date();
                let why = Why::new(
                    format!("{given}与时间列的日期{day}不同"),
                    format!("{given} is not the day of the time, {day}"),
                );
                self.fault(column, why);
            }
        }
        (depart, back)
    }

    /// The readings of the odometer, and the distance where they do not say it.
    fn readings(&mut self) -> (i64, i64, Option<String>) {
        let start = self.optional("start_odometer", metres).flatten();
        let end = self.optional("end_odometer", metres).flatten();
        let distance = self.optional("distance", metres).flatten();
        if let (Some(start), Some(end), Some(distance)) = (start, end, distance)
            && (end - start - distance).abs() >= ONE_KM
        {
            let km = |metres: i64| plain_km(metres);
            let why = Why::new(
                format!("{}公里与起止里程之差{}公里不符", km(distance), km(end - start)),
                format!("{} km is not the difference of the readings", km(distance)),
            );
            self.fault("distance", why);
        }
        let alone = distance.filter(|_| start.is_none() || end.is_none());
        (start.unwrap_or_default(), end.unwrap_or_default(), alone.map(plain_km))
    }

    /// The driver: registered, or only accepted as a name.
    fn driven_by(
        &mut self,
        with: &With<'_>,
        holder: Option<&str>,
        user: Option<&str>,
    ) -> (String, Option<String>) {
        let organizations = [user.unwrap_or_default(), holder.unwrap_or_default()];
        let found = self.optional("driver", |cell| {
            let name = cell.one_line(TEXT)?;
            match with.drivers.find(&name, organizations)? {
                Some(driver) => Ok((driver.id.clone(), None)),
                None if with.options.accept_warnings => Ok((String::new(), Some(name))),
                None => Err(unknown_driver(&name)),
            }
        });
        found.unwrap_or_default()
    }

    /// The note, and what there is no field for.
    fn trip_note(&mut self, driver: Option<String>, distance: Option<String>) -> Option<String> {
        let user = self.optional("user", |cell| cell.one_line(TEXT));
        let note = self.optional("note", |cell| cell.one_line(NOTE));
        let parts = [
            note,
            user.map(|user| format!("用车人:{user}")),
            driver.map(|driver| format!("驾驶员:{driver}")),
            distance.map(|distance| format!("行驶里程:{distance}公里")),
        ];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(";");
        if text.chars().count() <= NOTE {
            return Some(text);
        }
        let why = Why::new(
            format!("连同用车人等超过{NOTE}个字"),
            format!("has more than {NOTE} characters, with the user and the like"),
        );
        self.fault("note", why);
        None
    }
}

/// A day and time; the day may stand in another column.
fn moment(cell: Cell<'_>, day: Option<NaiveDate>) -> Result<NaiveDateTime, Why> {
    let written = shown(&cell.written());
    if let Ok(time) = cell.time_of_day() {
        return day.map(|day| day.and_time(time)).ok_or_else(|| {
            Why::new(
                format!("{written}只有时刻,没有日期;请写成 2013-07-22 08:30,或另填“用车日期”列"),
                format!("{written} has no day; write it as 2013-07-22 08:30"),
            )
        });
    }
    let (day, time) = cell.date_time()?;
    time.map(|time| day.and_time(time)).ok_or_else(|| no_time(&written))
}

/// The refusal of a day without its time.
pub(in crate::import) fn no_time(written: &str) -> Why {
    Why::new(
        format!("{written}没有时刻;请写成 2013-07-22 08:30"),
        format!("{written} has no time; write it as 2013-07-22 08:30"),
    )
}

/// A moment of the bureau's clock.
pub(in crate::import) fn instant(moment: NaiveDateTime) -> Option<Timestamp> {
    let instant = moment.and_local_timezone(BUREAU_OFFSET).earliest()?;
    Some(Timestamp { seconds: instant.timestamp(), nanos: 0 })
}

/// Kilometres of an odometer in metres; a nought or a bar is none.
pub(in crate::import) fn metres(cell: Cell<'_>) -> Result<Option<i64>, Why> {
    if matches!(cell.plain().trim(), "-" | "—" | "——" | "/" | "无" | "不详") {
        return Ok(None);
    }
    let plain = cell.plain().to_lowercase();
    let bare = ["公里", "千米", "km"].iter().find_map(|unit| plain.trim().strip_suffix(unit));
    let metres = match bare {
        Some(number) => exact(number.trim(), METRES)?,
        None => exact(&cell.number()?, METRES)?,
    };
    if metres > ODOMETER_M {
        let written = shown(&cell.written());
        return Err(Why::new(format!("{written}公里太大"), format!("{written} km is too large")));
    }
    Ok(Some(metres).filter(|metres| *metres > 0))
}

fn plain_km(metres: i64) -> String {
    let (sign, metres) = if metres < 0 { ("-", -metres) } else { ("", metres) };
    let text = format!("{sign}{}.{:03}", metres / 1_000, metres % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn unknown_driver(name: &str) -> Why {
    let name = shown(name);
    Why::new(
        format!("{name}:驾驶员未登记;请先登记,或加 --accept-warnings,姓名只记入备注"),
        format!("{name} is no driver; enter him first, or accept it: then only the note names him"),
    )
}

#[cfg(test)]
mod tests {
    use steward_sheet::Value;

    use super::*;

    #[test]
    fn kilometres_are_metres() {
        for (text, expected) in [
            ("12345", Ok(Some(12_345_000))),
            ("12,345.6", Ok(Some(12_345_600))),
            ("12345 km", Ok(Some(12_345_000))),
            ("１２公里", Ok(Some(12_000))),
            ("0", Ok(None)),
            ("—", Ok(None)),
            ("12.3456", Err("\"12.3456\"小数位数过多,超出账上计量的精度".to_owned())),
            ("99999999", Err("\"99999999\"公里太大".to_owned())),
        ] {
            let value = Value::text(text);
            let cell = Cell { value: &value, is_1904: false, power: 0 };
            assert_eq!(metres(cell).map_err(|why| why.zh), expected, "{text}");
        }
        assert_eq!([plain_km(35_000), plain_km(-1_050)], ["35", "-1.05"]);
    }
}
