//! An issuer of tokens for tests.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use prost_reflect::MethodDescriptor;
use serde_json::{Value, json};
use steward_chassis::access::{Access, AccessTable};
use steward_chassis::api;
use steward_chassis::auth::{Authenticator, Verifier};
use steward_chassis::config::ServerConfig;
use steward_chassis::layers::Runtime;
use steward_kernel::{Clock, TestClock};
use steward_proto::types::v1::Role;

/// What `iss` and `aud` are in tests.
pub const ISSUER: &str = "https://issuer.example";
/// The audience of the suite in tests.
pub const AUDIENCE: &str = "steward";

/// An issuer with a key of its own.
#[derive(Debug)]
pub struct Issuer {
    key: EncodingKey,
}

impl Default for Issuer {
    fn default() -> Self {
        Self::new()
    }
}

impl Issuer {
    /// With a new key.
    ///
    /// # Panics
    /// If the machine gives no random numbers.
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        Self { key: EncodingKey::from_ec_der(pkcs8.as_ref()) }
    }

    /// Its public keys.
    ///
    /// # Panics
    /// Never for a key of [`Issuer::new`].
    pub fn keys(&self) -> JwkSet {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::ES256).expect("a public key");
        key.common.key_id = Some("test".to_owned());
        JwkSet { keys: vec![key] }
    }

    /// Signs any claims under any header.
    ///
    /// # Panics
    /// If the header names an algorithm that is not the key's.
    pub fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key).expect("a token")
    }

    /// A token that is good for an hour from `now`.
    pub fn token(&self, now: DateTime<Utc>, subject: &str, grants: &Value) -> String {
        self.sign(&header(), &claims(now, subject, grants))
    }

    /// Verifies the tokens of this issuer.
    ///
    /// # Panics
    /// Never for the keys of [`Issuer::keys`].
    pub fn authenticator(&self) -> Authenticator {
        let verifier = Verifier::new(&self.keys(), ISSUER, AUDIENCE).expect("a verifier");
        Authenticator::from(verifier)
    }

    /// A runtime that recognises the tokens of this issuer.
    ///
    /// # Panics
    /// If the API has an RPC without an access rule.
    pub fn runtime(&self, clock: &Arc<TestClock>) -> Runtime {
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(clock);
        Runtime::new(clock, self.authenticator(), ServerConfig::default().concurrency)
            .expect("a runtime")
    }
}

/// The header of the tokens of [`Issuer::token`].
pub fn header() -> Header {
    Header { kid: Some("test".to_owned()), ..Header::new(Algorithm::ES256) }
}

/// Claims that are good for an hour from `now`.
pub fn claims(now: DateTime<Utc>, subject: &str, grants: &Value) -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "exp": (now + TimeDelta::hours(1)).timestamp(),
        "nbf": now.timestamp(),
        "grants": grants,
    })
}

/// Grants of some roles in every domain for some regions.
pub fn grants(roles: &[&str], regions: &[&str]) -> Value {
    let grant = |role| json!({"role": role, "domain": "*", "regions": regions});
    roles.iter().map(grant).collect()
}

static RULES: LazyLock<AccessTable> = LazyLock::new(|| AccessTable::load().expect("access rules"));

/// The roles of somebody who may do everything that goes with an RPC: nobody has two of the roles of
/// system, security and audit administrator, and who manages security decides nothing.
///
/// # Panics
/// If the API has an RPC without an access rule.
pub fn roles_for(method: &MethodDescriptor) -> Vec<&'static str> {
    let Some(Access::Roles(roles)) = RULES.rule(&api::path(method)) else { return vec!["viewer"] };
    if roles[..] == [Role::SecurityAdmin] {
        return vec!["security_admin"];
    }
    let needs_auditor = roles.contains(&Role::Auditor) && !roles.contains(&Role::Viewer);
    vec!["viewer", "operator", "manager", if needs_auditor { "auditor" } else { "system_admin" }]
}
