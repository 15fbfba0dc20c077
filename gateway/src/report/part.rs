//! What each domain contributed to a report, and what is missing of it.

use std::collections::BTreeSet;

use steward_proto::ledger::v1::{Coverage, SummarizeCostsResponse};
use steward_proto::report::v1::DomainPart;

use super::{Answer, Summary};
use crate::domain::Domain;

/// What a domain contributed, or why it did not.
pub(super) fn part(domain: Domain, answer: &Answer) -> DomainPart {
    let domain = domain.name().to_owned();
    let mut costs = match answer {
        Ok(summary) => summary.costs.clone(),
        Err(failure) => {
            let failure = failure.code().to_owned();
            return DomainPart { domain, failure, ..DomainPart::default() };
        }
    };
    costs.closes.sort_by(|a, b| a.region.cmp(&b.region));
    DomainPart {
        domain,
        answered: true,
        failure: String::new(),
        read_time: costs.read_time,
        revision: costs.revision,
        closes: costs.closes,
        closed: costs.closed,
        current_coverage: costs.current_coverage.map(sorted),
        baseline_coverage: costs.baseline_coverage.map(sorted),
    }
}

fn sorted(mut coverage: Coverage) -> Coverage {
    coverage
        .missing_reports
        .sort_by(|a, b| (&a.month, &a.organization).cmp(&(&b.month, &b.organization)));
    coverage
}

/// The regions that any domain counted, sorted.
pub(super) fn counted_regions<'a>(summaries: impl Iterator<Item = &'a Summary>) -> Vec<String> {
    let regions: BTreeSet<&String> =
        summaries.flat_map(|summary| &summary.costs.counted_regions).collect();
    regions.into_iter().cloned().collect()
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
pub(super) fn reasons(domain: Domain, answer: &Answer) -> Vec<String> {
    let domain = domain.name();
    let costs = match answer {
        Ok(summary) => &summary.costs,
        Err(failure) => return vec![format!("{domain} did not answer: {}", failure.code())],
    };
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
