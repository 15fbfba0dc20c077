//! The one port: gRPC, gRPC-Web and HTTP/JSON are told apart by what a request says it is.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::future::{BoxFuture, Either};
use futures::{FutureExt as _, TryFutureExt as _};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use steward_chassis::layers::Guarded;
use tonic::body::Body;
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer as _, Service};
use tower_http::cors::{Cors, CorsLayer};

use crate::forward::Forward;
use crate::openapi;
use crate::rest::Rest;
use crate::rpcs::Rpcs;

/// What browsers may do with an answer: nothing but read it.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// The forms of gRPC-Web that are spoken; others are refused as what they are not.
const WEB: [&str; 4] = [
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
];
/// What the forms of gRPC begin with.
pub(crate) const GRPC: &str = "application/grpc";

/// All RPCs, with the layers around them.
type Grpc = Rpcs<Guarded<Forward>>;

/// Opens to each the door that it asks for: programs that speak gRPC, or browsers and all others.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    grpc: Grpc,
    others: Cors<Others>,
}

/// What is answered to those who do not speak gRPC.
#[derive(Debug, Clone)]
pub(crate) struct Others {
    web: GrpcWebService<Routes>,
    rest: Rest,
    description: Router,
}

impl Door {
    /// A door to RPCs, in the forms of gRPC and as REST/JSON, and to the description of this. `cors` tells
    /// browsers what they may do.
    pub(crate) fn new(grpc: Grpc, rest: Rest, description: Router, cors: &CorsLayer) -> Self {
        let rpcs = Routes::from(Router::new().fallback_service(grpc.clone()));
        let web = GrpcWebLayer::new().layer(rpcs.prepare());
        Self { grpc, others: cors.layer(Others { web, rest, description }) }
    }
}

impl Service<Request> for Door {
    type Response = Response;
    type Error = Infallible;
    type Future =
        Either<<Grpc as Service<Request>>::Future, <Cors<Others> as Service<Request>>::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The others are always ready.
        Service::<Request>::poll_ready(&mut self.grpc, cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let kind = kind(&request);
        if kind.starts_with(GRPC) && !kind.starts_with(WEB[0]) {
            return Either::Left(self.grpc.call(request));
        }
        Either::Right(self.others.call(request))
    }
}

impl Service<Request> for Others {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if WEB.contains(&&*kind(&request)) {
            let answer = self.web.call(request.map(Body::new));
            return Box::pin(answer.map_ok(IntoResponse::into_response));
        }
        if openapi::PATHS.contains(&request.uri().path()) {
            return Box::pin(self.description.call(request).map_ok(protected));
        }
        Box::pin(self.rest.clone().answer(request).map(protected).map(Ok))
    }
}

/// Adds what an answer to a browser does not say itself.
fn protected(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// What a request says that it is, without parameters.
fn kind(request: &Request) -> String {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}
