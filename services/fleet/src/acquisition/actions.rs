//! Asking for vehicles, correcting and giving up what was asked for, and what decisions do.

use steward_approval::approval;
use steward_approval::{Approval, ApprovalId, Money, Submission};
use steward_chassis::resource::{not_found, stale, writable};
use steward_chassis::{Ctx, Error, Fields, Result, audit, scope};
use steward_db::Tx;
use steward_kernel::Named as _;

use super::check::{check, warn_conventional};
use super::{
    Acquisition, AcquisitionId, Cancelled, Change, Content, Listed, New, RENEWAL_EARLY,
    RENEWAL_UNLIKE, store, wire,
};
use crate::establishment::actions as establishment;
use crate::request::{ACQUISITION_FORBIDDEN, State};
use crate::standard::Source;
use crate::vehicle::claiming::{self, Claim};
use crate::vehicle::{Vehicle, VehicleId, check_displacement, check_prices, holding};

/// The kind of its approvals.
pub(crate) const KIND: &str = "vehicle_acquisition";
/// The category of the ledger that it is paid under.
pub(super) const PURCHASE: &str = "vehicle_purchase";

/// Asks for a vehicle: holds the standard against it, reserves a place or claims the one of the vehicle
/// it replaces, and submits it for approval.
pub(super) async fn ask(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Acquisition> {
    let region = scope::admit_one(tx, ctx, &new.organization).await?;
    let id = AcquisitionId::new(ctx.now());
    let mut asked = Acquisition {
        id,
        organization: new.organization.clone(),
        region,
        category: new.category,
        replaces: new.replaces,
        content: new.content.clone(),
        state: State::Pending,
        approval: ApprovalId::from_uuid(id.uuid()),
        vehicle: None,
        entry: None,
        holds_place: new.replaces.is_none(),
        requested_by: ctx.subject().to_owned(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    check(tx, ctx, &asked).await?;
    warn_conventional(tx, ctx, &asked).await?;
    match new.replaces {
        Some(old) => replace(tx, ctx, &asked, old).await?,
        None => {
            establishment::reserve(tx, ctx, &asked.organization, asked.category).await?;
        }
    }
    asked.approval = approval::submit(tx, ctx, &submission(&asked)).await?.id;
    asked.state = State::Pending;
    store::insert(tx, &asked).await?;
    audit::record(tx, ctx, wire::event(None, &asked)?).await?;
    Ok(asked)
}

/// The acquisition, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: AcquisitionId) -> Result<Acquisition> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("acquisition", id))
}

/// Acquisitions within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Acquisition>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Corrects a request that was returned, and what its approval says of it; one that is approved, and whose
/// vehicle has not come, is returned by that: it keeps its place, and is approved anew.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Acquisition> {
    let old = own(tx, ctx, change.id, change.version).await?;
    old.state.must_be(&[State::Returned, State::Approved])?;
    let content = change.draft.clone().over(&old.content);
    if content == old.content {
        return Ok(old);
    }
    let mut new = Acquisition { content, state: State::Returned, ..old.clone() };
    let mut fields = Fields::new();
    if new.content.source != old.content.source {
        let message = "never changes: another source is another request";
        fields.refuse("acquisition.source", &ACQUISITION_FORBIDDEN, message);
    }
    let drive = new.content.power_source;
    let engine = (drive, new.content.displacement_ml);
    check_displacement(&mut fields, false, "acquisition.displacement_ml", engine);
    let prices = (new.content.price_fen, new.content.price_before_tax_fen);
    check_prices(&mut fields, "acquisition.price_before_tax_fen", prices);
    fields.finish()?;
    check(tx, ctx, &new).await?;
    if drive != old.content.power_source {
        warn_conventional(tx, ctx, &new).await?;
    }
    // Once the old vehicle is gone there is nothing to ask about it.
    if let Some(replaced) = new.replaces.filter(|_| !new.holds_place) {
        let replaced = holding::get_held(tx, replaced).await?;
        check_years(tx, ctx, &new, &replaced).await?;
    }
    approval::amend(tx, ctx, new.approval, &submission(&new)).await?;
    put(tx, ctx, &old, &mut new).await?;
    Ok(new)
}

/// Gives a request up: its place, its claim and its money are free again.
pub(super) async fn cancel(tx: &mut Tx, ctx: &Ctx, input: &Cancelled) -> Result<Acquisition> {
    let old = own(tx, ctx, input.id, input.version).await?;
    old.state.must_be(&[State::Pending, State::Returned, State::Approved])?;
    let mut new = Acquisition { state: State::Cancelled, ..old.clone() };
    // Places before money, as when it was asked for.
    let_go(tx, ctx, &mut new).await?;
    approval::cancel(tx, ctx, old.approval, &input.reason).await?;
    put(tx, ctx, &old, &mut new).await?;
    Ok(new)
}

/// What a decision about its approval does.
pub(crate) async fn decided(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    let old = store::of_approval(tx, approval.id).await?;
    let mut new = Acquisition { state: State::of(approval.state), ..old.clone() };
    if new.state == State::Approved {
        establishment::refuse_frozen(tx, ctx, &new.organization, new.category).await?;
    }
    if !new.state.is_live() {
        let_go(tx, ctx, &mut new).await?;
    }
    put(tx, ctx, &old, &mut new).await
}

/// What becomes of the place of a vehicle that leaves its holder: it is kept for the acquisition that
/// replaces it, or it is free.
pub(crate) async fn place_left(tx: &mut Tx, ctx: &Ctx, left: &Vehicle) -> Result<()> {
    let (holder, category) = (&left.organization, left.content.category);
    let Some(renewal) = claiming::holder(tx, left.id, Claim::Replace).await? else {
        establishment::leave(tx, ctx, holder, category).await?;
        return Ok(());
    };
    let old = store::get(tx, AcquisitionId::from_uuid(renewal)).await?;
    // The renewal is its holder's of then: one who got the vehicle since has nothing to do with it.
    let is_its_place = !old.holds_place && old.organization == *holder && old.category == category;
    if !is_its_place {
        establishment::leave(tx, ctx, holder, category).await?;
        return Ok(());
    }
    establishment::swap_to_reserved(tx, ctx, holder, category).await?;
    claiming::release(tx, renewal).await?;
    let mut new = Acquisition { holds_place: true, ..old.clone() };
    put(tx, ctx, &old, &mut new).await
}

/// The acquisition, if the caller may change it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
pub(super) async fn visible(tx: &mut Tx, ctx: &Ctx, id: AcquisitionId) -> Result<Acquisition> {
    let found = store::find(tx, &ctx.sight(), id).await?;
    writable(ctx, found, ("acquisition", id), |it| (&it.organization, &it.region))
}

/// The same in the version that he has read.
///
/// Errors: `ETAG_STALE` too.
pub(super) async fn own(
    tx: &mut Tx,
    ctx: &Ctx,
    id: AcquisitionId,
    version: i64,
) -> Result<Acquisition> {
    let found = visible(tx, ctx, id).await?;
    if found.version == version { Ok(found) } else { Err(stale("acquisition")) }
}

/// Stores a changed acquisition and records it.
pub(super) async fn put(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Acquisition,
    new: &mut Acquisition,
) -> Result<()> {
    new.version = old.version + 1;
    new.update_time = ctx.now();
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, new).await? {
        return Err(stale("acquisition"));
    }
    audit::record(tx, ctx, wire::event(Some(old), new)?).await
}

/// Frees its place and what it has claimed.
async fn let_go(tx: &mut Tx, ctx: &Ctx, it: &mut Acquisition) -> Result<()> {
    if it.holds_place {
        establishment::free(tx, ctx, &it.organization, it.category).await?;
        it.holds_place = false;
    }
    claiming::release(tx, it.id.uuid()).await
}

/// Claims the place of the vehicle that is replaced.
async fn replace(tx: &mut Tx, ctx: &Ctx, it: &Acquisition, old: VehicleId) -> Result<()> {
    let old = holding::own_held(tx, ctx, old).await?;
    if old.organization != it.organization || old.content.category != it.category {
        let message = "a vehicle is replaced by one of the same organization and category";
        return Err(Error::new(&RENEWAL_UNLIKE, message));
    }
    check_years(tx, ctx, it, &old).await?;
    establishment::refuse_frozen(tx, ctx, &it.organization, it.category).await?;
    claiming::claim(tx, old.id, Claim::Replace, it.id.uuid()).await
}

/// Refuses to replace a vehicle before its years of use, unless there is a reason.
async fn check_years(tx: &mut Tx, ctx: &Ctx, it: &Acquisition, old: &Vehicle) -> Result<()> {
    if !it.content.early_renewal_reason.is_empty() {
        return Ok(());
    }
    let field = "acquisition.early_renewal_reason";
    holding::refuse_young(tx, ctx, old, field, &RENEWAL_EARLY).await
}

/// What is submitted for approval.
fn submission(it: &Acquisition) -> Submission {
    let Content { source, model, price_fen, fiscal_year, budget_override_reason, .. } = &it.content;
    let what = if it.replaces.is_some() { "更新" } else { "新增" };
    Submission {
        kind: KIND,
        category: it.category.text().to_owned(),
        organization: it.organization.clone(),
        counterpart: None,
        resource: it.resource(),
        title: format!("{what}公务用车 1 辆 {model} {price_fen} 元"),
        // What is allocated is not paid for, and what is leased is paid by and by.
        money: (*source == Source::Purchase).then(|| Money {
            paid_by: it.payer().clone(),
            fiscal_year: *fiscal_year,
            category: PURCHASE.to_owned(),
            amount: *price_fen,
            override_reason: budget_override_reason.clone(),
        }),
    }
}
