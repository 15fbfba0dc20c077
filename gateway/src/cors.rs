//! What browsers may do from the pages of others: call as one of the configured origins, with a token.

use std::time::Duration;

use http::Method;
use http::header::{
    ALLOW, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MATCH, RETRY_AFTER,
};
use tower_http::cors::CorsLayer;

/// How long a browser remembers what it may do.
const MAX_AGE: Duration = Duration::from_hours(1);

/// A layer that tells browsers so. Without origins it tells them nothing, and they keep to their own pages.
pub(crate) fn layer(origins: Vec<HeaderValue>) -> CorsLayer {
    let name = HeaderName::from_static;
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_MATCH,
            name("idempotency-key"),
            name("grpc-timeout"),
            name("x-grpc-web"),
            name("x-user-agent"),
            name("steward-domain"),
            name("traceparent"),
            name("tracestate"),
        ])
        .expose_headers([
            ALLOW,
            ETAG,
            RETRY_AFTER,
            name("grpc-status"),
            name("grpc-message"),
            name("grpc-status-details-bin"),
        ])
        .max_age(MAX_AGE)
}
