//! The two trees of migrations make the same tables, and both keep what was written.

use steward_tests::{TestDb, both, parity};

use super::{MIGRATIONS, bureau, close, ledger, posted, rent};

#[test]
fn both_databases_have_the_same_tables() {
    parity(MIGRATIONS);
}

both!(MIGRATIONS, what_is_written_cannot_be_changed);

async fn what_is_written_cannot_be_changed(db: TestDb) {
    let mut client = ledger(&db).await;
    let period = ("2017-01-01", "2017-03-01");
    posted(&mut client, vec![rent(&bureau(), "2017-01-05", 100, period)]).await;
    close(&mut client, "420500", "2016-12").await;
    let mut changes = vec![
        "DELETE FROM ledger_entry",
        "UPDATE ledger_entry SET amount_fen = 1",
        "UPDATE ledger_entry SET memo = 'x'",
        "UPDATE ledger_entry SET live = live",
        "DELETE FROM ledger_share",
        "UPDATE ledger_share SET amount_fen = 1",
        "DELETE FROM ledger_close",
        "UPDATE ledger_close SET closed_month = '2016-11'",
        "UPDATE ledger_close SET closed_month = NULL",
        "DELETE FROM ledger_close_event",
        "UPDATE ledger_close_event SET closed_by = 'x'",
    ];
    if db.is_sqlite() {
        changes.extend([
            "REPLACE INTO ledger_entry SELECT * FROM ledger_entry",
            "REPLACE INTO ledger_share SELECT entry_id, month, 1 FROM ledger_share",
            "REPLACE INTO ledger_close (region) SELECT region FROM ledger_close",
            "REPLACE INTO ledger_close SELECT region, '2016-11' FROM ledger_close",
            "REPLACE INTO ledger_close_event SELECT region, month, close_time, 'x' \
             FROM ledger_close_event",
        ]);
    }
    for sql in changes {
        let mut tx = db.write().await;
        let refused = tx.sql(sql).run().await.unwrap_err();
        assert!(refused.rule().is_some(), "{sql}: {refused}");
    }
}
