//! Taking figures back, and setting only what was read.

use prost_types::FieldMask;
use steward_proto::directory::v1::{Figures, ListFiguresRequest, SetFiguresRequest};
use steward_tests::service::As;
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::common::{events, faults, made, reason};
use super::{MIGRATIONS, backend, client, figures, given, list, set};

both!(
    MIGRATIONS,
    what_is_cleared_is_not_known_any_more,
    only_figures_are_cleared,
    an_etag_that_is_given_must_fit,
);

fn clear(figures: Vec<Figures>, paths: &[&str]) -> SetFiguresRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    SetFiguresRequest { clear: Some(FieldMask { paths }), ..set(figures) }
}

async fn what_is_cleared_is_not_known_any_more(db: TestDb) {
    let backend = backend(&db).await;
    let one = made(&backend, As::default(), "420502", "甲").await;
    let other = made(&backend, As::default(), "420502", "乙").await;
    let mut client = client(&backend, As::default());
    let all = |code: &str| Figures {
        establishment: Some(50),
        energy_users: Some(60),
        floor_area_dm2: Some(70),
        ..figures(code, 2013, 40)
    };
    client.set_figures(set(vec![all(&one), all(&other)])).await.unwrap();
    let nothing = |code: &str| Figures { on_post: None, ..figures(code, 2013, 0) };

    // Cleared where a row does not give it; what is not named stays.
    let rows = vec![nothing(&one), figures(&other, 2013, 41)];
    let request = clear(rows, &["on_post", "floor_area_dm2"]);
    let answer = client.set_figures(request).await.unwrap().into_inner();
    let expected = [
        Figures { on_post: None, floor_area_dm2: None, ..all(&one) },
        Figures { on_post: Some(41), floor_area_dm2: None, ..all(&other) },
    ];
    assert_eq!(answer.changed_count, 2);
    assert_eq!(answer.figures.iter().map(given).collect::<Vec<_>>(), expected);
    let mut listed = list(&mut client, ListFiguresRequest::default()).await;
    listed.sort_by_key(|row| row.organization != one);
    assert_eq!(listed, answer.figures);
    let told = events(&db, "figures").await;
    assert!(told[2].2.contains(r#""onPost":40"#) && !told[2].3.contains("onPost"));

    // Again, or of what is not kept, it changes nothing.
    let empty = Figures { year: 2014, ..nothing(&one) };
    for row in [nothing(&one), empty] {
        let request = clear(vec![row], &["on_post", "floor_area_dm2"]);
        let answer = client.set_figures(request).await.unwrap().into_inner();
        assert_eq!(answer.changed_count, 0);
    }
    let every = ["establishment", "on_post", "energy_users", "floor_area_dm2"];
    let answer = client.set_figures(clear(vec![nothing(&one)], &every)).await.unwrap();
    assert_eq!(given(&answer.into_inner().figures[0]), nothing(&one));
    assert_eq!(events(&db, "figures").await.len(), 5);
}

async fn only_figures_are_cleared(db: TestDb) {
    let backend = backend(&db).await;
    let code = made(&backend, As::default(), "420502", "甲").await;
    let mut client = client(&backend, As::default());
    for (paths, expected) in [
        (vec!["on_post", "year"], vec!["clear MASK_UNKNOWN"]),
        (vec![""], vec!["clear MASK_UNKNOWN"]),
        (vec!["on_post"; 5], vec!["clear TOO_MANY"]),
    ] {
        let request = clear(vec![figures(&code, 2013, 1)], &paths);
        let error = client.set_figures(request).await.unwrap_err();
        assert_eq!((error.code(), faults(&error)), (Code::InvalidArgument, owned(&expected)));
    }
    client.set_figures(clear(vec![figures(&code, 2013, 1)], &[])).await.unwrap();
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn an_etag_that_is_given_must_fit(db: TestDb) {
    let backend = backend(&db).await;
    let code = made(&backend, As::default(), "420502", "甲").await;
    let mut client = client(&backend, As::default());
    let read = |year: i32, on_post: i32, etag: &str| Figures {
        etag: etag.to_owned(),
        ..figures(&code, year, on_post)
    };
    let rows = vec![read(2013, 1, "0"), read(2014, 1, "")];
    let answer = client.set_figures(set(rows)).await.unwrap().into_inner();
    assert!(answer.figures.iter().all(|row| row.etag == "1"));

    let rows = vec![read(2013, 2, "1"), read(2014, 2, "0"), read(2015, 2, "1")];
    let error = client.set_figures(set(rows)).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
    assert_eq!(faults(&error), ["figures[1].etag ETAG_STALE", "figures[2].etag ETAG_STALE"]);
    let rows = vec![read(2013, 2, "1"), read(2014, 1, "1")];
    let answer = client.set_figures(set(rows)).await.unwrap().into_inner();
    let etags: Vec<_> = answer.figures.iter().map(|row| row.etag.as_str()).collect();
    assert_eq!(etags, ["2", "1"], "what changes nothing is no change");
    let error = client.set_figures(set(vec![read(2013, 3, "1")])).await.unwrap_err();
    assert_eq!(reason(&error), "ETAG_STALE");
    // A spreadsheet has read nothing, and replaces what was wrong.
    client.set_figures(set(vec![read(2013, 3, "")])).await.unwrap();
}
