//! What figures are made of.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use steward_kernel::{Period, WorkingCalendar, rounded_quotient, today};

use super::{Computed, Fleet, Here, Known, Limits, Trips};
use crate::cost::{Costs, Span, begin, per_100km};
use crate::trip::Ride;
use crate::vehicle::{PowerSource, Vehicle};

/// Metres of a kilometre.
const KILOMETRE: i128 = 1000;
/// A whole in basis points.
const WHOLE_BP: i128 = 10_000;

impl Known {
    /// What follows from it over so many months.
    pub(crate) fn compute(&self, limits: Limits, months: usize) -> Computed {
        // What is known of it is enough to be over a ceiling.
        let fuel = per_100km(self.costs.fuel, self.gone.distance);
        let energy = per_100km(self.costs.watt_hours, self.gone.distance);
        let gone = self.gone.distance.filter(|metres| *metres > 0);
        let fen_per_km = gone.and_then(|metres| {
            let fen = i128::from(self.costs.running()) * KILOMETRE;
            rounded_quotient(fen, metres.into())
        });
        let used = Some(self.trips.days).filter(|_| self.trips.count > 0 || self.trips.days > 0);
        let utilisation_bp = used.and_then(|days| {
            rounded_quotient(i128::from(days) * WHOLE_BP, self.here.working_days.into())
        });
        let months = i64::try_from(months).unwrap_or(i64::MAX);
        let least = limits.distance.and_then(|metres| {
            let whole = i128::from(metres) * i128::from(months) * i128::from(self.here.days);
            rounded_quotient(whole, self.here.of.into())
        });
        // There on working days, and neither driven nor read.
        let idle = used.is_none() && self.gone.distance.is_none() && self.here.working_days > 0;
        let idle = idle && (limits.distance.is_some() || limits.utilisation.is_some());
        let over = |used: Option<i64>, most| used.zip(most).is_some_and(|(used, most)| used > most);
        Computed {
            fuel_per_100km: self.costs.fuel_per_100km(self.gone.distance),
            energy_per_100km: self.costs.energy_per_100km(self.gone.distance),
            fen_per_km,
            utilisation_bp,
            over_ceiling: over(fuel, limits.fuel) || over(energy, limits.energy),
            under_used: idle
                || over(least, self.gone.distance)
                || over(limits.utilisation, utilisation_bp),
        }
    }
}

/// The days of its span, until today, on which a vehicle was there.
pub(crate) fn here(
    calendar: &WorkingCalendar,
    vehicle: &Vehicle,
    span: &Span,
    period: Period,
    today: NaiveDate,
) -> Here {
    let days = span.from.iter_days().take_while(|day| *day < span.until && *day <= today);
    let days: Vec<_> = days.filter(|day| is_there(vehicle, *day)).collect();
    let working = days.iter().filter(|day| calendar.is_working_day(**day)).count();
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    let of = period.end_day().signed_duration_since(period.first_day()).num_days();
    Here { days: count(days.len()), working_days: count(working), of }
}

/// Whether somebody has a vehicle on a day: it came and was not disposed of.
pub(crate) fn is_there(vehicle: &Vehicle, day: NaiveDate) -> bool {
    vehicle.content.acquired_on <= day && vehicle.disposed_on.is_none_or(|gone| day < gone)
}

/// What trips a vehicle made in a span: those that began in it, and the days on which it was on one.
pub(crate) fn trips_of(rides: &[Ride], span: &Span, now: DateTime<Utc>) -> Trips {
    let (from, end) = (begin(span.from), begin(span.until));
    let (mut trips, mut days) = (Trips::default(), BTreeSet::new());
    for ride in rides {
        let until = ride.return_time.unwrap_or(now).min(end);
        if ride.depart_time >= end || (ride.depart_time < from && until <= from) {
            continue;
        }
        trips.count += i32::from(ride.depart_time >= from);
        days.extend(days_of(ride.depart_time.max(from), until));
    }
    Trips { days: i32::try_from(days.len()).unwrap_or(i32::MAX), ..trips }
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
    /// Counts a vehicle, as one that is there and one that was bought, with what it cost.
    pub(crate) fn add(&mut self, vehicle: &Vehicle, there: bool, bought: bool, costs: &Costs) {
        let new_energy = matches!(
            vehicle.content.power_source,
            PowerSource::Electric | PowerSource::PlugInHybrid | PowerSource::FuelCell
        );
        self.vehicles += i32::from(there);
        self.new_energy += i32::from(there && new_energy);
        self.purchases += i32::from(bought);
        self.new_energy_purchases += i32::from(bought && new_energy);
        self.running += costs.running();
        self.rent += costs.rent();
        self.purchase += costs.purchase;
        self.proceeds += costs.proceeds;
    }

    /// The share of new-energy vehicles among purchases.
    pub(crate) fn new_energy_bp(&self) -> Option<i64> {
        let share = i128::from(self.new_energy_purchases) * WHOLE_BP;
        rounded_quotient(share, self.purchases.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Gone;

    const HERE: Here = Here { days: 30, working_days: 20, of: 30 };

    fn known(fen: i64, fuel: i64, distance: Option<i64>) -> Known {
        let costs = Costs { kinds: [(1, fen)].into(), fuel, ..Costs::default() };
        Known { costs, gone: Gone { distance, misfits: 0 }, here: HERE, ..Known::default() }
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
            // Nothing is known of it: it stood.
            (None, (0, 0), 1, true),
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
        // Of a month that is half over, or a vehicle that came in the middle of it, half is asked.
        let half = Here { days: 15, working_days: 10, of: 30 };
        for (distance, here, under) in [
            (Some(150), half, false),
            (Some(149), half, true),
            (None, half, true),
            (None, Here { days: 0, working_days: 0, of: 30 }, false),
        ] {
            let computed = Known { here, ..known(0, 0, distance) }.compute(limits, 1);
            assert_eq!(computed.under_used, under, "{distance:?} {here:?}");
        }
    }
}
