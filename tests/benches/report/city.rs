//! The ledgers of a city, posted through the services in process: four domains of three categories,
//! an entry for each organization, month and category, and ten in some months.

use std::iter;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use steward_kernel::Month;
use steward_proto::directory::v1::figures_service_client::FiguresServiceClient;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::succession_service_client::SuccessionServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, Figures, Organization, OrganizationKind,
    RecordSuccessionRequest, SetFiguresRequest, Succession, SuccessionKind, SuccessionPart,
};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{DeclareReporterRequest, NewEntry, PostEntriesRequest};
use steward_tests::service::{As, Called, called};
use steward_tests::suite::Suite;
use tonic::Status;
use uuid::Uuid;

use super::codes;

/// Two periods, each from its first month until before another.
#[derive(Debug)]
pub(crate) struct Periods {
    pub(crate) current: (&'static str, &'static str),
    pub(crate) baseline: (&'static str, &'static str),
}

/// Half a year, an entry for each organization, month and category.
pub(crate) const HALF: Periods =
    Periods { current: ("2016-01", "2016-07"), baseline: ("2015-01", "2015-07") };
/// The same with ten entries for each.
pub(crate) const TENFOLD: Periods =
    Periods { current: ("2014-01", "2014-07"), baseline: ("2013-01", "2013-07") };
/// All years.
pub(crate) const FIVE: Periods =
    Periods { current: ("2012-01", "2017-01"), baseline: ("2007-01", "2012-01") };

const CATEGORIES: [(&str, [&str; 3]); 4] = [
    ("energy", ["electricity", "water", "natural_gas"]),
    ("fleet", ["vehicle_fuel", "vehicle_repair", "vehicle_toll_parking"]),
    ("maintenance", ["small_repair", "elevator_maintenance", "equipment_maintenance"]),
    ("property", ["rent", "property_management", "furniture_purchase"]),
];

/// The most that one request may hold.
const BATCH: usize = 1000;
/// So many calls at once to each domain.
const AT_ONCE: usize = 2;
/// One organization in so many is silent in a month.
const SILENT: i32 = 50;

/// One organization in so many became part of the next one.
const MERGED: usize = 20;

/// Fills the directory and all ledgers; how many entries were posted.
pub(crate) async fn fill(suite: &Suite) -> u64 {
    let organizations = codes::organizations();
    found(suite, &organizations).await.expect("all are founded");
    let posted = fill_ledgers(suite).await;
    merge(suite, &organizations).await.expect("some are merged");
    posted
}

/// Makes the organizations in the directory, with their staff.
async fn found(suite: &Suite, organizations: &[(String, &str)]) -> Result<(), Status> {
    let mut client = OrganizationServiceClient::new(called(&suite.gateway, As::default()));
    for (code, _) in organizations {
        let organization = Organization {
            code: code.clone(),
            name: format!("单位 {code}"),
            kind: OrganizationKind::AdministrativeOrgan.into(),
            level: AdministrativeLevel::County.into(),
            ..Organization::default()
        };
        let request = CreateOrganizationRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: Some(organization),
            accept_warnings: true,
            validate_only: false,
        };
        client.create_organization(request).await?;
    }
    let mut client = FiguresServiceClient::new(called(&suite.gateway, As::default()));
    for year in [2013, 2014, 2015, 2016] {
        for some in organizations.chunks(BATCH) {
            let of = |(code, _): &(String, &str)| Figures {
                organization: code.clone(),
                year,
                on_post: Some(20),
                ..Figures::default()
            };
            let figures = some.iter().map(of).collect();
            let request_id = Uuid::new_v4().to_string();
            client
                .set_figures(SetFiguresRequest { request_id, figures, ..Default::default() })
                .await?;
        }
    }
    Ok(())
}

/// Merges some organizations into others.
async fn merge(suite: &Suite, organizations: &[(String, &str)]) -> Result<(), Status> {
    let mut client = SuccessionServiceClient::new(called(&suite.gateway, As::default()));
    for pair in organizations.chunks_exact(MERGED) {
        let part = SuccessionPart {
            predecessor: pair[0].0.clone(),
            successor: pair[1].0.clone(),
            share_ppm: 1_000_000,
        };
        let succession = Succession {
            kind: SuccessionKind::Merger.into(),
            effective_on: "2017-01-01".to_owned(),
            parts: vec![part],
            ..Succession::default()
        };
        let request = RecordSuccessionRequest {
            request_id: Uuid::new_v4().to_string(),
            succession: Some(succession),
            validate_only: false,
        };
        client.record_succession(request).await?;
    }
    Ok(())
}

/// Fills all ledgers; how many entries were posted.
async fn fill_ledgers(suite: &Suite) -> u64 {
    let domains = CATEGORIES.map(|(domain, categories)| {
        let client = LedgerServiceClient::new(called(&suite.gateway, As::default().to(domain)));
        tokio::spawn(fill_domain(client, categories))
    });
    let mut posted = 0;
    for domain in domains {
        posted += domain.await.expect("no panic").expect("all is posted");
    }
    posted
}

async fn fill_domain(
    client: LedgerServiceClient<Called>,
    categories: [&'static str; 3],
) -> Result<u64, Status> {
    let organizations: Vec<_> = codes::organizations().into_iter().map(|(code, _)| code).collect();
    let declared = organizations.clone().into_iter().map(|organization| {
        let request = DeclareReporterRequest {
            request_id: Uuid::new_v4().to_string(),
            organization,
            from_month: FIVE.baseline.0.to_owned(),
            ..DeclareReporterRequest::default()
        };
        let mut client = client.clone();
        async move { client.declare_reporter(request).await }
    });
    stream::iter(declared).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    let posted = stream::iter(batches(&organizations, categories)).map(|entries| {
        let mut client = client.clone();
        let request_id = Uuid::new_v4().to_string();
        let request = PostEntriesRequest { request_id, entries, ..PostEntriesRequest::default() };
        async move { client.post_entries(request).await }
    });
    let posted = posted.buffer_unordered(AT_ONCE).map_ok(|answer| answer.into_inner().posted_count);
    posted.try_fold(0, async |sum, posted| Ok(sum + u64::from(posted.unsigned_abs()))).await
}

/// All entries of a domain, month by month.
fn batches(
    organizations: &[String],
    categories: [&'static str; 3],
) -> impl Iterator<Item = Vec<NewEntry>> {
    let mut entries = months(FIVE.baseline.0, FIVE.current.1).flat_map(move |month| {
        let speaks = move |place: &usize| {
            let place = i32::try_from(*place).expect("a small number");
            (place + month.ordinal()) % SILENT != 0
        };
        let speaking = (0..organizations.len()).filter(speaks);
        speaking.flat_map(move |place| {
            categories.into_iter().flat_map(move |category| {
                (0..copies(month))
                    .map(move |copy| entry(&organizations[place], month, category, copy, place))
            })
        })
    });
    iter::from_fn(move || {
        let batch: Vec<_> = entries.by_ref().take(BATCH).collect();
        (!batch.is_empty()).then_some(batch)
    })
}

fn months(from: &str, until: &str) -> impl Iterator<Item = Month> {
    let month = |text: &str| text.parse::<Month>().expect("a month");
    let (from, until) = (month(from), month(until));
    iter::successors(Some(from), |month| Some(month.next())).take_while(move |month| *month < until)
}

/// How many entries an organization, month and category have.
fn copies(month: Month) -> usize {
    let tenfold = [TENFOLD.current, TENFOLD.baseline];
    let within = tenfold.iter().any(|(from, until)| months(from, until).any(|it| it == month));
    if within { 10 } else { 1 }
}

fn entry(organization: &str, month: Month, category: &str, copy: usize, place: usize) -> NewEntry {
    NewEntry {
        organization: organization.to_owned(),
        category: category.to_owned(),
        occurred_on: format!("{month}-{:02}", 1 + place % 28),
        amount_fen: 10_000 + i64::try_from(place * 37 + copy).expect("a small number"),
        document_no: format!("{month}-{category}-{copy}"),
        ..NewEntry::default()
    }
}
