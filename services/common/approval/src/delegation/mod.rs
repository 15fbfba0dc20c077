//! Who decides in whose name (代签).

pub(crate) mod actions;
pub mod rpc;
mod store;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::{Class, Reason};

use crate::position::Position;

/// Nobody is his own delegate.
pub const DELEGATE_SELF: Reason =
    Reason::new("DELEGATE_SELF", Class::InvalidArgument, "不能委托本人代签");
/// A delegation is ended by who gave it, or by a security administrator.
pub const DELEGATION_OF_OTHER: Reason =
    Reason::new("DELEGATION_OF_OTHER", Class::PermissionDenied, "只能由委托人或安全管理员终止代签");

steward_kernel::id!(
    /// A delegation.
    DelegationId
);

/// A delegation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Its key.
    pub id: DelegationId,
    /// In whose name.
    pub principal: String,
    /// Who decides.
    pub delegate: String,
    /// For which positions; none = all.
    pub positions: Vec<Position>,
    /// The first day.
    pub from: NaiveDate,
    /// The first day on which it no longer holds.
    pub until: NaiveDate,
    /// Why; may be empty.
    pub reason: String,
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Delegation {
    /// Whether it is for a position.
    pub fn is_for(&self, position: Position) -> bool {
        self.positions.is_empty() || self.positions.contains(&position)
    }
}

/// A delegation to be made.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) delegate: String,
    pub(crate) positions: Vec<Position>,
    pub(crate) from: NaiveDate,
    pub(crate) until: NaiveDate,
    pub(crate) reason: String,
}

/// From when on the delegation of this version no longer holds; `None` = at once.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) id: DelegationId,
    pub(crate) version: i64,
    pub(crate) until: Option<NaiveDate>,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) principal: Option<String>,
    pub(crate) delegate: Option<String>,
    pub(crate) on: Option<NaiveDate>,
    pub(crate) after: Option<DelegationId>,
    pub(crate) limit: i64,
}
