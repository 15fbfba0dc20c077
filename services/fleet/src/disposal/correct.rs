//! Putting the day and the certificate of a disposal right that were mistyped.

use chrono::NaiveDate;
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;

use super::actions::{own, put};
use super::{Correction, Disposal, End, complete};
use crate::card;
use crate::request::{State, handed};
use crate::vehicle::{self, holding};

/// Corrects how a disposal ended that was carried out. Whether it was sold for too little does not depend on
/// what can be corrected.
///
/// Errors: those of [`own`], `REQUEST_STATE`, `OUT_OF_RANGE`, `CERTIFICATE_MISSING`.
pub(super) async fn correct(tx: &mut Tx, ctx: &Ctx, input: &Correction) -> Result<Disposal> {
    let old = own(tx, ctx, input.id, input.version).await?;
    old.state.must_be(&[State::Completed])?;
    let said = old.end.clone();
    let said = said.ok_or_else(|| Error::internal("a disposal was carried out on no day"))?;
    let on = input.on.unwrap_or(said.on);
    let certificate_no = input.certificate_no.clone().unwrap_or(said.certificate_no);
    let end = End { on, proceeds: said.proceeds, certificate_no };
    complete::check(tx, &old, &end).await?;
    if on != said.on {
        go(tx, ctx, &old, (said.on, on), &input.reason).await?;
    }
    let (end, correction) = (Some(end), input.reason.clone());
    let mut new = Disposal { end, correction, ..old.clone() };
    put(tx, ctx, &old, &mut new).await?;
    Ok(new)
}

/// Has the vehicle go on another day than was said. What came in stays on the day on which it was paid in.
async fn go(
    tx: &mut Tx,
    ctx: &Ctx,
    it: &Disposal,
    (said, on): (NaiveDate, NaiveDate),
    reason: &str,
) -> Result<()> {
    // Who records something of the vehicle holds it too: one of both sees what the other did.
    let vehicle = vehicle::actions::hold(tx, it.vehicle).await?;
    complete::check_came(tx, it.vehicle, on).await?;
    holding::disposed_on(tx, ctx, &vehicle, (on, reason)).await?;
    card::actions::stayed_behind(tx, it.id.uuid(), on).await?;
    handed::again(tx, ctx, it.vehicle, on.min(said)).await
}
