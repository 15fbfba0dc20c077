//! Claiming money from budgets, for nouns that ask before they spend.
//!
//! They hold the row of the budget until the transaction ends, which comes after entries and totals in
//! the order of locks: who posts in the same transaction posts first.

use std::collections::BTreeSet;

use steward_chassis::error::Violation;
use steward_chassis::{Ctx, Error, Fields, Result, scope};
use steward_db::Tx;
use steward_kernel::Fen;
use uuid::Uuid;

use super::{BUDGET_EXCEEDED, BUDGET_NEARLY_SPENT, Claim, Commitment, Key, State, store};
use crate::revision;

/// Claims money for a request that is pending. Where no budget is set it is kept, and not limited. The
/// reference is new, or what was claimed under it was released.
///
/// # Errors
/// `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED` (the caller's grants do not cover the payer),
/// `BUDGET_EXCEEDED` without a reason to override; as a warning, likewise, `BUDGET_NEARLY_SPENT`.
pub async fn reserve(tx: &mut Tx, ctx: &Ctx, claim: &Claim) -> Result<()> {
    scope::admit_one(tx, ctx, &claim.paid_by).await?;
    let old = held(tx, claim.reference, Some(claim.key())).await?;
    if old.is_none() {
        hold(tx, &[claim.key()].into()).await?;
    }
    if old.as_ref().is_some_and(|old| old.state != State::Released) {
        return Err(Error::internal("money is claimed twice under one reference"));
    }
    let new = reserved(tx, claim).await?;
    take(tx, ctx, &new, new.reserved()).await?;
    match old {
        Some(_) => store::update_commitment(tx, &new).await?,
        None => store::insert_commitment(tx, &new).await?,
    }
    revision::bump(tx).await
}

/// Claims another amount under the same reference, or from another budget, while it is reserved.
///
/// # Errors
/// As [`reserve`]. A smaller amount of the same budget always fits.
pub async fn change(tx: &mut Tx, ctx: &Ctx, claim: &Claim) -> Result<()> {
    scope::admit_one(tx, ctx, &claim.paid_by).await?;
    let old = held(tx, claim.reference, Some(claim.key())).await?;
    let old = old.filter(|old| old.state == State::Reserved);
    let old = old.ok_or_else(|| Error::internal("a claim is changed that is not reserved"))?;
    let new = reserved(tx, claim).await?;
    if new.key == old.key {
        take(tx, ctx, &new, new.reserved() - old.reserved()).await?;
    } else {
        store::add(tx, &[(&old.key, [-old.reserved(), 0])]).await?;
        take(tx, ctx, &new, new.reserved()).await?;
    }
    store::update_commitment(tx, &new).await?;
    revision::bump(tx).await
}

/// What is reserved becomes committed: the request was approved. Nothing happens where nothing was
/// claimed under the reference, or it is committed already.
///
/// # Errors
/// Only of the database; and `INTERNAL` for a claim that was released.
pub async fn commit(tx: &mut Tx, reference: Uuid) -> Result<()> {
    settle(tx, reference, State::Committed).await
}

/// Gives back what is claimed and not paid: the request was refused, withdrawn or cancelled, or all of
/// it is paid. It is not committed after that, but may be [reserved](reserve) anew. Nothing happens where nothing was claimed under the reference, or it was
/// released already.
///
/// # Errors
/// Only of the database.
pub async fn release(tx: &mut Tx, reference: Uuid) -> Result<()> {
    settle(tx, reference, State::Released).await
}

async fn settle(tx: &mut Tx, reference: Uuid, state: State) -> Result<()> {
    let Some(old) = held(tx, reference, None).await? else {
        return Ok(());
    };
    if old.state == state {
        return Ok(());
    }
    if old.state == State::Released {
        return Err(Error::internal("a claim is committed that was released"));
    }
    let new = Commitment { state, ..old.clone() };
    let by = [new.reserved() - old.reserved(), new.committed() - old.committed()];
    store::add(tx, &[(&new.key, by)]).await?;
    store::update_commitment(tx, &new).await?;
    revision::bump(tx).await
}

/// The claim as it is kept from now on. Its budget is held: nobody else pays of it meanwhile.
async fn reserved(tx: &mut Tx, claim: &Claim) -> Result<Commitment> {
    if claim.amount <= Fen::ZERO {
        return Err(Error::internal("a claim is not positive"));
    }
    let key = claim.key();
    Ok(Commitment {
        reference: claim.reference,
        amount: claim.amount,
        paid: store::paid(tx, claim.reference, &key).await?,
        key,
        state: State::Reserved,
        override_reason: claim.override_reason.clone(),
    })
}

/// Takes so many fen more from the budget of a claim, which is held.
async fn take(tx: &mut Tx, ctx: &Ctx, claim: &Commitment, fen: i64) -> Result<()> {
    let overridden = !claim.override_reason.is_empty();
    // The condition stands in the statement: what does not fit changes nothing.
    if !store::take(tx, &claim.key, fen, overridden).await? {
        return Err(exceeded(tx, &claim.key, fen).await?);
    }
    if overridden || fen <= 0 {
        return Ok(());
    }
    let budget = store::read(tx, &claim.key).await?;
    let mut fields = Fields::new();
    if budget.is_nearly_spent() {
        let bp = budget.used_bp().unwrap_or_default();
        let message = format!("{bp} basis points of budget {} are spent or claimed", claim.key);
        fields.warn(ctx.accept_warnings(), "", &BUDGET_NEARLY_SPENT, message);
    }
    fields.finish()
}

async fn exceeded(tx: &mut Tx, key: &Key, fen: i64) -> Result<Error> {
    let budget = store::read(tx, key).await?;
    let message = format!(
        "{} yuan do not fit into {} yuan, of which {} are spent, {} committed and {} reserved",
        Fen::new(fen),
        budget.amount.unwrap_or_default(),
        budget.spent,
        budget.committed,
        budget.reserved,
    );
    let field = format!("budgets/{key}");
    Ok(Error::violated(
        &BUDGET_EXCEEDED,
        vec![Violation { field, reason: &BUDGET_EXCEEDED, message }],
    ))
}

/// The claim of a reference, with its budget held, and the other one that is named.
async fn held(tx: &mut Tx, reference: Uuid, other: Option<Key>) -> Result<Option<Commitment>> {
    let Some(found) = store::commitment(tx, reference).await? else {
        return Ok(None);
    };
    let keys = other.into_iter().chain([found.key.clone()]).collect();
    hold(tx, &keys).await?;
    // It may have changed until its budget was held.
    let now = store::commitment(tx, reference).await?;
    if now.as_ref().is_some_and(|now| now.key != found.key) {
        return Err(steward_db::Error::Retry.into());
    }
    Ok(now)
}

/// Holds the rows of budgets, in order, making those that are not there.
async fn hold(tx: &mut Tx, keys: &BTreeSet<Key>) -> Result<()> {
    let keys: Vec<_> = keys.iter().collect();
    store::open(tx, &keys).await?;
    store::lock(tx, &keys).await
}
