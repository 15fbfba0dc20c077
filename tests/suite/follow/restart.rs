use std::collections::BTreeMap;

use steward_chassis::follow::Source;
use steward_db::Db;
use steward_tests::service::{open_runtime, test_clock};
use steward_tests::{TestDb, both};

use super::directory::{Directory, organization};
use super::{MIGRATIONS, SPEC, cursor, followed, service, until};

both!(
    MIGRATIONS,
    stops_on_the_way_lose_nothing_and_repeat_nothing,
    replicas_share_the_work,
    the_directory_may_go_and_come_back,
    a_restored_directory_is_followed_from_the_beginning,
    a_token_for_a_part_of_the_directory_is_not_enough,
);

const REGIONS: [&str; 3] = ["420500", "420502", "420506"];

/// Tells of `count` changes of fewer organizations, and answers where each lies at the end.
async fn many(directory: &Directory, count: usize) -> BTreeMap<String, String> {
    let mut last = BTreeMap::new();
    for i in 0..count {
        let (code, region) = (format!("L-{}", i % (count / 3)), REGIONS[i % 7 % 3]);
        directory.organization(organization(&code, region)).await;
        last.insert(code, region.to_owned());
    }
    last
}

async fn rows(db: &Db) -> BTreeMap<String, String> {
    let mut tx = db.read().await.unwrap();
    let rows: Vec<(String, String)> =
        tx.sql("SELECT code, region FROM scope_organization").all().await.unwrap();
    rows.into_iter().collect()
}

/// The cursor is at the end, and every change was applied once.
async fn complete(db: &Db, directory: &Directory) {
    assert_eq!(cursor(db).await, (directory.head().await, directory.count().await));
}

async fn stops_on_the_way_lose_nothing_and_repeat_nothing(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    let last = many(&directory, 900).await;
    directory.in_pages_of(13);
    let mut stops = 0;
    loop {
        // Read once: a commit of the last one may be on its way still.
        let before = cursor(db.db()).await;
        if before.0 == directory.head().await {
            break;
        }
        let started = service(&db, &runtime).await;
        // Each starts at another place of the page that it breaks off.
        started.follow(SPEC, directory.source(&runtime).await);
        until(async || cursor(db.db()).await != before).await;
        for _ in 0..stops {
            tokio::task::yield_now().await;
        }
        started.drain().await;
        stops += 1;
    }
    assert!(stops > 3, "it was only stopped {stops} times");
    complete(db.db(), &directory).await;
    assert_eq!(rows(db.db()).await, last);
}

/// On one database; on PostgreSQL by connections of their own.
async fn replicas_share_the_work(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    directory.in_pages_of(7);
    let other =
        if db.is_sqlite() { db.db().clone() } else { Db::connect(&db.options()).await.unwrap() };
    let mut replicas = Vec::new();
    for db in [db.db().clone(), other] {
        let started = steward_chassis::service::over(SPEC, db, &runtime).await.unwrap();
        started.follow(SPEC, directory.source(&runtime).await);
        replicas.push(started);
    }
    for round in 1..=20 {
        let last = many(&directory, 30 * round).await;
        followed(db.db(), directory.head().await).await;
        complete(db.db(), &directory).await;
        assert!(
            rows(db.db())
                .await
                .iter()
                .all(|(code, region)| { last.get(code).is_none_or(|last| last == region) })
        );
    }
    for replica in replicas {
        replica.drain().await;
    }
}

async fn the_directory_may_go_and_come_back(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    directory.is_down(true);
    let started = service(&db, &runtime).await;
    let source: Source = directory.source(&runtime).await;
    started.follow(SPEC, source);
    let mut last = many(&directory, 30).await;
    for _ in 0..3 {
        let asked = directory.asked();
        until(async || directory.asked() > asked + 1).await;
        let before = cursor(db.db()).await;
        assert!(before.0 < directory.head().await, "nothing came while it was down");
        directory.is_down(false);
        followed(db.db(), directory.head().await).await;
        directory.is_down(true);
        last.extend(many(&directory, 30).await);
    }
    directory.is_down(false);
    followed(db.db(), directory.head().await).await;
    complete(db.db(), &directory).await;
    assert_eq!(rows(db.db()).await, last);
    started.drain().await;
}

/// It has lost what was told after the backup, and tells something else under the same numbers.
async fn a_restored_directory_is_followed_from_the_beginning(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    let started = service(&db, &runtime).await;
    started.follow(SPEC, directory.source(&runtime).await);
    let mut last = many(&directory, 30).await;
    followed(db.db(), directory.head().await).await;
    for (kept, more) in [(20, 0), (15, 30), (0, 3)] {
        let (before, mut told) = (cursor(db.db()).await.1, kept);
        directory.restore(kept).await;
        for i in 0..more {
            let code = format!("L-{kept}-{i}");
            directory.organization(organization(&code, "420503")).await;
            last.insert(code, "420503".to_owned());
            told += 1;
        }
        let told = i64::try_from(told).unwrap();
        until(async || {
            let (seq, count) = cursor(db.db()).await;
            seq == directory.head().await && count >= before + told
        })
        .await;
        assert_eq!(rows(db.db()).await, last, "what it had lost is not taken away");
    }
    started.drain().await;
}

async fn a_token_for_a_part_of_the_directory_is_not_enough(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    directory.is_limited(true);
    let started = service(&db, &runtime).await;
    started.follow(SPEC, directory.source(&runtime).await);
    let last = many(&directory, 9).await;
    let asked = directory.asked();
    until(async || directory.asked() > asked + 2).await;
    assert_eq!(cursor(db.db()).await, (0, 0), "nothing may be passed over");
    directory.is_limited(false);
    followed(db.db(), directory.head().await).await;
    complete(db.db(), &directory).await;
    assert_eq!(rows(db.db()).await, last);
    started.drain().await;
}
