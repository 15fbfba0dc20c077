//! What a transaction sees, keeps and waits for.

use std::time::Duration;

use steward_db::{Db, Error, Options};
use steward_tests::{TestDb, both, write};

use super::{THINGS, add, count, thing};

both!(
    [THINGS],
    a_snapshot_stands_still,
    what_is_not_committed_is_undone,
    a_snapshot_does_not_write,
    rows_can_be_locked,
    waiting_too_long_is_busy,
    a_closed_database_is_unavailable,
    clones_share_their_connections,
);

async fn a_snapshot_stands_still(db: TestDb) {
    let mut snapshot = db.db().snapshot().await.unwrap();
    assert_eq!(count(&mut snapshot).await, 0);
    let mut tx = db.write().await;
    add(&mut tx, &thing(1, "car")).await.unwrap();
    // Nobody sees it before the commit.
    assert_eq!(count(&mut db.db().read().await.unwrap()).await, 0);
    tx.commit().await.unwrap();
    assert_eq!(count(&mut snapshot).await, 0);
    assert_eq!(count(&mut db.db().read().await.unwrap()).await, 1);
    snapshot.commit().await.unwrap();
    assert_eq!(count(&mut db.db().snapshot().await.unwrap()).await, 1);
}

async fn what_is_not_committed_is_undone(db: TestDb) {
    for number in 1..=3 {
        let mut tx = db.write().await;
        add(&mut tx, &thing(number, "car")).await.unwrap();
        match number {
            1 => drop(tx),
            2 => tx.rollback().await.unwrap(),
            _ => tx.commit().await.unwrap(),
        }
    }
    let mut tx = db.db().read().await.unwrap();
    assert_eq!(tx.sql("SELECT amount FROM thing").all::<(i64,)>().await.unwrap(), [(3,)]);
}

async fn a_snapshot_does_not_write(db: TestDb) {
    let mut tx = db.db().snapshot().await.unwrap();
    let error = add(&mut tx, &thing(1, "car")).await.unwrap_err();
    assert!(matches!(error, Error::Other(_)), "{error:?}");
}

async fn rows_can_be_locked(db: TestDb) {
    let mut tx = db.write().await;
    add(&mut tx, &thing(1, "car")).await.unwrap();
    for end in [tx.for_share(), tx.for_update()] {
        let rows = tx.sql("SELECT amount FROM thing").text(end).all::<(i64,)>().await.unwrap();
        assert_eq!(rows, [(1,)]);
    }
}

async fn waiting_too_long_is_busy(db: TestDb) {
    let acquire_timeout = Duration::from_millis(50);
    let options = Options { max_connections: 1, acquire_timeout, ..db.options() };
    let one = Db::connect(&options).await.unwrap();
    let mut held = write(&one).await.unwrap();
    add(&mut held, &thing(1, "car")).await.unwrap();
    let error = write(&one).await.unwrap_err();
    assert!(matches!(error, Error::Busy), "{error:?}");
    // From another process, which on SQLite waits for the file and on PostgreSQL for nothing.
    let other = Db::connect(&options).await.unwrap();
    match write(&other).await {
        Err(error) => assert!(db.is_sqlite() && matches!(error, Error::Busy), "{error:?}"),
        Ok(_) => assert!(!db.is_sqlite()),
    }
    held.commit().await.unwrap();
    let mut tx = write(&one).await.unwrap();
    assert_eq!(count(&mut tx).await, 1);
}

async fn a_closed_database_is_unavailable(db: TestDb) {
    db.db().ping().await.unwrap();
    db.db().close().await;
    for error in [db.db().ping().await.unwrap_err(), write(db.db()).await.unwrap_err()] {
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
}

async fn clones_share_their_connections(db: TestDb) {
    let acquire_timeout = Duration::from_millis(50);
    let options = Options { max_connections: 1, acquire_timeout, ..db.options() };
    let one = Db::connect(&options).await.unwrap();
    let held = one.read().await.unwrap();
    let error = one.clone().read().await.unwrap_err();
    assert!(matches!(error, Error::Busy), "{error:?}");
    drop(held);
}
