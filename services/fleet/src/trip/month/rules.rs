//! How far a vehicle went without a trip, by what its odometer showed. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Utc};
use steward_kernel::today;

use crate::cost::begin;
use crate::odometer::Point;

/// What of a trip is reckoned with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) depart: DateTime<Utc>,
    /// `None` = it is out.
    pub(super) back: Option<DateTime<Utc>>,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
}

/// Metres from one value of an odometer to another.
type Stretch = (i64, i64);

/// The readings of one odometer, by time, of which each is certain, and from when until when it was in.
struct Series<'p> {
    points: &'p [Point],
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// How far a vehicle went by the readings of each key, from the first to the last one of each odometer, and
/// how much of that no trip and no way between two trips accounts for.
///
/// The way between two trips that both tell what the odometer showed is none of it, however long: that is
/// judged of the later one. Of a trip that does not tell it, all is taken for its own that may have been.
pub(super) fn gone<K: Copy + Ord>(
    points: &[Point],
    legs: &[Leg],
    key: impl Fn(&Point) -> Option<K>,
) -> BTreeMap<K, (i64, i64)> {
    let mut gone = BTreeMap::new();
    let mut rest = points.chunk_by(|_, next| !next.replaced).peekable();
    while let Some(all) = rest.next() {
        let fitting: Vec<_> = all.iter().filter(|it| it.fits).copied().collect();
        let series = Series {
            points: &fitting,
            from: all.first().filter(|it| it.replaced).map(|it| it.read_time),
            until: rest.peek().and_then(|next| next.first()).map(|it| it.read_time),
        };
        let told = series.told(legs);
        for part in fitting.chunk_by(|one, next| key(one) == key(next)) {
            let Some(key) = part.first().and_then(&key) else { continue };
            let values = || part.iter().map(|it| it.odometer_m);
            let (Some(low), Some(high)) = (values().min(), values().max()) else { continue };
            let accounted = told.iter().map(|it| overlap(*it, (low, high))).sum::<i64>();
            let sum: &mut (i64, i64) = gone.entry(key).or_default();
            *sum = (sum.0 + high - low, sum.1 + high - low - accounted);
        }
    }
    gone
}

/// How much two stretches have in common.
fn overlap(one: Stretch, other: Stretch) -> i64 {
    (one.1.min(other.1) - one.0.max(other.0)).max(0)
}

impl Series<'_> {
    /// What trips, and the ways between two of them, account for, each metre once.
    fn told(&self, legs: &[Leg]) -> Vec<Stretch> {
        let each = legs.iter().map(|leg| self.went(leg));
        let pairs = legs.iter().zip(legs.iter().skip(1));
        let known = pairs.filter(|(one, next)| one.end.is_some() && next.start.is_some());
        let between = known.map(|(one, next)| (self.end(one).0, self.start(next).1));
        let mut all: Vec<_> = each.chain(between).filter(|it| it.0 < it.1).collect();
        all.sort_unstable();
        let mut told: Vec<Stretch> = Vec::with_capacity(all.len());
        for it in all {
            match told.last_mut() {
                Some(last) if it.0 <= last.1 => last.1 = last.1.max(it.1),
                _ => told.push(it),
            }
        }
        told
    }

    /// All that may have been a trip's own. Where it ends below its start neither is known.
    fn went(&self, leg: &Leg) -> Stretch {
        let (least, most) = (self.start(leg).0, self.end(leg).1);
        if least <= most {
            return (least, most);
        }
        let unknown = Leg { start: None, end: None, ..*leg };
        (self.start(&unknown).0, self.end(&unknown).1)
    }

    fn start(&self, leg: &Leg) -> Stretch {
        self.at(leg.depart, leg.start)
    }

    /// One that is out may still go anywhere.
    fn end(&self, leg: &Leg) -> Stretch {
        leg.back.map_or((i64::MAX, i64::MAX), |back| self.at(back, leg.end))
    }

    /// What the odometer showed at a time, at least and at most: what was told, if it fits the readings
    /// before and after.
    fn at(&self, time: DateTime<Utc>, told: Option<i64>) -> Stretch {
        if self.from.is_some_and(|from| time < from) {
            return (i64::MIN, i64::MIN);
        }
        if self.until.is_some_and(|until| time >= until) {
            return (i64::MAX, i64::MAX);
        }
        // Of readings of one instant the later one may be the higher.
        let (before, after) = (self.before(time), self.after(time));
        let (least, most) = (before.min(after), before.max(after));
        told.filter(|it| (least..=most).contains(it)).map_or((least, most), |it| (it, it))
    }

    /// The last value that is certainly of before, or of, a time. One of a day alone may have been read at
    /// any hour of it.
    fn before(&self, time: DateTime<Utc>) -> i64 {
        let place = self.points.partition_point(|it| it.read_time <= time);
        let certain = |it: &&Point| {
            let next = today(it.read_time).checked_add_days(Days::new(1));
            !it.whole_day || next.is_some_and(|next| begin(next) <= time)
        };
        self.points[..place].iter().rev().find(certain).map_or(i64::MIN, |it| it.odometer_m)
    }

    /// The first value that is certainly of a time, or of after it.
    fn after(&self, time: DateTime<Utc>) -> i64 {
        let place = self.points.partition_point(|it| it.read_time < time);
        let certain = |it: &&Point| !it.whole_day || begin(today(it.read_time)) >= time;
        self.points[place..].iter().find(certain).map_or(i64::MAX, |it| it.odometer_m)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// An hour of June 2017, at the bureau.
    fn at(hour: i64) -> DateTime<Utc> {
        "2017-05-31T16:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
    }

    fn read(hour: i64, odometer_m: i64) -> Point {
        Point { read_time: at(hour), odometer_m, replaced: false, whole_day: false, fits: true }
    }

    fn leg(hours: (i64, i64), metres: (Option<i64>, Option<i64>)) -> Leg {
        let (start, end) = metres;
        Leg { depart: at(hours.0), back: Some(at(hours.1)), start, end }
    }

    fn whole(points: &[Point], legs: &[Leg]) -> (i64, i64) {
        gone(points, legs, |_| Some(())).remove(&()).unwrap_or_default()
    }

    #[test]
    fn what_no_trip_accounts_for_is_left() {
        let fills = [read(10, 100), read(50, 300), read(90, 700)];
        let told = |from, until, start, end| leg((from, until), (Some(start), Some(end)));
        for (legs, left) in [
            (vec![], 600),
            (vec![told(20, 30, 150, 250)], 500),
            // From before the first reading, and beyond the last one.
            (vec![told(0, 60, 50, 350)], 350),
            (vec![told(0, 95, 50, 750)], 0),
            // Each metre counts once.
            (vec![told(20, 30, 150, 250), told(22, 40, 200, 280)], 470),
            // What lies between two trips is judged there.
            (vec![told(20, 30, 150, 250), told(60, 70, 400, 500)], 250),
            (vec![told(-9, -5, 10, 60), told(95, 99, 750, 800)], 0),
            // Where neither start nor end is told it may have been all of it.
            (vec![leg((20, 30), (None, None))], 400),
            (vec![leg((20, 30), (Some(150), None))], 450),
            (vec![leg((20, 30), (None, Some(250)))], 450),
            (vec![leg((20, 60), (None, None))], 0),
            // And so it is of what contradicts the readings.
            (vec![told(20, 30, 950, 990)], 400),
            (vec![told(20, 30, 250, 150)], 400),
            (vec![Leg { back: None, ..told(60, 0, 400, 0) }], 300),
        ] {
            assert_eq!(whole(&fills, &legs), (600, left), "{legs:?}");
        }
        // Two at one instant.
        let both = [read(10, 100), read(20, 150), read(20, 170), read(30, 200)];
        assert_eq!(whole(&both, &[told(10, 20, 100, 150), told(20, 30, 170, 200)]), (100, 0));
        assert_eq!(whole(&fills[..1], &[]), (0, 0));
        assert_eq!(whole(&[], &[]), (0, 0));
    }

    #[test]
    fn a_day_alone_is_any_hour_of_it() {
        let day = Point { whole_day: true, ..read(36, 300) };
        let points = [read(10, 100), day, read(60, 700)];
        let unknown = |from, until| [leg((from, until), (None, None))];
        // On the day itself it may have been before or after that.
        assert_eq!(whole(&points, &unknown(37, 40)), (600, 0));
        assert_eq!(whole(&points, &unknown(20, 23)), (600, 400));
        assert_eq!(whole(&points, &unknown(48, 50)), (600, 200));
    }

    #[test]
    fn each_odometer_is_reckoned_apart() {
        let new = Point { replaced: true, ..read(50, 0) };
        let points = [read(10, 100), read(40, 300), new, read(90, 200)];
        assert_eq!(whole(&points, &[]), (400, 400));
        let across = leg((30, 60), (Some(250), Some(50)));
        assert_eq!(whole(&points, &[across]), (400, 150 + 150));
        // One that does not fit begins its series all the same.
        let new = Point { fits: false, odometer_m: 999, ..new };
        let points = [read(10, 100), read(40, 300), new, read(60, 10), read(90, 200)];
        assert_eq!(whole(&points, &[]), (390, 390));
    }

    #[test]
    fn keys_are_reckoned_apart() {
        let points = [read(10, 100), read(20, 150), read(30, 400), read(40, 450), read(50, 470)];
        let key = |it: &Point| (it.read_time < at(45)).then_some(it.read_time < at(25));
        let found = gone(&points, &[leg((15, 35), (Some(120), Some(420)))], key);
        assert_eq!(found, BTreeMap::from([(true, (50, 20)), (false, (50, 30))]));
    }
}
