//! The gateway: what it passes on, and the reports it makes of what the domains say.

mod browsers;
mod directory;
mod doors;
mod forward;
pub(crate) mod hall;
mod identity;
mod ledger;
mod overview;
mod probe;
mod protection;
mod report;
mod suspected;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use steward_chassis::accept::plaintext;
use steward_chassis::auth::Authenticator;
use steward_chassis::backend::Backend;
use steward_chassis::identity::Identity;
use steward_chassis::layers::Runtime;
use steward_chassis::run::server;
use steward_gateway::config::HttpConfig;
use steward_gateway::report::ReportConfig;
use steward_gateway::{Domain, Gateway};
use steward_kernel::SystemClock;
use steward_tests::service::remote;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// So many requests the gateway runs at once.
const PLACES: usize = 8;

/// Serves routes on a free port until the test ends; a client of them.
pub(crate) async fn serve(routes: Routes) -> Backend {
    remote(&format!("http://{}", serve_at(routes).await))
}

/// The same; where they are.
async fn serve_at(routes: Routes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = plaintext(listener, 1024);
    tokio::spawn(server().add_routes(routes).serve_with_incoming(incoming));
    address
}

/// A backend where nobody listens.
async fn dead() -> Backend {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    remote(&format!("http://{address}"))
}

/// The routes of the gateway with all its layers, everybody being allowed everything. There is no
/// directory.
async fn routes(domains: BTreeMap<Domain, Backend>) -> Routes {
    routes_over(domains, dead().await).await
}

async fn routes_over(domains: BTreeMap<Domain, Backend>, directory: Backend) -> Routes {
    routes_for(domains, directory, &HttpConfig::default()).await
}

async fn routes_for(
    domains: BTreeMap<Domain, Backend>,
    directory: Backend,
    browsers: &HttpConfig,
) -> Routes {
    let everybody = Authenticator::Off(Arc::new(Identity::local()));
    let runtime =
        Runtime::new(Arc::new(SystemClock), everybody, PLACES.try_into().unwrap()).unwrap();
    let gateway = Gateway { domains, directory };
    gateway.start(&ReportConfig::default(), browsers, &runtime).await.unwrap().routes.clone()
}

/// The gateway in this process.
async fn started(domains: BTreeMap<Domain, Backend>) -> Backend {
    Backend::Local(routes(domains).await)
}

/// The code and the reason of a refusal.
fn refusal(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}
