//! How a database is opened.

use steward_db::{Db, Error, Options};
use steward_tests::{Engine, Postgres, TestDb, both, run, write};

use super::{THINGS, add, count, thing};

both!(
    [THINGS],
    nothing_prints_the_password,
    a_pooler_finds_nothing_kept,
    no_statement_runs_for_ever,
);

async fn nothing_prints_the_password(db: TestDb) {
    let text = format!("{:?} {:?}", db.db(), db.options());
    assert!(!text.contains(db.url()) && !text.contains("host"), "{text}");
}

/// The option is PostgreSQL's; SQLite goes on as ever.
async fn a_pooler_finds_nothing_kept(db: TestDb) {
    let options = Options { pooler: true, max_connections: 1, ..db.options() };
    let pooled = Db::connect(&options).await.unwrap();
    let mut tx = write(&pooled).await.unwrap();
    add(&mut tx, &thing(1, "car")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&mut pooled.read().await.unwrap()).await, 1);
    if db.is_sqlite() {
        return;
    }
    let mut tx = pooled.read().await.unwrap();
    let kept = tx.sql("SELECT COUNT(*) FROM pg_prepared_statements").one::<(i64,)>();
    assert_eq!(kept.await.unwrap().0, 0);
    // A read is a transaction: time stands still in it, and it does not write.
    let now = "SELECT CAST(extract(epoch FROM now()) * 1000000 AS bigint)";
    let first: (i64,) = tx.sql(now).one().await.unwrap();
    let second: (i64,) = tx.sql(now).one().await.unwrap();
    assert_eq!(first, second);
    assert!(add(&mut tx, &thing(2, "car")).await.is_err());
    drop(tx);

    let error = pooled.migrate(&options, &[THINGS]).await.unwrap_err();
    assert!(matches!(error, Error::Other(_)), "sessions need a direct url: {error:?}");
    let direct = Options { direct_url: Some(options.url.clone()), ..options };
    pooled.migrate(&direct, &[THINGS]).await.unwrap();
}

/// Of PostgreSQL, which many processes share.
async fn no_statement_runs_for_ever(db: TestDb) {
    let statement_timeout = std::time::Duration::from_millis(500);
    let options = Options { statement_timeout, ..db.options() };
    let hasty = Db::connect(&options).await.unwrap();
    if db.is_sqlite() {
        return;
    }
    let sleep = "SELECT CAST(pg_sleep(60) AS text)";
    let error = hasty.read().await.unwrap().sql(sleep).run().await.unwrap_err();
    assert!(matches!(error, Error::Busy), "{error:?}");
}

#[test]
fn sqlite_makes_its_file_and_folders() {
    run(Engine::Sqlite, &[], async |db: TestDb| {
        let url = db.url().replace("test.db", "a%20year/2013/fleet.db");
        let options = Options::new(url);
        let new = Db::connect(&options).await.unwrap();
        new.migrate(&options, &[THINGS]).await.unwrap();
        let folder = db.url().trim_start_matches("sqlite://").trim_end_matches("test.db");
        assert!(std::path::Path::new(folder).join("a year/2013/fleet.db").exists());
        new.close().await;
    });
}

#[test]
fn a_wrong_url_is_told() {
    run(Engine::Sqlite, &[], async |_db: TestDb| {
        for url in ["", "mysql://u:secret@host/db", "sqlite::memory:", "postgres://u:secret@ho st/"]
        {
            let error = Db::connect(&Options::new(url)).await.unwrap_err();
            assert!(matches!(error, Error::Other(_)), "{url}: {error:?}");
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    });
}

/// A server that is not there is not a busy one.
#[test]
fn no_server_is_unavailable() {
    run(Engine::Sqlite, &[], async |db: TestDb| {
        let folder = db.url().trim_start_matches("sqlite://").trim_end_matches("test.db");
        let url = format!("postgres://localhost/fleet?host={folder}");
        let acquire_timeout = std::time::Duration::from_millis(50);
        let options = Options { acquire_timeout, ..Options::new(url) };
        let error = Db::connect(&options).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    });
}

/// The harness can kill a server; what was committed is there when it is back.
#[test]
fn what_is_committed_survives_a_crash() {
    let Some(mut server) = Postgres::private() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let db = runtime.block_on(TestDb::on(&server, &[THINGS]));
    let held = runtime.block_on(async {
        let mut tx = db.write().await;
        add(&mut tx, &thing(1, "car")).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.write().await;
        add(&mut tx, &thing(2, "car")).await.unwrap();
        tx
    });
    server.crash();
    runtime.block_on(async {
        let error = held.commit().await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        let again = Db::connect(&db.options()).await.unwrap();
        assert_eq!(count(&mut again.read().await.unwrap()).await, 1);
    });
}
