//! How the bureau accounts for each of its vehicles (单车核算): what it pays for fuel fill by fill, for
//! repairs and insurance vehicle by vehicle, and the trips between the fills. Together they are to the
//! fen what its organization paid.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use prost_types::Timestamp;
use steward_kernel::BUREAU_OFFSET;
use steward_proto::fleet::v1::{Driver, DriverState, ExpenseKind, LicenceClass};
use steward_proto::fleet::v1::{NewExpense, Trip, TripKind, Vehicle};

use super::noise::pick;
use super::{City, Cost, MEMO};

/// The days of a month on which every vehicle makes a trip and fills up; from a weekend they move to
/// the Monday after it.
const DAYS: [u32; 5] = [5, 10, 15, 20, 25];
const DESTINATIONS: [&str; 6] = ["夷陵区", "枝江市", "当阳市", "秭归县", "远安县", "兴山县"];
const PURPOSES: [&str; 4] = ["节能检查", "办公用房清查", "公务用车督查", "报送材料"];
/// What a vehicle uses on 100 km, in millilitres; the last one uses more than the ceiling.
const THRIFTY_ML: i64 = 7_800;
const THIRSTY_ML: i64 = 9_900;

/// A driver for every vehicle.
pub(super) fn drivers(bureau: &str, vehicles: usize) -> Vec<Driver> {
    let driver = |place: usize| Driver {
        organization: bureau.to_owned(),
        name: format!("样本司机{:02}", place + 1),
        licence_class: LicenceClass::C1.into(),
        licence_expires_on: "2020-12-31".to_owned(),
        state: DriverState::Active.into(),
        ..Driver::default()
    };
    (0..vehicles).map(driver).collect()
}

/// What a cost is as an expense of vehicles.
pub(super) fn kind(cost: &Cost) -> Option<ExpenseKind> {
    match cost.category {
        "vehicle_fuel" => Some(ExpenseKind::Fuel),
        "vehicle_repair" => Some(ExpenseKind::Repair),
        "vehicle_insurance" => Some(ExpenseKind::Insurance),
        _ => None,
    }
}

/// What the vehicles did and cost.
#[derive(Debug, Default)]
pub(super) struct Running {
    /// Trips, each with the fill after it.
    pub(super) fills: Vec<(Trip, NewExpense)>,
    /// The other expenses.
    pub(super) shares: Vec<NewExpense>,
}

impl Running {
    /// Of the bureau's vehicles, each with its driver.
    pub(super) fn of(city: &City, vehicles: &[(Vehicle, String)]) -> Self {
        let mut running = Self::default();
        let start = |place: usize| 20_000_000 + 9_731_000 * count(place);
        let mut odometers: Vec<i64> = (0..vehicles.len()).map(start).collect();
        for cost in city.costs.iter().filter(|it| city.is_recorded(it)) {
            match kind(cost) {
                Some(ExpenseKind::Fuel) => running.fill(cost, vehicles, &mut odometers),
                Some(kind) => running.share(cost, kind, vehicles),
                None => {}
            }
        }
        running
    }

    /// The fuel of a month, with the trips that it was for.
    fn fill(&mut self, cost: &Cost, vehicles: &[(Vehicle, String)], odometers: &mut [i64]) {
        let litres = cost.quantity.unwrap_or_default().max(1);
        let fills = split(litres, DAYS.len() * vehicles.len());
        for (fill, litres) in fills.into_iter().enumerate() {
            let (place, round) = (fill % vehicles.len(), fill / vehicles.len());
            let (vehicle, driver) = &vehicles[place];
            let day = weekday(cost.day.with_day(DAYS[round]).unwrap_or(cost.day));
            let use_ml = if place + 1 == vehicles.len() { THIRSTY_ML } else { THRIFTY_ML };
            let use_ml = use_ml + pick("use", fill, day.num_days_from_ce(), 1_000);
            let from = odometers[place];
            let to = from + litres * 100_000_000 / use_ml;
            odometers[place] = to;
            // Every third vehicle is out for one day at a time, and so less than it should be.
            let back = if place % 3 == 2 { day } else { next_weekday(day) };
            let trip = trip(vehicle, driver, [day, back], [from, to], place);
            let fill = NewExpense {
                occur_time: at(back, 17, 30),
                // Price times litres, to the fen.
                amount_fen: cost.fen / cost.quantity.unwrap_or(1).max(1) * litres,
                quantity: Some(litres * 1_000),
                odometer_m: Some(to),
                ..expense(cost, ExpenseKind::Fuel, vehicle, fill)
            };
            self.fills.push((trip, fill));
        }
    }

    /// What was paid for all vehicles together.
    fn share(&mut self, cost: &Cost, kind: ExpenseKind, vehicles: &[(Vehicle, String)]) {
        let shares = split(cost.fen, vehicles.len()).into_iter().zip(vehicles).enumerate();
        self.shares.extend(shares.map(|(line, (amount_fen, (vehicle, _)))| NewExpense {
            occurred_on: cost.day.to_string(),
            amount_fen,
            ..expense(cost, kind, vehicle, line)
        }));
    }
}

fn expense(cost: &Cost, kind: ExpenseKind, vehicle: &Vehicle, line: usize) -> NewExpense {
    NewExpense {
        vehicle_id: vehicle.id.clone(),
        kind: kind.into(),
        document_no: cost.document_no.clone(),
        document_line: i32::try_from(line + 1).unwrap_or_default(),
        memo: MEMO.to_owned(),
        ..NewExpense::default()
    }
}

fn trip(
    vehicle: &Vehicle,
    driver: &str,
    [day, back]: [NaiveDate; 2],
    odometer: [i64; 2],
    place: usize,
) -> Trip {
    let picked = |tag, below: usize| {
        let number = pick(tag, place, day.num_days_from_ce(), count(below));
        usize::try_from(number).unwrap_or_default()
    };
    Trip {
        organization: vehicle.organization.clone(),
        kind: TripKind::Ordinary.into(),
        purpose: PURPOSES[picked("purpose", PURPOSES.len())].to_owned(),
        destination: DESTINATIONS[picked("destination", DESTINATIONS.len())].to_owned(),
        passengers: 2,
        // Some days are public holidays.
        holiday_reason: if place > 0 { "节假日值班".to_owned() } else { String::new() },
        vehicle_id: vehicle.id.clone(),
        driver_id: driver.to_owned(),
        depart_time: at(day, 8, 30),
        return_time: at(back, 17, 0),
        start_odometer_m: odometer[0],
        end_odometer_m: odometer[1],
        note: MEMO.to_owned(),
        ..Trip::default()
    }
}

/// An amount in as many parts, alike but for one.
fn split(amount: i64, parts: usize) -> Vec<i64> {
    let parts = count(parts).max(1);
    (0..parts).map(|place| amount / parts + i64::from(place < amount % parts)).collect()
}

fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

fn weekday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}

/// The day after, if it is no weekend; else the same.
fn next_weekday(day: NaiveDate) -> NaiveDate {
    if day.weekday() == Weekday::Fri { day } else { day + Days::new(1) }
}

/// An hour of a day of the bureau.
fn at(day: NaiveDate, hour: u32, minute: u32) -> Option<Timestamp> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    let instant = day.and_time(time).and_local_timezone(BUREAU_OFFSET).single()?;
    let instant = DateTime::<Utc>::from(instant);
    Some(Timestamp { seconds: instant.timestamp(), nanos: 0 })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn vehicles_cost_together_what_the_bureau_paid() {
        let city = City::new();
        let vehicles = super::super::vehicles::all(&city.organizations);
        let own = vehicles.into_iter().filter(|it| it.organization == city.bureau());
        let own: Vec<_> = own.map(|it| (it, String::new())).collect();
        let running = Running::of(&city, &own);
        let mut paid: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for cost in city.costs.iter().filter(|it| city.is_recorded(it)) {
            let key = format!("{} {}", cost.document_no, cost.category);
            let sum = paid.entry(key).or_default();
            *sum = (sum.0 + cost.fen, sum.1 + cost.quantity.unwrap_or_default() * 1_000);
        }
        assert!(paid.len() > 24, "{paid:?}");
        for it in running.fills.iter().map(|it| &it.1).chain(&running.shares) {
            let category = match it.kind() {
                ExpenseKind::Fuel => "vehicle_fuel",
                ExpenseKind::Repair => "vehicle_repair",
                _ => "vehicle_insurance",
            };
            let sum = paid.get_mut(&format!("{} {category}", it.document_no)).unwrap();
            *sum = (sum.0 - it.amount_fen, sum.1 - it.quantity.unwrap_or_default());
        }
        assert!(paid.values().all(|left| *left == (0, 0)), "{paid:?}");
        assert_eq!(running.fills.len(), 24 * DAYS.len() * own.len());
    }
}
