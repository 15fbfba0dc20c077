//! A service from its parts: database, migrations, routes, health, reflection, layers.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use steward_db::{Db, Migrations, Options};
use steward_kernel::Clock;
use steward_proto::audit::v1::audit_service_server::{
    AuditServiceServer, SERVICE_NAME as AUDIT_SERVICE,
};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};
use tracing::instrument::WithSubscriber;

use crate::audit::{self, linker::Linker};
use crate::error::{Error, Result};
use crate::follow::{Effect, Follower, Source};
use crate::layers::{Runtime, layers};
use crate::sweep::{self, Sweep};
use crate::write;

/// The health name that says whether the service can do its work; the empty name says that the
/// process lives.
pub const READINESS: &str = "readiness";

/// How often the database is asked whether it answers.
const PING: Duration = Duration::from_secs(5);
/// How often old requests are forgotten.
const PURGE: Duration = Duration::from_hours(1);

/// What makes a service; each service crate has one.
#[derive(Debug)]
pub struct Spec {
    /// Its name, which is also the domain that grants name: `fleet`.
    pub name: &'static str,
    /// The full names of its gRPC services, those of its libraries and its own, without the audit
    /// service that all have.
    pub services: &'static [&'static [&'static str]],
    /// The migrations of its libraries and its own, in order.
    pub migrations: &'static [Migrations],
    /// Its gRPC services over its database.
    pub routes: fn(Db) -> Result<Routes>,
    /// What it does beside when it follows the directory; `None` = it does not follow it.
    pub follow: Option<Effect>,
    /// What it does once it is migrated, before it serves: loading the data it ships.
    pub prepare: Option<Prepare>,
    /// What it does again and again because time passes.
    pub sweeps: &'static [Sweep],
}

/// Work of a service before it serves. It may be done by several replicas at once, and again.
pub type Prepare = fn(Db, DateTime<Utc>) -> BoxFuture<'static, Result<()>>;

/// A started service.
#[derive(Debug)]
pub struct Started {
    /// Its routes with all layers.
    pub routes: Routes,
    /// Whether it also answers HTTP/1.1.
    pub http1: bool,
    /// What answers for its health alone, without layers.
    pub health_routes: Routes,
    db: Option<Db>,
    health: HealthReporter,
    services: Vec<&'static str>,
    stop: CancellationToken,
    linker: Linker,
}

/// Connects, migrates and puts a service together.
pub async fn start(spec: &Spec, options: &Options, runtime: &Runtime) -> Result<Started> {
    let db = Db::connect(options).await?;
    db.migrate(options, spec.migrations).await?;
    over(spec, db, runtime).await
}

/// Puts a service together on a database that is migrated, with its audit trail.
pub async fn over(spec: &Spec, db: Db, runtime: &Runtime) -> Result<Started> {
    if let Some(prepare) = spec.prepare {
        prepare(db.clone(), runtime.clock.now()).await?;
    }
    let audit = AuditServiceServer::new(audit::rpc::Rpc::new(db.clone()));
    let routes = (spec.routes)(db.clone())?.add_service(audit);
    let services = [spec.services.concat(), vec![AUDIT_SERVICE]].concat();
    let started = mount(routes, &services, Some(spec.name), Some(db.clone()), runtime).await?;
    if !spec.sweeps.is_empty() {
        let work = sweep::run(db, spec.sweeps, runtime.clock.clone());
        tokio::spawn(started.stop.clone().run_until_cancelled_owned(work));
    }
    Ok(started)
}

/// Looks once for what time has changed, as a started service does by itself every minute.
pub async fn sweep_once(spec: &Spec, db: &Db, clock: &Arc<dyn Clock>) -> Result<()> {
    sweep::once(db, spec.sweeps, clock).await
}

/// Adds health and reflection to routes and wraps the layers around all of it.
pub async fn mount(
    routes: Routes,
    services: &[&'static str],
    domain: Option<&'static str>,
    db: Option<Db>,
    runtime: &Runtime,
) -> Result<Started> {
    let (health, health_service) = health_reporter();
    let mut reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(steward_proto::DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health");
    for service in services {
        reflection = reflection.with_service_name(*service);
    }
    let reflection = reflection.build_v1().map_err(Error::internal)?;
    let health_routes = Routes::new(health_service.clone());
    let public = Routes::new(health_service).add_service(reflection);
    let started = Started {
        routes: layers(routes, public, runtime, domain),
        http1: false,
        health_routes,
        linker: Linker::start(db.as_ref()),
        db,
        health,
        services: services.to_vec(),
        stop: CancellationToken::new(),
    };
    started.report().await;
    started.keep_house(runtime);
    Ok(started)
}

impl Started {
    /// Follows the directory from now on until the service stops, if the service is one that does.
    pub fn follow(&self, spec: &Spec, source: Source) {
        let (Some(effect), Some(db)) = (spec.follow, self.db.clone()) else { return };
        let follower = Follower { name: spec.name, db, source, effect };
        let work = self.stop.clone().run_until_cancelled_owned(follower.run());
        tokio::spawn(work.with_current_subscriber());
    }

    /// Says NOT_SERVING from now on.
    pub async fn drain(&self) {
        self.stop.cancel();
        self.set(ServingStatus::NotServing).await;
        self.health.set_service_status("", ServingStatus::NotServing).await;
    }

    /// Gives the last events of the audit trail their places and closes the database.
    pub async fn close(&self) {
        self.stop.cancel();
        self.linker.stop().await;
        if let Some(db) = &self.db {
            db.close().await;
        }
    }

    async fn set(&self, status: ServingStatus) {
        set(&self.health, &self.services, status).await;
    }

    async fn report(&self) {
        self.set(ready(self.db.as_ref()).await).await;
    }

    /// Watches the database and forgets old requests, until the service stops.
    fn keep_house(&self, runtime: &Runtime) {
        let Some(db) = self.db.clone() else { return };
        let (health, services, clock) =
            (self.health.clone(), self.services.clone(), runtime.clock.clone());
        let work = async move {
            let mut since_purge = PURGE;
            loop {
                set(&health, &services, ready(Some(&db)).await).await;
                if since_purge >= PURGE {
                    since_purge = Duration::ZERO;
                    if let Err(error) = write::purge(&db, clock.now()).await {
                        tracing::warn!(error = error.full(), "old requests are still remembered");
                    }
                }
                tokio::time::sleep(PING).await;
                since_purge += PING;
            }
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(work));
    }
}

async fn ready(db: Option<&Db>) -> ServingStatus {
    match db {
        // A database that is busy answers; to say otherwise would drive the load to the next replica.
        Some(db) => match db.ping().await {
            Ok(()) | Err(steward_db::Error::Busy) => ServingStatus::Serving,
            Err(_) => ServingStatus::NotServing,
        },
        None => ServingStatus::Serving,
    }
}

async fn set(health: &HealthReporter, services: &[&'static str], status: ServingStatus) {
    for name in services.iter().chain([&READINESS]) {
        health.set_service_status(*name, status).await;
    }
}
