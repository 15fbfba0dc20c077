//! The audit trail of a service. Energy stands for all: they have it from the chassis.

mod chain;
mod list;
mod processes;
mod record;
mod verify;

use std::sync::Arc;

use steward_chassis::backend::Backend;
use steward_chassis::service::{Started, over};
use steward_db::{Db, Migrations};
use steward_kernel::{Clock as _, TestClock};
use steward_proto::audit::v1::audit_service_client::AuditServiceClient;
use steward_proto::audit::v1::{
    AuditEvent, ChainLink, GetChainHeadRequest, ListEventsRequest, VerifyChainRequest,
    VerifyChainResponse,
};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{CloseMonthRequest, DeclareReporterRequest, NewEntry};
use steward_tests::audit::chained;
use steward_tests::issuer::grants;
use steward_tests::service::{As, Called, called, test_clock};
use steward_tests::{Issuer, TestDb};
use uuid::Uuid;

const MIGRATIONS: &[Migrations] = steward_energy::SPEC.migrations;

/// Two organizations of one region and one of another.
const A: &str = "11420502000000027D";
const A2: &str = "114205020000000358";
const B: &str = "11420506A00000038W";

/// A service on the database of a test.
struct House {
    started: Started,
    issuer: Issuer,
    clock: Arc<TestClock>,
}

impl House {
    async fn new(db: &TestDb) -> Self {
        Self::over(db.db().clone()).await
    }

    async fn over(db: Db) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let started = over(&steward_energy::SPEC, db, &issuer.runtime(&clock)).await.unwrap();
        Self { started, issuer, clock }
    }

    fn called(&self, subject: &str, role: &str, region: &str) -> Called {
        let token = self.issuer.token(self.clock.now(), subject, &grants(&[role], &[region]));
        called(&Backend::Local(self.started.routes.clone()), As::bearer(&token))
    }

    /// The ledger as a manager of the whole city.
    fn ledger(&self, subject: &str) -> LedgerServiceClient<Called> {
        LedgerServiceClient::new(self.called(subject, "manager", "4205*"))
    }

    /// The audit trail as an auditor of a region.
    fn audit(&self, region: &str) -> AuditServiceClient<Called> {
        AuditServiceClient::new(self.called("auditor", "auditor", region))
    }

    /// All events in their order, once all have one.
    async fn events(&self, db: &TestDb) -> Vec<AuditEvent> {
        chained(db).await;
        list(&mut self.audit("*"), ListEventsRequest::default()).await
    }

    async fn head(&self) -> ChainLink {
        let head = self.audit("*").get_chain_head(GetChainHeadRequest {}).await.unwrap();
        head.into_inner().head.unwrap()
    }

    async fn verify(
        &self,
        after: Option<ChainLink>,
        known_head: Option<ChainLink>,
    ) -> VerifyChainResponse {
        let request = VerifyChainRequest { after, known_head };
        self.audit("*").verify_chain(request).await.unwrap().into_inner()
    }
}

/// All pages of a list.
async fn list(
    client: &mut AuditServiceClient<Called>,
    mut request: ListEventsRequest,
) -> Vec<AuditEvent> {
    let mut events = Vec::new();
    loop {
        let page = client.list_events(request.clone()).await.unwrap().into_inner();
        events.extend(page.events);
        if page.next_page_token.is_empty() {
            return events;
        }
        request.page_token = page.next_page_token;
    }
}

fn id() -> String {
    Uuid::new_v4().to_string()
}

fn declaring(organization: &str, from_month: &str) -> DeclareReporterRequest {
    DeclareReporterRequest {
        request_id: id(),
        organization: organization.to_owned(),
        from_month: from_month.to_owned(),
        ..DeclareReporterRequest::default()
    }
}

fn closing(region: &str, month: &str) -> CloseMonthRequest {
    CloseMonthRequest {
        request_id: id(),
        region: region.to_owned(),
        month: month.to_owned(),
        validate_only: false,
    }
}

fn entry(organization: &str, document_no: &str, amount_fen: i64) -> NewEntry {
    NewEntry {
        organization: organization.to_owned(),
        category: "electricity".to_owned(),
        occurred_on: "2017-03-05".to_owned(),
        amount_fen,
        document_no: document_no.to_owned(),
        ..NewEntry::default()
    }
}
