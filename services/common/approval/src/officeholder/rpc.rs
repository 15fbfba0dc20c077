//! `OfficeholderService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::approval::v1 as proto;
use steward_proto::approval::v1::officeholder_service_server::OfficeholderService;

use super::{actions, wire};

rpcs! {
    OfficeholderService {
        create_officeholder(proto::CreateOfficeholderRequest) -> proto::CreateOfficeholderResponse;
        end_officeholder(proto::EndOfficeholderRequest) -> proto::EndOfficeholderResponse;
        list_officeholders(proto::ListOfficeholdersRequest) -> proto::ListOfficeholdersResponse;
    }
}

async fn create_officeholder(
    db: &Db,
    ctx: &Ctx,
    request: proto::CreateOfficeholderRequest,
) -> Result<proto::CreateOfficeholderResponse> {
    let new = wire::new(&request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let officeholder = Some((&actions::create(tx, ctx, new).await?).into());
            Ok(proto::CreateOfficeholderResponse { officeholder })
        })
    })
    .await
}

async fn end_officeholder(
    db: &Db,
    ctx: &Ctx,
    request: proto::EndOfficeholderRequest,
) -> Result<proto::EndOfficeholderResponse> {
    let end = wire::end(&request)?;
    write(db, ctx, &request, &end, |tx, ctx, end| {
        Box::pin(async move {
            let officeholder = Some((&actions::end(tx, ctx, end).await?).into());
            Ok(proto::EndOfficeholderResponse { officeholder })
        })
    })
    .await
}

async fn list_officeholders(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListOfficeholdersRequest,
) -> Result<proto::ListOfficeholdersResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let holders = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, holders)
}
