//! Who held vehicles when. What a vehicle cost and did belongs to who held it on that day.

pub(crate) mod actions;
mod store;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use steward_chassis::scope::Filter;
use steward_kernel::OrganizationCode;

use crate::vehicle::{Source, Vehicle, VehicleId};
use crate::watch::Whose;

/// A vehicle in the hands of an organization, from a day on until before another.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) vehicle: VehicleId,
    pub(crate) whose: Whose,
    /// [`BEGINNING`] of the first one.
    pub(crate) from: NaiveDate,
    /// The end of time of the present one.
    pub(crate) until: NaiveDate,
    /// The days of what the organization books for the vehicle that counts here: until it gets the
    /// vehicle again, and of its first holding also before. What comes late, and what is taken back
    /// late, is still its own.
    pub(crate) account: (NaiveDate, NaiveDate),
}

impl Holding {
    /// On how many days of a time the vehicle was there: from the day it came to the day it was disposed
    /// of.
    pub(crate) fn days_there(&self, vehicle: &Vehicle, days: (NaiveDate, NaiveDate)) -> i64 {
        let gone = vehicle.disposed_on.and_then(|day| day.succ_opt()).unwrap_or(NaiveDate::MAX);
        let from = days.0.max(self.from).max(vehicle.content.acquired_on);
        let until = days.1.min(self.until).min(gone);
        until.signed_duration_since(from).num_days().max(0)
    }
}

/// From when on the first holder has a vehicle: what was before is not known.
pub(crate) const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A day of the present holder.
pub(crate) const LAST: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 30) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Which holdings to list: those that have a day on which the vehicle was there, and those in whose account
/// something was booked.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    /// From this day on,
    pub(crate) from: NaiveDate,
    /// and before this one.
    pub(crate) until: NaiveDate,
    /// Not those of vehicles that were disposed of before this day.
    pub(crate) there_from: NaiveDate,
    pub(crate) plate_contains: Option<String>,
    /// Plate, vehicle and first day of the last one of the page before.
    pub(crate) after: Option<(String, VehicleId, NaiveDate)>,
    pub(crate) limit: i64,
}

impl Listed {
    /// All that a filter asks for, on one page.
    pub(crate) fn all(filter: Filter, from: NaiveDate, until: NaiveDate) -> Self {
        // More than any city has.
        const ALL: i64 = 1_000_000;
        Self {
            filter,
            from,
            until,
            there_from: BEGINNING,
            plate_contains: None,
            after: None,
            limit: ALL,
        }
    }
}

/// The holdings of vehicles, in the order of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holdings(BTreeMap<VehicleId, Vec<Holding>>);

impl Holdings {
    pub(crate) fn new(holdings: impl IntoIterator<Item = Holding>) -> Self {
        let mut of: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for holding in holdings {
            of.entry(holding.vehicle).or_default().push(holding);
        }
        for holdings in of.values_mut() {
            holdings.sort_by_key(|holding| holding.from);
            account(holdings);
        }
        Self(of)
    }

    /// The same holding, with its account.
    pub(crate) fn accounted(&self, holding: Holding) -> Holding {
        let all = self.0.get(&holding.vehicle).map_or(&[][..], Vec::as_slice);
        all.iter().find(|it| it.from == holding.from).cloned().unwrap_or(holding)
    }

    /// Whether an organization of these ever held a vehicle.
    pub(crate) fn any(&self, vehicle: VehicleId, is: impl Fn(&Whose) -> bool) -> bool {
        self.0.get(&vehicle).is_some_and(|all| all.iter().any(|it| is(&it.whose)))
    }

    /// Who had a vehicle on a day.
    pub(crate) fn on(&self, vehicle: VehicleId, day: NaiveDate) -> Option<&Holding> {
        self.0.get(&vehicle)?.iter().find(|it| (it.from..it.until).contains(&day))
    }

    /// Since when the present holder has a vehicle.
    pub(crate) fn since(&self, vehicle: VehicleId) -> Option<NaiveDate> {
        self.on(vehicle, LAST).map(|holding| holding.from)
    }

    /// The day on which the first holder bought a vehicle, if this is he and he did. How it came is
    /// known of the present holder alone; where it is not, it was bought.
    pub(crate) fn bought_on(&self, vehicle: &Vehicle, holding: &Holding) -> Option<NaiveDate> {
        let came = vehicle.content.acquired_on;
        let moved = self.0.get(&vehicle.id).is_some_and(|holdings| holdings.len() > 1);
        let bought = moved || matches!(vehicle.content.source, None | Some(Source::Purchase));
        (bought && holding.from == BEGINNING).then_some(came)
    }

    /// Those of all vehicles that have a day from one on until before another.
    pub(crate) fn within(&self, from: NaiveDate, until: NaiveDate) -> Vec<Holding> {
        let all = self.0.values().flatten();
        all.filter(|it| it.from < until && it.until > from).cloned().collect()
    }

    /// The vehicle as it was in the hands of who had it on a day.
    pub(crate) fn vehicle_on(&self, vehicle: &Vehicle, day: NaiveDate) -> Vehicle {
        let mut then = vehicle.clone();
        if let Some(holding) = self.on(vehicle.id, day) {
            then.organization = holding.whose.organization.clone();
            then.region = holding.whose.region.clone();
        }
        then
    }
}

/// Tells each holding of a vehicle, in the order of time, what counts as its own.
fn account(holdings: &mut [Holding]) {
    let mut next: BTreeMap<OrganizationCode, NaiveDate> = BTreeMap::new();
    for place in (0..holdings.len()).rev() {
        let (before, rest) = holdings.split_at_mut(place);
        let Some(it) = rest.first_mut() else { continue };
        let of = &it.whose.organization;
        let again = before.iter().any(|earlier| earlier.whose.organization == *of);
        let until = next.insert(of.clone(), it.from).unwrap_or(NaiveDate::MAX);
        it.account = (if again { it.from } else { BEGINNING }, until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vehicle_is_whose_it_is_on_the_day() {
        let vehicle = VehicleId::new(chrono::DateTime::UNIX_EPOCH);
        let day = |day| NaiveDate::from_ymd_opt(2017, 5, day).unwrap();
        let holding = |code: &str, from, until| Holding {
            vehicle,
            whose: Whose { organization: code.parse().unwrap(), region: "420502".parse().unwrap() },
            from,
            until,
            account: (from, until),
        };
        let (one, two) = ("11420502000000027D", "11420506A00000038W");
        let holdings = Holdings::new([
            holding(one, day(20), NaiveDate::MAX),
            holding(one, BEGINNING, day(10)),
            holding(two, day(10), day(20)),
        ]);
        let on = |day| holdings.on(vehicle, day).map(|it| it.whose.organization.to_string());
        for (on_day, code) in [(1, one), (9, one), (10, two), (19, two), (20, one), (31, one)] {
            assert_eq!(on(day(on_day)).as_deref(), Some(code), "{on_day}");
        }
        let accounts = holdings.within(BEGINNING, NaiveDate::MAX);
        let accounts: Vec<_> = accounts.iter().map(|it| it.account).collect();
        let all = (BEGINNING, NaiveDate::MAX);
        assert_eq!(accounts, [(BEGINNING, day(20)), all, (day(20), NaiveDate::MAX)]);
        assert_eq!(holdings.within(day(1), day(10)).len(), 1);
        assert_eq!(holdings.within(day(1), day(11)).len(), 2);
        assert_eq!(holdings.within(day(10), day(20)).len(), 1);
    }
}
