//! `RegionService`.

use steward_chassis::{Fields, Page, Result};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::region_service_server::RegionService;
use tonic::{Request, Response, Status};

use super::{Region, store};

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
        let mut fields = Fields::new();
        let filter = proto::ListRegionsRequest::default();
        let page: Page<String> =
            Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
        fields.finish()?;
        let mut tx = self.db.read().await?;
        let rows = store::list(&mut tx, page.after.clone(), page.limit()).await?;
        let (regions, next_page_token) = page.cut(rows, |region| region.code.clone())?;
        let regions = regions.into_iter().map(proto::Region::from).collect();
        Ok(proto::ListRegionsResponse { regions, next_page_token })
    }
}

impl From<Region> for proto::Region {
    fn from(region: Region) -> Self {
        Self { code: region.code, name: region.name }
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
}
