//! What becomes of a trip when its approval is decided.

use futures::future::BoxFuture;
use steward_approval::{Approval, State as Decision};
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;

use super::{Kind, State, Trip, actions, judge, store};

/// The use of an official vehicle, as a kind of request.
pub const KIND: steward_approval::Kind =
    steward_approval::Kind { code: "vehicle_trip", name: "公务用车出行", decided };

fn decided<'t>(tx: &'t mut Tx, ctx: &'t Ctx, approval: &'t Approval) -> BoxFuture<'t, Result<()>> {
    Box::pin(follow(tx, ctx, approval))
}

async fn follow(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    let found = store::of_approval(tx, approval.id).await?;
    let old = found.ok_or_else(|| Error::internal(format!("{} has no trip", approval.id)))?;
    let Some(new) = after(ctx, &old, approval.state) else { return Ok(()) };
    let new = actions::keep(tx, ctx, &old, new).await?;
    if new.kind == Kind::Emergency {
        judge::judge_approval(tx, ctx, &[new]).await?;
    }
    Ok(())
}

/// The trip after a decision; `None` where it stays as it is. An emergency trip has departed: whether it
/// is approved in the end changes nothing of how far it is.
fn after(ctx: &Ctx, trip: &Trip, decision: Decision) -> Option<Trip> {
    let emergency = trip.kind == Kind::Emergency;
    let next = trip.next(ctx.now());
    match decision {
        Decision::Approved if emergency => Some(Trip { approve_time: Some(ctx.now()), ..next }),
        Decision::Approved => {
            Some(Trip { state: State::Approved, approve_time: Some(ctx.now()), ..next })
        }
        Decision::Refused if !emergency => Some(Trip { state: State::Refused, ..next }),
        Decision::Withdrawn if !emergency => Some(Trip { state: State::Cancelled, ..next }),
        _ => None,
    }
}
