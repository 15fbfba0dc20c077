//! A server that is told to stop ends what it began.

use std::time::Duration;

use steward_chassis::config::ServerConfig;
use steward_chassis::run::serve;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, Organization, OrganizationKind,
};
use steward_tests::service::{listening, open_runtime, remote, start, test_clock};
use steward_tests::{TestDb, both};
use tokio::sync::oneshot;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use uuid::Uuid;

use super::MIGRATIONS;

both!(MIGRATIONS, a_stop_waits_for_what_runs);

pub(super) fn request() -> CreateOrganizationRequest {
    CreateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(Organization {
            code: "11420502000000027D".to_owned(),
            name: "甲".to_owned(),
            kind: OrganizationKind::Court.into(),
            level: AdministrativeLevel::County.into(),
            ..Organization::default()
        }),
        ..CreateOrganizationRequest::default()
    }
}

async fn a_stop_waits_for_what_runs(db: TestDb) {
    let runtime = open_runtime(&test_clock());
    let started = start(&steward_directory::SPEC, &db, &runtime).await;
    let config = ServerConfig { listen: ([127, 0, 0, 1], 0).into(), ..ServerConfig::default() };
    let listening = listening(&config).await;
    let url = format!("http://{}", listening.address().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let tasks = runtime.tasks().clone();
    let serving = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap() };
        serve(listening, started, Vec::new(), &runtime, &config, stopped).await
    });
    let backend = remote(&url);
    let mut health = HealthClient::new(backend.clone());
    let ready = HealthCheckRequest { service: "readiness".to_owned() };
    assert_eq!(health.check(ready.clone()).await.unwrap().into_inner().status, 1);

    // A row that another transaction made and has not committed: the call waits for it.
    let mut tx = db.write().await;
    tx.sql("INSERT INTO scope_organization (code, region) VALUES ('11420502000000027D', '420502')")
        .run()
        .await
        .unwrap();
    let mut client = OrganizationServiceClient::new(backend.clone());
    let calling = tokio::spawn(async move { client.create_organization(request()).await });
    while tasks.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stop.send(()).unwrap();
    tx.rollback().await.unwrap();
    calling.await.unwrap().unwrap();
    serving.await.unwrap().unwrap();
    let error = health.check(ready).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable, "nobody listens any more");
}
