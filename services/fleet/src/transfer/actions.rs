//! Asking for transfers, carrying them out, and what decisions do.

use std::collections::BTreeSet;

use steward_approval::approval;
use steward_approval::{Approval, ApprovalId, Submission};
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{self, SCOPE_DENIED};
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::{Named as _, OrganizationCode, RegionCode};

use super::{
    Cancelled, Change, Content, HandOver, Listed, New, TRANSFER_TO_SELF, Transfer, TransferId,
    VEHICLE_MOVED, correct, store, wire,
};
use crate::acquisition::actions as acquisition;
use crate::card::actions as card;
use crate::establishment::{
    ESTABLISHMENT_EXHAUSTED, ESTABLISHMENT_FROZEN, ESTABLISHMENT_MISSING, Key,
    actions as establishment,
};
use crate::holder::{self, Holdings};
use crate::norm;
use crate::request::rules::refuse_excess;
use crate::request::{State, handed, not_before_approval};
use crate::standard::Category;
use crate::vehicle::claiming::{self, Claim};
use crate::vehicle::{Content as VehicleContent, Vehicle, holding};

/// The kind of its approvals.
pub(crate) const KIND: &str = "vehicle_transfer";

/// Asks for a transfer: reserves the receiver's place and submits it for approval.
pub(super) async fn ask(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Transfer> {
    let vehicle = holding::own_held(tx, ctx, new.vehicle).await?;
    if vehicle.organization == new.to {
        return Err(Error::new(&TRANSFER_TO_SELF, "the receiver holds the vehicle already"));
    }
    let to_region = known(tx, &new.to).await?;
    let id = TransferId::new(ctx.now());
    let category = new.category.unwrap_or(vehicle.content.category);
    let mut asked = Transfer {
        id,
        vehicle: vehicle.id,
        from: (vehicle.organization.clone(), vehicle.region.clone()),
        to: (new.to.clone(), to_region),
        content: Content {
            category,
            reason: new.reason.clone(),
            special_need_reason: new.special_need_reason.clone(),
            work_need_reason: new.work_need_reason.clone(),
        },
        state: State::Pending,
        approval: ApprovalId::from_uuid(id.uuid()),
        transferred_on: None,
        correction: String::new(),
        requested_by: ctx.subject().to_owned(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    check(tx, ctx, &asked, &vehicle).await?;
    claiming::claim(tx, vehicle.id, Claim::Move, id.uuid()).await?;
    reserve(tx, ctx, &asked.to.0, category).await?;
    asked.approval = approval::submit(tx, ctx, &submission(&asked, &vehicle)).await?.id;
    store::insert(tx, &asked).await?;
    audit::record(tx, ctx, wire::event(None, &asked)?).await?;
    Ok(asked)
}

/// The transfer, if one of its sides lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: TransferId) -> Result<Transfer> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("transfer", id))
}

/// Transfers of which a side lies within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Transfer>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Corrects a transfer that was returned; another category moves the reserved place.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Transfer> {
    let old = given_by(tx, ctx, change.id, change.version).await?;
    old.state.must_be(&[State::Returned])?;
    let content = change.draft.clone().over(&old.content);
    if content == old.content {
        return Ok(old);
    }
    let mut new = Transfer { content, ..old.clone() };
    let vehicle = holding::get_held(tx, old.vehicle).await?;
    check(tx, ctx, &new, &vehicle).await?;
    if new.content.category != old.content.category {
        let category = new.content.category;
        let key = |category| Key { organization: old.to.0.clone(), category };
        establishment::hold(tx, ctx, vec![key(old.content.category), key(category)]).await?;
        establishment::free(tx, ctx, &old.to.0, old.content.category).await?;
        reserve(tx, ctx, &new.to.0, category).await?;
    }
    approval::amend(tx, ctx, new.approval, &submission(&new, &vehicle)).await?;
    put(tx, ctx, &old, &mut new).await?;
    Ok(new)
}

/// Carries an approved transfer out.
pub(super) async fn complete(tx: &mut Tx, ctx: &Ctx, input: &HandOver) -> Result<Transfer> {
    let old = either_side(tx, ctx, input.id, input.version).await?;
    old.state.must_be(&[State::Approved])?;
    not_before_approval(tx, old.approval, ("transferred_on", input.on)).await?;
    let held = holding::get_held(tx, old.vehicle).await?;
    let before = holder::actions::of(tx, &[old.vehicle]).await?;
    if held.organization != old.from.0 {
        return Err(Error::new(&VEHICLE_MOVED, "another organization holds the vehicle by now"));
    }
    correct::check_between((before.since(old.vehicle), None), input.on)?;
    // It may have been changed since it was asked for, and so may the rules and the receiver.
    check(tx, ctx, &old, &held).await?;
    let key = |of: &OrganizationCode, category| Key { organization: of.clone(), category };
    let places =
        vec![key(&old.from.0, held.content.category), key(&old.to.0, old.content.category)];
    establishment::hold(tx, ctx, places).await?;
    acquisition::place_left(tx, ctx, &held).await?;
    card::stay_behind(tx, ctx, old.vehicle, (old.id.uuid(), input.on)).await?;
    let plate = input.plate.clone().map(|plate| (plate, input.on));
    holding::hand_over(tx, ctx, &held, &old.hand_over(plate)).await?;
    claiming::release(tx, old.id.uuid()).await?;
    let on = Some(input.on);
    let mut new = Transfer { state: State::Completed, transferred_on: on, ..old.clone() };
    put_day(tx, ctx, &old, &mut new, &before).await?;
    Ok(new)
}

/// Gives a transfer up; who receives refuses it by that, before it is approved.
pub(super) async fn cancel(tx: &mut Tx, ctx: &Ctx, input: &Cancelled) -> Result<Transfer> {
    let old = either_side(tx, ctx, input.id, input.version).await?;
    old.state.must_be(&[State::Pending, State::Returned, State::Approved])?;
    if old.state == State::Approved {
        gives(ctx, &old)?;
    }
    let mut new = Transfer { state: State::Cancelled, ..old.clone() };
    let_go(tx, ctx, &new).await?;
    approval::cancel(tx, ctx, old.approval, &input.reason).await?;
    put(tx, ctx, &old, &mut new).await?;
    Ok(new)
}

/// What a decision about its approval does.
pub(crate) async fn decided(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    let old = store::of_approval(tx, approval.id).await?;
    let mut new = Transfer { state: State::of(approval.state), ..old.clone() };
    if new.state == State::Approved {
        let to = (&new.to.0, new.content.category);
        untold(establishment::refuse_frozen(tx, ctx, to.0, to.1).await)?;
    }
    if !new.state.is_live() {
        let_go(tx, ctx, &new).await?;
    }
    put(tx, ctx, &old, &mut new).await
}

/// Where the receiver lies. He need not lie within the grants of who asks, who therefore learns of him
/// only whether he has a place.
///
/// Errors: `ESTABLISHMENT_MISSING` where nothing is known of him.
async fn known(tx: &mut Tx, code: &OrganizationCode) -> Result<RegionCode> {
    let codes = BTreeSet::from([code.clone()]);
    let region = scope::store::regions(tx, &codes).await?.remove(code);
    region.ok_or_else(|| Error::new(&ESTABLISHMENT_MISSING, "the receiver has no establishment"))
}

/// Reserves the receiver's place. How many he has is not told.
///
/// Errors: `ESTABLISHMENT_EXHAUSTED`, `ESTABLISHMENT_MISSING`.
async fn reserve(tx: &mut Tx, ctx: &Ctx, to: &OrganizationCode, category: Category) -> Result<()> {
    untold(establishment::reserve(tx, ctx, to, category).await)?;
    Ok(())
}

/// The same refusal without the receiver's numbers.
fn untold<T>(done: Result<T>) -> Result<T> {
    done.map_err(|error| match error.reason() {
        reason if reason == &ESTABLISHMENT_MISSING => {
            Error::new(&ESTABLISHMENT_MISSING, "the receiver has no establishment")
        }
        reason if reason == &ESTABLISHMENT_EXHAUSTED => {
            Error::new(&ESTABLISHMENT_EXHAUSTED, "the receiver has no free place")
        }
        reason if reason == &ESTABLISHMENT_FROZEN => {
            Error::new(&ESTABLISHMENT_FROZEN, "the receiver's establishment is frozen")
        }
        _ => error,
    })
}

/// Refuses a vehicle that the receiver may not hold in that category, and one that nobody has judged yet
/// how it came.
async fn check(tx: &mut Tx, ctx: &Ctx, it: &Transfer, vehicle: &Vehicle) -> Result<()> {
    holding::refuse_unsettled(tx, vehicle).await?;
    let content = VehicleContent {
        source: vehicle.content.source,
        ..vehicle.content.handed_over(&it.hand_over(None))
    };
    let excess = holding::excess_of(tx, ctx, &it.to, &content).await?;
    let mut fields = Fields::new();
    refuse_excess(&mut fields, "transfer", &excess);
    fields.finish()
}

/// Frees the receiver's place and the vehicle.
async fn let_go(tx: &mut Tx, ctx: &Ctx, it: &Transfer) -> Result<()> {
    establishment::free(tx, ctx, &it.to.0, it.content.category).await?;
    claiming::release(tx, it.id.uuid()).await
}

/// The transfer in the version that was read, if the caller may write for the one who gives.
async fn given_by(tx: &mut Tx, ctx: &Ctx, id: TransferId, version: i64) -> Result<Transfer> {
    let found = either_side(tx, ctx, id, version).await?;
    gives(ctx, &found)?;
    Ok(found)
}

/// Refuses who may not write for the one who gives.
///
/// Errors: `SCOPE_DENIED`.
fn gives(ctx: &Ctx, it: &Transfer) -> Result<()> {
    if ctx.scope().covers(&it.from.0, &it.from.1) {
        return Ok(());
    }
    let message = format!("transfer {} is of an organization outside the grants", it.id);
    Err(Error::new(&SCOPE_DENIED, message))
}

/// The same, if he may write for one of the sides.
pub(super) async fn either_side(
    tx: &mut Tx,
    ctx: &Ctx,
    id: TransferId,
    version: i64,
) -> Result<Transfer> {
    let found = match store::find(tx, ctx.scope(), id).await? {
        Some(found) => found,
        None if store::find(tx, &ctx.sight(), id).await?.is_some() => {
            let message = format!("transfer {id} lies outside the grants");
            return Err(Error::new(&SCOPE_DENIED, message));
        }
        None => return Err(not_found("transfer", id)),
    };
    if found.version == version { Ok(found) } else { Err(stale("transfer")) }
}

/// Stores a changed transfer and records it.
async fn put(tx: &mut Tx, ctx: &Ctx, old: &Transfer, new: &mut Transfer) -> Result<()> {
    keep(tx, ctx, old, new).await?;
    audit::record(tx, ctx, wire::event(Some(old), new)?).await
}

/// The same of one that has another day than before: from the earlier of both on other ones held the vehicle
/// than `before`, and what it cost and used is judged in their hands.
pub(super) async fn put_day(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Transfer,
    new: &mut Transfer,
    before: &Holdings,
) -> Result<()> {
    keep(tx, ctx, old, new).await?;
    if let Some(from) = old.transferred_on.into_iter().chain(new.transferred_on).min() {
        handed::again(tx, ctx, new.vehicle, from).await?;
        norm::actions::clear_gone(tx, ctx, new.vehicle, before, from).await?;
    }
    audit::record(tx, ctx, wire::event(Some(old), new)?).await
}

async fn keep(tx: &mut Tx, ctx: &Ctx, old: &Transfer, new: &mut Transfer) -> Result<()> {
    new.version = old.version + 1;
    new.update_time = ctx.now();
    // The condition stands in the statement: of two changes at once one wins.
    if store::update(tx, new).await? { Ok(()) } else { Err(stale("transfer")) }
}

/// What is submitted for approval, by both sides.
fn submission(it: &Transfer, vehicle: &Vehicle) -> Submission {
    Submission {
        kind: KIND,
        category: it.content.category.text().to_owned(),
        organization: it.from.0.clone(),
        counterpart: Some(it.to.0.clone()),
        resource: it.resource(),
        title: format!("调配公务用车 {} {}", vehicle.content.plate, vehicle.content.model),
        money: None,
    }
}
