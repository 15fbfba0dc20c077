//! What the ledger does with what was followed.

use steward_chassis::backend::Backend;
use steward_chassis::service::Started;
use steward_proto::directory::v1::Organization;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{
    CloseMonthRequest, Coverage, DeclareReporterRequest, Grouping, NewEntry, PostEntriesRequest,
    PostEntriesResponse, PostOutcome, SummarizeCostsRequest, SummarizeCostsResponse, View,
};
use steward_proto::types::v1::MonthPeriod;
use steward_tests::service::{As, Called, called, open_runtime, test_clock};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::directory::{Directory, organization};
use super::{MIGRATIONS, SPEC, followed, service};

both!(
    MIGRATIONS,
    a_local_key_can_be_booked_once_it_is_followed,
    who_was_not_there_is_a_warning,
    who_ended_is_not_expected_any_more,
    closed_months_keep_who_was_expected,
    a_local_region_is_one_of_the_city,
    what_moves_keeps_what_was_booked,
);

const GONE: &str = "11420502000000027D";
const THERE: &str = "11420500000000019M";

struct World {
    db: TestDb,
    directory: Directory,
    started: Started,
    ledger: LedgerServiceClient<Called>,
}

impl World {
    /// It is 2017-06-15.
    async fn new(db: TestDb) -> Self {
        let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
        let started = service(&db, &runtime).await;
        started.follow(SPEC, directory.source(&runtime).await);
        let backend = Backend::Local(started.routes.clone());
        Self {
            db,
            directory,
            started,
            ledger: LedgerServiceClient::new(called(&backend, As::default())),
        }
    }

    /// Waits until everything that was told is known.
    async fn followed(&self) {
        followed(self.db.db(), self.directory.head().await).await;
    }

    async fn tells(&self, organization: Organization) {
        self.directory.organization(organization).await;
        self.followed().await;
    }

    async fn ends(&self, ended_on: &str) {
        let ended_on = ended_on.to_owned();
        self.tells(Organization { ended_on, ..organization(GONE, "420502") }).await;
    }

    async fn post(&mut self, entries: Vec<NewEntry>) -> Result<PostEntriesResponse, Status> {
        self.ledger.post_entries(posting(entries)).await.map(tonic::Response::into_inner)
    }

    async fn declare(&mut self, code: &str, from: &str) {
        let request = DeclareReporterRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: code.to_owned(),
            from_month: from.to_owned(),
            ..DeclareReporterRequest::default()
        };
        self.ledger.declare_reporter(request).await.unwrap();
    }

    async fn close(&mut self, region: &str, month: &str) -> Result<(), Status> {
        let request = CloseMonthRequest {
            request_id: Uuid::new_v4().to_string(),
            region: region.to_owned(),
            month: month.to_owned(),
            validate_only: false,
        };
        self.ledger.close_month(request).await.map(|_| ())
    }

    async fn sum(&mut self, request: SummarizeCostsRequest) -> SummarizeCostsResponse {
        self.ledger.summarize_costs(request).await.unwrap().into_inner()
    }

    /// Who is missing from January to May, by month and organization; the same in both views.
    async fn missing(&mut self) -> Vec<(String, String)> {
        let mut seen: Vec<Coverage> = Vec::new();
        for view in [View::User, View::Payer] {
            let request = SummarizeCostsRequest { view: view.into(), ..of("2017-01", "2017-06") };
            let answer = self.sum(request).await;
            let coverage = answer.current_coverage.unwrap();
            let row = answer.rows.iter().find(|row| row.grouping() == Grouping::Organization);
            let in_row = row.map_or(0, |row| row.current_missing_count);
            let of_it = coverage.missing_reports.iter().filter(|m| m.organization == GONE).count();
            assert_eq!(usize::try_from(in_row).unwrap(), of_it);
            seen.push(coverage);
        }
        assert_eq!(seen[0], seen[1]);
        let missing = seen.remove(0).missing_reports;
        missing.into_iter().map(|missing| (missing.month, missing.organization)).collect()
    }
}

fn of(from: &str, until: &str) -> SummarizeCostsRequest {
    let current = MonthPeriod { from_month: from.to_owned(), until_month: until.to_owned() };
    SummarizeCostsRequest {
        current: Some(current),
        group_by: vec![Grouping::Organization.into()],
        ..SummarizeCostsRequest::default()
    }
}

fn entry(organization: &str, on: &str, document_no: &str) -> NewEntry {
    NewEntry {
        organization: organization.to_owned(),
        category: "electricity".to_owned(),
        occurred_on: on.to_owned(),
        amount_fen: 100,
        document_no: document_no.to_owned(),
        ..NewEntry::default()
    }
}

fn posting(entries: Vec<NewEntry>) -> PostEntriesRequest {
    let request_id = Uuid::new_v4().to_string();
    PostEntriesRequest { request_id, entries, ..PostEntriesRequest::default() }
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().unwrap().reason)
}

async fn a_local_key_can_be_booked_once_it_is_followed(db: TestDb) {
    let mut world = World::new(db).await;
    let error = world.post(vec![entry("L-1", "2017-05-01", "1")]).await.unwrap_err();
    assert_eq!(reason(&error), (Code::InvalidArgument, "ORGANIZATION_UNKNOWN".to_owned()));
    assert!(error.message().contains("known in a moment"), "{error}");
    world.tells(organization("L-1", "420500-01")).await;
    let answer = world.post(vec![entry("L-1", "2017-05-01", "1")]).await.unwrap();
    assert_eq!(answer.posted_count, 1);
    world.declare("L-1", "2017-01").await;
    let answer = world.sum(of("2017-05", "2017-06")).await;
    assert_eq!(answer.counted_regions, ["420500-01"]);
    world.started.drain().await;
}

async fn who_was_not_there_is_a_warning(db: TestDb) {
    let mut world = World::new(db).await;
    let lived = Organization {
        established_on: "2016-05-10".to_owned(),
        ended_on: "2017-04-01".to_owned(),
        ..organization(GONE, "420502")
    };
    world.tells(lived).await;
    let inside = vec![entry(GONE, "2016-05-10", "1"), entry(GONE, "2017-03-31", "2")];
    assert_eq!(world.post(inside).await.unwrap().posted_count, 2);
    let paid = |by: &str, on| NewEntry { paid_by: by.to_owned(), ..entry(THERE, on, "3") };
    for (outside, field) in [
        (entry(GONE, "2016-05-09", "3"), "entries[0].organization"),
        (entry(GONE, "2017-04-01", "3"), "entries[0].organization"),
        (paid(GONE, "2017-06-01"), "entries[0].paid_by"),
    ] {
        let error = world.post(vec![outside.clone()]).await.unwrap_err();
        assert_eq!(reason(&error), (Code::InvalidArgument, "ORGANIZATION_NOT_THERE".to_owned()));
        let details = error.get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, field);
        assert!(error.message().contains("accept_warnings"), "{error}");
        let checked = PostEntriesRequest { validate_only: true, ..posting(vec![outside]) };
        let checked = world.ledger.post_entries(checked).await.unwrap().into_inner();
        assert_eq!(checked.results[0].outcome(), PostOutcome::Refused);
    }
    // What was paid counts all the same.
    let late = vec![entry(GONE, "2017-04-01", "4"), entry(GONE, "2016-05-09", "5")];
    let accepted = PostEntriesRequest { accept_warnings: true, ..posting(late) };
    let answer = world.ledger.post_entries(accepted).await.unwrap().into_inner();
    assert_eq!(answer.posted_count, 2);
    let answer = world.sum(of("2017-04", "2017-05")).await;
    assert_eq!(answer.rows[0].current.unwrap().running_fen, 100);
    world.started.drain().await;
}

async fn who_ended_is_not_expected_any_more(db: TestDb) {
    let mut world = World::new(db).await;
    world.declare(GONE, "2017-01").await;
    let months = |all: &[u32]| -> Vec<(String, String)> {
        all.iter().map(|month| (format!("2017-{month:02}"), GONE.to_owned())).collect()
    };
    assert_eq!(world.missing().await, months(&[1, 2, 3, 4, 5]));
    world.ends("2017-04-01").await;
    assert_eq!(world.missing().await, months(&[1, 2, 3]));
    world.ends("2017-04-02").await;
    assert_eq!(world.missing().await, months(&[1, 2, 3, 4]));
    // What is declared later ends there too, and what was declared is not forgotten.
    world.declare(GONE, "2017-03").await;
    assert_eq!(world.missing().await, months(&[1, 2, 3, 4]));
    world.ends("2016-06-01").await;
    assert_eq!(world.missing().await, []);
    world.ends("").await;
    assert_eq!(world.missing().await, months(&[1, 2, 3, 4, 5]));
    // The other way round: it ended first.
    world.ends("2017-02-01").await;
    world.declare(GONE, "2017-01").await;
    assert_eq!(world.missing().await, months(&[1]));
    world.started.drain().await;
}

async fn closed_months_keep_who_was_expected(db: TestDb) {
    let mut world = World::new(db).await;
    world.declare(GONE, "2017-01").await;
    world.close("420502", "2017-02").await.unwrap();
    let request =
        || SummarizeCostsRequest { regions: vec!["420502".to_owned()], ..of("2017-01", "2017-03") };
    let unread = |answer: SummarizeCostsResponse| SummarizeCostsResponse {
        read_time: None,
        revision: String::new(),
        ..answer
    };
    let closed = unread(world.sum(request()).await);
    assert!(closed.closed);
    let months = |all: &[u32]| -> Vec<(String, String)> {
        all.iter().map(|month| (format!("2017-{month:02}"), GONE.to_owned())).collect()
    };
    world.ends("2017-01-01").await;
    assert_eq!(world.missing().await, months(&[1, 2]));
    world.close("420502", "2017-03").await.unwrap();
    world.close("420502", "2017-04").await.unwrap();
    // It was not expected when they were closed.
    world.ends("").await;
    assert_eq!(world.missing().await, months(&[1, 2, 5]));
    assert_eq!(unread(world.sum(request()).await), closed);
    world.started.drain().await;
}

async fn a_local_region_is_one_of_the_city(db: TestDb) {
    let mut world = World::new(db).await;
    let error = world.close("420500-01", "2017-01").await.unwrap_err();
    assert_eq!(reason(&error), (Code::InvalidArgument, "REGION_UNKNOWN".to_owned()));
    world.close("420500", "2017-01").await.unwrap();
    let request = || SummarizeCostsRequest {
        regions: vec!["420500*".to_owned()],
        ..of("2017-01", "2017-02")
    };
    assert!(world.sum(request()).await.closed);
    world.directory.region("420500-01", "高新区").await;
    world.followed().await;
    assert!(!world.sum(request()).await.closed, "its first entry can come");
    world.close("420500-01", "2017-01").await.unwrap();
    assert!(world.sum(request()).await.closed);
    world.started.drain().await;
}

async fn what_moves_keeps_what_was_booked(db: TestDb) {
    let mut world = World::new(db).await;
    world.post(vec![entry(GONE, "2017-03-31", "1")]).await.unwrap();
    world.tells(organization(GONE, "420506")).await;
    world.post(vec![entry(GONE, "2017-04-30", "2")]).await.unwrap();
    let of_region = |region: &str| SummarizeCostsRequest {
        regions: vec![region.to_owned()],
        group_by: vec![Grouping::Month.into()],
        ..of("2017-01", "2017-06")
    };
    for (region, month) in [("420502", "2017-03"), ("420506", "2017-04")] {
        let rows = world.sum(of_region(region)).await.rows;
        let rows: Vec<_> = rows.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(rows, [month], "{region}");
    }
    world.started.drain().await;
}
