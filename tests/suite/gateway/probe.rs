//! A service of no API, with an RPC of every kind over raw bytes, and its client: what passes the
//! gateway without being decoded needs no messages.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use steward_chassis::backend::Backend;
use steward_chassis::error::{Class, Error, Reason};
use steward_tests::raw::Raw;
use tonic::body::Body;
use tonic::client::Grpc as Client;
use tonic::server::{Grpc, NamedService};
use tonic::{Code, Request, Response, Status, Streaming};
use tower::{Service, service_fn};

pub(super) const REASON: Reason =
    Reason::new("PROBE_REFUSED", Class::FailedPrecondition, "探测被拒绝");

fn status(code: Code, message: &str) -> Status {
    Status::with_details(code, message, Bytes::new())
}

type Parts = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Probe;

impl NamedService for Probe {
    const NAME: &'static str = "steward.fleet.v1.ProbeService";
}

impl Service<http::Request<Body>> for Probe {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            let mut grpc = Grpc::new(Raw);
            Ok(match path.rsplit('/').next() {
                Some("Echo") => grpc.unary(service_fn(echo), request).await,
                Some("Refuse") => grpc.unary(service_fn(refuse), request).await,
                Some("Count") => grpc.server_streaming(service_fn(count), request).await,
                Some("Length") => grpc.client_streaming(service_fn(length), request).await,
                Some("Talk") => grpc.streaming(service_fn(talk), request).await,
                _ => status(Code::Unimplemented, "no such method").into_http(),
            })
        })
    }
}

/// Answers what was asked, with all the metadata that came: `x-…` as it is, the names of the rest.
async fn echo(request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
    let asked = request.metadata().clone().into_headers();
    let names: Vec<_> = asked.keys().map(http::HeaderName::as_str).collect();
    let mut response = Response::new(request.get_ref().clone());
    let metadata = response.metadata_mut().as_mut();
    metadata.insert("x-names", names.join(",").parse().unwrap());
    for name in ["x-question", "grpc-timeout"] {
        if let Some(value) = asked.get(name) {
            metadata.insert(http::HeaderName::from_static("x-answer"), value.clone());
        }
    }
    if let Some(address) = asked.get("steward-client-address") {
        metadata.insert("x-address", address.clone());
    }
    Ok(response)
}

async fn refuse(_: Request<Bytes>) -> Result<Response<Bytes>, Status> {
    let mut status = Status::from(Error::new(&REASON, "the probe refuses").with("limit", "3"));
    status.metadata_mut().insert("x-answer", "kept".parse().unwrap());
    Err(status)
}

async fn count(_: Request<Bytes>) -> Result<Response<Parts>, Status> {
    let mut lost = status(Code::DataLoss, "the rest is lost");
    lost.metadata_mut().insert("x-answer", "in the trailers".parse().unwrap());
    let parts = [Ok(Bytes::from_static(b"one")), Ok(Bytes::from_static(b"two")), Err(lost)];
    Ok(Response::new(stream::iter(parts).boxed()))
}

async fn length(request: Request<Streaming<Bytes>>) -> Result<Response<Bytes>, Status> {
    let mut parts = request.into_inner();
    let mut length = 0;
    while let Some(part) = parts.message().await? {
        length += part.len();
    }
    Ok(Response::new(length.to_string().into()))
}

async fn talk(request: Request<Streaming<Bytes>>) -> Result<Response<Parts>, Status> {
    let answer = |part: Result<Bytes, Status>| part.map(|part| part.to_ascii_uppercase().into());
    Ok(Response::new(request.into_inner().map(answer).boxed()))
}

/// The client's side, ready to call.
pub(super) async fn client(backend: Backend) -> Client<Backend> {
    let mut client = Client::new(backend);
    client.ready().await.unwrap();
    client
}

/// The path of a method of a service.
pub(super) fn path(service: &str, method: &str) -> http::uri::PathAndQuery {
    format!("/{service}/{method}").parse().unwrap()
}
