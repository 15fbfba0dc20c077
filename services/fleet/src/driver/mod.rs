//! Drivers of official vehicles: who drives, and with which licence.

pub(crate) mod actions;
pub mod rpc;
mod store;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{OrganizationCode, RegionCode};

/// Another active driver of the organization has the same name: perhaps the same person, who could then
/// be sent out twice at once.
pub const DRIVER_SAME_NAME: Reason = Reason::new(
    "DRIVER_SAME_NAME",
    Class::InvalidArgument,
    "本单位已有同名在岗驾驶员,请核对后确认",
);

steward_kernel::id!(
    /// A driver.
    DriverId
);

/// A driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    /// Its key.
    pub id: DriverId,
    /// Who employs the driver.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with the driver.
    pub region: RegionCode,
    /// What can be changed.
    pub content: Content,
    /// When it was entered.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

steward_kernel::content! {
    /// What of a driver can be changed.
    Content / Draft {
        /// The name.
        name: String,
        /// The subject of the driver's own tokens, or empty.
        subject: String,
        /// The class of the licence.
        licence_class: LicenceClass,
        /// The last day on which the licence is valid.
        licence_expires_on: NaiveDate,
        /// Whether the driver drives.
        state: State,
    }
}

steward_kernel::named! {
    /// The class of a driving licence.
    LicenceClass {
        A1 = 1 "a1",
        A2 = 2 "a2",
        A3 = 3 "a3",
        B1 = 4 "b1",
        B2 = 5 "b2",
        C1 = 6 "c1",
        C2 = 7 "c2",
    }
}

steward_kernel::named! {
    /// Whether a driver drives.
    State {
        Active = 1 "active",
        Left = 2 "left",
    }
}

/// A driver to be entered.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) organization: OrganizationCode,
    pub(crate) content: Content,
}

/// A change to the driver that has this version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: DriverId,
    pub(crate) version: i64,
    pub(crate) draft: Draft,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) state: Option<State>,
    /// The licence is not valid any more on this day.
    pub(crate) licence_expired_on: Option<NaiveDate>,
    /// Name and id of the last one of the page before.
    pub(crate) after: Option<(String, DriverId)>,
    pub(crate) limit: i64,
}
