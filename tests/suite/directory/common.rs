//! What the nouns' tests share: organizations to work with, what refusals say, and what the audit
//! trail was told.

use serde_json::{Value, json};
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::directory::v1::{GetOrganizationRequest, Organization};
use steward_tests::TestDb;
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, start, test_clock};
use tonic::Status;
use tonic_types::StatusExt;

use super::{new, organizations};

/// All that one may be at once, with the system administrator's.
pub(super) const ALL: [&str; 4] = ["viewer", "operator", "manager", "system_admin"];

/// The directory where everybody shows a token.
pub(super) struct Guarded {
    pub(super) backend: Backend,
    issuer: Issuer,
}

impl Guarded {
    pub(super) async fn new(db: &TestDb) -> Self {
        let issuer = Issuer::new();
        let runtime = issuer.runtime(&test_clock());
        let started = start(&steward_directory::SPEC, db, &runtime).await;
        Self { backend: Backend::Local(started.routes), issuer }
    }

    /// Somebody with these roles in these regions.
    pub(super) fn caller(&self, roles: &[&str], regions: &[&str]) -> As {
        self.granted(&grants(roles, regions))
    }

    /// Somebody with these roles for these organizations alone.
    pub(super) fn caller_of(&self, roles: &[&str], organizations: &[&str]) -> As {
        self.caller_of_both(roles, &[], organizations)
    }

    /// Somebody with these roles in these regions and for these organizations.
    pub(super) fn caller_of_both(
        &self,
        roles: &[&str],
        regions: &[&str],
        organizations: &[&str],
    ) -> As {
        let grant = |role| json!({"role": role, "domain": "*", "regions": regions, "organizations": organizations});
        self.granted(&roles.iter().map(grant).collect())
    }

    fn granted(&self, grants: &Value) -> As {
        As::bearer(&self.issuer.token(test_clock().now(), "somebody", grants))
    }
}

/// Makes an organization in a region; its code is a local key.
pub(super) async fn made(backend: &Backend, caller: As, region: &str, name: &str) -> String {
    made_on(backend, caller, region, name, "").await
}

/// Makes one that was established on a day.
pub(super) async fn made_on(
    backend: &Backend,
    caller: As,
    region: &str,
    name: &str,
    day: &str,
) -> String {
    let mut request = new("", name);
    let organization = request.organization.as_mut().unwrap();
    organization.region = region.to_owned();
    organization.established_on = day.to_owned();
    let mut client = organizations(backend, caller);
    let answer = client.create_organization(request).await.unwrap().into_inner();
    answer.organization.unwrap().code
}

/// An organization as it is now.
pub(super) async fn now(backend: &Backend, caller: As, code: &str) -> Organization {
    let request = GetOrganizationRequest { code: code.to_owned() };
    let answer = organizations(backend, caller).get_organization(request).await.unwrap();
    answer.into_inner().organization.unwrap()
}

/// The reason of a refusal.
pub(super) fn reason(status: &Status) -> String {
    status.get_error_details().error_info().unwrap().reason.clone()
}

/// The faulty fields of a refusal, each with its reason: `figures[1].year OUT_OF_RANGE`.
pub(super) fn faults(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    violations.iter().map(|v| format!("{} {}", v.field, v.reason)).collect()
}

/// An event: id of the resource, who, before and after.
pub(super) type Event = (String, String, String, String);

/// The events of a kind of resource, in the order in which they were recorded.
pub(super) async fn events(db: &TestDb, resource_type: &'static str) -> Vec<Event> {
    let mut tx = db.db().read().await.unwrap();
    tx.sql(
        "SELECT resource_id, subject, before_json, after_json FROM audit_event \
         WHERE resource_type = $1 ORDER BY id",
    )
    .bind(resource_type)
    .all()
    .await
    .unwrap()
}
