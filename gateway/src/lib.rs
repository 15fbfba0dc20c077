//! The gateway: one door to the suite. It passes every call on to the service that owns its package
//! ([`forward`]), and answers the reports over all domains itself ([`report`]). It keeps no state.

pub mod config;
pub mod domain;
pub mod forward;
pub mod report;
mod run;

use std::collections::BTreeMap;

use steward_chassis::backend::Backend;
use steward_chassis::error::Result;
use steward_chassis::layers::{Runtime, passing};
use steward_chassis::service::{self, Started};
use steward_proto::report::v1::report_service_server::ReportServiceServer;
use tonic::service::Routes;

pub use domain::Domain;
pub use run::run;

use forward::Forward;
use report::{Report, ReportConfig};

/// Whom the gateway asks.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// The domains. A domain that is not there is no part of a report.
    pub domains: BTreeMap<Domain, Backend>,
    /// The directory.
    pub directory: Backend,
}

impl Gateway {
    /// The gateway as a service of this process: reports, health and reflection with their layers,
    /// and the pass-through for all else. Health and reflection name every service of the API, for all
    /// of them answer here.
    ///
    /// What is passed on is authorised here and by its service, runs on the caller's own task and takes
    /// no place of the gateway: a service that hangs keeps no call from another.
    pub async fn start(&self, config: &ReportConfig, runtime: &Runtime) -> Result<Started> {
        let report = Report::new(self.domains.clone(), self.directory.clone(), config);
        let own = Routes::new(ReportServiceServer::new(report));
        let mut started = service::mount(own, steward_proto::SERVICES, None, None, runtime).await?;
        let forward = Forward::new(&self.domains, self.directory.clone());
        let forward = Routes::default().into_axum_router().fallback_service(forward);
        let passed = passing(Routes::from(forward), runtime);
        let routes = std::mem::take(&mut started.routes).into_axum_router();
        started.routes = Routes::from(routes.fallback_service(passed)).prepare();
        Ok(started)
    }
}
