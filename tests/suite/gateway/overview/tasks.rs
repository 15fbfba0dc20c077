//! What waits for somebody in all domains.

use steward_proto::approval::v1::approval_service_client::ApprovalServiceClient;
use steward_proto::approval::v1::officeholder_service_client::OfficeholderServiceClient;
use steward_proto::approval::v1::{
    Approval, CreateOfficeholderRequest, DecideApprovalRequest, Decision, Officeholder, Position,
    RequestExpenditureRequest,
};
use steward_proto::report::v1::{ListAllTasksRequest, ListAllTasksResponse};
use steward_tests::both;

use super::*;

both!(
    [],
    tasks_of_all_domains_come_oldest_first,
    where_authentication_is_off_tasks_are_of_who_says_who_he_is,
);

/// What is asked for in a domain.
const CATEGORIES: [(&str, &str); 3] =
    [("energy", "electricity"), ("maintenance", "small_repair"), ("property", "rent")];

/// Has somebody decide the first step in three domains, in which another asks for five things; the titles
/// count them.
async fn asked(house: &House, security: &As, asker: &As) -> Vec<Approval> {
    for (domain, _) in CATEGORIES {
        let officeholder = Officeholder {
            subject: "li".to_owned(),
            name: "某人".to_owned(),
            position: Position::Section.into(),
            organization: XILING.to_owned(),
            from_date: "2017-01-01".to_owned(),
            ..Officeholder::default()
        };
        let request = CreateOfficeholderRequest {
            request_id: Uuid::new_v4().to_string(),
            officeholder: Some(officeholder),
            ..CreateOfficeholderRequest::default()
        };
        OfficeholderServiceClient::new(called(&house.gateway, security.clone().to(domain)))
            .create_officeholder(request)
            .await
            .unwrap();
    }
    let mut made = Vec::new();
    for (number, place) in [2, 0, 1, 0, 2].into_iter().enumerate() {
        let (domain, category) = CATEGORIES[place];
        let request = RequestExpenditureRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: XILING.to_owned(),
            category: category.to_owned(),
            amount_fen: 100,
            fiscal_year: 2017,
            title: format!("{}", number + 1),
            accept_warnings: true,
            ..RequestExpenditureRequest::default()
        };
        let answer = ApprovalServiceClient::new(called(&house.gateway, asker.clone().to(domain)))
            .request_expenditure(request)
            .await;
        made.push(answer.unwrap().into_inner().approval.unwrap());
        // The third and the fourth are asked for at one instant.
        house.clock.advance(chrono::TimeDelta::seconds(i64::from(number != 2)));
    }
    made
}

fn waiting(page: &ListAllTasksResponse) -> Vec<String> {
    let waits = |it: &steward_proto::report::v1::DomainTask| {
        let approval = it.task.as_ref().and_then(|task| task.approval.as_ref());
        format!("{} {}", it.domain, approval.unwrap().title)
    };
    page.tasks.iter().map(waits).collect()
}

async fn tasks_of_all_domains_come_oldest_first(db: TestDb) {
    let house = House::new(&db).await;
    let security = house.bearer("security", &grants(&["security_admin"], &["4205*"]));
    let who = |subject: &str| house.bearer(subject, &grants(&["operator"], &["420502"]));
    let made = asked(&house, &security, &who("wang")).await;
    let client = |who: As| OverviewServiceClient::new(called(&house.gateway, who));
    let all = ["property 1", "energy 2", "maintenance 3", "energy 4", "property 5"];
    let mut li = client(who("li"));
    for size in 1..=6_usize {
        let page_size = size.try_into().unwrap();
        let mut request = ListAllTasksRequest { page_size, ..ListAllTasksRequest::default() };
        for expected in all.chunks(size) {
            let page = li.list_all_tasks(request.clone()).await.unwrap().into_inner();
            assert!(page.complete);
            assert_eq!((waiting(&page), said(&page.parts)), (texts(expected), ANSWERED.to_vec()));
            request.page_token = page.next_page_token;
        }
        assert_eq!(request.page_token, "");
    }
    let mut request = ListAllTasksRequest { page_size: 2, ..ListAllTasksRequest::default() };
    let none = client(who("wang")).list_all_tasks(request.clone()).await.unwrap().into_inner();
    assert_eq!(waiting(&none), [""; 0], "nobody decides what he asked for");

    // One that was shown is decided meanwhile, and shifts nothing; it waits for who asked.
    request.page_token =
        li.list_all_tasks(request.clone()).await.unwrap().into_inner().next_page_token;
    let decide = DecideApprovalRequest {
        request_id: Uuid::new_v4().to_string(),
        id: made[0].id.clone(),
        etag: made[0].etag.clone(),
        decision: Decision::Return.into(),
        opinion: "不妥".to_owned(),
        ..DecideApprovalRequest::default()
    };
    ApprovalServiceClient::new(called(&house.gateway, who("li").to("property")))
        .decide_approval(decide)
        .await
        .unwrap();
    let page = li.list_all_tasks(request.clone()).await.unwrap().into_inner();
    assert_eq!(waiting(&page), all[2..4]);
    let mut wang = client(who("wang"));
    let returned = wang.list_all_tasks(ListAllTasksRequest::default()).await.unwrap();
    assert_eq!(waiting(&returned.into_inner()), ["property 1"]);
    // The page of one is not the page of another.
    assert_eq!(faulty(wang.list_all_tasks(request).await), no_token());

    let stopped = house.with(Domain::Energy, dead().await).await;
    let mut request = ListAllTasksRequest::default();
    let mut li = OverviewServiceClient::new(called(&stopped, who("li")));
    let page = li.list_all_tasks(request.clone()).await.unwrap().into_inner();
    assert!(!page.complete);
    assert_eq!(waiting(&page), ["maintenance 3", "property 5"]);
    request.require_complete = true;
    let refused = refusal(&li.list_all_tasks(request).await.unwrap_err());
    assert_eq!(refused, (Code::Unavailable, "REPORT_INCOMPLETE".to_owned()));
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn where_authentication_is_off_tasks_are_of_who_says_who_he_is(db: TestDb) {
    let house = House::open(&db).await;
    let who = |subject: &str| As::default().named(subject);
    asked(&house, &As::default(), &who("wang")).await;
    for (subject, count) in [("li", 5), ("wang", 0), ("zhang", 0)] {
        let mut client = OverviewServiceClient::new(called(&house.gateway, who(subject)));
        let page = client.list_all_tasks(ListAllTasksRequest::default()).await.unwrap();
        assert_eq!(waiting(&page.into_inner()).len(), count, "{subject}");
    }
}
