//! Findings: what was found broken, and its life to closing.

pub(crate) mod actions;
pub(crate) mod ended;
mod observe;
pub mod rpc;
mod rules;
mod store;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason, Result};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use crate::rule::{Rule, RuleId};

pub use observe::observe;

/// What is asked for cannot be done in this state.
pub const FINDING_STATE: Reason =
    Reason::new("FINDING_STATE", Class::FailedPrecondition, "违规情形当前状态不允许此操作");
/// One of this code, resource and occasion is not closed yet.
pub const FINDING_THERE: Reason =
    Reason::new("FINDING_THERE", Class::AlreadyExists, "同一违规情形已登记且尚未销号");
/// Nobody closes what he submitted himself.
pub const FINDING_OWN: Reason =
    Reason::new("FINDING_OWN", Class::PermissionDenied, "整改由本人报送,不得由本人销号");
/// The rule still sees it broken.
pub const STILL_OBSERVED: Reason =
    Reason::new("STILL_OBSERVED", Class::InvalidArgument, "系统检查仍未达到规定,请核对后确认");
/// A deadline is set that has passed.
pub const RECTIFY_BY_PASSED: Reason =
    Reason::new("RECTIFY_BY_PASSED", Class::InvalidArgument, "整改期限不能早于今天");
/// A finding is on an organization or on a region.
pub const FINDING_PLACE: Reason =
    Reason::new("FINDING_PLACE", Class::InvalidArgument, "单位与行政区划应填且只填一项");

steward_kernel::id!(
    /// A finding.
    FindingId
);

/// What was found broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its key.
    pub id: FindingId,
    /// The code of the rule; of one opened by hand, its own.
    pub code: String,
    /// The rule that found it; `None` = it was opened by hand.
    pub rule: Option<RuleId>,
    /// The version of that rule; 0 by hand.
    pub rule_version: i64,
    /// Which violation it is, or empty.
    pub violation: String,
    /// Document and article, as they were then.
    pub legal_basis: String,
    /// What is in that state: `vehicles/0197…`.
    pub resource: String,
    /// Tells apart what is found at one resource more than once; else empty.
    pub occasion: String,
    /// The organization concerned; `None` = it is on a region.
    pub organization: Option<OrganizationCode>,
    /// Where that organization lies, or the region it is on.
    pub region: RegionCode,
    /// One sentence for people, in Chinese.
    pub detail: String,
    /// What was seen, in `unit`.
    pub observed: i64,
    /// What is allowed, in `unit`.
    pub limit: i64,
    /// What both count, the text of a [`RuleUnit`](crate::rule::RuleUnit).
    pub unit: String,
    /// The first day on which it was so.
    pub since: NaiveDate,
    /// Where it is in its life.
    pub state: State,
    /// How it was closed.
    pub resolution: Option<Resolution>,
    /// The last day for its rectification.
    pub deadline: Option<NaiveDate>,
    /// Since when the rule holds again.
    pub cleared_time: Option<DateTime<Utc>>,
    /// The number of the circular, or empty.
    pub circular_no: String,
    /// When it was opened.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

steward_kernel::named! {
    /// Where a finding is in its life.
    State {
        Open = 1 "open",
        Notified = 2 "notified",
        Rectifying = 3 "rectifying",
        Submitted = 4 "submitted",
        Returned = 5 "returned",
        Closed = 6 "closed",
    }
}

steward_kernel::named! {
    /// How a finding was closed.
    Resolution {
        Rectified = 1 "rectified",
        Cleared = 2 "cleared",
        Dismissed = 3 "dismissed",
    }
}

steward_kernel::named! {
    /// What was done about a finding.
    EventKind {
        Opened = 1 "opened",
        Notified = 2 "notified",
        Started = 3 "started",
        Submitted = 4 "submitted",
        Returned = 5 "returned",
        Closed = 6 "closed",
        Dismissed = 7 "dismissed",
        Cleared = 8 "cleared",
        BrokenAgain = 9 "broken_again",
    }
}

/// Something that was done about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) finding: FindingId,
    /// The version of the finding that it made.
    pub(crate) version: i64,
    pub(crate) time: DateTime<Utc>,
    pub(crate) subject: String,
    pub(crate) kind: EventKind,
    pub(crate) text: String,
    pub(crate) proofs: Vec<String>,
    pub(crate) deadline: Option<NaiveDate>,
}

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
    /// What was seen, in the unit of the rule. Another number is news to whoever judged the one before;
    /// not where the unit is a span of time, which grows by itself.
    pub observed: i64,
    /// The limit, in the unit of the rule.
    pub limit: i64,
    /// One sentence for people, in Chinese.
    pub detail: String,
    /// The first day on which it was so; the same whenever it is seen.
    pub since: NaiveDate,
}

/// A finding to be opened by hand.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) place: Place,
    pub(crate) code: String,
    pub(crate) violation: String,
    pub(crate) legal_basis: String,
    /// Empty = the organization or region itself.
    pub(crate) resource: String,
    pub(crate) occasion: String,
    pub(crate) detail: String,
    pub(crate) observed: i64,
    pub(crate) limit: i64,
    pub(crate) unit: &'static str,
    pub(crate) since: NaiveDate,
}

/// What a finding opened by hand is on.
#[derive(Debug)]
pub(crate) enum Place {
    Organization(OrganizationCode),
    Region(RegionCode),
}

/// What people do with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Notify,
    Start,
    Submit,
    Close,
    Return,
    Dismiss,
}

/// Something to be done with the finding that has this version.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) id: FindingId,
    pub(crate) version: i64,
    pub(crate) act: Act,
    pub(crate) text: String,
    pub(crate) proofs: Vec<String>,
    pub(crate) deadline: Option<NaiveDate>,
    pub(crate) circular_no: String,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) states: Vec<State>,
    pub(crate) code: Option<String>,
    pub(crate) violation: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) overdue: bool,
    /// The last one of the page before.
    pub(crate) after: Option<FindingId>,
    pub(crate) limit: i64,
}

/// What is counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) filter: Filter,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
}

/// How many findings are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) region: String,
    pub(crate) code: String,
    pub(crate) state: State,
    pub(crate) findings: i64,
    pub(crate) overdue: i64,
}

/// The findings of a resource that are not closed, the oldest first: those of rules, and those that people
/// opened for the organization that the resource belongs to; what is opened for another one says nothing
/// of it. Whoever asks has looked whether the caller may see the resource.
///
/// # Errors
/// If the database fails.
pub async fn open_for(
    tx: &mut Tx,
    resource: &str,
    organization: &OrganizationCode,
) -> Result<Vec<Finding>> {
    actions::open_for(tx, resource, organization).await
}
