//! Deciding requests, taking them back and submitting them again. Each change of state is told to the
//! kind of the request, in the same transaction.

use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;

use super::actions::{by_requester, by_requester_or_manager, change, deed, holds, own, told};
use super::submit::{cancelled, ended, expect, first, waits};
use super::{
    ALREADY_DECIDED, Action, Approval, CHANGED_ELSEWHERE, Decide, NOT_APPROVER, Resubmit,
    SELF_APPROVAL, State, TakeBack, Waits, Whole, money, store,
};
use crate::position::refuse_security_admin;
use crate::{EXPENDITURE, Kind};

/// Decides the step at which a request is.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `SECURITY_ADMIN_DECIDES`, `ETAG_STALE`, `APPROVAL_STATE`,
/// `SELF_APPROVAL`, `NOT_APPROVER`, `ALREADY_DECIDED`, and what the kind refuses.
pub(super) async fn decide(
    tx: &mut Tx,
    ctx: &Ctx,
    kinds: &[Kind],
    asked: &Decide,
) -> Result<Whole> {
    refuse_security_admin(ctx)?;
    let old = own(tx, ctx, asked.id, asked.version).await?;
    expect(&old, &[State::Pending])?;
    let at = old.waits.ok_or_else(|| Error::internal("a pending request waits for nothing"))?;
    may_decide(tx, ctx, &old, at, asked.on_behalf_of.as_deref()).await?;
    let steps = store::steps(tx, old.id, old.round).await?;
    let next = waits(tx, ctx, &steps, at.step + 1).await?;
    let state = asked.decision.next(next.is_some());
    let waits = next.filter(|_| state == State::Pending);
    let new = Approval { waits, ..ended(ctx, &old, state) };
    let mut deed = deed(ctx, &new, asked.decision.action(), &asked.opinion);
    deed.step = Some((at.step, at.position));
    // Who names himself decides in his own name.
    let other = asked.on_behalf_of.clone().filter(|holder| holder != ctx.subject());
    deed.on_behalf_of = other.unwrap_or_default();
    change(tx, &new, &deed).await?;
    if state != old.state {
        became(tx, ctx, kinds, &new).await?;
    }
    told(tx, ctx, Some(&old), new).await
}

/// Refuses who does not hold the position, or asked himself, or decided for another already.
///
/// Errors: `SELF_APPROVAL`, `NOT_APPROVER`, `ALREADY_DECIDED`.
async fn may_decide(
    tx: &mut Tx,
    ctx: &Ctx,
    approval: &Approval,
    at: Waits,
    on_behalf_of: Option<&str>,
) -> Result<()> {
    let holder = on_behalf_of.unwrap_or(ctx.subject());
    if [ctx.subject(), holder].contains(&approval.requested_by.as_str()) {
        let message = format!("approval {} was asked for by {holder}", approval.id);
        return Err(Error::new(&SELF_APPROVAL, message));
    }
    if !holds(tx, ctx, approval, (at.position, holder)).await? {
        let message = format!("step {} of approval {} is another's", at.step, approval.id);
        return Err(Error::new(&NOT_APPROVER, message));
    }
    let before = store::approved_by(tx, ctx.subject(), &[approval.id]).await?;
    let mut before = before.get(&approval.id).into_iter().flatten();
    if let Some(barring) = before.find(|it| it.bars(ctx.subject(), (at.position, holder))) {
        let message = format!("the caller decided already for {}", barring.holder);
        return Err(Error::new(&ALREADY_DECIDED, message));
    }
    Ok(())
}

/// What follows from a change of state: the effect of the kind, then the money.
async fn became(tx: &mut Tx, ctx: &Ctx, kinds: &[Kind], new: &Approval) -> Result<()> {
    let kind = kinds.iter().find(|kind| kind.code == new.kind);
    let kind = kind.ok_or_else(|| Error::internal(format!("there is no kind {}", new.kind)))?;
    (kind.decided)(tx, ctx, new).await?;
    if new.money.is_none() {
        return Ok(());
    }
    match new.state {
        State::Approved => money::commit(tx, new.id).await,
        State::Refused | State::Withdrawn | State::Cancelled => money::release(tx, new.id).await,
        State::Pending | State::Returned => Ok(()),
    }
}

/// Takes a request back.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `NOT_REQUESTER`, `APPROVAL_STATE`, and what the kind
/// refuses.
pub(super) async fn withdraw(
    tx: &mut Tx,
    ctx: &Ctx,
    kinds: &[Kind],
    asked: &TakeBack,
) -> Result<Whole> {
    let old = own(tx, ctx, asked.id, asked.version).await?;
    by_requester(ctx, &old)?;
    expect(&old, &[State::Pending, State::Returned])?;
    let new = ended(ctx, &old, State::Withdrawn);
    change(tx, &new, &deed(ctx, &new, Action::Withdraw, &asked.reason)).await?;
    became(tx, ctx, kinds, &new).await?;
    told(tx, ctx, Some(&old), new).await
}

/// Submits a returned request again, an expenditure with what it changes.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `NOT_REQUESTER`, `APPROVAL_STATE`,
/// `CHANGED_ELSEWHERE`, `ROUTE_MISSING`, `COUNTERPART_MISSING`, `COUNTERPART_NOT_ASKED`, `BUDGET_EXCEEDED`,
/// and what the kind refuses; as warnings `APPROVER_MISSING`, `BUDGET_NEARLY_SPENT`.
pub(super) async fn resubmit(
    tx: &mut Tx,
    ctx: &Ctx,
    kinds: &[Kind],
    asked: &Resubmit,
) -> Result<Whole> {
    let old = own(tx, ctx, asked.id, asked.version).await?;
    by_requester(ctx, &old)?;
    expect(&old, &[State::Returned])?;
    let mut new = ended(ctx, &old, State::Pending);
    new.round += 1;
    revise(&mut new, asked)?;
    let steps = first(tx, ctx, &mut new).await?;
    store::insert_steps(tx, (new.id, new.round), &steps).await?;
    change(tx, &new, &deed(ctx, &new, Action::Resubmit, &asked.opinion)).await?;
    if new.money != old.money {
        money::changed(tx, ctx, new.id, (old.money.as_ref(), new.money.as_ref())).await?;
    }
    became(tx, ctx, kinds, &new).await?;
    told(tx, ctx, Some(&old), new).await
}

/// Puts what an expenditure changes into it.
///
/// Errors: `CHANGED_ELSEWHERE`.
fn revise(new: &mut Approval, asked: &Resubmit) -> Result<()> {
    let changes = [
        ("amount_fen", asked.amount.is_some()),
        ("title", asked.title.is_some()),
        ("budget_override_reason", asked.override_reason.is_some()),
    ];
    let mut fields = Fields::new();
    if new.kind != EXPENDITURE.code {
        for (field, _) in changes.iter().filter(|(_, changed)| *changed) {
            let message = format!("{} is changed where it was made", new.kind);
            fields.refuse(field, &CHANGED_ELSEWHERE, message);
        }
    }
    fields.finish()?;
    if let Some(title) = &asked.title {
        new.title.clone_from(title);
    }
    if let Some(money) = &mut new.money {
        // A reason was given for the amount of then.
        if asked.amount.is_some_and(|amount| amount != money.amount) {
            money.override_reason.clear();
        }
        money.amount = asked.amount.unwrap_or(money.amount);
        if let Some(reason) = &asked.override_reason {
            money.override_reason.clone_from(reason);
        }
    }
    Ok(())
}

/// Cancels an expenditure, approved or not: also one whose requester is gone.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `NOT_REQUESTER`, `CHANGED_ELSEWHERE`,
/// `APPROVAL_STATE`.
pub(super) async fn cancel(tx: &mut Tx, ctx: &Ctx, asked: &TakeBack) -> Result<Whole> {
    let old = own(tx, ctx, asked.id, asked.version).await?;
    if old.kind != EXPENDITURE.code {
        let message = format!("{} is cancelled where it was made", old.kind);
        return Err(Error::new(&CHANGED_ELSEWHERE, message));
    }
    by_requester_or_manager(ctx, &old)?;
    cancelled(tx, ctx, &old, &asked.reason).await
}
