//! Runs every handler to its end on a task of its own, so that a caller who goes away leaves nothing
//! half done.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tonic::Status;
use tracing::Instrument;

use super::Layers;
use crate::ctx::Ctx;
use crate::error::Error;

pub(super) async fn detach(State(layers): State<Layers>, request: Request, next: Next) -> Response {
    let ctx = request.extensions().get::<Ctx>().cloned();
    let permits = Arc::clone(&layers.permits);
    let work = async move {
        let _permit = permits.acquire_owned().await;
        if let Some(Err(late)) = ctx.as_ref().map(Ctx::in_time) {
            return Status::from(late).into_http();
        }
        next.run(request).await
    };
    let task = layers.runtime.tasks.spawn(work.in_current_span());
    task.await.unwrap_or_else(|e| Status::from(Error::internal(e)).into_http())
}
