//! What can be done with vehicles.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use steward_chassis::resource::{not_found, stale, writable};
use steward_chassis::scope::{self, Scope};
use steward_chassis::{Ctx, Error, Fields, Result, audit, sweep, write_by_service};
use steward_db::{Db, Tx};
use steward_finding::finding::observe;
use steward_kernel::{Named as _, RegionPattern};
use steward_proto::types::v1::Role;

use super::claiming::{self, Claim};
use super::guard;
use super::look::{self, Holder};
use super::plated;
use super::{
    Change, Content, Known, Listed, New, PLATE_TAKEN, Plate, State, VEHICLE_DISPOSED, VIN_TAKEN,
    Vehicle, VehicleId, check_displacement, check_plate, check_prices, check_seats, store, wire,
};
use crate::{JUDGE_AGAIN, establishment};

/// At most so many vehicles are looked at in one transaction.
const SEEN_AT_ONCE: i64 = 200;
/// At most so many vehicles are asked for in one statement.
const KNOWN_AT_ONCE: usize = 500;

/// Registers a vehicle that is held: it takes a place whether there is one or not, and what it breaks of
/// the rules opens findings. One that was disposed of before does neither.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`, `PLATE_TAKEN`, `VIN_TAKEN`; as warnings
/// `ORGANIZATION_NOT_THERE`, `ACQUISITION_MISSING`.
pub(super) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Vehicle> {
    let region = scope::admit_one(tx, ctx, &new.organization).await?;
    let mut vehicle = Vehicle::new(ctx, new, region);
    if vehicle.state == State::Disposed {
        return enter_past(tx, ctx, vehicle).await;
    }
    let holder = look::holder(tx, ctx, &vehicle.organization).await?;
    check_coming(tx, ctx, &holder, &vehicle).await?;
    refuse_taken(tx, &vehicle).await?;
    let seen = look::judge(&look::rules(tx).await?, &holder, &mut vehicle, ctx.today());
    store::insert(tx, &vehicle, ctx.today()).await?;
    let category = vehicle.content.category;
    establishment::actions::load(tx, ctx, &vehicle.organization, category).await?;
    observe(tx, ctx, &seen).await?;
    audit::record(tx, ctx, wire::event(None, &vehicle)?).await?;
    Ok(vehicle)
}

/// Registers a vehicle of the past. It takes no place and breaks no rule that could still be kept.
///
/// Errors: `PLATE_TAKEN` (it is there); as a warning `ORGANIZATION_NOT_THERE`.
async fn enter_past(tx: &mut Tx, ctx: &Ctx, vehicle: Vehicle) -> Result<Vehicle> {
    let mut fields = Fields::new();
    check_life(tx, ctx, &mut fields, &vehicle).await?;
    if store::is_entered(tx, &vehicle).await? {
        let message = "a vehicle with that plate came on that day";
        fields.refuse("vehicle.plate", &PLATE_TAKEN, message);
    }
    fields.finish()?;
    store::insert(tx, &vehicle, ctx.today()).await?;
    audit::record(tx, ctx, wire::event(None, &vehicle)?).await?;
    Ok(vehicle)
}

/// The vehicle, if it lies within the caller's scope.
pub(crate) async fn get(tx: &mut Tx, ctx: &Ctx, id: VehicleId) -> Result<Vehicle> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("vehicle", id))
}

/// Vehicles within the caller's scope.
pub(crate) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Vehicle>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Changes a vehicle whose version is still the one that was read. With another category it moves to a
/// place of that.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `VEHICLE_DISPOSED`, `FACTS_GUARDED`, `VEHICLE_ENGAGED`
/// (another category while it is to be replaced), `DISPLACEMENT_CONTRADICTS`, `PRICE_CONTRADICTS`, `PLATE_TAKEN`,
/// `VIN_TAKEN`; as warnings `PLATE_CONTRADICTS`, `ORGANIZATION_NOT_THERE`,
/// `ACQUISITION_MISSING`.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Vehicle> {
    let old = own(tx, ctx, change.id).await?;
    if old.version != change.version {
        return Err(stale("vehicle"));
    }
    if old.state == State::Disposed {
        return Err(Error::new(&VEHICLE_DISPOSED, "it was disposed of"));
    }
    let content = change.draft.clone().over(&old.content);
    if content == old.content {
        return Ok(old);
    }
    check_change(ctx, &old.content, &content)?;
    guard::check(tx, ctx, &old, &content, &change.reason).await?;
    if content.category != old.content.category {
        // Its place of that category is promised to the vehicle that replaces it.
        store::hold_all(tx, &[old.id]).await?;
        claiming::refuse_claimed(tx, old.id, Claim::Replace).await?;
    }
    let (update_time, version) = (ctx.now(), old.version + 1);
    let mut new = Vehicle { content, update_time, version, ..old.clone() };
    if !change.reason.is_empty() {
        new.correction.clone_from(&change.reason);
    }
    let holder = look::holder(tx, ctx, &new.organization).await?;
    if new.content.acquired_on != old.content.acquired_on {
        check_coming(tx, ctx, &holder, &new).await?;
    }
    refuse_taken(tx, &new).await?;
    plated::keep(tx, &old, &mut new, (ctx.today(), None)).await?;
    let seen = look::judge(&look::rules(tx).await?, &holder, &mut new, ctx.today());
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, &new, ctx.today()).await? {
        return Err(stale("vehicle"));
    }
    move_place(tx, ctx, &old, &new).await?;
    observe(tx, ctx, &seen).await?;
    let by = |it: &Vehicle| {
        let of = &it.content;
        (of.plate.clone(), of.body, of.tank_ml, of.battery_wh, of.acquired_on)
    };
    if by(&new) != by(&old) {
        JUDGE_AGAIN(tx, ctx, Known::Vehicle(new.id)).await?;
    }
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// The vehicle, wherever it is, for a trip: until the commit no other trip takes it and nobody changes it.
/// Before the driver of the trip, and before the trip. Whether the caller may have it is for the trip to say.
///
/// Errors: `NOT_FOUND`.
pub(crate) async fn hold(tx: &mut Tx, id: VehicleId) -> Result<Vehicle> {
    let everywhere = Scope::of(RegionPattern::All);
    store::lock(tx, &everywhere, id).await?.ok_or_else(|| not_found("vehicle", id))
}

/// Refuses what is changed and contradicts what stays. What was accepted once is not asked again.
fn check_change(ctx: &Ctx, old: &Content, new: &Content) -> Result<()> {
    let mut fields = Fields::new();
    let engine = (new.power_source, new.displacement_ml);
    let accept = ctx.accept_warnings() || engine == (old.power_source, old.displacement_ml);
    check_displacement(&mut fields, accept, "vehicle.displacement_ml", engine);
    let accept = ctx.accept_warnings() || new.seats == old.seats;
    check_seats(&mut fields, accept, "vehicle.seats", new.seats);
    let prices = (new.price_fen, new.price_before_tax_fen);
    if prices != (old.price_fen, old.price_before_tax_fen) {
        check_prices(&mut fields, "vehicle.price_before_tax_fen", prices);
    }
    if (&new.plate, new.power_source) != (&old.plate, old.power_source) {
        let plate = (&new.plate, new.power_source);
        check_plate(&mut fields, ctx.accept_warnings(), "vehicle.plate", plate);
    }
    fields.finish()
}

/// Leaves the place of the old category for one of the new, in the order in which places are held.
async fn move_place(tx: &mut Tx, ctx: &Ctx, old: &Vehicle, new: &Vehicle) -> Result<()> {
    let (of, from, to) = (&new.organization, old.content.category, new.content.category);
    match from.text().cmp(to.text()) {
        Ordering::Equal => {}
        Ordering::Less => {
            establishment::actions::leave(tx, ctx, of, from).await?;
            enter(tx, ctx, new).await?;
        }
        Ordering::Greater => {
            enter(tx, ctx, new).await?;
            establishment::actions::leave(tx, ctx, of, from).await?;
        }
    }
    Ok(())
}

/// Takes a place of its category. What was loaded as held is corrected whatever the establishment says;
/// what came by a request needs a free place, or the approval would be passed by.
async fn enter(tx: &mut Tx, ctx: &Ctx, vehicle: &Vehicle) -> Result<()> {
    let (of, category) = (&vehicle.organization, vehicle.content.category);
    if vehicle.acquisition.is_some() {
        establishment::actions::occupy(tx, ctx, of, category).await?;
    } else {
        establishment::actions::load(tx, ctx, of, category).await?;
    }
    Ok(())
}

/// Holds every vehicle against the rules that was not on this day: time passes, rules change, and so do
/// organizations.
pub(crate) async fn look_again(db: &Db, ctx: &Ctx) -> Result<()> {
    loop {
        let seen = write_by_service(db, ctx, |tx, ctx| {
            Box::pin(async move {
                if !sweep::alone(tx, "fleet_vehicle").await? {
                    return Ok(0);
                }
                look_at_some(tx, ctx).await
            })
        });
        if seen.await? == 0 {
            return Ok(());
        }
    }
}

async fn look_at_some(tx: &mut Tx, ctx: &Ctx) -> Result<usize> {
    let mut vehicles = store::unseen(tx, ctx.today(), SEEN_AT_ONCE).await?;
    let rules = look::rules(tx).await?;
    let (mut holders, mut seen) = (BTreeMap::new(), Vec::new());
    for vehicle in &mut vehicles {
        let holder = match holders.entry(vehicle.organization.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(look::holder(tx, ctx, &vehicle.organization).await?),
        };
        seen.extend(look::judge(&rules, holder, vehicle, ctx.today()));
        store::seen(tx, vehicle, ctx.today()).await?;
    }
    observe(tx, ctx, &seen).await?;
    Ok(vehicles.len())
}

/// The vehicle, if the caller may change it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
pub(crate) async fn own(tx: &mut Tx, ctx: &Ctx, id: VehicleId) -> Result<Vehicle> {
    let found = store::find(tx, &ctx.sight(), id).await?;
    writable(ctx, found, ("vehicle", id), |it| (&it.organization, &it.region))
}

/// The vehicles of these ids, wherever they are.
pub(crate) async fn known(tx: &mut Tx, ids: &[VehicleId]) -> Result<BTreeMap<VehicleId, Vehicle>> {
    let mut known = BTreeMap::new();
    for ids in ids.chunks(KNOWN_AT_ONCE) {
        let found = store::among(tx, ids, &[]).await?;
        known.extend(found.into_iter().map(|vehicle| (vehicle.id, vehicle)));
    }
    Ok(known)
}

/// The vehicles of these ids, and those that have or had these plates, wherever they are.
pub(crate) async fn among(
    tx: &mut Tx,
    ids: &[VehicleId],
    plates: &[Plate],
) -> Result<Vec<Vehicle>> {
    store::among(tx, ids, plates).await
}

/// Keeps others from holding the same vehicles until this transaction ends: what is computed of all
/// that a vehicle has is computed by one at a time.
pub(crate) async fn hold_all(tx: &mut Tx, ids: &[VehicleId]) -> Result<()> {
    store::hold_all(tx, ids).await
}

/// Whether the caller is a manager of the organization that holds a vehicle.
pub(super) fn is_manager(ctx: &Ctx, vehicle: &Vehicle) -> bool {
    ctx.reach(&[Role::Manager]).covers(&vehicle.organization, &vehicle.region)
}

/// Warns where the organization was not there on the day the vehicle came, or nobody approved that it
/// should.
pub(super) async fn check_coming(
    tx: &mut Tx,
    ctx: &Ctx,
    holder: &Holder,
    vehicle: &Vehicle,
) -> Result<()> {
    let mut fields = Fields::new();
    check_life(tx, ctx, &mut fields, vehicle).await?;
    look::check_acquisition(&mut fields, ctx.accept_warnings(), holder, vehicle);
    fields.finish()
}

/// Warns where the organization was not there on the day the vehicle came.
async fn check_life(tx: &mut Tx, ctx: &Ctx, fields: &mut Fields, vehicle: &Vehicle) -> Result<()> {
    let (code, day) = (&vehicle.organization, vehicle.content.acquired_on);
    let life = scope::store::life(tx, code).await?;
    life.check(fields, ctx.accept_warnings(), "vehicle.acquired_on", code, day);
    Ok(())
}

/// Refuses a plate or VIN that another vehicle has. Unique indexes hold what is found free here
/// against whoever comes at the same time.
pub(super) async fn refuse_taken(tx: &mut Tx, vehicle: &Vehicle) -> Result<()> {
    let taken = store::taken(tx, vehicle).await?;
    let mut fields = Fields::new();
    if taken.plate {
        fields.refuse("vehicle.plate", &PLATE_TAKEN, "is another vehicle's");
    }
    if taken.vin {
        fields.refuse("vehicle.vin", &VIN_TAKEN, "is another vehicle's");
    }
    fields.finish()
}
