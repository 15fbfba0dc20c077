mod refusals;

use futures::future::join_all;
use steward_chassis::backend::Backend;
use steward_proto::directory::v1::succession_service_client::SuccessionServiceClient;
use steward_proto::directory::v1::{
    ListSuccessionsRequest, RecordSuccessionRequest, RevokeSuccessionRequest, Succession,
    SuccessionKind as Kind, SuccessionPart,
};
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use uuid::Uuid;

use super::common::{ALL, Guarded, events, faults, made, now, reason};
use super::{MIGRATIONS, backend};

both!(
    MIGRATIONS,
    a_merger_ends_its_predecessors,
    every_organization_concerned_has_its_event,
    a_split_ends_one_that_is_not_among_its_successors,
    a_transfer_ends_nobody_and_an_abolition_has_no_successors,
    checking_changes_nothing,
    a_repeated_request_is_done_once,
    what_is_revoked_never_was,
    lists_filter_and_page,
    all_organizations_must_be_covered,
    nobody_ends_himself,
    of_two_that_end_the_same_one_wins,
    of_two_revocations_one_wins,
);

type Client = SuccessionServiceClient<Called>;

fn client(backend: &Backend, caller: As) -> Client {
    Client::new(called(backend, caller))
}

type Parts<'a> = &'a [(&'a str, &'a str, i32)];

fn record(kind: Kind, day: &str, parts: Parts<'_>) -> RecordSuccessionRequest {
    let part = |(predecessor, successor, share_ppm): &(&str, &str, i32)| SuccessionPart {
        predecessor: (*predecessor).to_owned(),
        successor: (*successor).to_owned(),
        share_ppm: *share_ppm,
    };
    RecordSuccessionRequest {
        request_id: Uuid::new_v4().to_string(),
        succession: Some(Succession {
            kind: kind.into(),
            effective_on: day.to_owned(),
            document_no: "宜编发〔2013〕5号".to_owned(),
            parts: parts.iter().map(part).collect(),
            ..Succession::default()
        }),
        validate_only: false,
    }
}

fn revoke(id: &str) -> RevokeSuccessionRequest {
    RevokeSuccessionRequest {
        request_id: Uuid::new_v4().to_string(),
        succession_id: id.to_owned(),
        reason: "录入有误".to_owned(),
        validate_only: false,
    }
}

async fn done(client: &mut Client, request: RecordSuccessionRequest) -> Succession {
    client.record_succession(request).await.unwrap().into_inner().succession.unwrap()
}

async fn refused(client: &mut Client, request: RecordSuccessionRequest) -> Status {
    client.record_succession(request).await.unwrap_err()
}

async fn listed(client: &mut Client, include_revoked: bool) -> Vec<Succession> {
    let request = ListSuccessionsRequest { include_revoked, ..Default::default() };
    client.list_successions(request).await.unwrap().into_inner().successions
}

/// Three organizations in two regions.
async fn three(backend: &Backend) -> [String; 3] {
    [
        made(backend, As::default(), "420502", "卫生局").await,
        made(backend, As::default(), "420502", "人口和计划生育局").await,
        made(backend, As::default(), "420506", "卫生和计划生育局").await,
    ]
}

/// When it ended, and who took its place.
async fn end(backend: &Backend, code: &str) -> (String, Vec<String>) {
    let there = now(backend, As::default(), code).await;
    (there.ended_on, there.successors)
}

fn alive() -> (String, Vec<String>) {
    (String::new(), Vec::new())
}

async fn a_merger_ends_its_predecessors(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let parts: Parts<'_> = &[(&a, &x, 1_000_000), (&b, &x, 1_000_000)];
    let request = record(Kind::Merger, "2014-03-01", parts);
    let made = done(&mut client, request.clone()).await;
    assert!(Uuid::parse_str(&made.id).is_ok() && made.record_time.is_some());
    let asked = request.succession.unwrap();
    let id_and_time = Succession { id: made.id.clone(), record_time: made.record_time, ..asked };
    assert_eq!(made, id_and_time);
    assert_eq!(listed(&mut client, false).await, std::slice::from_ref(&made));
    for code in [&a, &b] {
        assert_eq!(end(&backend, code).await, ("2014-03-01".to_owned(), vec![x.clone()]));
    }
    assert_eq!(end(&backend, &x).await, alive());

    let told = events(&db, "succession").await;
    assert_eq!(told.len(), 3, "one for each organization");
    assert_eq!((told[0].0.as_str(), told[0].2.as_str()), (made.id.as_str(), ""));
    assert!(told[0].3.contains("SUCCESSION_KIND_MERGER"));
    let told = events(&db, "organization").await;
    assert_eq!(told.len(), 5, "three were made, two were ended");
    assert!(told[4].3.contains(r#""endedOn":"2014-03-01""#));
    let mut tx = db.db().read().await.unwrap();
    let known: Vec<(String,)> = tx
        .sql("SELECT code FROM scope_organization WHERE ended_on IS NOT NULL AND successor = $1")
        .bind(x)
        .all()
        .await
        .unwrap();
    assert_eq!(known.len(), 2, "the scope table knows");
}

async fn every_organization_concerned_has_its_event(db: TestDb) {
    let backend = backend(&db).await;
    let [a, x, y] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let parts: Parts<'_> = &[(&a, &y, 600_000), (&a, &x, 400_000)];
    let made = done(&mut client, record(Kind::Split, "2014-01-01", parts)).await;
    client.revoke_succession(revoke(&made.id)).await.unwrap();
    let mut tx = db.db().read().await.unwrap();
    let told: Vec<(String, String)> = tx
        .sql(
            "SELECT e.organization, o.region FROM audit_event e \
             JOIN organization o ON o.code = e.organization AND o.region = e.region \
             WHERE e.resource_type = 'succession' ORDER BY e.id",
        )
        .all()
        .await
        .unwrap();
    let told: Vec<_> = told.into_iter().map(|(code, _)| code).collect();
    let mut codes = vec![a, x, y];
    codes.sort();
    assert_eq!(told, [codes.clone(), codes].concat());
}

async fn a_split_ends_one_that_is_not_among_its_successors(db: TestDb) {
    let backend = backend(&db).await;
    let [a, x, y] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let parts: Parts<'_> = &[(&a, &a, 600_000), (&a, &x, 400_000)];
    done(&mut client, record(Kind::Split, "2014-01-01", parts)).await;
    assert_eq!(end(&backend, &a).await, alive());
    let parts: Parts<'_> = &[(&a, &x, 250_000), (&a, &y, 750_000)];
    done(&mut client, record(Kind::Split, "2015-01-01", parts)).await;
    let mut successors = vec![x.clone(), y.clone()];
    successors.sort();
    assert_eq!(end(&backend, &a).await, ("2015-01-01".to_owned(), successors));
    assert_eq!((end(&backend, &x).await, end(&backend, &y).await), (alive(), alive()));
}

async fn a_transfer_ends_nobody_and_an_abolition_has_no_successors(db: TestDb) {
    let backend = backend(&db).await;
    let [a, x, y] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let parts: Parts<'_> = &[(&a, &x, 100_000), (&a, &y, 50_000)];
    done(&mut client, record(Kind::Transfer, "2014-01-01", parts)).await;
    assert_eq!(end(&backend, &a).await, alive());
    let parts: Parts<'_> = &[(&a, "", 0), (&x, "", 0)];
    done(&mut client, record(Kind::Abolition, "2014-06-01", parts)).await;
    for code in [&a, &x] {
        assert_eq!(end(&backend, code).await, ("2014-06-01".to_owned(), Vec::new()));
    }
}

async fn checking_changes_nothing(db: TestDb) {
    let backend = backend(&db).await;
    let [a, ..] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let request = record(Kind::Abolition, "2014-03-01", &[(&a, "", 0)]);
    let checked = RecordSuccessionRequest { validate_only: true, ..request.clone() };
    assert_eq!(done(&mut client, checked).await.id, "");
    assert!(listed(&mut client, true).await.is_empty());
    assert_eq!(end(&backend, &a).await, alive());
    let made = done(&mut client, request).await;
    let checked = RevokeSuccessionRequest { validate_only: true, ..revoke(&made.id) };
    let told = client.revoke_succession(checked).await.unwrap().into_inner().succession.unwrap();
    assert!(told.revoked);
    assert!(!listed(&mut client, true).await[0].revoked);
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let backend = backend(&db).await;
    let [a, ..] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let request = record(Kind::Abolition, "2014-03-01", &[(&a, "", 0)]);
    let made = done(&mut client, request.clone()).await;
    assert_eq!(done(&mut client, request).await, made);
    let request = revoke(&made.id);
    let first = client.revoke_succession(request.clone()).await.unwrap().into_inner();
    let again = client.revoke_succession(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(events(&db, "succession").await.len(), 2);
}

async fn what_is_revoked_never_was(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let mut client = client(&backend, As::default());
    let merger = record(Kind::Merger, "2014-03-01", &[(&a, &x, 1_000_000), (&b, &x, 1_000_000)]);
    let first = done(&mut client, merger.clone()).await;
    let later = done(&mut client, record(Kind::Abolition, "2015-01-01", &[(&x, "", 0)])).await;
    for one in [&first, &later] {
        let answer = client.revoke_succession(revoke(&one.id)).await.unwrap().into_inner();
        let expected =
            Succession {
                revoked: true, revoke_reason: "录入有误".to_owned(), ..(*one).clone()
            };
        assert_eq!(answer.succession, Some(expected));
        // Those that it ended are there again; what was recorded of a later day stays.
        let ended = end(&backend, &x).await.0;
        assert_eq!(ended, if one.id == first.id { "2015-01-01" } else { "" });
        assert_eq!(end(&backend, &a).await, alive());
    }
    for code in [&a, &b, &x] {
        assert_eq!(end(&backend, code).await, alive());
    }
    let error = client.revoke_succession(revoke(&first.id)).await.unwrap_err();
    assert_eq!(error.code(), Code::FailedPrecondition);
    assert_eq!(reason(&error), "SUCCESSION_REVOKED");
    let error = client.revoke_succession(revoke(&Uuid::new_v4().to_string())).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert!(listed(&mut client, false).await.is_empty());
    assert_eq!(listed(&mut client, true).await.len(), 2);
    let told = events(&db, "succession").await;
    assert_eq!(told.len(), 2 * (3 + 1));
    assert!(told[7].2.contains(r#""id""#) && told[7].3.contains(r#""revoked":true"#));

    // What was revoked stands in nobody's way.
    let again = RecordSuccessionRequest { request_id: Uuid::new_v4().to_string(), ..merger };
    let again = done(&mut client, again).await;
    assert_ne!(again.id, first.id);
    assert_eq!(end(&backend, &a).await, ("2014-03-01".to_owned(), vec![x]));
}

async fn lists_filter_and_page(db: TestDb) {
    let backend = backend(&db).await;
    let [a, b, x] = three(&backend).await;
    let mut client = client(&backend, As::default());
    for day in ["2014-01-01", "2014-01-01", "2015-01-01", "2016-01-01"] {
        let from = if day == "2015-01-01" { &b } else { &a };
        let mut request = record(Kind::Transfer, day, &[(from, &x, 1000)]);
        request.succession.as_mut().unwrap().note = Uuid::new_v4().to_string();
        done(&mut client, request).await;
    }
    let mut request = ListSuccessionsRequest { page_size: 1, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let answer = client.list_successions(request.clone()).await.unwrap().into_inner();
        seen.extend(answer.successions.into_iter().map(|one| (one.effective_on, one.id)));
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(seen.len(), 4);
    assert!(seen.is_sorted());
    for (organizations, count) in
        [(vec![&a], 3), (vec![&b], 1), (vec![&x], 4), (vec![&a, &b], 4), (vec![], 4)]
    {
        let organizations = organizations.into_iter().cloned().collect();
        let request = ListSuccessionsRequest { organizations, ..Default::default() };
        let answer = client.list_successions(request).await.unwrap().into_inner();
        assert_eq!(answer.successions.len(), count);
    }
    request.include_revoked = true;
    let error = client.list_successions(request).await.unwrap_err();
    assert_eq!(reason(&error), "PAGE_TOKEN_INVALID");
    let organizations = vec!["甲".to_owned()];
    let request = ListSuccessionsRequest { organizations, page_size: -1, ..Default::default() };
    let error = client.list_successions(request).await.unwrap_err();
    let expected = ["page_size PAGE_SIZE_OUT_OF_RANGE", "organizations[0] ORGANIZATION_MALFORMED"];
    assert_eq!(faults(&error), expected);
}

async fn all_organizations_must_be_covered(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let backend = &guarded.backend;
    let city = || guarded.caller(&ALL, &["4205*"]);
    let a = made(backend, city(), "420502", "甲").await;
    let b = made(backend, city(), "420506", "乙").await;
    let c = made(backend, city(), "420506", "丙").await;
    let mut city_client = client(backend, city());
    let shared: Parts<'_> = &[(&a, &b, 1_000_000)];
    let mut xiling = client(backend, guarded.caller(&ALL, &["420502"]));
    for parts in [shared, &[(&*b, &*a, 1_000_000)], &[(&*a, "L-NONE", 1_000_000)]] {
        let error = refused(&mut xiling, record(Kind::Merger, "2014-01-01", parts)).await;
        assert_eq!(reason(&error), "SCOPE_DENIED");
    }
    let both = done(&mut city_client, record(Kind::Merger, "2014-01-01", shared)).await;
    let ending = record(Kind::Merger, "2013-01-01", &[(&b, &c, 1_000_000)]);
    assert_eq!(reason(&refused(&mut city_client, ending).await), "SUCCESSION_CONFLICT");
    let abolition = record(Kind::Abolition, "2014-01-01", &[(&c, "", 0)]);
    let elsewhere = done(&mut city_client, abolition).await;

    let seen = listed(&mut xiling, false).await;
    assert_eq!(seen, std::slice::from_ref(&both), "one of them is his");
    let error = xiling.revoke_succession(revoke(&both.id)).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let error = xiling.revoke_succession(revoke(&elsewhere.id)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    for code in [b.as_str(), "L-NONE"] {
        let organizations = vec![code.to_owned()];
        let request = ListSuccessionsRequest { organizations, ..Default::default() };
        let error = xiling.list_successions(request).await.unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
    }
    let mut operator = client(backend, guarded.caller(&["operator", "viewer"], &["4205*"]));
    let request = record(Kind::Abolition, "2015-01-01", &[(&b, "", 0)]);
    assert_eq!(reason(&refused(&mut operator, request).await), "ROLE_MISSING");
    let error = operator.revoke_succession(revoke(&both.id)).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
}

async fn nobody_ends_himself(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let backend = &guarded.backend;
    let city = || guarded.caller(&ALL, &["4205*"]);
    let a = made(backend, city(), "420502", "甲").await;
    let b = made(backend, city(), "420502", "乙").await;
    let mut own = client(backend, guarded.caller_of(&ALL, &[&a, &b]));
    let cases: [(Kind, Parts<'_>); 3] = [
        (Kind::Abolition, &[(&a, "", 0)]),
        (Kind::Merger, &[(&a, &b, 1_000_000)]),
        (Kind::Transfer, &[(&a, &b, 500_000)]),
    ];
    for (kind, parts) in cases {
        let error = refused(&mut own, record(kind, "2014-01-01", parts)).await;
        assert_eq!(
            (error.code(), reason(&error).as_str()),
            (Code::PermissionDenied, "SCOPE_DENIED"),
            "{kind:?}"
        );
    }
    // By somebody else it is ended; he does not come back by himself.
    let mut city = client(backend, city());
    let ended = done(&mut city, record(Kind::Abolition, "2014-01-01", cases[0].1)).await;
    let error = own.revoke_succession(revoke(&ended.id)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    city.revoke_succession(revoke(&ended.id)).await.unwrap();
}

async fn of_two_that_end_the_same_one_wins(db: TestDb) {
    let backend = backend(&db).await;
    for _ in 0..20 {
        let [a, b, x] = three(&backend).await;
        // In the other order, so that they would wait for each other if they did not sort.
        let merger = record(Kind::Merger, "2014-03-01", &[(&a, &x, 1_000_000)]);
        let abolition = record(Kind::Abolition, "2014-03-01", &[(&b, "", 0), (&a, "", 0)]);
        let racers = [merger, abolition].map(|request| {
            let mut client = client(&backend, As::default());
            tokio::spawn(async move { client.record_succession(request).await })
        });
        let results: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
        let won = results.iter().filter_map(|result| result.as_ref().ok()).count();
        let lost: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
        assert_eq!((won, lost.len()), (1, 1));
        assert_eq!(reason(lost[0]), "ORGANIZATION_ENDED");
        let first_won = results[0].is_ok();
        let expected = if first_won { vec![x] } else { Vec::new() };
        assert_eq!(end(&backend, &a).await, ("2014-03-01".to_owned(), expected));
        assert_eq!(end(&backend, &b).await == alive(), first_won, "the loser left nothing behind");
    }
}

async fn of_two_revocations_one_wins(db: TestDb) {
    let backend = backend(&db).await;
    for _ in 0..20 {
        let [a, ..] = three(&backend).await;
        let mut one = client(&backend, As::default());
        let made = done(&mut one, record(Kind::Abolition, "2014-03-01", &[(&a, "", 0)])).await;
        let racers = [revoke(&made.id), revoke(&made.id)].map(|request| {
            let mut client = one.clone();
            tokio::spawn(async move { client.revoke_succession(request).await })
        });
        let results: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
        let lost: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
        assert_eq!(lost.len(), 1);
        assert_eq!(reason(lost[0]), "SUCCESSION_REVOKED");
        assert_eq!(end(&backend, &a).await, alive());
    }
}
