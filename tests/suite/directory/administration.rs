//! The administrations of the regions.

use serde_json::Value;
use steward_kernel::yichang;
use steward_proto::directory::v1::administration_service_client::AdministrationServiceClient;
use steward_proto::directory::v1::{
    Administration, AdministrationStatus as Status, DeleteAdministrationRequest,
    ListAdministrationsRequest, RecordAdministrationRequest, SummarizeAdministrationsRequest,
};
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use tonic::Code;
use uuid::Uuid;

use super::common::{Guarded, events, faults, reason};
use super::{MIGRATIONS, backend};

both!(
    MIGRATIONS,
    the_story_of_the_notice,
    the_same_day_again_replaces,
    days_come_in_any_order,
    the_history_is_listed_by_pages,
    a_repeated_request_is_done_once,
    faulty_fields_are_all_named,
    nobody_reaches_beyond_his_grants,
    who_was_granted_an_organization_sees_no_region,
    nobody_replaces_what_he_has_not_read,
    a_wrong_day_is_deleted,
    of_many_at_once_the_trail_tells_each,
);

type Client = AdministrationServiceClient<Called>;

async fn client(db: &TestDb) -> Client {
    Client::new(called(&backend(db).await, As::default()))
}

fn status(region: &str, status: Status, since: &str) -> RecordAdministrationRequest {
    RecordAdministrationRequest {
        request_id: Uuid::new_v4().to_string(),
        administration: Some(Administration {
            region: region.to_owned(),
            status: status.into(),
            since_date: since.to_owned(),
            ..Administration::default()
        }),
        validate_only: false,
    }
}

fn delete(region: &str, since: &str, etag: &str) -> DeleteAdministrationRequest {
    DeleteAdministrationRequest {
        request_id: Uuid::new_v4().to_string(),
        region: region.to_owned(),
        since_date: since.to_owned(),
        etag: etag.to_owned(),
        validate_only: false,
    }
}

async fn record(client: &mut Client, region: &str, is: Status, since: &str) -> Administration {
    let answer = client.record_administration(status(region, is, since)).await.unwrap();
    answer.into_inner().administration.unwrap()
}

/// The counts on a day, and region and status of each.
async fn on(
    client: &mut Client,
    day: &str,
    regions: &[&str],
) -> (Vec<(Status, i32)>, Vec<(String, Status)>) {
    let regions = regions.iter().map(|region| (*region).to_owned()).collect();
    let request = SummarizeAdministrationsRequest { on_date: day.to_owned(), regions };
    let answer = client.summarize_administrations(request).await.unwrap().into_inner();
    let counts = answer.counts.iter().map(|count| (count.status(), count.region_count)).collect();
    let each = answer.administrations.iter().map(|it| (it.region.clone(), it.status())).collect();
    (counts, each)
}

/// The notice found 5 of the 13 counties and districts without an administration. Later three of them
/// had one and two prepared one; the other eight adjusted their duties to the regulation.
async fn the_story_of_the_notice(db: TestDb) {
    use Status::{AdjustingDuties, Established, None, Preparing};
    let mut client = client(&db).await;
    let counties: Vec<_> = yichang::REGIONS[1..].iter().map(|(code, _)| *code).collect();
    assert_eq!(counties.len(), 13);
    let (without, with) = counties.split_at(5);
    for region in without {
        record(&mut client, region, None, "2013-07-22").await;
    }
    for region in with {
        record(&mut client, region, Established, "2005-01-01").await;
    }
    for (days, region) in ["2013-12-01", "2014-02-10", "2014-02-11"].iter().zip(without) {
        record(&mut client, region, Established, days).await;
    }
    for region in &without[3..] {
        record(&mut client, region, Preparing, "2014-06-30").await;
    }
    for region in with {
        record(&mut client, region, AdjustingDuties, "2014-01-01").await;
    }
    for (day, counts) in [
        ("2004-12-31", vec![]),
        ("2013-07-21", vec![(Established, 8)]),
        ("2013-07-22", vec![(None, 5), (Established, 8)]),
        ("2013-11-30", vec![(None, 5), (Established, 8)]),
        ("2013-12-01", vec![(None, 4), (Established, 9)]),
        ("2014-01-01", vec![(None, 4), (Established, 1), (AdjustingDuties, 8)]),
        ("2014-06-29", vec![(None, 2), (Established, 3), (AdjustingDuties, 8)]),
        ("2014-06-30", vec![(Preparing, 2), (Established, 3), (AdjustingDuties, 8)]),
        ("", vec![(Preparing, 2), (Established, 3), (AdjustingDuties, 8)]),
    ] {
        let (told, each) = on(&mut client, day, &[]).await;
        assert_eq!(told, counts, "{day}");
        let regions: i32 = told.iter().map(|(_, count)| count).sum();
        assert_eq!(each.len(), usize::try_from(regions).unwrap());
        assert!(each.is_sorted_by_key(|(region, _)| region.clone()));
    }
    let (counts, each) = on(&mut client, "", &[without[0], "420582*", "420583"]).await;
    assert_eq!(counts, [(Established, 1), (AdjustingDuties, 2)]);
    assert_eq!(each[0], (without[0].to_owned(), Established));
    assert_eq!(on(&mut client, "", &["420500"]).await, (vec![], vec![]), "nothing is known of it");
}

async fn the_same_day_again_replaces(db: TestDb) {
    let mut client = client(&db).await;
    let first = record(&mut client, "420502", Status::None, "2013-07-22").await;
    assert!(first.record_time.is_some());
    let mut request = status("420502", Status::Established, "2013-07-22");
    let given = request.administration.as_mut().unwrap();
    given.etag = first.etag;
    given.document_no = " 宜编发〔2013〕5号 ".to_owned();
    given.name = "西陵区机关事务服务中心".to_owned();
    let checked = RecordAdministrationRequest { validate_only: true, ..request.clone() };
    client.record_administration(checked).await.unwrap();
    assert_eq!(on(&mut client, "", &[]).await.0, [(Status::None, 1)], "checking changes nothing");
    let second = client.record_administration(request).await.unwrap().into_inner();
    let second = second.administration.unwrap();
    assert_eq!((second.document_no.as_str(), second.etag.as_str()), ("宜编发〔2013〕5号", "2"));
    let listed = client.list_administrations(ListAdministrationsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().administrations, std::slice::from_ref(&second));

    let mut same = status("420502", Status::Established, "2013-07-22");
    let etag = String::new();
    same.administration = Some(Administration { record_time: None, etag, ..second.clone() });
    let same = client.record_administration(same).await.unwrap().into_inner().administration;
    assert_eq!(same, Some(second), "nothing is changed");
    let events = events(&db, "administration").await;
    let [(id, _, before, after), (_, _, old, new)] = events.as_slice() else {
        panic!("two changes: {events:?}")
    };
    assert_eq!((id.as_str(), before.as_str()), ("420502/2013-07-22", ""));
    assert_eq!(old, after);
    let new: Value = serde_json::from_str(new).unwrap();
    assert_eq!(new["status"], "ADMINISTRATION_STATUS_ESTABLISHED");
    assert_eq!(new["name"], "西陵区机关事务服务中心");
}

async fn days_come_in_any_order(db: TestDb) {
    let mut client = client(&db).await;
    record(&mut client, "420502", Status::AdjustingDuties, "2017-06-15").await;
    record(&mut client, "420502", Status::None, "2001-01-01").await;
    record(&mut client, "420502", Status::Established, "2009-01-01").await;
    for (day, is) in [
        ("2000-12-31", None),
        ("2001-01-01", Some(Status::None)),
        ("2008-12-31", Some(Status::None)),
        ("2009-01-01", Some(Status::Established)),
        ("2017-06-14", Some(Status::Established)),
        ("2017-06-15", Some(Status::AdjustingDuties)),
        ("2999-12-31", Some(Status::AdjustingDuties)),
    ] {
        let told = on(&mut client, day, &[]).await.0;
        assert_eq!(told, is.map(|is| (is, 1)).into_iter().collect::<Vec<_>>(), "{day}");
    }
}

async fn the_history_is_listed_by_pages(db: TestDb) {
    let mut client = client(&db).await;
    for region in ["420503", "420502"] {
        for day in ["2013-01-01", "2001-01-01", "2009-01-01"] {
            record(&mut client, region, Status::Established, day).await;
        }
    }
    let mut request = ListAdministrationsRequest { page_size: 2, ..Default::default() };
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let answer = client.list_administrations(request.clone()).await.unwrap().into_inner();
        pages += 1;
        seen.extend(answer.administrations.into_iter().map(|it| (it.region, it.since_date)));
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!((seen.len(), pages), (6, 3));
    assert!(seen.is_sorted());
    request.regions = vec!["420502".to_owned()];
    let error = client.list_administrations(request.clone()).await.unwrap_err();
    assert_eq!(reason(&error), "PAGE_TOKEN_INVALID", "a token goes with its filters");
    request.page_token.clear();
    request.page_size = 0;
    let answer = client.list_administrations(request).await.unwrap().into_inner();
    assert_eq!(answer.administrations.len(), 3);
    assert!(answer.administrations.iter().all(|it| it.region == "420502"));
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let mut client = client(&db).await;
    let request = status("420502", Status::None, "2013-07-22");
    let first = client.record_administration(request.clone()).await.unwrap().into_inner();
    let mut other = status("420502", Status::Preparing, "2013-07-22");
    other.administration.as_mut().unwrap().etag = "1".to_owned();
    client.record_administration(other).await.unwrap();
    let again = client.record_administration(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again, "answered again");
    assert_eq!(on(&mut client, "", &[]).await.0, [(Status::Preparing, 1)], "and not done again");
    let mut other = status("420503", Status::None, "2013-07-22");
    other.request_id = request.request_id;
    let error = client.record_administration(other).await.unwrap_err();
    assert_eq!(reason(&error), "REQUEST_ID_REUSED");
}

async fn faulty_fields_are_all_named(db: TestDb) {
    let mut client = client(&db).await;
    let mut request = status("4205", Status::Unspecified, "2017-06-16");
    let given = request.administration.as_mut().unwrap();
    given.document_no = "长".repeat(101);
    given.name = "甲\u{7}".to_owned();
    given.etag = "new".to_owned();
    let expected = [
        "administration.region REGION_MALFORMED",
        "administration.status REQUIRED",
        "administration.since_date DATE_IN_FUTURE",
        "administration.document_no TOO_LONG",
        "administration.name CONTROL_CHARACTER",
        "administration.etag ETAG_MALFORMED",
    ];
    let error = client.record_administration(request.clone()).await.unwrap_err();
    assert_eq!(
        (error.code(), faults(&error)),
        (Code::InvalidArgument, expected.map(Into::into).into())
    );
    request.administration = Some(Administration { status: 9, ..Administration::default() });
    let error = client.record_administration(request.clone()).await.unwrap_err();
    assert_eq!(
        faults(&error),
        [
            "administration.region REQUIRED",
            "administration.status VALUE_UNKNOWN",
            "administration.since_date REQUIRED",
        ]
    );
    request.administration = None;
    let error = client.record_administration(request).await.unwrap_err();
    assert_eq!(faults(&error), ["administration REQUIRED"]);
    let unknown = status("420599", Status::None, "2017-06-15");
    let error = client.record_administration(unknown).await.unwrap_err();
    assert_eq!(faults(&error), ["administration.region REGION_UNKNOWN"]);

    let request = SummarizeAdministrationsRequest {
        on_date: "2013-02-30".to_owned(),
        regions: vec!["4205".to_owned()],
    };
    let error = client.summarize_administrations(request).await.unwrap_err();
    assert_eq!(faults(&error), ["regions[0] REGION_MALFORMED", "on_date DATE_MALFORMED"]);
    let request = ListAdministrationsRequest {
        page_size: 1001,
        page_token: "x".to_owned(),
        regions: vec!["4205".to_owned()],
    };
    let error = client.list_administrations(request).await.unwrap_err();
    assert_eq!(
        faults(&error),
        [
            "page_size PAGE_SIZE_OUT_OF_RANGE",
            "page_token PAGE_TOKEN_INVALID",
            "regions[0] REGION_MALFORMED"
        ]
    );
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let with = |roles: &[&str], region: &str| {
        Client::new(called(&guarded.backend, guarded.caller(roles, &[region])))
    };
    let mut city = with(&["manager", "viewer"], "4205*");
    record(&mut city, "420502", Status::None, "2013-07-22").await;
    record(&mut city, "420506", Status::Established, "2013-07-22").await;

    let mut xiling = with(&["manager", "viewer"], "420502");
    for regions in [&[][..], &["4205*"], &["*"], &["420502"]] {
        let told = on(&mut xiling, "", regions).await;
        assert_eq!(told.1, [("420502".to_owned(), Status::None)], "{regions:?}");
        let regions: Vec<_> = regions.iter().map(|region| (*region).to_owned()).collect();
        let limited = regions != ["420502"];
        let request =
            SummarizeAdministrationsRequest { regions: regions.clone(), ..Default::default() };
        let told = xiling.summarize_administrations(request).await.unwrap().into_inner();
        assert_eq!(told.scope_limited, limited, "{regions:?}");
        assert_eq!(told.counted_regions, ["420502"]);
        let request = ListAdministrationsRequest { regions, ..Default::default() };
        let listed = xiling.list_administrations(request).await.unwrap().into_inner();
        assert_eq!(listed.administrations.len(), 1);
    }
    for region in ["420506", "420599"] {
        let regions = vec![region.to_owned()];
        let request =
            SummarizeAdministrationsRequest { regions: regions.clone(), ..Default::default() };
        let error = xiling.summarize_administrations(request).await.unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
        let request = ListAdministrationsRequest { regions, ..Default::default() };
        let error = xiling.list_administrations(request).await.unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
        let request = status(region, Status::None, "2013-07-22");
        let recorded = xiling.record_administration(request).await.map(drop);
        let deleted =
            xiling.delete_administration(delete(region, "2013-07-22", "1")).await.map(drop);
        for error in [recorded.unwrap_err(), deleted.unwrap_err()] {
            assert_eq!(
                (error.code(), reason(&error)),
                (Code::PermissionDenied, "SCOPE_DENIED".to_owned())
            );
        }
    }
    let mut viewer = with(&["viewer", "operator", "auditor"], "4205*");
    let request = status("420502", Status::None, "2013-07-22");
    let error = viewer.record_administration(request).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
    let error = viewer.delete_administration(delete("420502", "2013-07-22", "1")).await;
    assert_eq!(reason(&error.unwrap_err()), "ROLE_MISSING");
    let told = viewer.summarize_administrations(SummarizeAdministrationsRequest {
        regions: vec!["4205*".to_owned()],
        ..Default::default()
    });
    let told = told.await.unwrap().into_inner();
    assert!(!told.scope_limited);
    assert_eq!(told.counted_regions, ["420502", "420506"]);
    let mut security = with(&["security_admin"], "4205*");
    let error = security.list_administrations(ListAdministrationsRequest::default()).await;
    assert_eq!(reason(&error.unwrap_err()), "ROLE_MISSING");
}

async fn who_was_granted_an_organization_sees_no_region(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let mut city = Client::new(called(&guarded.backend, guarded.caller(&["manager"], &["4205*"])));
    record(&mut city, "420502", Status::None, "2013-07-22").await;
    let mut own = Client::new(called(
        &guarded.backend,
        guarded.caller_of(&["manager"], &["11420502000000027D"]),
    ));
    assert_eq!(on(&mut own, "", &[]).await, (vec![], vec![]));
    let listed = own.list_administrations(ListAdministrationsRequest::default()).await.unwrap();
    assert!(listed.into_inner().administrations.is_empty());
    let error = own.record_administration(status("420502", Status::None, "2013-07-22")).await;
    assert_eq!(reason(&error.unwrap_err()), "SCOPE_DENIED");
}

async fn nobody_replaces_what_he_has_not_read(db: TestDb) {
    let mut client = client(&db).await;
    record(&mut client, "420502", Status::None, "2013-07-22").await;
    let mut tried = async |etag: &str, since: &str| {
        let mut request = status("420502", Status::Established, since);
        request.administration.as_mut().unwrap().etag = etag.to_owned();
        let done = client.record_administration(request).await;
        done.map(|done| done.into_inner().administration.unwrap().etag)
    };
    let error = tried("", "2013-07-22").await.unwrap_err();
    assert_eq!(faults(&error), ["administration.etag REQUIRED"]);
    // Somebody was faster, or it was never there.
    for (etag, since) in [("0", "2013-07-22"), ("2", "2013-07-22"), ("1", "2013-07-23")] {
        let error = tried(etag, since).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
    }
    assert_eq!(tried("0", "2013-07-23").await.unwrap(), "1");
    assert_eq!(tried("1", "2013-07-22").await.unwrap(), "2");
    assert_eq!(events(&db, "administration").await.len(), 3);
}

async fn a_wrong_day_is_deleted(db: TestDb) {
    let mut client = client(&db).await;
    record(&mut client, "420502", Status::None, "2005-01-01").await;
    let wrong = record(&mut client, "420502", Status::Established, "2013-07-22").await;
    let good = delete("420502", "2013-07-22", &wrong.etag);
    for (request, expected) in [
        (delete("420502", "2013-07-22", "2"), "ETAG_STALE"),
        (delete("420502", "2013-07-23", "1"), "NOT_FOUND"),
        (delete("420503", "2013-07-22", "1"), "NOT_FOUND"),
    ] {
        let error = client.delete_administration(request).await.unwrap_err();
        assert_eq!(reason(&error), expected);
    }
    let error = client.delete_administration(delete("4205", "2013", "")).await.unwrap_err();
    assert_eq!(
        faults(&error),
        ["region REGION_MALFORMED", "since_date DATE_MALFORMED", "etag REQUIRED"]
    );
    let checked = DeleteAdministrationRequest { validate_only: true, ..good.clone() };
    client.delete_administration(checked).await.unwrap();
    assert_eq!(on(&mut client, "", &[]).await.0, [(Status::Established, 1)]);

    client.delete_administration(good.clone()).await.unwrap();
    assert_eq!(on(&mut client, "", &[]).await.0, [(Status::None, 1)], "what was before holds on");
    client.delete_administration(good.clone()).await.expect("answered again");
    let again = delete("420502", "2013-07-22", &wrong.etag);
    let error = client.delete_administration(again).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let events = events(&db, "administration").await;
    let [_, (_, _, _, made), (id, _, before, after)] = events.as_slice() else {
        panic!("two were recorded, one was deleted: {events:?}")
    };
    assert_eq!((id.as_str(), before, after.as_str()), ("420502/2013-07-22", made, ""));
}

/// Whoever comes second reads what the first one recorded and replaces it, and the trail says so.
async fn of_many_at_once_the_trail_tells_each(db: TestDb) {
    let client = client(&db).await;
    let racers = (0..8).map(|racer| {
        let mut client = client.clone();
        tokio::spawn(async move {
            for etag in 0..8 {
                let mut request = status("420502", Status::Established, "2013-07-22");
                let given = request.administration.as_mut().unwrap();
                (given.name, given.etag) = (racer.to_string(), etag.to_string());
                match client.record_administration(request).await {
                    Ok(_) => return etag,
                    Err(error) => assert_eq!(reason(&error), "ETAG_STALE"),
                }
            }
            panic!("eight found no place")
        })
    });
    let done = futures::future::join_all(racers.collect::<Vec<_>>()).await;
    let mut places: Vec<_> = done.into_iter().map(Result::unwrap).collect();
    places.sort_unstable();
    places.dedup();
    let events = events(&db, "administration").await;
    assert_eq!((places.len(), events.len()), (8, 8), "each replaced another one");
    let begins = events.iter().filter(|(_, _, before, _)| before.is_empty()).count();
    assert_eq!(begins, 1, "one was first");
    for (_, _, before, _) in events.iter().filter(|(_, _, before, _)| !before.is_empty()) {
        assert!(events.iter().any(|(_, _, _, after)| after == before), "each follows another");
    }
}
