//! A server as a process of its own would be: its own runtime, real TCP on loopback.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use steward_chassis::accept::plaintext;
use steward_chassis::config::LogConfig;
use steward_chassis::layers::Runtime;
use steward_chassis::run::server;
use steward_chassis::telemetry::{self, Telemetry};
use steward_kernel::{Clock as _, TestClock};
use steward_tests::issuer::grants;
use steward_tests::{Issuer, service::test_clock};
use tokio::net::TcpListener;
use tonic::service::Routes;

/// A runtime with threads of its own, to put a service on and serve it.
#[derive(Debug)]
pub(crate) struct Server(tokio::runtime::Runtime);

impl Server {
    /// With two threads.
    pub(crate) fn new() -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        Self(builder.worker_threads(2).enable_all().build().expect("a runtime"))
    }

    /// Runs some work on it.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.block_on(work)
    }

    /// Serves with the settings of the services' own `serve`; where it listens.
    pub(crate) fn serve(&self, routes: Routes) -> SocketAddr {
        let listener = self.run(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port");
        let address = listener.local_addr().expect("an address");
        self.0.spawn(async move {
            server().add_routes(routes).serve_with_incoming(plaintext(listener, 1024)).await
        });
        address
    }
}

/// Who calls, and the clock of all servers.
#[derive(Debug)]
pub(crate) struct World {
    issuer: Issuer,
    clock: Arc<TestClock>,
    /// A token with all roles everywhere.
    pub(crate) token: String,
    _telemetry: Telemetry,
}

impl World {
    /// Starts logging as every service does.
    pub(crate) fn new() -> Self {
        let filter = format!("{},sqlx=error", LogConfig::default().filter);
        let log = LogConfig { filter, ..LogConfig::default() };
        let telemetry = telemetry::init("bench", &log).expect("a log");
        let (issuer, clock) = (Issuer::new(), test_clock());
        let roles = grants(&["viewer", "operator", "manager", "system_admin"], &["*"]);
        let token = issuer.token(clock.now(), "bench", &roles);
        Self { issuer, clock, token, _telemetry: telemetry }
    }

    /// What the services of one process share: bearer tokens are verified.
    pub(crate) fn runtime(&self) -> Runtime {
        self.issuer.runtime(&self.clock)
    }
}
