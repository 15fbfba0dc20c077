//! Calls the RPC of an HTTP request. Stands behind the layers, so that nobody's body is read before it is
//! known who he is and that he may call.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use http_body_util::StreamBody;
use prost::Message as _;
use steward_chassis::arrival::{MAX_MESSAGE, whole};
use steward_chassis::auth::SUBJECT_HEADER;
use steward_chassis::error::{Error, Result};
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status, Streaming};
use tower::Service;

use super::input::{self, Said};
use super::output::{Refusals, answer, answered};
use super::table::Route;
use crate::forward::{DOMAIN_HEADER, Forward};
use crate::raw::Raw;
use crate::rpcs::Rpcs;

/// So much of a body that is too large is read.
const MAX_READ: usize = 4 * MAX_MESSAGE;
/// The largest message of an answer.
const MAX_ANSWER: usize = 64 * 1024 * 1024;
/// How long a caller waits who does not say it.
const TIMEOUT: &str = "60S";
/// How long a caller waits: `30S`, `500m`.
pub(super) const TIMEOUT_HEADER: HeaderName = HeaderName::from_static("grpc-timeout");
/// The headers that reach the service.
const PASSED: [HeaderName; 5] = [
    AUTHORIZATION,
    SUBJECT_HEADER,
    TIMEOUT_HEADER,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// What an HTTP request asks for, beside its body.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) route: Arc<Route>,
    pub(super) said: Said,
}

/// Calls RPCs.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) rpcs: Rpcs<Forward>,
    pub(super) refusals: Arc<Refusals>,
}

/// The headers of a call for those of an HTTP request.
pub(super) fn headers(from: &HeaderMap, route: &Route) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in PASSED {
        if let Some(value) = from.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    headers.entry(TIMEOUT_HEADER).or_insert(HeaderValue::from_static(TIMEOUT));
    if let Some(domain) = route.domain {
        headers.insert(DOMAIN_HEADER, HeaderValue::from_static(domain));
    }
    headers
}

impl Call {
    async fn answer(self, request: Request) -> Result<Response, Status> {
        let (mut parts, body) = request.into_parts();
        let asked = parts.extensions.remove::<Asked>();
        let asked = asked.ok_or_else(|| Error::internal("a call without its route"))?;
        let body = whole(body, MAX_MESSAGE, MAX_READ).await?;
        let message = input::request(&asked.route, &asked.said, &body)?;
        let metadata = MetadataMap::from_headers(parts.headers);
        let message = Bytes::from(message.encode_to_vec());
        let request = tonic::Request::from_parts(metadata, parts.extensions, message);
        let mut client = Grpc::new(self.rpcs).max_decoding_message_size(MAX_ANSWER);
        let rpc = asked.route.rpc.clone();
        if asked.route.method.is_server_streaming() {
            let messages = client.server_streaming(request, rpc, Raw).await?.into_inner();
            return Ok(lines(messages, asked.route, self.refusals));
        }
        let bytes = client.unary(request, rpc, Raw).await?.into_inner();
        let (text, etag) = answer(&asked.route, bytes)?;
        let mut response = answered(text, etag);
        response.headers_mut().insert("grpc-status", HeaderValue::from_static("0"));
        Ok(response)
    }
}

/// A stream as lines, a message each; one that breaks off ends with a line `{"error": …}`.
fn lines(messages: Streaming<Bytes>, route: Arc<Route>, refusals: Arc<Refusals>) -> Response {
    let line = move |message: Result<Bytes, Status>| {
        let told = message.and_then(|bytes| Ok(answer(&route, bytes)?.0));
        match told {
            Ok(text) => [text, b"\n".to_vec()].concat(),
            Err(status) => {
                [b"{\"error\":".to_vec(), refusals.json(&status), b"}\n".to_vec()].concat()
            }
        }
    };
    let ended = futures::stream::once(async { Ok(ended()) });
    let frames =
        messages.map(move |message| Ok::<_, Infallible>(Frame::data(Bytes::from(line(message)))));
    let mut response = Response::new(Body::new(StreamBody::new(frames.chain(ended))));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Tells the layers that a stream has come to its end.
fn ended() -> Frame<Bytes> {
    let status = (HeaderName::from_static("grpc-status"), HeaderValue::from(Code::Ok as i32));
    Frame::trailers(HeaderMap::from_iter([status]))
}

/// Answers a call; a refusal is one of gRPC.
impl Service<Request> for Call {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let call = self.clone();
        Box::pin(async move { Ok(call.answer(request).await.unwrap_or_else(Status::into_http)) })
    }
}
