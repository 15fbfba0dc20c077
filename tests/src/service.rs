//! A service in this process, on the database of a test.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use steward_chassis::auth::Authenticator;
use steward_chassis::backend::Backend;
use steward_chassis::config::{AuthConfig, HealthConfig, ServerConfig, TlsConfig};
use steward_chassis::layers::Runtime;
use steward_chassis::run::Listening;
use steward_chassis::service::Started;
use steward_chassis::service::{Spec, over};
use steward_kernel::{Clock, TestClock};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::{Request, Status};

use crate::TestDb;

/// When tests happen unless they say otherwise: 2017-06-15 08:00 at the bureau.
///
/// # Panics
/// Never.
pub fn test_clock() -> Arc<TestClock> {
    let now: DateTime<Utc> = "2017-06-15T00:00:00Z".parse().expect("an instant");
    Arc::new(TestClock::new(now))
}

/// A runtime where everybody is the local identity.
///
/// # Panics
/// If the API has an RPC without an access rule.
pub fn open_runtime(clock: &Arc<TestClock>) -> Runtime {
    open_runtime_of(clock, ServerConfig::default().concurrency.get())
}

/// The same; each service runs so many requests at once.
///
/// # Panics
/// If that is none, or the API has an RPC without an access rule.
pub fn open_runtime_of(clock: &Arc<TestClock>, concurrency: usize) -> Runtime {
    let concurrency = NonZeroUsize::new(concurrency).expect("a number of requests");
    let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(clock);
    let open = Authenticator::new(&AuthConfig::off()).expect("no authentication");
    Runtime::new(clock, open, concurrency).expect("a runtime")
}

/// Time goes on, for what looks at the clock. Connections are not waited for meanwhile, so that it is to be
/// used on a runtime of one thread that has nothing to wait for.
pub async fn later(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}

/// A service at an address without TLS; needs a runtime.
///
/// # Panics
/// If it is no address.
pub fn remote(url: &str) -> Backend {
    let concurrency = ServerConfig::default().concurrency;
    Backend::remote(url, &TlsConfig::default(), concurrency).expect("an address")
}

/// Listens without TLS.
///
/// # Panics
/// If that is not possible.
pub async fn listening(server: &ServerConfig) -> Listening {
    let (tls, health) = (TlsConfig::default(), HealthConfig::default());
    Listening::bind(server, &tls, &health).await.expect("an address to listen at")
}

/// Starts a service on the database of a test, which is migrated already.
///
/// # Panics
/// If it does not start.
pub async fn start(spec: &Spec, db: &TestDb, runtime: &Runtime) -> Started {
    over(spec, db.db().clone(), runtime).await.expect("a service")
}

/// Calls as somebody: adds a bearer token and, for the gateway, a domain.
#[derive(Debug, Clone, Default)]
pub struct As {
    token: Option<MetadataValue<Ascii>>,
    domain: Option<MetadataValue<Ascii>>,
    subject: Option<MetadataValue<Ascii>>,
}

impl As {
    /// As the bearer of a token.
    ///
    /// # Panics
    /// If it is not ASCII.
    pub fn bearer(token: &str) -> Self {
        let token = format!("Bearer {token}").parse().expect("an ASCII token");
        Self { token: Some(token), ..Self::default() }
    }

    /// As who says that he is it, which counts where authentication is off.
    ///
    /// # Panics
    /// If it is not ASCII.
    #[must_use]
    pub fn named(mut self, subject: &str) -> Self {
        self.subject = Some(subject.parse().expect("an ASCII subject"));
        self
    }

    /// To a domain behind the gateway.
    ///
    /// # Panics
    /// If it is not ASCII.
    #[must_use]
    pub fn to(mut self, domain: &str) -> Self {
        self.domain = Some(domain.parse().expect("an ASCII domain"));
        self
    }
}

impl Interceptor for As {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        if let Some(subject) = &self.subject {
            request.metadata_mut().insert("steward-subject", subject.clone());
        }
        if let Some(domain) = &self.domain {
            request.metadata_mut().insert("steward-domain", domain.clone());
        }
        Ok(request)
    }
}

/// A backend that is called by somebody; generated clients are made over it.
pub type Called = InterceptedService<Backend, As>;

/// A backend that is called by somebody.
pub fn called(backend: &Backend, caller: As) -> Called {
    InterceptedService::new(backend.clone(), caller)
}
