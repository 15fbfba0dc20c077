//! How organizations became others (机构改革): mergers, splits, transfers of a function, abolitions.

pub(crate) mod actions;
pub mod rpc;
mod rules;
pub(crate) mod store;
mod wire;

pub(crate) use rules::{all_handed_on, part_faults, same};

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::OrganizationCode;

/// The parts do not fit the kind.
pub const SHARES_MALFORMED: Reason =
    Reason::new("SHARES_MALFORMED", Class::InvalidArgument, "变更关系或分摊比例与变更类型不符");
/// An organization is no more, or not yet there, on the day.
pub const ORGANIZATION_ENDED: Reason =
    Reason::new("ORGANIZATION_ENDED", Class::FailedPrecondition, "该单位在该日期尚未设立或已终止");
/// It is recorded already, one of those that it ends has another of a later day, or more is handed on
/// than there is.
pub const SUCCESSION_CONFLICT: Reason =
    Reason::new("SUCCESSION_CONFLICT", Class::FailedPrecondition, "与已登记的机构变更冲突");
/// It is revoked already.
pub const SUCCESSION_REVOKED: Reason =
    Reason::new("SUCCESSION_REVOKED", Class::FailedPrecondition, "该机构变更已撤销");

/// All, in millionths.
pub(crate) const WHOLE_PPM: i32 = 1_000_000;

steward_kernel::id! {
    /// The id of a succession.
    SuccessionId
}

steward_kernel::named! {
    /// What happened: one or more became part of one (合并), one became several (分立), a function
    /// went from one to others (职能划转), they were abolished and nobody took their place (撤销).
    Kind {
        Merger = 1 "merger",
        Split = 2 "split",
        Transfer = 3 "transfer",
        Abolition = 4 "abolition",
    }
}

/// Who became whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The organization that was.
    pub predecessor: OrganizationCode,
    /// The one that took its place; `None` for an abolition.
    pub successor: Option<OrganizationCode>,
    /// The share of the predecessor that it stands for, in millionths.
    pub share_ppm: i32,
}

/// What is told of a succession.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What happened.
    pub kind: Kind,
    /// The first day of the new structure.
    pub effective_on: NaiveDate,
    /// The document that says so; may be empty.
    pub document_no: String,
    /// The function that was transferred, or a note; may be empty.
    pub note: String,
    /// Who became whom.
    pub parts: Vec<Part>,
}

impl Content {
    /// All organizations that it names.
    pub fn organizations(&self) -> BTreeSet<OrganizationCode> {
        let named = |part: &Part| [Some(part.predecessor.clone()), part.successor.clone()];
        self.parts.iter().flat_map(named).flatten().collect()
    }

    /// Those that were.
    pub fn predecessors(&self) -> BTreeSet<&OrganizationCode> {
        self.parts.iter().map(|part| &part.predecessor).collect()
    }

    /// Those that took the place of one.
    pub fn successors_of(&self, predecessor: &OrganizationCode) -> Vec<OrganizationCode> {
        let parts = self.parts.iter().filter(|part| part.predecessor == *predecessor);
        parts.filter_map(|part| part.successor.clone()).collect()
    }

    /// Those that it ends: whoever hands on a function goes on, and so does whoever is among his own
    /// successors.
    pub fn ends(&self) -> Vec<&OrganizationCode> {
        if self.kind == Kind::Transfer {
            return Vec::new();
        }
        let all = self.predecessors().into_iter();
        all.filter(|code| !self.successors_of(code).contains(code)).collect()
    }
}

/// A succession that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// Its id.
    pub id: SuccessionId,
    /// What is told of it.
    pub content: Content,
    /// When it was recorded.
    pub record_time: DateTime<Utc>,
    /// Why it was revoked; `None` = it holds.
    pub revoke_reason: Option<String>,
}

/// A succession to take back.
#[derive(Debug, Clone)]
pub(crate) struct Revocation {
    pub(crate) id: SuccessionId,
    pub(crate) reason: String,
}

/// What a list is limited to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    /// Also those that were revoked.
    pub(crate) revoked: bool,
    /// Day and id of the last one of the page before.
    pub(crate) after: Option<(NaiveDate, SuccessionId)>,
    pub(crate) limit: i64,
}
