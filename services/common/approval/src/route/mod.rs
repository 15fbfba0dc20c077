//! The ways that requests take.

pub(crate) mod actions;
pub mod rpc;
mod rules;
pub(crate) mod shipped;
mod store;
pub(crate) mod wire;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use steward_chassis::{Class, Reason};
use steward_kernel::{Fen, Named as _, RegionPattern};

use crate::position::Position;

pub(crate) use rules::{best, taken_away};

/// The domain has no requests of this kind.
pub const KIND_UNKNOWN: Reason =
    Reason::new("KIND_UNKNOWN", Class::InvalidArgument, "审批事项种类不存在");
/// There is no route for a request.
pub const ROUTE_MISSING: Reason =
    Reason::new("ROUTE_MISSING", Class::FailedPrecondition, "未设置适用的审批流程");
/// A request would be asked less than the route of a wider region asks, which is not the caller's to change.
pub const ROUTE_ASKS_LESS: Reason = Reason::new(
    "ROUTE_ASKS_LESS",
    Class::PermissionDenied,
    "本级审批流程的环节不得少于上级流程的环节",
);

steward_kernel::id!(
    /// A route.
    RouteId
);

/// A step of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Who decides.
    pub position: Position,
    /// Within how many working days, from 1.
    pub working_days: u32,
}

/// How a step is stored: `section:2`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position.text(), self.working_days)
    }
}

/// The text is no step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a position and a number of working days, such as section:2")]
pub struct StepError;

impl FromStr for Step {
    type Err = StepError;

    fn from_str(text: &str) -> Result<Self, StepError> {
        let (position, days) = text.split_once(':').ok_or(StepError)?;
        let position = position.parse().map_err(|_| StepError)?;
        let working_days = days.parse().map_err(|_| StepError)?;
        Ok(Self { position, working_days })
    }
}

/// For which requests a route is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The kind.
    pub kind: String,
    /// Which of them; empty = any.
    pub category: String,
    /// Where.
    pub region: RegionPattern,
    /// Of so much or more.
    pub amount_from: Fen,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its key.
    pub id: RouteId,
    /// For which requests it is; unique.
    pub key: Key,
    /// The steps in their order, at least one.
    pub steps: Vec<Step>,
    /// What it rests on.
    pub note: String,
    /// Whether it came with the service and nobody has changed it.
    pub shipped: bool,
    /// Whether it was not deleted.
    pub live: bool,
    /// When it was set for the first time.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A route to be set, in the place of the one of this version.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) key: Key,
    pub(crate) steps: Vec<Step>,
    pub(crate) note: String,
    pub(crate) version: Option<i64>,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) kind: Option<String>,
    pub(crate) after: Option<(String, String, String, i64)>,
    pub(crate) limit: i64,
}
