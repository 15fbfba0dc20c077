//! `ApprovalService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_proto::approval::v1 as proto;
use steward_proto::approval::v1::approval_service_server::ApprovalService;

use super::{actions, decide, submit, wire};
use crate::Desk;

rpcs! {
    ApprovalService over Desk {
        request_expenditure(proto::RequestExpenditureRequest) -> proto::RequestExpenditureResponse;
        get_approval(proto::GetApprovalRequest) -> proto::GetApprovalResponse;
        list_approvals(proto::ListApprovalsRequest) -> proto::ListApprovalsResponse;
        list_tasks(proto::ListTasksRequest) -> proto::ListTasksResponse;
        decide_approval(proto::DecideApprovalRequest) -> proto::DecideApprovalResponse;
        withdraw_approval(proto::WithdrawApprovalRequest) -> proto::WithdrawApprovalResponse;
        resubmit_approval(proto::ResubmitApprovalRequest) -> proto::ResubmitApprovalResponse;
        cancel_expenditure(proto::CancelExpenditureRequest) -> proto::CancelExpenditureResponse;
    }
}

async fn request_expenditure(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::RequestExpenditureRequest,
) -> Result<proto::RequestExpenditureResponse> {
    let (asked, kinds) = (wire::expenditure(&desk.catalogue, &request)?, desk.kinds);
    write(&desk.db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let whole = submit::request(tx, ctx, kinds, asked).await?;
            let mut approval = wire::whole(&whole, ctx.today());
            if ctx.validate_only() {
                // It names itself, and will never be there.
                approval.resource.clear();
            }
            Ok(proto::RequestExpenditureResponse { approval: Some(approval) })
        })
    })
    .await
}

async fn get_approval(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::GetApprovalRequest,
) -> Result<proto::GetApprovalResponse> {
    let id = wire::id(&request)?;
    let mut tx = desk.db.snapshot().await?;
    let whole = actions::get(&mut tx, ctx, id).await?;
    Ok(proto::GetApprovalResponse { approval: Some(wire::whole(&whole, ctx.today())) })
}

async fn list_approvals(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::ListApprovalsRequest,
) -> Result<proto::ListApprovalsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = desk.db.snapshot().await?;
    let approvals = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, &approvals, ctx.today())
}

async fn list_tasks(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::ListTasksRequest,
) -> Result<proto::ListTasksResponse> {
    let (page, after) = wire::waiting(ctx, &request)?;
    let mut tx = desk.db.snapshot().await?;
    let tasks = actions::tasks(&mut tx, ctx, after).await?;
    wire::tasks(&page, tasks, ctx.today())
}

async fn decide_approval(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::DecideApprovalRequest,
) -> Result<proto::DecideApprovalResponse> {
    let (asked, kinds) = (wire::decide(&request)?, desk.kinds);
    write(&desk.db, ctx, &request, &asked, move |tx, ctx, asked| {
        Box::pin(async move {
            let whole = decide::decide(tx, ctx, kinds, asked).await?;
            let approval = Some(wire::whole(&whole, ctx.today()));
            Ok(proto::DecideApprovalResponse { approval })
        })
    })
    .await
}

async fn withdraw_approval(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::WithdrawApprovalRequest,
) -> Result<proto::WithdrawApprovalResponse> {
    let (asked, kinds) = (wire::withdraw(&request)?, desk.kinds);
    write(&desk.db, ctx, &request, &asked, move |tx, ctx, asked| {
        Box::pin(async move {
            let whole = decide::withdraw(tx, ctx, kinds, asked).await?;
            let approval = Some(wire::whole(&whole, ctx.today()));
            Ok(proto::WithdrawApprovalResponse { approval })
        })
    })
    .await
}

async fn resubmit_approval(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::ResubmitApprovalRequest,
) -> Result<proto::ResubmitApprovalResponse> {
    let (asked, kinds) = (wire::resubmit(&request)?, desk.kinds);
    write(&desk.db, ctx, &request, &asked, move |tx, ctx, asked| {
        Box::pin(async move {
            let whole = decide::resubmit(tx, ctx, kinds, asked).await?;
            let approval = Some(wire::whole(&whole, ctx.today()));
            Ok(proto::ResubmitApprovalResponse { approval })
        })
    })
    .await
}

async fn cancel_expenditure(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::CancelExpenditureRequest,
) -> Result<proto::CancelExpenditureResponse> {
    let asked = wire::cancel(&request)?;
    write(&desk.db, ctx, &request, &asked, |tx, ctx, asked| {
        Box::pin(async move {
            let whole = decide::cancel(tx, ctx, asked).await?;
            let approval = Some(wire::whole(&whole, ctx.today()));
            Ok(proto::CancelExpenditureResponse { approval })
        })
    })
    .await
}
