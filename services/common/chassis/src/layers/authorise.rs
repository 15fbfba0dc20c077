//! Who calls, and whether they may.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::AUTHORIZATION;
use tokio::time::Instant;
use tonic::Status;

use super::{Layers, timeout};
use crate::access::Access;
use crate::ctx::Ctx;
use crate::error::{Class, Error, Reason, Result};
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
    match layers.admit(&request) {
        Ok(None) => {}
        Ok(Some(ctx)) => {
            request.extensions_mut().insert(ctx);
        }
        Err(error) => {
            tracing::info!(target: "security", path = request.uri().path(), reason = error.reason().code, "refused");
            return Status::from(error).into_http();
        }
    }
    next.run(request).await
}

impl Layers {
    /// The context of a call; `None` for public methods.
    fn admit(&self, request: &Request) -> Result<Option<Ctx>> {
        let path = request.uri().path();
        let rule = self.runtime.access.rule(path);
        if rule == Some(&Access::Public) {
            return Ok(None);
        }
        let now = steward_kernel::truncate(self.runtime.clock.now());
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let identity = self.runtime.authenticator.identify(header, now)?;
        let scope = match rule {
            // No such method: the router says so, to those who may ask.
            None | Some(Access::Public) => Scope::default(),
            Some(Access::Roles(roles)) => identity
                .scope(self.domain, roles)
                .ok_or_else(|| Error::new(&ROLE_MISSING, "no grant has a role that may do this"))?,
        };
        let deadline =
            timeout::within(request.headers()).and_then(|t| Instant::now().checked_add(t));
        Ok(Some(Ctx::new(identity, scope, path, now).with_deadline(deadline)))
    }
}
