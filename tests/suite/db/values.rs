//! Values go in and come out as they were.

use chrono::{DateTime, NaiveDate, Utc};
use steward_db::Error;
use steward_tests::{TestDb, both};
use uuid::Uuid;

use super::{THINGS, Thing, add, bound, thing};

both!(
    [THINGS],
    every_type_comes_back,
    nothing_comes_back_as_nothing,
    an_insert_returns_its_row,
    a_list_has_optional_filters,
    a_list_has_a_keyset,
    instants_sort_by_time,
    text_sorts_by_bytes,
    a_missing_row_is_not_found,
    a_change_tells_its_rows,
);

async fn every_type_comes_back(db: TestDb) {
    let whole = Thing {
        id: Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0001),
        name: "鄂E·00001 'quoted' $1 {}".to_owned(),
        amount: i64::MAX,
        good: true,
        day: NaiveDate::from_ymd_opt(2013, 7, 22),
        time: "2013-07-21T16:00:00.123456Z".parse().unwrap(),
        raw: Some(vec![0, 1, 255]),
    };
    let mut tx = db.write().await;
    add(&mut tx, &whole).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.db().read().await.unwrap();
    let back: Thing = tx.sql("SELECT * FROM thing").one().await.unwrap();
    assert_eq!(back, whole);
    // Each type also finds its row.
    let found: (i64,) = tx
        .sql("SELECT COUNT(*) FROM thing WHERE 1 = 1")
        .push(" AND id = {}", whole.id)
        .push(" AND name = {}", whole.name.clone())
        .push(" AND amount = {}", whole.amount)
        .push(" AND good = {}", whole.good)
        .push(" AND day = {}", whole.day)
        .push(" AND time = {}", whole.time)
        .push(" AND raw = {}", whole.raw.clone())
        .one()
        .await
        .unwrap();
    assert_eq!(found, (1,));
}

async fn nothing_comes_back_as_nothing(db: TestDb) {
    let bare = thing(1, "");
    let mut tx = db.write().await;
    add(&mut tx, &bare).await.unwrap();
    let back: Thing = tx.sql("SELECT * FROM thing").one().await.unwrap();
    assert_eq!(back, bare);
}

async fn an_insert_returns_its_row(db: TestDb) {
    let new = thing(1, "car");
    let mut tx = db.write().await;
    let insert = tx.sql("INSERT INTO thing VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *");
    assert_eq!(bound(insert, &new).one::<Thing>().await.unwrap(), new);
}

/// Name, least amount, amounts to choose from, amounts found.
type Case = (Option<&'static str>, Option<i64>, &'static [i64], &'static [i64]);

async fn a_list_has_optional_filters(db: TestDb) {
    let mut tx = db.write().await;
    for number in 1..=6 {
        add(&mut tx, &thing(number, if number < 4 { "car" } else { "bus" })).await.unwrap();
    }
    let cases: [Case; 6] = [
        (None, None, &[], &[]),
        (Some("car"), None, &[1, 2, 3, 4, 5, 6], &[1, 2, 3]),
        (None, Some(5), &[1, 2, 3, 4, 5, 6], &[5, 6]),
        (Some("bus"), Some(5), &[1, 2, 3, 4, 5, 6], &[5, 6]),
        (Some("bus"), None, &[4, 6], &[4, 6]),
        (Some("car"), Some(5), &[1, 2, 3, 4, 5, 6], &[]),
    ];
    for (name, least, among, want) in cases {
        let rows: Vec<(i64,)> = tx
            .sql("SELECT amount FROM thing WHERE id <> $1")
            .bind(Uuid::nil())
            .push_opt(" AND name = {}", name)
            .push_opt(" AND amount >= {}", least)
            .push_each(" AND amount IN ({})", among.iter().copied())
            .text(" ORDER BY amount")
            .push(" LIMIT {}", 10_i64)
            .all()
            .await
            .unwrap();
        let rows: Vec<i64> = rows.into_iter().map(|row| row.0).collect();
        assert_eq!(rows, want, "{name:?} {least:?} {among:?}");
    }
}

async fn a_list_has_a_keyset(db: TestDb) {
    let mut tx = db.write().await;
    for number in 1..=25 {
        add(&mut tx, &thing(number, ["a", "b"][usize::from(number % 2)])).await.unwrap();
    }
    let mut after: Option<(String, i64)> = None;
    let mut pages = Vec::new();
    loop {
        let mut sql = tx.sql("SELECT name, amount FROM thing WHERE 1 = 1");
        if let Some((name, amount)) = after {
            sql = sql.push(" AND (name, amount) > ({}", name).push(", {})", amount);
        }
        let page: Vec<(String, i64)> =
            sql.push(" ORDER BY name, amount LIMIT {}", 10_i64).all().await.unwrap();
        after = page.last().cloned();
        pages.push(page.len());
        if page.len() < 10 {
            break;
        }
    }
    assert_eq!(pages, [10, 10, 5]);
}

async fn instants_sort_by_time(db: TestDb) {
    let times = [
        "2013-07-22T00:00:00Z",
        "2013-07-22T00:00:00.000001Z",
        "2013-07-22T00:00:00.1Z",
        "2013-07-22T00:00:00.100001Z",
        "2013-07-22T00:00:01Z",
    ];
    let times: Vec<DateTime<Utc>> = times.iter().map(|time| time.parse().unwrap()).collect();
    let mut tx = db.write().await;
    for (number, time) in (1..).zip(times.iter().rev()) {
        add(&mut tx, &Thing { time: *time, ..thing(number, "car") }).await.unwrap();
    }
    let sorted = "SELECT time FROM thing WHERE time >= $1 ORDER BY time";
    let back: Vec<(DateTime<Utc>,)> = tx.sql(sorted).bind(times[1]).all().await.unwrap();
    let back: Vec<_> = back.into_iter().map(|row| row.0).collect();
    assert_eq!(back, times[1..]);
}

async fn text_sorts_by_bytes(db: TestDb) {
    let names = ["420500", "420500-01", "4205:", "A", "a", "宜昌", "湖北"];
    let mut tx = db.write().await;
    for (number, name) in (1..).zip(names.iter().rev()) {
        add(&mut tx, &thing(number, name)).await.unwrap();
    }
    let back: Vec<(String,)> = tx.sql("SELECT name FROM thing ORDER BY name").all().await.unwrap();
    let back: Vec<_> = back.into_iter().map(|row| row.0).collect();
    assert_eq!(back, names);
}

async fn a_missing_row_is_not_found(db: TestDb) {
    let mut tx = db.db().snapshot().await.unwrap();
    let one = tx.sql("SELECT * FROM thing").one::<Thing>().await;
    assert!(matches!(one, Err(Error::NotFound)), "{one:?}");
    // It is an answer, not a failure: the transaction goes on.
    assert_eq!(tx.sql("SELECT * FROM thing").opt::<Thing>().await.unwrap(), None);
    tx.commit().await.unwrap();
}

async fn a_change_tells_its_rows(db: TestDb) {
    let mut tx = db.write().await;
    for number in 1..=3 {
        add(&mut tx, &thing(number, "car")).await.unwrap();
    }
    let update = "UPDATE thing SET good = $1 WHERE amount >= $2";
    assert_eq!(tx.sql(update).bind(true).bind(2_i64).run().await.unwrap(), 2);
    assert_eq!(tx.sql(update).bind(true).bind(9_i64).run().await.unwrap(), 0);
}
