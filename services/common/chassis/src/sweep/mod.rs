//! What time makes true without anybody's doing: deadlines that pass, days that come. A service looks
//! for it again and again, beside its calls.

mod store;

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use steward_db::{Db, Tx};
use steward_kernel::Clock;

use crate::ctx::Ctx;
use crate::error::Result;

/// How often it is looked.
const PAUSE: Duration = Duration::from_mins(1);

/// A part of a sweep: looks once through all that time may have changed, in transactions of at most
/// 500 items each, by `write_by_service`. What it does it finds undone: run again, or beside another
/// replica, it does nothing twice.
pub type Sweep = for<'t> fn(&'t Db, &'t Ctx) -> BoxFuture<'t, Result<()>>;

/// Keeps replicas from sweeping the same at once: true where this transaction may, until it ends.
/// SQLite has one process and one writer.
pub async fn alone(tx: &mut Tx, name: &'static str) -> Result<bool> {
    if tx.is_sqlite() {
        return Ok(true);
    }
    store::lock(tx, name).await
}

/// Sweeps once. A part that fails is told of and does not keep the others from their work; the first
/// failure is answered.
pub(crate) async fn once(db: &Db, sweeps: &[Sweep], clock: &Arc<dyn Clock>) -> Result<()> {
    let mut failed = Ok(());
    for (part, sweep) in sweeps.iter().enumerate() {
        let ctx = Ctx::of_service("sweep", clock.now());
        if let Err(error) = sweep(db, &ctx).await {
            tracing::warn!(part, error = error.full(), "a sweep failed and is tried again");
            failed = failed.and(Err(error));
        }
        tokio::task::yield_now().await;
    }
    failed
}

/// Sweeps until it is stopped.
pub(crate) async fn run(db: Db, sweeps: &'static [Sweep], clock: Arc<dyn Clock>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        // Told where it failed.
        let _ = once(&db, sweeps, &clock).await;
    }
}
