//! Who may not read everywhere sees what he may, and is told where he may not.

use serde_json::json;
use steward_proto::report::v1::{ListAllEventsRequest, ListAllTasksRequest};
use steward_tests::both;

use super::*;

both!([], a_service_without_a_grant_leaves_the_page_complete, who_has_a_part_in_none_is_refused);

/// A grant of one role in one domain.
fn grant(role: &str, domain: &str, region: &str) -> Value {
    json!({"role": role, "domain": domain, "regions": [region]})
}

/// Which parts are there, and which are not granted.
fn granted(parts: &[OverviewPart]) -> (Vec<&str>, Vec<&str>) {
    let names = |not_granted| {
        let those = parts.iter().filter(|it| it.not_granted == not_granted);
        those.map(|it| it.domain.as_str()).collect()
    };
    assert!(parts.iter().all(|it| it.answered != it.not_granted && it.failure.is_empty()));
    (names(false), names(true))
}

async fn a_service_without_a_grant_leaves_the_page_complete(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let as_who = |grants: &[Value]| {
        OverviewServiceClient::new(called(&house.gateway, house.bearer("zhang", &json!(grants))))
    };
    let one = [grant("viewer", "fleet", "4205*"), grant("auditor", "directory", "4205*")];
    let request =
        ListAllFindingsRequest { page_size: 2, require_complete: true, ..Default::default() };
    let first = page(&mut as_who(&one), &request).await;
    assert!(first.complete);
    assert_eq!(granted(&first.parts), (vec!["fleet"], vec!["energy", "maintenance", "property"]));
    assert_eq!(shown(&first.findings), ["fleet 7", "fleet 4"]);
    let next = ListAllFindingsRequest { page_token: first.next_page_token, ..request };
    let last = page(&mut as_who(&one), &next).await;
    assert_eq!(
        (shown(&last.findings), last.next_page_token.as_str()),
        (vec!["fleet 1".to_owned()], "")
    );
    assert_eq!(granted(&last.parts).0, ["fleet"]);

    // Who has no grant there is not asked there: it may be stopped.
    let stopped = house.with(Domain::Property, dead().await).await;
    let caller = called(&stopped, house.bearer("zhang", &json!(one)));
    let same = page(&mut OverviewServiceClient::new(caller), &next).await;
    assert_eq!((same.findings, same.parts), (last.findings, last.parts));

    // Of the audit trail he is the auditor of the directory alone.
    let answer = as_who(&one).list_all_events(ListAllEventsRequest::default()).await;
    let events = answer.unwrap().into_inner();
    assert!(events.complete && events.events.iter().all(|it| it.domain == "directory"));
    let others = vec!["energy", "fleet", "maintenance", "property"];
    assert_eq!(granted(&events.parts), (vec!["directory"], others));

    // What is named lies within his grants in one domain, and outside in another.
    let two = [grant("viewer", "fleet", "420502"), grant("viewer", "property", "420506")];
    let named = ListAllFindingsRequest { regions: vec!["420506".to_owned()], ..Default::default() };
    let found = page(&mut as_who(&two), &named).await;
    assert_eq!(shown(&found.findings), ["property 2"]);
    assert_eq!(granted(&found.parts), (vec!["property"], vec!["energy", "fleet", "maintenance"]));
}

async fn who_has_a_part_in_none_is_refused(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let as_who = |grants: &[Value]| {
        OverviewServiceClient::new(called(&house.gateway, house.bearer("zhang", &json!(grants))))
    };
    let denied = (Code::PermissionDenied, "ROLE_MISSING".to_owned(), String::new());
    // The role nowhere, and in a domain that is none.
    for grants in [[grant("security_admin", "fleet", "4205*")], [grant("manager", "x", "4205*")]] {
        let mut client = as_who(&grants);
        let findings = client.list_all_findings(ListAllFindingsRequest::default()).await;
        assert_eq!(faulty(findings), denied);
        let tasks = client.list_all_tasks(ListAllTasksRequest::default()).await;
        assert_eq!(faulty(tasks), denied);
        let events = client.list_all_events(ListAllEventsRequest::default()).await;
        assert_eq!(faulty(events), denied);
    }
    // The directory has no findings.
    let mut client = as_who(&[grant("viewer", "directory", "4205*")]);
    let findings = client.list_all_findings(ListAllFindingsRequest::default()).await;
    assert_eq!(faulty(findings), denied);
    let mut client = as_who(&[grant("viewer", "fleet", "420502")]);
    let named = ListAllFindingsRequest { regions: vec!["420506".to_owned()], ..Default::default() };
    let unseen = (Code::NotFound, "NOT_FOUND".to_owned(), String::new());
    assert_eq!(faulty(client.list_all_findings(named).await), unseen);
    let nobody = OverviewServiceClient::new(called(&house.gateway, As::default()))
        .list_all_findings(ListAllFindingsRequest::default())
        .await;
    assert_eq!(nobody.unwrap_err().code(), Code::Unauthenticated);
}
