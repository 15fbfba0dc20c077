//! `FigureService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::figure_service_server::FigureService;

use super::{actions, wire};

rpcs! {
    FigureService {
        list_vehicle_figures(proto::ListVehicleFiguresRequest)
            -> proto::ListVehicleFiguresResponse;
        summarize_fleet(proto::SummarizeFleetRequest) -> proto::SummarizeFleetResponse;
    }
}

async fn list_vehicle_figures(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListVehicleFiguresRequest,
) -> Result<proto::ListVehicleFiguresResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let figures = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, figures)
}

async fn summarize_fleet(
    db: &Db,
    ctx: &Ctx,
    request: proto::SummarizeFleetRequest,
) -> Result<proto::SummarizeFleetResponse> {
    let summed = wire::summed(ctx, &request)?;
    let mut tx = db.snapshot().await?;
    let fleets = actions::summarize(&mut tx, ctx, &summed).await?;
    Ok(wire::summary(&fleets))
}
