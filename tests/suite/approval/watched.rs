//! Who sees in the audit trail what concerns more than one region.

use std::collections::BTreeSet;

use steward_proto::approval::v1::{
    EndDelegationRequest, Position, Route, RouteStep, SetRouteRequest,
};
use steward_proto::audit::v1::audit_service_client::AuditServiceClient;
use steward_proto::audit::v1::{AuditEvent, ListEventsRequest};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, audit, both};

use super::{House, MIGRATIONS, XILING, YILING, authority, holder, request_id, to};

both!(
    MIGRATIONS,
    what_holds_for_a_pattern_is_seen_by_who_sees_all_of_it,
    a_delegation_belongs_to_where_its_principal_is,
);

/// The events of a kind that an auditor of these regions sees: whose they are.
async fn seen(house: &House, resource_type: &str, regions: &[&str]) -> Vec<AuditEvent> {
    let caller = house.caller("auditor", &grants(&["auditor"], regions));
    let request = ListEventsRequest {
        resource_type: resource_type.to_owned(),
        page_size: 1000,
        ..ListEventsRequest::default()
    };
    let page = AuditServiceClient::new(caller).list_events(request).await.unwrap();
    page.into_inner().events
}

async fn regions(house: &House, resource_type: &str, of: &[&str]) -> BTreeSet<String> {
    seen(house, resource_type, of).await.into_iter().map(|event| event.region).collect()
}

fn set(regions: &[&str]) -> BTreeSet<String> {
    regions.iter().map(|region| (*region).to_owned()).collect()
}

async fn what_holds_for_a_pattern_is_seen_by_who_sees_all_of_it(db: TestDb) {
    let house = House::new(&db).await;
    for region in ["*", "42*", "4205*", "420502*", "420502", "420502-01", "4206*"] {
        house
            .security("*")
            .create_officeholder(super::entering(authority("li", Position::Treasury, region)))
            .await
            .unwrap();
        let route = Route {
            kind: "expenditure".to_owned(),
            category: "fuel".to_owned(),
            region: region.to_owned(),
            steps: vec![RouteStep { position: Position::Section.into(), working_days: 1 }],
            ..Route::default()
        };
        let (request_id, route) = (request_id(), Some(route));
        let request = SetRouteRequest { request_id, route, validate_only: false };
        house.routes("*").set_route(request).await.unwrap();
    }
    audit::chained(&db).await;
    for kind in ["officeholder", "route"] {
        for (auditor, sees) in [
            (&["420502"][..], &["420502"][..]),
            (&["420502*"], &["420502", "420502*", "420502-01"]),
            (&["4205*"], &["420502", "420502*", "420502-01", "4205*"]),
            // A city is more than its counties.
            (&["420500", "420502", "420506"], &["420502"]),
            (&["42*"], &["420502", "420502*", "420502-01", "4205*", "4206*", "42*"]),
            (&["*"], &["420502", "420502*", "420502-01", "4205*", "4206*", "42*", "*"]),
            (&["11*"], &[]),
        ] {
            assert_eq!(regions(&house, kind, auditor).await, set(sees), "{kind} {auditor:?}");
        }
    }
    // A filter finds what lies in it.
    let caller = house.caller("auditor", &grants(&["auditor"], &["*"]));
    let of_city = ListEventsRequest {
        resource_type: "route".to_owned(),
        regions: vec!["4205*".to_owned()],
        ..ListEventsRequest::default()
    };
    let page = AuditServiceClient::new(caller).list_events(of_city).await.unwrap();
    assert_eq!(page.into_inner().events.len(), 4);
}

async fn a_delegation_belongs_to_where_its_principal_is(db: TestDb) {
    let house = House::staffed(&db).await;
    house.seat(holder("both", Position::Section, XILING)).await;
    house.seat(holder("both", Position::Section, YILING)).await;
    house.seat(holder("twice", Position::Section, XILING)).await;
    house.seat(holder("twice", Position::Finance, XILING)).await;
    let mut made = Vec::new();
    for principal in ["director", "other", "treasury", "both", "twice", "nobody"] {
        made.push(house.delegate(principal, to("wang")).await);
    }
    let director = made.swap_remove(0);
    let ending = EndDelegationRequest {
        request_id: request_id(),
        id: director.id,
        etag: director.etag,
        ..EndDelegationRequest::default()
    };
    house.delegations("director").end_delegation(ending).await.unwrap();
    audit::chained(&db).await;
    let of = async |regions: &[&str]| {
        let events = seen(&house, "delegation", regions).await;
        let place = |it: AuditEvent| (it.subject, it.organization, it.region);
        events.into_iter().map(place).collect::<Vec<_>>()
    };
    let place = |subject: &str, organization: &str, region: &str| {
        (subject.to_owned(), organization.to_owned(), region.to_owned())
    };
    let made = place("director", XILING, "420502");
    let twice = place("twice", XILING, "420502");
    assert_eq!(of(&["420502"]).await, [made.clone(), twice.clone(), made.clone()]);
    let whole = [
        made.clone(),
        place("other", YILING, "420506"),
        place("treasury", "", "4205*"),
        place("both", "", "4205*"),
        twice.clone(),
        made.clone(),
    ];
    assert_eq!(of(&["4205*"]).await, whole);
    assert_eq!(of(&["*"]).await.len(), 7, "and that of who holds nothing");
}
