//! `OrganizationService`.

use futures::FutureExt;
use steward_chassis::{Ctx, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::organization_service_server::OrganizationService;
use tonic::{Request, Response, Status};

use super::{actions, resolve, wire};

/// Answers `OrganizationService`.
#[derive(Debug)]
pub struct Rpc {
    db: Db,
}

impl Rpc {
    /// Over its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn get(
        &self,
        ctx: &Ctx,
        request: proto::GetOrganizationRequest,
    ) -> Result<proto::GetOrganizationResponse> {
        let code = wire::code(&request)?;
        let mut tx = self.db.snapshot().await?;
        let organization = Some(actions::get(&mut tx, ctx, &code).await?.into());
        Ok(proto::GetOrganizationResponse { organization })
    }

    async fn list(
        &self,
        ctx: &Ctx,
        request: proto::ListOrganizationsRequest,
    ) -> Result<proto::ListOrganizationsResponse> {
        let (page, listed) = wire::listed(&request)?;
        let mut tx = self.db.snapshot().await?;
        let rows = actions::list(&mut tx, ctx, &listed).await?;
        wire::page(&page, rows)
    }

    async fn resolve(
        &self,
        ctx: &Ctx,
        request: proto::ResolveOrganizationsRequest,
    ) -> Result<proto::ResolveOrganizationsResponse> {
        let query = resolve::wire::query(&request)?;
        let meanings = resolve::actions::resolve(&self.db, ctx, &query).await?;
        let results = meanings.into_iter().map(Into::into).collect();
        Ok(proto::ResolveOrganizationsResponse { results })
    }
}

#[tonic::async_trait]
impl OrganizationService for Rpc {
    async fn create_organization(
        &self,
        request: Request<proto::CreateOrganizationRequest>,
    ) -> Result<Response<proto::CreateOrganizationResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let new = wire::new(&request)?;
        let act = write(&self.db, &ctx, &request, &new, |tx, ctx, new| {
            async move {
                let mut made = proto::Organization::from(actions::create(tx, ctx, new).await?);
                if ctx.validate_only() && new.code.is_none() {
                    // The key is made anew when it is created.
                    made.code.clear();
                }
                Ok(proto::CreateOrganizationResponse { organization: Some(made) })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn get_organization(
        &self,
        request: Request<proto::GetOrganizationRequest>,
    ) -> Result<Response<proto::GetOrganizationResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.get(&ctx, request).await?))
    }

    async fn list_organizations(
        &self,
        request: Request<proto::ListOrganizationsRequest>,
    ) -> Result<Response<proto::ListOrganizationsResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.list(&ctx, request).await?))
    }

    async fn update_organization(
        &self,
        request: Request<proto::UpdateOrganizationRequest>,
    ) -> Result<Response<proto::UpdateOrganizationResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        let change = wire::change(&request)?;
        let act = write(&self.db, &ctx, &request, &change, |tx, ctx, change| {
            async move {
                let organization = Some(actions::update(tx, ctx, change).await?.into());
                Ok(proto::UpdateOrganizationResponse { organization })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }

    async fn resolve_organizations(
        &self,
        request: Request<proto::ResolveOrganizationsRequest>,
    ) -> Result<Response<proto::ResolveOrganizationsResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.resolve(&ctx, request).await?))
    }
}
