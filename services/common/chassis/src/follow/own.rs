//! Who a service is when it calls another one in its process.

use std::sync::Arc;

use steward_kernel::RegionPattern;
use steward_proto::types::v1::Role;

use crate::ctx::SERVICE_SUBJECT;
use crate::identity::{Grant, Identity};

/// An identity that the layers believe without a token. It lies beside a request in memory, never in
/// it: nothing that comes over the network can carry one, and only this crate can make one.
#[derive(Debug, Clone)]
pub(crate) struct InProcess(Arc<Identity>);

impl InProcess {
    /// Who follows the directory: may read there, everywhere.
    pub(crate) fn follower() -> Self {
        let grant = Grant {
            role: Role::Viewer,
            domain: Some("directory".to_owned()),
            regions: vec![RegionPattern::All],
            organizations: Vec::new(),
        };
        let subject = SERVICE_SUBJECT.to_owned();
        Self(Arc::new(Identity::new(subject, vec![grant])))
    }

    /// The identity.
    pub(crate) fn into_identity(self) -> Arc<Identity> {
        self.0
    }
}
