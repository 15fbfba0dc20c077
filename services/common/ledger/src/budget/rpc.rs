//! Budgets, on the wire.

use steward_chassis::{Ctx, Result, write};
use steward_proto::ledger::v1 as proto;

use super::{actions, wire};
use crate::Ledger;

pub(crate) async fn set_budget(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::SetBudgetRequest,
) -> Result<proto::SetBudgetResponse> {
    let new = wire::new(&ledger.catalogue, &request)?;
    let budgeted = ledger.hooks.budgeted;
    write(&ledger.db, ctx, &request, &new, move |tx, ctx, new| {
        Box::pin(async move {
            let budget = Some((&actions::set(tx, ctx, new, budgeted).await?).into());
            Ok(proto::SetBudgetResponse { budget })
        })
    })
    .await
}

pub(crate) async fn list_budgets(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::ListBudgetsRequest,
) -> Result<proto::ListBudgetsResponse> {
    let (page, listed) = wire::listed(&ledger.catalogue, &request)?;
    let mut tx = ledger.db.snapshot().await?;
    let budgets = actions::list(&mut tx, ctx, &listed).await?;
    tx.rollback().await?;
    wire::page(&page, budgets)
}
