//! `ExpenseService`: every handler reads the request, acts and answers.

use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::{Ctx, Fields, Result, rpcs, write};
use steward_db::Db;
use steward_ledger::entry::all_or_nothing;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::expense_service_server::ExpenseService;

use super::{Draft, ExpenseId, Outcome, actions, wire};

/// At most so many expenses in a request, which is one transaction.
const MAX_EXPENSES: usize = 500;

rpcs! {
    ExpenseService {
        record_expenses(proto::RecordExpensesRequest) -> proto::RecordExpensesResponse;
        reverse_expense(proto::ReverseExpenseRequest) -> proto::ReverseExpenseResponse;
        get_expense(proto::GetExpenseRequest) -> proto::GetExpenseResponse;
        list_expenses(proto::ListExpensesRequest) -> proto::ListExpensesResponse;
    }
}

async fn record_expenses(
    db: &Db,
    ctx: &Ctx,
    request: proto::RecordExpensesRequest,
) -> Result<proto::RecordExpensesResponse> {
    let mut fields = Fields::new();
    if request.expenses.is_empty() {
        fields.refuse("expenses", &REQUIRED, "is required");
    }
    fields.at_most("expenses", request.expenses.len(), MAX_EXPENSES);
    fields.finish()?;
    let accept = request.accept_warnings;
    let drafts = request.expenses.iter().map(|new| wire::draft(ctx, new, accept));
    let input: (Vec<Draft>, bool) = (drafts.collect(), request.partial);
    write(db, ctx, &request, &input, |tx, ctx, (drafts, partial)| {
        Box::pin(async move {
            let outcomes = actions::record(tx, ctx, drafts).await?;
            if !partial && !ctx.validate_only() {
                all_or_nothing("expenses", outcomes.iter().map(Outcome::faults))?;
            }
            let (results, [recorded_count, duplicate_count, refused_count]) =
                wire::results(&outcomes, ctx.validate_only());
            Ok(proto::RecordExpensesResponse {
                results,
                recorded_count,
                duplicate_count,
                refused_count,
            })
        })
    })
    .await
}

async fn reverse_expense(
    db: &Db,
    ctx: &Ctx,
    request: proto::ReverseExpenseRequest,
) -> Result<proto::ReverseExpenseResponse> {
    let mut fields = Fields::new();
    let id = fields.parse::<ExpenseId>("id", &request.id, &ID_MALFORMED);
    let reason = fields.required_text("reason", &request.reason, 500);
    let input = fields.finish_with(id.map(|id| (id, reason)))?;
    write(db, ctx, &request, &input, |tx, ctx, (id, reason)| {
        Box::pin(async move {
            let mut expense: proto::Expense =
                (&actions::reverse(tx, ctx, *id, reason).await?).into();
            if ctx.validate_only() {
                expense.reversal_entry_id.clear();
            }
            Ok(proto::ReverseExpenseResponse { expense: Some(expense) })
        })
    })
    .await
}

async fn get_expense(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetExpenseRequest,
) -> Result<proto::GetExpenseResponse> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let id = fields.finish_with(id)?;
    let mut tx = db.read().await?;
    let expense = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetExpenseResponse { expense })
}

async fn list_expenses(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListExpensesRequest,
) -> Result<proto::ListExpensesResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let expenses = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, expenses)
}
