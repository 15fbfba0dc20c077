//! The settings of the gateway.

use std::collections::BTreeMap;

use serde::Deserialize;
use steward_chassis::backend::Backend;
use steward_chassis::config::{AuthConfig, LogConfig, ServerConfig};
use steward_chassis::error::Result;

use crate::report::ReportConfig;
use crate::{Domain, Gateway};

/// The settings of the gateway.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayConfig {
    /// Where and how it listens.
    pub server: ServerConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// Its log.
    pub log: LogConfig,
    /// Where the services are.
    pub backends: BackendsConfig,
    /// The report.
    pub report: ReportConfig,
}

/// The addresses of the services, such as `http://fleet:8080`. The defaults are the services' names
/// at port 8080.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackendsConfig {
    /// The directory.
    pub directory: String,
    /// Energy.
    pub energy: String,
    /// Official vehicles.
    pub fleet: String,
    /// Repairs.
    pub maintenance: String,
    /// Office property.
    pub property: String,
}

impl Default for BackendsConfig {
    fn default() -> Self {
        let at = |name: &str| format!("http://{name}:8080");
        Self {
            directory: at("directory"),
            energy: at(Domain::Energy.name()),
            fleet: at(Domain::Fleet.name()),
            maintenance: at(Domain::Maintenance.name()),
            property: at(Domain::Property.name()),
        }
    }
}

impl BackendsConfig {
    /// The services at these addresses; each is connected to when it is first needed.
    pub fn connect(&self) -> Result<Gateway> {
        let mut domains = BTreeMap::new();
        for domain in Domain::ALL {
            domains.insert(domain, Backend::remote(self.address(domain))?);
        }
        Ok(Gateway { domains, directory: Backend::remote(&self.directory)? })
    }

    fn address(&self, domain: Domain) -> &str {
        match domain {
            Domain::Energy => &self.energy,
            Domain::Fleet => &self.fleet,
            Domain::Maintenance => &self.maintenance,
            Domain::Property => &self.property,
        }
    }
}

#[cfg(test)]
mod tests {
    use steward_chassis::config::load_from;

    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<GatewayConfig> {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        load_from(None, pairs.collect())
    }

    #[test]
    fn the_port_is_8080_also_where_the_server_has_other_settings() {
        assert_eq!(load(&[]).unwrap().server.listen.port(), 8080);
        let config = load(&[("STEWARD__SERVER__CONCURRENCY", "9")]).unwrap();
        assert_eq!((config.server.listen.port(), config.server.concurrency.get()), (8080, 9));
    }

    #[test]
    fn every_service_has_an_address_and_unknown_ones_are_refused() {
        let config = load(&[("STEWARD__BACKENDS__FLEET", "http://10.0.0.1:9000")]).unwrap();
        assert_eq!(config.backends.address(Domain::Fleet), "http://10.0.0.1:9000");
        assert_eq!(config.backends.address(Domain::Energy), "http://energy:8080");
        assert_eq!(config.report.limit_ms, 5_000);
        assert!(load(&[("STEWARD__BACKENDS__FLEETS", "http://10.0.0.1:9000")]).is_err());
    }
}
