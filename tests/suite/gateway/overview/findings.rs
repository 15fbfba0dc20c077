//! The findings of all domains.

use steward_proto::finding::v1::{FindingReference, FindingState, NotifyFindingsRequest};
use steward_tests::both;

use super::*;

both!(
    [],
    findings_are_merged_in_pages_of_every_size,
    findings_are_filtered_as_in_a_domain,
    what_leaves_the_list_between_two_pages_shifts_nothing,
    a_token_is_of_one_list,
    faulty_requests_are_refused,
);

async fn findings_are_merged_in_pages_of_every_size(db: TestDb) {
    let house = House::new(&db).await;
    let none = walked(&mut house.overview(), &ListAllFindingsRequest::default()).await;
    assert_eq!(none, [[""; 0]]);
    house.seven().await;
    let all =
        ["fleet 7", "property 6", "property 5", "fleet 4", "energy 3", "property 2", "fleet 1"];
    for size in 1..=8_usize {
        let page_size = size.try_into().unwrap();
        let request = ListAllFindingsRequest { page_size, ..ListAllFindingsRequest::default() };
        let pages = walked(&mut house.overview(), &request).await;
        assert_eq!(pages, all.chunks(size).map(<[_]>::to_vec).collect::<Vec<_>>(), "{size}");
    }
    assert_eq!(walked(&mut house.overview(), &ListAllFindingsRequest::default()).await, [all]);
}

async fn findings_are_filtered_as_in_a_domain(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let all = ListAllFindingsRequest::default();
    let open = vec![FindingState::Open.into(), FindingState::Notified.into()];
    for (request, expected) in [
        (ListAllFindingsRequest { regions: vec!["420502".to_owned()], ..all.clone() }, "76531"),
        (ListAllFindingsRequest { regions: vec!["4205*".to_owned()], ..all.clone() }, "7654321"),
        (ListAllFindingsRequest { organizations: vec![YILING.to_owned()], ..all.clone() }, "42"),
        (ListAllFindingsRequest { states: open, ..all.clone() }, "7654321"),
        (ListAllFindingsRequest { states: vec![6], ..all.clone() }, ""),
        (ListAllFindingsRequest { code: "idle_office".to_owned(), ..all.clone() }, "7654321"),
        (ListAllFindingsRequest { code: "other".to_owned(), ..all.clone() }, ""),
        (ListAllFindingsRequest { violation: "other".to_owned(), ..all.clone() }, ""),
        (
            ListAllFindingsRequest { resource: format!("organizations/{YILING}"), ..all.clone() },
            "42",
        ),
        (ListAllFindingsRequest { overdue: true, ..all.clone() }, ""),
    ] {
        let request = ListAllFindingsRequest { page_size: 2, ..request };
        let found = walked(&mut house.overview(), &request).await.concat();
        let found: String = found.iter().filter_map(|it| it.chars().last()).collect();
        assert_eq!(found, expected, "{request:?}");
    }
}

async fn what_leaves_the_list_between_two_pages_shifts_nothing(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let states = vec![FindingState::Open.into()];
    let request = ListAllFindingsRequest { page_size: 3, states, ..Default::default() };
    let mut client = house.overview();
    let first = page(&mut client, &request).await;
    assert_eq!(shown(&first.findings), ["fleet 7", "property 6", "property 5"]);
    // One that was shown is none of them any more, and there is a new one.
    let notified = first.findings[1].finding.clone().unwrap();
    let notify = NotifyFindingsRequest {
        request_id: Uuid::new_v4().to_string(),
        findings: vec![FindingReference { id: notified.id, etag: notified.etag }],
        circular_no: "宜机管通〔2017〕3号".to_owned(),
        deadline_on: "2017-06-30".to_owned(),
        ..NotifyFindingsRequest::default()
    };
    house.findings("property").notify_findings(notify).await.unwrap();
    house.find("energy", XILING, "8").await;
    let token = first.next_page_token.clone();
    let next = ListAllFindingsRequest { page_token: token, ..request.clone() };
    assert_eq!(
        shown(&page(&mut client, &next).await.findings),
        ["fleet 4", "energy 3", "property 2"]
    );
    let now = page(&mut client, &request).await;
    assert_eq!(shown(&now.findings), ["energy 8", "fleet 7", "property 5"]);
}

async fn a_token_is_of_one_list(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let mut client = house.overview();
    let request = ListAllFindingsRequest { page_size: 1, ..ListAllFindingsRequest::default() };
    let page_token = page(&mut client, &request).await.next_page_token;
    let request = ListAllFindingsRequest { page_token, ..request };
    let regions = vec!["4205*".to_owned()];
    let other = ListAllFindingsRequest { regions, ..request.clone() };
    assert_eq!(faulty(client.list_all_findings(other).await), no_token());
    let token = request.page_token.clone();
    let other = steward_proto::report::v1::ListAllEventsRequest {
        page_token: token.clone(),
        ..Default::default()
    };
    assert_eq!(faulty(client.list_all_events(other).await), no_token());
    let of_domain =
        steward_proto::finding::v1::ListFindingsRequest { page_token: token, ..Default::default() };
    let answer = house.findings("fleet").list_findings(of_domain).await;
    assert_eq!(faulty(answer), no_token());
    // How many, and whether it must be complete, may change.
    let more = ListAllFindingsRequest { page_size: 2, require_complete: true, ..request };
    assert_eq!(shown(&page(&mut client, &more).await.findings), ["property 6", "property 5"]);
}

async fn faulty_requests_are_refused(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.overview();
    let all = ListAllFindingsRequest::default();
    for token in ["x", "eyJ9", "令牌", &"A".repeat(100_000)] {
        let forged = ListAllFindingsRequest { page_token: token.to_owned(), ..all.clone() };
        assert_eq!(faulty(client.list_all_findings(forged).await), no_token());
    }
    let both =
        ListAllFindingsRequest { page_size: 1001, page_token: "x".to_owned(), ..all.clone() };
    let refused = client.list_all_findings(both).await.unwrap_err();
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = fields.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["page_size", "page_token"]);
    // What the domains call faulty.
    let filter = ListAllFindingsRequest {
        regions: vec!["4".to_owned()],
        states: vec![9],
        code: "A b".to_owned(),
        ..all
    };
    let refused = client.list_all_findings(filter).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    let mut fields: Vec<_> = fields.iter().map(|it| it.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["code", "regions[0]", "states[0]"]);
}
