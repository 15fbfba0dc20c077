//! Budgets (预算): how much a payer has for a category in a fiscal year, what of it is claimed by
//! requests that are pending (reserved) or approved (committed), and what is spent.
//!
//! What was paid always counts. Budgets stop requests: [`reserve`] refuses what does not fit. An entry
//! that names the reference of a claim consumes it, and its reversal gives it back.
//!
//! Whoever changes a budget or a claim holds the row of the budget; several in the order of their keys.

pub(crate) mod actions;
mod claims;
mod payments;
pub(crate) mod rpc;
mod rules;
mod store;
mod wire;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Ctx, Reason, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode, RegionCode};
use uuid::Uuid;

pub use claims::{change, commit, release, reserve};
pub(crate) use payments::consume;
pub use payments::overspent;

/// The request does not fit into what is left of the budget.
pub const BUDGET_EXCEEDED: Reason =
    Reason::new("BUDGET_EXCEEDED", Class::FailedPrecondition, "超出预算余额,如确需突破须说明理由");
/// With the request at least 80 % of the budget are spent or claimed.
pub const BUDGET_NEARLY_SPENT: Reason = Reason::new(
    "BUDGET_NEARLY_SPENT",
    Class::InvalidArgument,
    "预算使用将达到百分之八十以上,请核对后确认",
);
/// Revenue to treasury is not paid from a budget.
pub const BUDGET_ON_REVENUE: Reason =
    Reason::new("BUDGET_ON_REVENUE", Class::InvalidArgument, "收入类别不设支出预算");

/// The fiscal years that there are: those of the entries.
pub const YEARS: RangeInclusive<i32> = 1990..=2199;

/// What money is claimed, and from which budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The approval. Entries of this payer, category and year that name it as their
    /// `approval_reference` consume the claim. One of another year does not: it is paid from that year's
    /// budget, and the claim stands until it is released.
    pub reference: Uuid,
    /// Whose money it is.
    pub paid_by: OrganizationCode,
    /// The year of the budget.
    pub fiscal_year: i32,
    /// A code of the catalogue.
    pub category: String,
    /// How much; positive.
    pub amount: Fen,
    /// Why it may exceed the budget; empty = it may not.
    pub override_reason: String,
}

/// Which budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Whose money it is.
    pub organization: OrganizationCode,
    /// For which year.
    pub fiscal_year: i32,
    /// A code of the catalogue.
    pub category: String,
}

/// A budget, set or only claimed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Which.
    pub key: Key,
    /// Where its organization lies.
    pub region: RegionCode,
    /// How much there is; `None` = none was set.
    pub amount: Option<Fen>,
    /// The document that set it.
    pub document_no: String,
    /// Claimed by requests that are pending.
    pub reserved: Fen,
    /// Claimed by requests that were approved, and not yet paid.
    pub committed: Fen,
    /// Paid in the year, reversals deducted.
    pub spent: Fen,
    /// When it was last set.
    pub update_time: Option<DateTime<Utc>>,
    /// By whom.
    pub updated_by: String,
    /// Counts how often it was set; 0 = never.
    pub version: i64,
}

/// A budget beside what was spent of it, less or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overspent {
    /// Whose money it is.
    pub organization: OrganizationCode,
    /// Where it lies.
    pub region: RegionCode,
    /// For which year.
    pub fiscal_year: i32,
    /// A code of the catalogue.
    pub category: String,
    /// Paid in the year, reversals deducted.
    pub spent: Fen,
    /// How much there is.
    pub budget: Fen,
}

/// What of an entry matters to budgets.
pub trait Paid {
    /// Who pays.
    fn paid_by(&self) -> &OrganizationCode;
    /// A code of the catalogue.
    fn category(&self) -> &str;
    /// The year of the day of payment.
    fn fiscal_year(&self) -> i32;
    /// Positive; of a reversal negative.
    fn amount(&self) -> Fen;
    /// The approval it rests on; empty = none.
    fn approval_reference(&self) -> &str;
}

/// What a domain does beside when a budget was set: in the same transaction, before the audit trail.
pub type Budgeted = for<'t> fn(&'t mut Tx, &'t Ctx, &'t Overspent) -> BoxFuture<'t, Result<()>>;

steward_kernel::named! {
    /// What became of a claim.
    State {
        Reserved = 1 "reserved",
        Committed = 2 "committed",
        Released = 3 "released",
    }
}

/// A claim as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commitment {
    pub(crate) reference: Uuid,
    pub(crate) key: Key,
    pub(crate) amount: Fen,
    /// The sum of the live entries that name it.
    pub(crate) paid: Fen,
    pub(crate) state: State,
    pub(crate) override_reason: String,
}

/// A budget to be set.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) key: Key,
    pub(crate) amount: Fen,
    pub(crate) document_no: String,
    /// The one that was read; 0 = none is set.
    pub(crate) version: i64,
}

/// Which budgets to list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) fiscal_year: Option<i32>,
    /// None = all.
    pub(crate) categories: BTreeSet<String>,
    /// The last one of the page before.
    pub(crate) after: Option<Key>,
    pub(crate) limit: i64,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.organization, self.fiscal_year, self.category)
    }
}
