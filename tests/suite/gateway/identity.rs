//! Who calls, as the gateway tells him.

use prost_types::Timestamp;
use serde_json::{Value, json};
use steward_kernel::Clock as _;
use steward_proto::identity::v1::identity_service_client::IdentityServiceClient;
use steward_proto::identity::v1::{GetIdentityRequest, Grant, Identity, Proof};
use steward_proto::types::v1::Role;
use steward_tests::Issuer;
use steward_tests::service::{As, called, test_clock};

use super::*;

/// What the gateway tells a caller, with a token or where authentication is off.
async fn told(runtime: &Runtime, caller: As) -> Result<Identity, Status> {
    let gateway = Gateway { domains: BTreeMap::new(), directory: dead().await };
    let (report, http) = (ReportConfig::default(), HttpConfig::default());
    let started = gateway.start(&report, &http, runtime).await.unwrap();
    let backend = serve(started.routes.clone()).await;
    let mut client = IdentityServiceClient::new(called(&backend, caller));
    let answer = client.get_identity(GetIdentityRequest {}).await?;
    Ok(answer.into_inner().identity.unwrap())
}

async fn with_token(grants: &Value) -> Result<Identity, Status> {
    let issuer = Issuer::new();
    let token = issuer.token(test_clock().now(), "li", grants);
    told(&issuer.runtime(&test_clock()), As::bearer(&token)).await
}

#[tokio::test]
async fn the_bearer_of_a_token_is_told_what_it_says() {
    let grants = json!([
        {"role": "manager", "domain": "fleet", "regions": ["4205*"]},
        {"role": "viewer", "domain": "*", "organizations": ["11420500YP0000017K"]},
    ]);
    let grant = |role: Role, domain: &str, regions: &[&str], organizations: &[&str]| Grant {
        role: role.into(),
        domain: domain.to_owned(),
        regions: regions.iter().map(ToString::to_string).collect(),
        organizations: organizations.iter().map(ToString::to_string).collect(),
    };
    let expected = Identity {
        subject: "li".to_owned(),
        proof: Proof::Token.into(),
        expire_time: Some(Timestamp { seconds: test_clock().now().timestamp() + 3600, nanos: 0 }),
        grants: vec![
            grant(Role::Manager, "fleet", &["4205*"], &[]),
            grant(Role::Viewer, "*", &[], &["11420500YP0000017K"]),
        ],
        address: "127.0.0.1".to_owned(),
    };
    assert_eq!(with_token(&grants).await.unwrap(), expected);
    assert_eq!(with_token(&json!([])).await.unwrap().grants, [], "granted nothing, and told so");
    let two = json!([
        {"role": "auditor", "domain": "fleet", "regions": ["4205*"]},
        {"role": "system_admin", "domain": "energy", "regions": ["4205*"]},
    ]);
    let reason = (Code::PermissionDenied, "ROLES_NOT_SEPARATED".to_owned());
    assert_eq!(refusal(&with_token(&two).await.unwrap_err()), reason);
}

#[tokio::test]
async fn strangers_are_told_nothing_and_where_nobody_proves_who_he_is_that_is_told() {
    let runtime = Issuer::new().runtime(&test_clock());
    let stranger = told(&runtime, As::default()).await.unwrap_err();
    assert_eq!(stranger.code(), Code::Unauthenticated);

    let open = steward_tests::service::open_runtime(&test_clock());
    let local = told(&open, As::default()).await.unwrap();
    assert_eq!((local.subject.as_str(), local.proof()), ("local", Proof::None));
    assert_eq!(local.expire_time, None);
    let zhang = told(&open, As::default().named("zhang")).await.unwrap();
    assert_eq!((zhang.subject.as_str(), zhang.grants.len()), ("zhang", 5));
}
