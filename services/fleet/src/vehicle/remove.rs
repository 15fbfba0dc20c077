//! Taking what should not be there out of the register.

use chrono::{Days, NaiveDate};
use steward_chassis::resource::stale;
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_finding::finding::observe;
use steward_ledger::source;

use super::actions::own;
use super::{Mistake, State, VEHICLE_DISPOSED, VEHICLE_IN_USE, Vehicle, look, store, wire};
use crate::establishment;

/// Entries are of this day or later.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1990, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Removes a vehicle that was loaded as held and to which nothing refers.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `VEHICLE_DISPOSED`, `VEHICLE_IN_USE`.
pub(super) async fn remove(tx: &mut Tx, ctx: &Ctx, input: &Mistake) -> Result<Vehicle> {
    let old = own(tx, ctx, input.id).await?;
    if old.version != input.version {
        return Err(stale("vehicle"));
    }
    if old.state != State::Held {
        return Err(Error::new(&VEHICLE_DISPOSED, "it was disposed of"));
    }
    if old.acquisition.is_some() {
        return Err(Error::new(&VEHICLE_IN_USE, "it came by a request"));
    }
    if is_booked(tx, ctx, &old).await? {
        return Err(Error::new(&VEHICLE_IN_USE, "entries of the ledger name it"));
    }
    let mut gone = Vehicle {
        state: State::Removed,
        correction: input.reason.clone(),
        update_time: ctx.now(),
        version: old.version + 1,
        ..old.clone()
    };
    let holder = look::holder(tx, ctx, &old.organization).await?;
    let seen = look::judge(&look::rules(tx).await?, &holder, &mut gone, ctx.today());
    match store::delete(tx, &old).await {
        Ok(true) => {}
        Ok(false) => return Err(stale("vehicle")),
        // What refers to it holds it.
        Err(steward_db::Error::Foreign { .. }) => {
            return Err(Error::new(&VEHICLE_IN_USE, "requests, trips or costs refer to it"));
        }
        Err(error) => return Err(error.into()),
    }
    let (holder, category) = (&old.organization, old.content.category);
    establishment::actions::leave(tx, ctx, holder, category).await?;
    observe(tx, ctx, &seen).await?;
    audit::record(tx, ctx, wire::event(Some(&old), &gone)?).await?;
    Ok(gone)
}

/// Whether anything was ever booked for it, also what was reversed.
async fn is_booked(tx: &mut Tx, ctx: &Ctx, vehicle: &Vehicle) -> Result<bool> {
    let until = ctx.today() + Days::new(1);
    Ok(!source::sums(tx, &[vehicle.resource()], FIRST_DAY, until).await?.is_empty())
}
