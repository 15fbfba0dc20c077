//! Rules and findings, from a client, on both databases.

#[expect(clippy::module_inception, reason = "the noun has the name of its package")]
mod finding;
mod migrations;
mod rule;

use std::sync::Arc;

use serde_json::{Value, json};
use steward_chassis::backend::Backend;
use steward_kernel::{Clock as _, TestClock};
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::rule_service_client::RuleServiceClient;
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called, start, test_clock};
use steward_tests::{TestDb, audit};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

/// Findings are the same in every domain; this is the smallest.
const MIGRATIONS: &[steward_db::Migrations] = steward_property::SPEC.migrations;

const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";

type Findings = FindingServiceClient<Called>;
type Rules = RuleServiceClient<Called>;

/// A domain with its issuer of tokens; it is 2017-06-15.
struct House {
    issuer: Issuer,
    clock: Arc<TestClock>,
    backend: Backend,
}

impl House {
    async fn new(db: &TestDb) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let started = start(&steward_property::SPEC, db, &issuer.runtime(&clock)).await;
        Self { issuer, clock, backend: Backend::Local(started.routes) }
    }

    fn caller(&self, subject: &str, grants: &Value) -> Called {
        let token = self.issuer.token(self.clock.now(), subject, grants);
        called(&self.backend, As::bearer(&token))
    }

    /// A manager of regions.
    fn manager(&self, subject: &str, region: &str) -> Findings {
        Findings::new(self.caller(subject, &grants(&["viewer", "manager"], &[region])))
    }

    /// The bureau of the city.
    fn city(&self) -> Findings {
        self.manager("city", "4205*")
    }

    /// A clerk of one organization.
    fn clerk(&self, organization: &str) -> Findings {
        let grant = |role| json!({"role": role, "domain": "*", "organizations": [organization]});
        let grants = json!([grant("operator"), grant("manager"), grant("auditor")]);
        Findings::new(self.caller("clerk", &grants))
    }

    fn rules(&self, region: &str) -> Rules {
        Rules::new(self.caller("law", &grants(&["viewer", "manager"], &[region])))
    }
}

fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// The code and the reason of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let info = status.get_details_error_info();
    (status.code(), info.map(|info| info.reason).unwrap_or_default())
}

fn refusal(code: Code, reason: &str) -> (Code, String) {
    (code, reason.to_owned())
}

/// The faulty fields of a refusal with their reasons.
fn faults(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    violations.iter().map(|v| (v.field.clone(), v.reason.clone())).collect()
}

/// How many events the audit trail has of a kind of resource.
async fn events(db: &TestDb, resource_type: &'static str) -> usize {
    audit::chained(db).await;
    let mut tx = db.db().read().await.unwrap();
    let sql = tx.sql("SELECT resource_id FROM audit_event WHERE resource_type = $1");
    sql.bind(resource_type).all::<(String,)>().await.unwrap().len()
}
