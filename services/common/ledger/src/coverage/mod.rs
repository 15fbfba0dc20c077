//! Coverage: who is declared to report, and who did. Silence is not saving.
//!
//! A month of an organization is reported if a live entry is dated in it, if the service period of
//! one covers it, or if zero was declared. What was counted in a month that was closed since is not
//! touched any more.

pub(crate) mod actions;
pub(crate) mod rpc;
mod rules;
mod store;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use steward_chassis::{Class, Reason};
use steward_kernel::{Month, OrganizationCode, Period, RegionCode};

use rules::Points;

/// Zero is declared for a month in which live entries count.
pub const ZERO_CONTRADICTS_ENTRIES: Reason = Reason::new(
    "ZERO_CONTRADICTS_ENTRIES",
    Class::FailedPrecondition,
    "该月已有费用记录,不能零报告",
);
/// The month is still to come.
pub const MONTH_IN_FUTURE: Reason =
    Reason::new("MONTH_IN_FUTURE", Class::InvalidArgument, "月份尚未到来");

/// How many more (or fewer) live entries count in the months of organizations.
pub type LiveCounts = BTreeMap<(OrganizationCode, Month), i64>;

/// A declaration of who reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporter {
    /// The organization.
    pub organization: OrganizationCode,
    /// The first month it reports.
    pub from: Month,
    /// The first month it no longer reports; `None` = until further notice; the same as `from` = it
    /// does not report from then on.
    pub until: Option<Month>,
}

impl Reporter {
    /// What was declared before for its first month and later ones, from the points of change: all
    /// that it replaces.
    fn replaced(&self, points: &Points) -> Vec<Self> {
        let until = points.keys().skip(1).copied().map(Some).chain([None]);
        points
            .iter()
            .zip(until)
            .filter(|((_, reports), until)| {
                **reports && until.is_none_or(|until| until > self.from)
            })
            .map(|((from, _), until)| Self {
                organization: self.organization.clone(),
                from: *from,
                until,
            })
            .collect()
    }
}

/// A declaration that there were no costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zero {
    /// The organization.
    pub organization: OrganizationCode,
    /// The month.
    pub month: Month,
    /// When it was first declared.
    pub declare_time: DateTime<Utc>,
    /// By whom.
    pub declared_by: String,
}

/// Months in which an organization is declared to report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) organization: OrganizationCode,
    pub(crate) region: RegionCode,
    pub(crate) from: Month,
    pub(crate) until: Option<Month>,
    /// How many of its months were reported, in each of the two periods asked for.
    pub(crate) reported: [usize; 2],
    /// Whether it is asked for itself, and not only because others that are pay for it.
    pub(crate) asked: bool,
}

/// A declared month of an organization without an entry and without a declaration of zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The month.
    pub month: Month,
    /// The organization.
    pub organization: OrganizationCode,
    /// Its region.
    pub region: RegionCode,
}

/// Who reported in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Declared organization-months. 0 = nobody is declared, and coverage is unknown.
    pub expected: usize,
    /// Those that are missing, by month and organization.
    pub missing: Vec<Missing>,
    /// The regions of those who are declared and asked for themselves.
    pub regions: BTreeSet<RegionCode>,
}

impl Reporter {
    /// The change points that stand for it, after those from its first month on are gone.
    pub(crate) fn change_points(&self) -> Vec<(Month, bool)> {
        match self.until {
            Some(until) if until <= self.from => vec![(self.from, false)],
            Some(until) => vec![(self.from, true), (until, false)],
            None => vec![(self.from, true)],
        }
    }
}

impl Span {
    /// The part of a period that it covers.
    pub(crate) fn within(&self, period: Period) -> Option<Period> {
        let from = self.from.max(period.from());
        let until = self.until.map_or(period.until(), |until| until.min(period.until()));
        Period::new(from, until).ok()
    }
}

impl Coverage {
    /// Declared organization-months that were reported.
    pub fn reported(&self) -> usize {
        self.expected - self.missing.len()
    }

    /// The declared months of one of the two periods; those of `spans` with gaps are given with the
    /// months that were reported.
    pub(crate) fn of(spans: &[Span], side: usize, period: Period, reported: &Reported) -> Self {
        let mut coverage = Self::default();
        for span in spans {
            let Some(declared) = span.within(period) else {
                continue;
            };
            coverage.expected += declared.len();
            if span.asked {
                coverage.regions.insert(span.region.clone());
            }
            if span.reported[side] < declared.len() {
                coverage.missing.extend(span.missing(declared, reported));
            }
        }
        coverage.missing.sort_unstable();
        coverage
    }
}

/// Months that organizations reported.
pub(crate) type Reported = BTreeSet<(OrganizationCode, Month)>;

impl Span {
    fn missing(&self, declared: Period, reported: &Reported) -> impl Iterator<Item = Missing> {
        let reported = |month: &Month| reported.contains(&(self.organization.clone(), *month));
        declared.months().filter(move |month| !reported(month)).map(|month| Missing {
            month,
            organization: self.organization.clone(),
            region: self.region.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn month(ordinal: i32) -> Month {
        Month::from_ordinal(ordinal).unwrap()
    }

    fn organization() -> OrganizationCode {
        "11420500000000019M".parse().unwrap()
    }

    /// The change points of an organization after some declarations, as the store keeps them.
    fn declare(points: &mut BTreeMap<Month, bool>, from: i32, until: Option<i32>) {
        let reporter =
            Reporter { organization: organization(), from: month(from), until: until.map(month) };
        points.retain(|at, _| *at < reporter.from);
        points.extend(reporter.change_points());
    }

    fn spans(points: &BTreeMap<Month, bool>) -> Vec<Span> {
        let until = points.keys().skip(1).copied().map(Some).chain([None]);
        let span = |((from, _), until): ((&Month, &bool), _)| Span {
            organization: organization(),
            region: "420500".parse().unwrap(),
            from: *from,
            until,
            reported: [0, 0],
            asked: true,
        };
        points.iter().zip(until).filter(|((_, reports), _)| **reports).map(span).collect()
    }

    const FIRST: i32 = 2013 * 12;

    proptest! {
        #[test]
        fn change_points_say_what_was_declared_last(
            declarations in prop::collection::vec((0..30_i32, prop::option::of(0..12_i32)), 0..8),
            from in 0..30_i32, length in 1..24_i32, reported in prop::collection::btree_set(0..60_i32, 0..40),
        ) {
            let mut points = BTreeMap::new();
            let mut declared = [false; 60];
            for (start, length) in declarations {
                let until = length.map(|length| start + length);
                declare(&mut points, FIRST + start, until.map(|until| FIRST + until));
                for (i, flag) in (0_i32..).zip(&mut declared) {
                    if i >= start {
                        *flag = until.is_none_or(|until| i < until);
                    }
                }
            }
            let period = Period::new(month(FIRST + from), month(FIRST + from + length)).unwrap();
            let set: Reported = reported.iter().map(|i| (organization(), month(FIRST + i))).collect();
            let coverage = Coverage::of(&spans(&points), 0, period, &set);
            let expected: Vec<i32> =
                (from..from + length).filter(|i| declared[usize::try_from(*i).unwrap()]).collect();
            prop_assert_eq!(coverage.expected, expected.len());
            let missing: Vec<Month> =
                expected.into_iter().filter(|i| !reported.contains(i)).map(|i| month(FIRST + i)).collect();
            prop_assert_eq!(coverage.missing.iter().map(|m| m.month).collect::<Vec<_>>(), missing);
        }
    }
}
