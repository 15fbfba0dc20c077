//! Lists of requests, and of what waits.

use chrono::NaiveDate;
use steward_db::Binds;
use steward_kernel::Clock as _;
use steward_proto::approval::v1::{
    ApprovalState, Decision, ListApprovalsRequest, ListTasksRequest,
};
use steward_tests::{TestDb, both};
use tonic::Code;
use uuid::Uuid;

use super::super::{Approvals, House, MIGRATIONS, XILING, YILING, refusal, refused, to};
use super::{begun, decide, expenditure, tasks};

both!(
    MIGRATIONS,
    lists_filter,
    lists_come_in_pages,
    tasks_come_in_pages,
    who_holds_many_positions_has_his_tasks,
);

async fn ids(client: &mut Approvals, request: ListApprovalsRequest) -> Vec<String> {
    let page = client.list_approvals(request).await.unwrap().into_inner();
    page.approvals.into_iter().map(|it| it.id).collect()
}

async fn lists_filter(db: TestDb) {
    let house = House::staffed(&db).await;
    let first = begun(&house, expenditure(100)).await;
    let second = begun(&house, expenditure(200)).await;
    let returned = decide(&house, "section", &first, Decision::Return).await.unwrap();
    let mut client = house.approvals("asker");
    let all = ListApprovalsRequest::default();
    assert_eq!(ids(&mut client, all.clone()).await, [second.id.clone(), first.id.clone()]);
    let one = client.list_approvals(all.clone()).await.unwrap().into_inner().approvals.remove(1);
    assert!(one.steps.is_empty() && one.decisions.is_empty());
    assert_eq!((one.etag, one.state), (returned.etag, returned.state));
    let returned = vec![ApprovalState::Returned.into(), ApprovalState::Refused.into()];
    for (filter, count) in [
        (ListApprovalsRequest { states: returned, ..all.clone() }, 1),
        (ListApprovalsRequest { kinds: vec!["expenditure".to_owned()], ..all.clone() }, 2),
        (ListApprovalsRequest { kinds: vec!["handover".to_owned()], ..all.clone() }, 0),
        (ListApprovalsRequest { resource: first.resource.clone(), ..all.clone() }, 1),
        (ListApprovalsRequest { requested_by: "asker".to_owned(), ..all.clone() }, 2),
        (ListApprovalsRequest { requested_by: "li".to_owned(), ..all.clone() }, 0),
        (ListApprovalsRequest { organizations: vec![XILING.to_owned()], ..all.clone() }, 2),
        (ListApprovalsRequest { regions: vec!["4205*".to_owned()], ..all.clone() }, 2),
    ] {
        assert_eq!(ids(&mut client, filter.clone()).await.len(), count, "{filter:?}");
    }
    let outside = ListApprovalsRequest { organizations: vec![YILING.to_owned()], ..all.clone() };
    let missing = refusal(Code::NotFound, "NOT_FOUND");
    assert_eq!(refused(client.list_approvals(outside).await), missing);
    let mut beside = Approvals::new(house.clerk("other", "420506"));
    assert_eq!(ids(&mut beside, all).await, [""; 0]);
}

async fn lists_come_in_pages(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut made = Vec::new();
    for amount in 1..=5 {
        made.insert(0, begun(&house, expenditure(amount)).await.id);
    }
    let mut client = house.approvals("asker");
    let (mut found, mut request) =
        (Vec::new(), ListApprovalsRequest { page_size: 2, ..ListApprovalsRequest::default() });
    loop {
        let page = client.list_approvals(request.clone()).await.unwrap().into_inner();
        found.extend(page.approvals.into_iter().map(|it| it.id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(found, made);
}

async fn tasks_come_in_pages(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut made = Vec::new();
    for amount in 1..=5 {
        made.push(begun(&house, expenditure(amount)).await.id);
    }
    let mut client = house.approvals("section");
    let (mut found, mut request) =
        (Vec::new(), ListTasksRequest { page_size: 2, ..ListTasksRequest::default() });
    loop {
        let page = client.list_tasks(request.clone()).await.unwrap().into_inner();
        found.extend(page.tasks.into_iter().map(|it| it.approval.unwrap().id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(found, made, "oldest first");
    // Behind a request, and from there on in pages.
    let behind = ListTasksRequest { after_id: made[1].clone(), page_size: 2, ..Default::default() };
    let page = client.list_tasks(behind.clone()).await.unwrap().into_inner();
    let ids: Vec<_> = page.tasks.into_iter().map(|it| it.approval.unwrap().id).collect();
    assert_eq!(ids, made[2..4]);
    let next = ListTasksRequest { page_token: page.next_page_token, ..behind };
    let page = client.list_tasks(next.clone()).await.unwrap().into_inner();
    assert_eq!(page.tasks[0].approval.as_ref().unwrap().id, made[4]);
    assert_eq!((page.tasks.len(), page.next_page_token.as_str()), (1, ""));
    let other = client.list_tasks(ListTasksRequest { after_id: String::new(), ..next }).await;
    assert_eq!(refused(other), refusal(Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
    // The page of one is not the page of another.
    request.page_token.clone_from(
        &client
            .list_tasks(ListTasksRequest { page_size: 2, ..Default::default() })
            .await
            .unwrap()
            .into_inner()
            .next_page_token,
    );
    let answer = house.approvals("finance").list_tasks(request).await;
    assert_eq!(refused(answer), refusal(Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
}

async fn who_holds_many_positions_has_his_tasks(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = begun(&house, expenditure(100)).await;
    // More than an expression may be deep.
    let seats: Vec<_> = (0..1_200).map(|_| Uuid::new_v4()).collect();
    let (now, from) = (house.clock.now(), NaiveDate::from_ymd_opt(2017, 1, 1).unwrap());
    let mut tx = db.write().await;
    let head = "INSERT INTO approval_officeholder (id, subject, name, position, organization, \
                region, from_date, until_date, create_time, update_time, version)";
    let bound = |id: &Uuid, binds: Binds| {
        let binds = binds.bind(*id).bind("busy").bind("某人").bind("section").bind(XILING);
        let none = (None::<String>, None::<NaiveDate>);
        binds.bind(none.0).bind(from).bind(none.1).bind(now).bind(now).bind(1_i64)
    };
    tx.bulk(head, &seats, bound, "").run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(tasks(&mut house.approvals("busy")).await, [(made.id.clone(), String::new())]);
    // So has who stands in for him, and he alone.
    house.delegate("busy", to("aide")).await;
    let task = (made.id.clone(), "busy".to_owned());
    assert_eq!(tasks(&mut house.approvals("aide")).await, [task]);
    assert_eq!(tasks(&mut house.approvals("other")).await, []);
    let next = decide(&house, "busy", &made, Decision::Approve).await.unwrap();
    assert_eq!(tasks(&mut house.approvals("busy")).await, [], "the next step is another's");
    assert_eq!(tasks(&mut house.approvals("finance")).await, [(next.id, String::new())]);
}
