//! `AcquisitionService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::acquisition_service_server::AcquisitionService;

use super::{actions, register, wire};

rpcs! {
    AcquisitionService {
        request_acquisition(proto::RequestAcquisitionRequest) -> proto::RequestAcquisitionResponse;
        get_acquisition(proto::GetAcquisitionRequest) -> proto::GetAcquisitionResponse;
        list_acquisitions(proto::ListAcquisitionsRequest) -> proto::ListAcquisitionsResponse;
        update_acquisition(proto::UpdateAcquisitionRequest) -> proto::UpdateAcquisitionResponse;
        cancel_acquisition(proto::CancelAcquisitionRequest) -> proto::CancelAcquisitionResponse;
        register_acquisition(proto::RegisterAcquisitionRequest)
            -> proto::RegisterAcquisitionResponse;
    }
}

async fn request_acquisition(
    db: &Db,
    ctx: &Ctx,
    request: proto::RequestAcquisitionRequest,
) -> Result<proto::RequestAcquisitionResponse> {
    let new = wire::new(ctx, &request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let acquisition = Some((&actions::ask(tx, ctx, new).await?).into());
            Ok(proto::RequestAcquisitionResponse { acquisition })
        })
    })
    .await
}

async fn get_acquisition(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetAcquisitionRequest,
) -> Result<proto::GetAcquisitionResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let acquisition = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetAcquisitionResponse { acquisition })
}

async fn list_acquisitions(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListAcquisitionsRequest,
) -> Result<proto::ListAcquisitionsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let acquisitions = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, acquisitions)
}

async fn update_acquisition(
    db: &Db,
    ctx: &Ctx,
    request: proto::UpdateAcquisitionRequest,
) -> Result<proto::UpdateAcquisitionResponse> {
    let change = wire::change(ctx, &request)?;
    write(db, ctx, &request, &change, |tx, ctx, change| {
        Box::pin(async move {
            let acquisition = Some((&actions::update(tx, ctx, change).await?).into());
            Ok(proto::UpdateAcquisitionResponse { acquisition })
        })
    })
    .await
}

async fn cancel_acquisition(
    db: &Db,
    ctx: &Ctx,
    request: proto::CancelAcquisitionRequest,
) -> Result<proto::CancelAcquisitionResponse> {
    let input = wire::cancelled(&request)?;
    write(db, ctx, &request, &input, |tx, ctx, input| {
        Box::pin(async move {
            let acquisition = Some((&actions::cancel(tx, ctx, input).await?).into());
            Ok(proto::CancelAcquisitionResponse { acquisition })
        })
    })
    .await
}

async fn register_acquisition(
    db: &Db,
    ctx: &Ctx,
    request: proto::RegisterAcquisitionRequest,
) -> Result<proto::RegisterAcquisitionResponse> {
    let id = wire::arrived(&request)?;
    // What the vehicle is for was said when it was asked for, and does not change.
    let asked = actions::visible(&mut db.read().await?, ctx, id).await?;
    let arrival = wire::arrival(ctx, &request, &asked)?;
    write(db, ctx, &request, &arrival, |tx, ctx, arrival| {
        Box::pin(async move {
            let (vehicle, acquisition, entry) = register::register(tx, ctx, arrival).await?;
            let entry = entry.filter(|_| !ctx.validate_only());
            Ok(proto::RegisterAcquisitionResponse {
                vehicle: Some((&vehicle).into()),
                acquisition: Some((&acquisition).into()),
                entry_id: entry.map(|entry| entry.id.to_string()).unwrap_or_default(),
            })
        })
    })
    .await
}
