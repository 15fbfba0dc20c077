//! The body of a request as it comes: whole, in time, and not too large.

use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::error::{Error, REQUEST_TOO_LARGE, REQUEST_TOO_SLOW, Result};

/// The largest message of a request. 1,000 entries with every field full are 2 MiB.
pub const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// How long a request may take to come.
pub(crate) const ARRIVAL: Duration = Duration::from_secs(10);

/// All of a body of at most so many bytes. Of one that is larger so much is read and thrown away: over
/// HTTP/1.1 who is still sending hears no answer.
///
/// Errors: [`REQUEST_TOO_LARGE`], [`REQUEST_TOO_SLOW`].
pub async fn whole<B: Body<Data = Bytes>>(body: B, most: usize, read_on: usize) -> Result<Bytes> {
    timeout(ARRIVAL, collected(body, most, read_on))
        .await
        .unwrap_or_else(|_| Err(Error::new(&REQUEST_TOO_SLOW, "the request did not come in time")))
}

async fn collected<B: Body<Data = Bytes>>(body: B, most: usize, read_on: usize) -> Result<Bytes> {
    let (mut body, mut whole, mut length) = (pin!(body), BytesMut::new(), 0_usize);
    while length <= most.max(read_on)
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|_| Error::new(&REQUEST_TOO_SLOW, "the request broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= most {
            whole.extend_from_slice(&data);
        }
    }
    if length > most {
        return Err(Error::new(&REQUEST_TOO_LARGE, "the request is larger than 4 MiB"));
    }
    Ok(whole.freeze())
}
