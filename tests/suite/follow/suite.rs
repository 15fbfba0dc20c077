//! The domains follow the real directory, with everything between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use steward_db::Db;
use steward_kernel::{Clock as _, TestClock};
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_proto::directory::v1::succession_service_client::SuccessionServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, CreateRegionRequest, Organization,
    OrganizationKind, RecordSuccessionRequest, Region, Succession, SuccessionKind, SuccessionPart,
};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{DeclareReporterRequest, NewEntry, PostEntriesRequest};
use steward_proto::report::v1::GetCostReductionReportRequest;
use steward_proto::report::v1::report_service_client::ReportServiceClient;
use steward_proto::types::v1::MonthPeriod;
use steward_tests::issuer::grants;
use steward_tests::service::{As, Called, called, test_clock};
use steward_tests::suite::{DOMAINS, Suite};
use steward_tests::{Engine, Issuer, TestDb, both};
use tonic::Status;
use uuid::Uuid;

use super::{cursor, until};

both!(
    [],
    a_local_key_is_booked_a_moment_after_it_was_made,
    restarts_of_everything_lose_nothing,
    who_was_merged_is_not_missing,
    every_domain_knows_the_working_days,
);

/// The suite with real tokens: the domains follow with nothing but being in the directory's process.
struct World {
    suite: Suite,
    issuer: Issuer,
    clock: Arc<TestClock>,
}

impl World {
    async fn like(db: &TestDb) -> Self {
        let engine = if db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
        let (issuer, clock) = (Issuer::new(), test_clock());
        let suite = Suite::start(engine, &issuer.runtime(&clock)).await;
        Self { suite, issuer, clock }
    }

    /// Stops everything and starts it on the same databases.
    async fn again(self) -> Self {
        let databases = self.suite.stop().await;
        let suite = Suite::over(databases, &self.issuer.runtime(&self.clock)).await;
        Self { suite, ..self }
    }

    fn city(&self) -> As {
        let grants = grants(&["manager", "system_admin", "viewer"], &["*"]);
        As::bearer(&self.issuer.token(self.clock.now(), "city", &grants))
    }

    fn called(&self) -> Called {
        called(&self.suite.gateway, self.city())
    }

    fn domains(&self) -> impl Iterator<Item = &Db> {
        DOMAINS.iter().map(|spec| self.suite.databases[spec.name].db())
    }

    async fn create(&self, code: &str, region: &str) -> String {
        let organization = Organization {
            code: code.to_owned(),
            name: format!("单位{}", Uuid::new_v4().simple()),
            kind: OrganizationKind::Court.into(),
            level: AdministrativeLevel::County.into(),
            region: region.to_owned(),
            ..Organization::default()
        };
        let request = CreateOrganizationRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: Some(organization),
            ..CreateOrganizationRequest::default()
        };
        let mut client = OrganizationServiceClient::new(self.called());
        let made = client.create_organization(request).await.unwrap().into_inner();
        made.organization.unwrap().code
    }

    async fn post(&self, domain: &str, category: &str, code: &str) -> Result<(), Status> {
        let entry = NewEntry {
            organization: code.to_owned(),
            category: category.to_owned(),
            occurred_on: "2017-05-01".to_owned(),
            amount_fen: 100,
            document_no: "1".to_owned(),
            ..NewEntry::default()
        };
        let request = PostEntriesRequest {
            request_id: Uuid::new_v4().to_string(),
            entries: vec![entry],
            ..PostEntriesRequest::default()
        };
        let caller = self.city().to(domain);
        let mut client = LedgerServiceClient::new(called(&self.suite.gateway, caller));
        client.post_entries(request).await.map(|_| ())
    }
}

/// The organizations that came from the directory, with their regions.
async fn followed(db: &Db) -> BTreeMap<String, String> {
    let mut tx = db.read().await.unwrap();
    let sql = "SELECT code, region FROM scope_organization WHERE kind IS NOT NULL";
    let rows: Vec<(String, String)> = tx.sql(sql).all().await.unwrap();
    rows.into_iter().collect()
}

async fn a_local_key_is_booked_a_moment_after_it_was_made(db: TestDb) {
    let world = World::like(&db).await;
    let region =
        Region { code: "420500-01".to_owned(), name: "高新区".to_owned(), ..Region::default() };
    let request = CreateRegionRequest {
        request_id: Uuid::new_v4().to_string(),
        region: Some(region),
        ..CreateRegionRequest::default()
    };
    RegionServiceClient::new(world.called()).create_region(request).await.unwrap();
    let code = world.create("", "420500-01").await;
    assert!(code.starts_with("L-"), "{code}");
    for (domain, category) in [
        ("fleet", "vehicle_fuel"),
        ("property", "rent"),
        ("maintenance", "small_repair"),
        ("energy", "electricity"),
    ] {
        until(async || match world.post(domain, category, &code).await {
            Ok(()) => true,
            Err(status) => {
                assert!(status.message().contains("known in a moment"), "{status}");
                false
            }
        })
        .await;
        let db = world.suite.databases[domain].db();
        let mut tx = db.read().await.unwrap();
        let regions = steward_chassis::follow::regions(&mut tx).await.unwrap();
        assert!(regions.iter().any(|region| region.as_str() == "420500-01"), "{domain}");
    }
    world.suite.stop().await;
}

async fn restarts_of_everything_lose_nothing(db: TestDb) {
    let mut world = World::like(&db).await;
    let mut all = BTreeMap::new();
    for round in 0..4 {
        for i in 0..25 {
            let region = ["420500", "420502", "420506"][(round + i) % 3];
            all.insert(world.create("", region).await, region.to_owned());
        }
        // The domains are somewhere on the way.
        world = world.again().await;
    }
    let mut counts = BTreeSet::new();
    for db in world.domains() {
        until(async || followed(db).await.len() >= all.len()).await;
        assert_eq!(followed(db).await, all);
        counts.insert(cursor(db).await.1);
    }
    assert_eq!(counts.len(), 1, "each applied as many changes: {counts:?}");
    world.suite.stop().await;
}

async fn who_was_merged_is_not_missing(db: TestDb) {
    let world = World::like(&db).await;
    let (gone, there) = (world.create("", "420502").await, world.create("", "420502").await);
    let energy = world.suite.databases["energy"].db();
    until(async || followed(energy).await.len() == 2).await;
    let caller = world.city().to("energy");
    let mut client = LedgerServiceClient::new(called(&world.suite.gateway, caller));
    let request = DeclareReporterRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: gone.clone(),
        from_month: "2017-01".to_owned(),
        ..DeclareReporterRequest::default()
    };
    client.declare_reporter(request).await.unwrap();
    let missing = async || {
        let period =
            MonthPeriod { from_month: "2017-01".to_owned(), until_month: "2017-06".to_owned() };
        let request = GetCostReductionReportRequest {
            period: Some(period),
            ..GetCostReductionReportRequest::default()
        };
        let mut client = ReportServiceClient::new(world.called());
        let answer = client.get_cost_reduction_report(request).await.unwrap().into_inner();
        let parts = answer.report.unwrap().parts;
        let energy = parts.into_iter().find(|part| part.domain == "energy").unwrap();
        energy.current_coverage.unwrap().missing_count
    };
    assert_eq!(missing().await, 5);
    let part = SuccessionPart { predecessor: gone.clone(), successor: there, share_ppm: 1_000_000 };
    let succession = Succession {
        kind: SuccessionKind::Merger.into(),
        effective_on: "2017-03-01".to_owned(),
        parts: vec![part],
        ..Succession::default()
    };
    let request = RecordSuccessionRequest {
        request_id: Uuid::new_v4().to_string(),
        succession: Some(succession),
        ..RecordSuccessionRequest::default()
    };
    SuccessionServiceClient::new(world.called()).record_succession(request).await.unwrap();
    until(async || missing().await == 2).await;
    world.suite.stop().await;
}

async fn every_domain_knows_the_working_days(db: TestDb) {
    let world = World::like(&db).await;
    for db in world.domains() {
        until(async || {
            let mut tx = db.read().await.unwrap();
            let calendar = steward_chassis::calendar::load(&mut tx).await.unwrap();
            (2013..=2026).all(|year| !calendar.is_provisional(year))
        })
        .await;
        let mut tx = db.read().await.unwrap();
        let calendar = steward_chassis::calendar::load(&mut tx).await.unwrap();
        // The national day of 2017, a Monday in its week, and the Saturday that was made up for it.
        assert!(!calendar.is_working_day("2017-10-02".parse().unwrap()));
        assert!(calendar.is_working_day("2017-09-30".parse().unwrap()));
        assert!(calendar.is_provisional(2012));
    }
    world.suite.stop().await;
}
