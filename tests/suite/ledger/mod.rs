//! The ledger, from a client, on both databases.

mod bounds;
mod budget;
mod catalogue;
mod cells;
mod closed;
mod coverage;
mod entry;
mod faults;
mod interleaving;
mod migrations;
mod month;
mod moved;
mod posting;
mod random;
mod scope;
mod summary;
pub(crate) mod sums;

use std::sync::Arc;

use steward_chassis::Spec;
use steward_chassis::backend::Backend;
use steward_db::Db;
use steward_kernel::{OrganizationCode, TestClock};
use steward_ledger::{Hooks, SERVICE_NAME};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{
    CloseMonthRequest, Grouping, NewEntry, PostEntriesRequest, PostEntriesResponse, PostOutcome,
    PostResult, ReverseEntryRequest, SummarizeCostsRequest, SummarizeCostsResponse,
};
use steward_proto::types::v1::MonthPeriod;
use steward_tests::TestDb;
use steward_tests::service::{As, Called, called, open_runtime, start, test_clock};
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

const MIGRATIONS: &[steward_db::Migrations] =
    &[steward_chassis::MIGRATIONS, steward_ledger::MIGRATIONS];

/// A domain with a category of each nature.
const CATALOGUE: &str = r#"
    category = [
        { code = "fuel", name = "燃油费", name_en = "Fuel", nature = "running", unit = "litre" },
        { code = "rent", name = "租金", name_en = "Rent", nature = "running" },
        { code = "car", name = "购车", name_en = "Car", nature = "capital", unit = "piece" },
        { code = "sale", name = "处置收入", name_en = "Sale", nature = "revenue" },
    ]
"#;

static SPEC: Spec = Spec {
    name: "fleet",
    services: &[&[SERVICE_NAME]],
    migrations: MIGRATIONS,
    routes,
    follow: Some(steward_ledger::follow),
    prepare: None,
    sweeps: &[],
};

fn routes(db: Db) -> steward_chassis::Result<Routes> {
    Ok(Routes::new(steward_ledger::service(db, CATALOGUE, Hooks::default())?))
}

type Client = LedgerServiceClient<Called>;

/// A ledger on the database of a test, where everybody may do everything; it is 2017-06-15.
async fn ledger(db: &TestDb) -> Client {
    ledger_at(db, &test_clock()).await
}

async fn ledger_at(db: &TestDb, clock: &Arc<TestClock>) -> Client {
    let started = start(&SPEC, db, &open_runtime(clock)).await;
    Client::new(called(&Backend::Local(started.routes), As::default()))
}

fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// The code of an organization, with its check character.
fn organization(region: &str, number: u32) -> String {
    let body = format!("11{region}{number:09}");
    let codes = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars();
    let mut codes = codes.map(|check| format!("{body}{check}"));
    codes.find(|code| OrganizationCode::parse(code).unwrap().check_character_ok()).unwrap()
}

/// The city's own bureau.
fn bureau() -> String {
    organization("420500", 1)
}

/// An entry for fuel.
fn fuel(organization: &str, occurred_on: &str, amount_fen: i64, document_no: &str) -> NewEntry {
    NewEntry {
        organization: organization.to_owned(),
        category: "fuel".to_owned(),
        occurred_on: occurred_on.to_owned(),
        amount_fen,
        document_no: document_no.to_owned(),
        ..NewEntry::default()
    }
}

/// An entry for rent of a service period.
fn rent(organization: &str, on: &str, amount_fen: i64, service: (&str, &str)) -> NewEntry {
    NewEntry {
        category: "rent".to_owned(),
        service_from: service.0.to_owned(),
        service_until: service.1.to_owned(),
        ..fuel(organization, on, amount_fen, "rent")
    }
}

fn posting(entries: Vec<NewEntry>) -> PostEntriesRequest {
    PostEntriesRequest { request_id: request_id(), entries, ..PostEntriesRequest::default() }
}

async fn post(client: &mut Client, entries: Vec<NewEntry>) -> Result<PostEntriesResponse, Status> {
    let answer = client.post_entries(posting(entries)).await?;
    Ok(answer.into_inner())
}

/// Posts what must be posted, and answers the ids.
async fn posted(client: &mut Client, entries: Vec<NewEntry>) -> Vec<String> {
    let answer = post(client, entries).await.unwrap();
    let all = answer.results.into_iter();
    all.map(|result| {
        assert_eq!(result.outcome(), PostOutcome::Posted);
        result.entry_id
    })
    .collect()
}

fn outcomes(answer: &PostEntriesResponse) -> Vec<PostOutcome> {
    answer.results.iter().map(PostResult::outcome).collect()
}

fn reversing(id: &str) -> ReverseEntryRequest {
    ReverseEntryRequest {
        request_id: request_id(),
        entry_id: id.to_owned(),
        reason: "错账".to_owned(),
        validate_only: false,
    }
}

fn closing(region: &str, month: &str) -> CloseMonthRequest {
    CloseMonthRequest {
        request_id: request_id(),
        region: region.to_owned(),
        month: month.to_owned(),
        validate_only: false,
    }
}

async fn close(client: &mut Client, region: &str, month: &str) {
    client.close_month(closing(region, month)).await.unwrap();
}

fn period(from: &str, until: &str) -> MonthPeriod {
    MonthPeriod { from_month: from.to_owned(), until_month: until.to_owned() }
}

/// Asks for everything of a period and the year before, by every grouping.
fn summing(from: &str, until: &str) -> SummarizeCostsRequest {
    let all = [Grouping::Category, Grouping::Region, Grouping::Organization, Grouping::Month];
    SummarizeCostsRequest {
        current: Some(period(from, until)),
        group_by: all.map(i32::from).to_vec(),
        ..SummarizeCostsRequest::default()
    }
}

async fn sum(client: &mut Client, request: SummarizeCostsRequest) -> SummarizeCostsResponse {
    client.summarize_costs(request).await.unwrap().into_inner()
}

/// A row as grouping, key, and the expenditure of both periods.
fn rows(answer: &SummarizeCostsResponse, grouping: Grouping) -> Vec<(String, i64, i64)> {
    let cost = |cost: &Option<steward_proto::ledger::v1::PeriodCost>| {
        let cost = cost.unwrap();
        cost.running_fen + cost.capital_fen
    };
    let rows = answer.rows.iter().filter(|row| row.grouping() == grouping);
    rows.map(|row| (row.key.clone(), cost(&row.current), cost(&row.baseline))).collect()
}

/// How many rows a table has.
async fn count(db: &TestDb, table: &'static str) -> i64 {
    let mut tx = db.db().read().await.unwrap();
    let sql = tx.sql("SELECT COUNT(*) FROM ").text(table);
    sql.one::<(i64,)>().await.unwrap().0
}

/// The code and the reason of a refusal.
fn refusal(status: &Status) -> (Code, String) {
    let info = status.get_details_error_info();
    (status.code(), info.map(|info| info.reason).unwrap_or_default())
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    refusal(&answer.unwrap_err())
}
