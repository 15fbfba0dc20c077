//! What cannot be recorded.

use steward_proto::directory::v1::{
    Organization, RecordSuccessionRequest, RevokeSuccessionRequest, SuccessionKind as Kind,
};
use steward_tests::service::As;
use steward_tests::{TestDb, both};
use tonic::Code;
use uuid::Uuid;

use super::super::common::{faults, made, made_on, now, reason};
use super::super::names::change;
use super::super::organizations;
use super::{
    MIGRATIONS, Parts, alive, backend, client, done, end, listed, record, refused, revoke, three,
};

both!(
    MIGRATIONS,
    parts_must_fit_the_kind,
    every_faulty_field_is_named,
    who_is_not_there_on_the_day_is_refused,
    what_is_recorded_already_or_ends_who_goes_on_is_refused,
    transfers_of_one_day_leave_something,
    nobody_begins_after_he_took_part,
    of_a_beginning_and_a_succession_at_once_one_wins,
);

async fn parts_must_fit_the_kind(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let whole = "succession.parts SHARES_MALFORMED";
    let first = "succession.parts[0] SHARES_MALFORMED";
    let cases: &[(Kind, Parts<'_>, &str)] = &[
        (Kind::Merger, &[(&a, &x, 1_000_000), (&b, &a, 1_000_000)], whole),
        (Kind::Merger, &[(&x, &x, 1_000_000), (&a, &x, 1_000_000)], first),
        (Kind::Merger, &[(&a, &x, 999_999)], first),
        (Kind::Split, &[(&a, &x, 1_000_000)], whole),
        (Kind::Split, &[(&a, &x, 500_000), (&a, &b, 500_001)], whole),
        (Kind::Split, &[(&a, &x, 500_000), (&b, &x, 500_000)], whole),
        (Kind::Transfer, &[(&a, &x, 1_000_000)], whole),
        (Kind::Transfer, &[(&a, &x, 0)], first),
        (Kind::Transfer, &[(&a, "", 1)], first),
        (Kind::Abolition, &[(&a, &x, 0)], first),
        (Kind::Abolition, &[(&a, "", 1)], first),
    ];
    for (kind, parts, expected) in cases {
        let error = refused(&mut client, record(*kind, "2014-03-01", parts)).await;
        let told = faults(&error);
        assert!(told.contains(&(*expected).to_owned()), "{kind:?} {parts:?}: {told:?}");
        assert!(told.iter().all(|fault| fault.ends_with("SHARES_MALFORMED")), "{told:?}");
    }
    assert!(listed(&mut client, true).await.is_empty());
}

async fn every_faulty_field_is_named(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let parts: Parts<'_> = &[(&a, &x, 1), ("", &x, 1), (&b, "x", 1), (&a, &x, 2)];
    let mut request = record(Kind::Unspecified, "2014-2-1", parts);
    let succession = request.succession.as_mut().unwrap();
    succession.document_no = "号".repeat(101);
    succession.note = "记".repeat(201);
    assert_eq!(
        faults(&refused(&mut client, request).await),
        [
            "succession.kind REQUIRED",
            "succession.effective_on DATE_MALFORMED",
            "succession.document_no TOO_LONG",
            "succession.note TOO_LONG",
            "succession.parts[1].predecessor REQUIRED",
            "succession.parts[2].successor ORGANIZATION_MALFORMED",
            "succession.parts[3] REPEATED",
        ]
    );
    let mut request = record(Kind::Merger, "", &[]);
    request.succession.as_mut().unwrap().kind = 9;
    assert_eq!(
        faults(&refused(&mut client, request).await),
        [
            "succession.kind VALUE_UNKNOWN",
            "succession.effective_on REQUIRED",
            "succession.parts REQUIRED",
        ]
    );
    let codes: Vec<_> = (0..101).map(|i| format!("L-{i}")).collect();
    let parts: Vec<_> = codes.iter().map(|code| (code.as_str(), "", 0)).collect();
    let error = refused(&mut client, record(Kind::Abolition, "2014-01-01", &parts)).await;
    assert_eq!(faults(&error), ["succession.parts TOO_MANY"]);
    let parts: Parts<'_> = &[(&a, "L-NONE", 1_000_000), ("L-NO", "L-NONE", 1_000_000)];
    let error = refused(&mut client, record(Kind::Merger, "2014-01-01", parts)).await;
    assert_eq!(
        faults(&error),
        [
            "succession.parts[0].successor ORGANIZATION_UNKNOWN",
            "succession.parts[1].predecessor ORGANIZATION_UNKNOWN",
            "succession.parts[1].successor ORGANIZATION_UNKNOWN",
        ]
    );
    let request = RecordSuccessionRequest { succession: None, ..record(Kind::Split, "", &[]) };
    assert_eq!(faults(&refused(&mut client, request).await), ["succession REQUIRED"]);
    let request = RevokeSuccessionRequest { reason: " ".to_owned(), ..revoke("1") };
    let error = client.revoke_succession(request).await.unwrap_err();
    assert_eq!(faults(&error), ["succession_id ID_MALFORMED", "reason REQUIRED"]);
}

async fn who_is_not_there_on_the_day_is_refused(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let young = made_on(&backend, As::default(), "420502", "新局", "2014-03-01").await;
    let mut client = client(&backend, As::default());
    let mut tried = async |kind, day, parts: Parts<'_>| {
        let error = refused(&mut client, record(kind, day, parts)).await;
        assert_eq!(error.code(), Code::FailedPrecondition);
        assert_eq!(reason(&error), "ORGANIZATION_ENDED", "{day} {parts:?}");
    };
    // A successor is there from its first day on, a predecessor was there before the day.
    tried(Kind::Merger, "2014-02-28", &[(&a, &young, 1_000_000)]).await;
    tried(Kind::Abolition, "2014-03-01", &[(&young, "", 0)]).await;
    let mut client = self::client(&backend, As::default());
    done(&mut client, record(Kind::Merger, "2014-03-01", &[(&a, &young, 1_000_000)])).await;
    let mut tried = async |kind, day, parts: Parts<'_>| {
        let error = refused(&mut client, record(kind, day, parts)).await;
        assert_eq!(reason(&error), "ORGANIZATION_ENDED", "{day} {parts:?}");
    };
    tried(Kind::Abolition, "2014-03-01", &[(&a, "", 0)]).await;
    tried(Kind::Abolition, "2015-01-01", &[(&b, "", 0), (&a, "", 0)]).await;
    tried(Kind::Merger, "2014-03-02", &[(&x, &a, 1_000_000)]).await;
    tried(Kind::Transfer, "2014-03-02", &[(&a, &x, 1)]).await;
    assert_eq!(end(&backend, &b).await, alive(), "one refused part refuses them all");
}

async fn what_is_recorded_already_or_ends_who_goes_on_is_refused(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let parts: Parts<'_> = &[(&a, &x, 1_000_000), (&b, &x, 1_000_000)];
    done(&mut client, record(Kind::Merger, "2014-03-01", parts)).await;
    let turned: Parts<'_> = &[(&b, &x, 1_000_000), (&a, &x, 1_000_000)];
    for (kind, day, parts) in [
        (Kind::Merger, "2014-03-01", turned),
        (Kind::Merger, "2014-02-28", &[(&*a, &*x, 1_000_000)]),
        (Kind::Split, "2014-02-28", &[(&*x, &*a, 1), (&*x, &*b, 999_999)]),
        (Kind::Abolition, "2013-01-01", &[(&*x, "", 0)]),
    ] {
        let error = refused(&mut client, record(kind, day, parts)).await;
        assert_eq!(error.code(), Code::FailedPrecondition);
        assert_eq!(reason(&error), "SUCCESSION_CONFLICT", "{day}");
    }
    // Whoever goes on may have had one before; it is told in its place.
    done(&mut client, record(Kind::Transfer, "2014-02-28", &[(&a, &x, 1)])).await;
    done(&mut client, record(Kind::Split, "2013-02-28", &[(&x, &x, 1), (&x, &b, 999_999)])).await;
    let days: Vec<_> =
        listed(&mut client, false).await.into_iter().map(|s| s.effective_on).collect();
    assert_eq!(days, ["2013-02-28", "2014-02-28", "2014-03-01"]);
    // Several functions may go the same way on one day; the note tells them apart.
    let c = made(&backend, As::default(), "420502", "建设局").await;
    let mut roads = record(Kind::Transfer, "2014-03-01", &[(&c, &x, 1000)]);
    roads.succession.as_mut().unwrap().note = "道路养护".to_owned();
    let mut water = roads.clone();
    water.request_id = Uuid::new_v4().to_string();
    water.succession.as_mut().unwrap().note = "供水".to_owned();
    done(&mut client, roads.clone()).await;
    done(&mut client, water).await;
    roads.request_id = Uuid::new_v4().to_string();
    assert_eq!(reason(&refused(&mut client, roads).await), "SUCCESSION_CONFLICT");
}

async fn transfers_of_one_day_leave_something(db: TestDb) {
    let backend = backend(&db).await;
    let [a, x, y] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let first = record(Kind::Transfer, "2014-03-01", &[(&a, &x, 600_000)]);
    let first = done(&mut client, first).await;
    let rest = || record(Kind::Transfer, "2014-03-01", &[(&a, &y, 400_000)]);
    let error = refused(&mut client, rest()).await;
    assert_eq!(
        (error.code(), reason(&error).as_str()),
        (Code::FailedPrecondition, "SUCCESSION_CONFLICT")
    );
    assert!(error.message().contains("1000000"), "{error}");
    // Another day, another predecessor, less, and in the place of one that is revoked.
    done(&mut client, record(Kind::Transfer, "2014-03-02", &[(&a, &y, 400_000)])).await;
    done(&mut client, record(Kind::Transfer, "2014-03-01", &[(&x, &y, 999_999)])).await;
    let less = done(&mut client, record(Kind::Transfer, "2014-03-01", &[(&a, &y, 399_999)])).await;
    for one in [less, first] {
        client.revoke_succession(revoke(&one.id)).await.unwrap();
    }
    done(&mut client, rest()).await;
}

async fn nobody_begins_after_he_took_part(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let first = record(Kind::Transfer, "2014-03-01", &[(&a, &x, 1000)]);
    let first = done(&mut client, first).await;
    done(&mut client, record(Kind::Transfer, "2015-03-01", &[(&x, &b, 1000)])).await;
    let mut service = organizations(&backend, As::default());
    let mut begins = async |code: &str, day: &str| {
        let there = now(&backend, As::default(), code).await;
        let begun = Organization { established_on: day.to_owned(), ..there };
        let done = service.update_organization(change(&begun, &["established_on"])).await;
        done.map(drop).map_err(|error| faults(&error).concat())
    };
    let refused = Err("organization.established_on DAYS_REVERSED".to_owned());
    // A predecessor was there before the day, a successor is there on it.
    assert_eq!(begins(&a, "2014-03-01").await, refused);
    assert_eq!(begins(&a, "2014-02-28").await, Ok(()));
    assert_eq!(begins(&x, "2014-03-02").await, refused);
    assert_eq!(begins(&x, "2014-03-01").await, Ok(()));
    assert_eq!(begins(&b, "2015-03-02").await, refused);
    assert_eq!(begins(&b, "").await, Ok(()));
    // What was revoked says nothing of it.
    client.revoke_succession(revoke(&first.id)).await.unwrap();
    assert_eq!(begins(&x, "2015-03-01").await, refused);
    assert_eq!(begins(&x, "2015-02-28").await, Ok(()));
    assert_eq!(begins(&a, "2016-01-01").await, Ok(()));
}

async fn of_a_beginning_and_a_succession_at_once_one_wins(db: TestDb) {
    let backend = backend(&db).await;
    for _ in 0..20 {
        let [a, x, _] = three(&backend).await;
        let there = now(&backend, As::default(), &x).await;
        let begun = Organization { established_on: "2014-03-02".to_owned(), ..there };
        let mut service = organizations(&backend, As::default());
        let begins = async move {
            service.update_organization(change(&begun, &["established_on"])).await.map(drop)
        };
        let mut client = client(&backend, As::default());
        let transfer = record(Kind::Transfer, "2014-03-01", &[(&a, &x, 1)]);
        let takes = async move { client.record_succession(transfer).await.map(drop) };
        let (begins, takes) = tokio::join!(tokio::spawn(begins), tokio::spawn(takes));
        match (begins.unwrap(), takes.unwrap()) {
            (Ok(()), Err(error)) => assert_eq!(reason(&error), "ORGANIZATION_ENDED"),
            (Err(error), Ok(())) => assert_eq!(reason(&error), "DAYS_REVERSED"),
            other => panic!("one wins: {other:?}"),
        }
    }
}
