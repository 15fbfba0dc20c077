//! Findings listed and counted.

use chrono::TimeDelta;
use serde_json::json;
use steward_proto::finding::v1::{
    Finding, FindingState, ListFindingsRequest, SummarizeFindingsRequest, SummarizeFindingsResponse,
};
use steward_tests::{TestDb, both};

use super::super::{Findings, House, MIGRATIONS, XILING, YILING, refused};
use super::{Act, act, in_state, list, opened, opening};

both!(MIGRATIONS, lists_filter, lists_come_in_pages, findings_are_counted_by_region,);

/// Seven findings in the order of opening; of each its occasion.
async fn seven(house: &House) {
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let at = |place: Finding, occasion: &str| Finding { occasion: occasion.to_owned(), ..place };
    opened(&mut city, at(opening(YILING, ""), "1")).await;
    in_state(&mut city, &mut clerk, "2", FindingState::Notified).await;
    in_state(&mut city, &mut clerk, "3", FindingState::Submitted).await;
    in_state(&mut city, &mut clerk, "4", FindingState::Closed).await;
    opened(&mut city, at(opening("", "420502"), "5")).await;
    opened(&mut city, at(opening("", "420506"), "6")).await;
    let other = Finding {
        code: "repair_padded".to_owned(),
        violation: "padded_costs".to_owned(),
        resource: "vehicles/1".to_owned(),
        ..opening(XILING, "")
    };
    opened(&mut city, at(other, "7")).await;
}

async fn lists_filter(db: TestDb) {
    let house = House::new(&db).await;
    seven(&house).await;
    let found = async |client: &mut Findings, change: fn(&mut ListFindingsRequest)| {
        let mut request = ListFindingsRequest::default();
        change(&mut request);
        let found = list(client, request).await;
        found.into_iter().map(|it| it.occasion).collect::<Vec<_>>().concat()
    };
    let mut city = house.city();
    assert_eq!(found(&mut city, |_| {}).await, "7654321", "the newest first");
    assert_eq!(found(&mut city, |it| it.regions = vec!["420502".to_owned()]).await, "75432");
    assert_eq!(found(&mut city, |it| it.organizations = vec![YILING.to_owned()]).await, "1");
    let both = |it: &mut ListFindingsRequest| {
        it.regions = vec!["420506".to_owned()];
        it.organizations = vec![XILING.to_owned()];
    };
    assert_eq!(found(&mut city, both).await, "764321");
    let open = |it: &mut ListFindingsRequest| it.states = vec![FindingState::Open.into()];
    assert_eq!(found(&mut city, open).await, "7651");
    let two = |it: &mut ListFindingsRequest| {
        it.states = vec![FindingState::Submitted.into(), FindingState::Closed.into()];
    };
    assert_eq!(found(&mut city, two).await, "43");
    assert_eq!(found(&mut city, |it| it.code = "repair_padded".to_owned()).await, "7");
    assert_eq!(found(&mut city, |it| it.violation = "padded_costs".to_owned()).await, "7");
    assert_eq!(found(&mut city, |it| it.resource = "vehicles/1".to_owned()).await, "7");

    assert_eq!(found(&mut house.manager("xiling", "420502"), |_| {}).await, "75432");
    let grants = json!([{"role": "viewer", "domain": "*", "organizations": [XILING]}]);
    let mut viewer = Findings::new(house.caller("viewer", &grants));
    assert_eq!(found(&mut viewer, |_| {}).await, "7432", "not what is on the region");
    let outside = ListFindingsRequest { regions: vec!["420506".to_owned()], ..Default::default() };
    assert_eq!(refused(viewer.list_findings(outside).await).1, "NOT_FOUND");
    let twice = vec![FindingState::Open.into(); 2];
    let twice = ListFindingsRequest { states: twice, ..Default::default() };
    assert_eq!(refused(city.list_findings(twice).await).1, "REPEATED");
}

async fn lists_come_in_pages(db: TestDb) {
    let house = House::new(&db).await;
    seven(&house).await;
    let mut city = house.city();
    let mut request = ListFindingsRequest { page_size: 3, ..ListFindingsRequest::default() };
    let (mut found, mut sizes) = (String::new(), Vec::new());
    loop {
        let page = city.list_findings(request.clone()).await.unwrap().into_inner();
        sizes.push(page.findings.len());
        found.extend(page.findings.into_iter().map(|it| it.occasion));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!((&*found, &*sizes), ("7654321", &[3, 3, 1][..]));

    // Behind a finding, and from there on in pages.
    let all = list(&mut city, ListFindingsRequest::default()).await;
    let behind =
        ListFindingsRequest { after_id: all[1].id.clone(), page_size: 3, ..Default::default() };
    let page = city.list_findings(behind.clone()).await.unwrap().into_inner();
    assert_eq!(page.findings, all[2..5]);
    let next = ListFindingsRequest { page_token: page.next_page_token, ..behind };
    assert_eq!(list(&mut city, next.clone()).await, all[5..]);
    let other = ListFindingsRequest { after_id: String::new(), ..next };
    assert_eq!(refused(city.list_findings(other).await).1, "PAGE_TOKEN_INVALID");
    let none = ListFindingsRequest { after_id: "x".to_owned(), ..Default::default() };
    assert_eq!(refused(city.list_findings(none).await).1, "ID_MALFORMED");

    request.overdue = true;
    assert_eq!(refused(city.list_findings(request).await).1, "PAGE_TOKEN_INVALID");
}

/// Region, code, state, and how many are there and overdue.
fn rows(answer: &SummarizeFindingsResponse) -> Vec<(&str, &str, FindingState, i64, i64)> {
    let row = |it| -> (&str, &str, FindingState, i64, i64) {
        let it: &steward_proto::finding::v1::FindingCount = it;
        (&it.region, &it.code, it.state(), it.finding_count, it.overdue_count)
    };
    answer.counts.iter().map(row).collect()
}

async fn findings_are_counted_by_region(db: TestDb) {
    let house = House::new(&db).await;
    seven(&house).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let second = in_state(&mut city, &mut clerk, "8", FindingState::Notified).await;
    house.clock.advance(TimeDelta::days(20));
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let all = SummarizeFindingsRequest::default();
    let sum = async |client: &mut Findings, request: &SummarizeFindingsRequest| {
        client.summarize_findings(request.clone()).await.unwrap().into_inner()
    };
    let answer = sum(&mut city, &all).await;
    let expected = [
        ("420502", "idle_office", FindingState::Closed, 1, 0),
        ("420502", "idle_office", FindingState::Notified, 2, 2),
        ("420502", "idle_office", FindingState::Open, 1, 0),
        ("420502", "idle_office", FindingState::Submitted, 1, 0),
        ("420502", "repair_padded", FindingState::Open, 1, 0),
        ("420506", "idle_office", FindingState::Open, 2, 0),
    ];
    assert_eq!(rows(&answer), expected);
    assert_eq!((answer.finding_count, answer.live_count, answer.overdue_count), (8, 7, 2));
    assert_eq!(answer.counted_regions, ["420502", "420506"]);
    assert!(answer.scope_limited, "the city is not the country");
    let city_alone = SummarizeFindingsRequest { regions: vec!["4205*".to_owned()], ..all.clone() };
    assert!(!sum(&mut city, &city_alone).await.scope_limited);
    // A district sees its own part, and that it is one.
    let part = sum(&mut house.manager("xiling", "420502"), &city_alone).await;
    assert_eq!(rows(&part), expected[..5]);
    assert!(part.scope_limited);
    act(&mut clerk, Act::Submit, &second).await.unwrap();
    assert_eq!(sum(&mut city, &city_alone).await.overdue_count, 1);

    let from = answer.read_time;
    let later = SummarizeFindingsRequest { opened_from_time: from, ..city_alone.clone() };
    assert_eq!(sum(&mut city, &later).await.finding_count, 0);
    let earlier = SummarizeFindingsRequest { opened_until_time: from, ..city_alone };
    assert_eq!(sum(&mut city, &earlier).await.finding_count, 8);
    let outside = SummarizeFindingsRequest { regions: vec!["420506".to_owned()], ..all };
    let error = house.manager("xiling", "420502").summarize_findings(outside).await;
    assert_eq!(refused(error).1, "NOT_FOUND");
}
