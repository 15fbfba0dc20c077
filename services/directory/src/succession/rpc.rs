//! `SuccessionService`.

use futures::FutureExt;
use steward_chassis::{Ctx, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::succession_service_server::SuccessionService;
use tonic::{Request, Response, Status};

use super::{actions, wire};

/// Answers `SuccessionService`.
#[derive(Debug)]
pub struct Rpc {
    db: Db,
}

impl Rpc {
    /// Over its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn list(
        &self,
        ctx: &Ctx,
        request: proto::ListSuccessionsRequest,
    ) -> Result<proto::ListSuccessionsResponse> {
        let (page, listed) = wire::listed(&request)?;
        let mut tx = self.db.snapshot().await?;
        wire::page(&page, actions::list(&mut tx, ctx, &listed).await?)
    }
}

#[tonic::async_trait]
impl SuccessionService for Rpc {
    async fn record_succession(
        &self,
        request: Request<proto::RecordSuccessionRequest>,
    ) -> Result<Response<proto::RecordSuccessionResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let content = wire::content(&request)?;
        let act = write(&self.db, &ctx, &request, &content, |tx, ctx, content| {
            async move {
                let succession = Some(actions::record(tx, ctx, content).await?.into());
                Ok(proto::RecordSuccessionResponse { succession })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn revoke_succession(
        &self,
        request: Request<proto::RevokeSuccessionRequest>,
    ) -> Result<Response<proto::RevokeSuccessionResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let wanted = wire::revocation(&request)?;
        let act = write(&self.db, &ctx, &request, &wanted, |tx, ctx, wanted| {
            async move {
                let succession = Some(actions::revoke(tx, ctx, wanted).await?.into());
                Ok(proto::RevokeSuccessionResponse { succession })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn list_successions(
        &self,
        request: Request<proto::ListSuccessionsRequest>,
    ) -> Result<Response<proto::ListSuccessionsResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.list(&ctx, request).await?))
    }
}
