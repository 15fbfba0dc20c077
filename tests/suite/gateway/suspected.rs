//! Payments that may have been booked in two domains: listed by page, and in the report.

use steward_proto::ledger::v1::DocumentKey;
use steward_proto::report::v1::report_service_client::ReportServiceClient;
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, ListSuspectedDuplicatesRequest,
};
use steward_proto::types::v1::MonthPeriod;

use super::ledger::{FakeLedger, Mood};
use super::*;

fn period() -> MonthPeriod {
    MonthPeriod { from_month: "2013-01".to_owned(), until_month: "2013-07".to_owned() }
}

/// Documents of one organization and amount.
fn keys(numbers: impl IntoIterator<Item = usize>) -> Vec<DocumentKey> {
    let key = |number: usize| DocumentKey {
        organization: "L-1".to_owned(),
        document_no: format!("{number:04}"),
        amount_fen: 100,
        ..DocumentKey::default()
    };
    numbers.into_iter().map(key).collect()
}

fn holding(keys: &[DocumentKey]) -> FakeLedger {
    let mut ledger = FakeLedger::paying(1, 1);
    ledger.keys = keys.chunks(7).map(<[DocumentKey]>::to_vec).collect();
    ledger
}

/// Even documents in one domain, every third in another: every sixth is suspected.
fn sixths(until: usize) -> BTreeMap<Domain, Backend> {
    [
        (Domain::Energy, holding(&keys((0..until).step_by(2))).backend()),
        (Domain::Fleet, FakeLedger::paying(1, 1).backend()),
        (Domain::Property, holding(&keys((0..until).step_by(3))).backend()),
    ]
    .into()
}

async fn report(domains: BTreeMap<Domain, Backend>) -> CostReductionReport {
    let request = GetCostReductionReportRequest {
        period: Some(period()),
        include_suspected_duplicates: true,
        ..GetCostReductionReportRequest::default()
    };
    let mut client = ReportServiceClient::new(started(domains).await);
    let answer = client.get_cost_reduction_report(request).await.unwrap();
    answer.into_inner().report.unwrap()
}

#[tokio::test]
async fn pages_go_on_where_the_one_before_ended() {
    let mut client = ReportServiceClient::new(started(sixths(100)).await);
    let mut request = ListSuspectedDuplicatesRequest {
        period: Some(period()),
        page_size: 5,
        ..ListSuspectedDuplicatesRequest::default()
    };
    let mut pages = Vec::new();
    let mut documents = Vec::new();
    loop {
        let page = client.list_suspected_duplicates(request.clone()).await.unwrap().into_inner();
        pages.push(page.suspected_duplicates.len());
        for found in page.suspected_duplicates {
            let domains: Vec<_> = found.entries.iter().map(|e| e.domain.as_str()).collect();
            assert_eq!(domains, ["energy", "property"]);
            documents.push(found.document_no.parse::<usize>().unwrap());
        }
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(pages, [5, 5, 5, 2]);
    assert_eq!(documents, (0..100).step_by(6).collect::<Vec<_>>());

    request.regions = vec!["4205*".to_owned()];
    let refused = client.list_suspected_duplicates(request).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned()));
}

#[tokio::test]
async fn a_page_needs_every_domain() {
    let list = async |domains: BTreeMap<Domain, Backend>| {
        let request = ListSuspectedDuplicatesRequest {
            period: Some(period()),
            ..ListSuspectedDuplicatesRequest::default()
        };
        let mut client = ReportServiceClient::new(started(domains).await);
        refusal(&client.list_suspected_duplicates(request).await.unwrap_err())
    };
    let mut domains = sixths(100);
    domains.insert(Domain::Maintenance, dead().await);
    assert_eq!(list(domains).await, (Code::Unavailable, "DOMAIN_UNAVAILABLE".to_owned()));
    let mut domains = sixths(100);
    let nowhere = FakeLedger::new(Mood::Refuses(Code::NotFound, "region 420502 is not found"));
    domains.insert(Domain::Maintenance, nowhere.backend());
    assert_eq!(list(domains).await.0, Code::NotFound);
}

#[tokio::test]
async fn the_report_lists_a_hundred_and_says_that_there_are_more() {
    let few = report(sixths(100)).await;
    assert!(few.complete && few.suspected_duplicates_checked);
    assert_eq!((few.suspected_duplicates.len(), few.suspected_duplicates_truncated), (17, false));
    let exactly = report(sixths(600)).await;
    let shown = (exactly.suspected_duplicates.len(), exactly.suspected_duplicates_truncated);
    assert_eq!(shown, (100, false));
    let many = report(sixths(1_000)).await;
    assert!(many.suspected_duplicates_checked);
    assert_eq!((many.suspected_duplicates.len(), many.suspected_duplicates_truncated), (100, true));
}

#[tokio::test]
async fn the_limit_holds_for_both_periods_together() {
    // Every document of the baseline is in two domains.
    let both = async |current: usize, baseline: usize| {
        let mut domains = BTreeMap::new();
        for domain in [Domain::Energy, Domain::Property] {
            let mut ledger = holding(&keys(0..current));
            ledger.baseline_keys = vec![keys(0..baseline)];
            domains.insert(domain, ledger.backend());
        }
        let report = report(domains).await;
        assert!(report.suspected_duplicates_checked);
        let found = report.suspected_duplicates;
        assert!(found.is_sorted_by_key(|found| found.in_baseline), "the current ones come first");
        let in_baseline = found.iter().filter(|found| found.in_baseline).count();
        (found.len() - in_baseline, in_baseline, report.suspected_duplicates_truncated)
    };
    assert_eq!(both(0, 3).await, (0, 3, false));
    assert_eq!(both(60, 40).await, (60, 40, false));
    assert_eq!(both(60, 41).await, (60, 40, true));
    assert_eq!(both(101, 1).await, (100, 0, true));
}

#[tokio::test(start_paused = true)]
async fn a_search_that_does_not_end_in_time_is_not_called_checked() {
    let mut hanging = holding(&keys([0, 6]));
    hanging.keys_hang = true;
    let mut domains = sixths(100);
    domains.insert(Domain::Fleet, hanging.backend());
    let report = report(domains).await;
    assert!(report.complete, "the sums are all there");
    assert!(!report.suspected_duplicates_checked);
    let found: Vec<_> = report.suspected_duplicates.iter().map(|d| d.entries.len()).collect();
    assert_eq!(found[..2], [3, 3], "what was found until then is told");
}

#[tokio::test]
async fn keys_out_of_order_are_a_failure_not_a_silent_miss() {
    let mut domains = sixths(100);
    let backwards = holding(&keys([6, 0]));
    domains.insert(Domain::Fleet, backwards.backend());
    assert!(!report(domains).await.suspected_duplicates_checked);
}
