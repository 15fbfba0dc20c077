//! Amounts of both periods, summed exactly.

use steward_kernel::Fen;
use steward_proto::ledger::v1::PeriodCost;
use steward_proto::report::v1::Comparison;

/// Sums beyond what fen in 64 bits can say: about 92 quadrillion yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sums of the report are out of range")]
pub struct Overflow;

/// The amounts of both periods by nature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    running: Pair,
    capital: Pair,
    revenue: Pair,
    /// Whether a part of it is missing.
    pub(super) incomplete: bool,
}

impl Tally {
    pub(super) fn add(&mut self, now: &PeriodCost, base: &PeriodCost) -> Result<(), Overflow> {
        self.running = self.running.plus(now.running_fen, base.running_fen)?;
        self.capital = self.capital.plus(now.capital_fen, base.capital_fen)?;
        self.revenue = self.revenue.plus(now.revenue_fen, base.revenue_fen)?;
        Ok(())
    }

    /// Whether there is nothing in it, and nothing missing.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn lines(&self) -> Result<Lines, Overflow> {
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
pub(super) struct Lines {
    pub(super) all: Comparison,
    pub(super) running: Comparison,
    pub(super) capital: Comparison,
    pub(super) revenue: Comparison,
}

/// One amount in both periods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
