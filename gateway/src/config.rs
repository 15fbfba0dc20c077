//! The settings of the gateway.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use http::{HeaderValue, Uri};
use serde::Deserialize;
use steward_chassis::backend::Backend;
use steward_chassis::config::{
    AuthConfig, HealthConfig, LogConfig, RateConfig, ServerConfig, TlsConfig,
};
use steward_chassis::error::{Error, Result};

use crate::report::ReportConfig;
use crate::{Domain, Gateway};

/// The settings of the gateway.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayConfig {
    /// Where and how it listens.
    pub server: ServerConfig,
    /// Where it answers for its health beside.
    pub health: HealthConfig,
    /// Its certificate, and whose it believes.
    pub tls: TlsConfig,
    /// How often one may call.
    pub rate: RateConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// Its log.
    pub log: LogConfig,
    /// Where the services are.
    pub backends: BackendsConfig,
    /// The report.
    pub report: ReportConfig,
    /// What browsers may do.
    pub http: HttpConfig,
}

/// What browsers may do.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// The origins of front ends that are served elsewhere and may call from a browser, between commas:
    /// `https://console.example.gov.cn`. None by default.
    pub origins: String,
}

impl HttpConfig {
    /// The origins.
    pub fn origins(&self) -> Result<Vec<HeaderValue>> {
        let origins = self.origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        origins.map(origin).collect()
    }
}

/// An origin as browsers send it: a scheme and a host, without a path.
fn origin(text: &str) -> Result<HeaderValue> {
    let faulty = || Error::internal(format!("http.origins: {text} is not an origin"));
    let uri: Uri = text.parse().map_err(|_| faulty())?;
    let is_origin = ["http", "https"].contains(&uri.scheme_str().unwrap_or_default())
        && uri.authority().is_some_and(|host| text.ends_with(host.as_str()));
    if is_origin { text.parse().map_err(|_| faulty()) } else { Err(faulty()) }
}

/// The addresses of the services, such as `http://fleet:8080`. The defaults are the services' names
/// at port 8080; with certificates they are `https://`.
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
    /// So many calls of one service are under way at once; further ones are refused, and no service's calls
    /// take the place of another's.
    pub concurrency: NonZeroUsize,
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
            concurrency: ServerConfig::default().concurrency,
        }
    }
}

impl BackendsConfig {
    /// The services at these addresses; each is connected to when it is first needed. Needs a runtime.
    pub fn connect(&self, tls: &TlsConfig) -> Result<Gateway> {
        let remote = |url: &str| Backend::remote(url, tls, self.concurrency);
        let mut domains = BTreeMap::new();
        for domain in Domain::ALL {
            domains.insert(domain, remote(self.address(domain))?);
        }
        Ok(Gateway { domains, directory: remote(&self.directory)? })
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
    fn origins_have_no_path_and_are_not_everybody() {
        let of = |text: &str| HttpConfig { origins: text.to_owned() }.origins();
        assert_eq!(of("").unwrap(), Vec::<HeaderValue>::new());
        let two = of("https://a.example.cn, http://127.0.0.1:5173").unwrap();
        assert_eq!(two, ["https://a.example.cn", "http://127.0.0.1:5173"]);
        for faulty in ["*", "a.example.cn", "https://a.example.cn/", "ftp://a", "https://", "null"]
        {
            assert!(of(faulty).is_err(), "{faulty}");
        }
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
