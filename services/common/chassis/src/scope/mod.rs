//! What a caller may reach, and what a request asks for within it.

mod admit;
mod filter;
pub mod store;

pub use admit::{Life, admit_one, admitted, refusal, region_admitted};
pub use filter::Filter;

use std::collections::{BTreeMap, BTreeSet};

use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern};

use crate::error::{Class, Error, Reason, Result};

/// The organization, or the right to write for it, lies outside the caller's grants.
pub const SCOPE_DENIED: Reason =
    Reason::new("SCOPE_DENIED", Class::PermissionDenied, "超出授权的单位或区域范围");
/// A local key that the directory has not given.
pub const ORGANIZATION_UNKNOWN: Reason =
    Reason::new("ORGANIZATION_UNKNOWN", Class::InvalidArgument, "单位未登记");

/// The organization was not established yet on a day for which something is written for it, or was no
/// more. What happened is kept all the same, if it is said to be so.
pub const ORGANIZATION_NOT_THERE: Reason = Reason::new(
    "ORGANIZATION_NOT_THERE",
    Class::InvalidArgument,
    "该日单位尚未设立或已撤并,请核对后确认",
);

/// The regions and organizations of a caller's grants: their union. The default reaches nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    regions: BTreeSet<RegionPattern>,
    organizations: BTreeSet<OrganizationCode>,
}

impl Scope {
    /// The scope of one pattern.
    pub fn of(pattern: RegionPattern) -> Self {
        Self { regions: [pattern].into(), organizations: BTreeSet::new() }
    }

    pub(crate) fn add(&mut self, regions: &[RegionPattern], organizations: &[OrganizationCode]) {
        self.regions.extend(regions.iter().cloned());
        self.organizations.extend(organizations.iter().cloned());
    }

    /// Whether nothing is out of reach.
    pub fn is_everything(&self) -> bool {
        self.regions.contains(&RegionPattern::All)
    }

    /// Whether a whole region is within reach.
    pub fn covers_region(&self, region: &RegionCode) -> bool {
        self.regions.iter().any(|pattern| pattern.matches(region))
    }

    /// Whether every region of a pattern is within reach.
    pub fn covers_pattern(&self, pattern: &RegionPattern) -> bool {
        self.regions.iter().any(|mine| mine.covers(pattern))
    }

    /// Whether a region of a pattern is within reach, as far as whole regions are granted.
    pub fn meets_pattern(&self, pattern: &RegionPattern) -> bool {
        self.regions.iter().any(|mine| mine.covers(pattern) || pattern.covers(mine))
    }

    /// Whether an organization in a region is within reach.
    pub fn covers(&self, organization: &OrganizationCode, region: &RegionCode) -> bool {
        self.organizations.contains(organization) || self.covers_region(region)
    }

    /// Whether an organization is granted by name.
    pub fn names(&self, organization: &OrganizationCode) -> bool {
        self.organizations.contains(organization)
    }

    /// Whether all that another scope reaches is within reach.
    pub fn covers_scope(&self, other: &Self) -> bool {
        other.regions.iter().all(|pattern| self.covers_pattern(pattern))
            && other.organizations.iter().all(|code| {
                self.organizations.contains(code)
                    || code.assumed_region().is_some_and(|region| self.covers_region(&region))
            })
    }

    /// The scope as one text, for keeping.
    pub(crate) fn to_text(&self) -> String {
        let regions: Vec<_> = self.regions.iter().map(ToString::to_string).collect();
        let organizations: Vec<_> =
            self.organizations.iter().map(OrganizationCode::as_str).collect();
        format!("{};{}", regions.join(" "), organizations.join(" "))
    }

    /// The scope of a kept text.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let (regions, organizations) = text.split_once(';')?;
        let parsed = (
            regions
                .split_whitespace()
                .map(|pattern| pattern.parse().ok())
                .collect::<Option<_>>()?,
            organizations
                .split_whitespace()
                .map(|code| code.parse().ok())
                .collect::<Option<_>>()?,
        );
        Some(Self { regions: parsed.0, organizations: parsed.1 })
    }

    /// The organizations that are granted by name.
    pub fn organizations(&self) -> impl Iterator<Item = &OrganizationCode> {
        self.organizations.iter()
    }
}

/// What is told of a local key that is not known. It may have been made a moment ago.
pub(crate) fn unknown(code: &OrganizationCode) -> String {
    format!("organization {code} is not known here; one just created is known in a moment")
}

/// Makes sure that organizations are known to this database and tells the region of each. A unified
/// code is known on first use, with the region in it; a local key only after the directory gave it.
///
/// Errors: [`ORGANIZATION_UNKNOWN`] naming the first local key that is not known.
pub async fn admit(
    tx: &mut Tx,
    codes: &BTreeSet<OrganizationCode>,
) -> Result<BTreeMap<OrganizationCode, RegionCode>> {
    let mut known = store::regions(tx, codes).await?;
    let mut new = Vec::new();
    for code in codes {
        if known.contains_key(code) {
            continue;
        }
        let region = code
            .assumed_region()
            .ok_or_else(|| Error::new(&ORGANIZATION_UNKNOWN, unknown(code)))?;
        new.push((code.clone(), region));
    }
    if !new.is_empty() {
        store::insert(tx, &new).await?;
        // Someone else may have made the row first, with a region that the directory gave.
        known = store::regions(tx, codes).await?;
    }
    Ok(known)
}
