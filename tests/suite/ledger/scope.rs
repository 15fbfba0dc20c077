//! What a caller with grants for one region reaches.

use std::sync::Arc;

use serde_json::{Value, json};
use steward_chassis::backend::Backend;
use steward_kernel::{Clock as _, TestClock};
use steward_proto::ledger::v1::{
    DeclareReporterRequest, DeclareZeroRequest, ListDocumentKeysRequest, ListEntriesRequest,
    NewEntry, PostEntriesRequest, PostOutcome, SummarizeCostsRequest, View,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, called, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::{
    Client, MIGRATIONS, SPEC, bureau, closing, fuel, organization, outcomes, period, post, posted,
    posting, refused, request_id, reversing, sum, summing,
};

both!(
    MIGRATIONS,
    posting_needs_both_organizations,
    nothing_is_told_of_entries_outside,
    an_entry_is_read_by_either_and_reversed_by_both,
    sums_answer_the_granted_part,
    declarations_and_closes_stay_within,
    who_reports_does_not_say_that_he_need_not,
);

/// Clients of one ledger with tokens of their own.
struct Clients {
    issuer: Issuer,
    clock: Arc<TestClock>,
    backend: Backend,
}

impl Clients {
    async fn new(db: &TestDb) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let started = start(&SPEC, db, &issuer.runtime(&clock)).await;
        Self { issuer, clock, backend: Backend::Local(started.routes) }
    }

    fn of(&self, regions: &[&str]) -> Client {
        self.granted(&regions.join(","), &grants(&["operator", "manager"], regions))
    }

    fn of_organization(&self, organization: &str) -> Client {
        let grant = |role| json!({"role": role, "domain": "*", "organizations": [organization]});
        self.granted(organization, &["operator", "manager"].map(grant).to_vec().into())
    }

    fn granted(&self, subject: &str, grants: &Value) -> Client {
        let token = self.issuer.token(self.clock.now(), subject, grants);
        Client::new(called(&self.backend, As::bearer(&token)))
    }
}

fn xiling() -> String {
    organization("420502", 2)
}

async fn posting_needs_both_organizations(db: TestDb) {
    let clients = Clients::new(&db).await;
    let mut client = clients.of(&["420502"]);
    posted(&mut client, vec![fuel(&xiling(), "2017-01-05", 1, "1")]).await;
    let payer = NewEntry { paid_by: bureau(), ..fuel(&xiling(), "2017-01-05", 1, "2") };
    let user = NewEntry { paid_by: xiling(), ..fuel(&bureau(), "2017-01-05", 1, "3") };
    for (entry, field) in [(payer.clone(), "paid_by"), (user, "organization")] {
        let answer = post(&mut client, vec![entry.clone()]).await;
        assert_eq!(refused(answer), (Code::PermissionDenied, "SCOPE_DENIED".to_owned()));
        let request = PostEntriesRequest { partial: true, ..posting(vec![entry]) };
        let answer = client.post_entries(request).await.unwrap().into_inner();
        assert_eq!(outcomes(&answer), [PostOutcome::Refused]);
        assert_eq!(answer.results[0].refusals[0].field, field);
    }
    posted(&mut clients.of(&["420502", "420500"]), vec![payer]).await;
    // Refused ones leave no organization behind.
    let mut tx = db.db().read().await.unwrap();
    let count: (i64,) = tx.sql("SELECT COUNT(*) FROM scope_organization").one().await.unwrap();
    assert_eq!(count.0, 2);
}

async fn nothing_is_told_of_entries_outside(db: TestDb) {
    let clients = Clients::new(&db).await;
    let mut everywhere = clients.of(&["*"]);
    let own = fuel(&bureau(), "2017-01-05", 100, "1");
    let ids = posted(&mut everywhere, vec![own.clone()]).await;
    let mut client = clients.of(&["420502"]);
    for amount_fen in [100, 7] {
        let entry = NewEntry { amount_fen, ..own.clone() };
        let request = PostEntriesRequest { validate_only: true, ..posting(vec![entry]) };
        let answer = client.post_entries(request).await.unwrap().into_inner();
        assert_eq!(outcomes(&answer), [PostOutcome::Refused]);
        assert_eq!(answer.results[0].refusals.len(), 1);
        assert_eq!(answer.results[0].refusals[0].reason, "SCOPE_DENIED");
        assert_eq!(answer.results[0].entry_id, "");
    }
    let reversed = client.reverse_entry(reversing(&ids[0])).await;
    let nothing = client.reverse_entry(reversing(&request_id())).await;
    assert_eq!(refused(reversed), refused(nothing));
    for filter in [vec![], vec!["4205*".to_owned()]] {
        let request = ListEntriesRequest { regions: filter, ..ListEntriesRequest::default() };
        let answer = client.list_entries(request).await.unwrap().into_inner();
        assert!(answer.entries.is_empty());
    }
    let outright = ListEntriesRequest { regions: vec!["420500".to_owned()], ..Default::default() };
    assert_eq!(refused(client.list_entries(outright).await).0, Code::NotFound);
    let outright = ListEntriesRequest { organizations: vec![bureau()], ..Default::default() };
    assert_eq!(refused(client.list_entries(outright).await).0, Code::NotFound);
    let request = ListDocumentKeysRequest {
        period: Some(period("2017-01", "2017-02")),
        ..Default::default()
    };
    let mut keys = client.list_document_keys(request).await.unwrap().into_inner();
    assert_eq!(keys.message().await.unwrap(), None);
}

async fn an_entry_is_read_by_either_and_reversed_by_both(db: TestDb) {
    let clients = Clients::new(&db).await;
    let both = NewEntry { paid_by: bureau(), ..fuel(&xiling(), "2017-01-05", 100, "1") };
    let ids = posted(&mut clients.of(&["4205*"]), vec![both]).await;
    for regions in ["420502", "420500"] {
        let mut client = clients.of(&[regions]);
        let all = client.list_entries(ListEntriesRequest::default()).await.unwrap();
        assert_eq!(all.into_inner().entries.len(), 1, "{regions}");
        let answer = client.reverse_entry(reversing(&ids[0])).await;
        assert_eq!(refused(answer), (Code::PermissionDenied, "SCOPE_DENIED".to_owned()));
    }
    clients.of(&["420500", "420502"]).reverse_entry(reversing(&ids[0])).await.unwrap();
}

async fn sums_answer_the_granted_part(db: TestDb) {
    let clients = Clients::new(&db).await;
    let entries = vec![
        fuel(&bureau(), "2017-01-05", 100, "1"),
        NewEntry { paid_by: bureau(), ..fuel(&xiling(), "2017-01-05", 10, "1") },
    ];
    posted(&mut clients.of(&["*"]), entries).await;
    super::coverage::declare(&mut clients.of(&["*"]), &bureau(), "2017-02", "").await;
    let mut client = clients.of(&["420502"]);
    let all = summing("2017-01", "2017-03");
    let wide = SummarizeCostsRequest { regions: vec!["4205*".to_owned()], ..all.clone() };
    let own = SummarizeCostsRequest { regions: vec!["420502".to_owned()], ..all.clone() };
    for (request, limited) in [(all.clone(), true), (wide, true), (own, false)] {
        let answer = sum(&mut client, request).await;
        assert_eq!(answer.current.unwrap().running_fen, 10);
        assert_eq!(answer.scope_limited, limited);
        assert_eq!(answer.counted_regions, ["420502"]);
        assert!(!answer.current_coverage.unwrap().declared);
    }
    let payer = SummarizeCostsRequest { view: View::Payer.into(), ..all.clone() };
    assert_eq!(sum(&mut client, payer.clone()).await.current.unwrap().running_fen, 0);
    assert_eq!(sum(&mut clients.of(&["420500"]), payer).await.current.unwrap().running_fen, 110);
    let outright = SummarizeCostsRequest { regions: vec!["420500".to_owned()], ..all };
    assert_eq!(refused(client.summarize_costs(outright).await).0, Code::NotFound);
}

async fn declarations_and_closes_stay_within(db: TestDb) {
    let clients = Clients::new(&db).await;
    let mut client = clients.of(&["420502"]);
    let denied = (Code::PermissionDenied, "SCOPE_DENIED".to_owned());
    let reporter = DeclareReporterRequest {
        request_id: request_id(),
        organization: bureau(),
        from_month: "2017-01".to_owned(),
        ..DeclareReporterRequest::default()
    };
    assert_eq!(refused(client.declare_reporter(reporter).await), denied);
    let zero = DeclareZeroRequest {
        request_id: request_id(),
        organization: bureau(),
        month: "2017-01".to_owned(),
        ..DeclareZeroRequest::default()
    };
    assert_eq!(refused(client.declare_zero(zero).await), denied);
    assert_eq!(refused(client.close_month(closing("420500", "2017-01")).await), denied);
    client.close_month(closing("420502", "2017-01")).await.unwrap();
}

async fn who_reports_does_not_say_that_he_need_not(db: TestDb) {
    let clients = Clients::new(&db).await;
    let mut region = clients.of(&["420502"]);
    super::coverage::declare(&mut region, &xiling(), "2017-01", "").await;
    let mut own = clients.of_organization(&xiling());
    for until_month in ["", "2017-01"] {
        let reporter = DeclareReporterRequest {
            request_id: request_id(),
            organization: xiling(),
            from_month: "2017-01".to_owned(),
            until_month: until_month.to_owned(),
            ..DeclareReporterRequest::default()
        };
        let denied = (Code::PermissionDenied, "SCOPE_DENIED".to_owned());
        assert_eq!(refused(own.declare_reporter(reporter).await), denied);
    }
    // What he reports is his.
    posted(&mut own, vec![fuel(&xiling(), "2017-01-05", 1, "1")]).await;
    let answer = sum(&mut region, summing("2017-01", "2017-02")).await;
    assert_eq!(answer.current_coverage.unwrap().expected_count, 1);
}
