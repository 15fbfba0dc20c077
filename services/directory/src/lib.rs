//! Directory: the organizations (单位) that the bureau serves and the regions they lie in. The one
//! service besides the four domains.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`region`] | administrative regions | `RegionService` |
//! | [`organization`] | organizations, their names and aliases | `OrganizationService` |
//! | [`administration`] | who runs the offices of each region | `AdministrationService` |
//! | [`calendar`] | working days | `CalendarService` |
//! | [`figures`] | head counts and floor area by year | `FiguresService` |
//! | [`succession`] | mergers, splits, transfers, abolitions | `SuccessionService` |
//! | [`change`] | what changed, for those who follow | `ChangeService` |

pub mod administration;
pub mod calendar;
pub mod change;
pub mod figures;
mod missing;
pub mod organization;
pub mod region;
pub mod succession;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use steward_chassis::{Result, Spec};
use steward_db::{Db, Migrations};
use steward_proto::directory::v1::administration_service_server::{
    AdministrationServiceServer, SERVICE_NAME as ADMINISTRATION_SERVICE,
};
use steward_proto::directory::v1::calendar_service_server::{
    CalendarServiceServer, SERVICE_NAME as CALENDAR_SERVICE,
};
use steward_proto::directory::v1::change_service_server::{
    ChangeServiceServer, SERVICE_NAME as CHANGE_SERVICE,
};
use steward_proto::directory::v1::figures_service_server::{
    FiguresServiceServer, SERVICE_NAME as FIGURES_SERVICE,
};
use steward_proto::directory::v1::organization_service_server::{
    OrganizationServiceServer, SERVICE_NAME as ORGANIZATION_SERVICE,
};
use steward_proto::directory::v1::region_service_server::{
    RegionServiceServer, SERVICE_NAME as REGION_SERVICE,
};
use steward_proto::directory::v1::succession_service_server::{
    SERVICE_NAME as SUCCESSION_SERVICE, SuccessionServiceServer,
};
use tonic::service::Routes;

/// The directory service.
pub static SPEC: Spec = Spec {
    name: "directory",
    services: &[&[
        REGION_SERVICE,
        ORGANIZATION_SERVICE,
        ADMINISTRATION_SERVICE,
        CALENDAR_SERVICE,
        FIGURES_SERVICE,
        SUCCESSION_SERVICE,
        CHANGE_SERVICE,
    ]],
    migrations: &[steward_chassis::MIGRATIONS, MIGRATIONS],
    routes,
    follow: None,
    prepare: Some(prepare),
    sweeps: &[],
};

#[expect(clippy::unnecessary_wraps, reason = "the shape that Spec wants; a ledger can fail here")]
fn routes(db: Db) -> Result<Routes> {
    Ok(Routes::new(RegionServiceServer::new(region::rpc::Rpc::new(db.clone())))
        .add_service(OrganizationServiceServer::new(organization::rpc::Rpc::new(db.clone())))
        .add_service(AdministrationServiceServer::new(administration::rpc::Rpc::new(db.clone())))
        .add_service(CalendarServiceServer::new(calendar::rpc::Rpc::new(db.clone())))
        .add_service(FiguresServiceServer::new(figures::rpc::Rpc::new(db.clone())))
        .add_service(SuccessionServiceServer::new(succession::rpc::Rpc::new(db.clone())))
        .add_service(ChangeServiceServer::new(change::rpc::Rpc::new(db))))
}

fn prepare(db: Db, now: DateTime<Utc>) -> BoxFuture<'static, Result<()>> {
    async move {
        organization::actions::complete(&db, now).await?;
        change::actions::complete(&db, now).await?;
        calendar::shipped::load(&db, now).await
    }
    .boxed()
}

/// The tables of this service.
pub const MIGRATIONS: Migrations =
    Migrations { name: "directory", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
