//! Who may call: how callers prove who they are, and what that grants them.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The issuer of tokens for development, whom nobody believes beyond loopback.
pub const DEVELOPMENT_ISSUER: &str = "steward-development";
/// What those tokens are for.
pub const DEVELOPMENT_AUDIENCE: &str = "steward";

/// How callers are recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// By a bearer token (JWT) of the configured issuer, or by the certificate of a system.
    #[default]
    Jwt,
    /// By a bearer token of `steward token`; refused unless the server listens on loopback.
    Development,
    /// Not at all; refused unless the server listens on loopback.
    Off,
}

/// Who may call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// How callers are recognised.
    pub mode: AuthMode,
    /// What the claim `iss` must be. An `https://` issuer (on loopback also `http://`) is asked for its keys
    /// as OpenID Connect Discovery 1.0 says.
    pub issuer: String,
    /// What the claim `aud` must hold.
    pub audience: String,
    /// The public keys of the issuer, a JSON Web Key Set (RFC 7517), from a file and not from the issuer;
    /// read again when it changes.
    pub jwks_file: PathBuf,
    /// Where the key set of an issuer is that has no discovery.
    pub jwks_url: String,
    /// Who signed the issuer's certificate, in PEM. Absent: whom the machine trusts.
    pub issuer_ca_file: Option<PathBuf>,
    /// Where a token says what.
    pub claims: ClaimsConfig,
    /// What the issuer's own claims grant.
    pub mappings: Vec<MappingConfig>,
    /// Systems that are known by their certificates.
    pub systems: Vec<SystemConfig>,
    /// The subject of the gateway's certificate: it is believed what it says of whom it calls for.
    pub gateway: String,
}

/// Where a token says what: the name of a claim, or, with a leading `/`, a JSON pointer (RFC 6901) into the
/// claims: `/realm_access/roles`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimsConfig {
    /// Who the caller is; unique and never given anew.
    pub subject: String,
    /// The grants in Steward's own form. A token without it has none of these.
    pub grants: String,
}

impl Default for ClaimsConfig {
    fn default() -> Self {
        Self { subject: "sub".to_owned(), grants: "grants".to_owned() }
    }
}

/// One grant in configuration: a role in a domain or all (`*`), for regions and organizations.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConfig {
    /// The role: `viewer`, `operator`, …
    pub role: String,
    /// The domain, or `*`.
    pub domain: String,
    /// Region codes and patterns.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Organization codes.
    #[serde(default)]
    pub organizations: Vec<String>,
}

/// A claim, and what it grants to whose token holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingConfig {
    /// The claim, as in [`ClaimsConfig`]: a text, or a list of texts.
    pub claim: String,
    /// What it must be, or hold.
    pub value: String,
    /// The role.
    pub role: String,
    /// The domain, or `*`.
    pub domain: String,
    /// Region codes and patterns.
    #[serde(default)]
    pub regions: Vec<String>,
    /// A claim with more of them.
    #[serde(default)]
    pub regions_claim: String,
    /// Organization codes.
    #[serde(default)]
    pub organizations: Vec<String>,
    /// A claim with more of them.
    #[serde(default)]
    pub organizations_claim: String,
}

/// A system that is known by its certificate, and its grants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemConfig {
    /// The subject of its certificate, as RFC 4514 writes it: `CN=finance,O=财政局`.
    pub certificate: String,
    /// What it may do.
    pub grants: Vec<GrantConfig>,
}

impl AuthConfig {
    /// Authentication off, for loopback.
    pub fn off() -> Self {
        Self { mode: AuthMode::Off, ..Self::default() }
    }

    /// The same for tokens of `steward token`, which all have one issuer and one audience.
    #[must_use]
    pub fn for_development(&self) -> Self {
        Self {
            mode: AuthMode::Development,
            issuer: DEVELOPMENT_ISSUER.to_owned(),
            audience: DEVELOPMENT_AUDIENCE.to_owned(),
            ..self.clone()
        }
    }

    /// Refuses to leave a server open beyond loopback.
    pub fn check(&self, listen: SocketAddr) -> Result<()> {
        let mode = match self.mode {
            AuthMode::Jwt if self.issuer == DEVELOPMENT_ISSUER => {
                "jwt\" with the development issuer"
            }
            AuthMode::Jwt => return Ok(()),
            AuthMode::Development => "development\"",
            AuthMode::Off => "off\"",
        };
        if listen.ip().is_loopback() {
            return Ok(());
        }
        Err(Error::internal(format!(
            "auth.mode = \"{mode} is only allowed on loopback, not on {listen}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proves_nothing_is_served_on_loopback_only() {
        let development = AuthConfig::default().for_development();
        let dressed_up = AuthConfig { mode: AuthMode::Jwt, ..development.clone() };
        for open in [AuthConfig::off(), development, dressed_up] {
            assert!(open.check("127.0.0.1:80".parse().unwrap()).is_ok());
            assert!(open.check("[::1]:80".parse().unwrap()).is_ok());
            for beyond in ["0.0.0.0:80", "[::]:80", "10.0.0.1:80"] {
                assert!(open.check(beyond.parse().unwrap()).is_err(), "{open:?}");
            }
        }
        let jwt = AuthConfig { issuer: "https://sso.example".to_owned(), ..AuthConfig::default() };
        assert!(jwt.check("0.0.0.0:80".parse().unwrap()).is_ok());
    }
}
