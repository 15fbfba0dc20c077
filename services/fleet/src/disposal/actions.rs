//! Asking for disposals, correcting and giving them up, and what decisions do.

use steward_approval::approval;
use steward_approval::{Approval, ApprovalId, Submission};
use steward_chassis::resource::{not_found, stale, writable};
use steward_chassis::{Ctx, Fields, Result, audit};
use steward_db::Tx;
use steward_kernel::{Fen, Named as _};

use super::{
    APPRAISAL_MISSING, Cancelled, Change, Content, DISPOSAL_EARLY, Disposal, DisposalId, Listed,
    New, store, wire,
};
use crate::request::State;
use crate::vehicle::claiming::{self, Claim};
use crate::vehicle::{Vehicle, holding};

/// The kind of its approvals.
pub(crate) const KIND: &str = "vehicle_disposal";

/// Asks to dispose of a vehicle and submits it for approval.
pub(super) async fn ask(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Disposal> {
    let vehicle = holding::own_held(tx, ctx, new.vehicle).await?;
    check(tx, ctx, &new.content, &vehicle).await?;
    let id = DisposalId::new(ctx.now());
    claiming::claim(tx, vehicle.id, Claim::Move, id.uuid()).await?;
    let mut asked = Disposal {
        id,
        vehicle: vehicle.id,
        organization: vehicle.organization.clone(),
        region: vehicle.region.clone(),
        content: new.content.clone(),
        state: State::Pending,
        approval: ApprovalId::from_uuid(id.uuid()),
        end: None,
        entry: None,
        correction: String::new(),
        requested_by: ctx.subject().to_owned(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    asked.approval = approval::submit(tx, ctx, &submission(&asked, &vehicle)).await?.id;
    store::insert(tx, &asked).await?;
    audit::record(tx, ctx, wire::event(None, &asked)?).await?;
    Ok(asked)
}

/// The disposal, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: DisposalId) -> Result<Disposal> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("disposal", id))
}

/// Disposals within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Disposal>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Corrects a disposal that was returned, and what its approval says of it.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Disposal> {
    let old = own(tx, ctx, change.id, change.version).await?;
    old.state.must_be(&[State::Returned])?;
    let content = change.draft.clone().over(&old.content);
    if content == old.content {
        return Ok(old);
    }
    let vehicle = holding::get_held(tx, old.vehicle).await?;
    check(tx, ctx, &content, &vehicle).await?;
    let mut new = Disposal { content, ..old.clone() };
    approval::amend(tx, ctx, new.approval, &submission(&new, &vehicle)).await?;
    put(tx, ctx, &old, &mut new).await?;
    Ok(new)
}

/// Gives a disposal up.
pub(super) async fn cancel(tx: &mut Tx, ctx: &Ctx, input: &Cancelled) -> Result<Disposal> {
    let old = own(tx, ctx, input.id, input.version).await?;
    old.state.must_be(&[State::Pending, State::Returned, State::Approved])?;
    approval::cancel(tx, ctx, old.approval, &input.reason).await?;
    claiming::release(tx, old.id.uuid()).await?;
    let mut new = Disposal { state: State::Cancelled, ..old.clone() };
    put(tx, ctx, &old, &mut new).await?;
    Ok(new)
}

/// What a decision about its approval does.
pub(crate) async fn decided(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    let old = store::of_approval(tx, approval.id).await?;
    let mut new = Disposal { state: State::of(approval.state), ..old.clone() };
    if !new.state.is_live() {
        claiming::release(tx, new.id.uuid()).await?;
    }
    put(tx, ctx, &old, &mut new).await
}

/// Refuses to sell without an appraisal, and to dispose of a vehicle before its years of use without a
/// reason.
async fn check(tx: &mut Tx, ctx: &Ctx, content: &Content, vehicle: &Vehicle) -> Result<()> {
    if content.way.is_sale() && content.appraisal_fen == Fen::new(0) {
        let mut fields = Fields::new();
        fields.refuse("disposal.appraisal_fen", &APPRAISAL_MISSING, "is required for a sale");
        return fields.finish();
    }
    if content.early_reason.is_empty() {
        let field = "disposal.early_reason";
        holding::refuse_young(tx, ctx, vehicle, field, &DISPOSAL_EARLY).await?;
    }
    Ok(())
}

/// The disposal in the version that was read, if the caller may change it.
pub(super) async fn own(tx: &mut Tx, ctx: &Ctx, id: DisposalId, version: i64) -> Result<Disposal> {
    let found = store::find(tx, &ctx.sight(), id).await?;
    let found = writable(ctx, found, ("disposal", id), |it| (&it.organization, &it.region))?;
    if found.version == version { Ok(found) } else { Err(stale("disposal")) }
}

/// Stores a changed disposal and records it.
pub(super) async fn put(tx: &mut Tx, ctx: &Ctx, old: &Disposal, new: &mut Disposal) -> Result<()> {
    new.version = old.version + 1;
    new.update_time = ctx.now();
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, new).await? {
        return Err(stale("disposal"));
    }
    audit::record(tx, ctx, wire::event(Some(old), new)?).await
}

/// What is submitted for approval.
fn submission(it: &Disposal, vehicle: &Vehicle) -> Submission {
    Submission {
        kind: KIND,
        category: it.content.way.text().to_owned(),
        organization: it.organization.clone(),
        counterpart: None,
        resource: it.resource(),
        title: format!("处置公务用车 {} {}", vehicle.content.plate, vehicle.content.model),
        money: None,
    }
}
