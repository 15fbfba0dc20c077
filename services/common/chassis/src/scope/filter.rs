//! The regions and organizations that a request names.

use std::collections::BTreeSet;

use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern};

use super::{Scope, store};
use crate::error::{Error, NOT_FOUND, Result};
use crate::fields::{Fields, ORGANIZATION_MALFORMED, REGION_MALFORMED};

/// At most so many regions in a request.
const MAX_REGIONS: usize = 100;
/// At most so many organizations in a request.
const MAX_ORGANIZATIONS: usize = 1000;

/// What a request asks for: the union of regions and organizations; both empty = all in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub(super) regions: BTreeSet<RegionPattern>,
    pub(super) organizations: BTreeSet<OrganizationCode>,
}

impl Filter {
    /// Reads the fields `regions` and `organizations` of a request.
    pub fn parse(fields: &mut Fields, regions: &[String], organizations: &[String]) -> Self {
        fields.at_most("regions", regions.len(), MAX_REGIONS);
        fields.at_most("organizations", organizations.len(), MAX_ORGANIZATIONS);
        let mut filter = Self::default();
        for (i, text) in regions.iter().enumerate().take(MAX_REGIONS) {
            let field = format!("regions[{i}]");
            filter.regions.extend(fields.parse::<RegionPattern>(&field, text, &REGION_MALFORMED));
        }
        for (i, text) in organizations.iter().enumerate().take(MAX_ORGANIZATIONS) {
            let field = format!("organizations[{i}]");
            let code = fields.parse::<OrganizationCode>(&field, text, &ORGANIZATION_MALFORMED);
            filter.organizations.extend(code);
        }
        filter
    }

    /// These organizations alone, wherever they lie; none of them = everything.
    pub fn of(organizations: BTreeSet<OrganizationCode>) -> Self {
        Self { regions: BTreeSet::new(), organizations }
    }

    /// Whether an organization in a region is asked for.
    pub fn matches(&self, organization: &OrganizationCode, region: &RegionCode) -> bool {
        self.is_empty()
            || self.organizations.contains(organization)
            || self.regions.iter().any(|pattern| pattern.matches(region))
    }

    /// Whether everything in scope is asked for.
    pub fn is_empty(&self) -> bool {
        self.regions.is_empty() && self.organizations.is_empty()
    }

    /// Holds the request against the scope: true where the answer is only a part of what there is,
    /// because the caller may not see more.
    ///
    /// Errors: `NOT_FOUND` for a region or organization that is named outright and lies outside.
    pub async fn limited(&self, tx: &mut Tx, scope: &Scope) -> Result<bool> {
        if scope.is_everything() {
            return Ok(false);
        }
        if self.is_empty() {
            return Ok(true);
        }
        let granted = store::regions(tx, &scope.organizations().cloned().collect()).await?;
        let mut limited = false;
        for pattern in self.regions.iter().filter(|pattern| !scope.covers_pattern(pattern)) {
            limited = true;
            if let Some(region) = pattern.exact()
                && !granted.values().any(|granted| granted == region)
            {
                return Err(outside(&format!("region {region}")));
            }
        }
        let known = store::regions(tx, &self.organizations).await?;
        for code in &self.organizations {
            let region = known.get(code).cloned().or_else(|| code.assumed_region());
            if !region.is_some_and(|region| scope.covers(code, &region)) {
                return Err(outside(&format!("organization {code}")));
            }
        }
        Ok(limited)
    }
}

/// The same answer for what does not exist and for what may not be seen.
fn outside(what: &str) -> Error {
    Error::new(&NOT_FOUND, format!("{what} is not found"))
}
