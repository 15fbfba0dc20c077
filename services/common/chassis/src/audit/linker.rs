//! The background work on PostgreSQL: gives committed events their place in the chain. All replicas
//! of a service do it; a lock lets one at a time.

use std::time::Duration;

use steward_db::Db;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::actions::{self, LINKED_AT_ONCE};
use super::store;
use crate::error::Result;

/// How often it is looked whether events wait.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a database that fails is left alone.
const RESPITE: Duration = Duration::from_secs(5);

/// The linker of one service.
#[derive(Debug)]
pub(crate) struct Linker {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Linker {
    /// Begins, where the database is one that needs it.
    pub(crate) fn start(db: Option<&Db>) -> Self {
        let linker = Self { stop: CancellationToken::new(), tasks: TaskTracker::new() };
        if let Some(db) = db.filter(|db| !db.is_sqlite()) {
            linker.tasks.spawn(run(db.clone(), linker.stop.clone()));
        }
        linker.tasks.close();
        linker
    }

    /// Chains what waits a last time and ends.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

async fn run(db: Db, stop: CancellationToken) {
    loop {
        let last = stop.is_cancelled();
        let pause = match link_all(&db).await {
            Ok(()) => PAUSE,
            Err(error) => {
                tracing::warn!(%error, "events of the audit trail wait for their place");
                RESPITE
            }
        };
        if last {
            return;
        }
        stop.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
}

/// Chains until no event waits, or another replica is at it.
async fn link_all(db: &Db) -> Result<()> {
    while store::waits(&mut db.read().await?).await? {
        #[expect(clippy::disallowed_methods, reason = "chains what write() committed")]
        let mut tx = db.write().await?;
        let linked = actions::link(&mut tx).await?;
        tx.commit().await?;
        if i64::try_from(linked).is_ok_and(|linked| linked < LINKED_AT_ONCE) {
            return Ok(());
        }
    }
    Ok(())
}
