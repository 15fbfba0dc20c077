use chrono::TimeDelta;
use futures::future::join_all;
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::directory::v1::calendar_service_client::CalendarServiceClient;
use steward_proto::directory::v1::{
    CalendarYear, ComputeWorkingDayRequest, GetCalendarYearRequest, ImportCalendarYearRequest,
    ListCalendarYearsRequest,
};
use steward_tests::service::{As, Called, called, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;
use tonic_types::StatusExt;
use uuid::Uuid;

use super::common::{Guarded, events, faults, reason};
use super::{MIGRATIONS, backend};

both!(
    MIGRATIONS,
    the_notices_of_fourteen_years_come_with_the_service,
    replicas_load_them_once,
    deadlines_follow_the_notices,
    what_crosses_into_a_year_without_a_notice_is_provisional,
    an_import_replaces_the_year,
    a_stale_etag_is_refused,
    a_repeated_import_is_done_once,
    every_faulty_day_is_named,
    what_is_asked_out_of_range_is_refused,
    a_notice_needs_every_region,
    imports_at_once_follow_each_other,
    of_first_imports_by_etag_one_wins,
);

type Client = CalendarServiceClient<Called>;

fn client(backend: &Backend, caller: As) -> Client {
    Client::new(called(backend, caller))
}

async fn calendar(db: &TestDb) -> Client {
    client(&backend(db).await, As::default())
}

async fn get(client: &mut Client, year: i32) -> CalendarYear {
    let answer = client.get_calendar_year(GetCalendarYearRequest { year }).await.unwrap();
    answer.into_inner().calendar_year.unwrap()
}

fn texts(days: &[&str]) -> Vec<String> {
    days.iter().map(|day| (*day).to_owned()).collect()
}

fn import(year: i32, days_off: &[&str], make_up_days: &[&str]) -> ImportCalendarYearRequest {
    ImportCalendarYearRequest {
        request_id: Uuid::new_v4().to_string(),
        calendar_year: Some(CalendarYear {
            year,
            notice_no: "国办发明电〔2025〕8号".to_owned(),
            days_off: texts(days_off),
            make_up_days: texts(make_up_days),
            ..CalendarYear::default()
        }),
        validate_only: false,
    }
}

async fn due(client: &mut Client, from: &str, working_days: i32) -> (String, bool) {
    let request = ComputeWorkingDayRequest { from_date: from.to_owned(), working_days };
    let answer = client.compute_working_day(request).await.unwrap().into_inner();
    (answer.date, answer.provisional)
}

async fn the_notices_of_fourteen_years_come_with_the_service(db: TestDb) {
    let mut client = calendar(&db).await;
    let mut request = ListCalendarYearsRequest { page_size: 5, ..Default::default() };
    let mut years = Vec::new();
    loop {
        let answer = client.list_calendar_years(request.clone()).await.unwrap().into_inner();
        years.extend(answer.calendar_years);
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(years.iter().map(|y| y.year).collect::<Vec<_>>(), (2013..=2026).collect::<Vec<_>>());
    let counts: Vec<_> = years.iter().skip(11).map(|y| y.working_day_count).collect();
    assert_eq!(counts, [251, 248, 248]);
    let of_2025 = get(&mut client, 2025).await;
    assert_eq!(of_2025, years[12], "lists and gets answer the same");
    assert_eq!(of_2025.notice_no, "国办发明电〔2024〕12号");
    assert_eq!(of_2025.notice_date, "2024-11-12");
    assert_eq!(of_2025.make_up_days.len(), 5);
    assert_eq!(of_2025.days_off.len(), 28, "as the notice names them, with the weekends");
    assert!(!of_2025.provisional && of_2025.update_time.is_some());
    // 2018 has days of the notice for 2019, too.
    assert_eq!(years[5].notice_no, "国办发明电〔2017〕12号; 国办发明电〔2018〕15号");

    let told = events(&db, "calendar_year").await;
    assert_eq!(told.len(), 14);
    assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("2013", "steward"));
    assert!(
        told.iter()
            .all(|(_, _, before, after)| before.is_empty() && after.contains("workingDayCount"))
    );
}

async fn replicas_load_them_once(db: TestDb) {
    let prepare = steward_directory::SPEC.prepare.unwrap();
    let now = test_clock().now();
    let replicas = (0..4).map(|_| tokio::spawn(prepare(db.db().clone(), now)));
    for done in join_all(replicas).await {
        done.unwrap().unwrap();
    }
    let mut client = calendar(&db).await;
    assert_eq!(events(&db, "calendar_year").await.len(), 14);
    assert_eq!(get(&mut client, 2026).await.etag, "1");

    // What somebody imported is not loaded over.
    client.import_calendar_year(import(2026, &["2026-01-01"], &[])).await.unwrap();
    prepare(db.db().clone(), now + TimeDelta::days(1)).await.unwrap();
    let there = get(&mut client, 2026).await;
    assert_eq!((there.days_off.len(), there.etag.as_str()), (1, "2"));
    assert_eq!(events(&db, "calendar_year").await.len(), 15);
}

async fn deadlines_follow_the_notices(db: TestDb) {
    let mut client = calendar(&db).await;
    for (received, small, large) in [
        ("2013-09-18", "2013-09-22", "2013-09-24"),
        ("2024-02-09", "2024-02-18", "2024-02-20"),
        ("2024-04-30", "2024-05-06", "2024-05-08"),
        ("2024-09-13", "2024-09-14", "2024-09-19"),
        ("2025-01-25", "2025-01-26", "2025-02-05"),
        ("2025-04-30", "2025-05-06", "2025-05-08"),
        ("2025-09-30", "2025-10-09", "2025-10-11"),
        ("2026-02-13", "2026-02-14", "2026-02-25"),
        ("2026-02-14", "2026-02-24", "2026-02-26"),
        ("2026-09-24", "2026-09-28", "2026-09-30"),
        ("2026-09-30", "2026-10-08", "2026-10-10"),
    ] {
        assert_eq!(due(&mut client, received, 1).await, (small.to_owned(), false), "{received}");
        assert_eq!(due(&mut client, received, 3).await, (large.to_owned(), false), "{received}");
    }
    // As many working days as three years have end on the last one of the third.
    let mut sum = 0;
    for year in 2013..=2015 {
        sum += get(&mut client, year).await.working_day_count;
    }
    assert_eq!(due(&mut client, "2012-12-31", sum).await, ("2015-12-31".to_owned(), false));
}

async fn what_crosses_into_a_year_without_a_notice_is_provisional(db: TestDb) {
    let mut client = calendar(&db).await;
    assert_eq!(due(&mut client, "2026-12-30", 1).await, ("2026-12-31".to_owned(), false));
    assert_eq!(due(&mut client, "2026-12-31", 1).await, ("2027-01-01".to_owned(), true));
    let without = get(&mut client, 2027).await;
    assert!(without.provisional && without.days_off.is_empty() && without.update_time.is_none());
    assert_eq!((without.working_day_count, without.etag.as_str()), (261, "0"));
    client.import_calendar_year(import(2027, &["2027-01-01"], &["2027-01-03"])).await.unwrap();
    assert_eq!(due(&mut client, "2026-12-31", 1).await, ("2027-01-03".to_owned(), false));
    assert_eq!(due(&mut client, "2099-12-31", 1).await, ("2100-01-01".to_owned(), true));
}

async fn an_import_replaces_the_year(db: TestDb) {
    let mut client = calendar(&db).await;
    let mut request = import(2026, &["2026-10-02", "2026-10-01"], &["2026-10-10"]);
    let year = request.calendar_year.as_mut().unwrap();
    year.notice_no = " 国办发明电〔2025〕99号 ".to_owned();
    year.notice_date = "2025-12-01".to_owned();
    let checked = ImportCalendarYearRequest { validate_only: true, ..request.clone() };
    client.import_calendar_year(checked).await.unwrap();
    assert_eq!(get(&mut client, 2026).await.etag, "1", "checking changes nothing");

    let answer = client.import_calendar_year(request.clone()).await.unwrap().into_inner();
    let new = answer.calendar_year.unwrap();
    assert_eq!(new, get(&mut client, 2026).await);
    assert_eq!(new.days_off, ["2026-10-01", "2026-10-02"], "sorted");
    assert_eq!(new.make_up_days, ["2026-10-10"]);
    assert_eq!(new.notice_no, "国办发明电〔2025〕99号");
    assert_eq!((new.notice_date.as_str(), new.etag.as_str()), ("2025-12-01", "2"));
    assert_eq!(new.working_day_count, 261 - 2 + 1);

    request.request_id = Uuid::new_v4().to_string();
    let again = client.import_calendar_year(request).await.unwrap().into_inner();
    assert_eq!(again.calendar_year, Some(new), "the same notice changes nothing");
    let told = events(&db, "calendar_year").await;
    assert_eq!(told.len(), 15);
    let (id, _, before, after) = &told[14];
    assert_eq!(id, "2026");
    assert!(before.contains("〔2025〕7号") && after.contains("〔2025〕99号"));
}

async fn a_stale_etag_is_refused(db: TestDb) {
    let mut client = calendar(&db).await;
    for (year, etag) in [(2026, "0"), (2026, "2"), (2027, "1")] {
        let mut request = import(year, &[&format!("{year}-01-01")], &[]);
        request.calendar_year.as_mut().unwrap().etag = etag.to_owned();
        let error = client.import_calendar_year(request).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
    }
    for (year, etag, now) in [(2026, "1", "2"), (2026, "2", "3"), (2027, "0", "1")] {
        let mut request = import(year, &[&format!("{year}-01-0{now}")], &[]);
        request.calendar_year.as_mut().unwrap().etag = etag.to_owned();
        let answer = client.import_calendar_year(request).await.unwrap().into_inner();
        assert_eq!(answer.calendar_year.unwrap().etag, now);
    }
}

async fn a_repeated_import_is_done_once(db: TestDb) {
    let mut client = calendar(&db).await;
    let request = import(2026, &["2026-01-01"], &[]);
    let first = client.import_calendar_year(request.clone()).await.unwrap().into_inner();
    client.import_calendar_year(import(2026, &["2026-01-02"], &[])).await.unwrap();
    let again = client.import_calendar_year(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(get(&mut client, 2026).await.days_off, ["2026-01-02"]);
}

async fn every_faulty_day_is_named(db: TestDb) {
    let mut client = calendar(&db).await;
    let off = ["2026-01-01", "2026-01-01", "2027-01-01", "2026-10-10"];
    let request = import(2026, &off, &["2026-10-10", "2026-10-12"]);
    let error = client.import_calendar_year(request).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(
        faults(&error),
        [
            "calendar_year.days_off[1] REPEATED",
            "calendar_year.days_off[2] DAY_OUTSIDE_YEAR",
            "calendar_year.make_up_days[0] DAY_CONTRADICTS",
            "calendar_year.make_up_days[1] DAY_CONTRADICTS",
        ]
    );
    let details = error.get_error_details();
    let outside = &details.bad_request().unwrap().field_violations[1];
    assert!(outside.description.contains("import it with the whole of 2027"), "{outside:?}");
    let mut request = import(1999, &["2026-1-1"], &[""]);
    let year = request.calendar_year.as_mut().unwrap();
    year.notice_no = "号".repeat(101);
    year.notice_date = "2025-02-29".to_owned();
    year.etag = "new".to_owned();
    let error = client.import_calendar_year(request).await.unwrap_err();
    assert_eq!(
        faults(&error),
        [
            "calendar_year.year OUT_OF_RANGE",
            "calendar_year.notice_no TOO_LONG",
            "calendar_year.notice_date DATE_MALFORMED",
            "calendar_year.days_off[0] DATE_MALFORMED",
            "calendar_year.make_up_days[0] REQUIRED",
            "calendar_year.etag ETAG_MALFORMED",
        ]
    );
    let request = import(2026, &["2026-01-01"; 101], &["2026-01-03"; 51]);
    let told = faults(&client.import_calendar_year(request).await.unwrap_err());
    assert_eq!(
        told[..2],
        ["calendar_year.days_off TOO_MANY", "calendar_year.make_up_days TOO_MANY"]
    );
    // A notice that says nothing would make 1 January a working day, for certain.
    let mut request = import(2027, &[], &["2027-01-03"]);
    request.calendar_year.as_mut().unwrap().notice_no = " ".to_owned();
    let error = client.import_calendar_year(request).await.unwrap_err();
    assert_eq!(
        faults(&error),
        ["calendar_year.notice_no REQUIRED", "calendar_year.days_off REQUIRED"]
    );
    assert!(get(&mut client, 2027).await.provisional);
    let request = ImportCalendarYearRequest { calendar_year: None, ..import(2026, &[], &[]) };
    let error = client.import_calendar_year(request).await.unwrap_err();
    assert_eq!(faults(&error), ["calendar_year REQUIRED"]);
}

async fn what_is_asked_out_of_range_is_refused(db: TestDb) {
    let mut client = calendar(&db).await;
    for year in [0, 1999, 2100] {
        let error = client.get_calendar_year(GetCalendarYearRequest { year }).await.unwrap_err();
        assert_eq!(faults(&error), ["year OUT_OF_RANGE"]);
    }
    for (from, working_days, expected) in [
        ("", 1, "from_date REQUIRED"),
        ("2026-2-1", 1, "from_date DATE_MALFORMED"),
        ("1999-12-31", 1, "from_date OUT_OF_RANGE"),
        ("2100-01-01", 1, "from_date OUT_OF_RANGE"),
        ("2026-01-01", 0, "working_days OUT_OF_RANGE"),
        ("2026-01-01", 1001, "working_days OUT_OF_RANGE"),
    ] {
        let request = ComputeWorkingDayRequest { from_date: from.to_owned(), working_days };
        let error = client.compute_working_day(request).await.unwrap_err();
        assert_eq!(faults(&error), [expected]);
    }
    let request = ListCalendarYearsRequest { page_size: -1, ..Default::default() };
    let error = client.list_calendar_years(request).await.unwrap_err();
    assert_eq!(reason(&error), "PAGE_SIZE_OUT_OF_RANGE");
}

async fn a_notice_needs_every_region(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let caller = |role, region| client(&guarded.backend, guarded.caller(&[role], &[region]));
    let notice = || import(2026, &["2026-01-01"], &[]);
    let error = caller("system_admin", "4205*").import_calendar_year(notice()).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let error = caller("manager", "*").import_calendar_year(notice()).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
    caller("system_admin", "*").import_calendar_year(notice()).await.unwrap();
    assert_eq!(get(&mut caller("viewer", "420502"), 2026).await.working_day_count, 260);
}

async fn imports_at_once_follow_each_other(db: TestDb) {
    let backend = backend(&db).await;
    let day = |i: i32| format!("2027-03-0{i}");
    let racers = (1..=8).map(|i| {
        let mut client = client(&backend, As::default());
        let request = import(2027, &[&day(i)], &[]);
        tokio::spawn(async move { client.import_calendar_year(request).await })
    });
    for done in join_all(racers.collect::<Vec<_>>()).await {
        done.unwrap().unwrap();
    }
    let last = get(&mut client(&backend, As::default()), 2027).await;
    assert_eq!((last.etag.as_str(), last.days_off.len()), ("8", 1));
    // Each began where another ended, and nobody's change is lost in the trail.
    let told: Vec<_> = events(&db, "calendar_year").await.split_off(14);
    assert_eq!(told.len(), 8);
    let mut before: Vec<_> = told.iter().map(|event| event.2.clone()).collect();
    let mut after: Vec<_> = told.iter().map(|event| event.3.clone()).collect();
    before.sort();
    after.sort();
    after.retain(|json| !json.contains(r#""etag":"8""#));
    assert_eq!((before.remove(0), before), (String::new(), after));
}

async fn of_first_imports_by_etag_one_wins(db: TestDb) {
    let backend = backend(&db).await;
    let racers = (1..=8).map(|i| {
        let mut client = client(&backend, As::default());
        let mut request = import(2027, &[&format!("2027-03-0{i}")], &[]);
        request.calendar_year.as_mut().unwrap().etag = "0".to_owned();
        tokio::spawn(async move { client.import_calendar_year(request).await })
    });
    let results = join_all(racers.collect::<Vec<_>>()).await;
    let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.into_iter().filter_map(Result::err) {
        assert_eq!(reason(&error), "ETAG_STALE");
    }
}
