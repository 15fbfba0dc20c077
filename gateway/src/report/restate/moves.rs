//! What of a domain's answer stands elsewhere today.

use std::collections::BTreeSet;

use steward_chassis::scope::Filter;
use steward_kernel::{Month, OrganizationCode, Period, RegionCode};
use steward_proto::ledger::v1::{CostCell, MissingReport, SummarizeCostsResponse};

use super::Structure;
use crate::report::{Ask, Malformed, Reference};

/// An organization and the region that its costs count in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) struct Place {
    pub(in crate::report) organization: OrganizationCode,
    pub(in crate::report) region: RegionCode,
}

/// An amount that stands elsewhere today. A place that the report does not ask for, or that the caller
/// may not see, is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Shift<'a> {
    /// 0 = the current period, 1 = the baseline.
    pub(in crate::report) side: usize,
    pub(in crate::report) month: Month,
    pub(in crate::report) category: &'a str,
    /// Running, capital, revenue.
    pub(in crate::report) amounts: [i64; 3],
    pub(in crate::report) from: Option<Place>,
    pub(in crate::report) to: Option<Place>,
}

/// A declared month that nobody reported, of an organization whose place another one took.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Gap<'a> {
    pub(in crate::report) side: usize,
    pub(in crate::report) month: Month,
    /// What the domain said of it.
    pub(in crate::report) missing: &'a MissingReport,
    /// Whether the domain's coverage tells of it already.
    pub(in crate::report) told: bool,
    /// Whether all of what is missing would stand elsewhere.
    pub(in crate::report) gone: bool,
    /// Who has a share in what is missing.
    pub(in crate::report) to: BTreeSet<Place>,
}

/// What of a domain's answer stands elsewhere today.
#[derive(Debug, Clone, Default)]
pub(in crate::report) struct Moves<'a> {
    pub(in crate::report) shifts: Vec<Shift<'a>>,
    pub(in crate::report) gaps: Vec<Gap<'a>>,
}

/// Looks at what a domain said of the organizations that others took the place of.
pub(in crate::report) fn moves<'a>(
    ask: &Ask,
    structure: &Structure,
    reference: &Reference,
    costs: &'a SummarizeCostsResponse,
) -> Result<Moves<'a>, Malformed> {
    let today = Today { filter: &ask.filter, structure, reference };
    let mut moves = Moves::default();
    for cell in &costs.cells {
        today.shift(ask, cell, &mut moves.shifts)?;
    }
    for missing in &costs.cell_missing_reports {
        let month: Month = missing.month.parse().map_err(|_| Malformed)?;
        let told = today.asked(&missing.organization, &missing.region)?.is_some();
        let pieces = structure.settle(&missing.organization, month, []);
        let gone = pieces.iter().all(|piece| piece.at.is_some());
        let to: BTreeSet<_> = pieces.iter().filter_map(|piece| today.at(piece.at?)).collect();
        if !to.is_empty() || (told && gone) {
            let gap = |side| Gap { side, month, missing, told, gone, to: to.clone() };
            moves.gaps.extend(sides(ask, month).map(gap));
        }
    }
    Ok(moves)
}

/// Whose costs the domains are asked for one by one. Where those are more than `most`, only who is
/// connected with what the filter asks for, by the region that it lies in today or has in its code: one
/// that lay there only in between is not found then.
pub(in crate::report) fn predecessors(
    ask: &Ask,
    structure: &Structure,
    reference: &Reference,
    most: usize,
) -> Vec<OrganizationCode> {
    let today = Today { filter: &ask.filter, structure, reference };
    let first = ask.period.from().min(ask.baseline.from());
    let mut places: Vec<usize> = structure.predecessors(first).collect();
    if places.len() > most && !ask.filter.is_empty() {
        let near = structure.connected(|place| today.touches(place));
        places.retain(|place| near[*place]);
    }
    places.into_iter().map(|place| structure.code(place).clone()).collect()
}

/// Whether something that the filter asks for came from, or went to, an organization that the caller
/// may not see.
pub(in crate::report) fn limited(ask: &Ask, structure: &Structure, reference: &Reference) -> bool {
    let today = Today { filter: &ask.filter, structure, reference };
    structure.steps.iter().enumerate().filter(|(_, steps)| !steps.is_empty()).any(|(place, _)| {
        // Before all transfers.
        let heirs = structure.settle(
            structure.codes[place].as_str(),
            Month::of(chrono::NaiveDate::MIN),
            [],
        );
        let heirs = heirs.iter().filter_map(|piece| piece.at);
        let all: Vec<usize> = heirs.chain([place]).collect();
        all.iter().any(|place| today.at(*place).is_some())
            && all.iter().any(|place| !today.sees(*place))
    })
}

/// The periods that a month lies in.
fn sides(ask: &Ask, month: Month) -> impl Iterator<Item = usize> {
    let periods: [Period; 2] = [ask.period, ask.baseline];
    (0..2).filter(move |side| periods[*side].contains(month))
}

/// Who is where today, and what of it is asked for.
struct Today<'a> {
    filter: &'a Filter,
    structure: &'a Structure,
    reference: &'a Reference,
}

impl Today<'_> {
    fn sees(&self, place: usize) -> bool {
        self.reference.organizations.contains_key(self.structure.code(place).as_str())
    }

    /// Where an organization is today, if that is asked for and may be seen.
    fn at(&self, place: usize) -> Option<Place> {
        let known = self.reference.organizations.get(self.structure.code(place).as_str())?;
        self.filter
            .matches(&known.code, &known.region)
            .then(|| Place { organization: known.code.clone(), region: known.region.clone() })
    }

    /// Whether an organization may have something that is asked for.
    fn touches(&self, place: usize) -> bool {
        let code = self.structure.code(place);
        let assumed = code.assumed_region();
        self.at(place).is_some() || assumed.is_some_and(|region| self.filter.matches(code, &region))
    }

    /// Where something was booked, if that is asked for.
    fn asked(&self, organization: &str, region: &str) -> Result<Option<Place>, Malformed> {
        let place = Place {
            organization: organization.parse().map_err(|_| Malformed)?,
            region: region.parse().map_err(|_| Malformed)?,
        };
        Ok(self.filter.matches(&place.organization, &place.region).then_some(place))
    }

    fn shift<'a>(
        &self,
        ask: &Ask,
        cell: &'a CostCell,
        shifts: &mut Vec<Shift<'a>>,
    ) -> Result<(), Malformed> {
        let month: Month = cell.month.parse().map_err(|_| Malformed)?;
        let from = self.asked(&cell.organization, &cell.region)?;
        let cost = cell.cost.as_ref().ok_or(Malformed)?;
        let amounts = [cost.running_fen, cost.capital_fen, cost.revenue_fen];
        for piece in self.structure.settle(&cell.organization, month, amounts) {
            let Some(at) = piece.at else {
                continue;
            };
            let to = self.at(at);
            if from.is_none() && to.is_none() {
                continue;
            }
            shifts.extend(sides(ask, month).map(|side| Shift {
                side,
                month,
                category: &cell.category,
                amounts: piece.amounts,
                from: from.clone(),
                to: to.clone(),
            }));
        }
        Ok(())
    }
}
