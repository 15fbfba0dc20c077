//! The layers around every service, the same over the network and in process. From outside in:
//! trace, authorise, detach (with the concurrency permit and the deadline).

pub mod authorise;
mod caught;
mod detach;
mod security;
mod timeout;
mod trace;

use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;

use crate::access::AccessTable;
use crate::error::Result;
use crate::token::Authenticator;
use steward_kernel::Clock;

/// What the services of one process share.
#[derive(Debug, Clone)]
pub struct Runtime {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) access: Arc<AccessTable>,
    pub(crate) tasks: TaskTracker,
    pub(crate) concurrency: usize,
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
        })
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
            permits: Arc::new(Semaphore::new(runtime.concurrency)),
        })
    }
}
