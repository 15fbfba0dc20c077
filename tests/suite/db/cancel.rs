//! Callers give up at any moment; what was acknowledged stays.

use steward_db::{Db, Options};
use steward_tests::{TestDb, both, write};
use tokio::task::yield_now;

use super::{THINGS, add, count, thing};

both!([THINGS], cancelled_writes_lose_nothing);

async fn cancelled_writes_lose_nothing(db: TestDb) {
    // One connection, so that the next writer gets the one that the cancelled one left.
    let options = Options { max_connections: 1, ..db.options() };
    let one = Db::connect(&options).await.unwrap();
    for round in 0..2_000_u16 {
        tokio::select! {
            biased;
            () = patience(round % 300) => {}
            tx = write(&one) => drop(tx),
        }
        insert(&one, round).await;
    }
    one.close().await;
    let mut tx = db.db().read().await.unwrap();
    assert_eq!(count(&mut tx).await, 2_000);
}

async fn patience(yields: u16) {
    for _ in 0..yields {
        yield_now().await;
    }
}

/// On PostgreSQL without a transaction of its own: such a row is lost if the connection was left
/// inside someone else's.
async fn insert(one: &Db, round: u16) {
    let mut tx = if one.is_sqlite() { write(one).await } else { one.read().await }.unwrap();
    add(&mut tx, &thing(round, "car")).await.unwrap();
    tx.commit().await.unwrap();
}
