//! Puts the answers of the domains together into the cost-reduction report. Pure: the same answers
//! give the same report, whatever the order they came in.
//!
//! A part that is not there makes everything it could have been in *incomplete*: such a comparison
//! shows what is known and says no change, for silence is not saving.

use steward_chassis::period;
use steward_proto::report::v1::{CostReductionReport, DomainPart};

use super::heads::Heads;
use super::restate::{self, Moves};
use super::row::Showing;
use super::sums::Sums;
use super::{Answer, Ask, Failure, Summary, Told, part};
use crate::domain::Domain;

pub use super::tally::Overflow;

/// What a domain contributes: its answer, and what of it stands elsewhere today.
struct Contribution<'a> {
    summary: &'a Summary,
    moves: Moves<'a>,
}

/// The report of one answer a domain, and of what the directory told.
pub fn aggregate(
    ask: &Ask,
    mut answers: Vec<(Domain, Answer)>,
    told: &Told,
) -> Result<CostReductionReport, Overflow> {
    answers.sort_by_key(|(domain, _)| *domain);
    let contributions: Vec<_> =
        answers.iter().map(|(domain, answer)| (*domain, contribution(ask, told, answer))).collect();
    let mut sums = Sums::new(ask);
    for (domain, contribution) in &contributions {
        match contribution {
            Ok(Contribution { summary, moves }) => {
                sums.add(*domain, summary)?;
                sums.restate(*domain, summary, moves)?;
            }
            Err(_) => sums.fail(*domain),
        }
    }
    let showing = Showing {
        failed: contributions.iter().any(|(_, contribution)| contribution.is_err()),
        reference: told.reference.as_ref(),
        heads: heads(ask, told, summaries(&contributions)),
    };
    let total = sums.total.lines()?;
    let regions = sums.regions.iter().map(String::as_str);
    let report = CostReductionReport {
        period: Some(period::to_proto(ask.period)),
        baseline: Some(period::to_proto(ask.baseline)),
        basis: ask.basis.into(),
        view: ask.view.into(),
        complete: !sums.total.incomplete,
        incomplete_reasons: contributions.iter().flat_map(|(d, part)| reasons(*d, part)).collect(),
        total: Some(total.all),
        running: Some(total.running),
        capital: Some(total.capital),
        revenue: Some(total.revenue),
        rows: sums.rows(&showing)?,
        scope_limited: limited(ask, told, summaries(&contributions)),
        counted_regions: part::counted_regions(summaries(&contributions), regions),
        parts: contributions.iter().map(|(d, shown)| shown_part(ask, *d, shown)).collect(),
        structure: ask.structure.into(),
        directory_answered: told.reference.is_some() || !ask.needs_directory(),
        succession_count: succession_count(told),
        head_count: ask.head_count.into(),
        total_per_head: showing.heads.as_ref().map(|heads| heads.total(&total.all)),
        ..CostReductionReport::default()
    };
    Ok(report)
}

/// What a domain contributes. What cannot be restated is an answer that cannot be.
fn contribution<'a>(
    ask: &Ask,
    told: &Told,
    answer: &'a Answer,
) -> Result<Contribution<'a>, Failure> {
    let summary = answer.as_ref().map_err(|failure| *failure)?;
    let moves = match (&told.structure, &told.reference) {
        (Some(structure), Some(reference)) => {
            let moves = restate::moves(ask, structure, reference, &summary.costs);
            moves.map_err(|_| Failure::Internal)?
        }
        _ => Moves::default(),
    };
    Ok(Contribution { summary, moves })
}

type Contributions<'a> = [(Domain, Result<Contribution<'a>, Failure>)];

fn summaries<'a>(contributions: &Contributions<'a>) -> impl Iterator<Item = &'a Summary> + Clone {
    contributions.iter().filter_map(|(_, part)| part.as_ref().ok().map(|part| part.summary))
}

/// The head counts, where costs are divided by them.
fn heads<'a>(
    ask: &Ask,
    told: &Told,
    summaries: impl Iterator<Item = &'a Summary>,
) -> Option<Heads> {
    let (years, reference) = (ask.years()?, told.reference.as_ref()?);
    let mut heads = Heads::of(ask, years, reference, told.structure.as_ref());
    for summary in summaries {
        heads.miss(ask, reference, summary);
    }
    Some(heads)
}

/// Whether the filter asks for more than the caller may see.
fn limited<'a>(ask: &Ask, told: &Told, mut summaries: impl Iterator<Item = &'a Summary>) -> bool {
    let beyond = match (&told.structure, &told.reference) {
        (Some(structure), Some(reference)) => restate::limited(ask, structure, reference),
        _ => false,
    };
    beyond || summaries.any(|summary| summary.costs.scope_limited || summary.costs.cells_limited)
}

fn succession_count(told: &Told) -> i32 {
    let count = told.structure.as_ref().map_or(0, super::Structure::count);
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn reasons(domain: Domain, part: &Result<Contribution<'_>, Failure>) -> Vec<String> {
    match part {
        Ok(part) => part::reasons(domain, part.summary)
            .into_iter()
            .chain(part::gap_reasons(domain, &part.moves.gaps))
            .collect(),
        Err(failure) => vec![failure.sentence(domain.name())],
    }
}

/// A domain's part. What is restated changes with every reform, whatever is closed.
fn shown_part(ask: &Ask, domain: Domain, part: &Result<Contribution<'_>, Failure>) -> DomainPart {
    let shown = part::part(domain, part.as_ref().map(|part| part.summary).map_err(|why| *why));
    let gaps = part.as_ref().map_or(&[][..], |part| &part.moves.gaps);
    DomainPart { closed: shown.closed && !ask.is_restated(), ..part::with_gaps(shown, gaps) }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(super) mod tests;
