//! `SuccessionService`.

use chrono::NaiveDate;
use futures::FutureExt;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Fields, Page, Result, write};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::succession_service_server::SuccessionService;
use tonic::{Request, Response, Status};

use super::{Succession, SuccessionId, actions, store, wire};

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
        mut request: proto::ListSuccessionsRequest,
    ) -> Result<proto::ListSuccessionsResponse> {
        let mut fields = Fields::new();
        let size = std::mem::take(&mut request.page_size);
        let token = std::mem::take(&mut request.page_token);
        let page: Page<(NaiveDate, String)> = Page::parse(&mut fields, size, &token, &request);
        let after = page.after.as_ref().map(|(day, id)| {
            // Only a token that was not ours holds another text.
            let id = id.parse::<SuccessionId>().map(SuccessionId::uuid).unwrap_or_default();
            (*day, id)
        });
        let filter = Filter::parse(&mut fields, &[], &request.organizations);
        fields.finish()?;
        let revoked = request.include_revoked;
        let listed = store::Listed { filter, revoked, after, limit: page.limit() };
        let mut tx = self.db.snapshot().await?;
        listed.filter.limited(&mut tx, ctx.scope()).await?;
        let rows = store::list(&mut tx, ctx.scope(), &listed).await?;
        let key = |row: &Succession| (row.content.effective_on, row.id.to_string());
        let (rows, next_page_token) = page.cut(rows, key)?;
        let successions = rows.into_iter().map(proto::Succession::from).collect();
        Ok(proto::ListSuccessionsResponse { successions, next_page_token })
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
                let mut made = proto::Succession::from(actions::record(tx, ctx, content).await?);
                if ctx.validate_only() {
                    // The id is made anew when it is recorded.
                    made.id.clear();
                }
                Ok(proto::RecordSuccessionResponse { succession: Some(made) })
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
