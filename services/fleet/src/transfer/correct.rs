//! Putting the day of a transfer right that was mistyped.

use chrono::NaiveDate;
use steward_chassis::resource::OUT_OF_RANGE;
use steward_chassis::{Ctx, Error, Fields, Result};
use steward_db::Tx;

use super::actions::{either_side, put_day};
use super::{Correction, TRANSFER_DAY_ENGAGED, Transfer, store};
use crate::request::{State, not_before_approval};
use crate::{card, cost, holder, vehicle};

/// So many of what is in the way are named.
const NAMED: usize = 5;

/// Corrects the day of hand-over of a transfer that was carried out. Who held the vehicle on the days in
/// between follows from it, and what is that one's with it.
///
/// Errors: those of [`either_side`], `REQUEST_STATE`, `OUT_OF_RANGE`, `TRANSFER_DAY_ENGAGED`.
pub(super) async fn correct(tx: &mut Tx, ctx: &Ctx, input: &Correction) -> Result<Transfer> {
    let old = either_side(tx, ctx, input.id, input.version).await?;
    old.state.must_be(&[State::Completed])?;
    let said = old.transferred_on;
    let said = said.ok_or_else(|| Error::internal("a transfer was carried out on no day"))?;
    not_before_approval(tx, old.approval, ("transferred_on", input.on)).await?;
    // Who records something of the vehicle holds it too: one of both sees what the other did.
    let vehicle = vehicle::actions::hold(tx, old.vehicle).await?;
    let (came, went) = store::beside(tx, &old).await?;
    check_between((came, went.or(vehicle.disposed_on)), input.on)?;
    refuse_engaged(tx, &old, (said, input.on)).await?;
    let before = holder::actions::of(tx, &[old.vehicle]).await?;
    vehicle::holding::replated_on(tx, old.id.uuid(), input.on).await?;
    card::actions::stayed_behind(tx, old.id.uuid(), input.on).await?;
    let (on, correction) = (Some(input.on), input.reason.clone());
    let mut new = Transfer { transferred_on: on, correction, ..old.clone() };
    put_day(tx, ctx, &old, &mut new, &before).await?;
    Ok(new)
}

/// Refuses a day before the vehicle came to the giver, or after it left the receiver. One day may see
/// several transfers, as when they are carried out.
pub(super) fn check_between(
    (came, went): (Option<NaiveDate>, Option<NaiveDate>),
    on: NaiveDate,
) -> Result<()> {
    let mut fields = Fields::new();
    if let Some(came) = came.filter(|came| on < *came) {
        let message = format!("the giver got the vehicle on {came}");
        fields.refuse("transferred_on", &OUT_OF_RANGE, message);
    } else if let Some(went) = went.filter(|went| on > *went) {
        let message = format!("the vehicle left the receiver on {went}");
        fields.refuse("transferred_on", &OUT_OF_RANGE, message);
    }
    fields.finish()
}

/// Refuses to move days from one side to the other on which something was recorded for the one that loses
/// them. What is booked for the other one already is right by the correction, and no hindrance.
async fn refuse_engaged(
    tx: &mut Tx,
    it: &Transfer,
    (said, on): (NaiveDate, NaiveDate),
) -> Result<()> {
    let gains = if on < said { &it.to.0 } else { &it.from.0 };
    let days = (on.min(said), on.max(said));
    let found = cost::actions::recorded_for_others(tx, it.vehicle, gains, days).await?;
    if found.is_empty() {
        return Ok(());
    }
    let mut named = found.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if found.len() > NAMED {
        named = format!("{named} and {} more", found.len() - NAMED);
    }
    let message = format!("recorded from {} until before {}: {named}", days.0, days.1);
    Err(Error::new(&TRANSFER_DAY_ENGAGED, message))
}
