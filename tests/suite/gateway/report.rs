//! The cost-reduction report from domains that answer, refuse, or never say a word.

use std::time::Duration;

use steward_proto::report::v1::report_service_client::ReportServiceClient;
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, ReportGrouping,
};
use steward_proto::types::v1::MonthPeriod;
use tokio::sync::Barrier;
use tokio::time::Instant;
use tonic::Request;
use tonic_types::StatusExt;

use super::ledger::{Asked, FakeLedger, Mood};
use super::*;

/// The first half of 2013 by domain.
fn ask() -> GetCostReductionReportRequest {
    GetCostReductionReportRequest {
        period: Some(MonthPeriod {
            from_month: "2013-01".to_owned(),
            until_month: "2013-07".to_owned(),
        }),
        ..GetCostReductionReportRequest::default()
    }
}

/// What the gateway over these domains says.
async fn report(
    domains: BTreeMap<Domain, Backend>,
    request: impl tonic::IntoRequest<GetCostReductionReportRequest>,
) -> Result<CostReductionReport, Status> {
    let mut client = ReportServiceClient::new(started(domains).await);
    Ok(client.get_cost_reduction_report(request).await?.into_inner().report.unwrap())
}

fn silent() -> Backend {
    FakeLedger::new(Mood::Silent).backend()
}

fn refusing(code: Code, message: &'static str) -> Backend {
    FakeLedger::new(Mood::Refuses(code, message)).backend()
}

/// Three domains that answer, and `fleet`.
fn and_fleet(fleet: Backend) -> BTreeMap<Domain, Backend> {
    [
        (Domain::Energy, FakeLedger::paying(100, 200).backend()),
        (Domain::Fleet, fleet),
        (Domain::Maintenance, FakeLedger::paying(10, 20).backend()),
        (Domain::Property, FakeLedger::paying(1, 2).backend()),
    ]
    .into()
}

/// The report lacks fleet, says so, and shows no total as complete.
fn assert_without_fleet(report: &CostReductionReport, failure: &str) {
    assert!(!report.complete);
    assert_eq!(report.incomplete_reasons, [format!("fleet did not answer: {failure}")]);
    let parts: Vec<_> = report.parts.iter().map(|p| (p.domain.as_str(), p.answered)).collect();
    let expected = [("energy", true), ("fleet", false), ("maintenance", true), ("property", true)];
    assert_eq!(parts, expected);
    assert_eq!(report.parts[1].failure, failure);
    let total = report.total.unwrap();
    assert_eq!((total.current_fen, total.baseline_fen), (111, 222));
    assert!(total.incomplete);
    assert_eq!((total.change_fen, total.change_bp), (None, None));
    let changes: Vec<_> =
        report.rows.iter().map(|row| (row.key.as_str(), row.total.unwrap().change_fen)).collect();
    let expected = [
        ("energy", Some(-100)),
        ("fleet", None),
        ("maintenance", Some(-10)),
        ("property", Some(-1)),
    ];
    assert_eq!(changes, expected);
}

#[tokio::test]
async fn all_domains_are_asked_at_once_with_the_callers_token() {
    let asked = Asked::default();
    let together = Arc::new(Barrier::new(4));
    let domains = Domain::ALL.map(|domain| {
        let mut ledger = FakeLedger::paying(75, 100);
        ledger.asked = Arc::clone(&asked);
        // None answers before all are asked.
        ledger.together = Some(Arc::clone(&together));
        (domain, ledger.backend())
    });
    let mut request = Request::new(ask());
    request.metadata_mut().insert("authorization", "Bearer of.the.caller".parse().unwrap());
    let report = report(domains.into(), request).await.unwrap();
    assert!(report.complete);
    let total = report.total.unwrap();
    assert_eq!((total.current_fen, total.baseline_fen), (300, 400));
    assert_eq!((total.change_fen, total.change_bp), (Some(-100), Some(-2_500)));
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 4);
    for (request, metadata) in asked.iter() {
        assert_eq!(metadata.get("authorization").unwrap(), "Bearer of.the.caller");
        assert_eq!(request.baseline.as_ref().unwrap().from_month, "2012-01");
        assert_eq!(request.baseline.as_ref().unwrap().until_month, "2012-07");
        assert!(request.group_by.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_never_answers_is_named_in_time() {
    let begun = Instant::now();
    let report = report(and_fleet(silent()), ask()).await.unwrap();
    assert!(begun.elapsed() <= Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_without_fleet(&report, "DEADLINE_EXCEEDED");
}

#[tokio::test(start_paused = true)]
async fn the_report_comes_before_the_caller_stops_waiting() {
    let begun = Instant::now();
    let mut request = Request::new(ask());
    request.set_timeout(Duration::from_secs(1));
    let report = report(and_fleet(silent()), request).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_without_fleet(&report, "DEADLINE_EXCEEDED");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_must_be_complete_fails() {
    let request = GetCostReductionReportRequest { require_complete: true, ..ask() };
    let refused = report(and_fleet(silent()), request.clone()).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::Unavailable, "REPORT_INCOMPLETE".to_owned()));
    assert!(refused.message().contains("fleet did not answer: DEADLINE_EXCEEDED"));
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(info.metadata["domains"], "fleet");
    assert_eq!(info.metadata["reasons"], "fleet did not answer: DEADLINE_EXCEEDED");
    let fleet = FakeLedger::paying(1, 1).backend();
    assert!(report(and_fleet(fleet), request).await.unwrap().complete);
}

#[tokio::test]
async fn a_domain_that_is_not_there_is_named() {
    let report = report(and_fleet(dead().await), ask()).await.unwrap();
    assert_without_fleet(&report, "UNAVAILABLE");
}

#[tokio::test]
async fn every_failure_has_its_code() {
    for (code, failure) in [
        (Code::Unavailable, "UNAVAILABLE"),
        (Code::ResourceExhausted, "UNAVAILABLE"),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
        (Code::PermissionDenied, "PERMISSION_DENIED"),
        // The region or organization that is named lies outside the caller's grants there.
        (Code::NotFound, "PERMISSION_DENIED"),
        (Code::Internal, "INTERNAL"),
        (Code::Unimplemented, "INTERNAL"),
    ] {
        let report = report(and_fleet(refusing(code, "no")), ask()).await.unwrap();
        assert_without_fleet(&report, failure);
    }
}

#[tokio::test]
async fn an_answer_without_sums_is_no_answer() {
    let empty = FakeLedger::new(Mood::Answers(Box::default())).backend();
    assert_without_fleet(&report(and_fleet(empty), ask()).await.unwrap(), "INTERNAL");
}

#[tokio::test]
async fn what_no_domain_finds_is_not_found() {
    let nowhere = || refusing(Code::NotFound, "region 420502 is not found");
    let domains = [(Domain::Energy, nowhere()), (Domain::Fleet, nowhere())];
    let refused = report(domains.into(), ask()).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::NotFound, "region 420502 is not found"));
}

#[tokio::test]
async fn what_a_domain_calls_faulty_is_refused() {
    let faulty = refusing(Code::InvalidArgument, "regions[0]: odd");
    let refused = report(and_fleet(faulty), ask()).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::InvalidArgument, "regions[0]: odd"));
}

#[tokio::test]
async fn every_faulty_field_is_named_before_a_domain_is_asked() {
    let asked = Asked::default();
    let mut fleet = FakeLedger::paying(1, 1);
    fleet.asked = Arc::clone(&asked);
    let month = |from: &str, until: &str| {
        Some(MonthPeriod { from_month: from.to_owned(), until_month: until.to_owned() })
    };
    let request = GetCostReductionReportRequest {
        baseline: month("2012-01", "2012-06"),
        regions: vec!["4205".to_owned()],
        organizations: vec!["x".to_owned()],
        group_by: vec![1, 0, 1, 9],
        basis: 7,
        ..ask()
    };
    let refused = report(and_fleet(fleet.backend()), request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let faults = refused.get_details_bad_request().unwrap().field_violations;
    let mut fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    fields.sort_unstable();
    let expected = [
        "baseline",
        "basis",
        "group_by[1]",
        "group_by[2]",
        "group_by[3]",
        "organizations[0]",
        "regions[0]",
    ];
    assert_eq!(fields, expected);
    assert!(asked.lock().unwrap().is_empty());

    let nothing = GetCostReductionReportRequest::default();
    let refused = report(and_fleet(silent()), nothing).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "REQUIRED".to_owned()));
}

#[tokio::test]
async fn categories_have_their_names() {
    let mut energy = FakeLedger::with_category("electricity");
    let Mood::Answers(answer) = &mut energy.mood else { panic!("it answers") };
    answer.rows.push(steward_proto::ledger::v1::CostRow {
        grouping: steward_proto::ledger::v1::Grouping::Category.into(),
        key: "electricity".to_owned(),
        ..Default::default()
    });
    let request =
        GetCostReductionReportRequest { group_by: vec![ReportGrouping::Category.into()], ..ask() };
    let report = report([(Domain::Energy, energy.backend())].into(), request).await.unwrap();
    let rows: Vec<_> =
        report.rows.iter().map(|row| (row.key.as_str(), row.label.as_str())).collect();
    assert_eq!(rows, [("energy/electricity", "名称")]);
}
