//! Runs every handler to its end on a task of its own, so that a caller who goes away leaves nothing
//! half done. So many run at once; a request is one of them when it has come whole. So many more may be on
//! the way; who comes beyond that is refused at once, and told when to come again.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures::future::BoxFuture;
use tonic::Status;
use tower::Service;
use tracing::Instrument;

use super::Layers;
use super::caught::caught;
use crate::arrival::{MAX_MESSAGE, whole};
use crate::ctx::Ctx;
use crate::error::{ANSWER_LATE, BUSY, Error, Result};
use crate::place;

/// The largest request: a message and its frame.
const MAX_REQUEST: usize = MAX_MESSAGE + 5;

/// The work of a service, and what is answered beside it without a place.
#[derive(Debug, Clone)]
pub(super) struct Detached {
    pub(super) work: Router,
    pub(super) beside: Router,
    pub(super) layers: Arc<Layers>,
}

impl Service<Request> for Detached {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let rpc = self.layers.runtime.access.find(request.uri().path());
        if rpc.is_some_and(|rpc| rpc.is_beside) {
            return Box::pin(self.beside.call(request));
        }
        let (layers, work) = (Arc::clone(&self.layers), self.work.clone());
        Box::pin(async move {
            let answer = answer(layers, request, work).await;
            Ok(answer.unwrap_or_else(|error| Status::from(error).into_http()))
        })
    }
}

async fn answer(layers: Arc<Layers>, request: Request, mut routes: Router) -> Result<Response> {
    let place = place::take(&layers.places, &BUSY, "too many requests")?;
    let ctx = Ctx::find(&request).cloned();
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts, Body::from(whole(body, MAX_REQUEST, 0).await?));
    let (permits, late) = (Arc::clone(&layers.permits), ctx.clone());
    let work = async move {
        let _permit = permits.acquire_owned().await;
        late.as_ref().map_or(Ok(()), Ctx::in_time)?;
        // On the task: it is logged though the caller has gone away.
        let answer = async { routes.call(request).await.unwrap_or_else(|never| match never {}) };
        let answer = caught(answer).await;
        Ok(answer.map(|body| Body::new(place::holding(body, place))))
    };
    let task = layers.runtime.tasks.spawn(work.in_current_span());
    let done = match ctx.and_then(|ctx| ctx.deadline()) {
        None => task.await,
        // The task goes on; only its caller is told.
        Some(deadline) => tokio::time::timeout_at(deadline, task).await.map_err(|_| {
            Error::new(&ANSWER_LATE, "the deadline passed; the call may still be completed")
        })?,
    };
    done.map_err(Error::internal)?
}
