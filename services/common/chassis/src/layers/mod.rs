//! The layers around every service, the same over the network and in process. From outside in:
//! trace, authorise, rate, detach (with the concurrency permit and the deadline).

pub mod authorise;
mod caught;
mod detach;
pub mod rate;
mod security;
pub(crate) mod timeout;
mod trace;

use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;

use crate::access::AccessTable;
use crate::auth::Authenticator;
use crate::config::RateConfig;
use crate::error::Result;
use crate::peer::Peer;
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
    /// A request has a place from when it begins to come until its answer has been read.
    places: Arc<Semaphore>,
    /// It has a permit while it is worked on.
    permits: Arc<Semaphore>,
}

/// Wraps the layers around a service. Grants count for `domain`; `None` = those for any domain.
/// `public` is answered beside it without a place of its own, so that a service that is busy still
/// says that it lives.
pub fn layers(
    routes: Routes,
    public: Routes,
    runtime: &Runtime,
    domain: Option<&'static str>,
) -> Routes {
    let state = Layers::new(runtime, domain);
    let detached =
        routes.into_axum_router().layer(from_fn_with_state(state.clone(), detach::detach));
    // Both have a fallback for unknown methods; one is enough.
    guarded(detached.merge(public.into_axum_router().reset_fallback()), state)
}

/// Wraps the layers around what only passes calls on. It does no work of its own, so that a call
/// given up by its caller may end at once: kept until its backend answers, the calls of a silent
/// backend would use up the permits of all others.
pub fn passing(routes: Routes, runtime: &Runtime) -> Routes {
    guarded(routes.into_axum_router(), Layers::new(runtime, None))
}

fn guarded(router: axum::Router, state: Arc<Layers>) -> Routes {
    let layered = router
        .layer(from_fn_with_state(state.clone(), authorise::authorise))
        .layer(from_fn_with_state(state, trace::trace));
    Routes::from(layered).prepare()
}

impl Layers {
    fn new(runtime: &Runtime, domain: Option<&'static str>) -> Arc<Self> {
        Arc::new(Self {
            runtime: runtime.clone(),
            domain,
            places: Arc::new(Semaphore::new(PLACES * runtime.concurrency)),
            permits: Arc::new(Semaphore::new(runtime.concurrency)),
        })
    }
}
