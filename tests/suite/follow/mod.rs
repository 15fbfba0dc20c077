//! The domain services follow the directory, on both databases.

mod arrival;
mod calendar;
mod directory;
mod ledger;
mod reach;
mod restart;
mod suite;

use std::time::Duration;

use steward_chassis::Spec;
use steward_chassis::service::Started;
use steward_db::Db;
use steward_tests::TestDb;

/// A service that follows, of a domain that has nothing but its ledger.
const SPEC: &Spec = &steward_energy::SPEC;
const MIGRATIONS: &[steward_db::Migrations] = steward_energy::SPEC.migrations;

/// Waits for something to become true. It does within moments, or the test never ends well.
async fn until(mut is: impl AsyncFnMut() -> bool) {
    let patience = Duration::from_mins(1);
    let waiting = async {
        while !is().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(patience, waiting).await.expect("what was waited for");
}

/// Up to where the directory was followed, and how many changes were applied.
async fn cursor(db: &Db) -> (i64, i64) {
    let mut tx = db.read().await.unwrap();
    let sql = "SELECT seq, applied_count FROM follow_cursor WHERE source = 'directory'";
    tx.sql(sql).opt().await.unwrap().unwrap_or_default()
}

/// Waits until everything up to a change is applied.
pub(crate) async fn followed(db: &Db, seq: i64) {
    until(async || cursor(db).await.0 >= seq).await;
}

/// Starts the service on the database of a test; it does not follow yet.
async fn service(db: &TestDb, runtime: &steward_chassis::layers::Runtime) -> Started {
    steward_tests::service::start(SPEC, db, runtime).await
}
