//! Runs every handler to its end on a task of its own, so that a caller who goes away leaves nothing
//! half done. So many run at once; a request is one of them when it has come whole. So many more may be on
//! the way; who comes beyond that is refused at once, and told when to come again.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tonic::Status;
use tracing::Instrument;

use super::Layers;
use super::caught::caught;
use crate::ctx::Ctx;
use crate::error::{ANSWER_LATE, BUSY, Error, REQUEST_TOO_LARGE, REQUEST_TOO_SLOW, Result};

/// The largest request: 4 MiB and its frame. 1,000 entries with every field full are 2 MiB.
const MAX_REQUEST: usize = 4 * 1024 * 1024 + 5;
/// How long a request may take to come.
const ARRIVAL: Duration = Duration::from_secs(10);
/// When to come again to a service that is busy.
const COME_AGAIN: Duration = Duration::from_secs(1);

pub(super) async fn detach(
    State(layers): State<Arc<Layers>>,
    request: Request,
    next: Next,
) -> Response {
    answer(layers, request, next).await.unwrap_or_else(|error| Status::from(error).into_http())
}

async fn answer(layers: Arc<Layers>, request: Request, next: Next) -> Result<Response> {
    let place = Arc::clone(&layers.places).try_acquire_owned();
    let place = place.map_err(|_| Error::new(&BUSY, "too many requests").after(COME_AGAIN))?;
    let ctx = Ctx::find(&request).cloned();
    let request = timeout(ARRIVAL, whole(request)).await.unwrap_or_else(|_| {
        Err(Error::new(&REQUEST_TOO_SLOW, "the request did not come in time"))
    })?;
    let (permits, late) = (Arc::clone(&layers.permits), ctx.clone());
    let work = async move {
        let _permit = permits.acquire_owned().await;
        late.as_ref().map_or(Ok(()), Ctx::in_time)?;
        // On the task: it is logged though the caller has gone away.
        Ok(holding(caught(next.run(request)).await, place))
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

/// An answer that keeps a place until it has been read or thrown away.
fn holding(answer: Response, place: OwnedSemaphorePermit) -> Response {
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _held = &place;
            frame
        }))
    })
}

/// The request with all of its body.
async fn whole(request: Request) -> Result<Request> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            return Error::new(&REQUEST_TOO_LARGE, "the request is larger than 4 MiB");
        }
        Error::new(&REQUEST_TOO_SLOW, "the request broke off")
    })?;
    Ok(Request::from_parts(parts, Body::new(body)))
}
