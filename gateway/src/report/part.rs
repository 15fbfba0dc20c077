//! What each domain contributed to a report, and what is missing of it.

use std::collections::{BTreeMap, BTreeSet};

use steward_proto::ledger::v1::{Coverage, MissingReport, SummarizeCostsResponse};
use steward_proto::report::v1::DomainPart;

use super::restate::Gap;
use super::{Failure, Summary};
use crate::domain::Domain;

/// A part lists at most so many missing reports of predecessors, as a ledger does of its own.
const MAX_MISSING: usize = 1_000;

/// What a domain contributed, or why it did not.
pub(super) fn part(domain: Domain, answer: Result<&Summary, Failure>) -> DomainPart {
    let domain = domain.name().to_owned();
    let costs = match answer {
        Ok(summary) => &summary.costs,
        Err(failure) => {
            let failure = failure.code().to_owned();
            return DomainPart { domain, failure, ..DomainPart::default() };
        }
    };
    let mut closes = costs.closes.clone();
    closes.sort_by(|a, b| a.region.cmp(&b.region));
    DomainPart {
        domain,
        answered: true,
        failure: String::new(),
        read_time: costs.read_time,
        revision: costs.revision.clone(),
        closes,
        closed: costs.closed,
        current_coverage: costs.current_coverage.clone().map(sorted),
        baseline_coverage: costs.baseline_coverage.clone().map(sorted),
        ..DomainPart::default()
    }
}

/// The part with what is missing of organizations that the filter does not ask for.
pub(super) fn with_gaps(part: DomainPart, gaps: &[Gap<'_>]) -> DomainPart {
    let count = |side| i32::try_from(untold(gaps, side).count()).unwrap_or(i32::MAX);
    let both = (0..2).flat_map(|side| untold(gaps, side));
    let listed: BTreeMap<_, &MissingReport> =
        both.map(|gap| ((&gap.missing.month, &gap.missing.organization), gap.missing)).collect();
    DomainPart {
        current_predecessor_missing_count: count(0),
        baseline_predecessor_missing_count: count(1),
        predecessor_missing_reports: listed.into_values().take(MAX_MISSING).cloned().collect(),
        ..part
    }
}

/// What is missing of a period and in no coverage.
fn untold<'a>(gaps: &'a [Gap<'a>], side: usize) -> impl Iterator<Item = &'a Gap<'a>> {
    gaps.iter().filter(move |gap| gap.side == side && !gap.told)
}

fn sorted(mut coverage: Coverage) -> Coverage {
    coverage
        .missing_reports
        .sort_by(|a, b| (&a.month, &a.organization).cmp(&(&b.month, &b.organization)));
    coverage
}

/// The regions that any domain counted, and those where something stands today, sorted.
pub(super) fn counted_regions<'a>(
    summaries: impl Iterator<Item = &'a Summary>,
    today: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let regions = summaries.flat_map(|summary| &summary.costs.counted_regions);
    let regions: BTreeSet<&str> = regions.map(String::as_str).chain(today).collect();
    regions.into_iter().map(ToOwned::to_owned).collect()
}

/// How many declared organization-months of both periods are missing.
pub(super) fn missing(costs: &SummarizeCostsResponse) -> i64 {
    [&costs.current_coverage, &costs.baseline_coverage]
        .into_iter()
        .flatten()
        .map(|coverage| i64::from(coverage.missing_count))
        .sum()
}

/// Why the report is not complete because of this domain, one sentence each.
pub(super) fn reasons(domain: Domain, summary: &Summary) -> Vec<String> {
    let (domain, costs) = (domain.name(), &summary.costs);
    let periods = [("current", &costs.current_coverage), ("baseline", &costs.baseline_coverage)];
    periods
        .into_iter()
        .filter_map(|(period, coverage)| Some((period, coverage.as_ref()?)))
        .filter(|(_, coverage)| coverage.missing_count > 0)
        .map(|(period, coverage)| {
            format!(
                "{domain}: {} of {} declared organization-months of the {period} period are missing",
                coverage.missing_count, coverage.expected_count
            )
        })
        .collect()
}

/// Why it is not complete because of organizations that the filter does not ask for, but whose costs
/// stand today at some that it asks for.
pub(super) fn gap_reasons(domain: Domain, gaps: &[Gap<'_>]) -> impl Iterator<Item = String> {
    let periods = [("current", 0), ("baseline", 1)];
    let periods = periods.map(|(period, side)| (period, untold(gaps, side).count()));
    periods.into_iter().filter(|(_, count)| *count > 0).map(move |(period, count)| {
        format!(
            "{}: {count} declared organization-months of the {period} period are missing of \
             organizations whose costs stand here today",
            domain.name()
        )
    })
}
