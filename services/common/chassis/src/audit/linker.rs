//! The background work on PostgreSQL: gives committed events their place in the chain. All replicas
//! of a service do it; a lock lets one at a time.

use std::time::{Duration, Instant};

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
/// An event that waits longer is told of.
const LONG: Duration = Duration::from_secs(10);

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
    let mut watch = Watch::default();
    loop {
        let last = stop.is_cancelled();
        let pause = match link_all(&db, &mut watch).await {
            Ok(()) => PAUSE,
            Err(error) => {
                tracing::warn!(
                    error = error.full(),
                    "events of the audit trail wait for their place"
                );
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
async fn link_all(db: &Db, watch: &mut Watch) -> Result<()> {
    loop {
        let oldest = store::oldest(&mut db.read().await?).await?;
        if watch.is_long(oldest, Instant::now()) {
            tracing::warn!(
                "an event of the audit trail waits long for its place; nobody chains it"
            );
        }
        if oldest.is_none() {
            return Ok(());
        }
        #[expect(clippy::disallowed_methods, reason = "chains what write() committed")]
        let mut tx = db.write().await?;
        let linked = actions::link(&mut tx).await?;
        tx.commit().await?;
        if i64::try_from(linked).is_ok_and(|linked| linked < LINKED_AT_ONCE) {
            return Ok(());
        }
    }
}

/// Watches whether the event that waits the longest is always the same one.
#[derive(Debug, Default)]
struct Watch {
    oldest: Option<(i64, Instant)>,
    told: bool,
}

impl Watch {
    /// Whether this one has waited for long, once for each.
    fn is_long(&mut self, oldest: Option<i64>, now: Instant) -> bool {
        let since = self.oldest.filter(|(number, _)| Some(*number) == oldest).map(|(_, at)| at);
        self.told &= since.is_some();
        self.oldest = oldest.map(|number| (number, since.unwrap_or(now)));
        let long = since.is_some_and(|since| now.duration_since(since) >= LONG);
        let tell = long && !self.told;
        self.told |= long;
        tell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_waits_long_is_told_once() {
        let (mut watch, start) = (Watch::default(), Instant::now());
        let steps = [
            (0, Some(1), false),
            (9, Some(1), false),
            (9, Some(2), false),
            (18, Some(2), false),
            (19, Some(2), true),
            (30, Some(2), false),
            (31, None, false),
            (32, Some(3), false),
            (60, Some(3), true),
            (61, Some(4), false),
            (71, Some(4), true),
        ];
        for (seconds, oldest, long) in steps {
            let now = start + Duration::from_secs(seconds);
            assert_eq!(watch.is_long(oldest, now), long, "after {seconds} s");
        }
    }
}
