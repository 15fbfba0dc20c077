//! Who calls: by a bearer token ([`token`]) verified with the issuer's keys (`issuer`), or by the certificate
//! of a system (`system`). Every hop looks for itself, and the gateway with the same eyes.

mod claims;
mod grant;
mod issuer;
mod keys;
mod system;
pub mod token;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use steward_kernel::is_unseen;

use crate::config::{AuthConfig, AuthMode, GrantConfig};
use crate::ctx::SERVICE_SUBJECT;
use crate::error::{Class, Error, Reason, Result};
use crate::identity::Identity;
use crate::peer::Peer;

pub use grant::role;
use system::Systems;
pub(crate) use system::subject;
pub use token::Verifier;

/// No token, or one that does not hold. The answer never says which part of it failed.
pub const UNAUTHENTICATED: Reason =
    Reason::new("UNAUTHENTICATED", Class::Unauthenticated, "未登录或登录已失效");
/// One caller has two of the roles of system, security and audit administrator (三员分立).
pub const ROLES_NOT_SEPARATED: Reason = Reason::new(
    "ROLES_NOT_SEPARATED",
    Class::PermissionDenied,
    "系统管理员、安全管理员、审计管理员不得由同一人兼任",
);
/// The issuer's keys cannot be had, so that nobody can be recognised now.
pub const ISSUER_UNAVAILABLE: Reason =
    Reason::new("ISSUER_UNAVAILABLE", Class::Unavailable, "身份认证服务暂不可用,请稍后重试");

/// Where authentication is off, who calls: several people can be tried out, of whom none decides what he
/// asked for himself.
pub const SUBJECT_HEADER: HeaderName = HeaderName::from_static("steward-subject");

/// The longest subject, in characters.
const MAX_SUBJECT: usize = 128;

/// Recognises callers.
#[derive(Debug)]
pub enum Authenticator {
    /// Everybody is [`Identity::local`], or who he says he is in [`SUBJECT_HEADER`]; only on loopback.
    Off(Arc<Identity>),
    /// By tokens, and systems by their certificates.
    On(Box<Proofs>),
}

/// What proves who calls.
#[derive(Debug)]
pub struct Proofs {
    verifier: Verifier,
    systems: Systems,
}

impl Authenticator {
    /// As configured.
    pub fn new(config: &AuthConfig) -> Result<Self> {
        if config.mode == AuthMode::Off {
            return Ok(Self::Off(Arc::new(Identity::local())));
        }
        let config = match config.mode {
            AuthMode::Development => &config.for_development(),
            _ => config,
        };
        let (verifier, systems) = (Verifier::from_config(config)?, Systems::new(config)?);
        Ok(Self::On(Box::new(Proofs { verifier, systems })))
    }

    /// The identity behind the headers of a call from somewhere.
    pub async fn identify(
        &self,
        headers: &HeaderMap,
        peer: &Peer,
        now: DateTime<Utc>,
    ) -> Result<Arc<Identity>> {
        let proofs = match self {
            Self::Off(local) => {
                return headers.get(SUBJECT_HEADER).map_or_else(|| Ok(Arc::clone(local)), named);
            }
            // What a caller says of himself counts for nothing here.
            Self::On(proofs) => proofs,
        };
        let Some(header) = headers.get(AUTHORIZATION) else {
            let system = peer.certificate.as_deref().and_then(|name| proofs.systems.find(name));
            return system.ok_or_else(|| refused("a bearer token is required"));
        };
        let token = header.to_str().ok().and_then(bearer);
        let token = token.ok_or_else(|| refused("a bearer token is required"))?;
        proofs.verifier.verify(token, now).await
    }

    /// For whom a call comes that comes from `peer`: of itself, or, from the gateway, of whom that says.
    pub(crate) fn origin(&self, peer: Peer, headers: &HeaderMap) -> Peer {
        match self {
            Self::On(proofs) if proofs.systems.is_gateway(&peer) => Peer::told(headers),
            _ => peer,
        }
    }
}

impl From<Verifier> for Authenticator {
    fn from(verifier: Verifier) -> Self {
        Self::On(Box::new(Proofs { verifier, systems: Systems::default() }))
    }
}

/// Who says who he is, where nobody proves it.
fn named(subject: &HeaderValue) -> Result<Arc<Identity>> {
    let subject = subject.to_str().ok().filter(|subject| names_a_caller(subject));
    let subject = subject.ok_or_else(|| refused("steward-subject names no caller"))?;
    Ok(Arc::new(Identity::named(subject)))
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refused(why: &str) -> Error {
    Error::new(&UNAUTHENTICATED, why)
}

/// An identity whose administrators are kept apart.
fn separated(identity: Identity) -> Result<Identity> {
    if identity.is_separated() {
        return Ok(identity);
    }
    let message = "one caller is two of system, security and audit administrator";
    Err(Error::new(&ROLES_NOT_SEPARATED, message))
}

/// Whether a subject can stand for a caller in the audit trail: nobody acts there as the service
/// itself, nobody with a token as a system, nobody looks like another, and PostgreSQL takes no NUL.
fn names_a_caller(subject: &str) -> bool {
    is_subject(subject) && !subject.starts_with(system::PREFIX)
}

/// Whether a subject can stand in the audit trail.
fn is_subject(subject: &str) -> bool {
    !subject.is_empty()
        && subject.chars().count() <= MAX_SUBJECT
        && !subject.chars().any(is_unseen)
        && subject != SERVICE_SUBJECT
}
