//! Verifies bearer tokens: JSON Web Tokens (RFC 7519) signed by a key of the issuer.

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Header, Validation, decode, decode_header};
use sha2::{Digest, Sha256};

use super::claims::{Claims, Mapping};
use super::issuer::Issuer;
use super::keys::Keys;
use super::{names_a_caller, refused, separated};
use crate::config::AuthConfig;
use crate::error::{Error, Result};
use crate::identity::{Identity, Proof};

/// How far the clocks of issuer and service may differ, in seconds.
const LEEWAY_SECONDS: i64 = 60;
/// Longer tokens are refused unread.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Verifies the tokens of an issuer.
#[derive(Debug)]
pub struct Verifier {
    issuer: Issuer,
    name: String,
    audience: String,
    mapping: Mapping,
}

/// A token that was verified.
#[derive(Debug, Clone)]
pub(super) struct Verified {
    identity: Arc<Identity>,
    not_before: i64,
    expires: i64,
}

impl Verifier {
    /// As configured.
    pub(super) fn from_config(config: &AuthConfig) -> Result<Self> {
        Self::over(Issuer::from_config(config)?, config)
    }

    /// A verifier of tokens from `issuer` for `audience`, signed with fixed keys.
    pub fn new(keys: &JwkSet, issuer: &str, audience: &str) -> Result<Self> {
        let (issuer, audience) = (issuer.to_owned(), audience.to_owned());
        let config = AuthConfig { issuer, audience, ..AuthConfig::default() };
        Self::over(Issuer::Fixed(Arc::new(Keys::new(keys)?)), &config)
    }

    fn over(issuer: Issuer, config: &AuthConfig) -> Result<Self> {
        if config.issuer.is_empty() || config.audience.is_empty() {
            let message =
                "auth.issuer and auth.audience are needed (or auth.mode = \"off\", for loopback)";
            return Err(Error::internal(message));
        }
        Ok(Self {
            issuer,
            name: config.issuer.clone(),
            audience: config.audience.clone(),
            mapping: Mapping::new(config)?,
        })
    }

    /// The identity of a token that holds now.
    pub(super) async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Identity>> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(refused("the token is too long"));
        }
        let hash: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.issuer.keys(None).await?.remembered(&hash) {
            return known.at(now);
        }
        let header = decode_header(token).map_err(|_| refused("the token is not valid"))?;
        let keys = self.issuer.keys(header.kid.as_deref()).await?;
        let verified = self.decode(token, &header, &keys)?;
        let answer = verified.at(now);
        if answer.is_ok() {
            keys.remember(hash, verified);
        }
        answer
    }

    fn decode(&self, token: &str, header: &Header, keys: &Keys) -> Result<Verified> {
        let invalid = || refused("the token is not valid");
        if header.crit.is_some() {
            return Err(invalid());
        }
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.name]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked by our own clock, at every use of the remembered token.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = keys
            .fitting(header.kid.as_deref(), header.alg)
            .find_map(|key| decode::<Claims>(token, &key.decoding, &validation).ok())
            .ok_or_else(invalid)?
            .claims;
        let subject = self.mapping.subject(&claims).filter(|subject| names_a_caller(subject));
        let subject = subject.ok_or_else(invalid)?.to_owned();
        let expires = claims.get("exp").and_then(seconds).ok_or_else(invalid)?;
        let not_before = claims.get("nbf").map_or(Some(0), seconds).ok_or_else(invalid)?;
        let until = DateTime::from_timestamp(expires, 0).filter(|until| until.year() <= 9999);
        let until = until.ok_or_else(invalid)?;
        let grants = self.mapping.grants(&claims);
        let grants = grants.ok_or_else(|| refused("the grants of the token are not valid"))?;
        let identity = separated(Identity { subject, grants, proof: Proof::Token(until) })?;
        Ok(Verified { identity: Arc::new(identity), not_before, expires })
    }
}

/// A time of a token: seconds since 1970, which RFC 7519 lets have a fraction.
fn seconds(claim: &serde_json::Value) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a fraction of a second counts for nothing"
    )]
    claim.as_i64().or_else(|| claim.as_f64().filter(|at| at.abs() < 1e15).map(|at| at as i64))
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
