//! `VehicleService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::vehicle_service_server::VehicleService;

use super::{actions, remove, wire};

rpcs! {
    VehicleService {
        create_vehicle(proto::CreateVehicleRequest) -> proto::CreateVehicleResponse;
        get_vehicle(proto::GetVehicleRequest) -> proto::GetVehicleResponse;
        list_vehicles(proto::ListVehiclesRequest) -> proto::ListVehiclesResponse;
        update_vehicle(proto::UpdateVehicleRequest) -> proto::UpdateVehicleResponse;
        remove_vehicle(proto::RemoveVehicleRequest) -> proto::RemoveVehicleResponse;
    }
}

async fn create_vehicle(
    db: &Db,
    ctx: &Ctx,
    request: proto::CreateVehicleRequest,
) -> Result<proto::CreateVehicleResponse> {
    let new = wire::new(ctx, &request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let vehicle = Some((&actions::create(tx, ctx, new).await?).into());
            Ok(proto::CreateVehicleResponse { vehicle })
        })
    })
    .await
}

async fn get_vehicle(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetVehicleRequest,
) -> Result<proto::GetVehicleResponse> {
    let id = wire::id(&request)?;
    let mut tx = db.read().await?;
    let vehicle = Some((&actions::get(&mut tx, ctx, id).await?).into());
    Ok(proto::GetVehicleResponse { vehicle })
}

async fn list_vehicles(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListVehiclesRequest,
) -> Result<proto::ListVehiclesResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let vehicles = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, vehicles)
}

async fn update_vehicle(
    db: &Db,
    ctx: &Ctx,
    request: proto::UpdateVehicleRequest,
) -> Result<proto::UpdateVehicleResponse> {
    let change = wire::change(ctx, &request)?;
    write(db, ctx, &request, &change, |tx, ctx, change| {
        Box::pin(async move {
            let vehicle = Some((&actions::update(tx, ctx, change).await?).into());
            Ok(proto::UpdateVehicleResponse { vehicle })
        })
    })
    .await
}

async fn remove_vehicle(
    db: &Db,
    ctx: &Ctx,
    request: proto::RemoveVehicleRequest,
) -> Result<proto::RemoveVehicleResponse> {
    let mistake = wire::mistake(&request)?;
    write(db, ctx, &request, &mistake, |tx, ctx, mistake| {
        Box::pin(async move {
            let vehicle = Some((&remove::remove(tx, ctx, mistake).await?).into());
            Ok(proto::RemoveVehicleResponse { vehicle })
        })
    })
    .await
}
