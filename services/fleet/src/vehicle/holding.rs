//! What becomes of a vehicle by acquisitions, transfers and disposals. Their places are theirs to move.

use chrono::NaiveDate;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::{self, Scope};
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;
use steward_finding::finding::{self, observe};
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern};
use uuid::Uuid;

use super::actions::{check_coming, own, refuse_taken};
use super::{
    Content, HandOver, New, State, VEHICLE_DISPOSED, VEHICLE_UNSETTLED, Vehicle, VehicleId,
    check_plate, look, plated, store, wire,
};
use crate::establishment::actions as establishment;
use crate::standard::{self, Excess};

/// The vehicle, if the caller may change it and it is held.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `VEHICLE_DISPOSED`.
pub(crate) async fn own_held(tx: &mut Tx, ctx: &Ctx, id: VehicleId) -> Result<Vehicle> {
    own(tx, ctx, id).await?;
    get_held(tx, id).await
}

/// The vehicle, if it is held, wherever it lies: for requests about it that the caller may see. Nobody
/// else changes it until this transaction ends.
///
/// Errors: `VEHICLE_DISPOSED`.
pub(crate) async fn get_held(tx: &mut Tx, id: VehicleId) -> Result<Vehicle> {
    let found = store::lock(tx, &Scope::of(RegionPattern::All), id).await?;
    held(found.ok_or_else(|| not_found("vehicle", id))?)
}

fn held(vehicle: Vehicle) -> Result<Vehicle> {
    if vehicle.state == State::Held {
        return Ok(vehicle);
    }
    Err(Error::new(&VEHICLE_DISPOSED, "it was disposed of"))
}

/// Registers a vehicle that came by an approved request and takes the place that was reserved for it.
///
/// Errors: as for one that is loaded.
pub(crate) async fn acquire(
    tx: &mut Tx,
    ctx: &Ctx,
    new: &New,
    acquisition: Uuid,
) -> Result<Vehicle> {
    let region = scope::admit_one(tx, ctx, &new.organization).await?;
    let mut vehicle = Vehicle { acquisition: Some(acquisition), ..Vehicle::new(ctx, new, region) };
    let holder = look::holder(tx, ctx, &vehicle.organization).await?;
    check_coming(tx, ctx, &holder, &vehicle).await?;
    refuse_taken(tx, &vehicle).await?;
    let seen = look::judge(&look::rules(tx).await?, &holder, &mut vehicle, ctx.today());
    store::insert(tx, &vehicle, ctx.today()).await?;
    let category = vehicle.content.category;
    establishment::take_reserved(tx, ctx, &vehicle.organization, category).await?;
    observe(tx, ctx, &seen).await?;
    audit::record(tx, ctx, wire::event(None, &vehicle)?).await?;
    Ok(vehicle)
}

/// Gives a vehicle to another holder, who takes the place that was reserved for it.
///
/// Errors: `PLATE_TAKEN`; as a warning `PLATE_CONTRADICTS`.
pub(crate) async fn hand_over(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Vehicle,
    change: &HandOver,
) -> Result<Vehicle> {
    let mut new = old.clone();
    (new.organization, new.region) = change.to.clone();
    new.acquisition = Some(change.by);
    new.content = old.content.handed_over(change);
    if let Some((plate, from)) = &change.plate {
        plated::keep(tx, old, &mut new, (*from, Some(change.by))).await?;
        let mut fields = Fields::new();
        let plate = (plate, new.content.power_source);
        check_plate(&mut fields, ctx.accept_warnings(), "plate", plate);
        fields.finish()?;
    }
    establishment::take_reserved(tx, ctx, &new.organization, change.category).await?;
    put(tx, ctx, old, &mut new).await?;
    Ok(new)
}

/// Takes a vehicle out of the register.
pub(crate) async fn dispose(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Vehicle,
    on: NaiveDate,
) -> Result<Vehicle> {
    let mut new = Vehicle { state: State::Disposed, disposed_on: Some(on), ..old.clone() };
    put(tx, ctx, old, &mut new).await?;
    Ok(new)
}

/// It was taken out on another day than was said.
pub(crate) async fn disposed_on(
    tx: &mut Tx,
    ctx: &Ctx,
    old: &Vehicle,
    (on, reason): (NaiveDate, &str),
) -> Result<()> {
    let correction = reason.to_owned();
    let mut new = Vehicle { disposed_on: Some(on), correction, ..old.clone() };
    put(tx, ctx, old, &mut new).await
}

/// The plate that a transfer gave a vehicle it got on another day than was said.
pub(crate) async fn replated_on(tx: &mut Tx, transfer: Uuid, on: NaiveDate) -> Result<()> {
    store::replated_on(tx, transfer, on).await
}

async fn put(tx: &mut Tx, ctx: &Ctx, old: &Vehicle, new: &mut Vehicle) -> Result<()> {
    new.version = old.version + 1;
    new.update_time = ctx.now();
    // Of one that is held no more others may have the plate by now.
    if new.state == State::Held {
        refuse_taken(tx, new).await?;
    }
    let holder = look::holder(tx, ctx, &new.organization).await?;
    let seen = look::judge(&look::rules(tx).await?, &holder, new, ctx.today());
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, new, ctx.today()).await? {
        return Err(stale("vehicle"));
    }
    observe(tx, ctx, &seen).await?;
    audit::record(tx, ctx, wire::event(Some(old), new)?).await
}

/// What of the standards a vehicle breaks at an organization.
pub(crate) async fn excess_of(
    tx: &mut Tx,
    ctx: &Ctx,
    at: &(OrganizationCode, RegionCode),
    content: &Content,
) -> Result<Vec<Excess>> {
    let (organization, content) = (at.0.clone(), content.clone());
    let new = New { organization, content, disposed_on: None };
    let vehicle = Vehicle::new(ctx, &new, at.1.clone());
    let holder = look::holder(tx, ctx, &vehicle.organization).await?;
    let subject = look::subject(&holder, &vehicle, ctx.today());
    Ok(standard::check(&look::rules(tx).await?, &subject))
}

/// Refuses to hand a vehicle on while a finding on how it came is open: with the next holder it would be
/// gone, and nobody would have judged it. Who judges it closes or dismisses the finding.
///
/// Errors: `VEHICLE_UNSETTLED`.
pub(crate) async fn refuse_unsettled(tx: &mut Tx, vehicle: &Vehicle) -> Result<()> {
    let open = finding::open_for(tx, &vehicle.resource(), &vehicle.organization).await?;
    // One that people were notified of is theirs to close, also where it is no longer seen.
    let blocks = |it: &&finding::Finding| look::OF_COMING.contains(&it.code.as_str());
    let Some(one) = open.iter().find(blocks) else { return Ok(()) };
    let message = format!("finding {} ({}) is not closed", one.id, one.code);
    Err(Error::new(&VEHICLE_UNSETTLED, message))
}

/// Refuses a vehicle that has not been used for the years that the rule of today asks for.
pub(crate) async fn refuse_young(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: &Vehicle,
    field: &str,
    reason: &'static steward_chassis::Reason,
) -> Result<()> {
    let holder = look::holder(tx, ctx, &vehicle.organization).await?;
    let rules = look::rules(tx).await?;
    let from = look::renewal_due_on(&rules, &holder, vehicle, ctx.today());
    let Some(from) = from.filter(|from| ctx.today() < *from) else { return Ok(()) };
    let mut fields = Fields::new();
    let message = format!("the vehicle is to be used until {from}, unless there is a reason");
    fields.refuse(field, reason, message);
    fields.finish()
}
