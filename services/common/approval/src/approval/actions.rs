//! Reading requests, and what all changes of them have in common.

use std::collections::BTreeSet;

use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::SCOPE_DENIED;
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};
use steward_proto::types::v1::Role;

use super::rules::Chair;
use super::{Action, Approval, ApprovalId, Deed, Listed, NOT_REQUESTER, Task, Whole, store, wire};
use crate::position::Position;
use crate::{delegation, officeholder};

/// The approval of that id, whoever may see it: for the noun that it belongs to.
///
/// Errors: `NOT_FOUND`.
pub async fn find(tx: &mut Tx, id: ApprovalId) -> Result<Approval> {
    store::find(tx, id).await?.ok_or_else(|| not_found("approval", id))
}

/// The request with its steps and deeds, if a side of it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: ApprovalId) -> Result<Whole> {
    let found = store::within(tx, ctx.scope(), id).await?;
    whole(tx, found.ok_or_else(|| not_found("approval", id))?).await
}

/// The request with its steps and deeds.
pub(super) async fn whole(tx: &mut Tx, approval: Approval) -> Result<Whole> {
    let steps = store::steps(tx, approval.id, approval.round).await?;
    let deeds = store::deeds(tx, approval.id).await?;
    Ok(Whole { approval, steps, deeds })
}

/// Requests of which a side lies within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Approval>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// What waits for the caller.
pub(super) async fn tasks(
    tx: &mut Tx,
    ctx: &Ctx,
    page: (Option<ApprovalId>, i64),
) -> Result<Vec<Task>> {
    // Who may not decide has only what was returned to him.
    let caller = (ctx.subject(), !ctx.has_role(Role::SecurityAdmin));
    let found = store::tasks(tx, ctx.scope(), caller, ctx.today(), page).await?;
    let chairs = chairs(tx, ctx).await?;
    let ids: Vec<_> = found.iter().map(|approval| approval.id).collect();
    let approved = store::approved_by(tx, ctx.subject(), &ids).await?;
    let task = |approval: Approval| {
        let before = approved.get(&approval.id).map_or(&[] as &[_], Vec::as_slice);
        let decides = |chair: &&Chair| chair.decides(ctx.subject(), &approval, before);
        let mut fitting = chairs.iter().filter(decides);
        let own = fitting.clone().find(|chair| chair.on_behalf_of.is_empty());
        let on_behalf_of = own.or_else(|| fitting.next()).map(|chair| chair.on_behalf_of.clone());
        Task { on_behalf_of: on_behalf_of.unwrap_or_default(), approval }
    };
    Ok(found.into_iter().map(task).collect())
}

/// Where the caller may decide today, in his own name and in those of others.
async fn chairs(tx: &mut Tx, ctx: &Ctx) -> Result<Vec<Chair>> {
    let (caller, today) = (ctx.subject(), ctx.today());
    let given = delegation::actions::given_to(tx, caller, today).await?;
    let mut subjects: BTreeSet<&str> = given.iter().map(|it| it.principal.as_str()).collect();
    subjects.insert(caller);
    let seats = officeholder::actions::seats_of(tx, &subjects, today).await?;
    let chair = |seat: officeholder::Seat| {
        if seat.holder == caller {
            return Some(Chair { seat, on_behalf_of: String::new() });
        }
        let mut by = given.iter().filter(|it| it.principal == seat.holder);
        by.any(|it| it.is_for(seat.position))
            .then(|| Chair { on_behalf_of: seat.holder.clone(), seat })
    };
    Ok(seats.into_iter().filter_map(chair).collect())
}

/// Whether the caller may decide a step of the request in somebody's name.
pub(super) async fn holds(
    tx: &mut Tx,
    ctx: &Ctx,
    approval: &Approval,
    (position, holder): (Position, &str),
) -> Result<bool> {
    let chairs = chairs(tx, ctx).await?;
    Ok(chairs
        .iter()
        .any(|chair| chair.seat.holder == holder && approval.is_decided_by(&chair.seat, position)))
}

/// The request, if the caller may write for a side of it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
pub(super) async fn own(tx: &mut Tx, ctx: &Ctx, id: ApprovalId, version: i64) -> Result<Approval> {
    let Some(found) = store::within(tx, ctx.scope(), id).await? else {
        if store::within(tx, &ctx.sight(), id).await?.is_some() {
            let message = format!("approval {id} lies outside the grants");
            return Err(Error::new(&SCOPE_DENIED, message));
        }
        return Err(not_found("approval", id));
    };
    if found.version != version {
        return Err(stale("approval"));
    }
    Ok(found)
}

/// Refuses everybody but who asked.
///
/// Errors: `NOT_REQUESTER`.
pub(super) fn by_requester(ctx: &Ctx, approval: &Approval) -> Result<()> {
    if ctx.subject() == approval.requested_by {
        return Ok(());
    }
    Err(Error::new(&NOT_REQUESTER, format!("approval {} was asked for by another", approval.id)))
}

/// Refuses everybody but who asked and managers of the organization.
///
/// Errors: `NOT_REQUESTER`.
pub(super) fn by_requester_or_manager(ctx: &Ctx, approval: &Approval) -> Result<()> {
    if ctx.reach(&[Role::Manager]).covers(&approval.organization, &approval.region) {
        return Ok(());
    }
    by_requester(ctx, approval)
}

/// What was done: by whom, and when.
pub(super) fn deed(ctx: &Ctx, new: &Approval, action: Action, opinion: &str) -> Deed {
    Deed {
        number: new.version,
        round: new.round,
        step: None,
        action,
        opinion: opinion.to_owned(),
        decided_by: ctx.subject().to_owned(),
        on_behalf_of: String::new(),
        decide_time: ctx.now(),
    }
}

/// Changes a request whose version is still the one before, and keeps by what. Of two at once one wins.
///
/// Errors: `ETAG_STALE`.
pub(super) async fn change(tx: &mut Tx, new: &Approval, deed: &Deed) -> Result<()> {
    if !store::update(tx, new).await? {
        return Err(stale("approval"));
    }
    store::insert_deed(tx, new.id, deed).await
}

/// Tells the audit trail of a change, as the last thing.
pub(super) async fn told(
    tx: &mut Tx,
    ctx: &Ctx,
    old: Option<&Approval>,
    new: Approval,
) -> Result<Whole> {
    let whole = whole(tx, new).await?;
    let old = match old {
        Some(old) => Some(before(tx, old, &whole).await?),
        None => None,
    };
    audit::record(tx, ctx, wire::event(ctx.today(), old.as_ref(), &whole)?).await?;
    Ok(whole)
}

/// What requests of an organization, or those of them about a resource alone, claim of categories in a year,
/// pending or approved, and not yet paid.
///
/// # Errors
/// Only of the database.
pub async fn claimed(
    tx: &mut Tx,
    whose: (&OrganizationCode, Option<&str>),
    fiscal_year: i32,
    categories: &[&str],
) -> Result<Fen> {
    store::claimed(tx, whose, fiscal_year, categories).await
}

/// The request with its steps and deeds, as it was before its last change.
async fn before(tx: &mut Tx, old: &Approval, new: &Whole) -> Result<Whole> {
    let steps = if old.round == new.approval.round {
        new.steps.clone()
    } else {
        store::steps(tx, old.id, old.round).await?
    };
    let deeds = new.deeds.iter().filter(|deed| deed.number <= old.version).cloned().collect();
    Ok(Whole { approval: old.clone(), steps, deeds })
}
