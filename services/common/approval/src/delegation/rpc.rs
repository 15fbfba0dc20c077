//! `DelegationService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::approval::v1 as proto;
use steward_proto::approval::v1::delegation_service_server::DelegationService;

use super::{actions, wire};

rpcs! {
    DelegationService {
        create_delegation(proto::CreateDelegationRequest) -> proto::CreateDelegationResponse;
        end_delegation(proto::EndDelegationRequest) -> proto::EndDelegationResponse;
        list_delegations(proto::ListDelegationsRequest) -> proto::ListDelegationsResponse;
    }
}

async fn create_delegation(
    db: &Db,
    ctx: &Ctx,
    request: proto::CreateDelegationRequest,
) -> Result<proto::CreateDelegationResponse> {
    let new = wire::new(&request)?;
    write(db, ctx, &request, &new, |tx, ctx, new| {
        Box::pin(async move {
            let delegation = Some((&actions::create(tx, ctx, new).await?).into());
            Ok(proto::CreateDelegationResponse { delegation })
        })
    })
    .await
}

async fn end_delegation(
    db: &Db,
    ctx: &Ctx,
    request: proto::EndDelegationRequest,
) -> Result<proto::EndDelegationResponse> {
    let end = wire::end(&request)?;
    write(db, ctx, &request, &end, |tx, ctx, end| {
        Box::pin(async move {
            let delegation = Some((&actions::end(tx, ctx, end).await?).into());
            Ok(proto::EndDelegationResponse { delegation })
        })
    })
    .await
}

async fn list_delegations(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListDelegationsRequest,
) -> Result<proto::ListDelegationsResponse> {
    let (page, listed) = wire::listed(&request)?;
    let mut tx = db.snapshot().await?;
    let delegations = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, delegations)
}
