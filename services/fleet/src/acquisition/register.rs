//! Registering the vehicle that came for an approved acquisition.

use chrono::NaiveDate;
use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;
use steward_ledger::budget;
use steward_ledger::entry::Entry;

use super::actions::{PURCHASE, own, put};
use super::rules::refuse_unlike;
use super::{Acquisition, Arrival, REPLACED_VEHICLE_HELD, store, wire};
use crate::request::rules::{refuse_before, refuse_excess};
use crate::request::voucher::{self, Booking, ENTRY_TAKEN, Voucher};
use crate::request::{State, approved_on};
use crate::standard::Source;
use crate::vehicle::{self, New, Vehicle, claiming, holding};

/// Registers the vehicle, takes the place, and posts what was paid.
pub(super) async fn register(
    tx: &mut Tx,
    ctx: &Ctx,
    arrival: &Arrival,
) -> Result<(Vehicle, Acquisition, Option<Entry>)> {
    let old = own(tx, ctx, arrival.id, arrival.version).await?;
    old.state.must_be(&[State::Approved])?;
    if !old.holds_place {
        let message = "the vehicle that it replaces is not disposed of yet";
        return Err(Error::new(&REPLACED_VEHICLE_HELD, message));
    }
    let vehicle = completed(&old, &arrival.vehicle);
    let approved_on = approved_on(tx, old.approval).await?;
    check(tx, ctx, (&old, approved_on), &vehicle, arrival.invoice.as_ref()).await?;
    let organization = old.organization.clone();
    let new = New { organization, content: vehicle, disposed_on: None };
    let came = holding::acquire(tx, ctx, &new, old.id.uuid()).await?;
    let entry = pay(tx, ctx, (&old, approved_on), &came, arrival.invoice.as_ref()).await?;
    // What was approved and not spent is free again.
    budget::release(tx, old.approval.uuid()).await?;
    claiming::release(tx, old.id.uuid()).await?;
    // One that is only tried is never there.
    let booked = entry.as_ref().filter(|_| !ctx.validate_only()).map(|entry| entry.id);
    let mut done = Acquisition {
        state: State::Completed,
        vehicle: Some(came.id),
        entry: booked,
        holds_place: false,
        ..old.clone()
    };
    put(tx, ctx, &old, &mut done).await?;
    Ok((came, done, entry))
}

/// What came, with what was said of it when it was asked for.
fn completed(asked: &Acquisition, came: &vehicle::Content) -> vehicle::Content {
    let said = |came: &String, asked: &String| {
        if came.is_empty() { asked.clone() } else { came.clone() }
    };
    let content = &asked.content;
    vehicle::Content {
        source: came.source.or(Some(content.source)),
        domestic: came.domestic.or(Some(!content.imported)),
        special_need_reason: said(&came.special_need_reason, &content.special_need_reason),
        work_need_reason: said(&came.work_need_reason, &content.work_need_reason),
        ..came.clone()
    }
}

/// Refuses what was not approved, and what passes the standard of the day it came.
async fn check(
    tx: &mut Tx,
    ctx: &Ctx,
    (asked, approved_on): (&Acquisition, NaiveDate),
    came: &vehicle::Content,
    invoice: Option<&Voucher>,
) -> Result<()> {
    let to = (asked.organization.clone(), asked.region.clone());
    let excess = holding::excess_of(tx, ctx, &to, came).await?;
    let mut fields = Fields::new();
    refuse_unlike(&mut fields, asked, came);
    refuse_before(&mut fields, "vehicle.acquired_on", came.acquired_on, approved_on);
    refuse_excess(&mut fields, "vehicle", &excess);
    fields.finish()?;
    let mut fields = Fields::new();
    if asked.content.source == Source::Purchase && invoice.is_none() {
        wire::require_invoice(&mut fields);
    }
    fields.finish()
}

/// Posts the price against the money that was committed.
async fn pay(
    tx: &mut Tx,
    ctx: &Ctx,
    (asked, approved_on): (&Acquisition, NaiveDate),
    came: &Vehicle,
    invoice: Option<&Voucher>,
) -> Result<Option<Entry>> {
    // What is leased is paid by and by, what is allocated not at all.
    let Some(invoice) = invoice.filter(|_| asked.content.source == Source::Purchase) else {
        return Ok(None);
    };
    let booking = Booking {
        organization: asked.organization.clone(),
        paid_by: asked.payer().clone(),
        category: PURCHASE,
        amount: came.content.price_fen,
        source_resource: came.resource(),
        approval_reference: asked.approval.to_string(),
    };
    let entry = voucher::book(tx, ctx, invoice, booking).await?;
    let field = if matches!(invoice, Voucher::Entry(_)) { "entry_id" } else { "paid_on" };
    let mut fields = Fields::new();
    refuse_before(&mut fields, field, entry.content.occurred_on, approved_on);
    fields.finish()?;
    if store::paid_by(tx, entry.id).await? {
        let mut fields = Fields::new();
        fields.refuse("entry_id", &ENTRY_TAKEN, "another vehicle was paid by it");
        fields.finish()?;
    }
    Ok(Some(entry))
}
