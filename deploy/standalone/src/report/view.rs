//! The report as plain data: what `--format json` prints, field by field as the API names them, and
//! what tables and CSV are made of. Amounts are whole fen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use steward_kernel::Month;

/// The cost-reduction report.
#[expect(clippy::struct_excessive_bools, reason = "they are the fields of the API")]
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The current period.
    pub period: MonthPeriod,
    /// The period it is compared with.
    pub baseline: MonthPeriod,
    /// `paid` or `incurred`.
    pub basis: &'static str,
    /// `user` or `payer`.
    pub view: &'static str,
    /// False where a domain did not answer or a declared month is missing.
    pub complete: bool,
    /// Why it is not complete.
    pub incomplete_reasons: Vec<String>,
    /// All expenditure.
    pub total: Comparison,
    /// Running expenditure.
    pub running: Comparison,
    /// Capital expenditure.
    pub capital: Comparison,
    /// Revenue to treasury; in no total.
    pub revenue: Comparison,
    /// The rows of the wanted groupings.
    pub rows: Vec<Row>,
    /// What each domain contributed.
    pub parts: Vec<Part>,
    /// True where the caller's grants leave out some of what was asked for.
    pub scope_limited: bool,
    /// The regions that were counted.
    pub counted_regions: Vec<String>,
    /// Payments that may have been booked in two domains, in either period.
    pub suspected_duplicates: Vec<Suspect>,
    /// Whether they were looked for to the end.
    pub suspected_duplicates_checked: bool,
    /// Whether there are more.
    pub suspected_duplicates_truncated: bool,
    /// `as_it_was` or `restated`.
    pub structure: &'static str,
    /// Whether what the report needs of the directory is there.
    pub directory_answered: bool,
    /// How many successions the restated report took into account.
    pub succession_count: i32,
    /// What costs are divided by: `establishment`, `on_post`, `energy_users`; empty = nothing.
    pub head_count: &'static str,
    /// All expenditure per head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_per_head: Option<PerHead>,
}

/// Whole months, half-open.
#[derive(Debug, Clone, Serialize)]
pub struct MonthPeriod {
    /// The first month.
    pub from_month: String,
    /// The month after the last.
    pub until_month: String,
}

impl MonthPeriod {
    /// The first month and the last, as people name a period; `None` where they are no months.
    pub(super) fn included(&self) -> Option<(Month, Month)> {
        let until: Month = self.until_month.parse().ok()?;
        Some((self.from_month.parse().ok()?, until.previous()))
    }
}

/// One amount in both periods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The current period.
    pub current_fen: i64,
    /// The baseline period.
    pub baseline_fen: i64,
    /// Current less baseline; absent where incomplete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_fen: Option<i64>,
    /// In basis points of the baseline; absent where incomplete or where that is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_bp: Option<i64>,
    /// Whether something is missing in it.
    pub incomplete: bool,
}

/// Expenditure per head. What is not wholly known is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PerHead {
    /// The head count of the current period's year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_heads: Option<i64>,
    /// That of the baseline's year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_heads: Option<i64>,
    /// Fen a head in the current period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_fen: Option<i64>,
    /// Fen a head in the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_fen: Option<i64>,
    /// The change of the quotient in basis points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_bp: Option<i64>,
}

/// A row of a grouping.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// `domain`, `category`, `region`, `organization` or `month`.
    pub grouping: &'static str,
    /// The value of the grouping.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// All expenditure.
    pub total: Comparison,
    /// Running expenditure.
    pub running: Comparison,
    /// Capital expenditure.
    pub capital: Comparison,
    /// Revenue to treasury.
    pub revenue: Comparison,
    /// Of an organization: the region it lies in; empty where unknown.
    pub region: String,
    /// Of a region or an organization: its expenditure per head, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_head: Option<PerHead>,
}

/// What a domain contributed.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// The domain.
    pub domain: String,
    /// Whether it answered in time.
    pub answered: bool,
    /// Where it did not: why.
    pub failure: String,
    /// When its snapshot was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_time: Option<DateTime<Utc>>,
    /// The revision of its ledger.
    pub revision: String,
    /// How far the books of its regions are closed: region and month.
    pub closes: Vec<Close>,
    /// Whether both periods are closed everywhere.
    pub closed: bool,
    /// Who reported in the current period.
    pub current_coverage: Coverage,
    /// Who reported in the baseline period.
    pub baseline_coverage: Coverage,
    /// Of a restated report: organization-months of the current period that are missing of those whose
    /// costs would stand here today, though nobody asked for them. They are in no coverage.
    pub current_predecessor_missing_count: i32,
    /// The same of the baseline period.
    pub baseline_predecessor_missing_count: i32,
    /// Those of both periods, at most 1,000.
    pub predecessor_missing_reports: Vec<Missing>,
}

/// How far the books of a region are closed.
#[derive(Debug, Clone, Serialize)]
pub struct Close {
    /// The region.
    pub region: String,
    /// The last closed month.
    pub closed_month: String,
}

/// Who reported.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    /// False where nobody is declared.
    pub declared: bool,
    /// Declared organization-months.
    pub expected_count: i32,
    /// Those that reported.
    pub reported_count: i32,
    /// Those that did not.
    pub missing_count: i32,
    /// The missing ones, at most 1,000.
    pub missing_reports: Vec<Missing>,
}

/// An organization-month that is missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missing {
    /// The organization.
    pub organization: String,
    /// Its region.
    pub region: String,
    /// The month.
    pub month: String,
}

/// A payment that may have been booked in two domains.
#[derive(Debug, Clone, Serialize)]
pub struct Suspect {
    /// The organization.
    pub organization: String,
    /// The document.
    pub document_no: String,
    /// The amount.
    pub amount_fen: i64,
    /// The entries.
    pub entries: Vec<SuspectEntry>,
    /// Whether they lie in the baseline period, not in the current one.
    pub in_baseline: bool,
}

/// One of its entries.
#[derive(Debug, Clone, Serialize)]
pub struct SuspectEntry {
    /// The domain.
    pub domain: String,
    /// The entry.
    pub entry_id: String,
    /// Its category.
    pub category: String,
    /// The day of payment.
    pub occurred_on: String,
}

impl Comparison {
    /// Whether there is nothing in either period.
    pub(super) fn is_nothing(&self) -> bool {
        self.current_fen == 0 && self.baseline_fen == 0
    }
}

impl Row {
    /// Whether it has revenue alone, as categories of proceeds have: it is in no total.
    pub(super) fn is_revenue(&self) -> bool {
        self.total.is_nothing() && !self.revenue.is_nothing()
    }
}

impl Report {
    /// Names the organizations of its rows, where their names are known and the gateway gave none.
    pub fn name_organizations(&mut self, names: &BTreeMap<String, String>) {
        for row in self.rows.iter_mut().filter(|row| row.grouping == "organization") {
            if let Some(name) = names.get(&row.key).filter(|_| row.label.is_empty()) {
                row.label.clone_from(name);
            }
        }
    }

    /// The rows of one grouping.
    pub(super) fn rows_of<'a>(&'a self, grouping: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.grouping == grouping)
    }

    /// Whether some domain did not answer.
    pub(super) fn is_partial(&self) -> bool {
        self.parts.iter().any(|part| !part.answered)
    }

    /// Whether a row is of a domain that did not answer: nothing is known, which is not 0.
    pub(super) fn is_silent(&self, row: &Row) -> bool {
        let silent = |part: &Part| part.domain == row.key && !part.answered;
        row.grouping == "domain" && self.parts.iter().any(silent)
    }

    /// What is missing, by month and organization, each once.
    pub fn missing(&self) -> Vec<(&str, &Missing)> {
        let mut missing: Vec<_> = self
            .parts
            .iter()
            .flat_map(|part| {
                let both = [&part.baseline_coverage, &part.current_coverage];
                let own = both.into_iter().flat_map(|coverage| &coverage.missing_reports);
                let all = own.chain(&part.predecessor_missing_reports);
                all.map(|missing| (part.domain.as_str(), missing))
            })
            .collect();
        missing.sort_by_key(|(domain, it)| (&it.month, &it.organization, *domain));
        missing.dedup();
        missing
    }

    /// How many organization-months are missing, of both periods and all domains.
    pub fn missing_count(&self) -> i64 {
        let both = |part: &Part| {
            [
                part.current_coverage.missing_count,
                part.baseline_coverage.missing_count,
                part.current_predecessor_missing_count,
                part.baseline_predecessor_missing_count,
            ]
            .map(i64::from)
            .iter()
            .sum::<i64>()
        };
        self.parts.iter().map(both).sum()
    }
}
