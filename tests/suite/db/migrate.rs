//! Schemas are brought up to date once, whoever asks.

use std::sync::LazyLock;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use steward_db::{Db, Error, Migrations, Options, Tx};
use steward_tests::{TestDb, both};

use super::{EXTRAS, THINGS, add, thing};

both!(
    [],
    two_libraries_share_a_database,
    four_at_once_migrate_once,
    a_changed_migration_is_refused,
    a_failed_migration_leaves_nothing,
    a_migration_takes_its_time,
);

async fn two_libraries_share_a_database(db: TestDb) {
    for _ in 0..2 {
        db.db().migrate(&db.options(), &[THINGS, EXTRAS]).await.unwrap();
        assert_eq!(applied(&db).await, [("things", 1), ("extras", 1), ("extras", 2)]);
    }
    let mut tx = db.write().await;
    add(&mut tx, &thing(1, "car")).await.unwrap();
    tx.commit().await.unwrap();
    // Nothing is done twice, and the lock was let go.
    db.db().migrate(&db.options(), &[THINGS, EXTRAS]).await.unwrap();
    assert_eq!(super::count(&mut db.db().read().await.unwrap()).await, 1);
}

async fn four_at_once_migrate_once(db: TestDb) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let options = db.options();
        tasks.spawn(async move {
            let own = Db::connect(&options).await?;
            own.migrate(&options, &[THINGS, EXTRAS]).await
        });
    }
    for done in tasks.join_all().await {
        done.unwrap();
    }
    assert_eq!(applied(&db).await, [("things", 1), ("extras", 1), ("extras", 2)]);
}

async fn a_changed_migration_is_refused(db: TestDb) {
    static FIRST: LazyLock<Migrator> = LazyLock::new(|| only("CREATE TABLE a (b BIGINT)"));
    static CHANGED: LazyLock<Migrator> = LazyLock::new(|| only("CREATE TABLE a (c BIGINT)"));
    db.db().migrate(&db.options(), &[set(&FIRST)]).await.unwrap();
    let error = db.db().migrate(&db.options(), &[set(&CHANGED)]).await.unwrap_err();
    assert!(matches!(error, Error::Other(_)), "{error:?}");
}

async fn a_failed_migration_leaves_nothing(db: TestDb) {
    static HALF: LazyLock<Migrator> =
        LazyLock::new(|| only("CREATE TABLE a (b BIGINT); CREATE TABLE a (b BIGINT)"));
    static WHOLE: LazyLock<Migrator> = LazyLock::new(|| only("CREATE TABLE a (b BIGINT)"));
    let error = db.db().migrate(&db.options(), &[set(&HALF)]).await.unwrap_err();
    assert!(matches!(error, Error::Other(_)), "{error:?}");
    db.db().migrate(&db.options(), &[set(&WHOLE)]).await.unwrap();
}

/// What ends a statement of a request after a while does not end a migration.
async fn a_migration_takes_its_time(db: TestDb) {
    static LONG: LazyLock<Migrator> = LazyLock::new(|| only("SELECT pg_sleep(1)"));
    if db.is_sqlite() {
        return;
    }
    let statement_timeout = Duration::from_millis(500);
    let options = Options { statement_timeout, ..db.options() };
    let hasty = Db::connect(&options).await.unwrap();
    hasty.migrate(&options, &[set(&LONG)]).await.unwrap();
}

fn only(text: &str) -> Migrator {
    let text = AssertSqlSafe(text.to_owned()).into_sql_str();
    let migration = Migration::new(1, "first".into(), MigrationType::Simple, text, false);
    Migrator::with_migrations(vec![migration])
}

fn set(migrator: &'static Migrator) -> Migrations {
    Migrations { name: "test", sqlite: migrator, postgres: migrator }
}

async fn applied(db: &TestDb) -> Vec<(&'static str, i64)> {
    let mut tx = db.db().snapshot().await.unwrap();
    let mut found = versions(&mut tx, "things", "SELECT version FROM _migrations_things").await;
    found.extend(versions(&mut tx, "extras", "SELECT version FROM _migrations_extras").await);
    found
}

async fn versions(tx: &mut Tx, name: &'static str, text: &'static str) -> Vec<(&'static str, i64)> {
    let rows: Vec<(i64,)> = tx.sql(text).text(" ORDER BY version").all().await.unwrap();
    rows.into_iter().map(|row| (name, row.0)).collect()
}
