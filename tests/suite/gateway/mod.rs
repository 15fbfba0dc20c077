//! The gateway: what it passes on, and the reports it makes of what the domains say.

mod browsers;
mod directory;
mod doors;
mod forward;
mod ledger;
mod overview;
mod probe;
mod report;
mod suspected;

use std::collections::BTreeMap;
use std::sync::Arc;

use steward_chassis::backend::Backend;
use steward_chassis::identity::Identity;
use steward_chassis::layers::Runtime;
use steward_chassis::token::Authenticator;
use steward_gateway::config::HttpConfig;
use steward_gateway::report::ReportConfig;
use steward_gateway::{Domain, Gateway};
use steward_kernel::SystemClock;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// So many requests the gateway runs at once.
const PLACES: usize = 8;

/// Serves routes on a free port until the test ends; a client of them.
pub(crate) async fn serve(routes: Routes) -> Backend {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(incoming));
    Backend::remote(&format!("http://{address}")).unwrap()
}

/// A backend where nobody listens.
async fn dead() -> Backend {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    Backend::remote(&format!("http://{address}")).unwrap()
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
