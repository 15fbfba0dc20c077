//! Costs by head. Pure.

use std::collections::BTreeMap;

use steward_kernel::{Month, OrganizationCode};
use steward_proto::ledger::v1::{Grouping, PeriodCost};
use steward_proto::report::v1::{Comparison, PerHead};

use super::restate::Structure;
use super::{Ask, Reference, Summary};

/// The month that a year's head count is of: it is counted at the end.
const DECEMBER: u32 = 12;

/// The head counts of the current period's year and of the baseline's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counted {
    heads: [i64; 2],
    /// Whether one of them is not wholly known.
    unknown: [bool; 2],
}

impl Counted {
    fn add(&mut self, side: usize, heads: Option<i64>) {
        let sum = heads.and_then(|heads| self.heads[side].checked_add(heads));
        match sum {
            Some(sum) => self.heads[side] = sum,
            None => self.unknown[side] = true,
        }
    }
}

/// The head counts of a report.
#[derive(Debug, Clone, Default)]
pub(super) struct Heads {
    total: Counted,
    regions: BTreeMap<String, Counted>,
    organizations: BTreeMap<String, Counted>,
}

impl Heads {
    /// What the directory knows of the organizations that are asked for. Restated, staff stands where
    /// their costs stand.
    pub(super) fn of(
        ask: &Ask,
        years: [i32; 2],
        reference: &Reference,
        structure: Option<&Structure>,
    ) -> Self {
        let mut heads = Self::default();
        let as_it_was = Structure::default();
        let structure = structure.unwrap_or(&as_it_was);
        for (code, organization) in &reference.organizations {
            for (side, year) in years.into_iter().enumerate() {
                let Some(month) = Month::new(year, DECEMBER) else {
                    continue;
                };
                let known = organization.heads[side];
                for piece in structure.settle(code, month, [known.unwrap_or_default()]) {
                    let at = piece.at.map_or(code.as_str(), |at| structure.code(at).as_str());
                    // What went to where the caller sees nothing is no part of his report.
                    if let Some(at) = reference.organizations.get(at)
                        && ask.filter.matches(&at.code, &at.region)
                    {
                        let heads_there = known.map(|_| piece.amounts[0]);
                        heads.add(side, at.code.as_str(), at.region.as_str(), heads_there);
                    }
                }
            }
        }
        heads
    }

    fn add(&mut self, side: usize, organization: &str, region: &str, heads: Option<i64>) {
        self.total.add(side, heads);
        self.regions.entry(region.to_owned()).or_default().add(side, heads);
        self.organizations.entry(organization.to_owned()).or_default().add(side, heads);
    }

    /// Takes note of those who have costs in a domain but no heads among those that are counted: the
    /// directory does not know them, or has them today where the filter does not ask. Where their costs
    /// stand, heads are missing.
    pub(super) fn miss(&mut self, ask: &Ask, reference: &Reference, summary: &Summary) {
        let rows = summary.costs.rows.iter();
        for row in rows.filter(|row| row.grouping() == Grouping::Organization) {
            let known = reference.organizations.get(&row.key);
            if known.is_some_and(|known| ask.filter.matches(&known.code, &known.region)) {
                continue;
            }
            // Whoever moved may have booked anywhere.
            let code = row.key.parse::<OrganizationCode>().ok().filter(|_| known.is_none());
            let region = code.and_then(|code| code.assumed_region());
            let costs = [&row.current, &row.baseline];
            for side in (0..2).filter(|side| has_costs(costs[*side].as_ref())) {
                self.total.add(side, None);
                match &region {
                    Some(region) => {
                        self.regions.entry(region.as_str().to_owned()).or_default().add(side, None);
                    }
                    None => self.regions.values_mut().for_each(|sum| sum.add(side, None)),
                }
            }
        }
    }

    pub(super) fn total(&self, expenditure: &Comparison) -> PerHead {
        per_head(Some(&self.total), expenditure)
    }

    pub(super) fn of_region(&self, code: &str, expenditure: &Comparison) -> PerHead {
        per_head(self.regions.get(code), expenditure)
    }

    pub(super) fn of_organization(&self, code: &str, expenditure: &Comparison) -> PerHead {
        per_head(self.organizations.get(code), expenditure)
    }
}

/// Whether anything counts in a period. A share of an entry may, that is counted in another month.
fn has_costs(cost: Option<&PeriodCost>) -> bool {
    cost.is_some_and(|cost| *cost != PeriodCost::default())
}

/// Expenditure by so many heads.
fn per_head(counted: Option<&Counted>, expenditure: &Comparison) -> PerHead {
    let heads = [0, 1].map(|side| {
        let counted = counted.filter(|counted| !counted.unknown[side])?;
        Some(counted.heads[side])
    });
    let by = heads.map(|heads| heads.filter(|_| !expenditure.incomplete));
    let each = steward_kernel::per_head([expenditure.current_fen, expenditure.baseline_fen], by);
    PerHead {
        current_heads: heads[0],
        baseline_heads: heads[1],
        current_fen: each.amounts[0],
        baseline_fen: each.amounts[1],
        change_bp: each.change_bp,
    }
}

#[cfg(test)]
mod tests;
