//! `RouteService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_proto::approval::v1 as proto;
use steward_proto::approval::v1::route_service_server::RouteService;

use super::{actions, wire};
use crate::Desk;

rpcs! {
    RouteService over Desk {
        set_route(proto::SetRouteRequest) -> proto::SetRouteResponse;
        delete_route(proto::DeleteRouteRequest) -> proto::DeleteRouteResponse;
        list_routes(proto::ListRoutesRequest) -> proto::ListRoutesResponse;
        list_kinds(proto::ListKindsRequest) -> proto::ListKindsResponse;
    }
}

async fn set_route(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::SetRouteRequest,
) -> Result<proto::SetRouteResponse> {
    let set = wire::set(desk.kinds, &request)?;
    write(&desk.db, ctx, &request, &set, |tx, ctx, set| {
        Box::pin(async move {
            let route = Some((&actions::set(tx, ctx, set).await?).into());
            Ok(proto::SetRouteResponse { route })
        })
    })
    .await
}

async fn delete_route(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::DeleteRouteRequest,
) -> Result<proto::DeleteRouteResponse> {
    let deleted = wire::deleted(&request)?;
    write(&desk.db, ctx, &request, &deleted, |tx, ctx, (id, version)| {
        Box::pin(async move {
            actions::delete(tx, ctx, *id, *version).await?;
            Ok(proto::DeleteRouteResponse {})
        })
    })
    .await
}

async fn list_routes(
    desk: &Desk,
    ctx: &Ctx,
    request: proto::ListRoutesRequest,
) -> Result<proto::ListRoutesResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = desk.db.snapshot().await?;
    let routes = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, routes)
}

async fn list_kinds(
    desk: &Desk,
    _ctx: &Ctx,
    _request: proto::ListKindsRequest,
) -> Result<proto::ListKindsResponse> {
    Ok(wire::kinds(desk.kinds))
}
