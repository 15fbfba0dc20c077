//! Who calls, and whether they may.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use tokio::time::Instant;
use tonic::Status;

use super::security::{Refused, refusal};
use super::{Layers, timeout};
use crate::access::Access;
use crate::ctx::Ctx;
use crate::error::{Class, Error, Reason, Result};
use crate::follow::own::InProcess;
use crate::identity::Identity;
use crate::peer::Peer;
use crate::scope::Scope;

/// No grant of the caller has a role that the RPC needs, for this domain.
pub const ROLE_MISSING: Reason =
    Reason::new("ROLE_MISSING", Class::PermissionDenied, "没有执行该操作的权限");

pub(super) async fn authorise(
    State(layers): State<Arc<Layers>>,
    mut request: Request,
    next: Next,
) -> Response {
    // Nothing that came with the request may stand for a context that we make.
    request.extensions_mut().remove::<Ctx>();
    // This is no part of what came: only this crate makes one, for a call within this process.
    let own = request.extensions_mut().remove::<InProcess>();
    let peer = Peer::of(request.extensions());
    let peer = layers.runtime.authenticator.origin(peer, request.headers());
    request.extensions_mut().insert(peer.clone());
    let admitted = layers.admit(request.uri().path(), request.headers(), &peer, own).await;
    match admitted {
        Ok(None) => next.run(request).await,
        Ok(Some(ctx)) => {
            request.extensions_mut().insert(ctx.clone());
            let response = next.run(request).await;
            layers.watch(&ctx, &response);
            response
        }
        Err(not) => {
            layers.log(&not, &request, &peer);
            Status::from(not.error).into_http()
        }
    }
}

/// Why a call is not admitted, and who called where that is known.
struct NotAdmitted {
    error: Error,
    identity: Option<Arc<Identity>>,
}

impl From<Error> for NotAdmitted {
    fn from(error: Error) -> Self {
        Self { error, identity: None }
    }
}

impl Layers {
    /// The context of a call; `None` for public methods.
    async fn admit(
        &self,
        path: &str,
        headers: &HeaderMap,
        peer: &Peer,
        own: Option<InProcess>,
    ) -> Result<Option<Ctx>, NotAdmitted> {
        let rule = self.runtime.access.rule(path);
        self.runtime.admit(peer)?;
        if rule == Some(&Access::Public) {
            return Ok(None);
        }
        let now = steward_kernel::truncate(self.runtime.clock.now());
        let identity = match own {
            Some(own) => own.into_identity(),
            None => self.runtime.authenticator.identify(headers, peer, now).await?,
        };
        let by = |error| NotAdmitted { error, identity: Some(Arc::clone(&identity)) };
        let rates = self.runtime.rates.as_deref();
        rates.map_or(Ok(()), |rates| rates.of_identity(&identity.subject)).map_err(by)?;
        let scope = match rule {
            // No such method: the router says so, to those who may ask.
            None | Some(Access::Public | Access::Known) => Scope::default(),
            Some(Access::Roles(roles)) => identity.scope(self.domain, roles).ok_or_else(|| {
                by(Error::new(&ROLE_MISSING, "no grant has a role that may do this"))
            })?,
        };
        let deadline = timeout::within(headers).and_then(|t| Instant::now().checked_add(t));
        let ctx = Ctx::new(identity, scope, path, now)
            .with_domain(self.domain)
            .with_address(peer.address)
            .with_deadline(deadline);
        Ok(Some(ctx))
    }

    fn log(&self, not: &NotAdmitted, request: &Request, peer: &Peer) {
        let path = request.uri().path();
        let refused = Refused {
            path,
            known: self.runtime.access.rule(path).is_some(),
            reason: not.error.reason().code,
            subject: not.identity.as_deref().map(|identity| identity.subject.as_str()),
            address: peer.address,
        };
        refused.log();
    }

    /// Logs what the service itself refused: the organization lies outside the caller's grants, or
    /// something else is not for him. Who only passes calls on leaves that to the service.
    fn watch(&self, ctx: &Ctx, response: &Response) {
        if self.domain.is_none() {
            return;
        }
        if let Some(reason) = refusal(response) {
            let refused = Refused {
                path: ctx.method(),
                known: true,
                reason: &reason,
                subject: Some(ctx.subject()),
                address: ctx.address(),
            };
            refused.log();
        }
    }
}
