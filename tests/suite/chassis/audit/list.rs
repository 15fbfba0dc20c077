//! Who finds which events.

use chrono::TimeDelta;
use steward_chassis::Ctx;
use steward_chassis::audit::{self, Event};
use steward_chassis::time::to_proto;
use steward_kernel::Clock as _;
use steward_proto::audit::v1::{AuditEvent, ListEventsRequest};
use steward_proto::directory::v1::Organization;
use steward_tests::audit::chained;
use steward_tests::service::test_clock;
use steward_tests::{TestDb, both};
use tonic::Code;
use tonic_types::StatusExt;

use super::{A, A2, B, House, MIGRATIONS, closing, declaring, list};

both!(
    MIGRATIONS,
    by_resource_organization_region_person_and_time,
    pages_go_both_ways,
    an_auditor_sees_the_events_of_his_regions_only,
    a_page_holds_what_an_answer_can_carry,
    faulty_requests_are_refused_with_every_fault,
);

fn seqs(events: &[AuditEvent]) -> Vec<i64> {
    events.iter().map(|event| event.seq).collect()
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// 1 A, 2 A2, 3 B by 王芳; an hour later 4 A, 5 the region of A, 6 that of B by li; 7 belongs nowhere.
async fn scene(db: &TestDb) -> House {
    let house = House::new(db).await;
    for organization in [A, A2, B] {
        let request = declaring(organization, "2016-01");
        house.ledger("王芳").declare_reporter(request).await.unwrap();
        chained(db).await;
    }
    house.clock.advance(TimeDelta::minutes(50));
    house.ledger("li").declare_reporter(declaring(A, "2017-01")).await.unwrap();
    chained(db).await;
    for region in ["420502", "420506"] {
        house.ledger("li").close_month(closing(region, "2016-01")).await.unwrap();
        chained(db).await;
    }
    let ctx = Ctx::of_service("/test", house.clock.now());
    let mut tx = db.write().await;
    audit::record(&mut tx, &ctx, Event::new("calendar_year", "2017")).await.unwrap();
    tx.commit().await.unwrap();
    chained(db).await;
    house
}

async fn by_resource_organization_region_person_and_time(db: TestDb) {
    let house = scene(&db).await;
    let later = Some(to_proto(house.clock.now()));
    let none = ListEventsRequest::default;
    let kind = |kind: &str| ListEventsRequest { resource_type: kind.to_owned(), ..none() };
    let requests = [
        (none(), vec![1, 2, 3, 4, 5, 6, 7]),
        (ListEventsRequest { newest_first: true, ..none() }, vec![7, 6, 5, 4, 3, 2, 1]),
        (kind("reporter"), vec![1, 2, 3, 4]),
        (kind("vehicle"), vec![]),
        (ListEventsRequest { resource_id: A.to_owned(), ..kind("reporter") }, vec![1, 4]),
        (ListEventsRequest { resource_id: A.to_owned(), ..kind("zero") }, vec![]),
        (ListEventsRequest { organizations: texts(&[A]), ..none() }, vec![1, 4]),
        (ListEventsRequest { regions: texts(&["420502"]), ..none() }, vec![1, 2, 4, 5]),
        (ListEventsRequest { regions: texts(&["4205*"]), ..none() }, vec![1, 2, 3, 4, 5, 6]),
        (
            ListEventsRequest {
                regions: texts(&["420506"]),
                organizations: texts(&[A2]),
                ..none()
            },
            vec![2, 3, 6],
        ),
        (ListEventsRequest { subject: "li".to_owned(), ..none() }, vec![4, 5, 6]),
        (ListEventsRequest { subject: "l".to_owned(), ..none() }, vec![]),
        (ListEventsRequest { subject: "steward".to_owned(), ..none() }, vec![7]),
        (ListEventsRequest { from_time: later, ..none() }, vec![4, 5, 6, 7]),
        (ListEventsRequest { until_time: later, ..none() }, vec![1, 2, 3]),
        (
            ListEventsRequest {
                from_time: later,
                newest_first: true,
                organizations: texts(&[A]),
                ..kind("reporter")
            },
            vec![4],
        ),
    ];
    for (request, expected) in requests {
        let events = list(&mut house.audit("*"), request.clone()).await;
        assert_eq!(seqs(&events), expected, "{request:?}");
    }
}

async fn pages_go_both_ways(db: TestDb) {
    let house = scene(&db).await;
    for (newest_first, expected) in [(false, [1, 2, 3, 4, 5, 6, 7]), (true, [7, 6, 5, 4, 3, 2, 1])]
    {
        for page_size in 1..=8 {
            let request =
                ListEventsRequest { page_size, newest_first, ..ListEventsRequest::default() };
            let first = house.audit("*").list_events(request.clone()).await.unwrap().into_inner();
            assert_eq!(first.events.len(), 7.min(usize::try_from(page_size).unwrap()));
            assert_eq!(first.next_page_token.is_empty(), page_size >= 7);
            assert_eq!(seqs(&list(&mut house.audit("*"), request).await), expected);
        }
    }
    // Behind a place, and from there on in pages.
    for (newest_first, expected) in [(false, [4, 5, 6, 7]), (true, [2, 1, 0, 0])] {
        let request =
            ListEventsRequest { page_size: 2, newest_first, after_seq: 3, ..Default::default() };
        let expected: Vec<i64> = expected.into_iter().filter(|seq| *seq > 0).collect();
        assert_eq!(seqs(&list(&mut house.audit("*"), request).await), expected);
    }
    let negative = ListEventsRequest { after_seq: -1, ..ListEventsRequest::default() };
    let refused = house.audit("*").list_events(negative).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "PLACE_MALFORMED");
    // A token goes on with its own list only.
    let request = ListEventsRequest { page_size: 2, ..ListEventsRequest::default() };
    let page = house.audit("*").list_events(request.clone()).await.unwrap().into_inner();
    let other =
        ListEventsRequest { page_token: page.next_page_token, newest_first: true, ..request };
    let refused = house.audit("*").list_events(other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

async fn an_auditor_sees_the_events_of_his_regions_only(db: TestDb) {
    let house = scene(&db).await;
    let all = ListEventsRequest::default();
    for (region, expected) in [
        ("*", vec![1, 2, 3, 4, 5, 6, 7]),
        ("4205*", vec![1, 2, 3, 4, 5, 6]),
        ("420502", vec![1, 2, 4, 5]),
        ("420506", vec![3, 6]),
        ("4206*", vec![]),
    ] {
        assert_eq!(seqs(&list(&mut house.audit(region), all.clone()).await), expected, "{region}");
        let wide = ListEventsRequest { regions: texts(&["4205*"]), ..all.clone() };
        let expected: Vec<_> = expected.into_iter().filter(|seq| *seq < 7).collect();
        assert_eq!(seqs(&list(&mut house.audit(region), wide).await), expected, "{region}");
    }
    for (regions, organizations) in
        [(vec!["420506"], vec![]), (vec![], vec![B]), (vec!["420502"], vec![B])]
    {
        let request = ListEventsRequest {
            regions: texts(&regions),
            organizations: texts(&organizations),
            ..all.clone()
        };
        let refused = house.audit("420502").list_events(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
    let refused = super::AuditServiceClient::new(house.called("li", "manager", "*"))
        .list_events(all)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

async fn a_page_holds_what_an_answer_can_carry(db: TestDb) {
    let house = House::new(&db).await;
    let ctx = Ctx::of_service("/test", test_clock().now());
    let large = Organization { name: "甲".repeat(33_000), ..Organization::default() };
    let larger = Organization { name: "甲".repeat(50_000), ..Organization::default() };
    let mut tx = db.write().await;
    for number in 0..60 {
        let event = Event::new("organization", number.to_string());
        let event = event.before(&large).unwrap().after(&larger).unwrap();
        audit::record(&mut tx, &ctx, event).await.unwrap();
    }
    tx.commit().await.unwrap();
    chained(&db).await;
    for newest_first in [false, true] {
        let request =
            ListEventsRequest { page_size: 1000, newest_first, ..ListEventsRequest::default() };
        let page = house.audit("*").list_events(request.clone()).await.unwrap().into_inner();
        assert!(page.events.len() >= 10, "{}", page.events.len());
        assert!(prost::Message::encoded_len(&page) < 4 * 1024 * 1024);
        let mut seqs = seqs(&list(&mut house.audit("*"), request).await);
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=60).collect::<Vec<_>>());
        assert!(page.events[0].before_json.contains("甲甲"));
        // More than is kept of one resource.
        assert!(page.events[0].after_json.starts_with(r#"{"bytes":150011,"sha256":""#));
    }
}

async fn faulty_requests_are_refused_with_every_fault(db: TestDb) {
    let house = House::new(&db).await;
    let request = ListEventsRequest {
        page_size: 1001,
        page_token: "x".to_owned(),
        resource_id: "x".to_owned(),
        regions: texts(&["4"]),
        organizations: vec![A.to_owned(); 101],
        subject: "a\u{0}b".to_owned(),
        from_time: Some(prost_types::Timestamp { seconds: 0, nanos: -1 }),
        ..ListEventsRequest::default()
    };
    let refused = house.audit("*").list_events(request).await.unwrap_err();
    let faults = refused.get_details_bad_request().unwrap().field_violations;
    let mut fields: Vec<_> = faults.iter().map(|fault| &*fault.field).collect();
    fields.sort_unstable();
    let all = [
        "from_time",
        "organizations",
        "page_size",
        "page_token",
        "regions[0]",
        "resource_type",
        "subject",
    ];
    assert_eq!(fields, all);
    let time = Some(to_proto(house.clock.now()));
    let empty =
        ListEventsRequest { from_time: time, until_time: time, ..ListEventsRequest::default() };
    let refused = house.audit("*").list_events(empty).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "PERIOD_MALFORMED");
}
