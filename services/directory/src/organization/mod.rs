//! Organizations (单位): one kind of thing for all; kind and level decide which rules apply.

pub(crate) mod actions;
pub mod rpc;
pub(crate) mod store;
mod wire;

use chrono::{DateTime, Utc};
use steward_chassis::{Class, Error, Reason, Result};
use steward_kernel::{OrganizationCode, RegionCode};

/// The code is taken.
pub const ORGANIZATION_EXISTS: Reason =
    Reason::new("ORGANIZATION_EXISTS", Class::AlreadyExists, "该单位代码已登记");
/// The mask names a field that cannot be changed.
pub const MASK_UNKNOWN: Reason =
    Reason::new("MASK_UNKNOWN", Class::InvalidArgument, "更新字段不可修改或不存在");

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
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes.
    pub version: i64,
}

/// What of an organization can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its full name.
    pub name: String,
    /// What kind of organization it is.
    pub kind: Kind,
    /// Its administrative level.
    pub level: Level,
    /// Where it lies.
    pub region: RegionCode,
}

/// An organization to be made. Without a code it gets a local key.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub(crate) code: Option<OrganizationCode>,
    pub(crate) content: Content,
}

/// A change to an organization. What is `None` stays.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) code: OrganizationCode,
    pub(crate) version: i64,
    pub(crate) name: Option<String>,
    pub(crate) kind: Option<Kind>,
    pub(crate) level: Option<Level>,
    pub(crate) region: Option<RegionCode>,
}

impl Change {
    /// The content after the change.
    pub(crate) fn applied_to(&self, old: &Content) -> Content {
        Content {
            name: self.name.clone().unwrap_or_else(|| old.name.clone()),
            kind: self.kind.unwrap_or(old.kind),
            level: self.level.unwrap_or(old.level),
            region: self.region.clone().unwrap_or_else(|| old.region.clone()),
        }
    }
}

/// An enum whose variants have a text, as it is stored and as the API names it.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant,)+ }

        impl $name {
            /// Its text.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of a text.
            pub fn of(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

named! {
    /// What kind of organization it is.
    Kind {
        PartyOrgan = "party_organ",
        PeoplesCongress = "peoples_congress",
        AdministrativeOrgan = "administrative_organ",
        ConsultativeConference = "consultative_conference",
        SupervisoryOrgan = "supervisory_organ",
        Court = "court",
        Procuratorate = "procuratorate",
        PeoplesOrganization = "peoples_organization",
        CivilServiceInstitution = "civil_service_institution",
        PublicInstitution = "public_institution",
    }
}

named! {
    /// An administrative level.
    Level {
        Province = "province",
        City = "city",
        County = "county",
        Township = "township",
    }
}
