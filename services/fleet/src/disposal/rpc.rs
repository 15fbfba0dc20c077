//! `DisposalService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::disposal_service_server::DisposalService;

use super::{actions, complete, correct, wire};

rpcs! {
    DisposalService {
        request_disposal(proto::RequestDisposalRequest) -> proto::RequestDisposalResponse;
        get_disposal(proto::GetDisposalRequest) -> proto::GetDisposalResponse;
        list_disposals(proto::ListDisposalsRequest) -> proto::ListDisposalsResponse;
        update_disposal(proto::UpdateDisposalRequest) -> proto::UpdateDisposalResponse;
        complete_disposal(proto::CompleteDisposalRequest) -> proto::CompleteDisposalResponse;
        correct_disposal(proto::CorrectDisposalRequest) -> proto::CorrectDisposalResponse;
        cancel_disposal(proto::CancelDisposalRequest) -> proto::CancelDisposalResponse;
    }
}

async fn request_disposal(
    db: &Db,
    ctx: &Ctx,
    request: proto::RequestDisposalRequest,
) -> Result<proto::RequestDisposalResponse> {
    let new = wire::new(&request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let disposal = Some((&actions::ask(tx, ctx, new).await?).into());
            Ok(proto::RequestDisposalResponse { disposal })
        })
    })
    .await
}

async fn get_disposal(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetDisposalRequest,
) -> Result<proto::GetDisposalResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let disposal = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetDisposalResponse { disposal })
}

async fn list_disposals(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListDisposalsRequest,
) -> Result<proto::ListDisposalsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let disposals = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, disposals)
}

async fn update_disposal(
    db: &Db,
    ctx: &Ctx,
    request: proto::UpdateDisposalRequest,
) -> Result<proto::UpdateDisposalResponse> {
    let change = wire::change(&request)?;
    write(db, ctx, &request, &change, |tx, ctx, change| {
        Box::pin(async move {
            let disposal = Some((&actions::update(tx, ctx, change).await?).into());
            Ok(proto::UpdateDisposalResponse { disposal })
        })
    })
    .await
}

async fn complete_disposal(
    db: &Db,
    ctx: &Ctx,
    request: proto::CompleteDisposalRequest,
) -> Result<proto::CompleteDisposalResponse> {
    let input = wire::gone(ctx, &request)?;
    write(db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let (disposal, entry) = complete::complete(tx, ctx, input).await?;
            let entry = entry.filter(|_| !ctx.validate_only());
            Ok(proto::CompleteDisposalResponse {
                disposal: Some((&disposal).into()),
                entry_id: entry.map(|entry| entry.id.to_string()).unwrap_or_default(),
            })
        })
    })
    .await
}

async fn correct_disposal(
    db: &Db,
    ctx: &Ctx,
    request: proto::CorrectDisposalRequest,
) -> Result<proto::CorrectDisposalResponse> {
    let input = wire::correction(ctx, &request)?;
    write(db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let disposal = Some((&correct::correct(tx, ctx, input).await?).into());
            Ok(proto::CorrectDisposalResponse { disposal })
        })
    })
    .await
}

async fn cancel_disposal(
    db: &Db,
    ctx: &Ctx,
    request: proto::CancelDisposalRequest,
) -> Result<proto::CancelDisposalResponse> {
    let input = wire::cancelled(&request)?;
    write(db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let disposal = Some((&actions::cancel(tx, ctx, input).await?).into());
            Ok(proto::CancelDisposalResponse { disposal })
        })
    })
    .await
}
