//! Summing establishments, and who files a grant.

use std::collections::BTreeMap;

use steward_kernel::{Named as _, RegionCode};

use super::{Establishment, Key};
use crate::standard::Category;

/// The digits of a code that its city has too.
const CITY_DIGITS: usize = 4;

/// What establishments come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many vehicles may be held, where a grant is in effect.
    pub authorised: i64,
    /// How many are held.
    pub held: i64,
    /// How many places are reserved.
    pub reserved: i64,
    /// How many places are free.
    pub free: i64,
    /// How many vehicles and requests are above what may be taken.
    pub over: i64,
    /// How many establishments there are.
    pub count: i64,
    /// How many of them no grant is in effect for.
    pub ungranted: i64,
    /// How many of them are above what may be taken.
    pub frozen: i64,
}

impl Sum {
    fn add(&mut self, one: &Establishment) {
        self.authorised += one.authorised.unwrap_or_default();
        self.held += one.held;
        self.reserved += one.reserved;
        self.free += one.free();
        self.over += one.over();
        self.count += 1;
        self.ungranted += i64::from(one.authorised.is_none());
        self.frozen += i64::from(one.over() > 0);
    }
}

/// The establishments of a category in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The region.
    pub region: RegionCode,
    /// The category.
    pub category: Category,
    /// What they come to.
    pub sum: Sum,
}

/// Establishments by region and category.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// All of them.
    pub total: Sum,
    /// By region, then category.
    pub rows: Vec<Row>,
    /// Whether more was asked for than the caller may see.
    pub scope_limited: bool,
}

/// Sums establishments by region and category.
pub(super) fn summarize(all: &[Establishment], scope_limited: bool) -> Summary {
    let mut summary = Summary { scope_limited, ..Summary::default() };
    let mut rows: BTreeMap<_, Sum> = BTreeMap::new();
    for one in all {
        summary.total.add(one);
        rows.entry((one.region.clone(), one.key.category.number())).or_default().add(one);
    }
    let row = |((region, number), sum)| {
        Category::of_number(number).map(|category| Row { region, category, sum })
    };
    summary.rows = rows.into_iter().filter_map(row).collect();
    summary
}

/// The first of each organization; they are in the order of their organizations.
pub(super) fn one_each(mut keys: Vec<Key>) -> Vec<Key> {
    keys.dedup_by(|later, first| later.organization == first.organization);
    keys
}

/// The city's own level, which files what its counties grant: `420500` for `420502`, for `420500-01` and
/// for `420500` itself.
pub(super) fn city_level(region: &RegionCode) -> Option<RegionCode> {
    format!("{}00", region.as_str().get(..CITY_DIGITS)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn one(region: &str, category: Category, numbers: (Option<i64>, i64, i64)) -> Establishment {
        let (authorised, held, reserved) = numbers;
        Establishment {
            key: Key { organization: "11420502000000027D".parse().unwrap(), category },
            region: region.parse().unwrap(),
            authorised,
            any_granted: false,
            held,
            reserved,
            pool: false,
            update_time: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn places_are_free_or_over_never_both() {
        for (numbers, free, over) in [
            ((None, 0, 0), 0, 0),
            ((None, 3, 1), 0, 0),
            ((Some(0), 0, 0), 0, 0),
            ((Some(3), 1, 1), 1, 0),
            ((Some(3), 2, 1), 0, 0),
            ((Some(3), 3, 1), 0, 1),
            ((Some(0), 5, 0), 0, 5),
        ] {
            let it = one("420502", Category::Other, numbers);
            assert_eq!((it.free(), it.over()), (free, over), "{numbers:?}");
        }
        // Once something else was granted what is not is not allowed.
        let mut it = one("420502", Category::Other, (None, 3, 1));
        it.any_granted = true;
        assert_eq!((it.limit(), it.free(), it.over()), (Some(0), 0, 4));
    }

    #[test]
    fn sums_are_by_region_and_category() {
        let all = [
            one("420506", Category::Emergency, (Some(2), 1, 0)),
            one("420502", Category::Emergency, (Some(1), 3, 0)),
            one("420502", Category::Confidential, (Some(4), 1, 1)),
            one("420502", Category::Emergency, (None, 2, 0)),
            Establishment { any_granted: true, ..one("420506", Category::Other, (None, 1, 0)) },
        ];
        let summary = summarize(&all, true);
        let total = Sum {
            authorised: 7,
            held: 8,
            reserved: 1,
            free: 3,
            over: 3,
            count: 5,
            ungranted: 2,
            frozen: 2,
        };
        assert_eq!((summary.total, summary.scope_limited), (total, true));
        let rows: Vec<_> = summary
            .rows
            .iter()
            .map(|row| (row.region.as_str(), row.category, row.sum.held, row.sum.over))
            .collect();
        let expected = [
            ("420502", Category::Confidential, 1, 0),
            ("420502", Category::Emergency, 5, 2),
            ("420506", Category::Emergency, 1, 0),
            ("420506", Category::Other, 1, 1),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn the_city_files_for_its_counties() {
        for (region, city) in [
            ("420502", "420500"),
            ("420500", "420500"),
            ("420500-01", "420500"),
            ("420583", "420500"),
        ] {
            assert_eq!(city_level(&region.parse().unwrap()), city.parse().ok(), "{region}");
        }
    }
}
