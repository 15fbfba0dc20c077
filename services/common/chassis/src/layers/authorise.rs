//! Who calls, and whether they may.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::Extensions;
use tokio::time::Instant;
use tonic::Status;
use tonic::transport::server::TcpConnectInfo;

use super::security::{Refused, refusal};
use super::{Layers, timeout};
use crate::access::Access;
use crate::ctx::Ctx;
use crate::error::{Class, Error, Reason, Result};
use crate::follow::own::InProcess;
use crate::identity::Identity;
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
    match layers.admit(&request, own) {
        Ok(None) => next.run(request).await,
        Ok(Some(ctx)) => {
            request.extensions_mut().insert(ctx.clone());
            let response = next.run(request).await;
            layers.watch(&ctx, &response);
            response
        }
        Err(not) => {
            layers.log(&not, &request);
            Status::from(not.error).into_http()
        }
    }
}

/// Why a call is not admitted, and who called where that is known.
struct NotAdmitted {
    error: Error,
    identity: Option<Arc<Identity>>,
}

impl Layers {
    /// The context of a call; `None` for public methods.
    fn admit(&self, request: &Request, own: Option<InProcess>) -> Result<Option<Ctx>, NotAdmitted> {
        let path = request.uri().path();
        let rule = self.runtime.access.rule(path);
        if rule == Some(&Access::Public) {
            return Ok(None);
        }
        let now = steward_kernel::truncate(self.runtime.clock.now());
        let identity = match own {
            Some(own) => own.into_identity(),
            None => self.identify(request, now)?,
        };
        let scope = match rule {
            // No such method: the router says so, to those who may ask.
            None | Some(Access::Public) => Scope::default(),
            Some(Access::Roles(roles)) => {
                identity.scope(self.domain, roles).ok_or_else(|| NotAdmitted {
                    error: Error::new(&ROLE_MISSING, "no grant has a role that may do this"),
                    identity: Some(Arc::clone(&identity)),
                })?
            }
        };
        let deadline =
            timeout::within(request.headers()).and_then(|t| Instant::now().checked_add(t));
        let ctx = Ctx::new(identity, scope, path, now)
            .with_domain(self.domain)
            .with_address(address(request.extensions()))
            .with_deadline(deadline);
        Ok(Some(ctx))
    }

    fn identify(
        &self,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Arc<Identity>, NotAdmitted> {
        let identified = self.runtime.authenticator.identify(request.headers(), now);
        identified.map_err(|error| NotAdmitted { error, identity: None })
    }

    fn log(&self, not: &NotAdmitted, request: &Request) {
        let path = request.uri().path();
        let refused = Refused {
            path,
            known: self.runtime.access.rule(path).is_some(),
            reason: not.error.reason().code,
            subject: not.identity.as_deref().map(|identity| identity.subject.as_str()),
            address: address(request.extensions()),
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

/// The other end of the connection; in one process that of the gateway's, whose calls come with what
/// the transport said of them. No header can say it.
fn address(extensions: &Extensions) -> Option<IpAddr> {
    let address = extensions.get::<TcpConnectInfo>()?.remote_addr()?;
    Some(address.ip().to_canonical())
}
