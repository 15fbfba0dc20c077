//! Lists over all domains, merged by the gateway: four domains and the directory on databases of their
//! own, and gateways over them.

mod events;
mod findings;
mod granted;
mod silent;
mod tasks;

use serde_json::Value;
use steward_chassis::service::Started;
use steward_kernel::{Clock as _, TestClock};
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{Finding, OpenFindingRequest};
use steward_proto::report::v1::overview_service_client::OverviewServiceClient;
use steward_proto::report::v1::{
    DomainFinding, ListAllFindingsRequest, ListAllFindingsResponse, OverviewPart,
};
use steward_tests::issuer::grants;
use steward_tests::service::{As, Called, called, open_runtime, start, test_clock};
use steward_tests::suite::DOMAINS;
use steward_tests::{Engine, Issuer, TestDb};
use uuid::Uuid;

use super::*;

type Overview = OverviewServiceClient<Called>;

/// Organizations of Xiling (420502) and Yiling (420506).
const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";
/// Who reads and writes.
const CLERK: [&str; 4] = ["viewer", "operator", "manager", "auditor"];

/// The services, at 2017-06-15.
struct House {
    issuer: Issuer,
    clock: Arc<TestClock>,
    databases: BTreeMap<&'static str, TestDb>,
    domains: BTreeMap<Domain, Backend>,
    directory: Backend,
    runtime: Runtime,
    /// The gateway over all of them.
    gateway: Backend,
    #[expect(dead_code, reason = "they run as long as it is there")]
    started: Vec<Started>,
}

impl House {
    /// Where everybody shows a token.
    async fn new(db: &TestDb) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let runtime = issuer.runtime(&clock);
        Self::over(db, issuer, clock, runtime).await
    }

    /// Where everybody is who he says he is.
    async fn open(db: &TestDb) -> Self {
        let clock = test_clock();
        let runtime = open_runtime(&clock);
        Self::over(db, Issuer::new(), clock, runtime).await
    }

    /// On the same engine as the database of the test.
    async fn over(db: &TestDb, issuer: Issuer, clock: Arc<TestClock>, runtime: Runtime) -> Self {
        let engine = if db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
        let (mut databases, mut started) = (BTreeMap::new(), Vec::new());
        let mut backends = BTreeMap::new();
        for spec in DOMAINS.into_iter().chain([&steward_directory::SPEC]) {
            let db = TestDb::new(engine, spec.migrations).await;
            let service = start(spec, &db, &runtime).await;
            backends.insert(spec.name, Backend::Local(service.routes.clone()));
            databases.insert(spec.name, db);
            started.push(service);
        }
        let directory = backends.remove("directory").unwrap();
        let domain = |(name, backend): (&str, _)| (Domain::parse(name).unwrap(), backend);
        let domains: BTreeMap<_, _> = backends.into_iter().map(domain).collect();
        let gateway = gateway(domains.clone(), directory.clone(), &runtime).await;
        Self { issuer, clock, databases, domains, directory, runtime, gateway, started }
    }

    /// A gateway that asks another backend for a domain.
    async fn with(&self, domain: Domain, backend: Backend) -> Backend {
        let mut domains = self.domains.clone();
        domains.insert(domain, backend);
        gateway(domains, self.directory.clone(), &self.runtime).await
    }

    /// A gateway whose fleet is stopped.
    async fn without_fleet(&self) -> Backend {
        self.with(Domain::Fleet, dead().await).await
    }

    fn bearer(&self, subject: &str, grants: &Value) -> As {
        As::bearer(&self.issuer.token(self.clock.now(), subject, grants))
    }

    /// Who may do everything in the city.
    fn clerk(&self) -> As {
        self.bearer("clerk", &grants(&CLERK, &["4205*"]))
    }

    /// The lists, as who may do everything in the city.
    fn overview(&self) -> Overview {
        OverviewServiceClient::new(called(&self.gateway, self.clerk()))
    }

    /// Opens a finding; they are told apart by their occasions.
    async fn find(&self, domain: &str, organization: &str, occasion: &str) -> Finding {
        let finding = Finding {
            code: "idle_office".to_owned(),
            legal_basis: "《党政机关办公用房管理办法》第二十条".to_owned(),
            occasion: occasion.to_owned(),
            organization: organization.to_owned(),
            detail: "闲置办公用房未移交".to_owned(),
            since_on: "2017-06-01".to_owned(),
            ..Finding::default()
        };
        let request = OpenFindingRequest {
            request_id: Uuid::new_v4().to_string(),
            finding: Some(finding),
            ..OpenFindingRequest::default()
        };
        let answer = self.findings(domain).open_finding(request).await;
        answer.unwrap().into_inner().finding.unwrap()
    }

    fn findings(&self, domain: &str) -> FindingServiceClient<Called> {
        FindingServiceClient::new(called(&self.gateway, self.clerk().to(domain)))
    }

    /// Seven findings in three domains, the third to the fifth at one instant.
    async fn seven(&self) {
        for (domain, organization, occasion, seconds) in [
            ("fleet", XILING, "1", 1),
            ("property", YILING, "2", 1),
            ("energy", XILING, "3", 0),
            ("fleet", YILING, "4", 0),
            ("property", XILING, "5", 1),
            ("property", XILING, "6", 1),
            ("fleet", XILING, "7", 1),
        ] {
            self.find(domain, organization, occasion).await;
            self.clock.advance(chrono::TimeDelta::seconds(seconds));
        }
    }
}

async fn gateway(
    domains: BTreeMap<Domain, Backend>,
    directory: Backend,
    runtime: &Runtime,
) -> Backend {
    let gateway = Gateway { domains, directory };
    let started = gateway.start(&ReportConfig::default(), &HttpConfig::default(), runtime).await;
    Backend::Local(started.unwrap().routes.clone())
}

/// What a page shows: domain and occasion of each.
fn shown(findings: &[DomainFinding]) -> Vec<String> {
    let shown = |it: &DomainFinding| {
        let occasion = it.finding.as_ref().map(|finding| finding.occasion.as_str());
        format!("{} {}", it.domain, occasion.unwrap_or_default())
    };
    findings.iter().map(shown).collect()
}

/// What the parts say, in the order of their names.
fn said(parts: &[OverviewPart]) -> Vec<(&str, bool, &str, bool)> {
    let said = |it| {
        let it: &OverviewPart = it;
        (it.domain.as_str(), it.answered, it.failure.as_str(), it.not_granted)
    };
    parts.iter().map(said).collect()
}

/// All four domains answered.
const ANSWERED: [(&str, bool, &str, bool); 4] = [
    ("energy", true, "", false),
    ("fleet", true, "", false),
    ("maintenance", true, "", false),
    ("property", true, "", false),
];

async fn page(client: &mut Overview, request: &ListAllFindingsRequest) -> ListAllFindingsResponse {
    client.list_all_findings(request.clone()).await.unwrap().into_inner()
}

/// Asks for the next page until there is none; each with what it shows.
async fn walked(client: &mut Overview, request: &ListAllFindingsRequest) -> Vec<Vec<String>> {
    let (mut pages, mut request) = (Vec::new(), request.clone());
    loop {
        let page = page(client, &request).await;
        assert!(page.complete);
        assert_eq!(said(&page.parts), ANSWERED);
        pages.push(shown(&page.findings));
        if page.next_page_token.is_empty() {
            return pages;
        }
        request.page_token = page.next_page_token;
    }
}

/// The code, the reason and the faulty field of a refusal.
fn faulty<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String, String) {
    let status = answer.unwrap_err();
    let (code, reason) = refusal(&status);
    let bad = status.get_details_bad_request();
    let field = bad.and_then(|bad| bad.field_violations.first().map(|it| it.field.clone()));
    (code, reason, field.unwrap_or_default())
}

/// The refusal of a page token.
fn no_token() -> (Code, String, String) {
    (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned(), "page_token".to_owned())
}
