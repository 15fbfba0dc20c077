//! Both databases say the same about what they refuse.

use steward_db::{Error, Tx};
use steward_tests::{TestDb, both};
use uuid::Uuid;

use super::{THINGS, Thing, add, count, thing};

both!(
    [THINGS],
    a_twin_is_a_unique_error,
    an_orphan_is_a_foreign_error,
    a_refused_value_is_a_check_error,
    an_overlap_bears_one_name,
    a_trigger_bears_its_text,
    a_missing_value_is_a_mistake_of_ours,
    after_a_failure_nothing_is_stored,
);

async fn a_twin_is_a_unique_error(db: TestDb) {
    for (id, name, columns) in
        [(1, "thing_pkey", "thing.id"), (2, "thing_name_amount_key", "thing.name, thing.amount")]
    {
        let mut tx = db.write().await;
        add(&mut tx, &thing(1, "car")).await.unwrap();
        let twin = Thing {
            id: Uuid::from_u128(id),
            amount: 3 - i64::try_from(id).unwrap(),
            ..thing(1, "car")
        };
        let error = add(&mut tx, &twin).await.unwrap_err();
        let Error::Unique { constraint } = error else { panic!("{error:?}") };
        assert!([name, columns].contains(&constraint.as_str()), "{constraint}");
    }
}

async fn an_orphan_is_a_foreign_error(db: TestDb) {
    let mut tx = db.write().await;
    let insert = tx.sql("INSERT INTO part (thing, number) VALUES ($1, $2)");
    let error = insert.bind(Uuid::nil()).bind(1_i64).run().await.unwrap_err();
    assert!(matches!(error, Error::Foreign { .. }), "{error:?}");
}

async fn a_refused_value_is_a_check_error(db: TestDb) {
    let mut tx = db.write().await;
    let error = add(&mut tx, &Thing { amount: -1, ..thing(1, "car") }).await.unwrap_err();
    assert!(matches!(error, Error::Check { .. }), "{error:?}");
    assert_eq!(error.rule(), Some("thing_amount_positive"));
}

async fn an_overlap_bears_one_name(db: TestDb) {
    let mut tx = db.write().await;
    slot(&mut tx, 1, 0, 10).await.unwrap();
    slot(&mut tx, 2, 10, 20).await.unwrap();
    let error = slot(&mut tx, 3, 19, 30).await.unwrap_err();
    assert_eq!(error.rule(), Some("slot_no_overlap"), "{error:?}");
}

async fn a_trigger_bears_its_text(db: TestDb) {
    let mut tx = db.write().await;
    slot(&mut tx, 1, 0, 10).await.unwrap();
    let error = tx.sql("DELETE FROM slot").run().await.unwrap_err();
    assert!(matches!(&error, Error::Raised(text) if text == "slot_stays"), "{error:?}");
}

async fn a_missing_value_is_a_mistake_of_ours(db: TestDb) {
    let mut tx = db.write().await;
    let insert = tx.sql("INSERT INTO part (thing, number) VALUES ($1, $2)");
    let error = insert.bind(Uuid::nil()).bind(None::<i64>).run().await.unwrap_err();
    assert!(matches!(error, Error::Other(_)), "{error:?}");
}

/// PostgreSQL would answer the COMMIT with a silent rollback, SQLite would store the first row.
async fn after_a_failure_nothing_is_stored(db: TestDb) {
    let mut tx = db.write().await;
    add(&mut tx, &thing(1, "car")).await.unwrap();
    add(&mut tx, &thing(1, "car")).await.unwrap_err();
    let error = tx.sql("SELECT COUNT(*) FROM thing").one::<(i64,)>().await.unwrap_err();
    assert!(matches!(error, Error::Other(_)), "{error:?}");
    let error = tx.commit().await.unwrap_err();
    assert!(matches!(error, Error::Other(_)), "{error:?}");

    let mut tx = db.write().await;
    assert_eq!(count(&mut tx).await, 0);
    add(&mut tx, &thing(2, "car")).await.unwrap();
    tx.commit().await.unwrap();
}

async fn slot(tx: &mut Tx, id: i64, start: i64, end: i64) -> steward_db::Result<u64> {
    let instant = |second| chrono::DateTime::from_timestamp(second, 0).unwrap();
    let insert = tx.sql("INSERT INTO slot (id, start_time, end_time) VALUES ($1, $2, $3)");
    insert.bind(id).bind(instant(start)).bind(instant(end)).run().await
}
