//! The one port: gRPC, gRPC-Web and HTTP/JSON are told apart by what a request says it is.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use tonic::body::Body;
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer as _, Service as _};

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

/// Opens to each the door that it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    grpc: Routes,
    web: GrpcWebService<Routes>,
    http: axum::Router,
}

impl Door {
    /// A door to RPCs, and to what answers everything else.
    pub(crate) fn new(grpc: Routes, http: axum::Router) -> Self {
        Self { web: GrpcWebLayer::new().layer(grpc.clone()), grpc, http }
    }
}

/// Adds what an answer does not say itself.
pub(crate) async fn guarded(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Answers a request by what it says that it is.
pub(crate) async fn open(State(mut door): State<Door>, request: Request) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let answer = if WEB.contains(&kind) {
        door.web.call(request.map(Body::new)).await.map(IntoResponse::into_response)
    } else if kind.starts_with(GRPC) && !kind.starts_with(WEB[0]) {
        door.grpc.call(request).await.map(IntoResponse::into_response)
    } else {
        door.http.call(request).await
    };
    answer.unwrap_or_else(|never| match never {})
}
