//! `RegionService`.

use futures::FutureExt;
use steward_chassis::{Ctx, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::region_service_server::RegionService;
use tonic::{Request, Response, Status};

use super::{actions, wire};

/// Answers `RegionService`.
#[derive(Debug)]
pub struct Rpc {
    db: Db,
}

impl Rpc {
    /// Over its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn list(&self, request: proto::ListRegionsRequest) -> Result<proto::ListRegionsResponse> {
        let (page, listed) = wire::listed(&request)?;
        let mut tx = self.db.read().await?;
        wire::page(&page, actions::list(&mut tx, &listed).await?)
    }
}

#[tonic::async_trait]
impl RegionService for Rpc {
    async fn list_regions(
        &self,
        request: Request<proto::ListRegionsRequest>,
    ) -> Result<Response<proto::ListRegionsResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn create_region(
        &self,
        request: Request<proto::CreateRegionRequest>,
    ) -> Result<Response<proto::CreateRegionResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let new = wire::new(&request)?;
        let act = write(&self.db, &ctx, &request, &new, |tx, ctx, new| {
            async move {
                let region = Some(actions::create(tx, ctx, new).await?.into());
                Ok(proto::CreateRegionResponse { region })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn update_region(
        &self,
        request: Request<proto::UpdateRegionRequest>,
    ) -> Result<Response<proto::UpdateRegionResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let change = wire::change(&request)?;
        let act = write(&self.db, &ctx, &request, &change, |tx, ctx, change| {
            async move {
                let region = Some(actions::update(tx, ctx, change).await?.into());
                Ok(proto::UpdateRegionResponse { region })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }
}
