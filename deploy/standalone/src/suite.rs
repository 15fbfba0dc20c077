//! The whole suite in one process: five services, each on a database of its own, behind the gateway,
//! which is called without a network between. One TCP port.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use steward_chassis::auth::Authenticator;
use steward_chassis::backend::Backend;
use steward_chassis::config::{
    AuthConfig, DatabaseConfig, HealthConfig, LogConfig, RateConfig, ServerConfig, TlsConfig,
};
use steward_chassis::follow::Source;
use steward_chassis::layers::Runtime;
use steward_chassis::run::Listening;
use steward_chassis::service::{self, Spec, Started};
use steward_chassis::{Error, run};
use steward_gateway::config::HttpConfig;
use steward_gateway::report::ReportConfig;
use steward_gateway::{Domain, Gateway};
use steward_kernel::Clock;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::failure::{Failure, Result};

/// The settings of the suite in one process. Unknown keys are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SuiteConfig {
    /// Where and how the gateway listens. The default is 127.0.0.1:8080.
    pub server: ServerConfig,
    /// Where it answers for its health beside.
    pub health: HealthConfig,
    /// Its certificate, and whose it believes.
    pub tls: TlsConfig,
    /// How often one may call, where it is known who calls.
    pub rate: RateConfig,
    /// Who may call. The default is off, which is only allowed on loopback.
    pub auth: AuthConfig,
    /// The log.
    pub log: LogConfig,
    /// The report.
    pub report: ReportConfig,
    /// What browsers may do.
    pub http: HttpConfig,
    /// The databases.
    pub database: Databases,
}

impl Default for SuiteConfig {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Self {
            server: ServerConfig { listen, ..ServerConfig::default() },
            health: HealthConfig::default(),
            tls: TlsConfig::default(),
            rate: RateConfig::default(),
            auth: AuthConfig::off(),
            log: LogConfig::default(),
            report: ReportConfig::default(),
            http: HttpConfig::default(),
            database: Databases::default(),
        }
    }
}

/// The database of each service. One without a URL is a SQLite file in the data folder.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Databases {
    /// The directory's.
    pub directory: DatabaseConfig,
    /// Energy's.
    pub energy: DatabaseConfig,
    /// Fleet's.
    pub fleet: DatabaseConfig,
    /// Maintenance's.
    pub maintenance: DatabaseConfig,
    /// Property's.
    pub property: DatabaseConfig,
}

impl Databases {
    /// Puts those that have no URL into SQLite files in a folder.
    pub fn default_to(&mut self, folder: &Path) {
        for (name, database) in [
            ("directory", &mut self.directory),
            ("energy", &mut self.energy),
            ("fleet", &mut self.fleet),
            ("maintenance", &mut self.maintenance),
            ("property", &mut self.property),
        ] {
            if database.url.is_empty() {
                let file = folder.join(format!("{name}.sqlite"));
                database.url = format!("sqlite://{}", file.display());
            }
        }
    }
}

/// A running suite.
#[derive(Debug)]
pub struct Suite {
    address: SocketAddr,
    scheme: &'static str,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<steward_chassis::Result<()>>,
}

impl Suite {
    /// Where the gateway listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as the value of `--server`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Lets running requests end and closes the databases.
    pub async fn stop(self) -> Result<()> {
        let _ = self.stop.send(());
        Ok(self.serving.await.map_err(Error::internal)??)
    }
}

/// Starts everything and answers when it serves.
pub async fn start(config: &SuiteConfig, clock: Arc<dyn Clock>) -> Result<Suite> {
    config.auth.check(config.server.listen)?;
    let authenticator = Authenticator::new(&config.auth)?;
    let runtime = Runtime::new(clock, authenticator, config.server.concurrency)?;
    let listening = Listening::bind(&config.server, &config.tls, &config.health).await?;
    let (address, scheme) =
        (listening.address()?, if listening.is_tls() { "https" } else { "http" });
    let services = Box::pin(services(&config.database, &runtime)).await?;
    let counted = runtime.with_rates(&config.rate);
    let gateway = gateway(&services).start(&config.report, &config.http, &counted).await?;
    let (stop, stopped) = oneshot::channel();
    let settings = config.server.clone();
    let serving = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        run::serve(listening, gateway, services, &runtime, &settings, stopped).await
    });
    Ok(Suite { address, scheme, stop, serving })
}

/// Listens at an address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| Failure::new(format!("cannot listen at {address}: {error}")))
}

/// The place of the directory in what [`services`] answers; the domains follow in their order.
const DIRECTORY: usize = 0;

/// Migrates and starts the five services, all at once; the domains follow the directory.
async fn services(databases: &Databases, runtime: &Runtime) -> Result<Vec<Started>> {
    let start = async |spec: &'static Spec, database: &DatabaseConfig| {
        let named = |error: Error| Failure::new(format!("{}: {}", spec.name, error.full()));
        service::start(spec, &database.options(spec.name), runtime).await.map_err(named)
    };
    let (directory, energy, fleet, maintenance, property) = tokio::try_join!(
        start(&steward_directory::SPEC, &databases.directory),
        start(&steward_energy::SPEC, &databases.energy),
        start(&steward_fleet::SPEC, &databases.fleet),
        start(&steward_maintenance::SPEC, &databases.maintenance),
        start(&steward_property::SPEC, &databases.property),
    )?;
    let source = Source::local(directory.routes.clone());
    energy.follow(&steward_energy::SPEC, source.clone());
    fleet.follow(&steward_fleet::SPEC, source.clone());
    maintenance.follow(&steward_maintenance::SPEC, source.clone());
    property.follow(&steward_property::SPEC, source);
    Ok(vec![directory, energy, fleet, maintenance, property])
}

/// The gateway over services of this process.
fn gateway(started: &[Started]) -> Gateway {
    let local = |service: &Started| Backend::Local(service.routes.clone());
    let (directory, domains) = started.split_at(DIRECTORY + 1);
    let domains: BTreeMap<_, _> = Domain::ALL.into_iter().zip(domains.iter().map(local)).collect();
    Gateway { domains, directory: local(&directory[DIRECTORY]) }
}
