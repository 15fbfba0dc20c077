//! Which RPC may be called by whom: the `steward.type.v1.access` options of the proto files, read
//! from the descriptor set at start.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, MethodDescriptor, Value};
use steward_proto::types::v1::Role;

use crate::api;
use crate::error::{Error, Result};

/// Services outside Steward's own API that answer without a token: health and the API description.
const PUBLIC_SERVICES: [&str; 2] = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];

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

/// The access rules of the whole API by path (`/package.Service/Method`).
#[derive(Debug)]
pub struct AccessTable(HashMap<String, Access>);

impl AccessTable {
    /// Reads the rules of the API. Fails on an RPC without one: such a service does not start.
    pub fn load() -> Result<Self> {
        let pool = api::pool()?;
        let mut rules = HashMap::new();
        for service in pool.services() {
            for method in service.methods() {
                let rule = rule(pool, &method).ok_or_else(|| {
                    Error::internal(format!("{} has no access rule", method.full_name()))
                })?;
                rules.insert(api::path(&method), rule);
            }
        }
        Ok(Self(rules))
    }

    /// The rule of a path; `None` for a path that the API does not have.
    pub fn rule(&self, path: &str) -> Option<&Access> {
        let service = path.strip_prefix('/').and_then(|path| path.split('/').next());
        if service.is_some_and(|service| PUBLIC_SERVICES.contains(&service)) {
            return Some(&Access::Public);
        }
        self.0.get(path)
    }

    /// All paths with their rules.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Access)> {
        self.0.iter().map(|(path, rule)| (path.as_str(), rule))
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
        assert_eq!(table.rule("/steward.ledger.v1.LedgerService/Nothing"), None);
        assert_eq!(
            table.rule("/steward.ledger.v1.LedgerService/CloseMonth"),
            Some(&Access::Roles(vec![Role::Manager]))
        );
    }
}
