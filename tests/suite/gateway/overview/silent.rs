//! A domain that does not answer is named; what it has is neither lost nor repeated.

use std::time::Duration;

use steward_tests::both;
use tonic::Request;

use super::*;

both!(
    [],
    a_stopped_domain_is_named_and_asked_again,
    a_walk_goes_on_without_it_and_with_it_again,
    the_last_page_is_asked_for_again,
    a_domain_that_never_answers_is_named_in_time,
    a_page_that_must_be_complete_is_refused,
);

/// What is said where fleet is missing.
fn without_fleet(failure: &str) -> [(&str, bool, &str, bool); 4] {
    ANSWERED.map(|said| if said.0 == "fleet" { ("fleet", false, failure, false) } else { said })
}

/// Asks through a gateway whose fleet is stopped.
async fn incomplete(house: &House, request: &ListAllFindingsRequest) -> ListAllFindingsResponse {
    let stopped = house.without_fleet().await;
    let mut client = OverviewServiceClient::new(called(&stopped, house.clerk()));
    let page = page(&mut client, request).await;
    assert!(!page.complete);
    assert_eq!(said(&page.parts), without_fleet("UNAVAILABLE"));
    page
}

fn of(page_size: i32, page_token: &str) -> ListAllFindingsRequest {
    let page_token = page_token.to_owned();
    ListAllFindingsRequest { page_size, page_token, ..ListAllFindingsRequest::default() }
}

async fn a_stopped_domain_is_named_and_asked_again(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let first = page(&mut house.overview(), &of(3, "")).await;
    assert_eq!(shown(&first.findings), ["fleet 7", "property 6", "property 5"]);
    let token = first.next_page_token;
    let part = incomplete(&house, &of(3, &token)).await;
    assert_eq!(shown(&part.findings), ["energy 3", "property 2"]);
    // The same page, once it answers.
    let whole = page(&mut house.overview(), &of(3, &token)).await;
    assert!(whole.complete);
    assert_eq!(shown(&whole.findings), ["fleet 4", "energy 3", "property 2"]);
}

async fn a_walk_goes_on_without_it_and_with_it_again(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let first = incomplete(&house, &of(2, "")).await;
    assert_eq!(shown(&first.findings), ["property 6", "property 5"]);
    let second = incomplete(&house, &of(1, &first.next_page_token)).await;
    assert_eq!(shown(&second.findings), ["energy 3"]);
    // What it has from before comes first, and everything once.
    let third = page(&mut house.overview(), &of(4, &second.next_page_token)).await;
    assert!(third.complete);
    assert_eq!(shown(&third.findings), ["fleet 7", "fleet 4", "property 2", "fleet 1"]);
    assert_eq!(third.next_page_token, "");
}

async fn the_last_page_is_asked_for_again(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let first = incomplete(&house, &of(3, "")).await;
    let token = first.next_page_token;
    let last = incomplete(&house, &of(3, &token)).await;
    assert_eq!(shown(&last.findings), ["property 2"]);
    assert_eq!(last.next_page_token, "", "nobody waits for who does not answer");
    let again = page(&mut house.overview(), &of(9, &token)).await;
    assert_eq!(shown(&again.findings), ["fleet 7", "fleet 4", "property 2", "fleet 1"]);
}

async fn a_domain_that_never_answers_is_named_in_time(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    // It takes calls and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let silent = house.with(Domain::Fleet, remote(&url)).await;
    let mut client = OverviewServiceClient::new(called(&silent, house.clerk()));
    let mut request = Request::new(of(9, ""));
    request.set_timeout(Duration::from_secs(4));
    let page = client.list_all_findings(request).await.unwrap().into_inner();
    assert!(!page.complete);
    assert_eq!(said(&page.parts), without_fleet("DEADLINE_EXCEEDED"));
    assert_eq!(shown(&page.findings), ["property 6", "property 5", "energy 3", "property 2"]);
}

async fn a_page_that_must_be_complete_is_refused(db: TestDb) {
    let house = House::new(&db).await;
    house.seven().await;
    let stopped = house.without_fleet().await;
    let mut client = OverviewServiceClient::new(called(&stopped, house.clerk()));
    let request = ListAllFindingsRequest { require_complete: true, ..of(3, "") };
    let refused = client.list_all_findings(request.clone()).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::Unavailable, "REPORT_INCOMPLETE".to_owned()));
    assert!(refused.message().contains("fleet did not answer: UNAVAILABLE"), "{refused:?}");
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(info.metadata["domains"], "fleet");
    assert_eq!(info.metadata["reasons"], "fleet did not answer: UNAVAILABLE");
    assert!(page(&mut house.overview(), &request).await.complete);
}
