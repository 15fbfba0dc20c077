//! Who calls, and whether they may.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use tokio::time::Instant;
use tonic::Status;

use super::security::{Refused, refusal};
use super::{Inner, Layers, Passed, timeout};
use crate::access::{Access, Rpc};
use crate::ctx::Ctx;
use crate::error::{Class, Error, Reason, Result};
use crate::follow::own::InProcess;
use crate::identity::Identity;
use crate::peer::Peer;
use crate::scope::Scope;

/// No grant of the caller has a role that the RPC needs, for this domain.
pub const ROLE_MISSING: Reason =
    Reason::new("ROLE_MISSING", Class::PermissionDenied, "没有执行该操作的权限");

/// Why a call is not admitted, and who called where that is known.
struct NotAdmitted {
    error: Error,
    identity: Option<Arc<Identity>>,
}

impl NotAdmitted {
    fn log(&self, rpc: Option<&Rpc>, path: &str, peer: &Peer) {
        let refused = Refused {
            path,
            known: rpc.is_some(),
            reason: self.error.reason().code,
            subject: self.identity.as_deref().map(|identity| identity.subject.as_str()),
            address: peer.address,
        };
        refused.log();
    }
}

impl From<Error> for NotAdmitted {
    fn from(error: Error) -> Self {
        Self { error, identity: None }
    }
}

impl Layers {
    /// Answers who may call.
    pub(super) async fn authorised<S: Inner>(
        &self,
        rpc: Option<&Rpc>,
        mut request: Request,
        inner: S,
    ) -> Response {
        // Nothing that came with the request may stand for a context that we make.
        request.extensions_mut().remove::<Ctx>();
        // These are no part of what came: only this crate makes one, for a call within this process.
        let own = request.extensions_mut().remove::<InProcess>().map(InProcess::into_identity);
        let passed = request.extensions_mut().remove::<Passed>().map(|passed| passed.0);
        let peer = Peer::of(request.extensions());
        let peer = self.runtime.authenticator.origin(peer, request.headers());
        request.extensions_mut().insert(peer.clone());
        let (path, headers) = (request.uri().path(), request.headers());
        let admitted = self.admit(rpc, path, headers, &peer, own.or(passed)).await;
        match admitted {
            Ok(None) => answered(inner, request).await,
            Ok(Some(ctx)) if self.passes => {
                request.extensions_mut().insert(Passed(ctx.into_identity()));
                answered(inner, request).await
            }
            Ok(Some(ctx)) => {
                request.extensions_mut().insert(ctx.clone());
                let response = answered(inner, request).await;
                self.watch(&ctx, &response);
                response
            }
            Err(not) => {
                not.log(rpc, request.uri().path(), &peer);
                Status::from(not.error).into_http()
            }
        }
    }

    /// The context of a call; `None` for public methods.
    async fn admit(
        &self,
        rpc: Option<&Rpc>,
        path: &str,
        headers: &HeaderMap,
        peer: &Peer,
        known: Option<Arc<Identity>>,
    ) -> Result<Option<Ctx>, NotAdmitted> {
        let rule = rpc.map(|rpc| &rpc.access);
        self.runtime.admit(peer)?;
        if rule == Some(&Access::Public) {
            return Ok(None);
        }
        let now = steward_kernel::truncate(self.runtime.clock.now());
        let identity = match known {
            Some(identity) => identity,
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
        let path = rpc.map_or_else(|| path.into(), |rpc| Arc::clone(&rpc.path));
        let ctx = Ctx::new(identity, scope, path, now)
            .with_domain(self.domain)
            .with_address(peer.address)
            .with_deadline(deadline);
        Ok(Some(ctx))
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

/// What stands behind the layers answers.
async fn answered<S: Inner>(mut inner: S, request: Request) -> Response {
    inner.call(request).await.unwrap_or_else(|never| match never {}).into_response()
}
