//! Transferring vehicles (调配) between organizations.

pub(crate) mod actions;
mod correct;
pub mod rpc;
mod store;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_approval::ApprovalId;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{OrganizationCode, RegionCode};

use crate::request::State;
use crate::standard::Category;
use crate::vehicle::{self, Plate, VehicleId};

/// The receiver holds the vehicle already.
pub const TRANSFER_TO_SELF: Reason =
    Reason::new("TRANSFER_TO_SELF", Class::InvalidArgument, "调入单位与调出单位相同");

/// The vehicle is no longer held by the organization that gives it.
pub const VEHICLE_MOVED: Reason =
    Reason::new("VEHICLE_MOVED", Class::FailedPrecondition, "车辆已不在调出单位名下");

/// What lies between the day that was said and the right one is booked for who would not hold the vehicle
/// then.
pub const TRANSFER_DAY_ENGAGED: Reason = Reason::new(
    "TRANSFER_DAY_ENGAGED",
    Class::FailedPrecondition,
    "原交接日期与更正日期之间已按原持有单位登记了费用或者出车,须先冲销费用、作废出车后再更正",
);

steward_kernel::id!(
    /// A transfer.
    TransferId
);

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its key.
    pub id: TransferId,
    /// What is transferred.
    pub vehicle: VehicleId,
    /// Who gives, and where that organization lies.
    pub from: (OrganizationCode, RegionCode),
    /// Who receives, likewise.
    pub to: (OrganizationCode, RegionCode),
    /// What can be corrected.
    pub content: Content,
    /// How far it is.
    pub state: State,
    /// Its approval.
    pub approval: ApprovalId,
    /// The day of hand-over.
    pub transferred_on: Option<NaiveDate>,
    /// Why that was corrected, or empty.
    pub correction: String,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

steward_kernel::content! {
    /// What of a transfer can be corrected.
    Content / Draft {
        /// What the vehicle is for at the receiver.
        category: Category,
        /// Why.
        reason: String,
        /// Why the receiver may hold more than an ordinary one: special circumstances; or empty.
        special_need_reason: String,
        /// The same: needs of work; or empty.
        work_need_reason: String,
    }
}

impl Transfer {
    /// As approvals refer to it.
    pub(crate) fn resource(&self) -> String {
        format!("transfers/{}", self.id)
    }

    /// What becomes of the vehicle.
    fn hand_over(&self, plate: Option<(Plate, NaiveDate)>) -> vehicle::HandOver {
        let content = &self.content;
        vehicle::HandOver {
            to: self.to.clone(),
            category: content.category,
            special_need_reason: content.special_need_reason.clone(),
            work_need_reason: content.work_need_reason.clone(),
            plate,
            by: self.id.uuid(),
        }
    }
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) vehicle: VehicleId,
    pub(crate) to: OrganizationCode,
    /// `None` = what it was for.
    pub(crate) category: Option<Category>,
    pub(crate) reason: String,
    pub(crate) special_need_reason: String,
    pub(crate) work_need_reason: String,
}

/// A correction of the transfer that has this version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: TransferId,
    pub(crate) version: i64,
    pub(crate) draft: Draft,
}

/// A transfer that is carried out, in this version.
#[derive(Debug)]
pub(crate) struct HandOver {
    pub(crate) id: TransferId,
    pub(crate) version: i64,
    pub(crate) on: NaiveDate,
    pub(crate) plate: Option<Plate>,
}

/// The right day of a transfer that was carried out, in this version.
#[derive(Debug)]
pub(crate) struct Correction {
    pub(crate) id: TransferId,
    pub(crate) version: i64,
    pub(crate) on: NaiveDate,
    pub(crate) reason: String,
}

/// A transfer that is given up, in this version.
#[derive(Debug)]
pub(crate) struct Cancelled {
    pub(crate) id: TransferId,
    pub(crate) version: i64,
    pub(crate) reason: String,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) state: Option<State>,
    pub(crate) vehicle: Option<VehicleId>,
    /// The last one of the page before.
    pub(crate) after: Option<TransferId>,
    pub(crate) limit: i64,
}
