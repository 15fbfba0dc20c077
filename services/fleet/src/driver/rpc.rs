//! `DriverService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::driver_service_server::DriverService;

use super::{actions, wire};

rpcs! {
    DriverService {
        create_driver(proto::CreateDriverRequest) -> proto::CreateDriverResponse;
        get_driver(proto::GetDriverRequest) -> proto::GetDriverResponse;
        list_drivers(proto::ListDriversRequest) -> proto::ListDriversResponse;
        update_driver(proto::UpdateDriverRequest) -> proto::UpdateDriverResponse;
    }
}

async fn create_driver(
    db: &Db,
    ctx: &Ctx,
    request: proto::CreateDriverRequest,
) -> Result<proto::CreateDriverResponse> {
    let new = wire::new(&request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let driver = Some((&actions::create(tx, ctx, new).await?).into());
            Ok(proto::CreateDriverResponse { driver })
        })
    })
    .await
}

async fn get_driver(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetDriverRequest,
) -> Result<proto::GetDriverResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let driver = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetDriverResponse { driver })
}

async fn list_drivers(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListDriversRequest,
) -> Result<proto::ListDriversResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let drivers = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, drivers)
}

async fn update_driver(
    db: &Db,
    ctx: &Ctx,
    request: proto::UpdateDriverRequest,
) -> Result<proto::UpdateDriverResponse> {
    let change = wire::change(&request)?;
    write(db, ctx, &request, &change, |tx, ctx, change| {
        Box::pin(async move {
            let driver = Some((&actions::update(tx, ctx, change).await?).into());
            Ok(proto::UpdateDriverResponse { driver })
        })
    })
    .await
}
