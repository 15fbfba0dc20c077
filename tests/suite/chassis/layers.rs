//! The layers around a service.

use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::directory::v1::ListRegionsRequest;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_tests::issuer::grants;
use steward_tests::service::{As, called, start, test_clock};
use steward_tests::{Issuer, TestDb, both};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::MIGRATIONS;

both!(MIGRATIONS, only_the_public_list_answers_without_a_token, a_role_counts_in_its_domain);

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
