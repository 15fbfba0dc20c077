//! What follows when it is told that a vehicle changed hands.

use chrono::NaiveDate;
use steward_chassis::{Ctx, Result};
use steward_db::Tx;

use crate::trip::history;
use crate::vehicle::{Known, VehicleId};
use crate::{cost, expense};

/// Judges again what rests on who held a vehicle from a day on: that it was handed over or disposed of then is
/// told, or put right, only now.
pub(crate) async fn again(tx: &mut Tx, ctx: &Ctx, id: VehicleId, from: NaiveDate) -> Result<()> {
    // What was spent on a trip is judged by whose the trip is.
    history::again(tx, ctx, id, from).await?;
    cost::actions::again(tx, ctx, id, from).await?;
    expense::actions::again(tx, ctx, Known::Vehicle(id)).await
}
