//! The layers around every service, the same over the network and in process. From outside in:
//! trace, authorise, rate, detach (with the concurrency permit and the deadline).

pub mod authorise;
mod caught;
mod detach;
pub mod rate;
mod security;
pub(crate) mod timeout;
mod trace;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;
use tower::Service;

use crate::access::AccessTable;
use crate::auth::Authenticator;
use crate::config::RateConfig;
use crate::error::Result;
use crate::identity::Identity;
use crate::peer::Peer;
use detach::Detached;
use rate::Rates;
use steward_kernel::Clock;

/// So many times as many requests as are worked on at once may be there: coming, waiting, being answered.
/// What comes beyond that is refused at once.
const PLACES: usize = 4;

/// What the services of one process share.
#[derive(Debug, Clone)]
pub struct Runtime {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) access: Arc<AccessTable>,
    pub(crate) tasks: TaskTracker,
    pub(crate) concurrency: usize,
    pub(crate) rates: Option<Arc<Rates>>,
}

impl Runtime {
    /// A runtime with its clock and its way to recognise callers; each service runs so many requests
    /// at once.
    pub fn new(
        clock: Arc<dyn Clock>,
        authenticator: Authenticator,
        concurrency: NonZeroUsize,
    ) -> Result<Self> {
        Ok(Self {
            clock,
            authenticator: Arc::new(authenticator),
            access: Arc::new(AccessTable::load()?),
            tasks: TaskTracker::new(),
            concurrency: concurrency.get(),
            rates: None,
        })
    }

    /// The same for services that count how often one calls. Where nobody proves who calls there is nobody
    /// to count.
    #[must_use]
    pub fn with_rates(&self, config: &RateConfig) -> Self {
        let is_counted = matches!(*self.authenticator, Authenticator::On(_));
        Self { rates: is_counted.then(|| Arc::new(Rates::new(config))), ..self.clone() }
    }

    /// Lets in what comes from an address, or says when to come again.
    pub fn admit(&self, peer: &Peer) -> Result<()> {
        self.rates.as_ref().map_or(Ok(()), |rates| rates.of_address(peer.address))
    }

    /// The access rules of the API.
    pub fn access(&self) -> &Arc<AccessTable> {
        &self.access
    }

    /// The requests that run; a stop waits for them.
    pub fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }
}

/// The state of the layers of one service, shared by its calls.
#[derive(Debug)]
struct Layers {
    runtime: Runtime,
    domain: Option<&'static str>,
    /// Whether calls are only passed on.
    passes: bool,
    /// A request has a place from when it begins to come until its answer has been read.
    places: Arc<Semaphore>,
    /// It has a permit while it is worked on.
    permits: Arc<Semaphore>,
}

/// Wraps the layers around a service. Grants count for `domain`; `None` = those for any domain.
/// `beside` is answered without a place of its own, so that a service that is busy still says that it lives.
pub fn layers(
    routes: Routes,
    beside: Routes,
    runtime: &Runtime,
    domain: Option<&'static str>,
) -> Routes {
    let layers = Arc::new(Layers::new(runtime, domain));
    let [work, beside] = [routes, beside].map(|it| it.prepare().into_axum_router());
    let inner = Detached { work, beside, layers: Arc::clone(&layers) };
    Guarded { inner, layers }.routes()
}

/// Wraps the layers around what only passes calls on. It does no work of its own, so that a call
/// given up by its caller may end at once: kept until its backend answers, the calls of a silent
/// backend would use up the permits of all others.
///
/// What is passed on to a service of the same process stays one call there: it has been traced, and who calls is
/// known. Whether he may is asked again, for the service's domain.
pub fn passing<S>(service: S, runtime: &Runtime) -> Guarded<S> {
    let layers = Layers { passes: true, ..Layers::new(runtime, None) };
    Guarded { inner: service, layers: Arc::new(layers) }
}

/// Lies beside a call that is passed on: who calls. Nothing that comes over the network can carry one.
#[derive(Debug, Clone)]
struct Passed(Arc<Identity>);

/// What stands behind the layers.
trait Inner: Service<Request, Response: IntoResponse, Error = Infallible, Future: Send> + Send {}

impl<S> Inner for S where
    S: Service<Request, Response: IntoResponse, Error = Infallible, Future: Send> + Send
{
}

/// A service behind its layers. (They are one service, and no middleware each, because every call would clone
/// and box each of those, and all that lie within it.)
#[derive(Debug, Clone)]
pub struct Guarded<S> {
    inner: S,
    layers: Arc<Layers>,
}

impl<S> Guarded<S>
where
    Self: Service<Request, Response = Response, Error = Infallible, Future: Send>,
    S: Clone + Send + Sync + 'static,
{
    /// As routes that answer every path.
    pub fn routes(self) -> Routes {
        Routes::from(Router::new().fallback_service(self)).prepare()
    }
}

impl<S: Inner + Clone + 'static> Service<Request> for Guarded<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that is ready is called, its copy stays.
        let next = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, next);
        Box::pin(trace::answer(Arc::clone(&self.layers), request, inner).map(Ok))
    }
}

impl Layers {
    fn new(runtime: &Runtime, domain: Option<&'static str>) -> Self {
        Self {
            runtime: runtime.clone(),
            domain,
            passes: false,
            places: Arc::new(Semaphore::new(PLACES * runtime.concurrency)),
            permits: Arc::new(Semaphore::new(runtime.concurrency)),
        }
    }
}
