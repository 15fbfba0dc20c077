//! The revision in SQL: the one place where the two databases differ.

use steward_chassis::Result;
use steward_db::Tx;

/// Counts a write. SQLite has one writer, so that the row is never contended; PostgreSQL counts its
/// transactions itself.
pub(crate) async fn bump(tx: &mut Tx) -> Result<()> {
    if tx.is_sqlite() {
        tx.sql("UPDATE ledger_revision SET revision = revision + 1").run().await?;
    }
    Ok(())
}

/// The revision of the snapshot that `tx` reads. On PostgreSQL it is the number of transactions that
/// are over in the snapshot. (Its `xmax` alone stays the same when an older transaction commits.)
pub(crate) async fn read(tx: &mut Tx) -> Result<i64> {
    let sql = if tx.is_sqlite() {
        "SELECT revision FROM ledger_revision"
    } else {
        "SELECT CAST(CAST(pg_snapshot_xmax(s) AS text) AS bigint) \
         - (SELECT count(*) FROM pg_snapshot_xip(s)) FROM pg_current_snapshot() AS s"
    };
    let (revision,) = tx.sql(sql).one::<(i64,)>().await?;
    Ok(revision)
}
