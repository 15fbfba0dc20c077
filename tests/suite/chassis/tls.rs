//! TLS: systems call by their certificates, and the gateway for them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use steward_chassis::auth::Authenticator;
use steward_chassis::backend::Backend;
use steward_chassis::config::{
    AuthConfig, GrantConfig, HealthConfig, ServerConfig, SystemConfig, TlsConfig,
};
use steward_chassis::layers::Runtime;
use steward_chassis::run::{Listening, serve};
use steward_chassis::service::Started;
use steward_gateway::Gateway;
use steward_gateway::config::HttpConfig;
use steward_gateway::report::ReportConfig;
use steward_kernel::Clock;
use steward_proto::audit::v1::audit_service_client::AuditServiceClient;
use steward_proto::audit::v1::{AuditEvent, ListEventsRequest};
use steward_proto::directory::v1::ListRegionsRequest;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_proto::identity::v1::identity_service_client::IdentityServiceClient;
use steward_proto::identity::v1::{GetIdentityRequest, Proof};
use steward_tests::issuer::{AUDIENCE, ISSUER, grants};
use steward_tests::pki::Authority;
use steward_tests::service::{later, remote, start, test_clock};
use steward_tests::{Engine, Issuer, TestDb, both};
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

both!(
    super::MIGRATIONS.to_vec(),
    systems_are_known_by_their_certificates,
    the_gateway_tells_for_whom_it_calls,
    health_is_answered_beside_and_nothing_else,
);

/// What the system of the tests is called in its certificate: with a comma and in Chinese.
const FINANCE: (&str, &str) = ("finance", "财政局, 国库科");
/// The same as RFC 4514 writes it: from the inside out, the comma marked.
const FINANCE_NAME: &str = "CN=finance,O=财政局\\, 国库科";

/// Who may call: the bearers of an issuer's tokens, finance, and for them the gateway.
fn config(issuer: &Issuer, authority: &Authority) -> AuthConfig {
    let jwks_file = authority.file().with_file_name("keys.json");
    std::fs::write(&jwks_file, serde_json::to_vec(&issuer.keys()).unwrap()).unwrap();
    let grant = |role: &str| GrantConfig {
        role: role.to_owned(),
        domain: "*".to_owned(),
        regions: vec!["4205*".to_owned()],
        organizations: Vec::new(),
    };
    AuthConfig {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks_file,
        systems: vec![SystemConfig {
            certificate: FINANCE_NAME.to_owned(),
            grants: vec![grant("manager"), grant("auditor")],
        }],
        gateway: "CN=gateway".to_owned(),
        ..AuthConfig::default()
    }
}

fn runtime(config: &AuthConfig) -> Runtime {
    let (clock, concurrency): (Arc<dyn Clock>, _) =
        (test_clock(), ServerConfig::default().concurrency);
    Runtime::new(clock, Authenticator::new(config).unwrap(), concurrency).unwrap()
}

/// Serves with a certificate; where it is, and where it answers for its health.
async fn serving(started: Started, tls: &TlsConfig, runtime: &Runtime) -> [SocketAddr; 2] {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = ServerConfig { listen: free, ..ServerConfig::default() };
    let listening =
        Listening::bind(&server, tls, &HealthConfig { listen: Some(free) }).await.unwrap();
    let at = [listening.address().unwrap(), listening.health_address().unwrap()];
    let runtime = runtime.clone();
    tokio::spawn(async move {
        let never = std::future::pending();
        serve(listening, started, Vec::new(), &runtime, &server, never).await.unwrap();
    });
    at
}

fn backend(at: SocketAddr, tls: &TlsConfig) -> Backend {
    let url = format!("https://localhost:{}", at.port());
    Backend::remote(&url, tls, ServerConfig::default().concurrency).unwrap()
}

/// What becomes of a read with some headers: nothing, or the code of the refusal.
async fn read(backend: &Backend, headers: HeaderMap) -> Code {
    let mut request = Request::new(ListRegionsRequest::default());
    *request.metadata_mut() = MetadataMap::from_headers(headers);
    let answer = RegionServiceClient::new(backend.clone()).list_regions(request).await;
    answer.err().map_or(Code::Ok, |status| status.code())
}

fn bearing(issuer: &Issuer, grants: &Value) -> HeaderMap {
    let token = issuer.token(test_clock().now(), "li", grants);
    let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    [(http::header::AUTHORIZATION, value)].into_iter().collect()
}

/// Headers by which somebody says that the gateway says that he is finance.
fn forged() -> HeaderMap {
    let name = HeaderValue::from_static(
        "CN%3Dfinance%2CO%3D%E8%B4%A2%E6%94%BF%E5%B1%80%5C%2C%20%E5%9B%BD%E5%BA%93%E7%A7%91",
    );
    let mut headers = HeaderMap::new();
    headers.insert("steward-client-certificate", name);
    headers.insert("steward-client-address", HeaderValue::from_static("10.9.9.9"));
    headers
}

async fn systems_are_known_by_their_certificates(db: TestDb) {
    let (issuer, authority, other) = (Issuer::new(), Authority::new(), Authority::new());
    let runtime = runtime(&config(&issuer, &authority));
    let started = start(&steward_directory::SPEC, &db, &runtime).await;
    let [at, _] = serving(started, &authority.issue("directory", ""), &runtime).await;
    let none = HeaderMap::new;
    let token = bearing(&issuer, &grants(&["viewer"], &["*"]));

    let finance = backend(at, &authority.issue(FINANCE.0, FINANCE.1));
    assert_eq!(read(&finance, none()).await, Code::Ok);
    assert_eq!(
        read(&finance, bearing(&Issuer::new(), &grants(&["viewer"], &["*"]))).await,
        Code::Unauthenticated,
        "a faulty token is not made up for by a certificate"
    );

    let stranger = backend(at, &authority.issue("stranger", FINANCE.1));
    assert_eq!(read(&stranger, none()).await, Code::Unauthenticated);
    assert_eq!(read(&stranger, forged()).await, Code::Unauthenticated);
    assert_eq!(read(&stranger, token.clone()).await, Code::Ok, "its user has a token");

    let nobody = TlsConfig { ca_file: Some(authority.file()), ..TlsConfig::default() };
    assert_eq!(read(&backend(at, &nobody), none()).await, Code::Unauthenticated);
    assert_eq!(read(&backend(at, &nobody), token.clone()).await, Code::Ok);

    let theirs = TlsConfig { ca_file: Some(authority.file()), ..other.issue(FINANCE.0, FINANCE.1) };
    assert_eq!(
        read(&backend(at, &theirs), token.clone()).await,
        Code::Unavailable,
        "signed by another"
    );
    let astray = TlsConfig { ca_file: Some(other.file()), ..TlsConfig::default() };
    assert_eq!(
        read(&backend(at, &astray), token.clone()).await,
        Code::Unavailable,
        "another server"
    );
    assert_eq!(read(&remote(&format!("http://{at}")), token).await, Code::Unavailable, "no TLS");
}

/// A channel of finance's from another address of loopback.
async fn from_elsewhere(at: SocketAddr, tls: &TlsConfig) -> Channel {
    let read = |file: &Option<std::path::PathBuf>| std::fs::read(file.as_ref().unwrap()).unwrap();
    let identity = Identity::from_pem(read(&tls.certificate_file), read(&tls.key_file));
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(read(&tls.ca_file)))
        .identity(identity)
        .domain_name("localhost");
    let endpoint = Endpoint::from_shared(format!("https://{at}")).unwrap().tls_config(tls).unwrap();
    endpoint.local_address(Some([127, 0, 0, 7].into())).connect().await.unwrap()
}

async fn the_gateway_tells_for_whom_it_calls(db: TestDb) {
    let (issuer, authority) = (Issuer::new(), Authority::new());
    let config = config(&issuer, &authority);
    let behind = runtime(&config);
    let started = start(&steward_directory::SPEC, &db, &behind).await;
    let [at, _] = serving(started, &authority.issue("directory", ""), &behind).await;
    let directory = backend(at, &authority.issue("gateway", ""));
    let gateway = Gateway { domains: BTreeMap::new(), directory };
    let before = runtime(&config);
    let (report, http) = (ReportConfig::default(), HttpConfig::default());
    let started = gateway.start(&report, &http, &before).await.unwrap();
    let [door, _] = serving(started, &authority.issue("door", ""), &before).await;

    let tls = authority.issue(FINANCE.0, FINANCE.1);
    let finance = from_elsewhere(door, &tls).await;
    let asked =
        IdentityServiceClient::new(finance.clone()).get_identity(GetIdentityRequest {}).await;
    let identity = asked.unwrap().into_inner().identity.unwrap();
    assert_eq!(identity.subject, format!("x509:{FINANCE_NAME}"));
    assert_eq!((identity.proof(), identity.address.as_str()), (Proof::Certificate, "127.0.0.7"));
    let request = super::stop::request();
    OrganizationServiceClient::new(finance.clone()).create_organization(request).await.unwrap();
    let event = event_of(finance, &identity.subject).await;
    assert_eq!(event.address, "127.0.0.7");

    let stranger = backend(door, &authority.issue("stranger", ""));
    assert_eq!(read(&stranger, HeaderMap::new()).await, Code::Unauthenticated);
    assert_eq!(read(&stranger, forged()).await, Code::Unauthenticated, "through the gateway");
    let mut token = bearing(&issuer, &grants(&["viewer"], &["*"]));
    token.extend(forged());
    assert_eq!(read(&stranger, token).await, Code::Ok);
    // The gateway itself is nobody.
    let alone = backend(at, &authority.issue("gateway", ""));
    assert_eq!(read(&alone, HeaderMap::new()).await, Code::Unauthenticated);
}

/// The event of what somebody did in the directory, which comes into the trail a moment later.
async fn event_of(channel: Channel, subject: &str) -> AuditEvent {
    let mut trail = AuditServiceClient::new(channel);
    loop {
        let mut request = Request::new(ListEventsRequest::default());
        request.metadata_mut().insert("steward-domain", "directory".parse().unwrap());
        let events = trail.list_events(request).await.unwrap().into_inner().events;
        if let Some(event) = events.into_iter().find(|event| event.subject == subject) {
            return event;
        }
        tokio::task::yield_now().await;
    }
}

async fn health_is_answered_beside_and_nothing_else(db: TestDb) {
    let (issuer, authority) = (Issuer::new(), Authority::new());
    let runtime = runtime(&config(&issuer, &authority));
    let started = start(&steward_directory::SPEC, &db, &runtime).await;
    let [_, health] = serving(started, &authority.issue("directory", ""), &runtime).await;
    let beside = remote(&format!("http://{health}"));
    let ready = HealthCheckRequest { service: "readiness".to_owned() };
    let answer = HealthClient::new(beside.clone()).check(ready).await.unwrap().into_inner();
    assert_eq!(answer.status, 1);
    let token = bearing(&issuer, &grants(&["viewer"], &["*"]));
    assert_eq!(read(&beside, token).await, Code::Unimplemented);
}

/// A certificate, and who signs those of others, in files of a folder that stay where they are.
fn put(folder: &Path, authority: &Authority, common: &str, organization: &str) -> TlsConfig {
    let tls = authority.issue_into(folder, common, organization);
    let signer = folder.join("ca.pem");
    std::fs::copy(authority.file(), &signer).unwrap();
    TlsConfig { client_ca_file: Some(signer.clone()), ca_file: Some(signer), ..tls }
}

#[tokio::test]
async fn certificates_are_renewed_while_everything_runs() {
    let db = TestDb::new(Engine::Sqlite, super::MIGRATIONS).await;
    let (issuer, old, new) = (Issuer::new(), Authority::new(), Authority::new());
    let folders: [_; 3] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let [server, client, other] = folders.each_ref().map(tempfile::TempDir::path);
    let runtime = runtime(&config(&issuer, &old));
    let started = start(&steward_directory::SPEC, &db, &runtime).await;
    let [at, _] = serving(started, &put(server, &old, "directory", ""), &runtime).await;
    let long_lived = backend(at, &put(client, &old, FINANCE.0, FINANCE.1));
    assert_eq!(read(&long_lived, HeaderMap::new()).await, Code::Ok);

    put(server, &new, "directory", "");
    // What is half written is not taken, and what is whole then is.
    std::fs::write(client.join("tls.key"), "half a file").unwrap();
    later(Duration::from_secs(11)).await;
    let renewed = backend(at, &put(other, &new, FINANCE.0, FINANCE.1));
    assert_eq!(read(&renewed, HeaderMap::new()).await, Code::Ok, "the new signer");
    let late = backend(at, &old.issue(FINANCE.0, FINANCE.1));
    assert_eq!(read(&late, HeaderMap::new()).await, Code::Unavailable, "the old signer");

    // It goes on under its new name, which nobody knows.
    put(client, &new, "renamed", "");
    while read(&long_lived, HeaderMap::new()).await != Code::Unauthenticated {
        later(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
}
