//! Places: so many of something at once, and who comes beyond that is told when to come again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Reason, Result};

/// When to come again.
const COME_AGAIN: Duration = Duration::from_secs(1);

/// Takes a place, or refuses at once.
pub(crate) fn take(
    places: &Arc<Semaphore>,
    reason: &'static Reason,
    why: &str,
) -> Result<OwnedSemaphorePermit> {
    let place = Arc::clone(places).try_acquire_owned();
    place.map_err(|_| Error::new(reason, why).after(COME_AGAIN))
}

/// A body that keeps its place until it has been read or thrown away.
pub(crate) fn holding<B: Body<Data = Bytes>>(
    body: B,
    place: OwnedSemaphorePermit,
) -> impl Body<Data = Bytes, Error = B::Error> {
    body.map_frame(move |frame| {
        let _held = &place;
        frame
    })
}
