//! The cost-reduction report over all domains, through the gateway, on both databases.

mod closed;
mod false_savings;
mod fleet;
mod heads;
mod names;
mod payers;
mod restated;

use std::sync::Arc;

use steward_kernel::{Clock as _, OrganizationCode, TestClock};
use steward_proto::directory::v1::figures_service_client::FiguresServiceClient;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::succession_service_client::SuccessionServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, Figures, Organization, OrganizationKind,
    RecordSuccessionRequest, SetFiguresRequest, Succession, SuccessionKind, SuccessionPart,
};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{
    CloseMonthRequest, DeclareReporterRequest, DeclareZeroRequest, NewEntry, PostEntriesRequest,
    PostEntriesResponse, ReverseEntryRequest,
};
use steward_proto::report::v1::report_service_client::ReportServiceClient;
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, ReportGrouping, ReportRow,
};
use steward_proto::types::v1::MonthPeriod;
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called, open_runtime, test_clock};
use steward_tests::suite::Suite;
use steward_tests::{Engine, TestDb};
use tonic::Status;
use uuid::Uuid;

/// Organizations of the city's own level, of Xiling, and of Yiling.
const CITY: &str = "11420500000000019M";
const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";

/// The suite at 2017-06-15.
struct World {
    suite: Suite,
    clock: Arc<TestClock>,
    /// Who may do everything.
    caller: As,
}

impl World {
    /// On the same engine as the database of the test, with everybody allowed everything.
    async fn like(db: &TestDb) -> Self {
        let clock = test_clock();
        let suite = Suite::start(engine(db), &open_runtime(&clock)).await;
        Self { suite, clock, caller: As::default() }
    }

    /// The same where everybody shows a token.
    async fn guarded(db: &TestDb, issuer: &Issuer) -> Self {
        let clock = test_clock();
        let suite = Suite::start(engine(db), &issuer.runtime(&clock)).await;
        let all = grants(&["operator", "manager", "system_admin"], &["*"]);
        let caller = As::bearer(&issuer.token(clock.now(), "somebody", &all));
        Self { suite, clock, caller }
    }

    fn ledger(&self, domain: &str) -> LedgerServiceClient<Called> {
        LedgerServiceClient::new(called(&self.suite.gateway, self.caller.clone().to(domain)))
    }

    /// Calls the directory as who may do everything.
    fn directory(&self) -> Called {
        called(&self.suite.gateway, self.caller.clone())
    }

    /// Makes an organization; its region is the one in its code.
    async fn found(&self, code: &str, name: &str) {
        self.found_on(code, name, "").await;
    }

    /// The same of a day; empty = it was always there.
    async fn found_on(&self, code: &str, name: &str, day: &str) {
        let organization = Organization {
            code: code.to_owned(),
            name: name.to_owned(),
            kind: OrganizationKind::AdministrativeOrgan.into(),
            level: AdministrativeLevel::County.into(),
            established_on: day.to_owned(),
            ..Organization::default()
        };
        let request = CreateOrganizationRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: Some(organization),
            ..CreateOrganizationRequest::default()
        };
        OrganizationServiceClient::new(self.directory())
            .create_organization(request)
            .await
            .unwrap();
    }

    /// Records a succession.
    async fn succeed(&self, kind: SuccessionKind, day: &str, parts: &[(&str, &str, i32)]) {
        let part = |(predecessor, successor, share_ppm): &(&str, &str, i32)| SuccessionPart {
            predecessor: (*predecessor).to_owned(),
            successor: (*successor).to_owned(),
            share_ppm: *share_ppm,
        };
        let succession = Succession {
            kind: kind.into(),
            effective_on: day.to_owned(),
            parts: parts.iter().map(part).collect(),
            ..Succession::default()
        };
        let request = RecordSuccessionRequest {
            request_id: Uuid::new_v4().to_string(),
            succession: Some(succession),
            validate_only: false,
        };
        SuccessionServiceClient::new(self.directory()).record_succession(request).await.unwrap();
    }

    /// Sets the staff on post of years.
    async fn staff(&self, figures: &[(&str, i32, i32)]) {
        let figures = figures.iter().map(|(organization, year, on_post)| Figures {
            organization: (*organization).to_owned(),
            year: *year,
            on_post: Some(*on_post),
            ..Figures::default()
        });
        let request = SetFiguresRequest {
            request_id: Uuid::new_v4().to_string(),
            figures: figures.collect(),
            ..SetFiguresRequest::default()
        };
        FiguresServiceClient::new(self.directory()).set_figures(request).await.unwrap();
    }

    async fn try_post(
        &self,
        domain: &str,
        entries: Vec<NewEntry>,
    ) -> Result<PostEntriesResponse, Status> {
        let request_id = Uuid::new_v4().to_string();
        let request = PostEntriesRequest { request_id, entries, ..PostEntriesRequest::default() };
        self.ledger(domain).post_entries(request).await.map(tonic::Response::into_inner)
    }

    /// Posts; answers the ids.
    async fn post(&self, domain: &str, entries: Vec<NewEntry>) -> Vec<String> {
        let answer = self.try_post(domain, entries).await.unwrap();
        answer.results.into_iter().map(|result| result.entry_id).collect()
    }

    async fn reverse(&self, domain: &str, entry_id: &str) {
        let request = ReverseEntryRequest {
            request_id: Uuid::new_v4().to_string(),
            entry_id: entry_id.to_owned(),
            reason: "错记".to_owned(),
            validate_only: false,
        };
        self.ledger(domain).reverse_entry(request).await.unwrap();
    }

    async fn close(&self, domain: &str, region: &str, month: &str) {
        let request = CloseMonthRequest {
            request_id: Uuid::new_v4().to_string(),
            region: region.to_owned(),
            month: month.to_owned(),
            validate_only: false,
        };
        self.ledger(domain).close_month(request).await.unwrap();
    }

    async fn declare(&self, domain: &str, organization: &str, from: &str) {
        let request = DeclareReporterRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: organization.to_owned(),
            from_month: from.to_owned(),
            ..DeclareReporterRequest::default()
        };
        self.ledger(domain).declare_reporter(request).await.unwrap();
    }

    async fn zero(&self, domain: &str, organization: &str, month: &str) {
        let request = DeclareZeroRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: organization.to_owned(),
            month: month.to_owned(),
            ..DeclareZeroRequest::default()
        };
        self.ledger(domain).declare_zero(request).await.unwrap();
    }

    async fn report(&self, request: GetCostReductionReportRequest) -> CostReductionReport {
        self.report_as(self.caller.clone(), request).await
    }

    async fn report_as(
        &self,
        caller: As,
        request: GetCostReductionReportRequest,
    ) -> CostReductionReport {
        let mut client = ReportServiceClient::new(called(&self.suite.gateway, caller));
        let answer = client.get_cost_reduction_report(request).await.unwrap().into_inner();
        answer.report.unwrap()
    }
}

fn engine(db: &TestDb) -> Engine {
    if db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres }
}

/// Completes 17 characters to a code whose check character fits.
fn with_check_character(head: &str) -> String {
    "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|last| format!("{head}{last}"))
        .find(|code| code.parse::<OrganizationCode>().unwrap().check_character_ok())
        .unwrap()
}

/// The code of an organization in a region.
fn code(region: &str, number: u32) -> String {
    with_check_character(&format!("11{region}{number:09}"))
}

/// A report of the half-open period, by everything.
fn asked(from: &str, until: &str) -> GetCostReductionReportRequest {
    let by = [
        ReportGrouping::Domain,
        ReportGrouping::Category,
        ReportGrouping::Region,
        ReportGrouping::Organization,
        ReportGrouping::Month,
    ];
    GetCostReductionReportRequest {
        period: Some(MonthPeriod { from_month: from.to_owned(), until_month: until.to_owned() }),
        group_by: by.map(i32::from).to_vec(),
        ..GetCostReductionReportRequest::default()
    }
}

fn entry(organization: &str, category: &str, day: &str, fen: i64, document: &str) -> NewEntry {
    NewEntry {
        organization: organization.to_owned(),
        category: category.to_owned(),
        occurred_on: day.to_owned(),
        amount_fen: fen,
        document_no: document.to_owned(),
        ..NewEntry::default()
    }
}

/// The row of a key; the test fails where there is none.
fn row<'r>(report: &'r CostReductionReport, grouping: ReportGrouping, key: &str) -> &'r ReportRow {
    find(report, grouping, key).unwrap_or_else(|| panic!("no row {grouping:?} {key}"))
}

fn find<'r>(
    report: &'r CostReductionReport,
    grouping: ReportGrouping,
    key: &str,
) -> Option<&'r ReportRow> {
    report.rows.iter().find(|row| row.grouping() == grouping && row.key == key)
}

/// Current and baseline of all expenditure.
fn total(report: &CostReductionReport) -> (i64, i64) {
    let total = report.total.unwrap();
    (total.current_fen, total.baseline_fen)
}

fn amounts(row: &ReportRow) -> (i64, i64) {
    let total = row.total.unwrap();
    (total.current_fen, total.baseline_fen)
}
