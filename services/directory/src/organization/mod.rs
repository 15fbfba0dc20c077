//! Organizations (单位): one kind of thing for all; its kind and its flags decide which rules apply.

pub(crate) mod actions;
pub(crate) mod resolve;
pub mod rpc;
mod rules;
pub(crate) mod store;
pub(crate) mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Error, Reason, Result};
use steward_kernel::{OrganizationCode, RegionCode};

pub(crate) use rules::{brought_by, check_days, key, renamed};

/// The code is taken.
pub const ORGANIZATION_EXISTS: Reason =
    Reason::new("ORGANIZATION_EXISTS", Class::AlreadyExists, "该单位代码已登记");
/// A day comes after one that it must come before.
pub const DAYS_REVERSED: Reason =
    Reason::new("DAYS_REVERSED", Class::InvalidArgument, "起始日期应早于终止日期");

/// How many aliases an organization may have.
pub(crate) const MAX_ALIASES: usize = 50;

steward_kernel::id!(
    /// What the local key of an organization without a code is made of.
    LocalKey
);

impl LocalKey {
    /// `L-` and the 16 digits of the id that no other has.
    pub(crate) fn code(self) -> Result<OrganizationCode> {
        let digits = self.uuid().simple().to_string().to_ascii_uppercase();
        format!("L-{}", &digits[16..]).parse().map_err(Error::internal)
    }
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its key.
    pub code: OrganizationCode,
    /// What can be changed.
    pub content: Content,
    /// The first day it is no more.
    pub ended_on: Option<NaiveDate>,
    /// Who took its place, by code.
    pub successors: Vec<OrganizationCode>,
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

steward_kernel::content! {
    /// What of an organization can be changed.
    Content / Draft {
        /// Its full name.
        name: String,
        /// What kind of organization it is.
        kind: Kind,
        /// Its administrative level.
        level: Level,
        /// Where it lies.
        region: RegionCode,
        /// Its short name, or empty.
        short_name: String,
        /// Other names and codes.
        aliases: Vec<Alias>,
        /// The rules that bind it, in the order of their numbers, each once.
        rule_flags: Vec<RuleFlag>,
        /// The first day it is there; `None` = before anything that is kept.
        established_on: Option<NaiveDate>,
    }
}

/// Another name or code of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// What it is.
    pub kind: AliasKind,
    /// The text, as it was given.
    pub text: String,
    /// The first day it held; `None` = from the beginning.
    pub from: Option<NaiveDate>,
    /// The first day it no longer held; `None` = it holds still.
    pub until: Option<NaiveDate>,
}

steward_kernel::named! {
    /// What an alias is.
    AliasKind {
        OldCode = 1 "old_code",
        BudgetCode = 2 "budget_code",
        FullName = 3 "full_name",
        ShortName = 4 "short_name",
        FormerName = 5 "former_name",
    }
}

steward_kernel::named! {
    /// A body of rules that binds an organization.
    RuleFlag {
        Organ = 1 "organ",
        PublicInstitution = 2 "public_institution",
        CivilService = 3 "civil_service",
        PublicBody = 4 "public_body",
    }
}

steward_kernel::named! {
    /// What kind of organization it is.
    Kind {
        PartyOrgan = 1 "party_organ",
        PeoplesCongress = 2 "peoples_congress",
        AdministrativeOrgan = 3 "administrative_organ",
        ConsultativeConference = 4 "consultative_conference",
        SupervisoryOrgan = 5 "supervisory_organ",
        Court = 6 "court",
        Procuratorate = 7 "procuratorate",
        PeoplesOrganization = 8 "peoples_organization",
        CivilServiceInstitution = 9 "civil_service_institution",
        PublicInstitution = 10 "public_institution",
    }
}

steward_kernel::named! {
    /// An administrative level.
    Level {
        Province = 1 "province",
        City = 2 "city",
        County = 3 "county",
        Township = 4 "township",
    }
}

/// An organization to be made. Without a code it gets a local key.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub(crate) code: Option<OrganizationCode>,
    pub(crate) content: Content,
}

/// A change to the organization that has this version.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) code: OrganizationCode,
    pub(crate) version: i64,
    pub(crate) draft: Draft,
}

/// What a list is limited to.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) kind: Option<Kind>,
    pub(crate) level: Option<Level>,
    /// A part of the name, as names are [compared](key).
    pub(crate) name_contains: Option<String>,
    pub(crate) on_date: Option<NaiveDate>,
    pub(crate) after: Option<String>,
    pub(crate) limit: i64,
}
