//! Who holds which position.

pub(crate) mod actions;
pub mod rpc;
mod store;
pub(crate) mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern};

use crate::position::Position;

/// An authority is held for regions, every other position at an organization.
pub const POSITION_PLACE: Reason = Reason::new(
    "POSITION_PLACE",
    Class::InvalidArgument,
    "主管部门岗位按区域设置,其他岗位按单位设置",
);

steward_kernel::id!(
    /// An officeholder.
    OfficeholderId
);

/// Where a position is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At an organization.
    Organization(OrganizationCode),
    /// For the regions of a pattern.
    Region(RegionPattern),
}

/// Somebody who holds a position for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officeholder {
    /// Its key.
    pub id: OfficeholderId,
    /// The subject of his tokens.
    pub subject: String,
    /// His name.
    pub name: String,
    /// What he holds.
    pub position: Position,
    /// Where he holds it.
    pub place: Place,
    /// Where that organization lies. Not kept with the officeholder.
    pub region: Option<RegionCode>,
    /// The first day.
    pub from: NaiveDate,
    /// The first day on which he no longer holds it.
    pub until: Option<NaiveDate>,
    /// When it was entered.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A position that somebody holds somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) holder: String,
    pub(crate) position: Position,
    pub(crate) place: Place,
}

/// An officeholder to be entered.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) position: Position,
    pub(crate) place: Place,
    pub(crate) from: NaiveDate,
    pub(crate) until: Option<NaiveDate>,
}

/// From when on the officeholder of this version no longer holds his position.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) id: OfficeholderId,
    pub(crate) version: i64,
    pub(crate) until: NaiveDate,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) position: Option<Position>,
    pub(crate) subject: Option<String>,
    pub(crate) on: Option<NaiveDate>,
    pub(crate) after: Option<OfficeholderId>,
    pub(crate) limit: i64,
}
