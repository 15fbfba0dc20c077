//! Summing figures.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::{Summed, Values};

/// A sum, and of how many it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct KnownSum {
    pub(crate) sum: i64,
    pub(crate) known: i32,
}

impl KnownSum {
    fn add(&mut self, value: Option<i64>) {
        if let Some(value) = value {
            // At most 10^10 each: it would take 10^9 organizations to run over.
            self.sum = self.sum.saturating_add(value);
            self.known += 1;
        }
    }
}

/// The sums of one year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct YearSum {
    pub(crate) year: i32,
    pub(crate) organizations: i32,
    pub(crate) establishment: KnownSum,
    pub(crate) on_post: KnownSum,
    pub(crate) energy_users: KnownSum,
    pub(crate) floor_area_dm2: KnownSum,
}

impl YearSum {
    fn add(&mut self, values: Values) {
        self.organizations += 1;
        self.establishment.add(values.establishment);
        self.on_post.add(values.on_post);
        self.energy_users.add(values.energy_users);
        self.floor_area_dm2.add(values.floor_area_dm2);
    }
}

/// The sums of a region or an organization, with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) years: Vec<YearSum>,
}

/// The sums in all groupings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) total: Vec<YearSum>,
    pub(crate) regions: BTreeMap<String, Named>,
    pub(crate) organizations: BTreeMap<String, Named>,
}

/// Sums figures by the organization and year they are of. An organization counts in the years at the
/// end of which it was there: that is when heads are counted. Whoever ended before has them elsewhere.
pub(crate) fn summarize(
    organizations: Vec<Summed>,
    figures: &HashMap<(String, i32), Values>,
    years: &[i32],
    today: NaiveDate,
) -> Summary {
    let empty: Vec<_> =
        years.iter().map(|year| YearSum { year: *year, ..YearSum::default() }).collect();
    let mut summary =
        Summary { total: empty.clone(), regions: BTreeMap::new(), organizations: BTreeMap::new() };
    for organization in organizations {
        let region = summary.regions.entry(organization.region.clone()).or_insert_with(|| Named {
            name: organization.region_name.clone(),
            region: organization.region.clone(),
            years: empty.clone(),
        });
        let mut own = empty.clone();
        for (place, year) in years.iter().enumerate() {
            if !there(&organization, *year, today) {
                continue;
            }
            let key = (organization.code.clone(), *year);
            let values = figures.get(&key).copied().unwrap_or_default();
            for sums in [&mut summary.total, &mut region.years, &mut own] {
                sums[place].add(values);
            }
        }
        let (name, region) = (organization.name, organization.region);
        summary.organizations.insert(organization.code, Named { name, region, years: own });
    }
    summary
}

/// Whether an organization was there at the end of a year; where that has not come yet, today.
fn there(organization: &Summed, year: i32, today: NaiveDate) -> bool {
    let end = NaiveDate::from_ymd_opt(year, 12, 31).map_or(today, |end| end.min(today));
    organization.established_on.is_none_or(|day| day <= end)
        && organization.ended_on.is_none_or(|day| day > end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(code: &str, region: &str, from: &str, until: &str) -> Summed {
        Summed {
            code: code.to_owned(),
            name: format!("单位{code}"),
            region: region.to_owned(),
            region_name: format!("区{region}"),
            established_on: from.parse().ok(),
            ended_on: until.parse().ok(),
        }
    }

    fn today() -> NaiveDate {
        "2014-06-15".parse().unwrap()
    }

    #[test]
    fn one_counts_in_the_years_at_the_end_of_which_it_was_there() {
        for (from, until, years) in [
            ("", "", vec![2012, 2013, 2014, 2015]),
            ("2013-12-31", "", vec![2013, 2014, 2015]),
            ("2014-01-01", "", vec![2014, 2015]),
            ("", "2013-12-31", vec![2012]),
            ("", "2014-01-01", vec![2012, 2013]),
            ("2013-05-01", "2013-06-01", vec![]),
            // The year that runs counts as it stands today.
            ("2014-06-15", "", vec![2014, 2015]),
            ("2014-06-16", "", vec![]),
            ("", "2014-06-15", vec![2012, 2013]),
            ("", "2014-06-16", vec![2012, 2013, 2014, 2015]),
        ] {
            let one = organization("a", "420502", from, until);
            let found: Vec<_> = (2012..=2015).filter(|year| there(&one, *year, today())).collect();
            assert_eq!(found, years, "{from} {until}");
        }
    }

    #[test]
    fn sums_tell_of_how_many_they_are() {
        let organizations = vec![
            organization("a", "420502", "", ""),
            organization("b", "420502", "2014-01-01", ""),
            organization("c", "420503", "", "2014-01-01"),
            // Gone in the course of a year: its staff is counted elsewhere at the end.
            organization("d", "420503", "", "2013-07-01"),
        ];
        let known =
            |on_post, floor_area_dm2| Values { on_post, floor_area_dm2, ..Values::default() };
        let figures = HashMap::from([
            (("a".to_owned(), 2013), known(Some(10), Some(5))),
            (("c".to_owned(), 2013), known(Some(7), None)),
            (("d".to_owned(), 2013), known(Some(1_000), None)),
            // Not there in that year: what is kept does not count.
            (("b".to_owned(), 2013), known(Some(100), Some(100))),
            (("b".to_owned(), 2014), known(Some(0), None)),
        ]);
        let summary = summarize(organizations, &figures, &[2014, 2013], today());
        let on_post = |sums: &[YearSum]| -> Vec<_> {
            sums.iter().map(|s| (s.year, s.organizations, s.on_post.sum, s.on_post.known)).collect()
        };
        assert_eq!(on_post(&summary.total), [(2014, 2, 0, 1), (2013, 2, 17, 2)]);
        assert_eq!(on_post(&summary.regions["420502"].years), [(2014, 2, 0, 1), (2013, 1, 10, 1)]);
        assert_eq!(on_post(&summary.regions["420503"].years), [(2014, 0, 0, 0), (2013, 1, 7, 1)]);
        assert_eq!(on_post(&summary.organizations["b"].years), [(2014, 1, 0, 1), (2013, 0, 0, 0)]);
        assert_eq!(summary.total[1].floor_area_dm2, KnownSum { sum: 5, known: 1 });
        assert_eq!(summary.regions["420503"].name, "区420503");
        let names = summarize(vec![organization("a", "420502", "", "")], &figures, &[], today());
        assert!(names.total.is_empty() && names.organizations["a"].years.is_empty());
    }
}
