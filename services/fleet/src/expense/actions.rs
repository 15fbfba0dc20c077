//! What can be done with expenses, and what is done beside when the ledger books.

use std::collections::BTreeSet;

use chrono::Datelike as _;
use steward_chassis::resource::{not_found, writable};
use steward_chassis::{Ctx, Result, audit};
use steward_db::Tx;
use steward_ledger::Entry;

use super::{Expense, ExpenseId, Listed, checks, store, wire};
use crate::holder::BEGINNING;
use crate::norm;
use crate::odometer::{self, Source};
use crate::vehicle::{self, Known};

pub(crate) use super::record::record;

/// The expense, if it lies within the caller's scope.
pub(super) async fn get(tx: &mut Tx, ctx: &Ctx, id: ExpenseId) -> Result<Expense> {
    store::find(tx, ctx.scope(), id).await?.ok_or_else(|| not_found("expense", id))
}

/// Expenses within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Expense>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Reverses an expense.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ENTRY_ALREADY_REVERSED`.
pub(super) async fn reverse(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ExpenseId,
    reason: &str,
) -> Result<Expense> {
    let expense = own(tx, ctx, id).await?;
    vehicle::actions::hold_all(tx, &[expense.vehicle_id]).await?;
    let reversal = steward_ledger::reverse_entry(tx, ctx, expense.entry, reason).await?;
    booked(tx, ctx, std::slice::from_ref(&reversal)).await?;
    get(tx, ctx, id).await
}

/// What the fleet does when entries were booked, whoever booked them: takes back the expenses whose
/// entries were reversed, and holds vehicles against their norms.
pub(crate) async fn booked(tx: &mut Tx, ctx: &Ctx, entries: &[Entry]) -> Result<()> {
    for reversal in entries {
        let Some(entry) = reversal.reverses else { continue };
        for expense in store::booked(tx, &[entry]).await? {
            take_back(tx, ctx, &expense, reversal).await?;
        }
    }
    norm::actions::booked(tx, ctx, entries).await
}

/// Holds expenses against the rules again, because what they are judged by was entered or corrected. Who calls
/// holds the vehicle.
pub(crate) async fn again(tx: &mut Tx, ctx: &Ctx, of: Known<'_>) -> Result<()> {
    let expenses = store::judged_by(tx, of).await?;
    let ids: BTreeSet<_> = expenses.iter().map(|it| it.vehicle_id).collect();
    let vehicles = vehicle::actions::known(tx, &Vec::from_iter(ids)).await?;
    checks::check(tx, ctx, &expenses, &vehicles).await?;
    match of {
        // Which norm it has, its body says; for which days, also when it came.
        Known::Vehicle(id) => norm::actions::again(tx, ctx, id, BEGINNING.year()).await,
        Known::Card(..) => Ok(()),
    }
}

async fn take_back(tx: &mut Tx, ctx: &Ctx, old: &Expense, reversal: &Entry) -> Result<()> {
    // Readings of a vehicle are held against one another by one at a time. Who comes from the ledger holds
    // rows of that already; where two wait for each other, one of them runs again.
    vehicle::actions::hold_all(tx, &[old.vehicle_id]).await?;
    let on = reversal.content.occurred_on;
    store::mark_reversed(tx, old.id, reversal.id, on).await?;
    for vehicle in vehicle::actions::known(tx, &[old.vehicle_id]).await?.values() {
        let source = old.id.to_string();
        odometer::actions::take_back(tx, ctx, vehicle, Source::Expense, &source).await?;
    }
    checks::clear(tx, ctx, old).await?;
    let new = Expense { reversed: Some((reversal.id, on)), ..old.clone() };
    audit::record(tx, ctx, wire::event(Some(old), &new)?).await
}

/// The expense, if the caller may see it with a grant to write.
///
/// Errors: `SCOPE_DENIED` where he may only see it, else `NOT_FOUND`.
async fn own(tx: &mut Tx, ctx: &Ctx, id: ExpenseId) -> Result<Expense> {
    let found = store::find(tx, &ctx.sight(), id).await?;
    writable(ctx, found, ("expense", id), |it| (&it.organization, &it.region))
}
