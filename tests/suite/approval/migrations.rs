//! The two trees of migrations make the same tables, and both keep what was decided.

use steward_proto::approval::v1::Position;
use steward_tests::{TestDb, both, parity};

use super::approval::{begun, expenditure};
use super::{House, MIGRATIONS, XILING, holder};

#[test]
fn both_databases_have_the_same_tables() {
    parity(MIGRATIONS);
}

both!(MIGRATIONS, what_was_decided_cannot_be_changed);

async fn what_was_decided_cannot_be_changed(db: TestDb) {
    let house = House::new(&db).await;
    house.seat(holder("section", Position::Section, XILING)).await;
    begun(&house, expenditure(100)).await;
    let mut changes = vec![
        "DELETE FROM approval_decision",
        "UPDATE approval_decision SET opinion = 'x'",
        "DELETE FROM approval_step",
        "UPDATE approval_step SET position = 'director'",
        "UPDATE approval SET step = 0",
        "UPDATE approval SET amount_fen = NULL",
    ];
    if db.is_sqlite() {
        changes.extend([
            "REPLACE INTO approval_decision SELECT * FROM approval_decision",
            "REPLACE INTO approval_step SELECT * FROM approval_step",
        ]);
    }
    for sql in changes {
        let mut tx = db.write().await;
        let refused = tx.sql(sql).run().await.unwrap_err();
        assert!(refused.rule().is_some(), "{sql}: {refused}");
    }
}
