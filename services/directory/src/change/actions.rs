//! Reading changes.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::str::FromStr;

use steward_chassis::audit::{self, Seen};
use steward_chassis::scope::Scope;
use steward_chassis::{Error, Result};
use steward_db::Tx;

use super::{Change, Changes, Resource, States};
use crate::{calendar, organization, region};

const ORGANIZATION: &str = "organization";
const REGION: &str = "region";
const CALENDAR_YEAR: &str = "calendar_year";

/// The changes after a place, at most so many looked at; organizations outside the scope are left out.
pub(crate) async fn list(tx: &mut Tx, scope: &Scope, after: i64, size: usize) -> Result<Changes> {
    let limit = i64::try_from(size).map_err(Error::internal)?;
    let kinds = [ORGANIZATION, REGION, CALENDAR_YEAR];
    let mut seen = audit::changes(tx, after, &kinds, limit.saturating_add(1)).await?;
    let more = seen.len() > size;
    seen.truncate(size);
    let next_seq = match seen.last() {
        Some(last) if more => last.seq,
        // Nothing is left up to the head, whatever else happened there.
        _ => audit::head_seq(tx).await?.max(after),
    };
    let states = states(tx, scope, &seen).await?;
    let found = seen.into_iter().filter_map(|seen| change(seen, &states)).collect();
    Ok(Changes { found, next_seq, more })
}

fn change(seen: Seen, states: &States) -> Option<Change> {
    let kinds = [ORGANIZATION, REGION, CALENDAR_YEAR];
    let kind = kinds.into_iter().find(|kind| *kind == seen.resource_type)?;
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
