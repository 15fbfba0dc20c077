//! Totals, and the sums of two periods that are made of them.
//!
//! A total is kept by month, region, category, organization and payer on both bases, and always
//! equals the sum of the entries: it is changed only in the transaction that books them. It keeps the
//! region that its organization had at that time.

pub(crate) mod actions;
mod cells;
mod closed;
pub(crate) mod rpc;
mod rules;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Error, Reason, Result};
use steward_kernel::{Fen, Month, OrganizationCode, Period, RegionCode, RegionPattern};

use crate::coverage::{Coverage, Missing};
use crate::month::Books;

/// The most that an organization may pay in a month under a category, by payer, in fen: ten thousand
/// million yuan.
pub(crate) const MOST_OF_ORGANIZATION: i64 = 1_000_000_000_000;
/// The most that a region may, all its organizations together: a million million yuan.
///
/// 64 bits hold 92,000 of these, and the domain with the most categories has 20: all 117 counties of a
/// province full to the brim for three years are still fewer. And no organization takes more than a
/// hundredth of what its region has: by what he books for his own, nobody keeps the others from booking.
pub(crate) const MOST_OF_REGION: i64 = 100_000_000_000_000;

/// A total would be more than anything real.
pub const TOTAL_OUT_OF_RANGE: Reason = Reason::new(
    "TOTAL_OUT_OF_RANGE",
    Class::FailedPrecondition,
    "本月该费用类别的合计将超过上限(每单位一百亿元、每地区一万亿元),请核对金额",
);

/// Which month a cost counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// By the day of payment.
    Paid,
    /// Spread over the service period.
    Incurred,
}

impl Basis {
    /// The number it has in the database.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Paid => 1,
            Self::Incurred => 2,
        }
    }
}

/// Whose cost it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The organization that uses.
    User,
    /// The organization that pays.
    Payer,
}

/// By what sums are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// By category.
    Category,
    /// By region.
    Region,
    /// By organization.
    Organization,
    /// By month of the current period; the baseline's month at the same place stands beside it.
    Month,
}

/// What a total is kept by. In the order of the table's key, which is the order of locking.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TotalKey {
    pub(crate) basis: Basis,
    pub(crate) month: Month,
    pub(crate) region: RegionCode,
    pub(crate) category: String,
    pub(crate) organization: OrganizationCode,
    pub(crate) paid_by: OrganizationCode,
}

/// An amount and the number of entries in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) amount: Fen,
    pub(crate) entries: i64,
}

/// Changes of totals.
#[derive(Debug, Default)]
pub(crate) struct Totals(pub(crate) BTreeMap<TotalKey, Sum>);

impl Totals {
    /// Adds to one total.
    pub(crate) fn add(&mut self, key: TotalKey, amount: Fen, entries: i64) -> Result<()> {
        let sum = self.0.entry(key).or_default();
        sum.amount = sum.amount.checked_add(amount).ok_or_else(overflow)?;
        sum.entries += entries;
        Ok(())
    }
}

/// What to sum.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) current: Period,
    pub(crate) baseline: Period,
    pub(crate) basis: Basis,
    pub(crate) view: View,
    pub(crate) filter: Filter,
    /// What the filter names.
    pub(crate) named: Named,
    pub(crate) group_by: Vec<Grouping>,
    /// Whose costs are wanted one by one, whether the filter asks for them or not.
    pub(crate) cell_organizations: BTreeSet<OrganizationCode>,
}

/// The regions and organizations that a filter names; none = everything.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) patterns: BTreeSet<RegionPattern>,
    pub(crate) organizations: BTreeSet<OrganizationCode>,
}

/// Who paid for users, with the regions of the payers.
pub(crate) type Payers = BTreeMap<OrganizationCode, BTreeMap<OrganizationCode, RegionCode>>;

/// Sums of one period. Expenditure is running plus capital; revenue is apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Running expenditure.
    pub running: Fen,
    /// Capital expenditure.
    pub capital: Fen,
    /// Revenue to treasury.
    pub revenue: Fen,
    /// How many entries count, reversals included.
    pub entries: i64,
}

/// One row of a grouping: the current period, then the baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its grouping.
    pub grouping: Grouping,
    /// The category, region or organization code, or the month.
    pub key: String,
    /// The sums.
    pub costs: [Cost; 2],
    /// Declared organization-months that are missing.
    pub missing: [usize; 2],
}

/// The cost of an organization in one month under one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostCell {
    /// The organization, by the view.
    pub organization: String,
    /// The region that it was booked under.
    pub region: String,
    /// The month.
    pub month: String,
    /// The code of the category.
    pub category: String,
    /// The sums.
    pub cost: Cost,
}

/// The costs of organizations one by one, from the same snapshot as the sums.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    /// By organization, region, month and category.
    pub costs: Vec<CostCell>,
    /// The declared months that are missing in their rows, by organization and month.
    pub missing: Vec<Missing>,
    /// Whether one of them lies outside the scope.
    pub limited: bool,
}

/// The sums of two periods, all from one snapshot: the current period, then the baseline.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Of everything.
    pub totals: [Cost; 2],
    /// By grouping in the order asked for, then by key.
    pub rows: Vec<Row>,
    /// Who reported.
    pub coverage: [Coverage; 2],
    /// The books of the counted regions that ever closed a month, as far as the periods go.
    pub closes: Books,
    /// When it was read.
    pub read_time: DateTime<Utc>,
    /// Of the ledger's database.
    pub revision: i64,
    /// Whether more was asked for than the caller may see.
    pub scope_limited: bool,
    /// The regions that have entries or declared reporters in either period.
    pub counted_regions: Vec<RegionCode>,
    /// The baseline that was used.
    pub baseline: Period,
    /// Whether the books of every region that could have been counted are closed: then these figures
    /// never change.
    pub closed: bool,
    /// Those of the organizations that are wanted one by one.
    pub cells: Cells,
}

/// A total as it is after something was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Now {
    /// The code of the organization or region.
    pub(crate) whose: String,
    pub(crate) month: String,
    pub(crate) category: String,
    pub(crate) amount_fen: i64,
}

/// Never while totals keep their bounds.
pub(crate) fn overflow() -> Error {
    Error::internal("a sum of the ledger exceeds the range of 64 bits")
}
