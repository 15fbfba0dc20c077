//! `StatementService`: every handler reads the request, acts and answers.

use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::{Ctx, Fields, Result, rpcs, write};
use steward_db::Db;
use steward_ledger::entry::all_or_nothing;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::statement_service_server::StatementService;

use super::{Draft, LineId, actions, wire};
use crate::expense::Outcome;
use crate::expense::wire::results;

/// At most so many lines in a request, which is one transaction.
const MAX_LINES: usize = 500;
const MAX_REASON: usize = 500;

rpcs! {
    StatementService {
        import_statement(proto::ImportStatementRequest) -> proto::ImportStatementResponse;
        reverse_top_up(proto::ReverseTopUpRequest) -> proto::ReverseTopUpResponse;
        list_statement_lines(proto::ListStatementLinesRequest) -> proto::ListStatementLinesResponse;
    }
}

async fn import_statement(
    db: &Db,
    ctx: &Ctx,
    request: proto::ImportStatementRequest,
) -> Result<proto::ImportStatementResponse> {
    let mut fields = Fields::new();
    if request.lines.is_empty() {
        fields.refuse("lines", &REQUIRED, "is required");
    }
    fields.at_most("lines", request.lines.len(), MAX_LINES);
    fields.finish()?;
    let drafts = request.lines.iter().map(|line| wire::draft(ctx, line));
    let input: (Vec<Draft>, bool) = (drafts.collect(), request.partial);
    write(db, ctx, &request, &input, |tx, ctx, (drafts, partial)| {
        Box::pin(async move {
            let outcomes = actions::import(tx, ctx, drafts).await?;
            if !partial && !ctx.validate_only() {
                all_or_nothing("lines", outcomes.iter().map(Outcome::faults))?;
            }
            let (results, [recorded_count, duplicate_count, refused_count]) =
                results(&outcomes, ctx.validate_only());
            Ok(proto::ImportStatementResponse {
                results,
                recorded_count,
                duplicate_count,
                refused_count,
            })
        })
    })
    .await
}

async fn reverse_top_up(
    db: &Db,
    ctx: &Ctx,
    request: proto::ReverseTopUpRequest,
) -> Result<proto::ReverseTopUpResponse> {
    let mut fields = Fields::new();
    let id = fields.parse::<LineId>("id", &request.id, &ID_MALFORMED);
    let reason = fields.required_text("reason", &request.reason, MAX_REASON);
    let input = fields.finish_with(id.map(|id| (id, reason)))?;
    write(db, ctx, &request, &input, |tx, ctx, (id, reason)| {
        Box::pin(async move {
            let line = (&actions::reverse(tx, ctx, *id, reason).await?).into();
            Ok(proto::ReverseTopUpResponse { line: Some(line) })
        })
    })
    .await
}

async fn list_statement_lines(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListStatementLinesRequest,
) -> Result<proto::ListStatementLinesResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let lines = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, lines)
}
