//! Windows, sealed days and hours, and what a vehicle and a driver must be for a trip. Pure.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Timelike, Utc};
use steward_chassis::Fields;
use steward_finding::rule::{Rule, Rules};
use steward_kernel::{
    BUREAU_OFFSET, Named as _, OrganizationCode, RegionCode, WorkingCalendar, today,
};

use super::{
    DRIVER_FOREIGN, DRIVER_LEFT, INSPECTION_LAPSES, INSURANCE_LAPSES, Kind, LICENCE_CLASS_UNFIT,
    LICENCE_EXPIRED, SEATS_TOO_FEW, Trip, VEHICLE_FOREIGN, VEHICLE_KEPT, VEHICLE_NOT_HELD,
};
use crate::driver::{self, Driver, LicenceClass};
use crate::vehicle::{self, Body, Category, Vehicle};

/// The longest window.
const MAX_DAYS: i64 = 31;
/// From this length on a trip is expected to stay somewhere overnight.
const OVERNIGHT: TimeDelta = TimeDelta::hours(24);

/// A span of time: the beginning is included, the end is not, and is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
}

impl Window {
    /// From a time until a later one.
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// The shortest one from a time on.
    pub fn moment(from: DateTime<Utc>) -> Self {
        Self { from, until: from + TimeDelta::microseconds(1) }
    }

    /// Whether it is not longer than a plan may be.
    pub fn fits(self) -> bool {
        self.until - self.from <= TimeDelta::days(MAX_DAYS)
    }

    /// Whether both have a moment in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.from < other.until && other.from < self.until
    }

    /// Whether the other lies within it.
    pub fn contains(self, other: Self) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// What of it lies before a time.
    pub fn before(self, end: DateTime<Utc>) -> Option<Self> {
        Self::new(self.from, self.until.min(end))
    }

    /// The bureau's day of its first moment.
    pub fn first_day(self) -> NaiveDate {
        today(self.from)
    }

    /// The bureau's day of its last moment.
    pub fn last_day(self) -> NaiveDate {
        today(self.until - TimeDelta::microseconds(1))
    }

    /// The bureau's days that it touches.
    fn days(self) -> impl Iterator<Item = NaiveDate> {
        let last = self.last_day();
        self.first_day().iter_days().take_while(move |day| *day <= last)
    }
}

/// Where and for whom rules are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where the organization lies.
    pub(crate) region: RegionCode,
    /// Its kind, where that is known.
    pub(crate) kind: Option<String>,
}

/// Why a window is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sealed {
    /// It touches a day that is not worked.
    Holiday(NaiveDate),
    /// It touches the night that begins or ends on a day.
    Night(NaiveDate),
}

impl Sealed {
    /// The day.
    pub(super) fn day(self) -> NaiveDate {
        match self {
            Self::Holiday(day) | Self::Night(day) => day,
        }
    }

    /// In Chinese.
    pub(super) fn text(self) -> String {
        match self {
            Self::Holiday(day) => format!("{day} 为节假日"),
            Self::Night(day) => format!("{day} 夜间"),
        }
    }
}

/// The first sealed day or night that a window touches. Of a trip of a day and more only the beginning
/// and the end are held against the night: in between it may stand somewhere.
pub(super) fn sealed(
    rules: &Rules,
    calendar: &WorkingCalendar,
    place: &Place,
    window: Window,
) -> Option<Sealed> {
    let find = |code, case, day| {
        rules.find(code, case, &place.region, place.kind.as_deref(), day).map(|rule| rule.value)
    };
    let is_sealed = |day| find("holiday_sealing", "", day).is_some_and(|value| value != 0);
    let holiday = window.days().find(|day| is_sealed(*day) && !calendar.is_working_day(*day));
    if let Some(day) = holiday {
        return Some(Sealed::Holiday(day));
    }
    let hours = |day| find("night_use", "from", day).zip(find("night_use", "until", day));
    let last = Window::new(window.until - TimeDelta::microseconds(1), window.until)?;
    let parts = if window.until - window.from < OVERNIGHT {
        vec![window]
    } else {
        vec![Window::moment(window.from), last]
    };
    let touches = |part: Window| {
        part.days().find(|day| {
            let nights = hours(*day).map(|(from, until)| nights(*day, from, until));
            nights.into_iter().flatten().any(|night| night.overlaps(part))
        })
    };
    parts.into_iter().find_map(touches).map(Sealed::Night)
}

/// The hours of a day in which it is night, from one hour until another, over midnight if the first is
/// the later. No day has more than 24, whatever a rule says.
fn nights(day: NaiveDate, from: i64, until: i64) -> Vec<Window> {
    let [from, until] = [from, until].map(|hour| hour.clamp(0, 24));
    let spans = if from <= until { vec![(from, until)] } else { vec![(0, until), (from, 24)] };
    let midnight =
        day.and_time(chrono::NaiveTime::MIN).and_local_timezone(BUREAU_OFFSET).earliest();
    let Some(midnight) = midnight else { return Vec::new() };
    let at = |hour| midnight.to_utc() + TimeDelta::hours(hour);
    spans.into_iter().filter_map(|(from, until)| Window::new(at(from), at(until))).collect()
}

/// What a trip needs to know of a vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Car {
    pub(super) organization: OrganizationCode,
    pub(super) region: RegionCode,
    pub(super) category: Category,
    pub(super) body: Body,
    pub(super) seats: i32,
    /// Whether it serves the whole region: it is marked so, and granted as one that may.
    pub(super) pool: bool,
    /// Whether it is still there.
    pub(super) held: bool,
    /// Until when, included, it is inspected.
    pub(super) inspection_due_on: Option<NaiveDate>,
    /// The first day on which it is not insured.
    pub(super) insured_until: Option<NaiveDate>,
}

impl Car {
    /// Of a vehicle whose holder was granted a pool of its category, or was not.
    pub(super) fn new(vehicle: &Vehicle, granted: bool) -> Self {
        Self {
            organization: vehicle.organization.clone(),
            region: vehicle.region.clone(),
            category: vehicle.content.category,
            body: vehicle.content.body,
            seats: vehicle.content.seats,
            pool: vehicle.content.pool && granted,
            held: vehicle.state == vehicle::State::Held,
            inspection_due_on: vehicle.content.inspection_due_on,
            insured_until: vehicle.content.insured_until,
        }
    }
}

/// Whether a vehicle is the organization's own, or of a pool of its region.
pub(super) fn serves(trip: &Trip, car: &Car) -> bool {
    car.organization == trip.organization || (car.pool && car.region == trip.region)
}

/// The rule about vehicles that are kept for what their holder has them for, by its cases: the categories.
pub(super) const DIVERTED: &str = "trip_diverted";

/// The rule by which vehicles of a category are for nobody but their holder, if one is in force.
pub(super) fn keeping<'a>(
    rules: &'a Rules,
    place: &Place,
    category: Category,
    day: NaiveDate,
) -> Option<&'a Rule> {
    rules.find(DIVERTED, category.text(), &place.region, place.kind.as_deref(), day)
}

/// Refuses a vehicle that does not fit a trip.
pub(super) fn check_vehicle(
    fields: &mut Fields,
    rules: &Rules,
    place: &Place,
    trip: &Trip,
    car: &Car,
) {
    let at = "vehicle_id";
    if !car.held {
        fields.refuse(at, &VEHICLE_NOT_HELD, "was disposed of");
    }
    if !serves(trip, car) {
        fields.refuse(at, &VEHICLE_FOREIGN, "is neither the organization's own nor of its pool");
    }
    // What an emergency took is a finding.
    let foreign = car.organization != trip.organization && trip.kind != Kind::Emergency;
    let day = trip.plan.window.first_day();
    if foreign && keeping(rules, place, car.category, day).is_some() {
        let message = format!("is for its holder alone, as of category {}", car.category.text());
        fields.refuse(at, &VEHICLE_KEPT, message);
    }
    // 0 = not known.
    if car.seats > 0 && trip.plan.passengers >= car.seats {
        let message = format!("has {} seats, the driver's included", car.seats);
        fields.refuse(at, &SEATS_TOO_FEW, message);
    }
}

/// Warns of a vehicle that is not inspected or not insured to the end of a trip, as far as that is known. An
/// emergency is not held up.
pub(super) fn check_papers(fields: &mut Fields, accept: bool, trip: &Trip, car: &Car) {
    let (at, last) = ("vehicle_id", trip.plan.window.last_day());
    let accept = accept || trip.kind == Kind::Emergency;
    if let Some(due) = vehicle::lapsed(car.inspection_due_on, last) {
        fields.warn(accept, at, &INSPECTION_LAPSES, format!("is inspected until {due}"));
    }
    if let Some(until) = vehicle::ended(car.insured_until, last) {
        fields.warn(accept, at, &INSURANCE_LAPSES, format!("is not insured from {until} on"));
    }
}

/// Refuses a driver who does not fit a trip in a vehicle.
pub(super) fn check_driver(
    fields: &mut Fields,
    rules: &Rules,
    place: &Place,
    trip: &Trip,
    car: &Car,
    driver: &Driver,
) {
    let at = "driver_id";
    if driver.content.state != driver::State::Active {
        fields.refuse(at, &DRIVER_LEFT, "drives no more");
    }
    if driver.organization != trip.organization && driver.organization != car.organization {
        fields.refuse(at, &DRIVER_FOREIGN, "belongs to neither of the organizations");
    }
    let last = trip.plan.window.last_day();
    if driver.content.licence_expires_on < last {
        let message = format!("has a licence until {}", driver.content.licence_expires_on);
        fields.refuse(at, &LICENCE_EXPIRED, message);
    }
    if !may_drive(rules, place, driver.content.licence_class, car.body, last) {
        let message = format!("has a licence of class {}", driver.content.licence_class.text());
        fields.refuse(at, &LICENCE_CLASS_UNFIT, message);
    }
}

/// Whether a licence is for vehicles of a body. A body of which no rule says anything is not checked.
fn may_drive(
    rules: &Rules,
    place: &Place,
    class: LicenceClass,
    body: Body,
    day: NaiveDate,
) -> bool {
    let may = |class: &LicenceClass| {
        let case = format!("{}_{}", body.text(), class.text());
        rules.find("driving_licence", &case, &place.region, place.kind.as_deref(), day).is_some()
    };
    may(&class) || !LicenceClass::ALL.iter().any(may)
}

/// How many hours a span has begun.
pub(super) fn hours(span: TimeDelta) -> i64 {
    let whole = span.num_hours();
    if span > TimeDelta::hours(whole) { whole + 1 } else { whole }
}

/// The day after so many days.
pub(super) fn later(day: NaiveDate, days: i64) -> NaiveDate {
    let days = Days::new(days.try_into().unwrap_or(0));
    day.checked_add_days(days).unwrap_or(day)
}

/// The bureau's time of day, for people.
pub(super) fn clock(time: DateTime<Utc>) -> String {
    let local = time.with_timezone(&BUREAU_OFFSET);
    format!("{} {:02}:{:02}", local.date_naive(), local.hour(), local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_lies_within_its_day_whatever_a_rule_says() {
        let day = "2017-05-02".parse().unwrap();
        let hours = |from, until| {
            let nights = nights(day, from, until).into_iter();
            nights.map(|night| (clock(night.from), clock(night.until))).collect::<Vec<_>>()
        };
        let of = |from: &str, until: &str| (from.to_owned(), until.to_owned());
        let (midnight, late) = ("2017-05-02 00:00", "2017-05-03 00:00");
        let early = || of(midnight, "2017-05-02 06:00");
        assert_eq!(hours(22, 6), [early(), of("2017-05-02 22:00", late)]);
        for most in [24, 25, 100_000_000_000_000, i64::MAX] {
            assert_eq!(hours(0, most), [of(midnight, late)], "{most}");
            assert_eq!(hours(most, 6), [early()], "{most}");
        }
    }
}
