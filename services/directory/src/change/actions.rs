//! Reading changes.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use steward_chassis::audit::{self, Seen};
use steward_chassis::follow::CHANGES_RESTARTED;
use steward_chassis::scope::Scope;
use steward_chassis::{Ctx, Error, Result, write_by_service};
use steward_db::{Db, Tx};

use super::{Change, Changes, Place, Resource, States, store};
use crate::{calendar, organization, region};

const ORGANIZATION: &str = "organization";
const REGION: &str = "region";
const CALENDAR_YEAR: &str = "calendar_year";
/// A kind that is new here is one that services of before pass over: they must begin again at 0 once
/// they know it.
const KINDS: [&str; 3] = [ORGANIZATION, REGION, CALENDAR_YEAR];

/// What the audit trail names as the method.
const METHOD: &str = "directory.tell_of_the_first_release";
/// So many are told of in one transaction.
const AT_ONCE: i64 = 500;

/// The changes after a place, at most so many looked at; organizations outside the scope are left out.
pub(crate) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    after: &Place,
    size: usize,
) -> Result<Changes> {
    refuse_lost(tx, after).await?;
    let limit = i64::try_from(size).map_err(Error::internal)?;
    let mut seen = audit::changes(tx, after.seq, &KINDS, limit.saturating_add(1)).await?;
    let more = seen.len() > size;
    seen.truncate(size);
    let next_seq = match seen.last() {
        Some(last) if more => last.seq,
        // Nothing is left up to the head, whatever else happened there.
        _ => audit::head_seq(tx).await?,
    };
    let next_hash = audit::hash_at(tx, next_seq).await?.unwrap_or_default();
    let states = states(tx, scope, &seen).await?;
    let found = seen.into_iter().filter_map(|seen| change(seen, &states)).collect();
    Ok(Changes { found, next_seq, next_hash, more })
}

/// Refuses a place that the chain does not have, or not any more as it was.
async fn refuse_lost(tx: &mut Tx, after: &Place) -> Result<()> {
    if after.seq == 0 {
        return Ok(());
    }
    let stands = audit::hash_at(tx, after.seq).await?;
    let same = stands.is_some_and(|hash| after.hash.is_empty() || after.hash == hash);
    if same {
        return Ok(());
    }
    let message = format!("change {} is not the one that was told", after.seq);
    Err(Error::new(&CHANGES_RESTARTED, message))
}

/// Tells of the organizations and regions that a release without an audit trail made, as of changes.
/// Several replicas may do so at once, and again: at worst something is told twice.
pub(crate) async fn complete(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let ctx = Ctx::of_service(METHOD, now);
    // Most starts find all told: no reason to wait for the writer.
    while !store::untold(&mut db.snapshot().await?, 1).await?.is_empty() {
        write_by_service(db, &ctx, |tx, ctx| tell_some(tx, ctx).boxed()).await?;
    }
    Ok(())
}

async fn tell_some(tx: &mut Tx, ctx: &Ctx) -> Result<()> {
    let untold = store::untold(tx, AT_ONCE).await?;
    let mut events = Vec::new();
    for found in region::store::by_codes(tx, &untold.regions).await? {
        events.push(region::wire::event(None, &found)?);
    }
    for found in organization::store::lock(tx, ctx.scope(), &untold.organizations).await? {
        events.extend(organization::wire::events(None, &found)?);
    }
    audit::record_all(tx, ctx, events).await
}

fn change(seen: Seen, states: &States) -> Option<Change> {
    let kind = KINDS.into_iter().find(|kind| *kind == seen.resource_type)?;
    let resource = states.get(&(kind, seen.resource_id))?.clone();
    Some(Change { seq: seen.seq, time: seen.event_time, resource })
}

/// What changed, as it is now: a statement or two for each kind.
async fn states(tx: &mut Tx, scope: &Scope, seen: &[Seen]) -> Result<States> {
    let ids = |kind: &str| -> BTreeSet<&str> {
        let of_kind = seen.iter().filter(|seen| seen.resource_type == kind);
        of_kind.map(|seen| seen.resource_id.as_str()).collect()
    };
    let mut states = States::new();
    let codes = parsed(&ids(ORGANIZATION))?;
    for found in organization::store::by_codes(tx, scope, &codes).await? {
        let key = (ORGANIZATION, found.code.to_string());
        states.insert(key, Resource::Organization(Box::new(found)));
    }
    let codes = parsed(&ids(REGION))?;
    for found in region::store::by_codes(tx, &codes).await? {
        states.insert((REGION, found.code.to_string()), Resource::Region(found));
    }
    let years = parsed(&ids(CALENDAR_YEAR))?;
    for found in calendar::store::of_years(tx, &years).await? {
        let key = (CALENDAR_YEAR, found.notice.year.to_string());
        states.insert(key, Resource::CalendarYear(found));
    }
    Ok(states)
}

fn parsed<T>(ids: &BTreeSet<&str>) -> Result<Vec<T>>
where
    T: FromStr<Err: StdError + Send + Sync + 'static>,
{
    ids.iter().map(|id| id.parse().map_err(Error::internal)).collect()
}
