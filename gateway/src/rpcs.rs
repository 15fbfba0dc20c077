//! Every RPC of the suite: answered here, or passed on.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::TryFutureExt as _;
use futures::future::{Either, MapOk};
use http::Request;
use http_body::Body;
use tonic::service::Routes;
use tower::{BoxError, Service};

use crate::OWN_SERVICES;

/// What the names of health and reflection begin with: of the whole suite they are answered here.
const BESIDE: &str = "grpc.";

/// Answers RPCs, its own and those of others.
#[derive(Debug, Clone)]
pub(crate) struct Rpcs<S> {
    pub(crate) own: Routes,
    pub(crate) others: S,
}

/// An answer on its way. It is not boxed, for what waits for it is.
type Answer<S, R> = MapOk<<S as Service<R>>::Future, fn(<S as Service<R>>::Response) -> Response>;

impl<S, B> Service<Request<B>> for Rpcs<S>
where
    S: Service<Request<B>, Response: IntoResponse, Error = Infallible>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Answer<Routes, Request<B>>, Answer<S, Request<B>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Routes are always ready.
        self.others.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if is_own(request.uri().path()) {
            return Either::Left(self.own.call(request).map_ok(IntoResponse::into_response));
        }
        Either::Right(self.others.call(request).map_ok(IntoResponse::into_response))
    }
}

fn is_own(path: &str) -> bool {
    let service = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    OWN_SERVICES.contains(&service) || service.starts_with(BESIDE)
}
