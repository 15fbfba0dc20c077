//! The task that follows, until the service stops.

use std::time::Duration;

use steward_db::Db;
use tokio::time::Instant;

use super::source::Failure;
use super::{Effect, Source, actions, store, wire};

/// The longest pause after failures.
const LONGEST: Duration = Duration::from_secs(30);

/// How often the same failure is told.
const TOLD_AGAIN: Duration = Duration::from_mins(5);

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
    /// Follows for ever. Failures end nothing: each is told once and again every few minutes while it
    /// lasts, and tried again after a growing pause.
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
                    self.tell(&failure, &mut failing);
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST.max(self.source.pause()));
                }
            }
        }
    }

    /// Tells of a failure, unless the same was told a moment ago.
    fn tell(&self, failure: &Failure, failing: &mut Option<(String, Instant)>) {
        let (kind, told) = (failure.kind(), failing.as_ref());
        if told.is_none_or(|(before, when)| *before != kind || when.elapsed() >= TOLD_AGAIN) {
            let why = failure.told();
            tracing::warn!(service = self.name, %why, "the directory is not followed");
            *failing = Some((kind, Instant::now()));
        }
    }

    /// Asks for a page and applies it.
    async fn step(&self) -> Result<Next, Failure> {
        let mut tx = self.db.read().await?;
        let after = store::cursor(&mut tx, actions::DIRECTORY).await?;
        // The connection is not kept while the directory thinks.
        drop(tx);
        let answer = match self.source.changes(&after).await {
            Err(failure) if failure.is_restart() => {
                tracing::warn!(
                    service = self.name,
                    seq = after.seq,
                    "the directory was restored: it is followed from the beginning"
                );
                actions::restart(&self.db, &after).await?;
                return Ok(Next::Step);
            }
            answer => answer?,
        };
        let page = wire::page(answer)?;
        if page.next.seq <= after.seq {
            return Ok(Next::Pause);
        }
        let applied = actions::apply(&self.db, &after, &page, self.effect).await?;
        Ok(if page.more || !applied { Next::Step } else { Next::Pause })
    }
}
