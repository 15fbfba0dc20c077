//! The two trees of migrations make the same tables, and what was done stays.

use steward_tests::{TestDb, both, parity};

use super::finding::{opened, opening};
use super::{House, MIGRATIONS, XILING};

both!(MIGRATIONS, what_was_done_is_never_changed,);

#[test]
fn both_databases_have_the_same_tables() {
    parity(MIGRATIONS);
}

async fn what_was_done_is_never_changed(db: TestDb) {
    let house = House::new(&db).await;
    opened(&mut house.city(), opening(XILING, "")).await;
    for statement in [
        "UPDATE finding_event SET said = 'x'",
        "DELETE FROM finding_event",
        "DELETE FROM finding",
        "UPDATE finding SET state = 'closed'",
        "UPDATE finding SET area = '420502'",
    ] {
        let mut tx = db.write().await;
        assert!(tx.sql(statement).run().await.is_err(), "{statement}");
    }
}
