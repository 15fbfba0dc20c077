//! Acquiring vehicles (配备更新): request, approval, registration.

pub(crate) mod actions;
mod check;
pub(crate) mod register;
pub mod rpc;
mod rules;
mod store;
mod wire;

use chrono::{DateTime, Utc};
use steward_approval::ApprovalId;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{Fen, OrganizationCode, RegionCode};
use steward_ledger::entry::EntryId;

use crate::request::State;
use crate::request::voucher::Voucher;
use crate::standard::{Body, Category, PowerSource, Source};
use crate::vehicle::{self, VehicleId};

/// A vehicle is replaced before its years of use, without a reason.
pub const RENEWAL_EARLY: Reason = Reason::new(
    "RENEWAL_EARLY",
    Class::FailedPrecondition,
    "车辆未达到规定使用年限,提前更新须说明原因",
);
/// The vehicle that is to be replaced is for something else, or of another organization.
pub const RENEWAL_UNLIKE: Reason = Reason::new(
    "RENEWAL_UNLIKE",
    Class::FailedPrecondition,
    "被更新车辆须为同一单位同一类别的在编车辆",
);
/// The vehicle that came is not the one that was approved.
pub const ACQUISITION_DIFFERS: Reason =
    Reason::new("ACQUISITION_DIFFERS", Class::FailedPrecondition, "登记车辆与批准的配备申请不符");
/// The vehicle that is replaced is still held.
pub const REPLACED_VEHICLE_HELD: Reason = Reason::new(
    "REPLACED_VEHICLE_HELD",
    Class::FailedPrecondition,
    "被更新车辆尚未处置,不能登记新车",
);
/// In principle it is a new-energy vehicle.
pub const NEW_ENERGY_EXPECTED: Reason = Reason::new(
    "NEW_ENERGY_EXPECTED",
    Class::InvalidArgument,
    "此类车辆原则上应配备新能源汽车,请核对后确认",
);
/// An invoice without its day, or a day without its invoice; or a purchase without both.
pub const INVOICE_INCOMPLETE: Reason =
    Reason::new("INVOICE_INCOMPLETE", Class::InvalidArgument, "发票号与付款日期须同时填写");

steward_kernel::id!(
    /// An acquisition.
    AcquisitionId
);

/// An acquisition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquisition {
    /// Its key.
    pub id: AcquisitionId,
    /// Who shall hold the vehicle.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with it.
    pub region: RegionCode,
    /// What the vehicle is for.
    pub category: Category,
    /// The vehicle that it replaces.
    pub replaces: Option<VehicleId>,
    /// What can be corrected.
    pub content: Content,
    /// How far it is.
    pub state: State,
    /// Its approval.
    pub approval: ApprovalId,
    /// The vehicle that was registered.
    pub vehicle: Option<VehicleId>,
    /// The entry by which it was paid.
    pub entry: Option<EntryId>,
    /// Whether a place of the establishment is reserved for it.
    pub holds_place: bool,
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
    /// What of a request can be corrected.
    Content / Draft {
        /// Where it comes from.
        source: Source,
        /// Its body.
        body: Body,
        /// What drives it.
        power_source: PowerSource,
        /// Brand and model, or empty.
        model: String,
        /// Engine displacement in millilitres.
        displacement_ml: i32,
        /// The price, tax included.
        price_fen: Fen,
        /// The price without the purchase tax; 0 = not known.
        price_before_tax_fen: Fen,
        /// Seats.
        seats: i32,
        /// Of a foreign brand.
        imported: bool,
        /// Why an ordinary car does not do.
        special_need_reason: String,
        /// Why law enforcement needs the higher limits.
        work_need_reason: String,
        /// What is fitted beyond the standard.
        luxury_fitout: String,
        /// In whose name, if not the organization's.
        registered_owner: String,
        /// Why it is needed.
        reason: String,
        /// Why the old one goes early.
        early_renewal_reason: String,
        /// Whose budget pays; `None` = the organization's.
        paid_by: Option<OrganizationCode>,
        /// The year of the budget.
        fiscal_year: i32,
        /// Why it may pass the budget.
        budget_override_reason: String,
    }
}

impl Acquisition {
    /// Whose budget pays.
    pub(crate) fn payer(&self) -> &OrganizationCode {
        self.content.paid_by.as_ref().unwrap_or(&self.organization)
    }

    /// As approvals and entries refer to it.
    pub(crate) fn resource(&self) -> String {
        format!("acquisitions/{}", self.id)
    }
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) organization: OrganizationCode,
    pub(crate) category: Category,
    pub(crate) replaces: Option<VehicleId>,
    pub(crate) content: Content,
}

/// A correction of the request that has this version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: AcquisitionId,
    pub(crate) version: i64,
    pub(crate) draft: Draft,
}

/// A request that is given up, in this version.
#[derive(Debug)]
pub(crate) struct Cancelled {
    pub(crate) id: AcquisitionId,
    pub(crate) version: i64,
    pub(crate) reason: String,
}

/// The vehicle that came for the request that has this version.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) id: AcquisitionId,
    pub(crate) version: i64,
    pub(crate) vehicle: vehicle::Content,
    pub(crate) invoice: Option<Voucher>,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) state: Option<State>,
    pub(crate) category: Option<Category>,
    /// The last one of the page before.
    pub(crate) after: Option<AcquisitionId>,
    pub(crate) limit: i64,
}
