//! The two trees of migrations make the same tables, and both keep what was written.

use chrono::NaiveDate;
use sqlx::migrate::Migrator;
use steward_db::Migrations;
use steward_tests::{TestDb, both, parity};
use uuid::Uuid;

use super::{MIGRATIONS, bureau, close, ledger, posted, rent};

#[test]
fn both_databases_have_the_same_tables() {
    parity(MIGRATIONS);
}

both!(
    [],
    what_is_written_cannot_be_changed,
    what_a_payer_spent_is_found_by_its_index,
    entries_of_the_first_release_stand_where_they_were_booked,
);

/// The migrations as the first release had them.
fn first_release() -> [Migrations; 2] {
    let first = |all: &'static Migrator| -> &'static Migrator {
        let first = all.iter().filter(|migration| migration.version == 1).cloned().collect();
        Box::leak(Box::new(Migrator::with_migrations(first)))
    };
    [steward_chassis::MIGRATIONS, steward_ledger::MIGRATIONS].map(|all| Migrations {
        name: all.name,
        sqlite: first(all.sqlite),
        postgres: first(all.postgres),
    })
}

async fn entries_of_the_first_release_stand_where_they_were_booked(db: TestDb) {
    db.db().migrate(&db.options(), &first_release()).await.unwrap();
    let mut tx = db.write().await;
    let organization = "INSERT INTO scope_organization (code, region) VALUES ($1, $2)";
    tx.sql(organization).bind(bureau()).bind("420502").run().await.unwrap();
    tx.sql(
        "INSERT INTO ledger_entry (id, organization, paid_by, category, occurred_on, fiscal_year, \
         amount_fen, document_no, document_line, fund_source, expenditure_kind, source_resource, \
         approval_reference, memo, live, post_time, posted_by) VALUES \
         ($1, $2, $2, 'fuel', $3, 2016, 100, '1', 1, '', 0, '', '', '', $4, $5, 'x')",
    )
    .bind(Uuid::new_v4())
    .bind(bureau())
    .bind(NaiveDate::from_ymd_opt(2016, 3, 1).unwrap())
    .bind(true)
    .bind(chrono::DateTime::<chrono::Utc>::default())
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    db.db().migrate(&db.options(), MIGRATIONS).await.unwrap();
    let mut tx = db.db().read().await.unwrap();
    let (region,): (String,) = tx.sql("SELECT region FROM ledger_entry").one().await.unwrap();
    assert_eq!(region, "420502");
}

async fn what_is_written_cannot_be_changed(db: TestDb) {
    db.db().migrate(&db.options(), MIGRATIONS).await.unwrap();
    let mut client = ledger(&db).await;
    let period = ("2017-01-01", "2017-03-01");
    posted(&mut client, vec![rent(&bureau(), "2017-01-05", 100, period)]).await;
    close(&mut client, "420500", "2016-12").await;
    let mut changes = vec![
        "DELETE FROM ledger_entry",
        "UPDATE ledger_entry SET amount_fen = 1",
        "UPDATE ledger_entry SET memo = 'x'",
        "UPDATE ledger_entry SET region = '420502'",
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

/// Without ever having been analysed, SQLite would read the year of all payers.
async fn what_a_payer_spent_is_found_by_its_index(db: TestDb) {
    db.db().migrate(&db.options(), MIGRATIONS).await.unwrap();
    let mut tx = db.write().await;
    if !tx.is_sqlite() {
        return;
    }
    let sql = "EXPLAIN QUERY PLAN SELECT SUM(t.amount_fen) FROM ledger_total t WHERE t.basis = 1 \
               AND t.paid_by = $1 AND t.category = $2 AND t.month >= $3 AND t.month <= $4";
    let plan = tx.sql(sql).bind("x").bind("fuel").bind("2017-01").bind("2017-12");
    let plan: Vec<(i64, i64, i64, String)> = plan.all().await.unwrap();
    let expected = "INDEX ledger_total_payer (paid_by=? AND category=? AND month>? AND month<?)";
    assert!(plan[0].3.contains(expected), "{plan:?}");
}
