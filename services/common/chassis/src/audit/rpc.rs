//! `AuditService`, mounted in every service.

use prost_types::Timestamp;
use steward_db::Db;
use steward_proto::audit::v1 as proto;
use steward_proto::audit::v1::audit_service_server::AuditService;
use tonic::{Request, Response, Status};

use super::rules::Link;
use super::verify::{Asked, verify};
use super::{LINK_MALFORMED, Listed, PLACE_MALFORMED, actions, wire};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::fields::{Fields, PERIOD_MALFORMED, REQUIRED, TOO_MANY};
use crate::page::Page;
use crate::scope::Filter;
use crate::time;

/// At most so many organizations to list events of.
const MAX_ORGANIZATIONS: usize = 100;
const MAX_RESOURCE_TYPE: usize = 64;
const MAX_RESOURCE_ID: usize = 200;
const MAX_SUBJECT: usize = 256;

/// The audit service over the database of a service.
#[derive(Debug, Clone)]
pub(crate) struct Rpc {
    db: Db,
}

impl Rpc {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    async fn list(
        &self,
        ctx: &Ctx,
        request: &proto::ListEventsRequest,
    ) -> Result<proto::ListEventsResponse> {
        let (page, listed) = listed(request)?;
        let mut tx = self.db.snapshot().await?;
        let after = page.after.or(listed.behind);
        let (events, fitting) = actions::list(&mut tx, ctx, &listed, after, page.limit()).await?;
        tx.rollback().await?;
        let (events, next_page_token) = page.cut_to(fitting, events, |placed| placed.seq)?;
        let events = events.into_iter().map(wire::event).collect();
        Ok(proto::ListEventsResponse { events, next_page_token })
    }

    async fn head(&self) -> Result<proto::GetChainHeadResponse> {
        let head = actions::head(&mut self.db.read().await?).await?;
        Ok(proto::GetChainHeadResponse { head: Some(wire::link(&head)) })
    }

    async fn verify(
        &self,
        ctx: &Ctx,
        request: &proto::VerifyChainRequest,
    ) -> Result<proto::VerifyChainResponse> {
        let found = verify(&self.db, ctx, &asked(request)?).await?;
        // Anyone who may verify can make up a link that is at odds with the chain.
        match &found.fault {
            Some(fault) if found.at_odds => {
                tracing::warn!(target: "security", ?fault, "a link handed in is not in the audit trail");
            }
            Some(fault) => {
                tracing::error!(target: "security", ?fault, "the audit trail does not hold");
            }
            None => {}
        }
        Ok(wire::found(&found))
    }
}

fn listed(request: &proto::ListEventsRequest) -> Result<(Page<i64>, Listed)> {
    let mut fields = Fields::new();
    let same =
        proto::ListEventsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page = Page::parse(&mut fields, request.page_size, &request.page_token, &same);
    if request.organizations.len() > MAX_ORGANIZATIONS {
        let message = format!("has more than {MAX_ORGANIZATIONS} items");
        fields.refuse("organizations", &TOO_MANY, message);
    }
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    if request.resource_type.is_empty() && !request.resource_id.is_empty() {
        fields.refuse("resource_type", &REQUIRED, "is required with resource_id");
    }
    let mut text = |field: &str, text: &str, max| {
        let text = fields.text(field, text, max);
        (!text.is_empty()).then_some(text)
    };
    let resource_type = text("resource_type", &request.resource_type, MAX_RESOURCE_TYPE);
    let resource_id = text("resource_id", &request.resource_id, MAX_RESOURCE_ID);
    let subject = text("subject", &request.subject, MAX_SUBJECT);
    let mut time = |field: &str, time: Option<Timestamp>| {
        time.and_then(|time| time::parse(&mut fields, field, &time))
    };
    let from = time("from_time", request.from_time);
    let until = time("until_time", request.until_time);
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        fields.refuse("until_time", &PERIOD_MALFORMED, "is not after from_time");
    }
    if request.after_seq < 0 {
        fields.refuse("after_seq", &PLACE_MALFORMED, "is negative");
    }
    fields.finish()?;
    let listed = Listed {
        filter,
        resource_type,
        resource_id,
        subject,
        from,
        until,
        newest_first: request.newest_first,
        behind: (request.after_seq > 0).then_some(request.after_seq),
    };
    Ok((page, listed))
}

fn asked(request: &proto::VerifyChainRequest) -> Result<Asked> {
    let mut fields = Fields::new();
    let after = link(&mut fields, "after", request.after.as_ref());
    let known = link(&mut fields, "known_head", request.known_head.as_ref());
    fields.finish()?;
    Ok(Asked { after: after.unwrap_or(Link::START), known })
}

fn link(fields: &mut Fields, field: &str, link: Option<&proto::ChainLink>) -> Option<Link> {
    let link = link?;
    let hash = match link.hash.as_slice() {
        [] if link.seq == 0 => Some(Link::START.hash),
        hash if link.seq > 0 => hash.try_into().ok(),
        _ => None,
    };
    if hash.is_none() {
        let message = "is no link: a place and a hash of 32 bytes, or place 0 without one";
        fields.refuse(field, &LINK_MALFORMED, message);
    }
    Some(Link { seq: link.seq, hash: hash? })
}

#[tonic::async_trait]
impl AuditService for Rpc {
    async fn list_events(
        &self,
        request: Request<proto::ListEventsRequest>,
    ) -> Result<Response<proto::ListEventsResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.list(&ctx, &request).await?))
    }

    async fn get_chain_head(
        &self,
        _: Request<proto::GetChainHeadRequest>,
    ) -> Result<Response<proto::GetChainHeadResponse>, Status> {
        Ok(Response::new(self.head().await?))
    }

    async fn verify_chain(
        &self,
        request: Request<proto::VerifyChainRequest>,
    ) -> Result<Response<proto::VerifyChainResponse>, Status> {
        let (ctx, request) = (Ctx::of(&request)?, request.into_inner());
        Ok(Response::new(self.verify(&ctx, &request).await?))
    }
}
