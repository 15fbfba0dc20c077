//! Grants as texts, in tokens and in configuration.

use steward_proto::types::v1::Role;

use crate::config::GrantConfig;
use crate::identity::Grant;

impl GrantConfig {
    /// The grant; `None` where it is not one.
    pub(super) fn read(&self) -> Option<Grant> {
        Some(Grant {
            role: role(&self.role)?,
            domain: (self.domain != "*").then(|| self.domain.clone()),
            regions: all(&self.regions)?,
            organizations: all(&self.organizations)?,
        })
    }
}

/// A role by its name: `operator`; `None` for what is no role.
pub fn role(name: &str) -> Option<Role> {
    Role::from_str_name(&format!("ROLE_{}", name.to_ascii_uppercase()))
        .filter(|role| *role != Role::Unspecified)
}

/// All texts as what they stand for.
pub(super) fn all<T: std::str::FromStr>(texts: &[String]) -> Option<Vec<T>> {
    texts.iter().map(|text| text.parse().ok()).collect()
}
