//! Puts the answers of the domains together into the cost-reduction report. Pure: the same answers
//! give the same report, whatever the order they came in.
//!
//! A part that is not there makes everything it could have been in *incomplete*: such a comparison
//! shows what is known and says no change, for silence is not saving.

use std::collections::BTreeMap;

use steward_chassis::period;
use steward_kernel::{Fen, yichang};
use steward_proto::ledger::v1::{CostRow, Grouping, PeriodCost};
use steward_proto::report::v1::{Comparison, CostReductionReport, ReportGrouping, ReportRow};

use super::{Answer, Ask, Summary, part};
use crate::domain::Domain;

/// Sums beyond what fen in 64 bits can say: about 92 quadrillion yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sums of the report are out of range")]
pub struct Overflow;

/// The report of one answer a domain.
pub fn aggregate(
    ask: &Ask,
    mut answers: Vec<(Domain, Answer)>,
) -> Result<CostReductionReport, Overflow> {
    answers.sort_by_key(|(domain, _)| *domain);
    let mut sums = Sums::default();
    for (domain, answer) in &answers {
        match answer {
            Ok(summary) => sums.add(ask, *domain, summary)?,
            Err(_) => sums.fail(ask, *domain),
        }
    }
    let failed = answers.iter().any(|(_, answer)| answer.is_err());
    let total = sums.total.lines()?;
    Ok(CostReductionReport {
        period: Some(period::to_proto(ask.period)),
        baseline: Some(period::to_proto(ask.baseline)),
        basis: ask.basis.into(),
        view: ask.view.into(),
        complete: !sums.total.incomplete,
        incomplete_reasons: answers
            .iter()
            .flat_map(|(d, answer)| part::reasons(*d, answer))
            .collect(),
        total: Some(total.all),
        running: Some(total.running),
        capital: Some(total.capital),
        revenue: Some(total.revenue),
        rows: sums.rows(ask, failed)?,
        scope_limited: summaries(&answers).any(|summary| summary.costs.scope_limited),
        counted_regions: part::counted_regions(summaries(&answers)),
        parts: answers.iter().map(|(d, answer)| part::part(*d, answer)).collect(),
        ..CostReductionReport::default()
    })
}

fn summaries(answers: &[(Domain, Answer)]) -> impl Iterator<Item = &Summary> {
    answers.iter().filter_map(|(_, answer)| answer.as_ref().ok())
}

/// What is summed up so far.
#[derive(Debug, Default)]
struct Sums {
    total: Tally,
    /// By the place of the grouping in the request, then by key.
    rows: BTreeMap<(usize, String), (Tally, String)>,
}

impl Sums {
    /// Adds what a domain answered.
    fn add(&mut self, ask: &Ask, domain: Domain, summary: &Summary) -> Result<(), Overflow> {
        let costs = &summary.costs;
        let none = PeriodCost::default();
        let (current, baseline) =
            (costs.current.as_ref().unwrap_or(&none), costs.baseline.as_ref().unwrap_or(&none));
        let missing = part::missing(costs) > 0;
        self.total.add(current, baseline, missing)?;
        if let Some(place) = place(ask, ReportGrouping::Domain) {
            self.row(place, domain.name(), domain.label()).add(current, baseline, missing)?;
        }
        for row in &costs.rows {
            self.add_row(ask, domain, summary, row)?;
        }
        Ok(())
    }

    /// Adds one row of a domain; rows of groupings that were not asked for do not count.
    fn add_row(
        &mut self,
        ask: &Ask,
        domain: Domain,
        summary: &Summary,
        row: &CostRow,
    ) -> Result<(), Overflow> {
        let Some(grouping) = report_grouping(row.grouping()) else {
            return Ok(());
        };
        let Some(place) = place(ask, grouping) else {
            return Ok(());
        };
        let (key, label) = match grouping {
            ReportGrouping::Category => (
                format!("{}/{}", domain.name(), row.key),
                summary.categories.get(&row.key).map_or("", String::as_str),
            ),
            ReportGrouping::Region => {
                (row.key.clone(), yichang::region_name(&row.key).unwrap_or_default())
            }
            _ => (row.key.clone(), ""),
        };
        let none = PeriodCost::default();
        let missing = row.current_missing_count > 0 || row.baseline_missing_count > 0;
        self.row(place, &key, label).add(
            row.current.as_ref().unwrap_or(&none),
            row.baseline.as_ref().unwrap_or(&none),
            missing,
        )
    }

    /// Flags what a domain that did not answer is missing from. The rows that it shares with other
    /// domains are flagged when they are made.
    fn fail(&mut self, ask: &Ask, domain: Domain) {
        self.total.incomplete = true;
        if let Some(place) = place(ask, ReportGrouping::Domain) {
            self.row(place, domain.name(), domain.label()).incomplete = true;
        }
    }

    fn row(&mut self, place: usize, key: &str, label: &str) -> &mut Tally {
        let row = self.rows.entry((place, key.to_owned()));
        &mut row.or_insert_with(|| (Tally::default(), label.to_owned())).0
    }

    /// The rows, in the order of the request and then by key. Where a domain `failed`, it might have
    /// been in any row that is not of one domain.
    fn rows(&self, ask: &Ask, failed: bool) -> Result<Vec<ReportRow>, Overflow> {
        let row = |((place, key), (tally, label)): (&(usize, String), &(Tally, String))| {
            let grouping = ask.groupings.get(*place).copied().unwrap_or_default();
            let own = matches!(grouping, ReportGrouping::Domain | ReportGrouping::Category);
            let lines =
                Tally { incomplete: tally.incomplete || (failed && !own), ..*tally }.lines()?;
            Ok(ReportRow {
                grouping: grouping.into(),
                key: key.clone(),
                label: label.clone(),
                total: Some(lines.all),
                running: Some(lines.running),
                capital: Some(lines.capital),
                revenue: Some(lines.revenue),
            })
        };
        self.rows.iter().map(row).collect()
    }
}

/// The place of a grouping in the request.
fn place(ask: &Ask, grouping: ReportGrouping) -> Option<usize> {
    ask.groupings.iter().position(|wanted| *wanted == grouping)
}

/// The report's name of a ledger's grouping.
fn report_grouping(grouping: Grouping) -> Option<ReportGrouping> {
    match grouping {
        Grouping::Unspecified => None,
        Grouping::Category => Some(ReportGrouping::Category),
        Grouping::Region => Some(ReportGrouping::Region),
        Grouping::Organization => Some(ReportGrouping::Organization),
        Grouping::Month => Some(ReportGrouping::Month),
    }
}

/// The amounts of both periods by nature.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    running: Pair,
    capital: Pair,
    revenue: Pair,
    incomplete: bool,
}

impl Tally {
    fn add(&mut self, now: &PeriodCost, base: &PeriodCost, missing: bool) -> Result<(), Overflow> {
        self.running = self.running.plus(now.running_fen, base.running_fen)?;
        self.capital = self.capital.plus(now.capital_fen, base.capital_fen)?;
        self.revenue = self.revenue.plus(now.revenue_fen, base.revenue_fen)?;
        self.incomplete |= missing;
        Ok(())
    }

    fn lines(&self) -> Result<Lines, Overflow> {
        let all = self.running.plus(self.capital.current.get(), self.capital.baseline.get())?;
        Ok(Lines {
            all: all.compare(self.incomplete)?,
            running: self.running.compare(self.incomplete)?,
            capital: self.capital.compare(self.incomplete)?,
            revenue: self.revenue.compare(self.incomplete)?,
        })
    }
}

/// The four comparisons of a row; `all` is running plus capital.
struct Lines {
    all: Comparison,
    running: Comparison,
    capital: Comparison,
    revenue: Comparison,
}

/// One amount in both periods.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    current: Fen,
    baseline: Fen,
}

impl Pair {
    fn plus(self, current_fen: i64, baseline_fen: i64) -> Result<Self, Overflow> {
        let sum = |a: Fen, b: i64| a.checked_add(Fen::new(b)).ok_or(Overflow);
        Ok(Self {
            current: sum(self.current, current_fen)?,
            baseline: sum(self.baseline, baseline_fen)?,
        })
    }

    fn compare(self, incomplete: bool) -> Result<Comparison, Overflow> {
        let change = self.current.checked_sub(self.baseline).ok_or(Overflow)?;
        Ok(Comparison {
            current_fen: self.current.get(),
            baseline_fen: self.baseline.get(),
            change_fen: (!incomplete).then_some(change.get()),
            change_bp: if incomplete { None } else { Fen::change_bp(self.current, self.baseline) },
            incomplete,
        })
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
