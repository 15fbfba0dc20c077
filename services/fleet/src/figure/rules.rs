//! What figures are made of.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use steward_kernel::{Period, WorkingCalendar, rounded_quotient, today};

use super::{Computed, Fleet, Known, Limits};
use crate::cost::{Costs, begin, per_100km};
use crate::vehicle::{PowerSource, Vehicle};

/// Metres of a kilometre.
const KILOMETRE: i128 = 1000;
/// A whole in basis points.
const WHOLE_BP: i128 = 10_000;

impl Known {
    /// What follows from it over so many months.
    pub(crate) fn compute(&self, limits: Limits, months: usize) -> Computed {
        let fuel = per_100km(self.fuel, self.distance);
        let energy = per_100km(self.costs.watt_hours, self.distance);
        let gone = self.distance.filter(|metres| *metres > 0);
        let fen_per_km = gone.and_then(|metres| {
            let fen = i128::from(self.costs.running()) * KILOMETRE;
            rounded_quotient(fen, metres.into())
        });
        let used = Some(self.trips.days).filter(|_| self.trips.count > 0 || self.trips.days > 0);
        let utilisation_bp = used.and_then(|days| {
            rounded_quotient(i128::from(days) * WHOLE_BP, self.working_days.into())
        });
        let months = i64::try_from(months).unwrap_or(i64::MAX);
        let least = limits.distance.map(|metres| metres.saturating_mul(months));
        let over = |used: Option<i64>, most| used.zip(most).is_some_and(|(used, most)| used > most);
        Computed {
            fuel_per_100km: fuel,
            energy_per_100km: energy,
            fen_per_km,
            utilisation_bp,
            over_ceiling: over(fuel, limits.fuel) || over(energy, limits.energy),
            under_used: over(least, self.distance) || over(limits.utilisation, utilisation_bp),
        }
    }
}

/// Working days of a period that are not to come.
pub(crate) fn working_days(calendar: &WorkingCalendar, period: Period, today: NaiveDate) -> i64 {
    let days = period.first_day().iter_days().take_while(|day| *day < period.end_day());
    let past = days.take_while(|day| *day <= today);
    i64::try_from(past.filter(|day| calendar.is_working_day(*day)).count()).unwrap_or(i64::MAX)
}

/// The days of the bureau that an instant and what follows until before another touch; the first in any
/// case.
pub(crate) fn days_of(
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> impl Iterator<Item = NaiveDate> {
    let first = today(from);
    let rest = first.iter_days().skip(1).take_while(move |day| begin(*day) < until);
    std::iter::once(first).chain(rest)
}

impl Fleet {
    /// Counts a vehicle in a year, with what it cost.
    pub(crate) fn add(&mut self, vehicle: &Vehicle, costs: Option<&Costs>, year: i32) {
        let new_energy = matches!(
            vehicle.content.power_source,
            PowerSource::Electric | PowerSource::PlugInHybrid | PowerSource::FuelCell
        );
        let came = vehicle.content.acquired_on.year();
        if came <= year {
            self.vehicles += 1;
            self.new_energy += i32::from(new_energy);
        }
        if came == year {
            self.purchases += 1;
            self.new_energy_purchases += i32::from(new_energy);
        }
        if let Some(costs) = costs {
            self.running += costs.running();
            self.purchase += costs.purchase;
            self.proceeds += costs.proceeds;
        }
    }

    /// The share of new-energy vehicles among purchases.
    pub(crate) fn new_energy_bp(&self) -> Option<i64> {
        let share = i128::from(self.new_energy_purchases) * WHOLE_BP;
        rounded_quotient(share, self.purchases.into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Trips;
    use super::*;

    fn known(fen: i64, fuel: i64, distance: Option<i64>) -> Known {
        let costs = Costs { kinds: [(1, fen)].into(), ..Costs::default() };
        Known { costs, fuel, distance, working_days: 20, ..Known::default() }
    }

    #[test]
    fn figures_by_hand() {
        // 1,000.00 yuan, 100 l, 1,000 km: 1 yuan a km, 10 l per 100 km.
        let limits = Limits { fuel: Some(9_999), ..Limits::default() };
        let computed = known(100_000, 100_000, Some(1_000_000)).compute(limits, 1);
        assert_eq!((computed.fen_per_km, computed.fuel_per_100km), (Some(100), Some(10_000)));
        assert!(computed.over_ceiling && !computed.under_used);
        let limits = Limits { fuel: Some(10_000), ..Limits::default() };
        assert!(
            !known(1, 100_000, Some(1_000_000)).compute(limits, 1).over_ceiling,
            "it may be so"
        );
        for distance in [None, Some(0)] {
            let computed = known(1, 1, distance).compute(limits, 1);
            assert_eq!(computed, Computed::default(), "what was not gone is divided by nothing");
        }
        // Half a fen a km is one.
        assert_eq!(known(1, 0, Some(2_000)).compute(limits, 1).fen_per_km, Some(1));
    }

    #[test]
    fn a_trip_uses_the_days_that_it_touches() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let days = |from, until| days_of(at(from), at(until)).count();
        // At the bureau it is eight hours later.
        assert_eq!(days("2017-05-01T00:00:00Z", "2017-05-01T10:00:00Z"), 1);
        assert_eq!(days("2017-05-01T00:00:00Z", "2017-05-01T16:00:00Z"), 1, "until midnight");
        assert_eq!(days("2017-05-01T00:00:00Z", "2017-05-01T16:00:01Z"), 2);
        assert_eq!(days("2017-05-01T15:00:00Z", "2017-05-03T15:00:00Z"), 3);
    }

    #[test]
    fn under_use_goes_by_what_is_known() {
        let limits = Limits { distance: Some(300), utilisation: Some(3_000), ..Limits::default() };
        for (distance, trips, months, under) in [
            (None, (0, 0), 1, false),
            (Some(300), (0, 0), 1, false),
            (Some(299), (0, 0), 1, true),
            (Some(300), (0, 0), 2, true),
            (Some(600), (0, 0), 2, false),
            (None, (3, 6), 1, false),
            (None, (3, 5), 1, true),
            (Some(300), (9, 5), 1, true),
            // One that goes on from the month before.
            (None, (0, 5), 1, true),
        ] {
            let trips = Trips { count: trips.0, days: trips.1 };
            let computed = Known { trips, ..known(0, 0, distance) }.compute(limits, months);
            assert_eq!(computed.under_used, under, "{distance:?} {trips:?} {months}");
        }
    }
}
