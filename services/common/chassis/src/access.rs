//! Which RPC may be called by whom: the `steward.type.v1.access` options of the proto files, read
//! from the descriptor set at start.

use std::collections::HashMap;
use std::sync::Arc;

use prost_reflect::{DescriptorPool, MethodDescriptor, Value};
use steward_proto::types::v1::Role;

use crate::api;
use crate::error::{Error, Result};

/// The services outside Steward's own API: health and the API description. They answer without a token.
const BESIDE: [&[u8]; 2] =
    [tonic_health::pb::FILE_DESCRIPTOR_SET, tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET];

/// The access rule of one RPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Answered without a token.
    Public,
    /// Answered to everybody who is known, whatever is granted to him.
    Known,
    /// A grant with one of these roles is needed.
    Roles(Vec<Role>),
}

/// What the layers know of an RPC. There is one for each, made at start.
#[derive(Debug)]
pub(crate) struct Rpc {
    /// The full name of its service.
    pub(crate) service: Arc<str>,
    /// Its own name.
    pub(crate) method: Arc<str>,
    /// Its path: `/package.Service/Method`.
    pub(crate) path: Arc<str>,
    /// Who may call it.
    pub(crate) access: Access,
    /// Whether it is of a service outside the API, which takes no place of a service of it.
    pub(crate) is_beside: bool,
}

/// The access rules of the whole API by path (`/package.Service/Method`).
#[derive(Debug)]
pub struct AccessTable(HashMap<Arc<str>, Arc<Rpc>>);

impl AccessTable {
    /// Reads the rules of the API. Fails on an RPC without one: such a service does not start.
    pub fn load() -> Result<Self> {
        let pool = api::pool()?;
        let mut rpcs = Vec::new();
        for method in api::methods(pool) {
            let access = rule(pool, &method).ok_or_else(|| {
                Error::internal(format!("{} has no access rule", method.full_name()))
            })?;
            rpcs.push(Rpc::new(&method, access, false));
        }
        for set in BESIDE {
            let pool = DescriptorPool::decode(set).map_err(Error::internal)?;
            rpcs.extend(api::methods(&pool).map(|it| Rpc::new(&it, Access::Public, true)));
        }
        Ok(Self(rpcs.into_iter().map(|rpc| (Arc::clone(&rpc.path), Arc::new(rpc))).collect()))
    }

    /// The RPC of a path; `None` for a path that nobody answers.
    pub(crate) fn find(&self, path: &str) -> Option<&Arc<Rpc>> {
        self.0.get(path)
    }

    /// The rule of a path; `None` for a path that nobody answers.
    pub fn rule(&self, path: &str) -> Option<&Access> {
        self.find(path).map(|rpc| &rpc.access)
    }

    /// All paths of the API with their rules.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Access)> {
        let own = self.0.values().filter(|rpc| !rpc.is_beside);
        own.map(|rpc| (&*rpc.path, &rpc.access))
    }
}

impl Rpc {
    /// Its full name: `package.Service/Method`.
    pub(crate) fn name(&self) -> &str {
        &self.path[1..]
    }

    fn new(method: &MethodDescriptor, access: Access, is_beside: bool) -> Self {
        Self {
            service: method.parent_service().full_name().into(),
            method: method.name().into(),
            path: api::path(method).into(),
            access,
            is_beside,
        }
    }
}

/// The rule that stands beside a method, if it stands there and says something.
fn rule(pool: &DescriptorPool, method: &MethodDescriptor) -> Option<Access> {
    let extension = pool.get_extension_by_name("steward.type.v1.access")?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return None;
    }
    let value = options.get_extension(&extension);
    let access = value.as_message()?;
    if access.get_field_by_name("public")?.as_bool()? {
        return Some(Access::Public);
    }
    if access.get_field_by_name("known")?.as_bool()? {
        return Some(Access::Known);
    }
    let roles: Vec<Role> = access
        .get_field_by_name("roles")?
        .as_list()?
        .iter()
        .filter_map(Value::as_enum_number)
        .filter_map(|number| Role::try_from(number).ok())
        .filter(|role| *role != Role::Unspecified)
        .collect();
    (!roles.is_empty()).then_some(Access::Roles(roles))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rpc_has_a_rule_and_only_the_listed_are_public() {
        let table = AccessTable::load().unwrap();
        assert!(table.iter().count() >= 16);
        let public: Vec<_> = table.iter().filter(|(_, rule)| **rule == Access::Public).collect();
        assert!(public.is_empty(), "{public:?}");
        assert_eq!(table.rule("/grpc.health.v1.Health/Check"), Some(&Access::Public));
        let described = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        assert_eq!(table.rule(described), Some(&Access::Public));
        assert_eq!(table.rule("/grpc.health.v1.Health/Nothing"), None);
        assert_eq!(table.rule("/steward.ledger.v1.LedgerService/Nothing"), None);
        assert_eq!(
            table.rule("/steward.ledger.v1.LedgerService/CloseMonth"),
            Some(&Access::Roles(vec![Role::Manager]))
        );
    }
}
