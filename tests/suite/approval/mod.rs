//! Approvals, from a client, on both databases.

#[expect(clippy::module_inception, reason = "the noun that gave the package its name")]
mod approval;
mod delegation;
mod migrations;
mod officeholder;
mod route;
mod tried;
mod watched;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use steward_approval::{Approval as Asked, EXPENDITURE, Kind};
use steward_chassis::backend::Backend;
use steward_chassis::{Class, Ctx, Error, Reason, Result as Answered, Spec};
use steward_db::{Db, Tx};
use steward_kernel::{Clock as _, Named as _, TestClock};
use steward_ledger::Hooks;
use steward_proto::approval::v1::approval_service_client::ApprovalServiceClient;
use steward_proto::approval::v1::delegation_service_client::DelegationServiceClient;
use steward_proto::approval::v1::officeholder_service_client::OfficeholderServiceClient;
use steward_proto::approval::v1::route_service_client::RouteServiceClient;
use steward_proto::approval::v1::{
    CreateDelegationRequest, CreateOfficeholderRequest, Delegation, Officeholder, Position,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called, start, test_clock};
use steward_tests::{TestDb, audit};
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

const MIGRATIONS: &[steward_db::Migrations] =
    &[steward_chassis::MIGRATIONS, steward_ledger::MIGRATIONS, steward_approval::MIGRATIONS];

const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";

const CATALOGUE: &str = r#"
    category = [
        { code = "fuel", name = "燃油费", name_en = "Fuel", nature = "running", unit = "litre" },
        { code = "sale", name = "处置收入", name_en = "Sale", nature = "revenue" },
    ]
"#;

/// A domain with a kind of its own, which crosses two organizations.
static SPEC: Spec = Spec {
    name: "fleet",
    services: &[&[steward_ledger::SERVICE_NAME], &steward_approval::SERVICE_NAMES],
    migrations: MIGRATIONS,
    routes,
    follow: Some(steward_ledger::follow),
    prepare: Some(prepare),
    sweeps: &[],
};

static KINDS: &[Kind] =
    &[EXPENDITURE, Kind { code: "handover", name: "移交", decided: handed_over }];

const HANDOVER: &str = r#"
    [[route]]
    kind = "handover"
    region = "*"
    steps = ["director:3", "counterpart_director:3", "vehicle_authority:5"]
"#;

fn routes(db: Db) -> Answered<Routes> {
    let ledger = steward_ledger::service(db.clone(), CATALOGUE, Hooks::default())?;
    steward_approval::mount(Routes::new(ledger), db, KINDS, CATALOGUE)
}

fn prepare(db: Db, now: DateTime<Utc>) -> BoxFuture<'static, Answered<()>> {
    async move { steward_approval::prepare(&db, now, &[HANDOVER]).await }.boxed()
}

/// What the kind of its own refuses.
const REFUSED: Reason = Reason::new("TEST_REFUSED", Class::FailedPrecondition, "不行");

/// Keeps each state that it is told of as an organization; a request called `坏` is refused.
fn handed_over<'t>(tx: &'t mut Tx, _ctx: &'t Ctx, asked: &'t Asked) -> BoxFuture<'t, Answered<()>> {
    async move {
        let code = format!("{} {}", asked.version, asked.state.text());
        let sql = tx.sql("INSERT INTO scope_organization (code, region) VALUES ($1, '000000')");
        sql.bind(code).run().await?;
        if asked.title == "坏" {
            return Err(Error::new(&REFUSED, "the effect refuses"));
        }
        Ok(())
    }
    .boxed()
}

type Approvals = ApprovalServiceClient<Called>;
type Delegations = DelegationServiceClient<Called>;
type Officeholders = OfficeholderServiceClient<Called>;
type RouteClient = RouteServiceClient<Called>;

/// A domain with its issuer of tokens; it is 2017-06-15, a Thursday.
struct House {
    issuer: Issuer,
    clock: Arc<TestClock>,
    backend: Backend,
}

impl House {
    async fn new(db: &TestDb) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let started = start(&SPEC, db, &issuer.runtime(&clock)).await;
        Self { issuer, clock, backend: Backend::Local(started.routes) }
    }

    /// The same with people in the positions of XILING: `section`, `finance`, `deputy` and `director`, and
    /// for the city `authority` and `treasury`; `other` is director of YILING.
    async fn staffed(db: &TestDb) -> Self {
        let house = Self::new(db).await;
        for (subject, position) in [
            ("section", Position::Section),
            ("finance", Position::Finance),
            ("deputy", Position::Deputy),
            ("director", Position::Director),
        ] {
            house.seat(holder(subject, position, XILING)).await;
        }
        house.seat(holder("other", Position::Director, YILING)).await;
        house.seat(authority("authority", Position::VehicleAuthority, "4205*")).await;
        house.seat(authority("treasury", Position::Treasury, "4205*")).await;
        house
    }

    fn caller(&self, subject: &str, grants: &Value) -> Called {
        let token = self.issuer.token(self.clock.now(), subject, grants);
        called(&self.backend, As::bearer(&token))
    }

    /// Somebody who enters data and decides in a region.
    fn clerk(&self, subject: &str, region: &str) -> Called {
        self.caller(subject, &grants(&["viewer", "operator"], &[region]))
    }

    /// The same in the region of XILING.
    fn approvals(&self, subject: &str) -> Approvals {
        Approvals::new(self.clerk(subject, "420502"))
    }

    fn delegations(&self, subject: &str) -> Delegations {
        Delegations::new(self.clerk(subject, "420502"))
    }

    /// Who says who holds which position.
    fn security(&self, region: &str) -> Officeholders {
        Officeholders::new(self.caller("security", &grants(&["security_admin"], &[region])))
    }

    fn routes(&self, region: &str) -> RouteClient {
        RouteClient::new(self.caller("manager", &grants(&["manager"], &[region])))
    }

    async fn seat(&self, holder: Officeholder) -> Officeholder {
        let answer = self.security("4205*").create_officeholder(entering(holder)).await;
        answer.unwrap().into_inner().officeholder.unwrap()
    }

    /// Has another decide in somebody's name from today on.
    async fn delegate(&self, principal: &str, delegation: Delegation) -> Delegation {
        let request = CreateDelegationRequest {
            request_id: request_id(),
            delegation: Some(delegation),
            validate_only: false,
        };
        let answer = self.delegations(principal).create_delegation(request).await;
        answer.unwrap().into_inner().delegation.unwrap()
    }
}

/// Somebody who holds a position at an organization since 2017.
fn holder(subject: &str, position: Position, organization: &str) -> Officeholder {
    Officeholder {
        subject: subject.to_owned(),
        name: "某人".to_owned(),
        position: position.into(),
        organization: organization.to_owned(),
        from_date: "2017-01-01".to_owned(),
        ..Officeholder::default()
    }
}

fn authority(subject: &str, position: Position, region: &str) -> Officeholder {
    Officeholder { region: region.to_owned(), ..holder(subject, position, "") }
}

fn entering(holder: Officeholder) -> CreateOfficeholderRequest {
    CreateOfficeholderRequest {
        request_id: request_id(),
        officeholder: Some(holder),
        ..CreateOfficeholderRequest::default()
    }
}

/// A delegation from today until the end of the month.
fn to(delegate: &str) -> Delegation {
    Delegation {
        delegate: delegate.to_owned(),
        from_date: "2017-06-15".to_owned(),
        until_date: "2017-07-01".to_owned(),
        ..Delegation::default()
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
fn faults<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<(String, String)> {
    let details = answer.unwrap_err().get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    violations.iter().map(|v| (v.field.clone(), v.reason.clone())).collect()
}

fn fault(field: &str, reason: &str) -> (String, String) {
    (field.to_owned(), reason.to_owned())
}

/// What the audit trail has of a kind of resource: before and after.
async fn events(db: &TestDb, resource_type: &'static str) -> Vec<(Value, Value)> {
    audit::chained(db).await;
    let mut tx = db.db().read().await.unwrap();
    let sql = tx.sql(
        "SELECT before_json, after_json FROM audit_event WHERE resource_type = $1 \
         AND subject <> 'steward' ORDER BY id",
    );
    let rows: Vec<(String, String)> = sql.bind(resource_type).all().await.unwrap();
    let json = |text: &str| serde_json::from_str(text).unwrap_or(json!(null));
    rows.iter().map(|(before, after)| (json(before), json(after))).collect()
}
