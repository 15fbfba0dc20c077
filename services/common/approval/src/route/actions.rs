//! What can be done with routes.

use steward_chassis::resource::{not_found, stale};
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_kernel::{Fen, Named as _, RegionCode, RegionPattern};

use super::{
    Key, Listed, ROUTE_ASKS_LESS, ROUTE_MISSING, Route, RouteId, Set, best, store, taken_away, wire,
};
use crate::officeholder::actions::{covered, meeting, meets};

/// Sets the route of some requests, in the place of the one that was read.
///
/// Errors: `SCOPE_DENIED`, `ROUTE_ASKS_LESS`, `ETAG_STALE`.
pub(super) async fn set(tx: &mut Tx, ctx: &Ctx, set: &Set) -> Result<Route> {
    covered(ctx, &set.key.region)?;
    store::lock(tx).await?;
    let there = store::at(tx, &set.key).await?;
    let read = there.as_ref().filter(|it| it.live).map(|it| it.version);
    if read != set.version {
        return Err(stale("route"));
    }
    let before = store::of_kind(tx, &set.key.kind).await?;
    let route = put(tx, ctx, there, set, false).await?;
    asks_no_less(tx, ctx, &set.key, &before).await?;
    Ok(route)
}

/// Refuses a change after which a request is asked less than the route of a wider region asks that is not
/// the caller's to change: what a city asks of everybody no county sets aside.
///
/// Errors: `ROUTE_ASKS_LESS`.
async fn asks_no_less(tx: &mut Tx, ctx: &Ctx, changed: &Key, before: &[Route]) -> Result<()> {
    let after = store::of_kind(tx, &changed.kind).await?;
    let answers_for = |pattern: &RegionPattern| ctx.scope().covers_pattern(pattern);
    match taken_away(before, &after, &changed.region, answers_for) {
        None => Ok(()),
        Some(position) => {
            let message = format!("the route of a wider region asks {}", position.text());
            Err(Error::new(&ROUTE_ASKS_LESS, message))
        }
    }
}

/// Puts a route in the place of the one that is there, deleted or not.
pub(super) async fn put(
    tx: &mut Tx,
    ctx: &Ctx,
    there: Option<Route>,
    set: &Set,
    shipped: bool,
) -> Result<Route> {
    let new = Route {
        id: there.as_ref().map_or_else(|| RouteId::new(ctx.now()), |it| it.id),
        key: set.key.clone(),
        steps: set.steps.clone(),
        note: set.note.clone(),
        shipped,
        live: true,
        create_time: there.as_ref().map_or(ctx.now(), |it| it.create_time),
        update_time: ctx.now(),
        version: there.as_ref().map_or(1, |it| it.version + 1),
    };
    match &there {
        None => store::insert(tx, &new).await?,
        Some(old) if same(old, &new) => return Ok(there.unwrap_or(new)),
        Some(_) if store::update(tx, &new).await? => {}
        // Another replica was faster.
        Some(_) if shipped => return Ok(new),
        Some(_) => return Err(stale("route")),
    }
    // What ships is what the release says; the audit trail tells what people do.
    if shipped {
        return Ok(new);
    }
    let before = there.as_ref().filter(|it| it.live);
    audit::record(tx, ctx, wire::event(before, Some(&new), &new)?).await?;
    Ok(new)
}

/// Whether a route says what another one says.
pub(super) fn same(old: &Route, new: &Route) -> bool {
    let said = |route: &Route| (route.steps.clone(), route.note.clone(), route.shipped, route.live);
    said(old) == said(new)
}

/// Deletes a route. Its row stays, so that a shipped one does not come back by itself.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ROUTE_ASKS_LESS`, `ETAG_STALE`.
pub(super) async fn delete(tx: &mut Tx, ctx: &Ctx, id: RouteId, version: i64) -> Result<()> {
    store::lock(tx).await?;
    let found = store::find(tx, id).await?.filter(|route| route.live);
    let old = found.ok_or_else(|| not_found("route", id))?;
    let pattern = &old.key.region;
    if !meets(tx, ctx.scope(), pattern).await? && !meets(tx, &ctx.sight(), pattern).await? {
        return Err(not_found("route", id));
    }
    covered(ctx, pattern)?;
    if old.version != version {
        return Err(stale("route"));
    }
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Route { live: false, shipped: false, update_time, version, ..old.clone() };
    let before = store::of_kind(tx, &old.key.kind).await?;
    if !store::update(tx, &new).await? {
        return Err(stale("route"));
    }
    asks_no_less(tx, ctx, &old.key, &before).await?;
    audit::record(tx, ctx, wire::event(Some(&old), None, &old)?).await
}

/// The routes whose regions meet the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Route>> {
    let patterns = store::patterns(tx).await?;
    let patterns = meeting(tx, ctx.scope(), patterns).await?;
    store::list(tx, &patterns, listed).await
}

/// The route that a request takes now.
///
/// Errors: `ROUTE_MISSING`.
pub(crate) async fn taken(
    tx: &mut Tx,
    kind: &str,
    category: &str,
    region: &RegionCode,
    amount: Fen,
) -> Result<Route> {
    let routes = store::of_kind(tx, kind).await?;
    let route = best(&routes, category, &RegionPattern::Exact(region.clone()), amount);
    route.cloned().ok_or_else(|| {
        let message = format!("no route for {kind} \"{category}\" of {amount} in {region}");
        Error::new(&ROUTE_MISSING, message)
    })
}
