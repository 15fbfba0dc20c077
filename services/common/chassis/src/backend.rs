//! A service that is called: over the network or in this process. Nothing else knows the difference.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint};
use tonic::{Status, TimeoutExpired};
use tower::Service;

use crate::error::{Class, Error, Reason, Result};
use crate::telemetry;

/// A service does not answer.
pub const BACKEND_UNAVAILABLE: Reason =
    Reason::new("BACKEND_UNAVAILABLE", Class::Unavailable, "服务暂不可用,请稍后重试");

/// A service did not answer in the caller's time.
pub const BACKEND_LATE: Reason =
    Reason::new("BACKEND_LATE", Class::DeadlineExceeded, "服务未能在时限内答复");

/// Lies beside a call that a service makes by itself, again and again: it tells itself what failed, so
/// that not each failure is logged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quiet;

/// A service that is called. Transport errors come as `UNAVAILABLE` answers.
#[derive(Debug, Clone)]
pub enum Backend {
    /// Over the network; connects when first needed and again after a loss.
    Remote(Channel),
    /// In this process, with the same layers as over the network.
    Local(Routes),
}

impl Backend {
    /// A service at an address such as `http://fleet:8080`.
    pub fn remote(url: &str) -> Result<Self> {
        let endpoint: Endpoint = url.parse().map_err(|e| Error::internal(format!("{url}: {e}")))?;
        if endpoint.uri().scheme_str() != Some("http") {
            return Err(Error::internal(format!("{url}: only http:// backends are supported")));
        }
        // A peer that is gone without a word is noticed, and slow readers of one stream do not use up
        // the window of all.
        let endpoint = endpoint
            .tcp_nodelay(true)
            .connect_timeout(Duration::from_secs(2))
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
            .initial_stream_window_size(256 * 1024)
            .initial_connection_window_size(16 * 1024 * 1024);
        Ok(Self::Remote(endpoint.connect_lazy()))
    }
}

impl Service<Request<Body>> for Backend {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        telemetry::inject(request.headers_mut());
        let quiet = request.extensions().get::<Quiet>().is_some();
        match self.clone() {
            Self::Local(mut routes) => Box::pin(async move { routes.call(request).await }),
            Self::Remote(mut channel) => Box::pin(async move {
                let answer = match poll_fn(|cx| channel.poll_ready(cx)).await {
                    Ok(()) => channel.call(request).await,
                    Err(error) => Err(error),
                };
                Ok(answer.unwrap_or_else(|error| Status::from(refusal(error, quiet)).into_http()))
            }),
        }
    }
}

/// What a caller is told where a backend does not answer. A quiet one is told the cause, which is
/// logged for the others.
fn refusal(error: tonic::transport::Error, quiet: bool) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(at) = cause {
        if at.is::<TimeoutExpired>() {
            return Error::new(&BACKEND_LATE, "a backend did not answer in time");
        }
        cause = at.source();
    }
    if quiet {
        return Error::new(&BACKEND_UNAVAILABLE, Error::internal(error).full());
    }
    tracing::warn!(%error, "a backend does not answer");
    Error::new(&BACKEND_UNAVAILABLE, "a backend does not answer")
}
