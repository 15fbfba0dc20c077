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
    let (mut body, mut whole, mut length) = (pin!(body), Gathered::default(), 0_usize);
    while length <= most.max(read_on)
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|_| Error::new(&REQUEST_TOO_SLOW, "the request broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= most {
            whole.add(data);
        }
    }
    if length > most {
        return Err(Error::new(&REQUEST_TOO_LARGE, "the request is larger than 4 MiB"));
    }
    Ok(whole.whole())
}

/// Bytes that come in parts. What comes in one, as most requests do, is not copied.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    first: Bytes,
    more: BytesMut,
}

impl Gathered {
    /// Adds a part.
    pub(crate) fn add(&mut self, part: Bytes) {
        if self.len() == 0 {
            self.first = part;
            return;
        }
        if self.more.is_empty() {
            self.more.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.more.extend_from_slice(&part);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.first.len() + self.more.len()
    }

    /// All of them.
    pub(crate) fn whole(self) -> Bytes {
        if self.more.is_empty() { self.first } else { self.more.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use super::Gathered;

    #[test]
    fn parts_become_one_in_their_order() {
        for parts in [&[][..], &[""], &["a"], &["", "a", ""], &["ab", "c", "", "def"]] {
            let mut gathered = Gathered::default();
            for part in parts {
                gathered.add((*part).into());
            }
            assert_eq!(gathered.len(), parts.concat().len());
            assert_eq!(gathered.whole(), parts.concat());
        }
    }
}
