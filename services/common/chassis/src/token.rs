//! Verifies bearer tokens: JSON Web Tokens signed by a key of the configured key set.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use steward_kernel::is_unseen;
use steward_proto::types::v1::Role;

use crate::config::{AuthConfig, AuthMode};
use crate::ctx::SERVICE_SUBJECT;
use crate::error::{Class, Error, Reason, Result};
use crate::identity::{Grant, Identity};

/// No token, or one that does not hold. The answer never says which part of it failed.
pub const UNAUTHENTICATED: Reason =
    Reason::new("UNAUTHENTICATED", Class::Unauthenticated, "未登录或登录已失效");

/// Where authentication is off, who calls: several people can be tried out, of whom none decides what he
/// asked for himself.
pub const SUBJECT_HEADER: HeaderName = HeaderName::from_static("steward-subject");

/// How far the clocks of issuer and service may differ, in seconds.
const LEEWAY_SECONDS: i64 = 60;
/// Longer tokens are refused unread.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The longest subject, in characters.
const MAX_SUBJECT: usize = 128;
/// So many verified tokens are remembered; then the memory starts anew.
const MAX_CACHED: usize = 10_000;

/// Turns a bearer token into an identity.
#[derive(Debug)]
pub enum Authenticator {
    /// Everybody is [`Identity::local`], or who he says he is in [`SUBJECT_HEADER`]; only on loopback.
    Off(Arc<Identity>),
    /// Tokens are verified.
    Jwt(Verifier),
}

impl Authenticator {
    /// As configured; reads the key set.
    pub fn new(config: &AuthConfig) -> Result<Self> {
        match config.mode {
            AuthMode::Off => Ok(Self::Off(Arc::new(Identity::local()))),
            AuthMode::Jwt => Verifier::from_file(config).map(Self::Jwt),
        }
    }

    /// The identity behind the headers of a call.
    pub fn identify(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Arc<Identity>> {
        match self {
            Self::Off(local) => match headers.get(SUBJECT_HEADER) {
                None => Ok(Arc::clone(local)),
                Some(subject) => named(subject),
            },
            // What a caller says of himself counts for nothing here.
            Self::Jwt(verifier) => {
                let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
                let token =
                    header.and_then(bearer).ok_or_else(|| refused("a bearer token is required"))?;
                verifier.verify(token, now)
            }
        }
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

/// Verifies tokens against a key set.
pub struct Verifier {
    keys: Vec<Key>,
    issuer: String,
    audience: String,
    cache: Mutex<HashMap<[u8; 32], Verified>>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

struct Verified {
    identity: Arc<Identity>,
    not_before: i64,
    expires: i64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
    #[serde(default)]
    grants: Vec<GrantClaim>,
}

#[derive(Deserialize)]
struct GrantClaim {
    role: String,
    domain: String,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    organizations: Vec<String>,
}

impl Verifier {
    /// Reads the key set of the configuration.
    pub fn from_file(config: &AuthConfig) -> Result<Self> {
        if config.jwks_file.as_os_str().is_empty() {
            let message = "auth.jwks_file is not set (nor is auth.mode = \"off\", for loopback)";
            return Err(Error::internal(message));
        }
        let text = read(&config.jwks_file)?;
        let keys: JwkSet = serde_json::from_str(&text)
            .map_err(|e| Error::internal(format!("auth.jwks_file: {e}")))?;
        Self::new(&keys, &config.issuer, &config.audience)
    }

    /// A verifier of tokens from `issuer` for `audience`.
    pub fn new(keys: &JwkSet, issuer: &str, audience: &str) -> Result<Self> {
        let keys = keys
            .keys
            .iter()
            .filter_map(|jwk| asymmetric(jwk).map(|algorithms| (jwk, algorithms)))
            .map(|(jwk, algorithms)| {
                let decoding = DecodingKey::from_jwk(jwk).map_err(Error::internal)?;
                Ok(Key { id: jwk.common.key_id.clone(), algorithms, decoding })
            })
            .collect::<Result<Vec<_>>>()?;
        if keys.is_empty() || issuer.is_empty() || audience.is_empty() {
            return Err(Error::internal(
                "auth: a key set with an RSA, EC or Ed25519 key, an issuer and an audience are needed",
            ));
        }
        Ok(Self {
            keys,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            cache: Mutex::default(),
        })
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Identity>> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(refused("the token is too long"));
        }
        let hash: [u8; 32] = Sha256::digest(token).into();
        if let Some(found) = self.cache().get(&hash) {
            return found.at(now);
        }
        let verified = self.decode(token)?;
        let answer = verified.at(now);
        if answer.is_ok() {
            let mut cache = self.cache();
            if cache.len() >= MAX_CACHED {
                cache.clear();
            }
            cache.insert(hash, verified);
        }
        answer
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Verified>> {
        self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn decode(&self, token: &str) -> Result<Verified> {
        let header = decode_header(token).map_err(|_| refused("the token is not valid"))?;
        if header.crit.is_some() {
            return Err(refused("the token is not valid"));
        }
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked by our own clock, at every use of the cached token.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = self
            .keys
            .iter()
            .filter(|key| header.kid.is_none() || header.kid == key.id)
            .filter(|key| key.algorithms.contains(&header.alg))
            .find_map(|key| decode::<Claims>(token, &key.decoding, &validation).ok())
            .ok_or_else(|| refused("the token is not valid"))?
            .claims;
        if !names_a_caller(&claims.sub) {
            return Err(refused("the token is not valid"));
        }
        let grants = claims.grants.into_iter().map(grant).collect::<Option<Vec<_>>>();
        let grants = grants.ok_or_else(|| refused("the grants of the token are not valid"))?;
        Ok(Verified {
            identity: Arc::new(Identity { subject: claims.sub, grants }),
            not_before: claims.nbf,
            expires: claims.exp,
        })
    }
}

impl Verified {
    fn at(&self, now: DateTime<Utc>) -> Result<Arc<Identity>> {
        let now = now.timestamp();
        if now >= self.expires.saturating_add(LEEWAY_SECONDS) {
            return Err(refused("the token has expired"));
        }
        if now < self.not_before.saturating_sub(LEEWAY_SECONDS) {
            return Err(refused("the token is not valid yet"));
        }
        Ok(Arc::clone(&self.identity))
    }
}

/// Whether a subject can stand for a caller in the audit trail: nobody acts there as the service
/// itself, nobody looks like another, and PostgreSQL takes no NUL.
fn names_a_caller(subject: &str) -> bool {
    !subject.is_empty()
        && subject.chars().count() <= MAX_SUBJECT
        && !subject.chars().any(is_unseen)
        && subject != SERVICE_SUBJECT
}

/// The algorithms that a public key verifies. A symmetric key verifies nothing here: who can check
/// such a token can also make one.
fn asymmetric(jwk: &Jwk) -> Option<Vec<Algorithm>> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    if jwk.common.public_key_use == Some(PublicKeyUse::Encryption) {
        return None;
    }
    let fitting = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => vec![RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => vec![ES256],
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P384 => vec![ES384],
        AlgorithmParameters::OctetKeyPair(_) => vec![EdDSA],
        _ => return None,
    };
    let named = jwk.common.key_algorithm.map(|name| name.to_string());
    let allowed: Vec<_> = fitting
        .into_iter()
        .filter(|a| named.as_ref().is_none_or(|name| format!("{a:?}") == *name))
        .collect();
    (!allowed.is_empty()).then_some(allowed)
}

fn grant(claim: GrantClaim) -> Option<Grant> {
    let role = Role::from_str_name(&format!("ROLE_{}", claim.role.to_ascii_uppercase()))
        .filter(|role| *role != Role::Unspecified)?;
    Some(Grant {
        role,
        domain: (claim.domain != "*").then_some(claim.domain),
        regions: claim.regions.iter().map(|text| text.parse().ok()).collect::<Option<_>>()?,
        organizations: claim
            .organizations
            .iter()
            .map(|text| text.parse().ok())
            .collect::<Option<_>>()?,
    })
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .map_err(|e| Error::internal(format!("auth.jwks_file {}: {e}", path.display())))
}
