//! What can be done with officeholders.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use steward_chassis::fields::PERIOD_MALFORMED;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{self, SCOPE_DENIED, Scope};
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern};

use super::{End, Listed, New, Officeholder, OfficeholderId, Place, Seat, store, wire};
use crate::position::Position;

/// Enters an officeholder.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`.
pub(super) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Officeholder> {
    let region = match &new.place {
        Place::Organization(code) => Some(scope::admit_one(tx, ctx, code).await?),
        Place::Region(pattern) => {
            covered(ctx, pattern)?;
            None
        }
    };
    let holder = Officeholder {
        id: OfficeholderId::new(ctx.now()),
        subject: new.subject.clone(),
        name: new.name.clone(),
        position: new.position,
        place: new.place.clone(),
        region,
        from: new.from,
        until: new.until,
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    store::insert(tx, &holder).await?;
    audit::record(tx, ctx, wire::event(None, &holder)?).await?;
    Ok(holder)
}

/// Ends the time of an officeholder whose version is still the one that was read.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `PERIOD_MALFORMED`.
pub(super) async fn end(tx: &mut Tx, ctx: &Ctx, end: &End) -> Result<Officeholder> {
    let old = own(tx, ctx, end.id).await?;
    if old.version != end.version {
        return Err(stale("officeholder"));
    }
    if old.until == Some(end.until) {
        return Ok(old);
    }
    within(ctx, &old, end.until)?;
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Officeholder { until: Some(end.until), update_time, version, ..old.clone() };
    if !store::end(tx, &new).await? {
        return Err(stale("officeholder"));
    }
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// What was so on a day that has passed stays so: what was decided by it then stays decided by right.
fn within(ctx: &Ctx, old: &Officeholder, until: NaiveDate) -> Result<()> {
    let mut fields = Fields::new();
    let first = old.from.max(ctx.today());
    if until < first {
        fields.refuse("until_date", &PERIOD_MALFORMED, format!("lies before {first}"));
    } else if let Some(ended) = old.until.filter(|ended| *ended < first) {
        fields.refuse("until_date", &PERIOD_MALFORMED, format!("it ended on {ended}"));
    }
    fields.finish()
}

/// The officeholder, if the caller may change him.
///
/// Errors: `SCOPE_DENIED` where he may only see him, else `NOT_FOUND`.
async fn own(tx: &mut Tx, ctx: &Ctx, id: OfficeholderId) -> Result<Officeholder> {
    let found = store::find(tx, id).await?.ok_or_else(|| not_found("officeholder", id))?;
    let (own, seen) = match (&found.place, &found.region) {
        (Place::Organization(code), Some(region)) => {
            (ctx.scope().covers(code, region), ctx.sight().covers(code, region))
        }
        (Place::Region(pattern), _) => {
            let seen = meets(tx, ctx.scope(), pattern).await?;
            let seen = seen || meets(tx, &ctx.sight(), pattern).await?;
            (ctx.scope().covers_pattern(pattern), seen)
        }
        (Place::Organization(_), None) => (false, false),
    };
    match (own, seen) {
        (true, _) => Ok(found),
        (false, true) => {
            let message = format!("officeholder {id} lies outside the grants");
            Err(Error::new(&SCOPE_DENIED, message))
        }
        (false, false) => Err(not_found("officeholder", id)),
    }
}

/// Refuses a pattern of which the caller's grants do not cover every region.
///
/// Errors: `SCOPE_DENIED`.
pub(crate) fn covered(ctx: &Ctx, pattern: &RegionPattern) -> Result<()> {
    if ctx.scope().covers_pattern(pattern) {
        return Ok(());
    }
    Err(Error::new(&SCOPE_DENIED, format!("not all of {pattern} lies within the grants")))
}

/// Whether something of the scope lies in a region of the pattern: what holds there concerns it.
pub(crate) async fn meets(tx: &mut Tx, scope: &Scope, pattern: &RegionPattern) -> Result<bool> {
    Ok(!meeting(tx, scope, vec![pattern.clone()]).await?.is_empty())
}

/// Those of the patterns in whose regions something of the scope lies.
pub(crate) async fn meeting(
    tx: &mut Tx,
    scope: &Scope,
    mut patterns: Vec<RegionPattern>,
) -> Result<Vec<RegionPattern>> {
    let named = scope.organizations().cloned().collect();
    let named = scope::store::regions(tx, &named).await?;
    patterns.retain(|pattern| {
        scope.meets_pattern(pattern) || named.values().any(|region| pattern.matches(region))
    });
    Ok(patterns)
}

/// Officeholders at the organizations within the caller's scope, and for regions that meet it.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Officeholder>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    let patterns = visible(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), &patterns, listed).await
}

/// The patterns of authorities that a scope may see.
pub(crate) async fn visible(tx: &mut Tx, scope: &Scope) -> Result<Vec<RegionPattern>> {
    let patterns = store::patterns(tx).await?;
    meeting(tx, scope, patterns).await
}

/// What some people hold on a day.
pub(crate) async fn seats_of(
    tx: &mut Tx,
    subjects: &BTreeSet<&str>,
    day: NaiveDate,
) -> Result<Vec<Seat>> {
    store::seats_of(tx, subjects, day).await
}

/// Where somebody holds something on a day: at which organization, unless it is an authority, and for which
/// regions.
pub(crate) async fn places_of(
    tx: &mut Tx,
    subject: &str,
    day: NaiveDate,
) -> Result<Vec<(Option<OrganizationCode>, RegionPattern)>> {
    let seats = store::seats_of(tx, &BTreeSet::from([subject]), day).await?;
    let code = |seat: &Seat| match &seat.place {
        Place::Organization(code) => Some(code.clone()),
        Place::Region(_) => None,
    };
    let regions = scope::store::regions(tx, &seats.iter().filter_map(code).collect()).await?;
    let place = |seat: Seat| match seat.place {
        Place::Region(pattern) => Some((None, pattern)),
        Place::Organization(code) => {
            let region = regions.get(&code)?.clone();
            Some((Some(code), RegionPattern::Exact(region)))
        }
    };
    Ok(seats.into_iter().filter_map(place).collect())
}

/// Who holds a position on a day at an organization, or as an authority for its region.
pub(crate) async fn holders(
    tx: &mut Tx,
    position: Position,
    organization: &OrganizationCode,
    region: &RegionCode,
    day: NaiveDate,
) -> Result<Vec<Seat>> {
    let mut seats = store::holders(tx, position, organization, day).await?;
    seats.retain(|seat| seat.is_for(organization, region));
    Ok(seats)
}

impl Seat {
    /// Whether it is the position of an organization in a region.
    pub(crate) fn is_for(&self, organization: &OrganizationCode, region: &RegionCode) -> bool {
        match &self.place {
            Place::Organization(code) => code == organization,
            Place::Region(pattern) => pattern.matches(region),
        }
    }
}
