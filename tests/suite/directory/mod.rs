//! The directory service, from a client, on both databases.

mod administration;
mod calendar;
mod change;
mod common;
mod figures;
mod migrations;
mod names;
mod organization;
mod reach;
mod region;
mod resolve;
mod succession;

use steward_chassis::backend::Backend;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, Organization, OrganizationKind,
};
use steward_tests::TestDb;
use steward_tests::service::{As, Called, called, open_runtime, start, test_clock};
use uuid::Uuid;

const MIGRATIONS: &[steward_db::Migrations] = steward_directory::SPEC.migrations;

type Organizations = OrganizationServiceClient<Called>;
type Regions = RegionServiceClient<Called>;

async fn backend(db: &TestDb) -> Backend {
    let runtime = open_runtime(&test_clock());
    Backend::Local(start(&steward_directory::SPEC, db, &runtime).await.routes)
}

fn organizations(backend: &Backend, caller: As) -> Organizations {
    Organizations::new(called(backend, caller))
}

/// Asks for an organization with what it must have.
fn new(code: &str, name: &str) -> CreateOrganizationRequest {
    CreateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(Organization {
            code: code.to_owned(),
            name: name.to_owned(),
            kind: OrganizationKind::AdministrativeOrgan.into(),
            level: AdministrativeLevel::County.into(),
            ..Organization::default()
        }),
        ..CreateOrganizationRequest::default()
    }
}
