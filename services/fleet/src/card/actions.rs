//! What can be done with cards.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use steward_chassis::resource::{not_found, stale, writable};
use steward_chassis::{Ctx, Fields, Result, audit};
use steward_db::Tx;
use uuid::Uuid;

use super::{
    CARD_TAKEN, CARD_VEHICLE, Card, CardId, Change, Content, Dated, History, Listed, New, State,
    store, wire,
};
use crate::JUDGE_AGAIN;
use crate::holder::BEGINNING;
use crate::vehicle::{self, Known, VehicleId};

/// Registers a card.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `CARD_TAKEN`.
pub(super) async fn create(tx: &mut Tx, ctx: &Ctx, new: &New) -> Result<Card> {
    let vehicle = vehicle::actions::own(tx, ctx, new.content.vehicle_id).await?;
    // Slips of the vehicle that come at the same time are judged before, or with the card.
    vehicle::actions::hold_all(tx, &[vehicle.id]).await?;
    let others = store::states(tx, &new.number).await?;
    refuse_taken(&others)?;
    let card = Card {
        id: CardId::new(ctx.now()),
        number: new.number.clone(),
        organization: vehicle.organization,
        region: vehicle.region,
        content: new.content.clone(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    store::insert(tx, &card).await?;
    // What was paid with the number before another card was closed was paid with that.
    let from = if others.is_empty() { BEGINNING } else { ctx.today() };
    store::put_use(tx, card.id, card.used_from(from)).await?;
    let of = Known::Card(&card.number, &[card.content.vehicle_id]);
    JUDGE_AGAIN(tx, ctx, of).await?;
    audit::record(tx, ctx, wire::event(None, &card)?).await?;
    Ok(card)
}

/// The card, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: CardId) -> Result<Card> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("card", id))
}

/// Cards within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Card>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// The cards of these numbers, wherever they are, by number: who may know of a slip is said by the
/// vehicle.
pub(crate) async fn numbered<'n>(
    tx: &mut Tx,
    numbers: impl IntoIterator<Item = &'n str>,
) -> Result<BTreeMap<String, Dated>> {
    let numbers: BTreeSet<_> = numbers.into_iter().filter(|number| !number.is_empty()).collect();
    let numbers: Vec<_> = numbers.into_iter().collect();
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut cards: BTreeMap<String, Dated> = BTreeMap::new();
    for numbers in numbers.chunks(500) {
        let (mut uses, mut left) =
            (store::uses(tx, numbers).await?, store::left(tx, numbers).await?);
        for card in store::numbered(tx, numbers).await? {
            let of = History {
                uses: uses.remove(&card.id).unwrap_or_default(),
                left: left.remove(&card.id).unwrap_or_default(),
            };
            cards.entry(card.number.clone()).or_default().0.push((card, of));
        }
    }
    Ok(cards)
}

/// The cards that were at any time for one of these vehicles, by number.
pub(crate) async fn of_vehicles(
    tx: &mut Tx,
    vehicles: impl IntoIterator<Item = VehicleId>,
) -> Result<BTreeMap<String, Dated>> {
    let vehicles: BTreeSet<_> = vehicles.into_iter().collect();
    let vehicles: Vec<_> = vehicles.into_iter().collect();
    let mut numbers = Vec::new();
    for vehicles in vehicles.chunks(500) {
        numbers.extend(store::numbers_of(tx, vehicles).await?);
    }
    numbered(tx, numbers.iter().map(String::as_str)).await
}

/// Changes a card whose version is still the one that was read.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `CARD_VEHICLE`, `CARD_TAKEN`.
pub(super) async fn update(tx: &mut Tx, ctx: &Ctx, change: &Change) -> Result<Card> {
    let old = own(tx, ctx, change.id).await?;
    if old.version != change.version {
        return Err(stale("card"));
    }
    let content = change.draft.clone().over(&old.content);
    if content == old.content {
        return Ok(old);
    }
    if content.vehicle_id != old.content.vehicle_id {
        let vehicle = vehicle::actions::own(tx, ctx, content.vehicle_id).await?;
        if vehicle.organization != old.organization {
            let mut fields = Fields::new();
            fields.refuse("card.vehicle_id", &CARD_VEHICLE, "another organization holds it");
            fields.finish()?;
        }
    }
    if old.content.state == State::Closed && content.state != State::Closed {
        refuse_taken(&store::states(tx, &old.number).await?)?;
    }
    let of = [old.content.vehicle_id, content.vehicle_id];
    vehicle::actions::hold_all(tx, &of).await?;
    let (update_time, version) = (ctx.now(), old.version + 1);
    let new = Card { content, update_time, version, ..old.clone() };
    // The condition stands in the statement: of two changes at once one wins.
    if !store::update(tx, &new).await? {
        return Err(stale("card"));
    }
    if new.used_from(change.from) != old.used_from(change.from) {
        use_from(tx, ctx, &new, change.from).await?;
    }
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// Closes the cards of a vehicle that somebody else holds from a day on by a request, or nobody: they stay
/// behind, and their numbers may be registered anew.
pub(crate) async fn stay_behind(
    tx: &mut Tx,
    ctx: &Ctx,
    vehicle: VehicleId,
    (request, from): (Uuid, NaiveDate),
) -> Result<()> {
    for old in store::open_of(tx, vehicle).await? {
        let content = Content { state: State::Closed, ..old.content.clone() };
        let (update_time, version) = (ctx.now(), old.version + 1);
        let new = Card { content, update_time, version, ..old.clone() };
        if !store::update(tx, &new).await? {
            return Err(stale("card"));
        }
        store::leave(tx, new.id, request, from).await?;
        audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    }
    Ok(())
}

/// Keeps what a card is for from a day on, whatever was said of later days, and judges again what was paid
/// with it, and what the vehicles that it is or was for filled without it.
async fn use_from(tx: &mut Tx, ctx: &Ctx, card: &Card, from: NaiveDate) -> Result<()> {
    let before = numbered(tx, [card.number.as_str()]).await?;
    let vehicles = before.values().flat_map(Dated::vehicles).chain([card.content.vehicle_id]);
    let vehicles: BTreeSet<_> = vehicles.collect();
    let vehicles: Vec<_> = vehicles.into_iter().collect();
    store::forget_after(tx, card.id, from).await?;
    store::put_use(tx, card.id, card.used_from(from)).await?;
    store::use_again(tx, card.id, from).await?;
    JUDGE_AGAIN(tx, ctx, Known::Card(&card.number, &vehicles)).await
}

/// The cards that stayed behind by a request did so on another day.
pub(crate) async fn stayed_behind(tx: &mut Tx, request: Uuid, from: NaiveDate) -> Result<()> {
    store::left_on(tx, request, from).await
}

/// Errors: `CARD_TAKEN`.
fn refuse_taken(others: &[State]) -> Result<()> {
    let mut fields = Fields::new();
    if others.iter().any(|state| *state != State::Closed) {
        fields.refuse("card.number", &CARD_TAKEN, "is registered");
    }
    fields.finish()
}

/// The card, if the caller may change it.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
async fn own(tx: &mut Tx, ctx: &Ctx, id: CardId) -> Result<Card> {
    let found = store::find(tx, &ctx.sight(), id).await?;
    writable(ctx, found, ("card", id), |it| (&it.organization, &it.region))
}
