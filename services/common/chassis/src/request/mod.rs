//! Repeated requests: what was asked under a request id, and what was answered.

pub(crate) mod store;

use prost::Message;
use sha2::{Digest, Sha256};
use steward_db::Tx;
use steward_proto::Mutation;
use uuid::Uuid;

use crate::ctx::Ctx;
use crate::error::{Class, Error, Reason, Result};
use crate::fields::{Fields, ID_MALFORMED};
use crate::scope::Scope;

/// The request id was used for another request.
pub const REQUEST_ID_REUSED: Reason =
    Reason::new("REQUEST_ID_REUSED", Class::InvalidArgument, "请求编号已用于其他请求");

/// The request was made with grants that the caller no longer has.
pub const REPLAY_DENIED: Reason = Reason::new(
    "REPLAY_DENIED",
    Class::PermissionDenied,
    "授权范围已缩小,不能再次查看该请求的结果",
);

/// How many days an answer is remembered.
pub const REMEMBERED_DAYS: i64 = 30;

/// A mutating request by its identity and content.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) subject: String,
    pub(crate) method: String,
    pub(crate) request_id: Uuid,
    pub(crate) hash: Vec<u8>,
    pub(crate) scope: String,
}

impl Seen {
    pub(crate) fn of(ctx: &Ctx, request: &impl Mutation) -> Result<Self> {
        let mut fields = Fields::new();
        let id = fields.parse::<Uuid>("request_id", request.request_id(), &ID_MALFORMED);
        let request_id = fields.finish_with(id)?;
        Ok(Self {
            subject: ctx.subject().to_owned(),
            method: ctx.method().to_owned(),
            request_id,
            hash: Sha256::digest(request.encode_to_vec()).to_vec(),
            scope: ctx.scope().to_text(),
        })
    }

    /// Remembers the request, waiting for a concurrent twin; answers what a finished twin answered.
    pub(crate) async fn replay<R: Message + Default>(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
    ) -> Result<Option<R>> {
        if store::insert(tx, self, ctx.now()).await? {
            return Ok(None);
        }
        let stored = store::get(tx, self).await?;
        if stored.hash != self.hash {
            return Err(Error::new(
                &REQUEST_ID_REUSED,
                "the request id was used for another request",
            ));
        }
        // The answer may tell what only the grants of that time allowed to see.
        if !Scope::of_text(&stored.scope).is_some_and(|then| ctx.scope().covers_scope(&then)) {
            let message = "the request was made with grants that the caller no longer has";
            return Err(Error::new(&REPLAY_DENIED, message));
        }
        R::decode(stored.response.as_slice()).map(Some).map_err(Error::internal)
    }
}
