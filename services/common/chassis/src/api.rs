//! The API as its descriptors say it, decoded once a process.

use std::sync::LazyLock;

use prost_reflect::{DescriptorError, DescriptorPool, MethodDescriptor};

use crate::error::{Error, Result};

static POOL: LazyLock<Result<DescriptorPool, DescriptorError>> =
    LazyLock::new(|| DescriptorPool::decode(steward_proto::DESCRIPTOR_SET));

/// The descriptors of the whole API.
pub fn pool() -> Result<&'static DescriptorPool> {
    POOL.as_ref().map_err(Error::internal)
}

/// The path of an RPC: `/package.Service/Method`.
pub fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// All RPCs of some descriptors.
pub(crate) fn methods(pool: &DescriptorPool) -> impl Iterator<Item = MethodDescriptor> {
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>())
}
