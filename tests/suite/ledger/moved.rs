//! What was booked for an organization that moved to another region.

use steward_chassis::scope::store::{Known, put};
use steward_proto::ledger::v1::{Basis, SummarizeCostsRequest};
use steward_tests::{TestDb, both};

use super::{
    Client, MIGRATIONS, close, fuel, ledger, organization, posted, rent, reversing, sum, summing,
    sums,
};

both!(
    MIGRATIONS,
    a_reversal_stands_in_the_books_of_its_entry,
    coverage_is_taken_back_where_it_was_counted,
    coverage_stays_where_the_new_region_has_closed,
);

/// In Xiling by its code.
fn mover() -> String {
    organization("420502", 2)
}

/// The directory says that it lies elsewhere.
async fn moves(db: &TestDb, region: &str) {
    let known = Known {
        code: mover().parse().unwrap(),
        region: region.parse().unwrap(),
        kind: None,
        established_on: None,
        ended_on: None,
        successor: None,
    };
    let mut tx = db.write().await;
    put(&mut tx, &known).await.unwrap();
    steward_ledger::follow(&mut tx, &[known]).await.unwrap();
    tx.commit().await.unwrap();
}

/// What counts in a region of January to June, on both bases.
async fn costs(client: &mut Client, region: &str) -> [i64; 2] {
    let mut costs = [0; 2];
    for (basis, cost) in [Basis::Paid, Basis::Incurred].into_iter().zip(&mut costs) {
        let request = SummarizeCostsRequest {
            basis: basis.into(),
            regions: vec![region.to_owned()],
            ..summing("2017-01", "2017-07")
        };
        *cost = sum(client, request).await.current.unwrap().running_fen;
    }
    costs
}

/// How many live entries count in the months that have any.
async fn live_counts(db: &TestDb) -> Vec<(String, i64)> {
    let mut tx = db.db().read().await.unwrap();
    let sql = "SELECT month, live_count FROM ledger_coverage WHERE live_count <> 0 ORDER BY month";
    tx.sql(sql).all().await.unwrap()
}

fn months(all: &[u32]) -> Vec<(String, i64)> {
    all.iter().map(|month| (format!("2017-{month:02}"), 1)).collect()
}

async fn a_reversal_stands_in_the_books_of_its_entry(db: TestDb) {
    let mut client = ledger(&db).await;
    let entries = vec![
        fuel(&mover(), "2017-04-05", 100, "1"),
        rent(&mover(), "2017-04-05", 600, ("2017-01-01", "2017-07-01")),
    ];
    let ids = posted(&mut client, entries).await;
    moves(&db, "420506").await;
    let own = posted(&mut client, vec![fuel(&mover(), "2017-05-05", 10, "2")]).await;
    assert_eq!(costs(&mut client, "420502").await, [700, 700]);
    assert_eq!(costs(&mut client, "420506").await, [10, 10]);
    for id in ids.iter().chain(&own) {
        client.reverse_entry(reversing(id)).await.unwrap();
    }
    assert_eq!(costs(&mut client, "420502").await, [0, 0]);
    assert_eq!(costs(&mut client, "420506").await, [0, 0]);
    assert_eq!(live_counts(&db).await, []);
    sums::check(&db).await;
}

async fn coverage_is_taken_back_where_it_was_counted(db: TestDb) {
    let mut client = ledger(&db).await;
    close(&mut client, "420502", "2017-03").await;
    let half = rent(&mover(), "2017-04-05", 600, ("2017-01-01", "2017-07-01"));
    let ids = posted(&mut client, vec![half]).await;
    assert_eq!(live_counts(&db).await, months(&[4, 5, 6]));
    moves(&db, "420506").await;
    client.reverse_entry(reversing(&ids[0])).await.unwrap();
    assert_eq!(live_counts(&db).await, [], "no month goes below zero");
    // There February is open, and what comes counts.
    posted(&mut client, vec![fuel(&mover(), "2017-02-05", 1, "1")]).await;
    assert_eq!(live_counts(&db).await, months(&[2]));
    sums::check(&db).await;
}

async fn coverage_stays_where_the_new_region_has_closed(db: TestDb) {
    let mut client = ledger(&db).await;
    let half = rent(&mover(), "2017-04-05", 600, ("2017-01-01", "2017-07-01"));
    let ids = posted(&mut client, vec![half]).await;
    moves(&db, "420506").await;
    close(&mut client, "420506", "2017-02").await;
    client.reverse_entry(reversing(&ids[0])).await.unwrap();
    assert_eq!(live_counts(&db).await, months(&[1, 2]));
    assert_eq!(costs(&mut client, "420502").await, [0, 0], "its months are open");
    sums::check(&db).await;
}
