//! What time makes of trips: one that is not back, one that is not approved, a month in which there were none.

use futures::future::BoxFuture;
use steward_chassis::sweep::alone;
use steward_chassis::{Ctx, Result, write_by_service};
use steward_db::{Db, Tx};

use super::{Trip, TripId, judge, month, store};

/// At most so many in a transaction.
const AT_ONCE: i64 = 500;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
enum Late {
    Return,
    Approval,
}

/// Looks for trips that should be back, for emergency trips that should be approved, and for vehicles that
/// went without one in a month that is closed.
pub fn sweep<'t>(db: &'t Db, ctx: &'t Ctx) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move {
        for late in [Late::Return, Late::Approval] {
            let mut after = None;
            loop {
                after = write_by_service(db, ctx, |tx, ctx| Box::pin(part(tx, ctx, late, after)))
                    .await?;
                if after.is_none() {
                    break;
                }
            }
        }
        month::sweep(db, ctx).await
    })
}

/// Judges the next ones; the last of them, if there may be more.
async fn part(tx: &mut Tx, ctx: &Ctx, late: Late, after: Option<TripId>) -> Result<Option<TripId>> {
    if !alone(tx, "trips").await? {
        return Ok(None);
    }
    let trips: Vec<Trip> = match late {
        Late::Return => store::overdue(tx, ctx.now(), after, AT_ONCE).await?,
        Late::Approval => store::unapproved(tx, ctx.today(), after, AT_ONCE).await?,
    };
    match late {
        Late::Return => judge::judge_overdue(tx, ctx, &trips).await?,
        Late::Approval => judge::judge_approval(tx, ctx, &trips).await?,
    }
    let full = i64::try_from(trips.len()).is_ok_and(|count| count == AT_ONCE);
    Ok(trips.last().filter(|_| full).map(|trip| trip.id))
}
