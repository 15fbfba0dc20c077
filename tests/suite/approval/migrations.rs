//! The two trees of migrations make the same tables, and both keep what was decided.

use steward_proto::approval::v1::Position;
use steward_tests::{TestDb, both, parity};

use super::approval::{begun, expenditure};
use super::{House, MIGRATIONS, XILING, holder, to};

#[test]
fn both_databases_have_the_same_tables() {
    parity(MIGRATIONS);
}

both!(MIGRATIONS, what_was_decided_cannot_be_changed);

async fn what_was_decided_cannot_be_changed(db: TestDb) {
    let house = House::new(&db).await;
    house.seat(holder("section", Position::Section, XILING)).await;
    house.delegate("section", to("wang")).await;
    begun(&house, expenditure(100)).await;
    let mut changes = vec![
        "DELETE FROM approval_decision",
        "UPDATE approval_decision SET opinion = 'x'",
        "DELETE FROM approval_step",
        "UPDATE approval_step SET position = 'director'",
        "DELETE FROM approval_officeholder",
        "UPDATE approval_officeholder SET subject = 'x'",
        "UPDATE approval_officeholder SET until_date = '2017-06-14'",
        "DELETE FROM approval_delegation",
        "UPDATE approval_delegation SET positions = 'treasury'",
        "UPDATE approval_delegation SET until_date = from_date, update_time = '2017-06-16 00:00:00Z'",
        "UPDATE approval SET step = 0",
        "UPDATE approval SET amount_fen = NULL",
    ];
    if db.is_sqlite() {
        changes.extend([
            "REPLACE INTO approval_decision SELECT * FROM approval_decision",
            "REPLACE INTO approval_step SELECT * FROM approval_step",
            "REPLACE INTO approval_officeholder SELECT * FROM approval_officeholder",
            "REPLACE INTO approval_delegation SELECT * FROM approval_delegation",
        ]);
    }
    for sql in changes {
        let mut tx = db.write().await;
        let refused = tx.sql(sql).run().await.unwrap_err();
        assert!(refused.rule().is_some(), "{sql}: {refused}");
    }
}
