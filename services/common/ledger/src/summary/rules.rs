//! Folding sums of the database into the rows of an answer.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::{Error, Result};
use steward_kernel::{Fen, Month, Period, RegionCode};

use super::{Cost, Grouping, Payers, Row, Sum, overflow};
use crate::catalogue::{Catalogue, Nature};
use crate::coverage::Coverage;

/// The place of the current period in pairs.
pub(super) const CURRENT: usize = 0;
/// The place of the baseline in pairs.
pub(super) const BASELINE: usize = 1;

/// The sum of a month, region and category.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) month: Month,
    pub(super) region: String,
    pub(super) category: String,
    pub(super) sum: Sum,
}

/// The sum of an organization and category.
#[derive(Debug, Clone)]
pub(super) struct OrganizationCell {
    pub(super) organization: String,
    pub(super) category: String,
    pub(super) sum: Sum,
}

/// Collects sums by grouping and key.
pub(super) struct Fold<'a> {
    catalogue: &'a Catalogue,
    periods: [Period; 2],
    group_by: &'a [Grouping],
    totals: [Cost; 2],
    regions: BTreeSet<String>,
    /// By the place of the grouping in the request, and key.
    rows: BTreeMap<(usize, String), Row>,
}

impl<'a> Fold<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        periods: [Period; 2],
        group_by: &'a [Grouping],
    ) -> Self {
        Self {
            catalogue,
            periods,
            group_by,
            totals: [Cost::default(); 2],
            regions: BTreeSet::new(),
            rows: BTreeMap::new(),
        }
    }

    /// Adds a cell of one of the periods to the totals and every grouping but that by organization.
    pub(super) fn add(&mut self, side: usize, cell: &Cell) -> Result<()> {
        let nature = self.nature(&cell.category)?;
        self.totals[side].add(nature, cell.sum)?;
        if !self.regions.contains(&cell.region) {
            self.regions.insert(cell.region.clone());
        }
        let month = self.key_month(side, cell.month);
        for (place, grouping) in self.group_by.iter().enumerate() {
            let key = match grouping {
                Grouping::Category => cell.category.clone(),
                Grouping::Region => cell.region.clone(),
                Grouping::Month => month.to_string(),
                Grouping::Organization => continue,
            };
            self.row(place, key).costs[side].add(nature, cell.sum)?;
        }
        Ok(())
    }

    /// Adds a cell of one of the periods to the grouping by organization.
    pub(super) fn add_organization(&mut self, side: usize, cell: OrganizationCell) -> Result<()> {
        let nature = self.nature(&cell.category)?;
        if let Some(place) = self.place(Grouping::Organization) {
            self.row(place, cell.organization).costs[side].add(nature, cell.sum)?;
        }
        Ok(())
    }

    /// Adds what is missing in one of the periods. A category has all of it: a silent organization
    /// might have booked under any. Where others pay for the silent one, it is their cost that might
    /// be there, and missing from their rows; else from its own.
    pub(super) fn cover(&mut self, side: usize, coverage: &Coverage, payers: &Payers) {
        self.regions.extend(coverage.regions.iter().map(ToString::to_string));
        for missing in &coverage.missing {
            let month = self.key_month(side, missing.month);
            let own = BTreeMap::from([(missing.organization.clone(), missing.region.clone())]);
            let bearers = payers.get(&missing.organization).unwrap_or(&own);
            for (place, grouping) in self.group_by.iter().enumerate() {
                let keys: BTreeSet<String> = match grouping {
                    Grouping::Category => continue,
                    Grouping::Region => bearers.values().map(ToString::to_string).collect(),
                    Grouping::Organization => bearers.keys().map(ToString::to_string).collect(),
                    Grouping::Month => [month.to_string()].into(),
                };
                for key in keys {
                    self.row(place, key).missing[side] += 1;
                }
            }
        }
        for row in self.rows.values_mut().filter(|row| row.grouping == Grouping::Category) {
            row.missing[side] = coverage.missing.len();
        }
    }

    /// The totals, the rows with anything in them, and the regions that were counted.
    pub(super) fn finish(self) -> Result<([Cost; 2], Vec<Row>, Vec<RegionCode>)> {
        let empty = [Cost::default(); 2];
        let rows = self.rows.into_values();
        let rows = rows.filter(|row| row.costs != empty || row.missing != [0, 0]).collect();
        let regions = self.regions.iter().map(|region| region.parse().map_err(Error::internal));
        Ok((self.totals, rows, regions.collect::<Result<_>>()?))
    }

    fn nature(&self, category: &str) -> Result<Nature> {
        nature(self.catalogue, category)
    }

    /// The month of the current period that stands at the same place.
    fn key_month(&self, side: usize, month: Month) -> Month {
        month.plus(self.periods[CURRENT].from().ordinal() - self.periods[side].from().ordinal())
    }

    fn place(&self, grouping: Grouping) -> Option<usize> {
        self.group_by.iter().position(|wanted| *wanted == grouping)
    }

    fn row(&mut self, place: usize, key: String) -> &mut Row {
        let grouping = self.group_by[place];
        self.rows.entry((place, key)).or_insert_with_key(|(_, key)| Row {
            grouping,
            key: key.clone(),
            costs: [Cost::default(); 2],
            missing: [0, 0],
        })
    }
}

/// The nature of what is booked under a category.
pub(super) fn nature(catalogue: &Catalogue, category: &str) -> Result<Nature> {
    let category = catalogue.get(category).ok_or_else(|| {
        Error::internal(format!("category {category} is booked but not in the catalogue"))
    })?;
    Ok(category.nature)
}

impl Cost {
    pub(super) fn add(&mut self, nature: Nature, sum: Sum) -> Result<()> {
        let part: &mut Fen = match nature {
            Nature::Running => &mut self.running,
            Nature::Capital => &mut self.capital,
            Nature::Revenue => &mut self.revenue,
        };
        *part = part.checked_add(sum.amount).ok_or_else(overflow)?;
        self.entries += sum.entries;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Missing;

    const CATALOGUE: &str = r#"
        category = [
            { code = "fuel", name = "油", name_en = "Fuel", nature = "running" },
            { code = "car", name = "车", name_en = "Car", nature = "capital" },
            { code = "sale", name = "卖", name_en = "Sale", nature = "revenue" },
        ]
    "#;

    fn period(from: &str, until: &str) -> Period {
        Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap()
    }

    fn cell(month: &str, region: &str, category: &str, fen: i64) -> Cell {
        let sum = Sum { amount: Fen::new(fen), entries: 1 };
        let month = month.parse().unwrap();
        Cell { month, region: region.to_owned(), category: category.to_owned(), sum }
    }

    fn missing(month: &str, region: &str, organization: &str) -> Missing {
        Missing {
            month: month.parse().unwrap(),
            region: region.parse().unwrap(),
            organization: organization.parse().unwrap(),
        }
    }

    #[test]
    fn rows_stand_side_by_side_and_revenue_apart() {
        let catalogue = Catalogue::parse(CATALOGUE).unwrap();
        let periods = [period("2016-01", "2016-03"), period("2015-01", "2015-03")];
        let group_by = [Grouping::Month, Grouping::Region, Grouping::Category];
        let mut fold = Fold::new(&catalogue, periods, &group_by);
        for c in [
            cell("2016-01", "420500", "fuel", 100),
            cell("2016-02", "420502", "car", 1000),
            cell("2016-02", "420500", "sale", 7),
        ] {
            fold.add(CURRENT, &c).unwrap();
        }
        fold.add(BASELINE, &cell("2015-02", "420500", "fuel", 130)).unwrap();
        let coverage = Coverage {
            expected: 4,
            missing: vec![missing("2015-01", "420503", "11420503000000001A")],
            regions: ["420503".parse().unwrap()].into(),
        };
        fold.cover(BASELINE, &coverage, &Payers::new());
        let (totals, rows, regions) = fold.finish().unwrap();
        assert_eq!(regions.len(), 3, "{regions:?}");
        assert_eq!(totals[CURRENT].running, Fen::new(100));
        assert_eq!(totals[CURRENT].capital, Fen::new(1000));
        assert_eq!(totals[CURRENT].revenue, Fen::new(7));
        assert_eq!(totals[CURRENT].entries, 3);
        let keys: Vec<_> = rows.iter().map(|row| row.key.as_str()).collect();
        let want = ["2016-01", "2016-02", "420500", "420502", "420503", "car", "fuel", "sale"];
        assert_eq!(keys, want);
        assert_eq!(rows[0].missing, [0, 1], "the baseline's month stands at its place");
        assert_eq!(rows[1].costs[BASELINE].running, Fen::new(130));
        assert_eq!(rows[4].missing, [0, 1]);
        assert!(rows[5..].iter().all(|row| row.missing == [0, 1]));
    }

    #[test]
    fn an_unknown_category_is_our_fault_and_named() {
        let catalogue = Catalogue::parse(CATALOGUE).unwrap();
        let periods = [period("2016-01", "2016-02"), period("2015-01", "2015-02")];
        let mut fold = Fold::new(&catalogue, periods, &[]);
        let error = fold.add(CURRENT, &cell("2016-01", "420500", "gone", 1)).unwrap_err();
        assert_eq!(error.reason().code, "INTERNAL");
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(source.is_none_or(|text| text.contains("gone")));
    }

    #[test]
    fn sums_do_not_overflow_silently() {
        let catalogue = Catalogue::parse(CATALOGUE).unwrap();
        let periods = [period("2016-01", "2016-02"), period("2015-01", "2015-02")];
        let mut fold = Fold::new(&catalogue, periods, &[]);
        fold.add(CURRENT, &cell("2016-01", "420500", "fuel", i64::MAX)).unwrap();
        assert!(fold.add(CURRENT, &cell("2016-01", "420500", "fuel", 1)).is_err());
    }
}
