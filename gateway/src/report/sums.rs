//! The sums of a report, by the wanted groupings.

use std::collections::{BTreeMap, BTreeSet};

use steward_kernel::{Fen, Month};
use steward_proto::ledger::v1::{CostRow, Grouping, PeriodCost};
use steward_proto::report::v1::{ReportGrouping, ReportRow};

use super::restate::{Gap, Moves, Place, Shift};
use super::row::Showing;
use super::tally::{Overflow, Tally};
use super::{Ask, Summary, part};
use crate::domain::Domain;

/// The place of a grouping in the request, and the key of a row of it.
type Key = (usize, String);

/// What is summed up so far.
#[derive(Debug)]
pub(super) struct Sums<'a> {
    ask: &'a Ask,
    pub(super) total: Tally,
    rows: BTreeMap<Key, (Tally, String)>,
    /// The rows from which something went to where it stands today.
    left: BTreeSet<Key>,
    /// The regions to which something went.
    pub(super) regions: BTreeSet<String>,
}

impl<'a> Sums<'a> {
    pub(super) fn new(ask: &'a Ask) -> Self {
        Self {
            ask,
            total: Tally::default(),
            rows: BTreeMap::new(),
            left: BTreeSet::new(),
            regions: BTreeSet::new(),
        }
    }

    /// Adds what a domain answered.
    pub(super) fn add(&mut self, domain: Domain, summary: &Summary) -> Result<(), Overflow> {
        let costs = &summary.costs;
        let none = PeriodCost::default();
        let (now, base) =
            (costs.current.as_ref().unwrap_or(&none), costs.baseline.as_ref().unwrap_or(&none));
        let missing = part::missing(costs) > 0;
        self.total.add(now, base)?;
        self.total.incomplete |= missing;
        if let Some(place) = self.place(ReportGrouping::Domain) {
            let row = self.row(place, domain.name(), domain.label());
            row.add(now, base)?;
            row.incomplete |= missing;
        }
        costs.rows.iter().try_for_each(|row| self.add_row(domain, summary, row))
    }

    /// Adds one row of a domain; rows of groupings that were not asked for do not count.
    fn add_row(
        &mut self,
        domain: Domain,
        summary: &Summary,
        row: &CostRow,
    ) -> Result<(), Overflow> {
        let Some(grouping) = report_grouping(row.grouping()) else {
            return Ok(());
        };
        let Some(place) = self.place(grouping) else {
            return Ok(());
        };
        let none = PeriodCost::default();
        let (now, base) =
            (row.current.as_ref().unwrap_or(&none), row.baseline.as_ref().unwrap_or(&none));
        let missing = row.current_missing_count > 0 || row.baseline_missing_count > 0;
        let sum = if grouping == ReportGrouping::Category {
            self.category(place, domain, summary, &row.key)
        } else {
            self.row(place, &row.key, "")
        };
        sum.add(now, base)?;
        sum.incomplete |= missing;
        Ok(())
    }

    /// Flags what a domain that did not answer is missing from. The rows that it shares with other
    /// domains are flagged when they are shown.
    pub(super) fn fail(&mut self, domain: Domain) {
        self.total.incomplete = true;
        if let Some(place) = self.place(ReportGrouping::Domain) {
            self.row(place, domain.name(), domain.label()).incomplete = true;
        }
    }

    /// Moves what of a domain's costs stands elsewhere today, and what is missing of them.
    pub(super) fn restate(
        &mut self,
        domain: Domain,
        summary: &Summary,
        moves: &Moves<'_>,
    ) -> Result<(), Overflow> {
        for shift in &moves.shifts {
            if let Some(place) = &shift.from {
                self.shift(domain, summary, shift, place, true)?;
            }
            if let Some(place) = &shift.to {
                self.regions.insert(place.region.as_str().to_owned());
                self.shift(domain, summary, shift, place, false)?;
            }
        }
        moves.gaps.iter().for_each(|gap| self.gap(domain, gap));
        if moves.gaps.iter().any(|gap| !gap.told)
            && let Some(wanted) = self.place(ReportGrouping::Category)
        {
            // A silent organization might have booked under any.
            let prefix = category_key(domain, "");
            let rows = self.rows.iter_mut();
            let of_domain = rows.filter(|((at, key), _)| *at == wanted && key.starts_with(&prefix));
            of_domain.for_each(|(_, (sum, _))| sum.incomplete = true);
        }
        Ok(())
    }

    /// Takes an amount from a place, or adds it to one. What goes from one to another stays in the sums
    /// over both.
    fn shift(
        &mut self,
        domain: Domain,
        summary: &Summary,
        shift: &Shift<'_>,
        place: &Place,
        away: bool,
    ) -> Result<(), Overflow> {
        let (now, base) = costs(shift, away)?;
        let within = shift.from.is_some() && shift.to.is_some();
        for (at, grouping) in self.ask.groupings.iter().enumerate() {
            let row = match grouping {
                ReportGrouping::Region => self.row(at, place.region.as_str(), ""),
                ReportGrouping::Organization => self.row(at, place.organization.as_str(), ""),
                _ if within => continue,
                ReportGrouping::Domain => self.row(at, domain.name(), domain.label()),
                ReportGrouping::Category => self.category(at, domain, summary, shift.category),
                ReportGrouping::Month => self.row(at, &self.key_month(shift.side, shift.month), ""),
                ReportGrouping::Unspecified => continue,
            };
            row.add(&now, &base)?;
        }
        if away {
            self.leave(domain, shift, place);
        }
        if within { Ok(()) } else { self.total.add(&now, &base) }
    }

    /// Takes note of the rows that something went from. A domain stays, whatever is left of it.
    fn leave(&mut self, domain: Domain, shift: &Shift<'_>, place: &Place) {
        for (at, grouping) in self.ask.groupings.iter().enumerate() {
            let key = match grouping {
                ReportGrouping::Region => place.region.to_string(),
                ReportGrouping::Organization => place.organization.to_string(),
                _ if shift.to.is_some() => continue,
                ReportGrouping::Category => category_key(domain, shift.category),
                ReportGrouping::Month => self.key_month(shift.side, shift.month),
                ReportGrouping::Domain | ReportGrouping::Unspecified => continue,
            };
            self.left.insert((at, key));
        }
    }

    /// Flags where the costs of a month would stand today that nobody reported.
    fn gap(&mut self, domain: Domain, gap: &Gap<'_>) {
        self.total.incomplete |= !gap.told;
        for (at, grouping) in self.ask.groupings.iter().enumerate() {
            match grouping {
                ReportGrouping::Region => gap.to.iter().for_each(|place| {
                    self.row(at, place.region.as_str(), "").incomplete = true;
                }),
                ReportGrouping::Organization => {
                    if gap.gone {
                        self.vacate(at, &gap.missing.organization);
                    }
                    gap.to.iter().for_each(|place| {
                        self.row(at, place.organization.as_str(), "").incomplete = true;
                    });
                }
                ReportGrouping::Domain if !gap.told => {
                    self.row(at, domain.name(), domain.label()).incomplete = true;
                }
                ReportGrouping::Month if !gap.told => {
                    self.row(at, &self.key_month(gap.side, gap.month), "").incomplete = true;
                }
                _ => {}
            }
        }
    }

    /// Takes what is missing away from an organization that is no more.
    fn vacate(&mut self, at: usize, organization: &str) {
        let key = (at, organization.to_owned());
        if let Some((sum, _)) = self.rows.get_mut(&key) {
            sum.incomplete = false;
            self.left.insert(key);
        }
    }

    /// The month of the current period that stands at the same place.
    fn key_month(&self, side: usize, month: Month) -> String {
        let from = [self.ask.period, self.ask.baseline][side].from();
        month.plus(self.ask.period.from().ordinal() - from.ordinal()).to_string()
    }

    /// The place of a grouping in the request.
    fn place(&self, grouping: ReportGrouping) -> Option<usize> {
        self.ask.groupings.iter().position(|wanted| *wanted == grouping)
    }

    fn category(&mut self, at: usize, domain: Domain, summary: &Summary, code: &str) -> &mut Tally {
        let label = summary.categories.get(code).map_or("", String::as_str);
        self.row(at, &category_key(domain, code), label)
    }

    fn row(&mut self, place: usize, key: &str, label: &str) -> &mut Tally {
        let row = self.rows.entry((place, key.to_owned()));
        &mut row.or_insert_with(|| (Tally::default(), label.to_owned())).0
    }

    /// The rows, in the order of the request and then by key. Where a domain failed, it might have
    /// been in any row that is not of one domain.
    pub(super) fn rows(&self, showing: &Showing<'_>) -> Result<Vec<ReportRow>, Overflow> {
        let gone = |key: &Key, sum: &Tally| sum.is_empty() && self.left.contains(key);
        let rows = self.rows.iter().filter(|(key, (sum, _))| !gone(key, sum));
        rows.map(|((place, key), (sum, label))| {
            let grouping = self.ask.groupings.get(*place).copied().unwrap_or_default();
            showing.row(grouping, key, label, *sum)
        })
        .collect()
    }
}

/// What is added to the current period and to the baseline.
fn costs(shift: &Shift<'_>, away: bool) -> Result<(PeriodCost, PeriodCost), Overflow> {
    let signed = |amount: i64| {
        let fen = Some(Fen::new(amount));
        let fen = if away { fen.and_then(Fen::checked_neg) } else { fen };
        fen.map(Fen::get).ok_or(Overflow)
    };
    let [running, capital, revenue] = shift.amounts;
    let cost = PeriodCost {
        running_fen: signed(running)?,
        capital_fen: signed(capital)?,
        revenue_fen: signed(revenue)?,
        ..PeriodCost::default()
    };
    let none = PeriodCost::default();
    Ok(if shift.side == 0 { (cost, none) } else { (none, cost) })
}

fn category_key(domain: Domain, code: &str) -> String {
    format!("{}/{code}", domain.name())
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
