//! Disposing of vehicles (处置), and what that brings in.

pub(crate) mod actions;
pub(crate) mod complete;
mod correct;
pub mod rpc;
mod store;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_approval::ApprovalId;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{Fen, OrganizationCode, RegionCode};
use steward_ledger::entry::EntryId;

use crate::request::State;
use crate::request::voucher::Voucher;
use crate::vehicle::VehicleId;

/// A vehicle goes before its years of use, without a reason.
pub const DISPOSAL_EARLY: Reason = Reason::new(
    "DISPOSAL_EARLY",
    Class::FailedPrecondition,
    "车辆未达到规定使用年限,提前处置须说明原因",
);
/// What is sold is appraised before.
pub const APPRAISAL_MISSING: Reason =
    Reason::new("APPRAISAL_MISSING", Class::FailedPrecondition, "出售车辆须先评估");
/// What is auctioned or scrapped has a certificate.
pub const CERTIFICATE_MISSING: Reason =
    Reason::new("CERTIFICATE_MISSING", Class::FailedPrecondition, "拍卖、报废须填写证明编号");

steward_kernel::id!(
    /// A disposal.
    DisposalId
);

steward_kernel::named! {
    /// By which way a vehicle is disposed of.
    Way {
        HandOver = 1 "hand_over",
        Auction = 2 "auction",
        ReturnToMaker = 3 "return_to_maker",
        Scrap = 4 "scrap",
    }
}

impl Way {
    /// Whether it is sold, so that it is appraised before.
    fn is_sale(self) -> bool {
        matches!(self, Self::Auction | Self::ReturnToMaker)
    }

    /// Whether somebody certifies it.
    fn is_certified(self) -> bool {
        matches!(self, Self::Auction | Self::Scrap)
    }
}

/// A disposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposal {
    /// Its key.
    pub id: DisposalId,
    /// What is disposed of.
    pub vehicle: VehicleId,
    /// Who held it.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with it.
    pub region: RegionCode,
    /// What can be corrected.
    pub content: Content,
    /// How far it is.
    pub state: State,
    /// Its approval.
    pub approval: ApprovalId,
    /// How it ended.
    pub end: Option<End>,
    /// The entry of what it brought in.
    pub entry: Option<EntryId>,
    /// Why its end was corrected, or empty.
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
    /// What of a disposal can be corrected.
    Content / Draft {
        /// By which way.
        way: Way,
        /// The appraised value; 0 = not appraised.
        appraisal_fen: Fen,
        /// Why.
        reason: String,
        /// Why before its years of use.
        early_reason: String,
    }
}

/// How a disposal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The day it went.
    pub on: NaiveDate,
    /// What it brought in.
    pub proceeds: Fen,
    /// The certificate, or empty.
    pub certificate_no: String,
}

impl Disposal {
    /// As approvals and entries refer to it.
    pub(crate) fn resource(&self) -> String {
        format!("disposals/{}", self.id)
    }
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) vehicle: VehicleId,
    pub(crate) content: Content,
}

/// A correction of the disposal that has this version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: DisposalId,
    pub(crate) version: i64,
    pub(crate) draft: Draft,
}

/// A disposal that is carried out, in this version.
#[derive(Debug)]
pub(crate) struct Gone {
    pub(crate) id: DisposalId,
    pub(crate) version: i64,
    pub(crate) end: End,
    /// By what that came in.
    pub(crate) voucher: Option<Voucher>,
}

/// How a disposal really ended that was carried out, in this version.
#[derive(Debug)]
pub(crate) struct Correction {
    pub(crate) id: DisposalId,
    pub(crate) version: i64,
    /// `None` = as it was said.
    pub(crate) on: Option<NaiveDate>,
    /// The same.
    pub(crate) certificate_no: Option<String>,
    pub(crate) reason: String,
}

/// A disposal that is given up, in this version.
#[derive(Debug)]
pub(crate) struct Cancelled {
    pub(crate) id: DisposalId,
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
    pub(crate) after: Option<DisposalId>,
    pub(crate) limit: i64,
}
