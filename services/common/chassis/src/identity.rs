//! Who calls, and what was granted to them.

use chrono::{DateTime, Utc};
use steward_kernel::{OrganizationCode, RegionPattern};
use steward_proto::types::v1::Role;

use crate::scope::Scope;

/// The roles of those who administer a system of protection level 3 (GB/T 22239-2019, 8.1.5: system, audit
/// and security management): no caller has two of them.
const ADMINISTRATORS: [Role; 3] = [Role::SystemAdmin, Role::Auditor, Role::SecurityAdmin];

/// A caller and its grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The subject, unique and stable.
    pub subject: String,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// How it is known who calls.
    pub proof: Proof,
}

/// How it is known who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nobody proved it.
    None,
    /// By a bearer token, good until then.
    Token(DateTime<Utc>),
    /// By the certificate of a system.
    Certificate,
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
    /// A caller with some grants that nobody proved.
    pub fn new(subject: impl Into<String>, grants: Vec<Grant>) -> Self {
        Self { subject: subject.into(), grants, proof: Proof::None }
    }

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
        Self::new(subject, roles.map(everywhere).to_vec())
    }

    /// Whether the roles of administrators are kept apart: at most one of system, security and audit.
    pub fn is_separated(&self) -> bool {
        let has = |role: &&Role| self.grants.iter().any(|grant| grant.role == **role);
        ADMINISTRATORS.iter().filter(has).count() <= 1
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_are_kept_apart() {
        let of = |roles: &[Role]| {
            Identity::new("li", roles.iter().copied().map(everywhere).collect()).is_separated()
        };
        assert!(of(&[]));
        assert!(of(&[Role::Viewer, Role::Operator, Role::Manager, Role::SystemAdmin]));
        assert!(of(&[Role::Auditor, Role::Auditor, Role::Viewer]));
        assert!(!of(&[Role::SystemAdmin, Role::Auditor]));
        assert!(!of(&[Role::SecurityAdmin, Role::Viewer, Role::SystemAdmin]));
        assert!(!of(&[Role::Auditor, Role::SecurityAdmin]));
    }
}
