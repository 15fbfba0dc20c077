//! The public keys of an issuer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::token::Verified;
use crate::error::{Error, Result};

/// So many verified tokens are remembered; then the memory starts anew.
const MAX_CACHED: usize = 10_000;

/// The keys of an issuer, and the tokens that were verified with them: with other keys these are verified
/// again.
pub(super) struct Keys {
    keys: Vec<Key>,
    verified: Mutex<HashMap<[u8; 32], Verified>>,
}

/// A key that verifies tokens.
pub(super) struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

impl Keys {
    /// Those of a JSON Web Key Set as it came.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let set: JwkSet = serde_json::from_str(text).map_err(Error::internal)?;
        Self::new(&set)
    }

    /// Those that verify; at least one must. One that is of no known kind is another program's.
    pub(super) fn new(set: &JwkSet) -> Result<Self> {
        let keys: Vec<_> = set.keys.iter().filter_map(key).collect();
        if keys.is_empty() {
            return Err(Error::internal(
                "the key set has no RSA, EC or Ed25519 key for signatures",
            ));
        }
        Ok(Self { keys, verified: Mutex::default() })
    }

    /// Whether a key of that id is there; without one any may do.
    pub(super) fn has(&self, id: Option<&str>) -> bool {
        id.is_none() || self.keys.iter().any(|key| key.id.as_deref() == id)
    }

    /// The keys that a token may have been signed with.
    pub(super) fn fitting(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &Key> {
        let id = id.map(str::to_owned);
        self.keys
            .iter()
            .filter(move |key| id.is_none() || id == key.id)
            .filter(move |key| key.algorithms.contains(&algorithm))
    }

    /// What is remembered of a token by its hash.
    pub(super) fn remembered(&self, hash: &[u8; 32]) -> Option<Verified> {
        self.verified().get(hash).cloned()
    }

    /// Remembers a token.
    pub(super) fn remember(&self, hash: [u8; 32], verified: Verified) {
        let mut known = self.verified();
        if known.len() >= MAX_CACHED {
            known.clear();
        }
        known.insert(hash, verified);
    }

    fn verified(&self) -> MutexGuard<'_, HashMap<[u8; 32], Verified>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(jwk: &Jwk) -> Option<Key> {
    let algorithms = asymmetric(jwk)?;
    let decoding = DecodingKey::from_jwk(jwk).ok()?;
    Some(Key { id: jwk.common.key_id.clone(), algorithms, decoding })
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
