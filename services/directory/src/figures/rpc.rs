//! `FiguresService`.

use futures::FutureExt;
use steward_chassis::{Ctx, Error, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::figures_service_server::FiguresService;
use tonic::{Request, Response, Status};

use super::{actions, wire};

/// Answers `FiguresService`.
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
        request: proto::ListFiguresRequest,
    ) -> Result<proto::ListFiguresResponse> {
        let (page, listed) = wire::listed(&request)?;
        let mut tx = self.db.snapshot().await?;
        wire::page(&page, actions::list(&mut tx, ctx, &listed).await?)
    }

    async fn summarize(
        &self,
        ctx: &Ctx,
        request: proto::SummarizeFiguresRequest,
    ) -> Result<proto::SummarizeFiguresResponse> {
        let query = wire::query(&request)?;
        let mut tx = self.db.snapshot().await?;
        let summary = actions::summarize(&mut tx, ctx, &query.filter, &query.years).await?;
        Ok(wire::summary(summary, &query.group_by))
    }
}

#[tonic::async_trait]
impl FiguresService for Rpc {
    async fn set_figures(
        &self,
        request: Request<proto::SetFiguresRequest>,
    ) -> Result<Response<proto::SetFiguresResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let set = wire::set(&request)?;
        let act = write(&self.db, &ctx, &request, &set, |tx, ctx, set| {
            async move {
                let (figures, changed) = actions::set(tx, ctx, set).await?;
                let changed_count = i32::try_from(changed).map_err(Error::internal)?;
                let figures = figures.into_iter().map(proto::Figures::from).collect();
                Ok(proto::SetFiguresResponse { figures, changed_count })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn list_figures(
        &self,
        request: Request<proto::ListFiguresRequest>,
    ) -> Result<Response<proto::ListFiguresResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.list(&ctx, request).await?))
    }

    async fn summarize_figures(
        &self,
        request: Request<proto::SummarizeFiguresRequest>,
    ) -> Result<Response<proto::SummarizeFiguresResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.summarize(&ctx, request).await?))
    }
}
