//! Submitting requests, changing what they ask for, and cancelling them: for the nouns of a domain.

use std::collections::BTreeSet;

use steward_chassis::{Ctx, Error, Fields, Result, calendar, scope};
use steward_db::Tx;
use steward_kernel::{Fen, Named as _, OrganizationCode, RegionCode};

use super::actions::{by_requester, by_requester_or_manager, change, deed, told};
use super::{
    APPROVAL_STATE, APPROVER_MISSING, Action, Approval, ApprovalId, COUNTERPART_MISSING,
    Expenditure, State, Submission, Waits, Whole, actions, money, store,
};
use crate::position::Position;
use crate::route::Step;
use crate::{EXPENDITURE, Kind, officeholder, route};

/// Submits a request: finds its route, reserves its money, and puts it before the first step.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED` (of the payer), `ROUTE_MISSING`, `COUNTERPART_MISSING`,
/// `COUNTERPART_NOT_ASKED`, `BUDGET_EXCEEDED`; as warnings `APPROVER_MISSING`, `BUDGET_NEARLY_SPENT`.
pub async fn submit(tx: &mut Tx, ctx: &Ctx, new: &Submission) -> Result<Approval> {
    // Who submits knows of it.
    Ok(begin(tx, ctx, ApprovalId::new(ctx.now()), new, "", &[]).await?.approval)
}

/// Submits a request for an expenditure.
///
/// Errors: those of [`submit`]; `SCOPE_DENIED` of the organization; what the domain refuses.
pub(super) async fn request(
    tx: &mut Tx,
    ctx: &Ctx,
    kinds: &[Kind],
    asked: &Expenditure,
) -> Result<Whole> {
    scope::admit_one(tx, ctx, &asked.organization).await?;
    let id = ApprovalId::new(ctx.now());
    let new = Submission {
        kind: EXPENDITURE.code,
        category: asked.money.category.clone(),
        organization: asked.organization.clone(),
        counterpart: None,
        resource: asked.resource.clone().unwrap_or_else(|| format!("approvals/{id}")),
        title: asked.title.clone(),
        money: Some(asked.money.clone()),
    };
    begin(tx, ctx, id, &new, &asked.reason, kinds).await
}

async fn begin(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ApprovalId,
    new: &Submission,
    reason: &str,
    kinds: &[Kind],
) -> Result<Whole> {
    let (region, counterpart_region) = sides(tx, ctx, new).await?;
    let mut approval = Approval {
        id,
        kind: new.kind.to_owned(),
        category: new.category.clone(),
        resource: new.resource.clone(),
        title: new.title.clone(),
        reason: reason.to_owned(),
        organization: new.organization.clone(),
        region,
        counterpart: new.counterpart.clone(),
        counterpart_region,
        money: new.money.clone(),
        requested_by: ctx.subject().to_owned(),
        state: State::Pending,
        round: 1,
        waits: None,
        approve_time: None,
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    let steps = first(tx, ctx, &mut approval).await?;
    store::insert(tx, &approval).await?;
    store::insert_steps(tx, (id, approval.round), &steps).await?;
    store::insert_deed(tx, id, &deed(ctx, &approval, Action::Submit, "")).await?;
    if let Some(money) = &approval.money {
        money::reserve(tx, ctx, id, money).await?;
    }
    if let Some(kind) = kinds.iter().find(|kind| kind.code == approval.kind) {
        (kind.decided)(tx, ctx, &approval).await?;
    }
    told(tx, ctx, None, approval).await
}

/// Makes the organizations of a request known and tells their regions. Only the payer must lie within
/// the caller's grants: who submits has looked at the organization, and the other side is another's.
async fn sides(
    tx: &mut Tx,
    ctx: &Ctx,
    new: &Submission,
) -> Result<(RegionCode, Option<RegionCode>)> {
    let codes: BTreeSet<OrganizationCode> =
        [&new.organization].into_iter().chain(&new.counterpart).cloned().collect();
    let mut regions = scope::admit(tx, &codes).await?;
    let other = new.counterpart.as_ref().and_then(|code| regions.get(code).cloned());
    let region = regions.remove(&new.organization);
    let region = region.ok_or_else(|| Error::internal("an admitted organization has no region"))?;
    if let Some(money) = new.money.as_ref().filter(|it| it.paid_by != new.organization) {
        scope::admit_one(tx, ctx, &money.paid_by).await?;
    }
    Ok((region, other))
}

/// Puts a request before the first step of the route that holds for it now; the steps of its round.
pub(super) async fn first(tx: &mut Tx, ctx: &Ctx, approval: &mut Approval) -> Result<Vec<Step>> {
    let amount = approval.money.as_ref().map_or(Fen::new(0), |money| money.amount);
    let (kind, category, region) = (&approval.kind, &approval.category, &approval.region);
    let route = route::actions::taken(tx, kind, category, region, amount).await?;
    approval.other_side_is_asked(&route)?;
    let mut steps = route.steps;
    approval.ask_once(&mut steps);
    if let Some(step) = steps.iter().find(|step| approval.side(step.position).is_none()) {
        let message = format!("its route asks {}", step.position.text());
        return Err(Error::new(&COUNTERPART_MISSING, message));
    }
    approval.state = State::Pending;
    approval.waits = waits(tx, ctx, &steps, 1).await?;
    if let Some(step) = steps.first() {
        warn_if_nobody(tx, ctx, approval, step.position).await?;
    }
    Ok(steps)
}

/// What a request waits for at a step; `None` if there is no such step.
pub(super) async fn waits(
    tx: &mut Tx,
    ctx: &Ctx,
    steps: &[Step],
    number: i32,
) -> Result<Option<Waits>> {
    let place = usize::try_from(number - 1).map_err(Error::internal)?;
    let Some(step) = steps.get(place) else { return Ok(None) };
    let calendar = calendar::load(tx).await?;
    Ok(Some(step.waits(number, ctx.today(), &calendar)?))
}

/// Warns where nobody but the requester holds the position of the first step.
async fn warn_if_nobody(
    tx: &mut Tx,
    ctx: &Ctx,
    approval: &Approval,
    position: Position,
) -> Result<()> {
    let Some((code, region)) = approval.side(position) else { return Ok(()) };
    let held = position.held_as();
    let seats = officeholder::actions::holders(tx, held, code, region, ctx.today()).await?;
    let mut fields = Fields::new();
    if !seats.iter().any(|seat| seat.holder != approval.requested_by) {
        let message = format!("nobody may decide the first step, {}, today", position.text());
        fields.warn(ctx.accept_warnings(), "organization", &APPROVER_MISSING, message);
    }
    fields.finish()
}

/// Changes what a returned request asks for; it is submitted again by `ResubmitApproval`. One that is
/// approved is returned by that: what was approved is not what is asked for now.
///
/// Errors: `APPROVAL_STATE`, `BUDGET_EXCEEDED`; as a warning `BUDGET_NEARLY_SPENT`.
pub async fn amend(tx: &mut Tx, ctx: &Ctx, id: ApprovalId, new: &Submission) -> Result<Approval> {
    let old = actions::find(tx, id).await?;
    // What is approved is the requester's own words, not an approver's.
    by_requester(ctx, &old)?;
    expect(&old, &[State::Returned, State::Approved])?;
    let (_, counterpart_region) = sides(tx, ctx, new).await?;
    let changed = Approval {
        category: new.category.clone(),
        title: new.title.clone(),
        counterpart: new.counterpart.clone(),
        counterpart_region,
        money: new.money.clone(),
        ..ended(ctx, &old, State::Returned)
    };
    change(tx, &changed, &deed(ctx, &changed, Action::Amend, "")).await?;
    let mut before = old.money.as_ref();
    if old.state == State::Approved && before.take().is_some() {
        money::release(tx, id).await?;
    }
    money::changed(tx, ctx, id, (before, changed.money.as_ref())).await?;
    Ok(told(tx, ctx, Some(&old), changed).await?.approval)
}

/// Takes back a request that is pending, returned or approved, and frees its money: who asked may, a manager
/// of the organization, and until it is approved who may write for the other side. The domain's own effect is
/// not called: it is the domain that cancels.
///
/// Errors: `NOT_REQUESTER`, `APPROVAL_STATE`.
pub async fn cancel(tx: &mut Tx, ctx: &Ctx, id: ApprovalId, reason: &str) -> Result<Approval> {
    let old = actions::find(tx, id).await?;
    if old.state == State::Approved || !old.other_side_lies_in(ctx.scope()) {
        by_requester_or_manager(ctx, &old)?;
    }
    Ok(cancelled(tx, ctx, &old, reason).await?.approval)
}

pub(super) async fn cancelled(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Approval,
    reason: &str,
) -> Result<Whole> {
    expect(old, &[State::Pending, State::Returned, State::Approved])?;
    let new = ended(ctx, old, State::Cancelled);
    change(tx, &new, &deed(ctx, &new, Action::Cancel, reason)).await?;
    if new.money.is_some() {
        money::release(tx, new.id).await?;
    }
    told(tx, ctx, Some(old), new).await
}

/// The request in a state in which it waits for nobody.
pub(super) fn ended(ctx: &Ctx, old: &Approval, state: State) -> Approval {
    let (update_time, version) = (ctx.now(), old.version + 1);
    let approve_time = old.approve_time.or((state == State::Approved).then_some(update_time));
    Approval { state, waits: None, approve_time, update_time, version, ..old.clone() }
}

/// Refuses a request in another state.
///
/// Errors: `APPROVAL_STATE`.
pub(super) fn expect(approval: &Approval, states: &[State]) -> Result<()> {
    if states.contains(&approval.state) {
        return Ok(());
    }
    let message = format!("approval {} is {}", approval.id, approval.state.text());
    Err(Error::new(&APPROVAL_STATE, message))
}
