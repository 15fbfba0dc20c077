//! The task that follows, until the service stops.

use std::time::Duration;

use steward_db::Db;

use super::source::Failure;
use super::{Effect, Source, actions, store, wire};

/// The longest pause after failures.
const LONGEST: Duration = Duration::from_secs(30);

/// What is followed into which database.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(crate) name: &'static str,
    pub(crate) db: Db,
    pub(crate) source: Source,
    pub(crate) effect: Effect,
}

/// What comes after a step.
enum Next {
    /// There is more to apply.
    Step,
    /// Everything is applied.
    Pause,
}

impl Follower {
    /// Follows for ever. Failures end nothing: they are told once each time they change, and tried
    /// again after a growing pause.
    pub(crate) async fn run(self) {
        let (mut failing, mut pause) = (None, self.source.pause());
        loop {
            match self.step().await {
                Ok(next) => {
                    if failing.take().is_some() {
                        tracing::info!(service = self.name, "the directory is followed again");
                    }
                    pause = self.source.pause();
                    match next {
                        Next::Step => tokio::task::yield_now().await,
                        Next::Pause => tokio::time::sleep(pause).await,
                    }
                }
                Err(failure) if failure.is_retry() => tokio::task::yield_now().await,
                Err(failure) => {
                    if failing.as_ref() != Some(&failure.kind()) {
                        let why = failure.told();
                        tracing::warn!(service = self.name, %why, "the directory is not followed");
                        failing = Some(failure.kind());
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST.max(self.source.pause()));
                }
            }
        }
    }

    /// Asks for a page and applies it.
    async fn step(&self) -> Result<Next, Failure> {
        let mut tx = self.db.read().await?;
        let after = store::seq(&mut tx, actions::DIRECTORY).await?;
        // The connection is not kept while the directory thinks.
        drop(tx);
        let page = wire::page(self.source.changes(after).await?)?;
        if page.next_seq <= after {
            return Ok(Next::Pause);
        }
        let applied = actions::apply(&self.db, after, &page, self.effect).await?;
        Ok(if page.more || !applied { Next::Step } else { Next::Pause })
    }
}
