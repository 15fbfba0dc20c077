//! Which method answers which HTTP request. Everything is read from the descriptors: a new RPC is there
//! without a line here.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use http::uri::PathAndQuery;
use prost_reflect::{DescriptorPool, FieldDescriptor, MethodDescriptor};
use steward_chassis::api;
use steward_chassis::error::{Error, Result};

use super::rule::{Body, rules};
use super::template::{Filled, Path, Template};

/// A way to call an RPC over HTTP.
#[derive(Debug)]
pub(crate) struct Route {
    /// The HTTP method.
    pub(crate) verb: Method,
    /// The path.
    pub(crate) template: Template,
    /// What the body of the request fills.
    pub(crate) body: Body,
    /// The field of the answer that becomes the body; `None` = the whole answer.
    pub(crate) response: Option<FieldDescriptor>,
    /// The RPC.
    pub(crate) method: MethodDescriptor,
    /// The path of the RPC: `/steward.fleet.v1.VehicleService/GetVehicle`.
    pub(crate) rpc: PathAndQuery,
    /// The domain whose common interface it is, if it is one.
    pub(crate) domain: Option<&'static str>,
}

/// All routes, those of one service together, the more exact ones first.
#[derive(Debug, Default)]
pub(crate) struct Table(BTreeMap<String, Vec<Arc<Route>>>);

/// What a request asks for.
pub(crate) enum Found<'p> {
    /// This, with what the path fills.
    Route(Arc<Route>, Vec<Filled<'p>>),
    /// The path is there with these methods only.
    Methods(Vec<Method>),
    /// There is no such path.
    Nothing,
}

impl Table {
    /// The routes of services: of a common interface one each domain that it is asked of, below its name.
    pub(crate) fn of(
        pool: &DescriptorPool,
        domains: impl Fn(&str) -> Option<Vec<&'static str>>,
    ) -> Result<Self> {
        let mut table = Self::default();
        for service in pool.services() {
            let Some(domains) = domains(service.full_name()) else { continue };
            // What is streamed to us has no place in one request.
            for method in service.methods().filter(|method| !method.is_client_streaming()) {
                match domains.as_slice() {
                    [] => table.add(&method, None)?,
                    domains => {
                        for domain in domains {
                            table.add(&method, Some(domain))?;
                        }
                    }
                }
            }
        }
        for routes in table.0.values_mut() {
            routes.sort_by_key(|route| route.template.rank());
        }
        Ok(table)
    }

    fn add(&mut self, method: &MethodDescriptor, domain: Option<&'static str>) -> Result<()> {
        let rpc = api::path(method);
        let rpc: PathAndQuery = rpc.parse().map_err(Error::internal)?;
        for rule in rules(method)? {
            let path =
                domain.map_or(rule.template.clone(), |name| format!("/{name}{}", rule.template));
            let template = Template::parse(&path);
            let template = template.ok_or_else(|| {
                Error::internal(format!("{} has a path that is none: {path}", method.full_name()))
            })?;
            let routes = self.0.entry(Path::new(&path).first().to_owned()).or_default();
            let same = |it: &&Arc<Route>| it.verb == rule.verb && it.template == template;
            if let Some(other) = routes.iter().find(same) {
                let names = [&other.method, method].map(MethodDescriptor::full_name);
                return Err(Error::internal(format!("{} {path} is of two: {names:?}", rule.verb)));
            }
            routes.push(Arc::new(Route {
                verb: rule.verb,
                template,
                body: rule.body,
                response: rule.response,
                method: method.clone(),
                rpc: rpc.clone(),
                domain,
            }));
        }
        Ok(())
    }

    /// All routes, by service.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.values().flatten().map(AsRef::as_ref)
    }

    /// The route of a request.
    pub(crate) fn find<'t>(&'t self, verb: &Method, path: &Path<'_>) -> Found<'t> {
        let fitting = self.0.get(path.first()).into_iter().flatten();
        let mut methods = Vec::new();
        for route in fitting {
            let Some(filled) = route.template.fill(path) else { continue };
            if route.verb == *verb {
                return Found::Route(Arc::clone(route), filled);
            }
            if !methods.contains(&route.verb) {
                methods.push(route.verb.clone());
            }
        }
        if methods.is_empty() { Found::Nothing } else { Found::Methods(methods) }
    }
}
