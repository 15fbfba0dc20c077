//! The gateway: one door to the suite. It passes every call on to the service that owns its package
//! ([`forward`]), be it gRPC, gRPC-Web or REST/JSON (`rest`), and answers the reports over all domains
//! ([`report`]) and their lists ([`overview`]) itself. It keeps no state.

mod call;
pub mod config;
mod cors;
pub mod domain;
mod door;
mod failure;
pub mod forward;
mod identity;
mod openapi;
pub mod overview;
pub mod raw;
pub mod report;
mod rest;
mod rpcs;
mod run;

use std::collections::BTreeMap;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use steward_chassis::api;
use steward_chassis::backend::Backend;
use steward_chassis::error::Result;
use steward_chassis::layers::{Runtime, passing};
use steward_chassis::service::{self, Started};
use steward_proto::identity::v1::identity_service_server::{
    IdentityServiceServer, SERVICE_NAME as IDENTITY_SERVICE,
};
use steward_proto::report::v1::overview_service_server::{
    OverviewServiceServer, SERVICE_NAME as OVERVIEW_SERVICE,
};
use steward_proto::report::v1::report_service_server::{
    ReportServiceServer, SERVICE_NAME as REPORT_SERVICE,
};
use tonic::service::Routes;
use tower_http::cors::CorsLayer;

pub use domain::Domain;
pub use run::run;

use config::HttpConfig;
use door::Door;
use forward::Forward;
use overview::Overview;
use report::{Report, ReportConfig};
use rest::{Rest, Table};
use rpcs::Rpcs;

/// The services of the API that are answered here.
const OWN_SERVICES: [&str; 3] = [REPORT_SERVICE, OVERVIEW_SERVICE, IDENTITY_SERVICE];

/// The door to all RPCs: those answered here, and those of others.
fn door(own: Routes, forward: Forward, cors: &CorsLayer, runtime: &Runtime) -> Result<Door> {
    let pool = api::pool()?;
    let here = |service: &str| OWN_SERVICES.contains(&service).then(Vec::new);
    let table = Table::of(pool, |service| forward.named(service).or_else(|| here(service)))?;
    let (table, access) = (Arc::new(table), Arc::clone(runtime.access()));
    let grpc = Rpcs { own: own.clone(), others: passing(forward.clone(), runtime) };
    let rpcs = Rpcs { own, others: forward };
    let rest = Rest::new(pool.clone(), Arc::clone(&table), rpcs, runtime);
    let counted = from_fn_with_state((rest.clone(), runtime.clone()), rest::counted);
    let description = openapi::routes(pool.clone(), table, access).layer(counted);
    Ok(Door::new(grpc, rest, description.with_state(()), cors))
}

/// Whom the gateway asks.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// The domains. A domain that is not there is no part of a report.
    pub domains: BTreeMap<Domain, Backend>,
    /// The directory.
    pub directory: Backend,
}

impl Gateway {
    /// The gateway as a service of this process: reports, overviews, health and reflection with their layers,
    /// and the pass-through for all else. Health and reflection name every service of the API, for all
    /// of them answer here.
    ///
    /// What is passed on is authorised here and by its service, runs on the caller's own task and takes
    /// no place of the gateway: a service that hangs keeps no call from another.
    pub async fn start(
        &self,
        config: &ReportConfig,
        browsers: &HttpConfig,
        runtime: &Runtime,
    ) -> Result<Started> {
        let report = Report::new(self.domains.clone(), self.directory.clone(), config);
        let overview = Overview::new(&self.domains, self.directory.clone(), config);
        let own = Routes::new(ReportServiceServer::new(report))
            .add_service(OverviewServiceServer::new(overview))
            .add_service(IdentityServiceServer::new(identity::Rpc));
        let mut started = service::mount(own, steward_proto::SERVICES, None, None, runtime).await?;
        let forward = Forward::new(&self.domains, self.directory.clone());
        let own = std::mem::take(&mut started.routes);
        let door = door(own, forward, &cors::layer(browsers.origins()?), runtime)?;
        started.routes = Routes::from(axum::Router::new().fallback_service(door)).prepare();
        started.http1 = true;
        Ok(started)
    }
}
