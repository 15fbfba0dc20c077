//! `AdministrationService`.

use futures::FutureExt;
use steward_chassis::{Ctx, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::administration_service_server::AdministrationService;
use tonic::{Request, Response, Status};

use super::{actions, wire};

/// Answers `AdministrationService`.
#[derive(Debug)]
pub struct Rpc {
    db: Db,
}

impl Rpc {
    /// Over its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn summarize(
        &self,
        ctx: &Ctx,
        request: proto::SummarizeAdministrationsRequest,
    ) -> Result<proto::SummarizeAdministrationsResponse> {
        let (day, filter) = wire::summary(ctx, &request)?;
        let mut tx = self.db.snapshot().await?;
        Ok(wire::summarized(actions::on(&mut tx, ctx, day, &filter).await?))
    }

    async fn list(
        &self,
        ctx: &Ctx,
        request: proto::ListAdministrationsRequest,
    ) -> Result<proto::ListAdministrationsResponse> {
        let (page, listed) = wire::listed(&request)?;
        let mut tx = self.db.snapshot().await?;
        wire::page(&page, actions::list(&mut tx, ctx, &listed).await?)
    }
}

#[tonic::async_trait]
impl AdministrationService for Rpc {
    async fn record_administration(
        &self,
        request: Request<proto::RecordAdministrationRequest>,
    ) -> Result<Response<proto::RecordAdministrationResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let record = wire::record(&ctx, &request)?;
        let act = write(&self.db, &ctx, &request, &record, |tx, ctx, record| {
            async move {
                let administration = Some(actions::record(tx, ctx, record).await?.into());
                Ok(proto::RecordAdministrationResponse { administration })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn delete_administration(
        &self,
        request: Request<proto::DeleteAdministrationRequest>,
    ) -> Result<Response<proto::DeleteAdministrationResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let deletion = wire::deletion(&request)?;
        let act = write(&self.db, &ctx, &request, &deletion, |tx, ctx, deletion| {
            async move {
                actions::delete(tx, ctx, deletion).await?;
                Ok(proto::DeleteAdministrationResponse {})
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn summarize_administrations(
        &self,
        request: Request<proto::SummarizeAdministrationsRequest>,
    ) -> Result<Response<proto::SummarizeAdministrationsResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.summarize(&ctx, request).await?))
    }

    async fn list_administrations(
        &self,
        request: Request<proto::ListAdministrationsRequest>,
    ) -> Result<Response<proto::ListAdministrationsResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.list(&ctx, request).await?))
    }
}
