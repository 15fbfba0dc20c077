//! A service of no API that lets callers wait, and counts them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use steward_chassis::backend::Backend;
use steward_chassis::error::DATABASE_UNAVAILABLE;
use steward_tests::raw::Raw;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::client::Grpc as Client;
use tonic::server::{Grpc, NamedService};
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tower::{Service, service_fn};

use super::probe::path;

/// An RPC of it, which is one of the API: it may be called twice.
pub(crate) const LIST: &str = "/steward.fleet.v1.VehicleService/ListVehicles";
/// One that the API does not have.
pub(crate) const OTHER: &str = "/steward.fleet.v1.VehicleService/Other";

/// The service. A clone shares everything.
#[derive(Debug, Clone)]
pub(crate) struct Hall {
    inside: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
    open: Arc<Semaphore>,
}

impl Hall {
    /// One that answers at once.
    pub(crate) fn open() -> Self {
        let hall = Self::closed();
        hall.let_out();
        hall
    }

    /// One that lets everybody wait.
    pub(crate) fn closed() -> Self {
        let zero = || Arc::new(AtomicUsize::new(0));
        let open = Arc::new(Semaphore::new(0));
        Self { inside: zero(), most: zero(), calls: zero(), lost: zero(), open }
    }

    /// Answers all, from now on.
    pub(crate) fn let_out(&self) {
        self.open.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// Lets everybody wait again.
    pub(crate) fn shut(&self) {
        self.open.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Says of the next calls that it is not available.
    pub(crate) fn lose(&self, calls: usize) {
        self.lost.store(calls, Ordering::SeqCst);
    }

    /// How many have been inside at once.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// How many are inside.
    pub(crate) fn inside(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }

    /// How many have come since that was asked for the last time.
    pub(crate) fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(self.clone())
    }

    async fn answer(self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
        {
            return Err(steward_chassis::Error::new(&DATABASE_UNAVAILABLE, "lost").into());
        }
        let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(inside, Ordering::SeqCst);
        self.open.acquire().await.unwrap().forget();
        self.inside.fetch_sub(1, Ordering::SeqCst);
        Ok(Response::new(request.into_inner()))
    }
}

impl NamedService for Hall {
    const NAME: &'static str = "steward.fleet.v1.VehicleService";
}

impl Service<http::Request<Body>> for Hall {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let hall = self.clone();
        Box::pin(async move {
            let answer = move |request| hall.clone().answer(request);
            Ok(Grpc::new(Raw).unary(service_fn(answer), request).await)
        })
    }
}

/// Calls an RPC with some bytes, which come back.
pub(crate) async fn call(backend: &Backend, rpc: &str, bytes: Bytes) -> Result<Bytes, Status> {
    let (service, method) = rpc[1..].split_once('/').unwrap();
    let mut client = Client::new(backend.clone());
    client.ready().await.unwrap();
    let answer = client.unary(Request::new(bytes), path(service, method), Raw).await?;
    Ok(answer.into_inner())
}

/// What is answered to a request for the list over HTTP: the code, and when to come again.
pub(crate) async fn over_http(
    backend: &Backend,
    token: Option<&str>,
) -> (u16, Option<String>, Bytes) {
    let Backend::Local(mut routes) = backend.clone() else { panic!("not in this process") };
    let mut request = http::Request::get("/fleet/v1/vehicles");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = routes.call(request.body(Body::empty()).unwrap()).await.unwrap();
    let again = answer.headers().get("retry-after").map(|at| at.to_str().unwrap().to_owned());
    let code = answer.status().as_u16();
    (code, again, answer.into_body().collect().await.unwrap().to_bytes())
}
