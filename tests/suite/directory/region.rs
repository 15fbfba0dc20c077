use serde_json::Value;
use steward_kernel::yichang;
use steward_proto::directory::v1::{
    CreateRegionRequest, ListRegionsRequest, Region, UpdateRegionRequest,
};
use steward_tests::service::{As, called};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use uuid::Uuid;

use super::common::{Event, Guarded, events, faults, reason};
use super::{MIGRATIONS, Regions, backend};

both!(
    MIGRATIONS,
    the_city_is_listed,
    pages_go_on_where_they_ended,
    a_development_zone_is_made_and_renamed,
    what_does_not_fit_is_refused,
    a_code_is_taken_once,
    of_two_renamings_at_once_one_wins,
    only_who_covers_a_region_changes_it,
    every_change_is_told_to_the_audit_trail,
);

fn create(code: &str, name: &str) -> CreateRegionRequest {
    let (code, name) = (code.to_owned(), name.to_owned());
    CreateRegionRequest {
        request_id: Uuid::new_v4().to_string(),
        region: Some(Region { code, name, ..Region::default() }),
        validate_only: false,
    }
}

fn rename(region: &Region, name: &str) -> UpdateRegionRequest {
    UpdateRegionRequest {
        request_id: Uuid::new_v4().to_string(),
        region: Some(Region { name: name.to_owned(), ..region.clone() }),
        validate_only: false,
    }
}

async fn list(client: &mut Regions) -> Vec<Region> {
    let answer = client.list_regions(ListRegionsRequest::default()).await.unwrap().into_inner();
    assert_eq!(answer.next_page_token, "");
    answer.regions
}

fn refused(error: &Status) -> (Code, String) {
    (error.code(), reason(error))
}

async fn the_city_is_listed(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    let regions = list(&mut client).await;
    let listed: Vec<_> = regions.iter().map(|r| (r.code.as_str(), r.name.as_str())).collect();
    assert_eq!(listed, yichang::REGIONS);
    assert!(regions.iter().all(|r| r.update_time.is_none() && r.etag == "1"));
}

async fn pages_go_on_where_they_ended(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    let (mut seen, mut sizes, mut page_token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let request = ListRegionsRequest { page_size: 5, page_token };
        let answer = client.list_regions(request).await.unwrap().into_inner();
        sizes.push(answer.regions.len());
        seen.extend(answer.regions.into_iter().map(|region| region.code));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(sizes, [5, 5, 4]);
    let codes: Vec<_> = yichang::REGIONS.iter().map(|(code, _)| *code).collect();
    assert_eq!(seen, codes);
}

async fn a_development_zone_is_made_and_renamed(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    let request = create("420500-01", " 高新区 ");
    let checked = CreateRegionRequest { validate_only: true, ..create("420500-01", "高新区") };
    client.create_region(checked).await.unwrap();
    assert_eq!(list(&mut client).await.len(), 14, "checking changes nothing");
    let made = client.create_region(request.clone()).await.unwrap().into_inner();
    let again = client.create_region(request.clone()).await.unwrap().into_inner();
    assert_eq!(made, again, "answered again");
    let made = made.region.unwrap();
    assert_eq!((made.name.as_str(), made.etag.as_str()), ("高新区", "1"));
    assert!(made.update_time.is_some());
    assert_eq!(list(&mut client).await[1], made, "under the city");
    let other = CreateRegionRequest { request_id: request.request_id, ..create("420599", "丙") };
    let error = client.create_region(other).await.unwrap_err();
    assert_eq!(refused(&error), (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));

    let checked = UpdateRegionRequest { validate_only: true, ..rename(&made, "新区") };
    client.update_region(checked).await.unwrap();
    let request = rename(&made, "高新技术产业开发区");
    let renamed = client.update_region(request.clone()).await.unwrap().into_inner();
    let again = client.update_region(request).await.unwrap().into_inner();
    assert_eq!(renamed, again);
    let renamed = renamed.region.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.etag.as_str()), ("高新技术产业开发区", "2"));
    assert_eq!(list(&mut client).await[1], renamed);
    // One that came with the system, and one of GB/T 2260 that is new.
    let xiling = list(&mut client).await.into_iter().find(|r| r.code == "420502").unwrap();
    let xiling = client.update_region(rename(&xiling, "西陵")).await.unwrap().into_inner();
    assert!(xiling.region.unwrap().update_time.is_some());
    client.create_region(create("420599", "新县")).await.unwrap();
    assert_eq!(list(&mut client).await.last().unwrap().code, "420599");
}

async fn what_does_not_fit_is_refused(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    for (code, name, told) in [
        ("", "", vec!["region.code REQUIRED", "region.name REQUIRED"]),
        ("42050", "甲", vec!["region.code REGION_MALFORMED"]),
        ("420500-00", "甲", vec!["region.code REGION_MALFORMED"]),
        (
            "420500-1",
            "\u{7}",
            vec!["region.code REGION_MALFORMED", "region.name CONTROL_CHARACTER"],
        ),
        ("420598-01", "甲", vec!["region.code REGION_UNKNOWN"]),
    ] {
        let error = client.create_region(create(code, name)).await.unwrap_err();
        assert_eq!(
            (error.code(), faults(&error)),
            (Code::InvalidArgument, told.iter().map(ToString::to_string).collect()),
            "{code}"
        );
    }
    client.create_region(create("420599", &"长".repeat(50))).await.unwrap();
    let error = client.create_region(create("420598", &"长".repeat(51))).await.unwrap_err();
    assert_eq!(faults(&error), ["region.name TOO_LONG"]);
    let error = client.create_region(create("420502", "西陵区")).await.unwrap_err();
    assert_eq!(refused(&error), (Code::AlreadyExists, "REGION_EXISTS".to_owned()));
    let nothing = CreateRegionRequest { region: None, ..create("", "") };
    assert_eq!(faults(&client.create_region(nothing).await.unwrap_err()), ["region REQUIRED"]);
    let unasked = CreateRegionRequest { request_id: "1".to_owned(), ..create("420597", "甲") };
    assert_eq!(
        faults(&client.create_region(unasked).await.unwrap_err()),
        ["request_id ID_MALFORMED"]
    );

    let there = Region { code: "420502".into(), etag: "1".into(), ..Region::default() };
    let error = client.update_region(rename(&there, "")).await.unwrap_err();
    assert_eq!(faults(&error), ["region.name REQUIRED"]);
    let faulty = Region { code: "x".into(), etag: "x".into(), ..Region::default() };
    let error = client.update_region(rename(&faulty, "甲")).await.unwrap_err();
    assert_eq!(faults(&error), ["region.code REGION_MALFORMED", "region.etag ETAG_MALFORMED"]);
    let absent = Region { code: "420596".into(), ..there.clone() };
    let error = client.update_region(rename(&absent, "甲")).await.unwrap_err();
    assert_eq!(refused(&error), (Code::NotFound, "NOT_FOUND".to_owned()));
    for etag in ["2", "0", "-1", "9223372036854775807"] {
        let stale = Region { etag: etag.into(), ..there.clone() };
        let error = client.update_region(rename(&stale, "西陵区")).await.unwrap_err();
        assert_eq!(refused(&error), (Code::Aborted, "ETAG_STALE".to_owned()), "{etag}");
    }
    let error = client.update_region(UpdateRegionRequest { region: None, ..rename(&there, "") });
    assert_eq!(faults(&error.await.unwrap_err()), ["region REQUIRED"]);
}

/// The events of regions but those that came with the service.
async fn told(db: &TestDb) -> Vec<Event> {
    let mut events = events(db, "region").await;
    events.retain(|(_, subject, ..)| subject != "steward");
    events
}

async fn a_code_is_taken_once(db: TestDb) {
    let client = Regions::new(called(&backend(&db).await, As::default()));
    let racers = (0..8).map(|racer: i32| {
        let mut client = client.clone();
        let request = create("420500-01", &racer.to_string());
        tokio::spawn(async move { client.create_region(request).await })
    });
    let done = futures::future::join_all(racers.collect::<Vec<_>>()).await;
    let done: Vec<_> = done.into_iter().map(Result::unwrap).collect();
    assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1);
    for error in done.into_iter().filter_map(Result::err) {
        assert_eq!(reason(&error), "REGION_EXISTS");
    }
    assert_eq!(told(&db).await.len(), 1);
}

async fn of_two_renamings_at_once_one_wins(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    for round in 0..10 {
        let there = list(&mut client).await.remove(0);
        let racers = (0..4).map(|racer| {
            let mut client = client.clone();
            let request = rename(&there, &format!("{round}-{racer}"));
            tokio::spawn(async move { client.update_region(request).await })
        });
        let done = futures::future::join_all(racers.collect::<Vec<_>>()).await;
        let done: Vec<_> = done.into_iter().map(Result::unwrap).collect();
        assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1);
        for error in done.into_iter().filter_map(Result::err) {
            assert_eq!(reason(&error), "ETAG_STALE");
        }
    }
    assert_eq!(list(&mut client).await[0].etag, "11");
}

async fn only_who_covers_a_region_changes_it(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let regions = |roles: &[&str], regions: &[&str]| {
        Regions::new(called(&guarded.backend, guarded.caller(roles, regions)))
    };
    let mut xiling = regions(&["system_admin"], &["420502*"]);
    let there = list(&mut xiling).await;
    assert_eq!(there.len(), 14, "regions are public");
    xiling.create_region(create("420502-01", "甲")).await.unwrap();
    let own = there.iter().find(|region| region.code == "420502").unwrap();
    xiling.update_region(rename(own, "西陵")).await.unwrap();
    let denied = (Code::PermissionDenied, "SCOPE_DENIED".to_owned());
    for code in ["420503-01", "420500-01", "420599", "420503"] {
        let error = xiling.create_region(create(code, "乙")).await.unwrap_err();
        assert_eq!(refused(&error), denied, "{code}");
    }
    for code in ["420503", "420599"] {
        let other = Region { code: code.into(), etag: "1".into(), ..Region::default() };
        let error = xiling.update_region(rename(&other, "乙")).await.unwrap_err();
        assert_eq!(refused(&error), denied, "{code}");
    }
    let missing = (Code::PermissionDenied, "ROLE_MISSING".to_owned());
    for other in ["auditor", "security_admin"] {
        let mut others = regions(&["viewer", "operator", "manager", other], &["*"]);
        let error = others.create_region(create("420599", "乙")).await.unwrap_err();
        assert_eq!(refused(&error), missing);
        let error = others.update_region(rename(own, "乙")).await.unwrap_err();
        assert_eq!(refused(&error), missing);
    }
}

async fn every_change_is_told_to_the_audit_trail(db: TestDb) {
    let mut client = Regions::new(called(&backend(&db).await, As::default()));
    let made = client.create_region(create("420500-01", "高新区")).await.unwrap().into_inner();
    let made = made.region.unwrap();
    let same = client.update_region(rename(&made, "高新区")).await.unwrap().into_inner();
    assert_eq!(same.region.as_ref(), Some(&made), "nothing is changed");
    client.update_region(rename(&made, "新区")).await.unwrap();
    let events = told(&db).await;
    let [(id, _, before, after), (_, _, old, new)] = events.as_slice() else {
        panic!("two changes: {events:?}")
    };
    assert_eq!((id.as_str(), before.as_str()), ("420500-01", ""));
    assert_eq!(old, after);
    let new: Value = serde_json::from_str(new).unwrap();
    assert_eq!((&new["name"], &new["etag"]), (&"新区".into(), &"2".into()));
}
