//! Administrative regions (行政区划).

pub(crate) mod actions;
pub mod rpc;
pub(crate) mod store;
pub(crate) mod wire;

use chrono::{DateTime, Utc};
use steward_chassis::{Class, Reason};
use steward_kernel::RegionCode;

/// The code is taken.
pub const REGION_EXISTS: Reason =
    Reason::new("REGION_EXISTS", Class::AlreadyExists, "该行政区划已登记");

/// A region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// `420502`, or `420500-01` for a local one.
    pub code: RegionCode,
    /// 西陵区.
    pub name: String,
    /// When it was last changed; `None` for those that came with the system.
    pub update_time: Option<DateTime<Utc>>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The last one of the page before.
    pub(crate) after: Option<String>,
    pub(crate) limit: i64,
}

/// A change to the region that has this version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) code: RegionCode,
    pub(crate) version: i64,
    pub(crate) name: String,
}
