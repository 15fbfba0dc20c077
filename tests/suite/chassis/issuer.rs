//! Where the keys that verify tokens come from: an issuer that is asked, and a file.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, HeaderMap};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};
use steward_chassis::auth::Authenticator;
use steward_chassis::config::{AuthConfig, ClaimsConfig, MappingConfig};
use steward_chassis::peer::Peer;
use steward_proto::types::v1::Role;
use steward_tests::Issuer;
use steward_tests::issuer::{AUDIENCE, claims, grants};
use steward_tests::service::later;
use tokio::net::TcpListener;

/// An issuer that is asked over HTTP.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<Mutex<Says>>);

#[derive(Debug, Default)]
struct Says {
    url: String,
    /// What it calls itself; empty = by its address.
    name: String,
    keys: Option<JwkSet>,
    /// How often its keys were fetched.
    fetched: usize,
}

impl Asked {
    /// Starts one with the key of an issuer by a name.
    async fn start(issuer: &Issuer, key: &str) -> Self {
        let asked = Self::default();
        asked.has(Some(named(issuer, key)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        asked.0.lock().unwrap().url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(description))
            .route("/keys", get(keys))
            .with_state(asked.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        asked
    }

    /// Has these keys from now on; without any it does not answer.
    fn has(&self, keys: Option<JwkSet>) {
        self.0.lock().unwrap().keys = keys;
    }

    fn url(&self) -> String {
        self.0.lock().unwrap().url.clone()
    }

    fn fetched(&self) -> usize {
        self.0.lock().unwrap().fetched
    }

    fn config(&self) -> AuthConfig {
        let (issuer, audience) = (self.url(), AUDIENCE.to_owned());
        AuthConfig { issuer, audience, ..AuthConfig::default() }
    }
}

async fn description(State(asked): State<Asked>) -> Result<String, StatusCode> {
    let says = asked.0.lock().unwrap();
    let name = if says.name.is_empty() { &says.url } else { &says.name };
    says.keys.as_ref().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(json!({"issuer": name, "jwks_uri": format!("{}/keys", says.url)}).to_string())
}

async fn keys(State(asked): State<Asked>) -> Result<String, StatusCode> {
    let mut says = asked.0.lock().unwrap();
    says.fetched += 1;
    let keys = says.keys.as_ref().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(serde_json::to_string(keys).unwrap())
}

/// The keys of an issuer, the key by another name.
fn named(issuer: &Issuer, key: &str) -> JwkSet {
    let mut keys = issuer.keys();
    keys.keys[0].common.key_id = Some(key.to_owned());
    keys
}

fn now() -> DateTime<Utc> {
    "2017-06-15T00:00:00Z".parse().unwrap()
}

/// A viewer's token of the issuer at an address, signed with its key by a name.
fn token(issuer: &Issuer, key: &str, at: &str) -> String {
    signed(issuer, key, at, "grants", grants(&["viewer"], &["4205*"]))
}

fn signed(issuer: &Issuer, key: &str, at: &str, claim: &str, value: Value) -> String {
    let mut claims = claims(now(), "li", &json!([]));
    (claims["iss"], claims[claim]) = (json!(at), value);
    issuer.sign(&Header { kid: Some(key.to_owned()), ..Header::new(Algorithm::ES256) }, &claims)
}

/// What becomes of a token: who calls, or the reason why not.
async fn asked(authenticator: &Authenticator, token: &str) -> Result<String, &'static str> {
    let value = format!("Bearer {token}").parse().unwrap();
    let headers: HeaderMap = [(AUTHORIZATION, value)].into_iter().collect();
    let identity = authenticator.identify(&headers, &Peer::default(), now()).await;
    identity.map(|identity| identity.subject.clone()).map_err(|error| error.reason().code)
}

const REFUSED: Result<String, &str> = Err("UNAUTHENTICATED");

#[tokio::test]
async fn keys_rotate_without_a_restart() {
    let (old, new) = (Issuer::new(), Issuer::new());
    let issuer = Asked::start(&old, "2016").await;
    let authenticator = Authenticator::new(&issuer.config()).unwrap();
    let before = token(&old, "2016", &issuer.url());
    let after = token(&new, "2017", &issuer.url());
    assert_eq!(asked(&authenticator, &before).await.as_deref(), Ok("li"));
    assert_eq!(issuer.fetched(), 1);

    issuer.has(Some(named(&new, "2017")));
    assert_eq!(asked(&authenticator, &after).await, REFUSED, "the keys are only just fetched");
    later(Duration::from_secs(10)).await;
    assert_eq!(asked(&authenticator, &after).await.as_deref(), Ok("li"));
    assert_eq!(asked(&authenticator, &before).await, REFUSED, "a remembered token of a former key");
    assert_eq!(issuer.fetched(), 2);

    issuer.has(Some(named(&old, "2016")));
    later(Duration::from_mins(5)).await;
    assert_eq!(asked(&authenticator, &after).await, REFUSED, "keys grow old");
}

#[tokio::test]
async fn who_makes_names_of_keys_up_does_not_have_the_issuer_asked_each_time() {
    let issuer = Issuer::new();
    let at = Asked::start(&issuer, "key").await;
    let authenticator = Authenticator::new(&at.config()).unwrap();
    for round in 0..3 {
        for key in 0..50 {
            let made_up = token(&issuer, &format!("{round}-{key}"), &at.url());
            assert_eq!(asked(&authenticator, &made_up).await, REFUSED);
        }
        assert_eq!(at.fetched(), round + 1);
        later(Duration::from_secs(10)).await;
    }
}

#[tokio::test]
async fn the_keys_of_an_issuer_that_is_down_are_good_for_a_day() {
    let issuer = Issuer::new();
    let at = Asked::start(&issuer, "key").await;
    let authenticator = Authenticator::new(&at.config()).unwrap();
    let token = token(&issuer, "key", &at.url());
    at.has(None);
    assert_eq!(asked(&authenticator, &token).await, Err("ISSUER_UNAVAILABLE"));
    at.has(Some(named(&issuer, "key")));
    later(Duration::from_secs(10)).await;
    assert_eq!(asked(&authenticator, &token).await.as_deref(), Ok("li"));
    at.has(None);
    later(Duration::from_hours(23)).await;
    assert_eq!(asked(&authenticator, &token).await.as_deref(), Ok("li"));
    later(Duration::from_hours(1)).await;
    assert_eq!(asked(&authenticator, &token).await, Err("ISSUER_UNAVAILABLE"));
}

#[tokio::test]
async fn an_issuer_that_says_it_is_another_one_is_not_believed() {
    let issuer = Issuer::new();
    let at = Asked::start(&issuer, "key").await;
    let authenticator = Authenticator::new(&at.config()).unwrap();
    at.0.lock().unwrap().name = "https://sso.example".to_owned();
    let token = token(&issuer, "key", &at.url());
    assert_eq!(asked(&authenticator, &token).await, Err("ISSUER_UNAVAILABLE"));

    let at_an_address = AuthConfig { jwks_url: format!("{}/keys", at.url()), ..at.config() };
    let authenticator = Authenticator::new(&at_an_address).unwrap();
    assert_eq!(asked(&authenticator, &token).await.as_deref(), Ok("li"), "its keys' own address");
}

#[tokio::test]
async fn keys_come_from_nobody_on_the_way() {
    for address in
        ["http://sso.example", "ftp://sso.example", "sso.example", "http://127.0.0.1.example"]
    {
        let audience = AUDIENCE.to_owned();
        let config = AuthConfig { issuer: address.to_owned(), audience, ..AuthConfig::default() };
        assert!(Authenticator::new(&config).is_err(), "{address}");
        let keys_at = AuthConfig {
            issuer: "https://sso.example".to_owned(),
            jwks_url: address.to_owned(),
            ..config
        };
        assert!(Authenticator::new(&keys_at).is_err(), "{address}");
    }
}

#[tokio::test]
async fn keys_in_a_file_are_read_again_when_it_changes() {
    let (old, new) = (Issuer::new(), Issuer::new());
    let folder = tempfile::tempdir().unwrap();
    let jwks_file = folder.path().join("keys.json");
    let put = |keys: &[u8]| std::fs::write(&jwks_file, keys).unwrap();
    put(&serde_json::to_vec(&named(&old, "old")).unwrap());
    let config = AuthConfig {
        issuer: "sso".to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks_file: jwks_file.clone(),
        ..AuthConfig::default()
    };
    let authenticator = Authenticator::new(&config).unwrap();
    let (before, after) = (token(&old, "old", "sso"), token(&new, "new", "sso"));
    assert_eq!(asked(&authenticator, &before).await.as_deref(), Ok("li"));
    put(b"{");
    later(Duration::from_secs(5)).await;
    assert_eq!(asked(&authenticator, &before).await.as_deref(), Ok("li"), "half a file");
    put(&serde_json::to_vec(&named(&new, "new")).unwrap());
    later(Duration::from_secs(5)).await;
    assert_eq!(asked(&authenticator, &after).await.as_deref(), Ok("li"));
    assert_eq!(asked(&authenticator, &before).await, REFUSED);
}

#[tokio::test]
async fn an_issuers_own_claims_are_mapped() {
    let issuer = Issuer::new();
    let at = Asked::start(&issuer, "key").await;
    let mapping = MappingConfig {
        claim: "groups".to_owned(),
        value: "车辆管理科".to_owned(),
        role: "operator".to_owned(),
        domain: "fleet".to_owned(),
        regions: vec!["420500".to_owned()],
        regions_claim: String::new(),
        organizations: Vec::new(),
        organizations_claim: String::new(),
    };
    let claims = ClaimsConfig { subject: "groups".to_owned(), ..ClaimsConfig::default() };
    let config = AuthConfig { mappings: vec![mapping], ..at.config() };
    let authenticator = Authenticator::new(&config).unwrap();
    let token = signed(&issuer, "key", &at.url(), "groups", json!("车辆管理科"));
    let value = format!("Bearer {token}").parse().unwrap();
    let headers: HeaderMap = [(AUTHORIZATION, value)].into_iter().collect();
    let identity = authenticator.identify(&headers, &Peer::default(), now()).await.unwrap();
    assert!(identity.scope(Some("fleet"), &[Role::Operator]).is_some());
    assert!(identity.scope(Some("energy"), &[Role::Operator]).is_none());

    let by_group = Authenticator::new(&AuthConfig { claims, ..config }).unwrap();
    assert_eq!(asked(&by_group, &token).await.as_deref(), Ok("车辆管理科"), "another subject");
}

#[tokio::test]
async fn nobody_is_two_administrators() {
    let issuer = Issuer::new();
    let at = Asked::start(&issuer, "key").await;
    let authenticator = Authenticator::new(&at.config()).unwrap();
    for (roles, alone) in [
        (&["system_admin", "manager", "viewer"][..], true),
        (&["auditor", "viewer"], true),
        (&["security_admin"], true),
        (&["system_admin", "security_admin"], false),
        (&["system_admin", "auditor"], false),
        (&["auditor", "security_admin", "viewer"], false),
    ] {
        let token = signed(&issuer, "key", &at.url(), "grants", grants(roles, &["4205*"]));
        let expected = if alone { Ok("li".to_owned()) } else { Err("ROLES_NOT_SEPARATED") };
        assert_eq!(asked(&authenticator, &token).await, expected, "{roles:?}");
    }
}
