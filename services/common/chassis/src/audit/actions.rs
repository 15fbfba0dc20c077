//! Recording events, chaining them, and reading them in order.

use steward_db::Tx;

use super::rules::Link;
use super::{Event, Listed, Placed, Seen, Stored, store};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::page::MAX_BYTES;

/// At most so many events are chained in one transaction.
pub(super) const LINKED_AT_ONCE: i64 = 500;

/// So many events are read at once; an event may be some hundred kilobytes.
const EVENTS_READ: usize = 50;

/// Records what was changed, in the transaction of the change and as the last thing done in it.
pub async fn record(tx: &mut Tx, ctx: &Ctx, event: Event) -> Result<()> {
    record_all(tx, ctx, vec![event]).await
}

/// Records many changes, in their order.
pub async fn record_all(tx: &mut Tx, ctx: &Ctx, events: Vec<Event>) -> Result<()> {
    let events: Vec<_> = events.into_iter().map(|event| Stored::new(ctx, event)).collect();
    if events.is_empty() {
        return Ok(());
    }
    store::insert(tx, &events).await?;
    if tx.is_sqlite() {
        return chain(tx, &events).await;
    }
    store::pend(tx, &events).await
}

/// Chains the events to the head, in their order. There is one at a time who does.
async fn chain(tx: &mut Tx, events: &[Stored]) -> Result<()> {
    let mut head = store::head(tx).await?;
    let mut links = Vec::with_capacity(events.len());
    for event in events {
        head = head.next(event);
        links.push((head, event.id));
    }
    store::link(tx, &links).await
}

/// Chains events that wait; tells how many. None where another replica is at it.
pub(super) async fn link(tx: &mut Tx) -> Result<usize> {
    if !store::lock(tx).await? {
        return Ok(0);
    }
    let events = store::pending(tx, LINKED_AT_ONCE).await?;
    if !events.is_empty() {
        chain(tx, &events).await?;
        store::settle(tx, &events).await?;
    }
    Ok(events.len())
}

/// The events of some kinds of resources after a place in the order of commits, at most so many.
pub async fn changes(
    tx: &mut Tx,
    after_seq: i64,
    resource_types: &[&'static str],
    limit: i64,
) -> Result<Vec<Seen>> {
    store::changes(tx, after_seq, resource_types, limit).await
}

/// The place of the last event; 0 where nothing happened yet.
pub async fn head_seq(tx: &mut Tx) -> Result<i64> {
    Ok(store::head(tx).await?.seq)
}

/// The hash of the chain at a place; `None` where there is no such place.
pub async fn hash_at(tx: &mut Tx, seq: i64) -> Result<Option<Vec<u8>>> {
    store::hash(tx, seq).await
}

/// The last link.
pub(super) async fn head(tx: &mut Tx) -> Result<Link> {
    store::head(tx).await
}

/// Events of a list after a place, at most so many, and how many of them make a page.
pub(super) async fn list(
    tx: &mut Tx,
    ctx: &Ctx,
    listed: &Listed,
    after: Option<i64>,
    limit: i64,
) -> Result<(Vec<Placed>, usize)> {
    listed.filter.limited(tx, ctx.scope()).await?;
    let places = store::places(tx, ctx.scope(), listed, after, limit).await?;
    let (mut events, mut size) = (Vec::new(), 0);
    for places in places.chunks(EVENTS_READ) {
        for placed in store::at(tx, places, listed.newest_first).await? {
            size += placed.event.size();
            events.push(placed);
            if size > MAX_BYTES && events.len() > 1 {
                let keep = events.len() - 1;
                return Ok((events, keep));
            }
        }
    }
    let keep = events.len();
    Ok((events, keep))
}
