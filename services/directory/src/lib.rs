//! Directory: the organizations (单位) that the bureau serves and the regions they lie in. The one
//! service besides the four domains.
//!
//! | noun | what | RPCs |
//! |---|---|---|
//! | [`region`] | administrative regions | `RegionService` |
//! | [`organization`] | organizations | `OrganizationService` |

pub mod organization;
pub mod region;

use steward_chassis::{Result, Spec};
use steward_db::{Db, Migrations};
use steward_proto::directory::v1::organization_service_server::{
    OrganizationServiceServer, SERVICE_NAME as ORGANIZATION_SERVICE,
};
use steward_proto::directory::v1::region_service_server::{
    RegionServiceServer, SERVICE_NAME as REGION_SERVICE,
};
use tonic::service::Routes;

/// The directory service.
pub static SPEC: Spec = Spec {
    name: "directory",
    services: &[REGION_SERVICE, ORGANIZATION_SERVICE],
    migrations: &[steward_chassis::MIGRATIONS, MIGRATIONS],
    routes,
    prepare: None,
};

#[expect(clippy::unnecessary_wraps, reason = "the shape that Spec wants; a ledger can fail here")]
fn routes(db: Db) -> Result<Routes> {
    Ok(Routes::new(RegionServiceServer::new(region::rpc::Rpc::new(db.clone())))
        .add_service(OrganizationServiceServer::new(organization::rpc::Rpc::new(db))))
}

/// The tables of this service: `region` and `organization`.
pub const MIGRATIONS: Migrations =
    Migrations { name: "directory", sqlite: &SQLITE, postgres: &POSTGRES };

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
