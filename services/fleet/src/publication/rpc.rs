//! `PublicationService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::publication_service_server::PublicationService;

use super::{actions, wire};

rpcs! {
    PublicationService {
        get_monthly_list(proto::GetMonthlyListRequest) -> proto::GetMonthlyListResponse;
        list_monthly_trips(proto::ListMonthlyTripsRequest) -> proto::ListMonthlyTripsResponse;
    }
}

async fn get_monthly_list(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetMonthlyListRequest,
) -> Result<proto::GetMonthlyListResponse> {
    let asked = wire::asked(&request)?;
    let mut tx = db.snapshot().await?;
    let list = actions::get(&mut tx, ctx, &asked).await?;
    Ok(proto::GetMonthlyListResponse { list: Some((&list).into()) })
}

async fn list_monthly_trips(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListMonthlyTripsRequest,
) -> Result<proto::ListMonthlyTripsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let trips = actions::trips(&mut tx, ctx, &listed).await?;
    wire::page(&page, trips)
}
