//! `NormService`: every handler reads the request, acts and answers.

use steward_chassis::{Ctx, Result, rpcs, write};
use steward_db::Db;
use steward_proto::fleet::v1 as proto;
use steward_proto::fleet::v1::norm_service_server::NormService;

use super::{actions, wire};

rpcs! {
    NormService {
        set_norm(proto::SetNormRequest) -> proto::SetNormResponse;
        list_norms(proto::ListNormsRequest) -> proto::ListNormsResponse;
    }
}

async fn set_norm(
    db: &Db,
    ctx: &Ctx,
    request: proto::SetNormRequest,
) -> Result<proto::SetNormResponse> {
    let setting = wire::setting(&request)?;
    write(db, ctx, &request, &setting, |tx, ctx, setting| {
        Box::pin(async move {
            let norm = Some((&actions::set(tx, ctx, setting).await?).into());
            Ok(proto::SetNormResponse { norm })
        })
    })
    .await
}

async fn list_norms(
    db: &Db,
    ctx: &Ctx,
    request: proto::ListNormsRequest,
) -> Result<proto::ListNormsResponse> {
    let (page, listed) = wire::listed(ctx, &request)?;
    let mut tx = db.snapshot().await?;
    let norms = actions::list(&mut tx, ctx, &listed).await?;
    wire::page(&page, norms)
}
