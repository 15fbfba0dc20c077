//! REST/JSON: every RPC by the HTTP rule that stands beside it in the .proto file. Nothing here knows an RPC;
//! all is read from the descriptors.
//!
//! A request finds its route (`table`), passes the same layers as a call over gRPC under the name of its
//! RPC, and is then read (`input`), called (`call`) and answered (`output`). An error is `google.rpc.Status`
//! as JSON, whoever refused.

mod call;
mod input;
mod json;
mod output;
mod rule;
mod table;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{Request as HttpRequest, State};
use axum::middleware::Next;
use axum::response::Response as HttpResponse;
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, IF_MATCH};
use http::{HeaderMap, Method, Request, Uri};
use prost_reflect::DescriptorPool;
use steward_chassis::layers::{Guarded, Runtime, passing};
use steward_chassis::peer::Peer;
use steward_chassis::{Class, Error, Reason, Result};
use tonic::Status;
use tower::Service as _;

pub(crate) use input::{etag_field, is_text};
pub(crate) use rule::Body;
pub(crate) use table::{Route, Table};
pub(crate) use template::last;

use crate::door::GRPC;
use crate::forward::Forward;
use crate::rpcs::Rpcs;
use call::{Asked, Call};
use input::Said;
use output::{Refusals, status_of};
use table::Found;
use template::Path;

/// Nothing is at this path.
pub(crate) const PATH_UNKNOWN: Reason =
    Reason::new("PATH_UNKNOWN", Class::NotFound, "没有这个路径");
/// The path is there, with other methods.
pub(crate) const METHOD_NOT_ALLOWED: Reason =
    Reason::new("METHOD_NOT_ALLOWED", Class::Unimplemented, "该路径不支持这种请求方法");
/// The body is of a kind that is not read.
pub(crate) const MEDIA_TYPE: Reason =
    Reason::new("MEDIA_TYPE", Class::InvalidArgument, "请求正文须为 application/json");

/// REST/JSON over RPCs. A clone shares the table.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    table: Arc<Table>,
    refusals: Arc<Refusals>,
    calls: Guarded<Call>,
}

impl Rest {
    /// The routes of a table over what answers their RPCs.
    pub(crate) fn new(
        pool: DescriptorPool,
        table: Arc<Table>,
        rpcs: Rpcs<Forward>,
        runtime: &Runtime,
    ) -> Self {
        let refusals = Arc::new(Refusals { pool });
        let call = Call { rpcs, refusals: Arc::clone(&refusals) };
        Self { table, refusals, calls: passing(call, runtime) }
    }

    /// Answers an HTTP request.
    pub(crate) async fn answer(mut self, request: HttpRequest) -> HttpResponse {
        let conditional = request.headers().contains_key(IF_MATCH);
        let (parts, body) = request.into_parts();
        let verb = if parts.method == Method::HEAD { Method::GET } else { parts.method };
        let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        let (route, filled) = match self.table.find(&verb, &Path::new(path)) {
            Found::Route(route, filled) => (route, filled),
            Found::Methods(methods) => return self.not_allowed(&methods),
            Found::Nothing => return self.refused(unknown(&parts.headers), conditional),
        };
        if let Err(error) = readable(&parts.headers) {
            return self.refused(error, conditional);
        }
        let filled = filled.into_iter().map(|(field, text)| (field.to_owned(), text)).collect();
        let mut call = Request::new(body);
        *call.method_mut() = Method::POST;
        *call.uri_mut() = Uri::from(route.rpc.clone());
        *call.headers_mut() = call::headers(&parts.headers, &route);
        let said = Said { filled, query: query.to_owned(), headers: parts.headers };
        *call.extensions_mut() = parts.extensions;
        call.extensions_mut().insert(Asked { route, said });
        let Ok(mut response) = self.calls.call(call).await;
        let refused = status_of(response.headers());
        if let Some(status) = refused.filter(|status| status.code() != tonic::Code::Ok) {
            return self.refusals.answer(&status, conditional);
        }
        response.headers_mut().remove("grpc-status");
        response
    }

    fn refused(&self, error: Error, conditional: bool) -> HttpResponse {
        self.refusals.answer(&Status::from(error), conditional)
    }

    fn not_allowed(&self, methods: &[Method]) -> HttpResponse {
        let methods = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let message = format!("this path has {methods} only");
        let mut response = self.refused(Error::new(&METHOD_NOT_ALLOWED, message), false);
        if let Ok(methods) = HeaderValue::try_from(methods) {
            response.headers_mut().insert(ALLOW, methods);
        }
        response
    }
}

/// Why there is nothing at a path.
fn unknown(headers: &HeaderMap) -> Error {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.to_ascii_lowercase().starts_with(GRPC) {
        return Error::new(
            &MEDIA_TYPE,
            "of gRPC-Web the forms +proto and -text are spoken, no JSON",
        );
    }
    Error::new(&PATH_UNKNOWN, "there is nothing at this path")
}

/// Refuses a body that is said not to be JSON as it is.
fn readable(headers: &HeaderMap) -> Result<()> {
    let refused = |message: &str| Err(Error::new(&MEDIA_TYPE, message));
    if headers.contains_key(CONTENT_ENCODING) {
        return refused("compressed bodies are not read");
    }
    let Some(kind) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    refused("the body must be application/json")
}

/// Counts a request that no RPC counts.
pub(crate) async fn counted(
    State((rest, runtime)): State<(Rest, Runtime)>,
    request: HttpRequest,
    next: Next,
) -> HttpResponse {
    match runtime.admit(&Peer::of(request.extensions())) {
        Ok(()) => next.run(request).await,
        Err(error) => rest.refused(error, false),
    }
}
