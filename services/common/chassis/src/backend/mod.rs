//! A service that is called: over the network or in this process. Nothing else knows the difference.
//!
//! Over the network a call goes, from outside in: deadline → retry → concurrency limit → trace → an address
//! of the service.

mod addresses;

use std::collections::HashSet;
use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::IntoResponse as _;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, BodyStream, Full, StreamBody};
use prost_reflect::MethodDescriptor;
use prost_types::MethodOptions;
use prost_types::method_options::IdempotencyLevel;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status, TimeoutExpired};
use tower::retry::backoff::{Backoff, ExponentialBackoffMaker, MakeBackoff};
use tower::retry::budget::{Budget, TpsBudget};
use tower::util::rng::HasherRng;
use tower::{BoxError, Service};

use crate::arrival::{ARRIVAL, Gathered};
use crate::config::TlsConfig;
use crate::error::{Class, Error, REQUEST_TOO_SLOW, Reason, Result};
use crate::layers::timeout;
use crate::peer::Peer;
use crate::{api, place, telemetry};

use addresses::Addresses;
pub use addresses::Resolve;

/// A service does not answer.
pub const BACKEND_UNAVAILABLE: Reason =
    Reason::new("BACKEND_UNAVAILABLE", Class::Unavailable, "服务暂不可用,请稍后重试");

/// A service did not answer in the caller's time.
pub const BACKEND_LATE: Reason =
    Reason::new("BACKEND_LATE", Class::DeadlineExceeded, "服务未能在时限内答复");

/// As many calls of a service as there may be at once are under way.
pub const BACKEND_BUSY: Reason =
    Reason::new("BACKEND_BUSY", Class::ResourceExhausted, "服务繁忙,请稍后重试");

/// How often a call is made at most.
const ATTEMPTS: usize = 3;
/// The largest request that is kept to be sent again.
const MAX_KEPT: usize = 256 * 1024;
/// Calls that fail may add a fifth to the load of a service, counted over so long, and these a second.
const BUDGET: (Duration, u32, f32) = (Duration::from_secs(10), 5, 0.2);
/// The shortest and the longest wait before a call is made again, half of it by chance.
const BACKOFF: (Duration, Duration, f64) =
    (Duration::from_millis(20), Duration::from_millis(500), 0.5);

/// Lies beside a call that a service makes by itself, again and again: it tells itself what failed, so
/// that not each failure is logged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quiet;

/// A service that is called. Transport errors come as `UNAVAILABLE` answers.
#[derive(Debug, Clone)]
pub enum Backend {
    /// Over the network; connects when first needed and again after a loss.
    Remote(Remote),
    /// In this process, with the same layers as over the network.
    Local(Routes),
}

/// A service over the network. A clone shares everything.
#[derive(Debug, Clone)]
pub struct Remote {
    addresses: Arc<Addresses>,
    permits: Arc<Semaphore>,
    budget: Arc<TpsBudget>,
}

impl Backend {
    /// A service at an address such as `http://fleet:8080`, or, with certificates, `https://fleet:8080`. So
    /// many calls of it are under way at once. All addresses behind a name are called in turn, and looked up
    /// again and again; needs a runtime.
    pub fn remote(url: &str, tls: &TlsConfig, concurrency: NonZeroUsize) -> Result<Self> {
        Self::found(url, tls, concurrency, addresses::by_name)
    }

    /// The same, its addresses found in a way of one's own.
    pub fn found(
        url: &str,
        tls: &TlsConfig,
        concurrency: NonZeroUsize,
        resolve: Resolve,
    ) -> Result<Self> {
        let (ttl, least, part) = BUDGET;
        Ok(Self::Remote(Remote {
            addresses: Addresses::of(url, tls, resolve)?,
            permits: Arc::new(Semaphore::new(concurrency.get())),
            budget: Arc::new(TpsBudget::new(ttl, least, part)),
        }))
    }
}

impl<B> Service<Request<B>> for Backend
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self {
            // Within a process the current span says whose call it is.
            Self::Local(routes) => Box::pin(routes.clone().into_axum_router().call(request)),
            Self::Remote(remote) => {
                telemetry::inject(request.headers_mut());
                let (remote, request) = (remote.clone(), request.map(Body::new));
                Box::pin(async move { Ok(remote.answer(request).await.into_response()) })
            }
        }
    }
}

impl Remote {
    /// Deadline.
    async fn answer(self, mut request: Request<Body>) -> Response<Body> {
        // In whose name it is called: the service believes it of a gateway alone.
        Peer::of(request.extensions()).tell(request.headers_mut());
        let quiet = request.extensions().get::<Quiet>().is_some();
        // What lies beside it stays in this process, and would be copied with it.
        request.extensions_mut().clear();
        let within = timeout::of(request.headers());
        let answer = match within.and_then(|within| Instant::now().checked_add(within)) {
            None => self.again_and_again(request).await,
            Some(at) => timeout_at(at, self.again_and_again(request))
                .await
                .unwrap_or_else(|_| Err(Refusal::late())),
        };
        answer.unwrap_or_else(|refusal| Status::from(refusal.told(quiet)).into_http())
    }

    /// Retry: what may be done twice and failed before an answer began, within the budget.
    async fn again_and_again(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        self.budget.deposit();
        if !REPEATABLE.contains(request.uri().path()) {
            return self.once(request).await;
        }
        let (parts, body) = request.into_parts();
        let body = match tokio::time::timeout(ARRIVAL, kept(body)).await {
            Ok(Ok(body)) => body,
            Ok(Err(body)) => return self.once(Request::from_parts(parts, body)).await,
            Err(_) => return Err(Refusal::slow()),
        };
        let mut wait = None;
        for _ in 1..ATTEMPTS {
            let body = Body::new(Full::new(body.clone()));
            let answer = self.once(Request::from_parts(parts.clone(), body)).await;
            if !is_lost(&answer) || !self.budget.withdraw() {
                return answer;
            }
            wait.get_or_insert_with(backoff).next_backoff().await;
        }
        self.once(Request::from_parts(parts, Body::new(Full::new(body)))).await
    }

    /// Concurrency limit: the answer keeps its place until it has been read.
    async fn once(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        let place = place::take(&self.permits, &BACKEND_BUSY, "so many calls are under way");
        let place = place.map_err(Refusal::Own)?;
        let answer = self.addresses.next().call(request).await?;
        Ok(answer.map(|body| Body::new(place::holding(body, place))))
    }
}

/// Why there is no answer.
enum Refusal {
    /// The connection does not come about, or broke.
    Lost(tonic::transport::Error),
    /// Found out here.
    Own(Error),
}

impl Refusal {
    fn slow() -> Self {
        Self::Own(Error::new(&REQUEST_TOO_SLOW, "the request did not come in time"))
    }

    fn late() -> Self {
        Self::Own(Error::new(&BACKEND_LATE, "a backend did not answer in time"))
    }

    /// What a caller is told. A quiet one is told the cause, which is logged for the others.
    fn told(self, quiet: bool) -> Error {
        let error = match self {
            Self::Own(error) => return error,
            Self::Lost(error) => error,
        };
        if quiet {
            return Error::new(&BACKEND_UNAVAILABLE, Error::internal(error).full());
        }
        tracing::warn!(%error, "a backend does not answer");
        Error::new(&BACKEND_UNAVAILABLE, "a backend does not answer")
    }
}

impl From<tonic::transport::Error> for Refusal {
    fn from(error: tonic::transport::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(at) = cause {
            if at.is::<TimeoutExpired>() {
                return Self::late();
            }
            cause = at.source();
        }
        Self::Lost(error)
    }
}

/// Whether no answer began: no connection, or one that says at once that the service is not available.
fn is_lost(answer: &Result<Response<Body>, Refusal>) -> bool {
    match answer {
        Err(Refusal::Lost(_)) => true,
        Err(Refusal::Own(_)) => false,
        Ok(answer) => Status::from_header_map(answer.headers())
            .is_some_and(|status| status.code() == Code::Unavailable),
    }
}

fn backoff() -> impl Backoff<Future: Send> {
    let (shortest, longest, chance) = BACKOFF;
    let made = ExponentialBackoffMaker::new(shortest, longest, chance, HasherRng::default());
    made.unwrap_or_default().make_backoff()
}

/// The RPCs that may be called twice: one message each way, and their proto says so.
static REPEATABLE: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let methods = api::pool().into_iter().flat_map(api::methods);
    methods.filter(is_repeatable).map(|method| api::path(&method)).collect()
});

fn is_repeatable(method: &MethodDescriptor) -> bool {
    let options = method.method_descriptor_proto().options.as_ref();
    let level = options.map(MethodOptions::idempotency_level);
    !method.is_client_streaming()
        && !method.is_server_streaming()
        && level.is_some_and(|level| level != IdempotencyLevel::IdempotencyUnknown)
}

/// All of a body, to be sent again; if it is too large for that, the body as it came.
async fn kept(mut body: Body) -> Result<Bytes, Body> {
    let mut kept = Gathered::default();
    while let Some(frame) = body.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => kept.add(data),
            Ok(Err(frame)) => return Err(chained(kept.whole(), Some(Ok(frame)), body)),
            Err(broken) => return Err(chained(kept.whole(), Some(Err(broken)), body)),
        }
        if kept.len() > MAX_KEPT {
            return Err(chained(kept.whole(), None, body));
        }
    }
    Ok(kept.whole())
}

/// A body of which a part was read already.
fn chained(first: Bytes, then: Option<Result<Frame<Bytes>, Status>>, rest: Body) -> Body {
    let read = [Ok(Frame::data(first))].into_iter().chain(then);
    Body::new(StreamBody::new(futures::stream::iter(read).chain(BodyStream::new(rest))))
}
