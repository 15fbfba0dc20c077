//! Lists and sums of establishments.

use serde_json::json;
use steward_proto::fleet::v1::{
    EstablishmentGrant, GrantAuthority, ListEstablishmentsRequest, ListGrantsRequest,
    SummarizeEstablishmentsRequest, VehicleCategory,
};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{MIGRATIONS, XILING, YILING, car, create, faults, reason};
use super::{Establishments, House, emergency, filing, grant, numbers};

both!(MIGRATIONS, establishments_are_listed, grants_are_listed, sums_are_what_the_list_says);

fn special(organization: &str, authorised: i32) -> EstablishmentGrant {
    EstablishmentGrant {
        category: VehicleCategory::Special.into(),
        authority: GrantAuthority::Finance.into(),
        ..emergency(organization, authorised, "2017-01-01")
    }
}

/// Xiling: emergency 2 held of 1, special none held of 4; Yiling: emergency 1 held of 1, and another
/// vehicle without a grant, which is one too many since it has others.
async fn settle(house: &House) {
    let (mut city, mut vehicles) = (house.city(), house.vehicles());
    for made in
        [emergency(XILING, 1, "2017-01-01"), special(XILING, 4), emergency(YILING, 1, "2017-01-01")]
    {
        grant(&mut city, made).await.unwrap();
    }
    for (holder, plate) in [(XILING, "鄂E00001"), (XILING, "鄂E00002"), (YILING, "鄂E00003")] {
        create(&mut vehicles, car(holder, plate)).await.unwrap();
    }
    let mut other = car(YILING, "鄂E00004");
    other.category = VehicleCategory::Other.into();
    create(&mut vehicles, other).await.unwrap();
}

async fn establishments_are_listed(db: TestDb) {
    let house = House::new(&db).await;
    settle(&house).await;
    let all = ListEstablishmentsRequest::default();
    let list = async |request: ListEstablishmentsRequest| {
        let answer = house.city().list_establishments(request).await.unwrap().into_inner();
        let row = |it: &_| numbers(it);
        answer.establishments.iter().map(row).collect::<Vec<_>>()
    };
    let every =
        [(Some(1), 2, 0, 0, 1), (Some(4), 0, 0, 4, 0), (Some(1), 1, 0, 0, 0), (None, 1, 0, 0, 1)];
    assert_eq!(list(all.clone()).await, every);
    let over = ListEstablishmentsRequest { over_only: true, ..all.clone() };
    assert_eq!(list(over).await, [every[0], every[3]]);
    for (resource, count) in [
        (format!("establishments/{XILING}/emergency"), 1),
        (format!("establishments/{YILING}/emergency"), 0),
        (format!("establishments/{YILING}/other"), 1),
    ] {
        assert_eq!(house.findings(&resource).await.len(), count, "as findings say: {resource}");
    }
    let free = ListEstablishmentsRequest { free_only: true, ..all.clone() };
    assert_eq!(list(free).await, every[1..2]);
    let category = VehicleCategory::Emergency.into();
    let emergencies = ListEstablishmentsRequest { category, ..all.clone() };
    assert_eq!(list(emergencies).await, [every[0], every[2]]);
    let yiling = ListEstablishmentsRequest { regions: vec!["420506".into()], ..all.clone() };
    assert_eq!(list(yiling).await, every[2..]);
    let named = ListEstablishmentsRequest { organizations: vec![XILING.into()], ..all.clone() };
    assert_eq!(list(named).await, every[..2]);

    let (mut request, mut paged) = (ListEstablishmentsRequest { page_size: 1, ..all.clone() }, 0);
    loop {
        let answer = house.city().list_establishments(request.clone()).await.unwrap().into_inner();
        assert_eq!(numbers(&answer.establishments[0]), every[paged]);
        paged += 1;
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(paged, 4);
    let wrong = ListEstablishmentsRequest { page_size: -1, category: 99, ..all };
    let error = house.city().list_establishments(wrong).await.unwrap_err();
    assert_eq!(faults(&error).len(), 2);
}

async fn grants_are_listed(db: TestDb) {
    let house = House::new(&db).await;
    settle(&house).await;
    let mut city = house.city();
    let early = grant(&mut city, emergency(XILING, 7, "2016-01-01")).await.unwrap();
    city.file_grant(filing(&early)).await.unwrap();
    let all = ListGrantsRequest::default();
    let list = async |request: ListGrantsRequest| {
        let answer = house.city().list_grants(request).await.unwrap().into_inner();
        let row = |it: EstablishmentGrant| (it.organization, it.authorised);
        answer.grants.into_iter().map(row).collect::<Vec<_>>()
    };
    let row = |code: &str, authorised| (code.to_owned(), authorised);
    let every = [row(XILING, 7), row(XILING, 1), row(XILING, 4), row(YILING, 1)];
    assert_eq!(list(all.clone()).await, every);
    let unfiled = ListGrantsRequest { unfiled_only: true, ..all.clone() };
    assert_eq!(list(unfiled).await, every[1..]);
    let category = VehicleCategory::Special.into();
    assert_eq!(list(ListGrantsRequest { category, ..all.clone() }).await, every[2..3]);
    let yiling = ListGrantsRequest { regions: vec!["420506".into()], ..all.clone() };
    assert_eq!(list(yiling).await, every[3..]);
    let mut request = ListGrantsRequest { page_size: 1, ..all };
    let mut paged = Vec::new();
    loop {
        let answer = house.city().list_grants(request.clone()).await.unwrap().into_inner();
        paged.extend(answer.grants.into_iter().map(|it| (it.organization, it.authorised)));
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(paged, every);
}

async fn sums_are_what_the_list_says(db: TestDb) {
    let house = House::new(&db).await;
    settle(&house).await;
    let all = SummarizeEstablishmentsRequest::default();
    let answer = house.city().summarize_establishments(all.clone()).await.unwrap().into_inner();
    let total = answer.total.unwrap();
    let told = (total.authorised, total.held, total.reserved, total.free, total.over);
    assert_eq!(told, (6, 4, 0, 4, 2));
    assert_eq!((total.count, total.ungranted, total.frozen), (4, 1, 2));
    assert!(answer.scope_limited, "the bureau has the city, not everything");
    let row = |region: &str, category: VehicleCategory, held| {
        (region.to_owned(), i32::from(category), held)
    };
    let rows: Vec<_> = answer
        .rows
        .iter()
        .map(|it| (it.region.clone(), it.category, it.sum.as_ref().unwrap().held))
        .collect();
    let expected = [
        row("420502", VehicleCategory::Emergency, 2),
        row("420502", VehicleCategory::Special, 0),
        row("420506", VehicleCategory::Emergency, 1),
        row("420506", VehicleCategory::Other, 1),
    ];
    assert_eq!(rows, expected);
    let category = VehicleCategory::Emergency.into();
    let one = SummarizeEstablishmentsRequest { regions: vec!["420502".into()], category, ..all };
    let answer = house.city().summarize_establishments(one).await.unwrap().into_inner();
    assert_eq!((answer.rows.len(), answer.scope_limited), (1, false));

    // Beyond the grants nothing is counted, and nothing told of it.
    let grants = json!([{"role": "viewer", "domain": "fleet", "regions": ["420502"]}]);
    let mut xiling = Establishments::new(house.caller("xiling", &grants));
    let wide =
        SummarizeEstablishmentsRequest { regions: vec!["4205*".into()], ..Default::default() };
    let answer = xiling.summarize_establishments(wide).await.unwrap().into_inner();
    assert_eq!((answer.total.unwrap().held, answer.scope_limited), (2, true));
    let named =
        SummarizeEstablishmentsRequest { regions: vec!["420506".into()], ..Default::default() };
    let error = xiling.summarize_establishments(named).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::NotFound, "NOT_FOUND"));
}
