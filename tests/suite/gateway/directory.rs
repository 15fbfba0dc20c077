//! What the report asks of the directory, and what becomes of it while that does not answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use steward_chassis::backend::Backend;
use steward_gateway::Domain;
use steward_proto::directory::v1::figures_service_server::{FiguresService, FiguresServiceServer};
use steward_proto::directory::v1::succession_service_server::{
    SuccessionService, SuccessionServiceServer,
};
use steward_proto::directory::v1::{
    FiguresGrouping, FiguresRow, ListFiguresRequest, ListFiguresResponse, ListSuccessionsRequest,
    ListSuccessionsResponse, RecordSuccessionRequest, RecordSuccessionResponse,
    RevokeSuccessionRequest, RevokeSuccessionResponse, SetFiguresRequest, SetFiguresResponse,
    Succession, SuccessionKind, SuccessionPart, SummarizeFiguresRequest, SummarizeFiguresResponse,
};
use steward_proto::ledger::v1::{CostRow, Grouping, PeriodCost};
use steward_proto::report::v1::report_service_client::ReportServiceClient;
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, HeadCount, ReportGrouping, ReportStructure,
};
use steward_proto::types::v1::MonthPeriod;
use tokio::sync::Barrier;
use tokio::time::Instant;
use tonic::metadata::MetadataMap;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};

use super::ledger::{Asked, FakeLedger, Mood};
use super::{refusal, routes_over};

type Answer<T> = Result<Response<T>, Status>;

/// A directory that says what the test tells it to say.
#[derive(Debug, Clone, Default)]
struct FakeDirectory {
    rows: Vec<FiguresRow>,
    /// Pages of successions.
    successions: Vec<Vec<Succession>>,
    refuses: Option<Code>,
    silent: bool,
    /// How long it takes to answer.
    late: Duration,
    /// Whom to wait for before answering.
    together: Option<Arc<Barrier>>,
    asked: Arc<Mutex<Vec<(SummarizeFiguresRequest, MetadataMap)>>>,
}

impl FakeDirectory {
    fn backend(&self) -> Backend {
        let routes = Routes::new(FiguresServiceServer::new(self.clone()));
        Backend::Local(routes.add_service(SuccessionServiceServer::new(self.clone())))
    }

    async fn mood(&self) -> Result<(), Status> {
        if self.silent {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(self.late).await;
        match self.refuses {
            Some(code) => Err(Status::with_details(code, "no", bytes::Bytes::new())),
            None => Ok(()),
        }
    }
}

fn never_asked() -> Status {
    Status::with_details(Code::Unimplemented, "", bytes::Bytes::new())
}

#[tonic::async_trait]
impl FiguresService for FakeDirectory {
    async fn summarize_figures(
        &self,
        request: Request<SummarizeFiguresRequest>,
    ) -> Answer<SummarizeFiguresResponse> {
        let metadata = request.metadata().clone();
        self.asked.lock().unwrap().push((request.into_inner(), metadata));
        if let Some(together) = &self.together {
            together.wait().await;
        }
        self.mood().await?;
        let rows = self.rows.clone();
        Ok(Response::new(SummarizeFiguresResponse { rows, ..Default::default() }))
    }

    async fn set_figures(&self, _: Request<SetFiguresRequest>) -> Answer<SetFiguresResponse> {
        Err(never_asked())
    }

    async fn list_figures(&self, _: Request<ListFiguresRequest>) -> Answer<ListFiguresResponse> {
        Err(never_asked())
    }
}

#[tonic::async_trait]
impl SuccessionService for FakeDirectory {
    async fn list_successions(
        &self,
        request: Request<ListSuccessionsRequest>,
    ) -> Answer<ListSuccessionsResponse> {
        self.mood().await?;
        let page = request.get_ref().page_token.parse().unwrap_or(0);
        let successions = self.successions.get(page).cloned().unwrap_or_default();
        let next = page + 1;
        let more = next < self.successions.len();
        let next_page_token = if more { next.to_string() } else { String::new() };
        Ok(Response::new(ListSuccessionsResponse { successions, next_page_token }))
    }

    async fn record_succession(
        &self,
        _: Request<RecordSuccessionRequest>,
    ) -> Answer<RecordSuccessionResponse> {
        Err(never_asked())
    }

    async fn revoke_succession(
        &self,
        _: Request<RevokeSuccessionRequest>,
    ) -> Answer<RevokeSuccessionResponse> {
        Err(never_asked())
    }
}

fn request() -> GetCostReductionReportRequest {
    let by = [ReportGrouping::Region, ReportGrouping::Organization];
    GetCostReductionReportRequest {
        period: Some(MonthPeriod {
            from_month: "2013-01".to_owned(),
            until_month: "2013-07".to_owned(),
        }),
        group_by: by.map(i32::from).to_vec(),
        ..GetCostReductionReportRequest::default()
    }
}

fn restated() -> GetCostReductionReportRequest {
    GetCostReductionReportRequest { structure: ReportStructure::Restated.into(), ..request() }
}

/// A ledger with a row of a region and of an organization.
fn ledger() -> FakeLedger {
    let mut ledger = FakeLedger::paying(5, 4);
    let Mood::Answers(answer) = &mut ledger.mood else { panic!("it answers") };
    let cost = |running_fen| Some(PeriodCost { running_fen, ..PeriodCost::default() });
    let row = |grouping: Grouping, key: &str| CostRow {
        grouping: grouping.into(),
        key: key.to_owned(),
        current: cost(5),
        baseline: cost(4),
        ..CostRow::default()
    };
    answer.rows.push(row(Grouping::Region, "420502"));
    answer.rows.push(row(Grouping::Organization, "L-1"));
    ledger
}

async fn report(
    ledger: FakeLedger,
    directory: &FakeDirectory,
    request: impl tonic::IntoRequest<GetCostReductionReportRequest>,
) -> Result<CostReductionReport, Status> {
    let domains = [(Domain::Energy, ledger.backend())].into();
    let gateway = Backend::Local(routes_over(domains, directory.backend()).await);
    let mut client = ReportServiceClient::new(gateway);
    Ok(client.get_cost_reduction_report(request).await?.into_inner().report.unwrap())
}

fn row(grouping: FiguresGrouping, key: &str, name: &str) -> FiguresRow {
    FiguresRow {
        grouping: grouping.into(),
        key: key.to_owned(),
        name: name.to_owned(),
        region: "420502".to_owned(),
        years: Vec::new(),
    }
}

fn labels(report: &CostReductionReport) -> Vec<(&str, &str)> {
    report.rows.iter().map(|row| (row.label.as_str(), row.region.as_str())).collect()
}

#[tokio::test]
async fn the_directory_is_asked_at_the_same_time_with_the_callers_token() {
    let together = Some(Arc::new(Barrier::new(2)));
    let directory = FakeDirectory {
        rows: vec![
            row(FiguresGrouping::Region, "420502", "西陵"),
            row(FiguresGrouping::Organization, "L-1", "财政局"),
        ],
        together: together.clone(),
        ..FakeDirectory::default()
    };
    // Neither answers before both are asked.
    let ledger = FakeLedger { together, ..ledger() };
    let asked = GetCostReductionReportRequest {
        regions: vec!["4205*".to_owned()],
        organizations: vec!["L-1".to_owned()],
        head_count: HeadCount::OnPost.into(),
        ..request()
    };
    let mut asked = Request::new(asked);
    asked.metadata_mut().insert("authorization", "Bearer of.the.caller".parse().unwrap());
    let report = report(ledger, &directory, asked).await.unwrap();
    assert!(report.directory_answered && report.complete);
    assert_eq!(labels(&report), [("西陵", ""), ("财政局", "420502")]);
    let asked = directory.asked.lock().unwrap();
    let [(asked, metadata)] = asked.as_slice() else { panic!("once") };
    assert_eq!(metadata.get("authorization").unwrap(), "Bearer of.the.caller");
    assert_eq!(
        (asked.regions.as_slice(), asked.organizations.len()),
        (&["4205*".to_owned()][..], 1)
    );
    assert_eq!(asked.years, [2013, 2012]);
    assert_eq!(asked.group_by, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn without_the_directory_there_are_codes() {
    let silent = FakeDirectory { silent: true, ..FakeDirectory::default() };
    let refusing = [Code::Unavailable, Code::NotFound, Code::PermissionDenied, Code::Internal];
    let refusing = refusing.map(|code| FakeDirectory { refuses: Some(code), ..Default::default() });
    let odd = row(FiguresGrouping::Organization, "not a code", "");
    let odd = FakeDirectory { rows: vec![odd], ..FakeDirectory::default() };
    for directory in refusing.iter().chain([&silent, &odd]) {
        let begun = Instant::now();
        let asked =
            GetCostReductionReportRequest { head_count: HeadCount::OnPost.into(), ..request() };
        let report = report(ledger(), directory, asked).await.unwrap();
        assert!(begun.elapsed() <= Duration::from_secs(5), "{:?}", begun.elapsed());
        assert!(!report.directory_answered);
        assert!(report.complete, "nothing is missing of the costs");
        assert_eq!(report.total.unwrap().change_fen, Some(1));
        assert_eq!(labels(&report), [("西陵区", ""), ("", "")]);
        assert_eq!(report.total_per_head, None);
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_directory_nothing_is_restated() {
    let silent = FakeDirectory { silent: true, ..FakeDirectory::default() };
    let of = |code| FakeDirectory { refuses: Some(code), ..FakeDirectory::default() };
    for (directory, failure) in [
        (of(Code::Unavailable), "UNAVAILABLE"),
        (of(Code::Internal), "INTERNAL"),
        (silent, "DEADLINE_EXCEEDED"),
    ] {
        let asked = Asked::default();
        let ledger = FakeLedger { asked: Arc::clone(&asked), ..ledger() };
        let refused = report(ledger, &directory, restated()).await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::Unavailable, "DIRECTORY_UNAVAILABLE".to_owned()));
        let info = tonic_types::StatusExt::get_details_error_info(&refused).unwrap();
        assert_eq!(info.metadata["failure"], failure);
        assert!(asked.lock().unwrap().is_empty());
    }
    let refused = report(ledger(), &of(Code::PermissionDenied), restated()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

/// What comes within three seconds, longer than half of the time of a report; the clock is paused.
async fn soon<T>(answer: impl Future<Output = T>) -> T {
    let late = tokio::time::sleep(Duration::from_secs(3));
    tokio::select! {
        answer = answer => answer,
        () = late => panic!("it waits for the directory"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_hangs_holds_nothing_up() {
    let silent = FakeDirectory { silent: true, ..FakeDirectory::default() };
    let codes = soon(report(ledger(), &silent, request())).await.unwrap();
    assert!(codes.complete && !codes.directory_answered);
    let refused = soon(report(ledger(), &silent, restated())).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::Unavailable, "DIRECTORY_UNAVAILABLE".to_owned()));
    // The domains have all of their time, and half of it where the directory comes first.
    let slow = |late| FakeLedger { late: Duration::from_millis(late), ..ledger() };
    let report_of = async |late, directory: &FakeDirectory, asked| {
        report(slow(late), directory, asked).await.unwrap()
    };
    assert!(report_of(4_500, &silent, request()).await.complete);
    let late = FakeDirectory { late: Duration::from_millis(2_400), ..FakeDirectory::default() };
    assert!(report_of(2_400, &late, restated()).await.complete);
}

#[tokio::test]
async fn the_directory_is_asked_only_where_something_needs_it() {
    use ReportGrouping::{Category, Domain as ByDomain, Month, Organization, Region};

    let directory = FakeDirectory { refuses: Some(Code::Unavailable), ..Default::default() };
    let by = |groupings: &[ReportGrouping]| GetCostReductionReportRequest {
        group_by: groupings.iter().map(|by| (*by).into()).collect(),
        ..request()
    };
    let plain = by(&[ByDomain, Category, Month]);
    let report_of = async |asked| report(ledger(), &directory, asked).await.unwrap();
    let answered = report_of(plain.clone()).await.directory_answered;
    assert!(answered, "nothing of it is missing");
    assert!(directory.asked.lock().unwrap().is_empty());
    let heads = GetCostReductionReportRequest { head_count: HeadCount::OnPost.into(), ..plain };
    for (times, asked) in (1..).zip([heads, by(&[Region]), by(&[Month, Organization])]) {
        assert!(!report_of(asked).await.directory_answered);
        assert_eq!(directory.asked.lock().unwrap().len(), times);
    }
}

fn merger(from: impl IntoIterator<Item = String>, to: &str) -> Succession {
    let part = |predecessor| SuccessionPart {
        predecessor,
        successor: to.to_owned(),
        share_ppm: 1_000_000,
    };
    Succession {
        kind: SuccessionKind::Merger.into(),
        effective_on: "2013-01-01".to_owned(),
        parts: from.into_iter().map(part).collect(),
        ..Succession::default()
    }
}

#[tokio::test]
async fn all_pages_of_successions_are_read() {
    let directory = FakeDirectory {
        successions: vec![
            vec![merger(["L-1".to_owned()], "L-2")],
            vec![merger(["L-3".to_owned()], "L-2")],
        ],
        ..FakeDirectory::default()
    };
    let asked = Asked::default();
    let ledger = FakeLedger { asked: Arc::clone(&asked), ..ledger() };
    let report = report(ledger, &directory, restated()).await.unwrap();
    assert_eq!((report.succession_count, report.structure()), (2, ReportStructure::Restated));
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0].0.cell_organizations, ["L-1", "L-3"]);
    // What is asked for may come from anywhere.
    let names = directory.asked.lock().unwrap();
    assert!(names[0].0.regions.is_empty() && names[0].0.organizations.is_empty());
}

#[tokio::test]
async fn more_than_can_be_restated_at_once_is_refused() {
    let wide = |count: usize| FakeDirectory {
        successions: vec![vec![merger((0..count).map(|i| format!("L-{i}")), "L-X")]],
        ..FakeDirectory::default()
    };
    assert!(report(ledger(), &wide(1000), restated()).await.is_ok());
    let refused = report(ledger(), &wide(1001), restated()).await.unwrap_err();
    let expected = (Code::FailedPrecondition, "RESTATEMENT_TOO_WIDE".to_owned());
    assert_eq!(refusal(&refused), expected);
    // Who has no part in what is asked for does not count.
    let mut other = wide(1001);
    other.successions.push(vec![merger(["L-Y".to_owned()], "L-Z")]);
    other.rows =
        ["L-X", "L-Y", "L-Z"].map(|code| row(FiguresGrouping::Organization, code, "某局")).to_vec();
    let of = |code: &str| GetCostReductionReportRequest {
        organizations: vec![code.to_owned()],
        ..restated()
    };
    let asked = Asked::default();
    let ledger = FakeLedger { asked: Arc::clone(&asked), ..ledger() };
    assert!(report(ledger.clone(), &other, of("L-Z")).await.is_ok());
    assert_eq!(asked.lock().unwrap()[0].0.cell_organizations, ["L-Y"]);
    assert_eq!(refusal(&report(ledger, &other, of("L-X")).await.unwrap_err()), expected);
}

#[tokio::test]
async fn what_a_domain_cannot_have_said_is_no_answer() {
    let mut odd = ledger();
    let Mood::Answers(answer) = &mut odd.mood else { panic!("it answers") };
    answer.cells.push(steward_proto::ledger::v1::CostCell {
        organization: "L-1".to_owned(),
        region: "420502".to_owned(),
        month: "2013-13".to_owned(),
        ..Default::default()
    });
    let directory = FakeDirectory {
        successions: vec![vec![merger(["L-1".to_owned()], "L-2")]],
        ..FakeDirectory::default()
    };
    let report = report(odd, &directory, restated()).await.unwrap();
    assert_eq!(report.incomplete_reasons, ["energy did not answer: INTERNAL"]);
}
