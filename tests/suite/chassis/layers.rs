//! The layers around a service.

use std::time::Duration;

use steward_chassis::backend::Backend;
use steward_chassis::config::ServerConfig;
use steward_chassis::run::serve;
use steward_kernel::Clock as _;
use steward_proto::directory::v1::ListRegionsRequest;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_tests::issuer::grants;
use steward_tests::service::{As, called, listening, open_runtime, remote, start, test_clock};
use steward_tests::{Issuer, TestDb, both};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use super::MIGRATIONS;

both!(
    MIGRATIONS,
    only_the_public_list_answers_without_a_token,
    a_role_counts_in_its_domain,
    half_a_request_keeps_nobody_from_being_answered,
    a_passed_deadline_has_its_own_code,
);

async fn only_the_public_list_answers_without_a_token(db: TestDb) {
    let runtime = Issuer::new().runtime(&test_clock());
    let backend = Backend::Local(start(&steward_directory::SPEC, &db, &runtime).await.routes);
    for service in ["", "readiness", "steward.directory.v1.RegionService"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = HealthClient::new(backend.clone()).check(request).await.unwrap();
        assert_eq!(answer.into_inner().status, 1, "{service:?} is serving");
    }
    let error = RegionServiceClient::new(backend.clone())
        .list_regions(ListRegionsRequest::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::Unauthenticated);
    // What does not exist is not told to strangers either.
    let mut grpc = tonic::client::Grpc::new(backend);
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<HealthCheckRequest, HealthCheckRequest>::default();
    let path = http::uri::PathAndQuery::from_static("/steward.secret.v1.Service/Method");
    let error = grpc.unary(Request::new(HealthCheckRequest::default()), path, codec).await;
    assert_eq!(error.unwrap_err().code(), Code::Unauthenticated);
}

async fn a_role_counts_in_its_domain(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let runtime = issuer.runtime(&clock);
    let backend = Backend::Local(start(&steward_directory::SPEC, &db, &runtime).await.routes);
    for (domain, role, code) in [
        ("*", "viewer", None),
        ("directory", "viewer", None),
        ("fleet", "viewer", Some(Code::PermissionDenied)),
    ] {
        let mut grants = grants(&[role], &["4205*"]);
        grants[0]["domain"] = domain.into();
        let token = issuer.token(clock.now(), "li", &grants);
        let mut client = RegionServiceClient::new(called(&backend, As::bearer(&token)));
        let answer = client.list_regions(ListRegionsRequest::default()).await;
        assert_eq!(answer.err().map(|e| e.code()), code, "{domain} {role}");
    }
}

/// A body that never ends.
fn endless() -> tonic::body::Body {
    tonic::body::Body::new(http_body_util::StreamBody::new(futures::stream::pending::<
        Result<http_body::Frame<bytes::Bytes>, tonic::Status>,
    >()))
}

/// More calls than may run at once are begun and not finished, with and without a token.
async fn half_a_request_keeps_nobody_from_being_answered(db: TestDb) {
    use tower::Service as _;
    let runtime = open_runtime(&test_clock());
    let backend = Backend::Local(start(&steward_directory::SPEC, &db, &runtime).await.routes);
    let mut begun = Vec::new();
    for i in 0..600 {
        let path = match i % 2 {
            0 => "/grpc.health.v1.Health/Check",
            _ => "/steward.directory.v1.RegionService/ListRegions",
        };
        let request = http::Request::post(path)
            .header("content-type", "application/grpc")
            .body(endless())
            .unwrap();
        let mut backend = backend.clone();
        begun.push(tokio::spawn(async move { backend.call(request).await }));
    }
    tokio::task::yield_now().await;
    let mut health = HealthClient::new(backend.clone());
    let alive = health.check(HealthCheckRequest::default()).await.unwrap();
    assert_eq!(alive.into_inner().status, 1);
    let mut regions = RegionServiceClient::new(backend);
    regions.list_regions(ListRegionsRequest::default()).await.unwrap();
    begun.iter().for_each(tokio::task::JoinHandle::abort);
}

/// A call that waits for a writer is answered when its time is up, over the network too; it goes on.
async fn a_passed_deadline_has_its_own_code(db: TestDb) {
    let runtime = open_runtime(&test_clock());
    let started = start(&steward_directory::SPEC, &db, &runtime).await;
    let local = Backend::Local(started.routes.clone());
    let config = ServerConfig { listen: ([127, 0, 0, 1], 0).into(), ..ServerConfig::default() };
    let listening = listening(&config).await;
    let url = format!("http://{}", listening.address().unwrap());
    let tasks = runtime.tasks().clone();
    let serving = tokio::spawn(async move {
        serve(listening, started, Vec::new(), &runtime, &config, std::future::pending()).await
    });
    let mut tx = db.write().await;
    tx.sql("INSERT INTO scope_organization (code, region) VALUES ('11420502000000027D', '420502')")
        .run()
        .await
        .unwrap();
    for backend in [local, remote(&url)] {
        let mut request = Request::new(super::stop::request());
        request.set_timeout(Duration::from_secs(1));
        let mut client = OrganizationServiceClient::new(backend);
        let error = client.create_organization(request).await.unwrap_err();
        assert_eq!(error.code(), Code::DeadlineExceeded);
        let details = error.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "ANSWER_LATE");
    }
    tx.rollback().await.unwrap();
    tasks.close();
    tasks.wait().await;
    serving.abort();
}
