//! The money of a request, in the budgets of the ledger.

use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_ledger::budget::{self, Claim};

use crate::approval::{ApprovalId, Money};

/// What a request claims; entries name its id as their `approval_reference`.
fn claim(id: ApprovalId, money: &Money) -> Claim {
    Claim {
        reference: id.uuid(),
        paid_by: money.paid_by.clone(),
        fiscal_year: money.fiscal_year,
        category: money.category.clone(),
        amount: money.amount,
        override_reason: money.override_reason.clone(),
    }
}

/// Reserves what a submitted request asks for.
///
/// Errors: `BUDGET_EXCEEDED`; as a warning `BUDGET_NEARLY_SPENT`.
pub(crate) async fn reserve(tx: &mut Tx, ctx: &Ctx, id: ApprovalId, money: &Money) -> Result<()> {
    budget::reserve(tx, ctx, &claim(id, money)).await
}

/// Reserves what a request asks for now, in the place of what it asked for before.
///
/// Errors: `BUDGET_EXCEEDED`; as a warning `BUDGET_NEARLY_SPENT`.
pub(crate) async fn changed(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ApprovalId,
    (old, new): (Option<&Money>, Option<&Money>),
) -> Result<()> {
    match (old, new) {
        (None, None) => Ok(()),
        (Some(old), Some(new)) if old == new => Ok(()),
        (None, Some(new)) => reserve(tx, ctx, id, new).await,
        (Some(_), None) => release(tx, id).await,
        (Some(_), Some(new)) => budget::change(tx, ctx, &claim(id, new)).await,
    }
}

/// What was reserved is committed: it is approved.
pub(crate) async fn commit(tx: &mut Tx, id: ApprovalId) -> Result<()> {
    budget::commit(tx, id.uuid()).await
}

/// What was reserved or committed, and not spent, is free again.
pub(crate) async fn release(tx: &mut Tx, id: ApprovalId) -> Result<()> {
    budget::release(tx, id.uuid()).await
}
