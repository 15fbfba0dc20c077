//! `OdometerService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::odometer_service_server::OdometerService;

use super::{actions, wire};

rpcs! {
    OdometerService {
        record_odometer(proto::RecordOdometerRequest) -> proto::RecordOdometerResponse;
        retract_reading(proto::RetractReadingRequest) -> proto::RetractReadingResponse;
        list_readings(proto::ListReadingsRequest) -> proto::ListReadingsResponse;
    }
}

async fn record_odometer(
    db: &Db,
    ctx: &Ctx,
    request: proto::RecordOdometerRequest,
) -> Result<proto::RecordOdometerResponse> {
    let new = wire::new(ctx, &request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let reading = Some((&actions::record(tx, ctx, new).await?).into());
            Ok(proto::RecordOdometerResponse { reading })
        })
    })
    .await
}

async fn retract_reading(
    db: &Db,
    ctx: &Ctx,
    request: proto::RetractReadingRequest,
) -> Result<proto::RetractReadingResponse> {
    let retraction = wire::retraction(&request)?;
    write(db, ctx, &request, &retraction, |tx, ctx, retraction| {
        Box::pin(async move {
            let reading = Some((&actions::retract(tx, ctx, retraction).await?).into());
            Ok(proto::RetractReadingResponse { reading })
        })
    })
    .await
}

async fn list_readings(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListReadingsRequest,
) -> Result<proto::ListReadingsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let readings = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, readings)
}
