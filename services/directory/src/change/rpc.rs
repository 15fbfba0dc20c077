//! `ChangeService`.

use steward_chassis::page::PAGE_SIZE_OUT_OF_RANGE;
use steward_chassis::{Ctx, Fields, Result, time};
use steward_db::Db;
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::change::Resource as Wire;
use steward_proto::directory::v1::change_service_server::ChangeService;
use tonic::{Request, Response, Status};

use super::{Change, Place, Resource, actions};

const DEFAULT_SIZE: i32 = 50;
const MAX_SIZE: i32 = 1000;

/// Answers `ChangeService`.
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
        request: proto::ListChangesRequest,
    ) -> Result<proto::ListChangesResponse> {
        let (after, size) = read(&request)?;
        let mut tx = self.db.snapshot().await?;
        let answer = actions::list(&mut tx, ctx.scope(), &after, size).await?;
        Ok(proto::ListChangesResponse {
            changes: answer.found.into_iter().map(proto::Change::from).collect(),
            next_seq: answer.next_seq,
            more: answer.more,
            next_hash: answer.next_hash,
            scope_limited: !ctx.scope().is_everything(),
        })
    }
}

/// The place after which changes are asked for, and how many.
fn read(request: &proto::ListChangesRequest) -> Result<(Place, usize)> {
    let mut fields = Fields::new();
    let seq = fields.within("after_seq", request.after_seq, 0..=i64::MAX);
    let after = seq.map(|seq| Place { seq, hash: request.after_hash.clone() });
    let size = if request.page_size == 0 { DEFAULT_SIZE } else { request.page_size };
    if !(1..=MAX_SIZE).contains(&size) {
        let message = format!("is {size}, not between 0 and {MAX_SIZE}");
        fields.refuse("page_size", &PAGE_SIZE_OUT_OF_RANGE, message);
    }
    fields.finish_with(after.zip(usize::try_from(size).ok()))
}

impl From<Change> for proto::Change {
    fn from(change: Change) -> Self {
        let resource = match change.resource {
            Resource::Organization(organization) => Wire::Organization((*organization).into()),
            Resource::Region(region) => Wire::Region(region.into()),
            Resource::CalendarYear(year) => Wire::CalendarYear(year.into()),
        };
        Self {
            seq: change.seq,
            change_time: Some(time::to_proto(change.time)),
            resource: Some(resource),
        }
    }
}

#[tonic::async_trait]
impl ChangeService for Rpc {
    async fn list_changes(
        &self,
        request: Request<proto::ListChangesRequest>,
    ) -> Result<Response<proto::ListChangesResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.list(&ctx, request).await?))
    }
}
