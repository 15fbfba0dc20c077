//! `FiguresService`.

use futures::FutureExt;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Fields, Page, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::figures_service_server::FiguresService;
use tonic::{Request, Response, Status};

use super::{YEARS, actions, store, wire};

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
        mut request: proto::ListFiguresRequest,
    ) -> Result<proto::ListFiguresResponse> {
        let mut fields = Fields::new();
        let size = std::mem::take(&mut request.page_size);
        let token = std::mem::take(&mut request.page_token);
        let page: Page<(String, i32)> = Page::parse(&mut fields, size, &token, &request);
        let year = match request.year {
            0 => None,
            year => fields.within("year", year, YEARS),
        };
        let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
        fields.finish()?;
        let listed = store::Listed { filter, year, after: page.after.clone(), limit: page.limit() };
        let mut tx = self.db.snapshot().await?;
        listed.filter.limited(&mut tx, ctx.scope()).await?;
        let rows = store::list(&mut tx, ctx.scope(), &listed).await?;
        let key = |row: &super::Figures| (row.key.organization.as_str().to_owned(), row.key.year);
        let (rows, next_page_token) = page.cut(rows, key)?;
        let figures = rows.into_iter().map(proto::Figures::from).collect();
        Ok(proto::ListFiguresResponse { figures, next_page_token })
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
