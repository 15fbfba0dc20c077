//! The whole suite in this process: five services and the gateway, each service on a database of its
//! own.

use std::collections::BTreeMap;
use std::time::Duration;

use steward_chassis::backend::Backend;
use steward_chassis::follow::Source;
use steward_chassis::layers::Runtime;
use steward_chassis::service::{Spec, Started};
use steward_gateway::config::HttpConfig;
use steward_gateway::report::ReportConfig;
use steward_gateway::{Domain, Gateway};

use crate::service::start;
use crate::{Engine, TestDb};

/// The domains and their services.
pub const DOMAINS: [&Spec; 4] = [
    &steward_fleet::SPEC,
    &steward_property::SPEC,
    &steward_maintenance::SPEC,
    &steward_energy::SPEC,
];

/// How long the domains wait before they ask the directory again.
const PAUSE: Duration = Duration::from_millis(50);

/// The suite.
#[derive(Debug)]
pub struct Suite {
    /// The gateway.
    pub gateway: Backend,
    /// The databases by service.
    pub databases: BTreeMap<&'static str, TestDb>,
    started: Vec<Started>,
}

impl Suite {
    /// Starts it on new databases.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(engine: Engine, runtime: &Runtime) -> Self {
        let mut databases = BTreeMap::new();
        for spec in DOMAINS.into_iter().chain([&steward_directory::SPEC]) {
            databases.insert(spec.name, TestDb::new(engine, spec.migrations).await);
        }
        Self::over(databases, runtime).await
    }

    /// Starts it on databases that are there; the domains follow the directory.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn over(databases: BTreeMap<&'static str, TestDb>, runtime: &Runtime) -> Self {
        let directory = start(&steward_directory::SPEC, &databases["directory"], runtime).await;
        let source = Source::local(directory.routes.clone()).with_pause(PAUSE);
        let mut started = Vec::new();
        let mut domains = BTreeMap::new();
        for spec in DOMAINS {
            let service = start(spec, &databases[spec.name], runtime).await;
            service.follow(spec, source.clone());
            let domain = Domain::parse(spec.name).expect("a domain");
            domains.insert(domain, Backend::Local(service.routes.clone()));
            started.push(service);
        }
        let gateway = Gateway { domains, directory: Backend::Local(directory.routes.clone()) };
        started.push(directory);
        let gateway = gateway
            .start(&ReportConfig::default(), &HttpConfig::default(), runtime)
            .await
            .expect("a gateway");
        let backend = Backend::Local(gateway.routes.clone());
        started.push(gateway);
        Self { gateway: backend, databases, started }
    }

    /// Stops it and gives the databases back, to start on them again.
    pub async fn stop(self) -> BTreeMap<&'static str, TestDb> {
        for service in self.started {
            service.drain().await;
        }
        self.databases
    }
}
