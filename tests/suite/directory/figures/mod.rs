mod clear;
mod sums;

use futures::future::join_all;
use steward_chassis::backend::Backend;
use steward_proto::directory::v1::figures_service_client::FiguresServiceClient;
use steward_proto::directory::v1::{
    Figures, FiguresGrouping as Grouping, KnownSum, ListFiguresRequest, SetFiguresRequest,
    SummarizeFiguresRequest, YearSum,
};
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use tonic::Code;
use uuid::Uuid;

use super::common::{ALL, Guarded, events, faults, made, reason};
use super::{MIGRATIONS, backend};

both!(
    MIGRATIONS,
    what_is_given_is_set_and_the_rest_stays,
    what_is_there_already_is_no_change,
    a_repeated_request_is_done_once,
    every_faulty_row_is_named,
    one_unknown_organization_refuses_them_all,
    a_thousand_rows_go_in_one_request,
    lists_filter_and_page,
    nobody_reaches_beyond_his_grants,
    two_who_set_at_once_lose_nothing,
);

type Client = FiguresServiceClient<Called>;

fn client(backend: &Backend, caller: As) -> Client {
    Client::new(called(backend, caller))
}

fn figures(organization: &str, year: i32, on_post: i32) -> Figures {
    let organization = organization.to_owned();
    Figures { organization, year, on_post: Some(on_post), ..Figures::default() }
}

fn set(figures: Vec<Figures>) -> SetFiguresRequest {
    let request_id = Uuid::new_v4().to_string();
    SetFiguresRequest { request_id, figures, ..SetFiguresRequest::default() }
}

/// The row as it was given.
fn given(row: &Figures) -> Figures {
    Figures { update_time: None, etag: String::new(), ..row.clone() }
}

async fn list(client: &mut Client, request: ListFiguresRequest) -> Vec<Figures> {
    client.list_figures(request).await.unwrap().into_inner().figures
}

/// Year, organizations, sum and count of those on post.
fn on_post(sums: &[YearSum]) -> Vec<(i32, i32, i64, i32)> {
    let sum = |sum: &YearSum| {
        let KnownSum { sum: heads, known_count } = sum.on_post.unwrap();
        (sum.year, sum.organization_count, heads, known_count)
    };
    sums.iter().map(sum).collect()
}

async fn what_is_given_is_set_and_the_rest_stays(db: TestDb) {
    let backend = backend(&db).await;
    let code = made(&backend, As::default(), "420502", "甲").await;
    let mut client = client(&backend, As::default());
    let all = Figures {
        organization: code.clone(),
        year: 2013,
        establishment: Some(50),
        on_post: Some(0),
        energy_users: Some(1_000_000),
        floor_area_dm2: Some(10_000_000_000),
        ..Figures::default()
    };
    let checked = SetFiguresRequest { validate_only: true, ..set(vec![all.clone()]) };
    let answer = client.set_figures(checked).await.unwrap().into_inner();
    assert_eq!(answer.changed_count, 1);
    assert!(list(&mut client, ListFiguresRequest::default()).await.is_empty());

    let answer = client.set_figures(set(vec![all.clone()])).await.unwrap().into_inner();
    let there = answer.figures[0].clone();
    assert!(there.update_time.is_some());
    assert_eq!(given(&there), all, "0 is a figure");

    let empty = Figures { organization: code.clone(), year: 2012, ..Figures::default() };
    let rows = vec![figures(&code, 2014, 7), empty.clone(), figures(&code, 2013, 48)];
    let answer = client.set_figures(set(rows)).await.unwrap().into_inner();
    assert_eq!(answer.changed_count, 2);
    let nothing = Figures { etag: "0".to_owned(), ..empty };
    assert_eq!(answer.figures[1], nothing, "nothing is known, nothing is kept");
    assert_eq!(given(&answer.figures[2]), Figures { on_post: Some(48), ..all });
    let listed = list(&mut client, ListFiguresRequest::default()).await;
    assert_eq!(listed, [answer.figures[2].clone(), answer.figures[0].clone()]);

    let told = events(&db, "figures").await;
    assert_eq!(told.len(), 3);
    assert_eq!((told[0].0.as_str(), told[0].2.as_str()), (format!("{code}/2013").as_str(), ""));
    let (id, _, before, after) = &told[2];
    assert_eq!(id, &format!("{code}/2013"));
    assert!(before.contains(r#""onPost":0"#) && after.contains(r#""onPost":48"#));
}

async fn what_is_there_already_is_no_change(db: TestDb) {
    let backend = backend(&db).await;
    let code = made(&backend, As::default(), "420502", "甲").await;
    let mut client = client(&backend, As::default());
    let first = client.set_figures(set(vec![figures(&code, 2013, 5)])).await.unwrap().into_inner();
    let nothing = Figures { on_post: None, ..figures(&code, 2013, 0) };
    for row in [figures(&code, 2013, 5), nothing] {
        let again = client.set_figures(set(vec![row])).await.unwrap().into_inner();
        assert_eq!(again.changed_count, 0);
        assert_eq!(again.figures, first.figures);
    }
    assert_eq!(events(&db, "figures").await.len(), 1);
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let backend = backend(&db).await;
    let code = made(&backend, As::default(), "420502", "甲").await;
    let mut client = client(&backend, As::default());
    let mut request = set(vec![figures(&code, 2013, 5)]);
    let first = client.set_figures(request.clone()).await.unwrap().into_inner();
    client.set_figures(set(vec![figures(&code, 2013, 6)])).await.unwrap();
    let again = client.set_figures(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let listed = list(&mut client, ListFiguresRequest::default()).await;
    assert_eq!(listed[0].on_post, Some(6), "the repeated request was not done again");
    request.figures[0].on_post = Some(7);
    let error = client.set_figures(request).await.unwrap_err();
    assert_eq!(reason(&error), "REQUEST_ID_REUSED");
}

async fn every_faulty_row_is_named(db: TestDb) {
    let backend = backend(&db).await;
    let code = made(&backend, As::default(), "420502", "甲").await;
    let mut client = client(&backend, As::default());
    let bad = Figures {
        organization: "甲".to_owned(),
        year: 1989,
        establishment: Some(-1),
        on_post: Some(1_000_001),
        energy_users: Some(i32::MIN),
        floor_area_dm2: Some(10_000_000_001),
        etag: "new".to_owned(),
        ..Figures::default()
    };
    let rows = vec![figures(&code, 2013, 1), bad, figures("", 2100, 1), figures(&code, 2013, 2)];
    let error = client.set_figures(set(rows)).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(
        faults(&error),
        [
            "figures[1].organization ORGANIZATION_MALFORMED",
            "figures[1].year OUT_OF_RANGE",
            "figures[1].establishment OUT_OF_RANGE",
            "figures[1].on_post OUT_OF_RANGE",
            "figures[1].energy_users OUT_OF_RANGE",
            "figures[1].floor_area_dm2 OUT_OF_RANGE",
            "figures[1].etag ETAG_MALFORMED",
            "figures[2].organization REQUIRED",
            "figures[2].year OUT_OF_RANGE",
            "figures[3] REPEATED",
        ]
    );
    let error = client.set_figures(set(Vec::new())).await.unwrap_err();
    assert_eq!(faults(&error), ["figures REQUIRED"]);
    let many = (0..1001).map(|i| figures(&format!("L-{i}"), 2013, 1)).collect();
    let error = client.set_figures(set(many)).await.unwrap_err();
    assert_eq!(faults(&error), ["figures TOO_MANY"]);
}

async fn one_unknown_organization_refuses_them_all(db: TestDb) {
    let backend = backend(&db).await;
    let code = made(&backend, As::default(), "420502", "甲").await;
    let mut client = client(&backend, As::default());
    let rows = vec![figures(&code, 2013, 1), figures("L-NONE", 2013, 1), figures("L-NO", 2013, 1)];
    let error = client.set_figures(set(rows)).await.unwrap_err();
    assert_eq!(
        faults(&error),
        [
            "figures[1].organization ORGANIZATION_UNKNOWN",
            "figures[2].organization ORGANIZATION_UNKNOWN",
        ]
    );
    assert!(list(&mut client, ListFiguresRequest::default()).await.is_empty());
}

async fn a_thousand_rows_go_in_one_request(db: TestDb) {
    let backend = backend(&db).await;
    let mut codes = Vec::new();
    for i in 0..10 {
        codes.push(made(&backend, As::default(), "420502", &format!("单位{i}")).await);
    }
    let years = || 1990..2090;
    let rows: Vec<_> =
        codes.iter().flat_map(|code| years().map(|year| figures(code, year, year))).collect();
    let mut client = client(&backend, As::default());
    let answer = client.set_figures(set(rows.clone())).await.unwrap().into_inner();
    assert_eq!(answer.changed_count, 1000);
    let all_given = |rows: Vec<Figures>| rows.iter().map(given).collect::<Vec<_>>();
    assert_eq!(all_given(answer.figures), rows, "in the order of the request");
    let request = ListFiguresRequest { page_size: 1000, ..Default::default() };
    let listed = all_given(list(&mut client, request).await);
    codes.sort();
    let sorted: Vec<_> =
        codes.iter().flat_map(|code| years().map(|year| figures(code, year, year))).collect();
    assert_eq!(listed, sorted);
    assert_eq!(events(&db, "figures").await.len(), 1000);
}

async fn lists_filter_and_page(db: TestDb) {
    let backend = backend(&db).await;
    let one = made(&backend, As::default(), "420502", "甲").await;
    let other = made(&backend, As::default(), "420506", "乙").await;
    let mut client = client(&backend, As::default());
    let rows = [&one, &other].into_iter().flat_map(|c| (2011..2015).map(|y| figures(c, y, 1)));
    client.set_figures(set(rows.collect())).await.unwrap();
    let all = ListFiguresRequest::default();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for (request, expected) in [
        (all.clone(), 8),
        (ListFiguresRequest { regions: texts(&["420502"]), ..all.clone() }, 4),
        (ListFiguresRequest { regions: texts(&["4205*"]), year: 2013, ..all.clone() }, 2),
        (ListFiguresRequest { organizations: texts(&[&other]), ..all.clone() }, 4),
        (
            ListFiguresRequest {
                organizations: texts(&[&other]),
                regions: texts(&["420502"]),
                year: 2011,
                ..all.clone()
            },
            2,
        ),
        (ListFiguresRequest { year: 2020, ..all.clone() }, 0),
    ] {
        assert_eq!(list(&mut client, request.clone()).await.len(), expected, "{request:?}");
    }
    let mut request = ListFiguresRequest { page_size: 3, ..all };
    let mut seen = Vec::new();
    loop {
        let answer = client.list_figures(request.clone()).await.unwrap().into_inner();
        seen.extend(answer.figures.into_iter().map(|row| (row.organization, row.year)));
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(seen.len(), 8);
    assert!(seen.is_sorted());
    request.year = 2012;
    let error = client.list_figures(request).await.unwrap_err();
    assert_eq!(reason(&error), "PAGE_TOKEN_INVALID");
    let request = ListFiguresRequest { year: 1989, page_size: 1001, ..Default::default() };
    let error = client.list_figures(request).await.unwrap_err();
    assert_eq!(faults(&error), ["page_size PAGE_SIZE_OUT_OF_RANGE", "year OUT_OF_RANGE"]);
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let guarded = Guarded::new(&db).await;
    let backend = &guarded.backend;
    let city = || guarded.caller(&ALL, &["4205*"]);
    let mine = made(backend, city(), "420502", "甲").await;
    let theirs = made(backend, city(), "420506", "乙").await;
    let rows = vec![figures(&mine, 2013, 1), figures(&theirs, 2013, 20)];
    client(backend, city()).set_figures(set(rows)).await.unwrap();

    let mut xiling = client(backend, guarded.caller(&ALL, &["420502"]));
    // What exists elsewhere and what does not are refused alike.
    for code in [theirs.as_str(), "L-NONE", "11420506A00000038W"] {
        let rows = vec![figures(&mine, 2013, 2), figures(code, 2013, 2)];
        let error = xiling.set_figures(set(rows)).await.unwrap_err();
        assert_eq!(reason(&error), "SCOPE_DENIED", "{code}");
        let organizations = vec![code.to_owned()];
        let request = ListFiguresRequest { organizations, ..Default::default() };
        let error = xiling.list_figures(request).await.unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
    }
    let error = xiling.set_figures(set(vec![figures("11420502000000027D", 2013, 2)])).await;
    assert_eq!(faults(&error.unwrap_err()), ["figures[0].organization ORGANIZATION_UNKNOWN"]);
    let listed = list(&mut xiling, ListFiguresRequest::default()).await;
    assert_eq!(listed.iter().map(Figures::on_post).collect::<Vec<_>>(), [1]);

    let request = |region: &str| SummarizeFiguresRequest {
        regions: vec![region.to_owned()],
        years: vec![2013],
        group_by: vec![Grouping::Organization.into()],
        ..Default::default()
    };
    let answer = xiling.summarize_figures(request("4205*")).await.unwrap().into_inner();
    assert_eq!(on_post(&answer.total), [(2013, 1, 1, 1)], "the granted part");
    assert_eq!(answer.rows.len(), 1);
    assert!(answer.scope_limited);
    assert_eq!(answer.counted_regions, ["420502"]);
    let answer = xiling.summarize_figures(request("420502")).await.unwrap().into_inner();
    assert!(!answer.scope_limited, "all that was asked for");
    let answer = client(backend, city()).summarize_figures(request("4205*")).await.unwrap();
    let answer = answer.into_inner();
    assert!(!answer.scope_limited);
    assert_eq!(answer.counted_regions, ["420502", "420506"]);
    let error = xiling.summarize_figures(request("420506")).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);

    let mut viewer = client(backend, guarded.caller(&["viewer"], &["4205*"]));
    let error = viewer.set_figures(set(vec![figures(&mine, 2013, 2)])).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
}

async fn two_who_set_at_once_lose_nothing(db: TestDb) {
    let backend = backend(&db).await;
    let codes = [
        made(&backend, As::default(), "420502", "甲").await,
        made(&backend, As::default(), "420502", "乙").await,
    ];
    for year in 2000..2020 {
        // One figure each, of the same organizations and year, in the other order.
        let row = |code: &String| Figures { on_post: None, ..figures(code, year, 0) };
        let heads = codes.iter().map(|c| Figures { establishment: Some(1), ..row(c) }).collect();
        let users =
            codes.iter().rev().map(|c| Figures { energy_users: Some(2), ..row(c) }).collect();
        let racers = [set(heads), set(users)].map(|request| {
            let mut client = client(&backend, As::default());
            tokio::spawn(async move { client.set_figures(request).await })
        });
        for done in join_all(racers).await {
            done.unwrap().unwrap();
        }
    }
    let mut client = client(&backend, As::default());
    let listed = list(&mut client, ListFiguresRequest::default()).await;
    assert_eq!(listed.len(), 40);
    for row in listed {
        assert_eq!((row.establishment, row.energy_users), (Some(1), Some(2)));
    }
    let told = events(&db, "figures").await;
    assert_eq!(told.len(), 80);
    assert_eq!(told.iter().filter(|event| event.2.is_empty()).count(), 40, "one is the first");
}
