//! Approvals: a request on its route.

mod actions;
mod decide;
mod money;
pub mod rpc;
mod rules;
mod store;
mod submit;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{Fen, OrganizationCode, RegionCode};

use crate::position::Position;
use crate::route::Step;

pub use actions::{claimed, find};
pub use submit::{amend, cancel, submit};

/// In this state a request cannot be decided, withdrawn, resubmitted or cancelled.
pub const APPROVAL_STATE: Reason =
    Reason::new("APPROVAL_STATE", Class::FailedPrecondition, "审批事项当前状态不允许此操作");
/// Nobody decides what he asked for himself, and nobody does it for him.
pub const SELF_APPROVAL: Reason = Reason::new(
    "SELF_APPROVAL",
    Class::PermissionDenied,
    "不得审批本人提交的事项,也不得由他人代本人审批",
);
/// The caller does not hold the position of the step, nor was it delegated to him.
pub const NOT_APPROVER: Reason =
    Reason::new("NOT_APPROVER", Class::PermissionDenied, "不是本环节的审批人或受托代签人");
/// Nobody stands in for two of those who decide.
pub const ALREADY_DECIDED: Reason = Reason::new(
    "ALREADY_DECIDED",
    Class::PermissionDenied,
    "同一人不得在同一轮审批中代不同的人审批",
);
/// Only who asked may do this.
pub const NOT_REQUESTER: Reason =
    Reason::new("NOT_REQUESTER", Class::PermissionDenied, "只能由申请人本人办理");
/// Nobody but the requester can decide the first step today.
pub const APPROVER_MISSING: Reason = Reason::new(
    "APPROVER_MISSING",
    Class::InvalidArgument,
    "首个审批环节目前无人可办,请核对岗位任职后确认",
);
/// The route asks the other side, and there is none.
pub const COUNTERPART_MISSING: Reason = Reason::new(
    "COUNTERPART_MISSING",
    Class::FailedPrecondition,
    "审批流程含对方单位环节,但事项没有对方单位",
);
/// The route of a region decides of another region's organization without asking it.
pub const COUNTERPART_NOT_ASKED: Reason = Reason::new(
    "COUNTERPART_NOT_ASKED",
    Class::FailedPrecondition,
    "对方单位不在本审批流程适用区域内,流程须含对方单位环节",
);
/// What this kind of request asks for is changed where it was made.
pub const CHANGED_ELSEWHERE: Reason =
    Reason::new("CHANGED_ELSEWHERE", Class::InvalidArgument, "此类事项应在原业务中修改或作废");
/// Revenue is not requested.
pub const CATEGORY_NOT_COST: Reason =
    Reason::new("CATEGORY_NOT_COST", Class::InvalidArgument, "收入类别不能申请支出");

steward_kernel::id!(
    /// An approval.
    ApprovalId
);

steward_kernel::named! {
    /// How far a request is.
    State {
        Pending = 1 "pending",
        Returned = 2 "returned",
        Approved = 3 "approved",
        Refused = 4 "refused",
        Withdrawn = 5 "withdrawn",
        Cancelled = 6 "cancelled",
    }
}

steward_kernel::named! {
    /// What is decided of a step.
    Decision {
        Approve = 1 "approve",
        Return = 2 "return",
        Refuse = 3 "refuse",
    }
}

steward_kernel::named! {
    /// What was done about a request.
    Action {
        Approve = 1 "approve",
        Return = 2 "return",
        Refuse = 3 "refuse",
        Submit = 4 "submit",
        Resubmit = 5 "resubmit",
        Amend = 6 "amend",
        Withdraw = 7 "withdraw",
        Cancel = 8 "cancel",
    }
}

/// What is submitted for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The code of a kind of the domain.
    pub kind: &'static str,
    /// Chooses among the routes of the kind; may be empty.
    pub category: String,
    /// Who asks.
    pub organization: OrganizationCode,
    /// The other side, where there is one: the receiver of a transfer.
    pub counterpart: Option<OrganizationCode>,
    /// What it is about: `acquisitions/0197…`.
    pub resource: String,
    /// One line for people, in Chinese, at most 200 characters.
    pub title: String,
    /// The money it asks for.
    pub money: Option<Money>,
}

/// The money that a request asks for. It is reserved in the budget when it is submitted, committed
/// when it is approved, and freed when it is refused, withdrawn or cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Whose budget.
    pub paid_by: OrganizationCode,
    /// Of which year.
    pub fiscal_year: i32,
    /// A code of the domain's catalogue.
    pub category: String,
    /// How much, at least 1 fen.
    pub amount: Fen,
    /// Why it may pass the budget, or what else the domain holds it against; empty = it may not.
    pub override_reason: String,
}

/// A request on its route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its key.
    pub id: ApprovalId,
    /// What was submitted; the kind as text.
    pub kind: String,
    /// Which of its kind; may be empty.
    pub category: String,
    /// What it is about.
    pub resource: String,
    /// One line for people.
    pub title: String,
    /// Why; may be empty.
    pub reason: String,
    /// Who asks.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with the request.
    pub region: RegionCode,
    /// The other side.
    pub counterpart: Option<OrganizationCode>,
    /// Where the other side lies. Not kept with the request.
    pub counterpart_region: Option<RegionCode>,
    /// The money it asks for.
    pub money: Option<Money>,
    /// The subject of who asked.
    pub requested_by: String,
    /// How far it is.
    pub state: State,
    /// 1, and one more with each time it was submitted again.
    pub round: i32,
    /// What it waits for, while it is pending.
    pub waits: Option<Waits>,
    /// When it was approved first; what is approved anew after a correction keeps that.
    pub approve_time: Option<DateTime<Utc>>,
    /// When it was submitted first.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// The step that a request waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// Its place in the round, from 1.
    pub step: i32,
    /// Who decides it.
    pub position: Position,
    /// The day on which it began.
    pub began_on: NaiveDate,
    /// The last day for it, by the calendar of today: a notice may come after it began.
    pub due_on: NaiveDate,
}

/// Something that was done about a request. Its number is the version that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) number: i64,
    pub(crate) round: i32,
    /// The step and its position, if it was decided.
    pub(crate) step: Option<(i32, Position)>,
    pub(crate) action: Action,
    pub(crate) opinion: String,
    pub(crate) decided_by: String,
    /// Whose decision it was, if not his own; else empty.
    pub(crate) on_behalf_of: String,
    pub(crate) decide_time: DateTime<Utc>,
}

/// A step that somebody approved in the round of a request, and whose it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Approved {
    pub(crate) position: Position,
    pub(crate) holder: String,
}

/// A request with its steps and deeds.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    pub(crate) approval: Approval,
    pub(crate) steps: Vec<Step>,
    pub(crate) deeds: Vec<Deed>,
}

/// An expenditure to be requested.
#[derive(Debug)]
pub(crate) struct Expenditure {
    pub(crate) organization: OrganizationCode,
    pub(crate) money: Money,
    /// What it is about; `None` = itself.
    pub(crate) resource: Option<String>,
    pub(crate) title: String,
    pub(crate) reason: String,
}

/// A decision on the request of this version.
#[derive(Debug)]
pub(crate) struct Decide {
    pub(crate) id: ApprovalId,
    pub(crate) version: i64,
    pub(crate) decision: Decision,
    pub(crate) opinion: String,
    /// In whose name; `None` = the caller's own.
    pub(crate) on_behalf_of: Option<String>,
}

/// Taking back or cancelling the request of this version.
#[derive(Debug)]
pub(crate) struct TakeBack {
    pub(crate) id: ApprovalId,
    pub(crate) version: i64,
    pub(crate) reason: String,
}

/// Submitting the request of this version again, with what an expenditure changes.
#[derive(Debug)]
pub(crate) struct Resubmit {
    pub(crate) id: ApprovalId,
    pub(crate) version: i64,
    pub(crate) opinion: String,
    pub(crate) amount: Option<Fen>,
    pub(crate) title: Option<String>,
    pub(crate) override_reason: Option<String>,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) kinds: Vec<String>,
    pub(crate) states: Vec<State>,
    pub(crate) resource: Option<String>,
    pub(crate) requested_by: Option<String>,
    /// The last one of the page before.
    pub(crate) before: Option<ApprovalId>,
    pub(crate) limit: i64,
}

/// A request that waits for the caller, and in whose name he may decide it.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) approval: Approval,
    pub(crate) on_behalf_of: String,
}
