//! In whose name services are asked for an answer that is put together here, and until when.

use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use steward_chassis::auth::SUBJECT_HEADER;
use steward_chassis::ctx::Ctx;
use steward_chassis::error::{DEADLINE, Error};
use steward_chassis::peer::Peer;
use tokio::time::{Instant, timeout_at};
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

/// The longest answer of a service that is read, in bytes: some 300,000 rows of sums.
pub(crate) const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// At most so much of the caller's time is kept for putting the answer together.
const MARGIN: Duration = Duration::from_millis(200);
/// At most this part of the caller's time is kept for it.
const MARGIN_PART: u32 = 10;
/// So much longer than the deadline a service is let work on an answer.
const GRACE: Duration = Duration::from_millis(100);
/// What says who calls: his token; where authentication is off, who he says he is.
const CALLER: [HeaderName; 2] = [AUTHORIZATION, SUBJECT_HEADER];

/// In whose name services are asked, and until when.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    caller: MetadataMap,
    peer: Peer,
    deadline: Instant,
}

impl Call {
    /// For the caller of a request: with his token, until `limit` from now, and early enough to
    /// answer him before he stops waiting.
    pub(crate) fn of<T>(request: &Request<T>, ctx: &Ctx, limit: Duration) -> Self {
        let now = Instant::now();
        let left = ctx.deadline().map(|deadline| deadline.saturating_duration_since(now));
        let left = left.map(|left| left.saturating_sub((left / MARGIN_PART).min(MARGIN)));
        let said: &HeaderMap = request.metadata().as_ref();
        let said = |name| said.get(&name).map(|value| (name, value.clone()));
        let caller = MetadataMap::from_headers(CALLER.into_iter().filter_map(said).collect());
        let peer = Peer::of(request.extensions());
        Self { caller, peer, deadline: now + left.map_or(limit, |left| left.min(limit)) }
    }

    /// The same with half of the time that is left.
    pub(crate) fn half(&self) -> Self {
        let now = Instant::now();
        let left = self.deadline.saturating_duration_since(now);
        Self { deadline: now + left / 2, ..self.clone() }
    }

    /// A request to a service.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        *request.metadata_mut() = self.caller.clone();
        request.extensions_mut().insert(self.peer.clone());
        // A little later than our own timer, which says more clearly what happened.
        let left = self.deadline.saturating_duration_since(Instant::now());
        request.set_timeout(left + GRACE);
        request
    }

    /// What a service answers before the deadline.
    pub(crate) async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        timeout_at(self.deadline, answer).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

fn timed_out() -> Status {
    Error::new(&DEADLINE, "no answer in time").into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use steward_chassis::identity::Identity;
    use steward_chassis::scope::Scope;

    use super::*;

    #[tokio::test]
    async fn who_calls_is_passed_on_and_nothing_else() {
        let now = "2017-06-15T00:00:00Z".parse().unwrap();
        let ctx = Ctx::new(Arc::new(Identity::local()), Scope::default(), "/m", now);
        let mut request = Request::new(());
        for (name, value) in [
            ("authorization", "Bearer of.the.caller"),
            ("steward-subject", "wang"),
            ("steward-domain", "fleet"),
            ("other", "x"),
        ] {
            request.metadata_mut().insert(name, value.parse().unwrap());
        }
        let passed = Call::of(&request, &ctx, Duration::from_secs(5)).request(());
        let get = |name| passed.metadata().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(get("authorization"), Some("Bearer of.the.caller"));
        assert_eq!(get("steward-subject"), Some("wang"));
        assert_eq!((get("steward-domain"), get("other")), (None, None));
    }
}
