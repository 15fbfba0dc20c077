//! `EstablishmentService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::establishment_service_server::EstablishmentService;

use super::{actions, granting, wire};

rpcs! {
    EstablishmentService {
        grant_establishment(proto::GrantEstablishmentRequest) -> proto::GrantEstablishmentResponse;
        revoke_grant(proto::RevokeGrantRequest) -> proto::RevokeGrantResponse;
        file_grant(proto::FileGrantRequest) -> proto::FileGrantResponse;
        list_grants(proto::ListGrantsRequest) -> proto::ListGrantsResponse;
        get_establishment(proto::GetEstablishmentRequest) -> proto::GetEstablishmentResponse;
        list_establishments(proto::ListEstablishmentsRequest) -> proto::ListEstablishmentsResponse;
        summarize_establishments(proto::SummarizeEstablishmentsRequest)
            -> proto::SummarizeEstablishmentsResponse;
    }
}

async fn grant_establishment(
    db: &Db,
    ctx: &Ctx,
    request: proto::GrantEstablishmentRequest,
) -> Result<proto::GrantEstablishmentResponse> {
    let granted = wire::granted(ctx, &request)?;
    write(db, ctx, &request, &granted, |tx, ctx, granted| {
        Box::pin(async move {
            let grant = Some((&granting::grant(tx, ctx, granted).await?).into());
            Ok(proto::GrantEstablishmentResponse { grant })
        })
    })
    .await
}

async fn revoke_grant(
    db: &Db,
    ctx: &Ctx,
    request: proto::RevokeGrantRequest,
) -> Result<proto::RevokeGrantResponse> {
    let revoke = wire::revoke(&request)?;
    write(db, ctx, &request, &revoke, |tx, ctx, revoke| {
        Box::pin(async move {
            let grant = Some((&granting::revoke(tx, ctx, revoke).await?).into());
            Ok(proto::RevokeGrantResponse { grant })
        })
    })
    .await
}

async fn file_grant(
    db: &Db,
    ctx: &Ctx,
    request: proto::FileGrantRequest,
) -> Result<proto::FileGrantResponse> {
    let file = wire::file(ctx, &request)?;
    write(db, ctx, &request, &file, |tx, ctx, file| {
        Box::pin(async move {
            let grant = Some((&granting::file(tx, ctx, file).await?).into());
            Ok(proto::FileGrantResponse { grant })
        })
    })
    .await
}

async fn list_grants(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListGrantsRequest,
) -> Result<proto::ListGrantsResponse> {
    let (page, listed) = wire::listed_grants(&request)?;
    let mut tx = db.snapshot().await?;
    let grants = granting::list(&mut tx, ctx, &listed).await?;
    wire::grants_page(&page, grants)
}

async fn get_establishment(
    db: &Db,
    ctx: &Ctx,
    request: proto::GetEstablishmentRequest,
) -> Result<proto::GetEstablishmentResponse> {
    let key = wire::key(&request)?;
    let mut tx = db.read().await?;
    let establishment = Some((&actions::get(&mut tx, ctx, &key).await?).try_into()?);
    Ok(proto::GetEstablishmentResponse { establishment })
}

async fn list_establishments(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListEstablishmentsRequest,
) -> Result<proto::ListEstablishmentsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let all = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, all)
}

async fn summarize_establishments(
    db: &Db,
    ctx: &Ctx,
    request: proto::SummarizeEstablishmentsRequest,
) -> Result<proto::SummarizeEstablishmentsResponse> {
    let listed = wire::summed(&request)?;
    let mut tx = db.snapshot().await?;
    Ok(wire::summary(&actions::summarize(&mut tx, ctx, &listed).await?))
}
