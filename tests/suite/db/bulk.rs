//! Many rows at once.

use steward_tests::{TestDb, both};
use uuid::Uuid;

use super::{THINGS, Thing, add, count, thing};

both!([THINGS], more_rows_than_a_statement_takes, twins_are_left_out, no_rows_no_statement);

const HEAD: &str = "INSERT INTO thing (id, name, amount, good, day, time)";

async fn more_rows_than_a_statement_takes(db: TestDb) {
    let rows: Vec<Thing> = (0..12_345).map(|number| thing(number, "car")).collect();
    let mut tx = db.write().await;
    let inserted = tx
        .bulk(
            HEAD,
            &rows,
            |row, binds| {
                let binds = binds.bind(row.id).bind(&*row.name).bind(row.amount);
                binds.bind(row.good).bind(row.day).bind(row.time)
            },
            "",
        )
        .run()
        .await
        .unwrap();
    assert_eq!(inserted, 12_345);
    tx.commit().await.unwrap();
    let mut tx = db.db().read().await.unwrap();
    let back: Vec<Thing> = tx.sql("SELECT * FROM thing ORDER BY id").all().await.unwrap();
    assert_eq!(back, rows);
}

async fn twins_are_left_out(db: TestDb) {
    let rows: Vec<Thing> = (1..=10).map(|number| thing(number, "car")).collect();
    let mut tx = db.write().await;
    for row in &rows[3..6] {
        add(&mut tx, row).await.unwrap();
    }
    let new: Vec<(Uuid,)> = tx
        .bulk(
            HEAD,
            &rows,
            |row, binds| {
                let binds = binds.bind(row.id).bind(row.name.clone()).bind(row.amount);
                binds.bind(row.good).bind(row.day).bind(row.time)
            },
            " ON CONFLICT (name, amount) DO NOTHING RETURNING id",
        )
        .all()
        .await
        .unwrap();
    let mut new: Vec<_> = new.into_iter().map(|row| row.0.as_u128()).collect();
    new.sort_unstable();
    assert_eq!(new, [1, 2, 3, 7, 8, 9, 10]);
    assert_eq!(count(&mut tx).await, 10);
}

async fn no_rows_no_statement(db: TestDb) {
    let mut tx = db.write().await;
    let none: [Uuid; 0] = [];
    let run = tx.bulk("INSERT INTO nowhere (id)", &none, |id, binds| binds.bind(*id), "");
    assert_eq!(run.run().await.unwrap(), 0);
}
