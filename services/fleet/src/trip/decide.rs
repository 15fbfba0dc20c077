//! What becomes of a trip when its approval is decided.

use futures::future::BoxFuture;
use steward_approval::{Approval, State as Decision};
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;

use super::{EMERGENCY_HAPPENED, Kind, State, Trip, actions, judge, store};

/// The use of an official vehicle, as a kind of request.
pub const KIND: steward_approval::Kind =
    steward_approval::Kind { code: "vehicle_trip", name: "公务用车出行", decided };

fn decided<'t>(tx: &'t mut Tx, ctx: &'t Ctx, approval: &'t Approval) -> BoxFuture<'t, Result<()>> {
    Box::pin(follow(tx, ctx, approval))
}

async fn follow(tx: &mut Tx, ctx: &Ctx, approval: &Approval) -> Result<()> {
    let found = store::of_approval(tx, approval.id).await?;
    let old = found.ok_or_else(|| Error::internal(format!("{} has no trip", approval.id)))?;
    let taken_back = matches!(approval.state, Decision::Withdrawn | Decision::Cancelled);
    if taken_back && old.kind == Kind::Emergency {
        return Err(Error::new(&EMERGENCY_HAPPENED, format!("trip {} has happened", old.id)));
    }
    let Some(new) = after(ctx, &old, approval.state) else { return Ok(()) };
    let new = actions::keep(tx, ctx, &old, new).await?;
    if new.kind == Kind::Emergency {
        judge::judge_approval(tx, ctx, &[new]).await?;
    }
    Ok(())
}

/// The trip after a decision; `None` where it stays as it is. An emergency trip has departed: whether it
/// is approved or refused changes nothing of how far it is. One that was moved has its vehicle already.
fn after(ctx: &Ctx, trip: &Trip, decision: Decision) -> Option<Trip> {
    let next = trip.next(ctx.now());
    let state = match decision {
        Decision::Approved if trip.kind == Kind::Emergency => trip.state,
        Decision::Approved if trip.dispatch.is_some() => State::Ordered,
        Decision::Approved => State::Approved,
        Decision::Refused if trip.kind == Kind::Emergency => {
            return Some(Trip { refuse_time: Some(ctx.now()), ..next });
        }
        Decision::Refused => State::Refused,
        Decision::Withdrawn if trip.kind == Kind::Ordinary => State::Cancelled,
        _ => return None,
    };
    if decision == Decision::Approved {
        let approved = Some(trip.plan.window);
        return Some(Trip { state, approve_time: Some(ctx.now()), approved, ..next });
    }
    Some(Trip { state, booked: None, ..next })
}
