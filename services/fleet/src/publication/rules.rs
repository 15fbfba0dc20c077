//! Which days a list has, when a vehicle was held, and what lines come to.

use chrono::{Datelike as _, NaiveDate};
use steward_finding::rule::Rules;
use steward_kernel::{Month, Named as _, RegionCode, rounded_quotient};

use super::{Asked, Days, Frame, Paid, Used};
use crate::cost::Costs;
use crate::holder::{BEGINNING, Holding};
use crate::standard::Category;

/// The rule about the last day of a list's month.
pub(super) const CUT: &str = "publication_cut";
/// The rule about the day of the next month by which a list is to be published.
pub(super) const DUE: &str = "publication_due";
/// The rule about categories that are withheld, by its cases.
pub(super) const WITHHELD: &str = "publication_withheld";

const KILOMETRE: i128 = 1000;

/// The days of a list and what else the rules say of it.
pub(super) fn frame(
    rules: &Rules,
    asked: &Asked,
    region: &RegionCode,
    kind: Option<&str>,
) -> Frame {
    let said = |code: &str, case: &str, day| rules.find(code, case, region, kind, day);
    let until = |month: Month| {
        let last = last_day(month);
        let cut = said(CUT, "", last).map_or(last, |rule| day_of(month, rule.value));
        cut.succ_opt().unwrap_or(cut)
    };
    let (from, until) = (until(asked.month.previous()), until(asked.month));
    let last = until.pred_opt().unwrap_or(until);
    let due_on = said(DUE, "", last).map(|rule| day_of(asked.month.next(), rule.value));
    let names = Category::ALL.iter().map(|category| category.text());
    let withheld = names.filter(|category| said(WITHHELD, category, last).is_some()).collect();
    Frame { from, until, due_on, withheld }
}

fn last_day(month: Month) -> NaiveDate {
    let next = month.next().first_day();
    next.pred_opt().unwrap_or(next)
}

/// That day of a month, or its first or last one where it has no such day.
fn day_of(month: Month, day: i64) -> NaiveDate {
    let last = last_day(month);
    let day = u32::try_from(day.max(1)).unwrap_or(u32::MAX).min(last.day());
    last.with_day(day).unwrap_or(last)
}

/// The days of a frame on which the organization of a holding had a vehicle that came to its first holder
/// on a day, and may have been disposed of by the last one; on the day of its disposal it is still there.
pub(super) fn held(
    frame: &Frame,
    (came, disposed): (NaiveDate, Option<NaiveDate>),
    holding: &Holding,
) -> Option<Days> {
    let since = if holding.from == BEGINNING { came } else { holding.from };
    let gone = disposed.and_then(|day| day.succ_opt()).unwrap_or(NaiveDate::MAX);
    let (from, until) = (since.max(frame.from), holding.until.min(gone).min(frame.until));
    (from < until).then_some((from, until))
}

impl Paid {
    /// What of some costs was paid.
    pub(super) fn of(costs: &Costs) -> Self {
        Self { running: costs.running(), rent: costs.rent(), purchase: costs.purchase }
    }

    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            running: self.running + other.running,
            rent: self.rent + other.rent,
            purchase: self.purchase + other.purchase,
        }
    }

    /// Without a part of it.
    pub(super) fn less(self, part: Self) -> Self {
        let Self { running, rent, purchase } = part;
        self.plus(Self { running: -running, rent: -rent, purchase: -purchase })
    }
}

impl Used {
    /// Adds what another one did and cost.
    pub(super) fn add(&mut self, other: &Self) {
        self.trips += other.trips;
        self.fuel += other.fuel;
        self.spent_on_distance += other.spent_on_distance;
        if let Some(metres) = other.distance {
            *self.distance.get_or_insert(0) += metres;
        }
        add(&mut self.costs, &other.costs);
    }

    /// Running expenditure in fen per km.
    pub(super) fn fen_per_km(&self) -> Option<i64> {
        let metres = self.distance.filter(|metres| *metres > 0)?;
        rounded_quotient(i128::from(self.spent_on_distance) * KILOMETRE, metres.into())
    }
}

fn add(costs: &mut Costs, other: &Costs) {
    for (kind, fen) in &other.kinds {
        *costs.kinds.entry(*kind).or_default() += fen;
    }
    costs.purchase += other.purchase;
    costs.proceeds += other.proceeds;
    costs.fuel += other.fuel;
    costs.watt_hours += other.watt_hours;
    // Where one vehicle lacks what another took back both lack it.
    costs.fuel_unmeasured += other.fuel_unmeasured.abs();
    costs.energy_unmeasured += other.energy_unmeasured.abs();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vehicle::VehicleId;
    use crate::watch::Whose;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn asked(month: &str) -> Asked {
        Asked { organization: "11420502000000027D".parse().unwrap(), month: month.parse().unwrap() }
    }

    #[test]
    fn without_rules_a_list_is_of_the_calendar_month() {
        let region = "420502".parse().unwrap();
        let frame = frame(&Rules::default(), &asked("2016-02"), &region, None);
        assert_eq!((frame.from, frame.until), (day("2016-02-01"), day("2016-03-01")));
        assert_eq!((frame.due_on, frame.withheld.len()), (None, 0));
    }

    #[test]
    fn a_day_that_a_month_lacks_is_its_last() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        for (of, number, want) in [
            ("2016-02", 25, "2016-02-25"),
            ("2016-02", 31, "2016-02-29"),
            ("2016-02", 0, "2016-02-01"),
            ("2016-12", 31, "2016-12-31"),
        ] {
            assert_eq!(day_of(month(of), number), day(want));
        }
    }

    /// The holdings of an organization that received a vehicle or gave it away on days.
    fn holdings(moves: &[(NaiveDate, bool)], holds: bool) -> Vec<Holding> {
        let holding = |from, until| Holding {
            vehicle: VehicleId::new(chrono::DateTime::UNIX_EPOCH),
            whose: Whose {
                organization: "11420502000000027D".parse().unwrap(),
                region: "420502".parse().unwrap(),
            },
            from,
            until,
            account: (from, until),
        };
        let first = moves.first().map_or(holds, |(_, received)| !received);
        let mut since = first.then_some(BEGINNING);
        let mut holdings = Vec::new();
        for (on, received) in moves {
            match since.take() {
                Some(from) if !received => holdings.push(holding(from, *on)),
                _ => since = Some(*on),
            }
        }
        holdings.extend(since.map(|from| holding(from, NaiveDate::MAX)));
        holdings
    }

    #[test]
    fn a_vehicle_is_of_the_list_while_it_is_held() {
        let frame = Frame {
            from: day("2017-04-26"),
            until: day("2017-05-26"),
            due_on: None,
            withheld: Vec::new(),
        };
        let whole = vec![(frame.from, frame.until)];
        let got = |on| (day(on), true);
        let gave = |on| (day(on), false);
        let span = |from, until| (day(from), day(until));
        for (came, disposed, moves, holds, want) in [
            ("2014-05-20", None, vec![], true, whole.clone()),
            ("2017-05-10", None, vec![], true, vec![span("2017-05-10", "2017-05-26")]),
            ("2017-05-26", None, vec![], true, vec![]),
            (
                "2014-05-20",
                Some("2017-04-26"),
                vec![],
                true,
                vec![span("2017-04-26", "2017-04-27")],
            ),
            ("2014-05-20", Some("2017-04-25"), vec![], true, vec![]),
            // Given away: the day of hand-over is the receiver's.
            (
                "2014-05-20",
                None,
                vec![gave("2017-05-01")],
                false,
                vec![span("2017-04-26", "2017-05-01")],
            ),
            ("2014-05-20", None, vec![gave("2017-04-26")], false, vec![]),
            (
                "2014-05-20",
                None,
                vec![got("2017-05-01")],
                true,
                vec![span("2017-05-01", "2017-05-26")],
            ),
            // And back again.
            (
                "2014-05-20",
                None,
                vec![gave("2017-05-01"), got("2017-05-11")],
                true,
                vec![span("2017-04-26", "2017-05-01"), span("2017-05-11", "2017-05-26")],
            ),
            (
                "2014-05-20",
                Some("2017-06-01"),
                vec![got("2017-05-01"), gave("2017-05-11")],
                false,
                vec![span("2017-05-01", "2017-05-11")],
            ),
        ] {
            let life = (day(came), disposed.map(day));
            let days = holdings(&moves, holds).into_iter();
            let days: Vec<_> = days.filter_map(|it| held(&frame, life, &it)).collect();
            assert_eq!(days, want, "{came} {disposed:?} {moves:?}");
        }
    }

    #[test]
    fn a_sum_divides_only_what_is_known() {
        let one = |fen: i64, distance: Option<i64>| Used {
            trips: 1,
            distance,
            fuel: 10,
            costs: Costs { kinds: [(1, fen)].into(), ..Costs::default() },
            spent_on_distance: distance.map_or(0, |_| fen),
        };
        let mut total = Used::default();
        total.add(&one(1_000, None));
        assert_eq!((total.distance, total.fen_per_km()), (None, None));
        total.add(&one(500, Some(2_000)));
        assert_eq!((total.distance, total.fen_per_km()), (Some(2_000), Some(250)));
        assert_eq!((total.trips, total.fuel, total.costs.running()), (2, 20, 1_500));
    }
}
