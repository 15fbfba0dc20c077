//! Establishments (编制): how many vehicles of a category an organization may hold, by grants (核定) of the
//! authority; how many it holds; and how many places are reserved by requests.
//!
//! A grant may cut an establishment below what is held: then it is *frozen*, which is a finding, and
//! nothing more can be reserved. What is held already is counted whatever the grants say.

pub mod actions;
mod granting;
pub mod rpc;
mod rules;
mod store;
mod wire;

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{Named as _, OrganizationCode, RegionCode};

use crate::standard::Category;

pub use granting::granted_since;
pub use rules::{Row, Sum, Summary};

/// Every place is taken or reserved.
pub const ESTABLISHMENT_EXHAUSTED: Reason =
    Reason::new("ESTABLISHMENT_EXHAUSTED", Class::FailedPrecondition, "编制已满,无空余编制");
/// No grant is in effect.
pub const ESTABLISHMENT_MISSING: Reason =
    Reason::new("ESTABLISHMENT_MISSING", Class::FailedPrecondition, "该类车辆尚未核定编制");
/// More places are taken than authorised since it was cut: nothing is bought.
pub const ESTABLISHMENT_FROZEN: Reason =
    Reason::new("ESTABLISHMENT_FROZEN", Class::FailedPrecondition, "已超编制,冻结新增车辆");
/// Establishments of this category are granted by the other authority.
pub const GRANT_AUTHORITY: Reason = Reason::new(
    "GRANT_AUTHORITY",
    Class::InvalidArgument,
    "执法执勤、特种专业技术用车编制由财政部门核定,其他由公务用车主管部门核定",
);
/// There is a grant of that organization and category from the same day on.
pub const GRANT_TAKEN: Reason =
    Reason::new("GRANT_TAKEN", Class::AlreadyExists, "该单位该类车辆在该日已有核定,请先撤销原记录");
/// It was revoked.
pub const GRANT_REVOKED: Reason =
    Reason::new("GRANT_REVOKED", Class::FailedPrecondition, "该核定记录已撤销");
/// It was filed.
pub const GRANT_FILED: Reason =
    Reason::new("GRANT_FILED", Class::FailedPrecondition, "该核定已备案");

steward_kernel::id!(
    /// A grant.
    GrantId
);

steward_kernel::named! {
    /// Who grants establishments.
    Authority {
        VehicleAuthority = 1 "vehicle_authority",
        Finance = 2 "finance",
    }
}

impl Authority {
    /// Who grants establishments of a category.
    pub fn of(category: Category) -> Self {
        match category {
            Category::Enforcement | Category::Special => Self::Finance,
            _ => Self::VehicleAuthority,
        }
    }
}

/// Whose establishment, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whose.
    pub organization: OrganizationCode,
    /// Of what.
    pub category: Category,
}

/// The establishment as a resource: `establishments/11420502000000027D/emergency`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "establishments/{}/{}", self.organization, self.category.text())
    }
}

/// The first and the last of some days.
pub(crate) type Days = (NaiveDate, NaiveDate);

/// An establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Establishment {
    /// Whose, and of what.
    pub key: Key,
    /// Where the organization lies. Not kept with the establishment.
    pub region: RegionCode,
    /// How many vehicles it may hold; `None` = no grant is in effect.
    pub authorised: Option<i64>,
    /// Whether the organization was granted an establishment of any category.
    pub any_granted: bool,
    /// How many it holds.
    pub held: i64,
    /// How many places are reserved by requests.
    pub reserved: i64,
    /// Whether it is of a pool that others use too.
    pub pool: bool,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
}

impl Establishment {
    /// How many places are free.
    pub fn free(&self) -> i64 {
        self.authorised.map_or(0, |authorised| (authorised - self.taken()).max(0))
    }

    /// How many may be taken. Where nothing is granted that is not known, until the organization is granted
    /// something: then it is none.
    pub fn limit(&self) -> Option<i64> {
        self.authorised.or(self.any_granted.then_some(0))
    }

    /// How many vehicles and requests are above what may be taken.
    pub fn over(&self) -> i64 {
        self.limit().map_or(0, |limit| (self.taken() - limit).max(0))
    }

    /// How many places are taken, by vehicles or by requests.
    pub fn taken(&self) -> i64 {
        self.held + self.reserved
    }
}

/// A grant of an establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its key.
    pub id: GrantId,
    /// Where the organization lies. Not kept with the grant.
    pub region: RegionCode,
    /// What is granted.
    pub content: Granted,
    /// When it was entered.
    pub create_time: DateTime<Utc>,
    /// By whom.
    pub create_by: String,
    /// How it was filed.
    pub filing: Option<Filing>,
    /// Why it counts no more.
    pub revocation: Option<Revocation>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// What is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// To whom, and of what.
    pub key: Key,
    /// How many vehicles.
    pub authorised: i64,
    /// The first day it counts.
    pub effective_from: NaiveDate,
    /// The number of the document.
    pub document_no: String,
    /// The day of the document.
    pub document_on: Option<NaiveDate>,
    /// Who granted it.
    pub authority: Authority,
    /// Whether it is of a pool that others use too.
    pub pool: bool,
    /// A note, or empty.
    pub note: String,
}

/// How a grant was filed (备案).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Its number there.
    pub no: String,
    /// The day.
    pub on: NaiveDate,
    /// By whom.
    pub by: String,
}

/// Why a grant counts no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// When it was revoked.
    pub time: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Asks to file the grant that has this version.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) id: GrantId,
    pub(crate) version: i64,
    pub(crate) no: String,
    pub(crate) on: NaiveDate,
}

/// Asks to revoke the grant that has this version.
#[derive(Debug)]
pub(crate) struct Revoke {
    pub(crate) id: GrantId,
    pub(crate) version: i64,
    pub(crate) reason: String,
}

/// What a list of establishments is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) category: Option<Category>,
    pub(crate) over_only: bool,
    pub(crate) free_only: bool,
    /// The last one of the page before: organization and category.
    pub(crate) after: Option<(String, String)>,
    pub(crate) limit: i64,
}

/// What a list of grants is limited to.
#[derive(Debug)]
pub(crate) struct ListedGrants {
    pub(crate) filter: Filter,
    pub(crate) category: Option<Category>,
    pub(crate) unfiled_only: bool,
    /// The last one of the page before: organization, category, first day and id.
    pub(crate) after: Option<(String, String, NaiveDate, GrantId)>,
    pub(crate) limit: i64,
}
