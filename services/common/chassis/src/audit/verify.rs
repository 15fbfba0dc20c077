//! Computes the chain again.

use std::time::Duration;

use steward_db::Db;
use tokio::time::Instant;

use super::rules::{Fault, FaultKind, Link};
use super::store;
use crate::ctx::Ctx;
use crate::error::Result;

/// At most so many links are computed in one call.
const LINKS_A_CALL: i64 = 100_000;
/// So many are read at once; an event may be some hundred kilobytes.
const LINKS_A_PAGE: i64 = 200;
/// So long before the deadline a call ends, to say how far it came.
const TO_ANSWER: Duration = Duration::from_secs(1);

/// What to verify.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) after: Link,
    pub(super) known: Option<Link>,
}

/// What was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) fault: Option<Fault>,
    pub(super) checked: i64,
    /// The last link that holds.
    pub(super) next: Link,
    pub(super) finished: bool,
    /// How many events have no place yet.
    pub(super) waiting: i64,
    /// The fault is only that a link that was handed in does not stand there.
    pub(super) at_odds: bool,
}

impl Found {
    fn faulty(self, fault: Fault) -> Self {
        let at_odds = fault.kind == FaultKind::Rewritten;
        Self { fault: Some(fault), at_odds, ..self }
    }

    fn at_odds(self, fault: Fault) -> Self {
        Self { fault: Some(fault), at_odds: true, ..self }
    }
}

/// Verifies links after a known one, each page in a transaction of its own: links are only added.
pub(super) async fn verify(db: &Db, ctx: &Ctx, asked: &Asked) -> Result<Found> {
    let mut found = Found {
        fault: None,
        checked: 0,
        next: Link::START,
        finished: false,
        waiting: store::waiting(&mut db.read().await?).await?,
        at_odds: false,
    };
    let past = asked.known.filter(|known| known.seq <= asked.after.seq);
    for link in [Some(asked.after), past].into_iter().flatten() {
        if let Some(fault) = lost(db, &link).await? {
            return Ok(found.at_odds(fault));
        }
    }
    found.next = asked.after;
    while found.checked < LINKS_A_CALL {
        found = page(db, asked, found, LINKS_A_PAGE).await?;
        if found.fault.is_some() {
            return Ok(found);
        }
        if found.finished {
            return ended(db, asked, found).await;
        }
        // After a page at least, so that whoever goes on comes to the end.
        if ctx.deadline().is_some_and(|deadline| deadline <= Instant::now() + TO_ANSWER) {
            break;
        }
    }
    Ok(found)
}

/// Why a link that was handed in is not the one that stands there.
async fn lost(db: &Db, link: &Link) -> Result<Option<Fault>> {
    if link.seq == 0 {
        return Ok(None);
    }
    let mut tx = db.snapshot().await?;
    let stands = store::hash(&mut tx, link.seq).await?;
    let last = store::last_seq(&mut tx).await?;
    Ok(match stands {
        Some(hash) if hash == link.hash => None,
        Some(_) => Some(Fault { kind: FaultKind::Rewritten, seq: link.seq, event_id: None }),
        None => {
            let seq = link.seq.min(last + 1);
            Some(Fault { kind: FaultKind::Missing, seq, event_id: None })
        }
    })
}

/// Verifies the next links, at most so many.
async fn page(db: &Db, asked: &Asked, mut found: Found, limit: i64) -> Result<Found> {
    let mut tx = db.snapshot().await?;
    let Some(standing) = store::standing(&mut tx, found.next.seq, limit).await? else {
        drop(tx);
        // What was written there by hand cannot be read: one by one to find it.
        return one_by_one(db, asked, found, limit).await;
    };
    let count = i64::try_from(standing.len()).unwrap_or(limit);
    for link in standing {
        match found.next.check(&link, asked.known.as_ref()) {
            Ok(next) => found.next = next,
            Err(fault) => return Ok(found.faulty(fault)),
        }
        found.checked += 1;
    }
    found.finished = count < limit;
    Ok(found)
}

async fn one_by_one(db: &Db, asked: &Asked, mut found: Found, limit: i64) -> Result<Found> {
    if limit == 1 {
        let seq = found.next.seq + 1;
        return Ok(found.faulty(Fault { kind: FaultKind::Changed, seq, event_id: None }));
    }
    for _ in 0..limit {
        found = Box::pin(page(db, asked, found, 1)).await?;
        if found.fault.is_some() || found.finished {
            break;
        }
    }
    Ok(found)
}

/// What is wrong although all links hold: the chain ends before the known head, events are left that
/// were chained once, or one is gone that was to be chained.
async fn ended(db: &Db, asked: &Asked, found: Found) -> Result<Found> {
    if asked.known.is_some_and(|known| known.seq > found.next.seq) {
        let (kind, seq) = (FaultKind::Missing, found.next.seq + 1);
        return Ok(found.at_odds(Fault { kind, seq, event_id: None }));
    }
    let mut tx = db.snapshot().await?;
    for (kind, event_id) in [
        (FaultKind::Unchained, store::unchained(&mut tx).await?),
        (FaultKind::Missing, store::vanished(&mut tx).await?),
    ] {
        if event_id.is_some() {
            return Ok(found.faulty(Fault { kind, seq: 0, event_id }));
        }
    }
    Ok(found)
}
