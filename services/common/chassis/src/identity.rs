//! Who calls, and what was granted to them.

use steward_kernel::{OrganizationCode, RegionPattern};
use steward_proto::types::v1::Role;

use crate::scope::Scope;

/// A caller: the subject of a token and its grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The subject, unique and stable.
    pub subject: String,
    /// What it may do.
    pub grants: Vec<Grant>,
}

/// One role, in one domain or all, for regions and organizations. Without either it allows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The domain; `None` = every domain.
    pub domain: Option<String>,
    /// The regions.
    pub regions: Vec<RegionPattern>,
    /// The organizations, added to the regions.
    pub organizations: Vec<OrganizationCode>,
}

impl Identity {
    /// Who calls where authentication is off, on loopback: every role, everywhere.
    pub fn local() -> Self {
        let mut local = Self::named("local");
        local.grants.push(everywhere(Role::SecurityAdmin));
        local
    }

    /// Who calls there under a name of his own: every role, everywhere, but that of who says who holds which
    /// position, which goes with no decision.
    pub fn named(subject: &str) -> Self {
        let roles = [Role::Viewer, Role::Operator, Role::Manager, Role::Auditor, Role::SystemAdmin];
        Self { subject: subject.to_owned(), grants: roles.map(everywhere).to_vec() }
    }

    /// What the identity may reach in a domain (`None` = in any) with one of the roles; `None` if no
    /// grant names one of them.
    pub fn scope(&self, domain: Option<&str>, roles: &[Role]) -> Option<Scope> {
        let mut scope = None;
        for grant in &self.grants {
            let there = match (domain, grant.domain.as_deref()) {
                (Some(here), Some(granted)) => here == granted,
                _ => true,
            };
            if there && roles.contains(&grant.role) {
                let scope: &mut Scope = scope.get_or_insert_default();
                scope.add(&grant.regions, &grant.organizations);
            }
        }
        scope
    }
}

/// A role in every domain and region.
fn everywhere(role: Role) -> Grant {
    Grant { role, domain: None, regions: vec![RegionPattern::All], organizations: Vec::new() }
}
