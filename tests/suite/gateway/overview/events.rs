//! The audit trail of all services.

use chrono::TimeDelta;
use steward_proto::audit::v1::audit_service_client::AuditServiceClient;
use steward_proto::audit::v1::{AuditEvent, ListEventsRequest};
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, Organization, OrganizationKind,
};
use steward_proto::report::v1::{DomainEvent, ListAllEventsRequest};
use steward_tests::audit::chained;
use steward_tests::both;

use super::*;

both!(
    [],
    events_are_merged_by_time,
    what_happens_between_two_pages_comes_in_a_new_walk,
    events_are_filtered_as_in_a_service,
    a_silent_trail_is_named
);

const TRAILS: [&str; 5] = ["directory", "energy", "fleet", "maintenance", "property"];

/// Somebody finds something in three domains and enters an organization, some of it at one instant; the
/// clock of the services is set back once.
async fn happened(house: &House) {
    for (domain, seconds) in [
        ("property", 0),
        ("fleet", 5),
        ("directory", 0),
        ("fleet", 0),
        ("energy", -3),
        ("fleet", 1),
        ("property", 4),
        ("energy", 0),
        ("property", 1),
    ] {
        if domain == "directory" {
            enter(house).await;
        } else {
            house.find(domain, XILING, &Uuid::new_v4().to_string()).await;
        }
        house.clock.advance(TimeDelta::seconds(seconds));
    }
    for db in house.databases.values() {
        chained(db).await;
    }
}

async fn enter(house: &House) {
    let organization = Organization {
        code: XILING.to_owned(),
        name: "西陵区某局".to_owned(),
        kind: OrganizationKind::AdministrativeOrgan.into(),
        level: AdministrativeLevel::County.into(),
        ..Organization::default()
    };
    let request = CreateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(organization),
        ..CreateOrganizationRequest::default()
    };
    let grants = grants(&["system_admin"], &["*"]);
    OrganizationServiceClient::new(called(&house.gateway, house.bearer("clerk", &grants)))
        .create_organization(request)
        .await
        .unwrap();
}

/// Who sees all events.
fn auditor(house: &House) -> As {
    house.bearer("auditor", &grants(&["auditor"], &["*"]))
}

fn overview(house: &House) -> Overview {
    OverviewServiceClient::new(called(&house.gateway, auditor(house)))
}

/// All events of the merged list.
async fn walked(house: &House, mut request: ListAllEventsRequest) -> Vec<DomainEvent> {
    let (mut client, mut all) = (overview(house), Vec::new());
    let size = usize::try_from(request.page_size).unwrap();
    loop {
        let page = client.list_all_events(request.clone()).await.unwrap().into_inner();
        assert!(page.complete);
        let names: Vec<_> = page.parts.iter().map(|it| it.domain.as_str()).collect();
        assert_eq!(names, TRAILS);
        assert!(page.events.len() == size || page.next_page_token.is_empty());
        all.extend(page.events);
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

/// The events of one service in its order.
async fn trail(house: &House, service: &str, newest_first: bool) -> Vec<AuditEvent> {
    let caller = auditor(house).to(service);
    let mut client = AuditServiceClient::new(called(&house.gateway, caller));
    let mut request =
        ListEventsRequest { page_size: 1000, newest_first, ..ListEventsRequest::default() };
    let mut all = Vec::new();
    loop {
        let page = client.list_events(request.clone()).await.unwrap().into_inner();
        all.extend(page.events);
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

/// The merged list, as the proto says it.
async fn expected(house: &House, newest_first: bool) -> Vec<DomainEvent> {
    let mut all = Vec::new();
    for service in TRAILS {
        let mut rank = i64::MIN;
        for event in trail(house, service, newest_first).await {
            let seconds = event.event_time.unwrap().seconds;
            rank = rank.max(if newest_first { -seconds } else { seconds });
            all.push((rank, DomainEvent { domain: service.to_owned(), event: Some(event) }));
        }
    }
    // Stable: at one time by name, and within a service in its order.
    all.sort_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, event)| event).collect()
}

async fn events_are_merged_by_time(db: TestDb) {
    let house = House::new(&db).await;
    happened(&house).await;
    for newest_first in [false, true] {
        let expected = expected(&house, newest_first).await;
        let domains: std::collections::BTreeSet<_> =
            expected.iter().map(|it| it.domain.as_str()).collect();
        assert!(domains.len() >= 4, "{domains:?}");
        for page_size in [7, 100, 1000] {
            let request = ListAllEventsRequest { page_size, newest_first, ..Default::default() };
            assert!(walked(&house, request).await == expected, "{newest_first}, {page_size}");
        }
    }
    // What people did alone.
    for (newest_first, expected) in [
        (false, "fleet property property directory energy fleet fleet energy property"),
        (true, "energy property directory energy property fleet fleet fleet property"),
    ] {
        for page_size in 1..=10 {
            let subject = "clerk".to_owned();
            let request =
                ListAllEventsRequest { page_size, newest_first, subject, ..Default::default() };
            let events = walked(&house, request).await;
            let services: Vec<_> = events.iter().map(|it| it.domain.as_str()).collect();
            assert_eq!(services.join(" "), expected, "{newest_first}, {page_size}");
        }
    }
}

async fn what_happens_between_two_pages_comes_in_a_new_walk(db: TestDb) {
    let house = House::new(&db).await;
    happened(&house).await;
    let subject = "clerk".to_owned();
    let mut request =
        ListAllEventsRequest { page_size: 1, newest_first: true, subject, ..Default::default() };
    let before = walked(&house, request.clone()).await;
    let first = overview(&house).list_all_events(request.clone()).await.unwrap().into_inner();
    assert_eq!(first.events, before[..1]);
    // In a service that gave nothing yet, and in the one that did.
    house.find("property", XILING, "new").await;
    house.find("energy", XILING, "new").await;
    for db in house.databases.values() {
        chained(db).await;
    }
    let begin = std::mem::replace(&mut request.page_token, first.next_page_token);
    assert_eq!(walked(&house, request.clone()).await, before[1..]);
    request.page_token = begin;
    assert_eq!(walked(&house, request).await.len(), before.len() + 2);
}

async fn events_are_filtered_as_in_a_service(db: TestDb) {
    let house = House::new(&db).await;
    let start = steward_chassis::time::to_proto(house.clock.now());
    house.clock.advance(TimeDelta::seconds(10));
    happened(&house).await;
    house.find("energy", YILING, "").await;
    chained(&house.databases["energy"]).await;
    let all = ListAllEventsRequest { page_size: 2, ..ListAllEventsRequest::default() };
    let clerk = ListAllEventsRequest { subject: "clerk".to_owned(), ..all.clone() };
    let finding = ListAllEventsRequest { resource_type: "finding".to_owned(), ..all.clone() };
    let later = prost_types::Timestamp { seconds: start.seconds + 10, ..start };
    for (request, count) in [
        (clerk.clone(), 10),
        (finding.clone(), 9),
        (ListAllEventsRequest { resource_type: "organization".to_owned(), ..clerk.clone() }, 1),
        (ListAllEventsRequest { regions: vec!["420506".to_owned()], ..clerk.clone() }, 1),
        (ListAllEventsRequest { organizations: vec![XILING.to_owned()], ..clerk.clone() }, 9),
        (ListAllEventsRequest { from_time: Some(later), ..clerk.clone() }, 10),
        (ListAllEventsRequest { until_time: Some(later), ..clerk.clone() }, 0),
    ] {
        assert_eq!(walked(&house, request.clone()).await.len(), count, "{request:?}");
    }
    let one = walked(&house, finding.clone()).await.remove(0);
    let resource_id = one.event.as_ref().unwrap().resource_id.clone();
    let request = ListAllEventsRequest { resource_id: resource_id.clone(), ..finding.clone() };
    assert_eq!(walked(&house, request).await, [one]);

    let mut client = overview(&house);
    let page = client.list_all_events(clerk.clone()).await.unwrap().into_inner();
    let other = ListAllEventsRequest {
        page_token: page.next_page_token,
        newest_first: true,
        ..clerk.clone()
    };
    assert_eq!(faulty(client.list_all_events(other).await), no_token());
    let typeless = ListAllEventsRequest { resource_id, ..all };
    let refused = faulty(client.list_all_events(typeless).await);
    let required = (Code::InvalidArgument, "REQUIRED".to_owned(), "resource_type".to_owned());
    assert_eq!(refused, required);
}

async fn a_silent_trail_is_named(db: TestDb) {
    let house = House::new(&db).await;
    happened(&house).await;
    let stopped = Gateway { domains: house.domains.clone(), directory: dead().await };
    let stopped = gateway(stopped.domains, stopped.directory, &house.runtime).await;
    let mut client = OverviewServiceClient::new(called(&stopped, auditor(&house)));
    let mut request =
        ListAllEventsRequest { subject: "clerk".to_owned(), page_size: 4, ..Default::default() };
    let page = client.list_all_events(request.clone()).await.unwrap().into_inner();
    assert!(!page.complete);
    let silent = page.parts.iter().find(|it| !it.answered).unwrap();
    assert_eq!((silent.domain.as_str(), silent.failure.as_str()), ("directory", "UNAVAILABLE"));
    // Once it answers, what it has from before comes first.
    let domains = |events: &[DomainEvent]| {
        let domains: Vec<_> = events.iter().map(|it| it.domain.clone()).collect();
        domains.join(" ")
    };
    assert_eq!(domains(&page.events), "fleet property property energy");
    request.page_token = page.next_page_token;
    let page = overview(&house).list_all_events(request.clone()).await.unwrap().into_inner();
    assert!(page.complete);
    assert_eq!(domains(&page.events), "directory fleet fleet energy");
    request.require_complete = true;
    let refused = client.list_all_events(request).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::Unavailable, "REPORT_INCOMPLETE".to_owned()));
    assert_eq!(refused.get_details_error_info().unwrap().metadata["domains"], "directory");
}
