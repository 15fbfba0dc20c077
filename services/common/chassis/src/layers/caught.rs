//! A fault that makes a handler panic: the caller is told that there is one, and the log where.

use std::panic::AssertUnwindSafe;

use axum::response::Response;
use futures::FutureExt;
use tonic::Status;

use crate::error::Error;

/// The answer, or that there was a fault. Why it panicked is not told, for it may hold what the request
/// held: the hook of telemetry has logged where.
pub(super) async fn caught(answer: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(answer)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Status::from(Error::internal("the handler panicked")).into_http())
}
