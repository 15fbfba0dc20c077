//! Findings: what was found broken, and its life to closing.

use chrono::NaiveDate;
use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use crate::rule::Rule;

/// What was seen when a rule was held against a resource: that it is broken, or that it holds.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The rule, in the version that was looked at.
    pub rule: Rule,
    /// The resource: `vehicles/0197…`.
    pub resource: String,
    /// Tells apart what the same rule finds at the same resource more than once: a month, a trip. Else
    /// empty.
    pub occasion: String,
    /// Whose it is.
    pub organization: OrganizationCode,
    /// Where that organization lies.
    pub region: RegionCode,
    /// How it is broken; `None` = it holds.
    pub breach: Option<Breach>,
}

/// How a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// What was seen, in the unit of the rule.
    pub observed: i64,
    /// The limit, in the unit of the rule.
    pub limit: i64,
    /// One sentence for people, in Chinese.
    pub detail: String,
    /// The first day on which it was so.
    pub since: NaiveDate,
}

/// Opens a finding for each breach that has none open yet, brings open ones up to date, and marks those
/// as cleared whose rule holds again (one that nobody was notified of yet is closed by that). To be
/// called in the transaction of the change, before its own audit event is recorded.
pub async fn observe(_tx: &mut Tx, _ctx: &Ctx, _seen: &[Observation]) -> Result<()> {
    Ok(())
}
