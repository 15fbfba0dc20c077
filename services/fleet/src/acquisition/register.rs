//! Registering the vehicle that came for an approved acquisition.

use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;
use steward_kernel::Fen;
use steward_ledger::budget;
use steward_ledger::entry::{self, Content, Entry};

use super::actions::{PURCHASE, own, put};
use super::rules::refuse_unlike;
use super::{Acquisition, Arrival, Invoice, REPLACED_VEHICLE_HELD, wire};
use crate::request::rules::refuse_excess;
use crate::request::{State, actions as request};
use crate::standard::Source;
use crate::vehicle::{New, Vehicle, holding};

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
    check(tx, ctx, &old, arrival).await?;
    let new = New { organization: old.organization.clone(), content: arrival.vehicle.clone() };
    let came = holding::acquire(tx, ctx, &new, old.id.uuid()).await?;
    let entry = pay(tx, ctx, &old, &came, arrival.invoice.as_ref()).await?;
    // What was approved and not spent is free again.
    budget::release(tx, old.approval.uuid()).await?;
    request::release(tx, old.id.uuid()).await?;
    let mut done = Acquisition {
        state: State::Completed,
        vehicle: Some(came.id),
        holds_place: false,
        ..old.clone()
    };
    put(tx, ctx, &old, &mut done).await?;
    Ok((came, done, entry))
}

/// Refuses what was not approved, and what passes the standard of the day it came.
async fn check(tx: &mut Tx, ctx: &Ctx, asked: &Acquisition, arrival: &Arrival) -> Result<()> {
    let came = &arrival.vehicle;
    let to = (asked.organization.clone(), asked.region.clone());
    let excess = holding::excess_of(tx, ctx, &to, came).await?;
    let mut fields = Fields::new();
    refuse_unlike(&mut fields, asked, came);
    refuse_excess(&mut fields, "vehicle", &excess);
    fields.finish()?;
    let mut fields = Fields::new();
    if asked.content.source == Source::Purchase
        && arrival.invoice.is_none()
        && !ctx.accept_warnings()
    {
        wire::require_invoice(&mut fields);
    }
    fields.finish()
}

/// Posts the price against the money that was committed.
async fn pay(
    tx: &mut Tx,
    ctx: &Ctx,
    asked: &Acquisition,
    came: &Vehicle,
    invoice: Option<&Invoice>,
) -> Result<Option<Entry>> {
    let (Some(invoice), true) = (invoice, came.content.price_fen > Fen::new(0)) else {
        return Ok(None);
    };
    let content = Content {
        organization: asked.organization.clone(),
        paid_by: asked.payer().clone(),
        category: PURCHASE.to_owned(),
        occurred_on: invoice.paid_on,
        service: None,
        amount: came.content.price_fen,
        quantity: Some(1),
        document_no: invoice.document_no.clone(),
        document_line: 1,
        fund_source: String::new(),
        expenditure_kind: 0,
        source_resource: came.resource(),
        approval_reference: asked.approval.to_string(),
        memo: String::new(),
    };
    let entries = entry::post_all(tx, ctx, vec![content]).await?;
    steward_domain::booked(tx, ctx, &entries).await?;
    Ok(entries.into_iter().next())
}
