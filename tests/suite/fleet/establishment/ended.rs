//! What is held above an establishment, when the rule against it ends or no longer binds.

use steward_proto::finding::v1::rule_service_client::RuleServiceClient;
use steward_proto::finding::v1::{EndRuleRequest, ListRulesRequest};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, both};

use super::super::{MIGRATIONS, XILING, car, create, known, request_id};
use super::{House, emergency, grant, resource};

both!(MIGRATIONS, a_state_is_judged_by_the_rules_of_today, who_is_bound_no_more_has_nothing_above,);

/// One vehicle is held where none may be.
async fn above(house: &House) {
    create(&mut house.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    grant(&mut house.city(), emergency(XILING, 0, "2017-01-01")).await.unwrap();
    assert_eq!(house.findings(&resource()).await.len(), 1);
}

async fn a_state_is_judged_by_the_rules_of_today(db: TestDb) {
    let house = House::new(&db).await;
    above(&house).await;
    let caller = house.caller("law", &grants(&["viewer", "manager"], &["*"]));
    let mut rules = RuleServiceClient::new(caller);
    let listed = ListRulesRequest {
        code: "establishment".to_owned(),
        on_date: "2017-06-15".to_owned(),
        ..ListRulesRequest::default()
    };
    for rule in rules.list_rules(listed).await.unwrap().into_inner().rules {
        let end = EndRuleRequest {
            request_id: request_id(),
            id: rule.id,
            etag: rule.etag,
            effective_until: "2017-06-17".to_owned(),
            validate_only: false,
        };
        rules.end_rule(end).await.unwrap();
    }
    house.days_pass(&db, 1).await;
    assert_eq!(house.findings(&resource()).await.len(), 1, "its last day");
    house.days_pass(&db, 1).await;
    assert_eq!(house.findings(&resource()).await, []);
}

async fn who_is_bound_no_more_has_nothing_above(db: TestDb) {
    let house = House::new(&db).await;
    above(&house).await;
    for (kind, found) in [("state_owned_enterprise", 0), ("administrative_organ", 1)] {
        known(&db, XILING, "420502", kind).await;
        house.days_pass(&db, 1).await;
        assert_eq!(house.findings(&resource()).await.len(), found, "{kind}");
    }
}
