//! The only opener of a write transaction.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use prost::Message;
use steward_db::{Db, Tx};
use steward_proto::{Answer, Mutation};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::request::{REMEMBERED_DAYS, Seen, store};

/// At most so many old requests are forgotten in one transaction.
const PURGED_AT_ONCE: i64 = 500;
/// How often a transaction that the database asks to repeat is run.
const ATTEMPTS: usize = 3;
/// Where the text of an id has its hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Runs a use case once for its request id, in one transaction.
///
/// The layers have authorised the call. In this order: remember the request (a concurrent twin waits;
/// a finished one's answer is answered again), act and record what was done in the audit trail, which is
/// the last thing `act` does, store the answer, check the deadline, commit. A
/// refusal rolls everything back and is not remembered. `validate_only` acts and rolls back, and has
/// neither etags nor new ids in its answer. When
/// PostgreSQL finds transactions in each other's way the whole is run again.
///
/// Errors: `REQUEST_ID_REUSED`, `REPLAY_DENIED` (the caller's grants shrank since), `DATABASE_BUSY`, `COLLISION`, `DEADLINE_EXCEEDED`, and what `act`
/// refuses.
pub async fn write<Q, S, R, F>(db: &Db, ctx: &Ctx, request: &Q, input: &S, act: F) -> Result<R>
where
    Q: Mutation,
    S: Sync,
    R: Message + Default + Answer,
    F: for<'t> Fn(&'t mut Tx, &'t Ctx, &'t S) -> BoxFuture<'t, Result<R>> + Send + Sync,
{
    let seen = Seen::of(ctx, request)?;
    let (accepts, validates) = (request.accept_warnings(), request.validate_only());
    let ctx = ctx.clone().with_request(seen.request_id, accepts, validates);
    let mut attempt = 1;
    let answer = loop {
        match once(db, &ctx, &seen, input, &act).await {
            Err(error) if error.is_retry() && attempt < ATTEMPTS => attempt += 1,
            result => break result?,
        }
    };
    Ok(if validates { checked(answer, request) } else { answer })
}

/// What is answered under `validate_only`: no etag, which nobody could have read, and no id that the
/// request does not name, which would be made anew.
fn checked<R: Answer>(mut answer: R, request: &impl Mutation) -> R {
    let named = ids_in(&request.encode_to_vec());
    answer.blank(&|id| id.parse().is_ok_and(|id: Uuid| named.contains(&id)));
    answer
}

/// The ids that stand anywhere in a request, `vehicles/0197…` too. Read in one pass: a request may be
/// 4 MiB, and its answer may have a thousand ids.
fn ids_in(request: &[u8]) -> HashSet<Uuid> {
    let hyphened = |text: &&[u8]| HYPHENS.iter().all(|at| text[*at] == b'-');
    let ids = request.windows(Hyphenated::LENGTH).filter(hyphened);
    ids.filter_map(|text| Uuid::try_parse_ascii(text).ok()).collect()
}

async fn once<S, R, F>(db: &Db, ctx: &Ctx, seen: &Seen, input: &S, act: &F) -> Result<R>
where
    S: Sync,
    R: Message + Default,
    F: for<'t> Fn(&'t mut Tx, &'t Ctx, &'t S) -> BoxFuture<'t, Result<R>> + Send + Sync,
{
    #[expect(clippy::disallowed_methods, reason = "this is the only opener")]
    let mut tx = db.write().await?;
    if let Some(answer) = seen.replay(&mut tx, ctx).await? {
        tx.rollback().await?;
        return Ok(answer);
    }
    let answer = act(&mut tx, ctx, input).await?;
    if ctx.validate_only() {
        tx.rollback().await?;
        return Ok(answer);
    }
    store::answer(&mut tx, seen, answer.encode_to_vec()).await?;
    ctx.in_time()?;
    tx.commit().await?;
    Ok(answer)
}

/// Runs what a service does by itself, without a request, in one transaction: it begins, acts and
/// commits; what is refused is rolled back. Run again like [`write()`].
///
/// Errors: `DATABASE_BUSY`, `COLLISION`, and what `act` refuses.
pub async fn write_by_service<R, F>(db: &Db, ctx: &Ctx, act: F) -> Result<R>
where
    F: for<'t> Fn(&'t mut Tx, &'t Ctx) -> BoxFuture<'t, Result<R>> + Send + Sync,
{
    let once = async || {
        #[expect(clippy::disallowed_methods, reason = "what a service does has no request")]
        let mut tx = db.write().await?;
        let done = act(&mut tx, ctx).await?;
        tx.commit().await?;
        Ok(done)
    };
    let mut attempt = 1;
    loop {
        match once().await {
            Err(error) if Error::is_retry(&error) && attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

/// Forgets the requests that are older than they need be remembered. A few at a time: the one writer
/// of SQLite must not wait long.
pub(crate) async fn purge(db: &Db, now: DateTime<Utc>) -> Result<()> {
    loop {
        #[expect(clippy::disallowed_methods, reason = "housekeeping of write() itself")]
        let mut tx = db.write().await?;
        let before = now - TimeDelta::days(REMEMBERED_DAYS);
        let gone = store::purge(&mut tx, before, PURGED_AT_ONCE).await?;
        tx.commit().await?;
        if gone == 0 {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::ids_in;

    #[test]
    fn the_ids_of_a_request_are_found_wherever_they_stand() {
        let request = "\u{12}$01890a5d-ac96-774b-bcce-b302099a8057vehicles/\
                       01890A5D-AC96-774B-BCCE-B302099A8058,01890a5d-ac96-774b-bcce-b302099a805";
        let mut ids: Vec<_> = ids_in(request.as_bytes()).into_iter().collect();
        ids.sort();
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let want = ["01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"];
        assert_eq!(ids, want);
        assert!(ids_in(b"").is_empty());
        assert!(ids_in(&[b'-'; 100]).is_empty());
    }
}
