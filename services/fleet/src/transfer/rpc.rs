//! `TransferService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::transfer_service_server::TransferService;

use super::{actions, correct, wire};

rpcs! {
    TransferService {
        request_transfer(proto::RequestTransferRequest) -> proto::RequestTransferResponse;
        get_transfer(proto::GetTransferRequest) -> proto::GetTransferResponse;
        list_transfers(proto::ListTransfersRequest) -> proto::ListTransfersResponse;
        update_transfer(proto::UpdateTransferRequest) -> proto::UpdateTransferResponse;
        complete_transfer(proto::CompleteTransferRequest) -> proto::CompleteTransferResponse;
        correct_transfer(proto::CorrectTransferRequest) -> proto::CorrectTransferResponse;
        cancel_transfer(proto::CancelTransferRequest) -> proto::CancelTransferResponse;
    }
}

async fn request_transfer(
    db: &Db,
    ctx: &Ctx,
    request: proto::RequestTransferRequest,
) -> Result<proto::RequestTransferResponse> {
    let new = wire::new(&request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let transfer = Some((&actions::ask(tx, ctx, new).await?).into());
            Ok(proto::RequestTransferResponse { transfer })
        })
    })
    .await
}

async fn get_transfer(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetTransferRequest,
) -> Result<proto::GetTransferResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let transfer = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetTransferResponse { transfer })
}

async fn list_transfers(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListTransfersRequest,
) -> Result<proto::ListTransfersResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let transfers = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, transfers)
}

async fn update_transfer(
    db: &Db,
    ctx: &Ctx,
    request: proto::UpdateTransferRequest,
) -> Result<proto::UpdateTransferResponse> {
    let change = wire::change(&request)?;
    write(db, ctx, &request, &change, |tx, ctx, change| {
        Box::pin(async move {
            let transfer = Some((&actions::update(tx, ctx, change).await?).into());
            Ok(proto::UpdateTransferResponse { transfer })
        })
    })
    .await
}

async fn complete_transfer(
    db: &Db,
    ctx: &Ctx,
    request: proto::CompleteTransferRequest,
) -> Result<proto::CompleteTransferResponse> {
    let input = wire::hand_over(ctx, &request)?;
    write(db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let transfer = Some((&actions::complete(tx, ctx, input).await?).into());
            Ok(proto::CompleteTransferResponse { transfer })
        })
    })
    .await
}

async fn correct_transfer(
    db: &Db,
    ctx: &Ctx,
    request: proto::CorrectTransferRequest,
) -> Result<proto::CorrectTransferResponse> {
    let input = wire::correction(ctx, &request)?;
    write(db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let transfer = Some((&correct::correct(tx, ctx, input).await?).into());
            Ok(proto::CorrectTransferResponse { transfer })
        })
    })
    .await
}

async fn cancel_transfer(
    db: &Db,
    ctx: &Ctx,
    request: proto::CancelTransferRequest,
) -> Result<proto::CancelTransferResponse> {
    let input = wire::cancelled(&request)?;
    write(db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let transfer = Some((&actions::cancel(tx, ctx, input).await?).into());
            Ok(proto::CancelTransferResponse { transfer })
        })
    })
    .await
}
