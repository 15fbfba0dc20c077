//! Which tokens are believed.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use jsonwebtoken::jwk::PublicKeyUse;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use steward_chassis::Result;
use steward_chassis::auth::{Authenticator, SUBJECT_HEADER, Verifier};
use steward_chassis::config::AuthConfig;
use steward_chassis::identity::Identity;
use steward_chassis::peer::Peer;
use steward_proto::types::v1::Role;
use steward_tests::Issuer;
use steward_tests::issuer::{AUDIENCE, ISSUER, claims, grants, header};

fn now() -> DateTime<Utc> {
    "2017-06-15T00:00:00Z".parse().unwrap()
}

fn viewer() -> Value {
    grants(&["viewer"], &["4205*"])
}

/// The headers of a call with that authorization.
fn headers(authorization: Option<&str>) -> HeaderMap {
    let value = authorization.map(|text| (AUTHORIZATION, text.parse().unwrap()));
    value.into_iter().collect()
}

/// Who calls with these headers. With keys that are at hand nothing is waited for.
fn identify(
    authenticator: &Authenticator,
    headers: &HeaderMap,
    at: DateTime<Utc>,
) -> Result<Arc<Identity>> {
    let peer = Peer::default();
    authenticator.identify(headers, &peer, at).now_or_never().expect("an answer at once")
}

/// Whether the token is believed at a time.
fn believed(issuer: &Issuer, token: &str, at: DateTime<Utc>) -> bool {
    identify(&issuer.authenticator(), &headers(Some(&format!("Bearer {token}"))), at).is_ok()
}

#[test]
fn a_good_token_names_subject_and_grants() {
    let issuer = Issuer::new();
    let token = issuer.token(now(), "li", &viewer());
    let header = format!("bearer {token}");
    let identity = identify(&issuer.authenticator(), &headers(Some(&header)), now()).unwrap();
    assert_eq!(identity.subject, "li");
    assert_eq!(identity.grants.len(), 1);
    assert_eq!(identity.grants[0].regions[0].to_string(), "4205*");
}

#[test]
fn a_token_holds_from_nbf_to_exp_also_out_of_the_cache() {
    let issuer = Issuer::new();
    let token = issuer.token(now(), "li", &viewer());
    let authenticator = issuer.authenticator();
    let at = |seconds| {
        let at = now() + TimeDelta::seconds(seconds);
        identify(&authenticator, &headers(Some(&format!("Bearer {token}"))), at).is_ok()
    };
    for (seconds, good) in [
        (0, true),
        (3600, true),
        (3660, false),
        (7200, false),
        (-60, true),
        (-61, false),
        (10, true),
    ] {
        assert_eq!(at(seconds), good, "after {seconds} s");
    }
}

#[test]
fn forged_tokens_are_refused() {
    let issuer = Issuer::new();
    assert!(!believed(&issuer, &Issuer::new().token(now(), "li", &viewer()), now()), "another key");

    let token = issuer.token(now(), "li", &viewer());
    let mut parts = token.split('.');
    let (head, body, signature) =
        (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let more = claims(now(), "li", &grants(&["manager"], &["*"]));
    let other = URL_SAFE_NO_PAD.encode(more.to_string());
    assert!(believed(&issuer, &format!("{head}.{body}.{signature}"), now()));
    assert!(!believed(&issuer, &format!("{head}.{other}.{signature}"), now()), "another body");

    for algorithm in ["none", "None", "NONE"] {
        let none = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "kid": "test"}).to_string());
        assert!(!believed(&issuer, &format!("{none}.{body}."), now()), "alg {algorithm}");
        assert!(!believed(&issuer, &format!("{none}.{body}.{signature}"), now()));
    }
    // The public key, which everybody knows, as the secret of a symmetric algorithm.
    let public = serde_json::to_vec(&issuer.keys().keys[0]).unwrap();
    let head = Header { kid: Some("test".to_owned()), ..Header::new(Algorithm::HS256) };
    let body = claims(now(), "li", &viewer());
    let symmetric = encode(&head, &body, &EncodingKey::from_secret(&public)).unwrap();
    assert!(!believed(&issuer, &symmetric, now()));
}

#[test]
fn claims_must_fit() {
    let issuer = Issuer::new();
    let with = |key: &str, value: Value| {
        let mut claims = claims(now(), "li", &viewer());
        claims[key] = value;
        issuer.sign(&header(), &claims)
    };
    assert!(believed(&issuer, &with("extra", json!(1)), now()));
    assert!(believed(&issuer, &with("exp", json!(4_102_444_800.5)), now()));
    assert!(believed(&issuer, &with("sub", json!("芳".repeat(128))), now()));
    for (key, value) in [
        ("sub", json!("芳".repeat(129))),
        ("sub", json!("li\u{0}")),
        ("sub", json!("li\nwang")),
        ("sub", json!("steward")),
        ("aud", json!("other")),
        ("iss", json!("https://other.example")),
        ("sub", json!("")),
        ("sub", Value::Null),
        ("exp", Value::Null),
        ("exp", json!("tomorrow")),
        ("exp", json!(1e300)),
        ("exp", json!(9_999_999_999_999_i64)),
        ("nbf", json!("today")),
        ("sub", json!("x509:CN=finance")),
        ("grants", json!([{"role": "emperor", "domain": "*"}])),
        ("grants", json!([{"role": "unspecified", "domain": "*"}])),
        ("grants", json!([{"role": "viewer", "domain": "*", "regions": ["4205%"]}])),
    ] {
        assert!(!believed(&issuer, &with(key, value.clone()), now()), "{key} = {value}");
    }
}

#[test]
fn what_is_no_bearer_token_is_refused() {
    let issuer = Issuer::new();
    let token = issuer.token(now(), "li", &viewer());
    let long = "x".repeat(20_000);
    for header in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Basic {token}")),
        Some(token.clone()),
        Some("Bearer a.b.c".to_owned()),
        Some(format!("Bearer {long}")),
    ] {
        assert!(
            identify(&issuer.authenticator(), &headers(header.as_deref()), now()).is_err(),
            "{header:?}"
        );
    }
}

#[test]
fn keys_overlap_while_they_rotate() {
    let (old, new) = (Issuer::new(), Issuer::new());
    let mut keys = old.keys();
    keys.keys.extend(new.keys().keys);
    let verifier = Verifier::new(&keys, ISSUER, AUDIENCE).unwrap();
    let authenticator = Authenticator::from(verifier);
    let unnamed = Header::new(Algorithm::ES256);
    for issuer in [&old, &new] {
        let token = issuer.sign(&unnamed, &claims(now(), "li", &viewer()));
        assert!(
            identify(&authenticator, &headers(Some(&format!("Bearer {token}"))), now()).is_ok()
        );
    }
    let token = Issuer::new().sign(&unnamed, &claims(now(), "li", &viewer()));
    assert!(identify(&authenticator, &headers(Some(&format!("Bearer {token}"))), now()).is_err());
}

#[test]
fn a_key_for_encryption_signs_nothing_and_unknown_demands_are_refused() {
    let issuer = Issuer::new();
    let mut keys = issuer.keys();
    keys.keys[0].common.public_key_use = Some(PublicKeyUse::Encryption);
    assert!(Verifier::new(&keys, ISSUER, AUDIENCE).is_err());
    let critical = Header { crit: Some(vec!["exp2".to_owned()]), ..header() };
    let token = issuer.sign(&critical, &claims(now(), "li", &viewer()));
    assert!(!believed(&issuer, &token, now()));
}

#[test]
fn who_says_who_he_is_is_believed_only_where_authentication_is_off() {
    let open = Authenticator::new(&AuthConfig::off()).unwrap();
    let named = |authorization: Option<&str>, subject: &[u8]| {
        let mut headers = headers(authorization);
        headers.insert(SUBJECT_HEADER, HeaderValue::from_bytes(subject).unwrap());
        headers
    };
    assert_eq!(*identify(&open, &headers(None), now()).unwrap(), Identity::local());
    let zhang = identify(&open, &named(None, b"zhang"), now()).unwrap();
    assert_eq!(zhang.subject, "zhang");
    let roles: Vec<_> = zhang.grants.iter().map(|grant| grant.role).collect();
    assert!(roles.contains(&Role::Manager) && !roles.contains(&Role::SecurityAdmin), "{roles:?}");
    for nobody in [&b""[..], b"steward", &[b'x'; 129], "芳".as_bytes()] {
        assert!(identify(&open, &named(None, nobody), now()).is_err(), "{nobody:?}");
    }

    let issuer = Issuer::new();
    let token = format!("Bearer {}", issuer.token(now(), "li", &viewer()));
    let closed = issuer.authenticator();
    assert!(identify(&closed, &named(None, b"zhang"), now()).is_err());
    let li = identify(&closed, &named(Some(&token), b"zhang"), now()).unwrap();
    assert_eq!((li.subject.as_str(), li.grants.len()), ("li", 1));
}
