//! `OrganizationService`.

use futures::FutureExt;
use steward_chassis::error::NOT_FOUND;
use steward_chassis::fields::ORGANIZATION_MALFORMED;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Error, Fields, Page, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::organization_service_server::OrganizationService;
use tonic::{Request, Response, Status};

use super::{Organization, actions, store, wire};

const MAX_NAME_PART: usize = 100;

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

    async fn get(&self, ctx: &Ctx, request: proto::GetOrganizationRequest) -> Result<Organization> {
        let mut fields = Fields::new();
        let code = fields.parse("code", &request.code, &ORGANIZATION_MALFORMED);
        let code = fields.finish_with(code)?;
        let mut tx = self.db.read().await?;
        store::find(&mut tx, ctx.scope(), &code)
            .await?
            .ok_or_else(|| Error::new(&NOT_FOUND, format!("organization {code} is not found")))
    }

    async fn list(
        &self,
        ctx: &Ctx,
        mut request: proto::ListOrganizationsRequest,
    ) -> Result<proto::ListOrganizationsResponse> {
        let mut fields = Fields::new();
        let size = std::mem::take(&mut request.page_size);
        let token = std::mem::take(&mut request.page_token);
        let page: Page<String> = Page::parse(&mut fields, size, &token, &request);
        let name = fields.text("name_contains", &request.name_contains, MAX_NAME_PART);
        let listed = store::Listed {
            filter: Filter::parse(&mut fields, &request.regions, &[]),
            kind: wire::kind(fields.value("kind", request.kind)),
            level: wire::level(fields.value("level", request.level)),
            name_contains: (!name.is_empty()).then_some(name),
            after: page.after.clone(),
            limit: page.limit(),
        };
        fields.finish()?;
        let mut tx = self.db.snapshot().await?;
        listed.filter.limited(&mut tx, ctx.scope()).await?;
        let rows = store::list(&mut tx, ctx.scope(), &listed).await?;
        let (rows, next_page_token) = page.cut(rows, |row| row.code.as_str().to_owned())?;
        let organizations = rows.into_iter().map(proto::Organization::from).collect();
        Ok(proto::ListOrganizationsResponse { organizations, next_page_token })
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
        let organization = Some(self.get(&ctx, request).await?.into());
        Ok(Response::new(proto::GetOrganizationResponse { organization }))
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
                let changed = actions::update(tx, ctx, change).await?;
                Ok(proto::UpdateOrganizationResponse { organization: Some(changed.into()) })
            }
            .boxed()
        });
        Ok(Response::new(act.await?))
    }
}
