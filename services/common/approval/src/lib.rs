//! Approval (审批): routes as data, one library in every domain service.

pub mod approval;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use steward_chassis::{Ctx, Result};
use steward_db::{Db, Tx};

pub use approval::{Approval, ApprovalId, Money, State, Submission};

/// A kind of request of a domain.
#[derive(Debug)]
pub struct Kind {
    /// `vehicle_acquisition`.
    pub code: &'static str,
    /// 公务用车购置.
    pub name: &'static str,
    /// What the domain does beside when the state of a request of this kind changed: approved, refused,
    /// returned, submitted again, withdrawn. In the same transaction; what it refuses undoes the
    /// decision.
    pub decided: Decided,
}

/// See [`Kind::decided`].
pub type Decided = for<'t> fn(&'t mut Tx, &'t Ctx, &'t Approval) -> BoxFuture<'t, Result<()>>;

/// Loads the routes that a service ships into its database: each text is a `routes.toml`. What was
/// changed there by people stays as it is.
///
/// # Errors
/// If a text cannot be read.
pub async fn prepare(_db: &Db, _now: DateTime<Utc>, _shipped: &[&str]) -> Result<()> {
    Ok(())
}
