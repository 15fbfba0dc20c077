//! Budgets beyond the grants.

use serde_json::json;
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::ledger::v1::ListBudgetsRequest;
use steward_tests::issuer::Issuer;
use steward_tests::service::{As, called, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{MIGRATIONS, SPEC, bureau, count, organization, refused};
use super::{Client, list, set, setting};

both!(MIGRATIONS, who_spends_sets_no_limit_to_himself);

async fn who_spends_sets_no_limit_to_himself(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes);
    let xiling = organization("420502", 2);
    let client = |subject: &str, grant: serde_json::Value| {
        let token = issuer.token(clock.now(), subject, &json!([grant]));
        Client::new(called(&backend, As::bearer(&token)))
    };
    let of = |role: &str, region: &str| json!({"role": role, "domain": "*", "regions": [region]});
    let mut city = client("city", of("manager", "4205*"));
    let denied = (Code::PermissionDenied, "SCOPE_DENIED".to_owned());
    let own = json!({"role": "manager", "domain": "*", "organizations": [xiling]});
    let mut own = client("own", own);
    assert_eq!(refused(set(&mut own, setting(&xiling, "fuel", 9, "")).await), denied);
    let mut district = client("district", of("manager", "420502"));
    assert_eq!(refused(set(&mut district, setting(&bureau(), "fuel", 9, "")).await), denied);
    let mut operator = client("operator", of("operator", "420502"));
    let refusal = refused(set(&mut operator, setting(&xiling, "fuel", 9, "")).await);
    assert_eq!(refusal.0, Code::PermissionDenied);
    assert_eq!(count(&db, "ledger_budget").await, 0);
    let of_xiling = set(&mut district, setting(&xiling, "fuel", 9, "")).await.unwrap();
    let of_bureau = set(&mut city, setting(&bureau(), "fuel", 9, "")).await.unwrap();
    for client in [&mut own, &mut district, &mut operator] {
        assert_eq!(list(client, ListBudgetsRequest::default()).await, vec![of_xiling.clone()]);
        let outright =
            ListBudgetsRequest { organizations: vec![bureau()], ..ListBudgetsRequest::default() };
        assert_eq!(refused(client.list_budgets(outright).await).0, Code::NotFound);
    }
    assert_eq!(list(&mut city, ListBudgetsRequest::default()).await, [of_bureau, of_xiling]);
}
