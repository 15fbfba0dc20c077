//! Approvals: a request on its route.

use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};

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
    /// Why it may pass the budget; empty = it may not.
    pub override_reason: String,
}

/// A request on its route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its key.
    pub id: ApprovalId,
    /// What was submitted; the kind as text.
    pub kind: String,
    /// What it is about.
    pub resource: String,
    /// Who asks.
    pub organization: OrganizationCode,
    /// The other side.
    pub counterpart: Option<OrganizationCode>,
    /// How far it is.
    pub state: State,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// Submits a request: finds its route, reserves its money, and puts it before the first step.
///
/// Errors: `ROUTE_MISSING`, `BUDGET_EXCEEDED`; as warnings `APPROVER_MISSING`, `BUDGET_NEARLY_SPENT`.
pub async fn submit(_tx: &mut Tx, _ctx: &Ctx, _new: &Submission) -> Result<Approval> {
    Err(Error::internal("no routes yet"))
}

/// Changes what a returned request asks for; it is submitted again by `ResubmitApproval`.
///
/// Errors: `APPROVAL_STATE`, `BUDGET_EXCEEDED`; as a warning `BUDGET_NEARLY_SPENT`.
pub async fn amend(
    _tx: &mut Tx,
    _ctx: &Ctx,
    _id: ApprovalId,
    _new: &Submission,
) -> Result<Approval> {
    Err(Error::internal("no routes yet"))
}

/// Takes back a request that is pending, returned or approved, and frees its money. The domain's own
/// effect is not called: it is the domain that cancels.
///
/// Errors: `APPROVAL_STATE`.
pub async fn cancel(_tx: &mut Tx, _ctx: &Ctx, _id: ApprovalId, _reason: &str) -> Result<Approval> {
    Err(Error::internal("no routes yet"))
}

/// The approval of that id, whoever may see it: for the noun that it belongs to.
pub async fn find(_tx: &mut Tx, _id: ApprovalId) -> Result<Approval> {
    Err(Error::internal("no routes yet"))
}
