//! Systems that are known by their certificates (mutual TLS), and the one that calls for others: the gateway.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::name::Name;

use crate::config::AuthConfig;
use crate::error::{Error, Result};
use crate::identity::{Grant, Identity, Proof};
use crate::peer::Peer;

/// What the subjects of systems begin with in the audit trail; no token's subject does.
pub(super) const PREFIX: &str = "x509:";

/// The systems by the subjects of their certificates.
#[derive(Debug, Default)]
pub(super) struct Systems {
    known: HashMap<String, Arc<Identity>>,
    gateway: Option<String>,
}

impl Systems {
    pub(super) fn new(config: &AuthConfig) -> Result<Self> {
        let mut known = HashMap::new();
        for system in &config.systems {
            let faulty =
                |why: &str| Error::internal(format!("auth.systems: {}: {why}", system.certificate));
            let name =
                canonical(&system.certificate).ok_or_else(|| faulty("is no RFC 4514 name"))?;
            let grants = system.grants.iter().map(super::GrantConfig::read);
            let grants: Option<Vec<Grant>> = grants.collect();
            let grants = grants.ok_or_else(|| faulty("a grant is not valid"))?;
            let subject = format!("{PREFIX}{name}");
            if !super::is_subject(&subject) {
                return Err(faulty("is too long to be a subject"));
            }
            let identity = Identity { subject, grants, proof: Proof::Certificate };
            if !identity.is_separated() {
                return Err(faulty("is two of system, security and audit administrator"));
            }
            if known.insert(name, Arc::new(identity)).is_some() {
                return Err(faulty("stands there twice"));
            }
        }
        Ok(Self { known, gateway: gateway(&config.gateway)? })
    }

    /// The system with a certificate of that subject.
    pub(super) fn find(&self, subject: &str) -> Option<Arc<Identity>> {
        self.known.get(subject).cloned()
    }

    pub(super) fn is_gateway(&self, peer: &Peer) -> bool {
        self.gateway.is_some() && self.gateway.as_deref() == peer.certificate.as_deref()
    }
}

fn gateway(name: &str) -> Result<Option<String>> {
    if name.is_empty() {
        return Ok(None);
    }
    let read = canonical(name);
    let read =
        read.ok_or_else(|| Error::internal(format!("auth.gateway: {name} is no RFC 4514 name")))?;
    Ok(Some(read))
}

/// A name as [`subject`] writes it.
fn canonical(name: &str) -> Option<String> {
    let name = Name::from_str(name).ok().filter(|name| !name.is_empty())?;
    Some(name.to_string())
}

/// The subject of a certificate as RFC 4514 writes it; `None` for one that has none.
pub(crate) fn subject(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let name = certificate.tbs_certificate().subject();
    (!name.is_empty()).then(|| name.to_string())
}
