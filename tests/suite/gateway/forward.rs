//! Every RPC kind passes unchanged, to a service on the network and to one in this process.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{ListCategoriesRequest, SummarizeCostsRequest};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Request;
use tonic::server::NamedService;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use super::ledger::{FakeLedger, Mood};
use steward_tests::raw::Raw;

use super::probe::{Probe, REASON, client, path};
use super::*;

/// The gateway over the probe as fleet: in this process, and over the network. Its own client always
/// comes over the network.
async fn doors() -> Vec<(&'static str, Backend)> {
    let probe = || Routes::new(Probe);
    let mut doors = Vec::new();
    for (name, fleet) in [("local", Backend::Local(probe())), ("remote", serve(probe()).await)] {
        doors.push((name, door([(Domain::Fleet, fleet)].into()).await));
    }
    doors
}

/// The gateway on a port.
async fn door(domains: BTreeMap<Domain, Backend>) -> Backend {
    serve(routes(domains).await).await
}

#[tokio::test]
async fn unary_with_metadata_both_ways() {
    for (name, door) in doors().await {
        let mut request = Request::new(Bytes::from_static(b"hello"));
        request.metadata_mut().insert("x-question", "why".parse().unwrap());
        let answer =
            client(door).await.unary(request, path(Probe::NAME, "Echo"), Raw).await.unwrap();
        assert_eq!(answer.metadata().get("x-answer").unwrap(), "why", "{name}");
        assert_eq!(answer.get_ref().as_ref(), b"hello", "{name}");
    }
}

#[tokio::test]
async fn an_error_keeps_its_details_and_metadata() {
    for (name, door) in doors().await {
        let request = Request::new(Bytes::new());
        let refused =
            client(door).await.unary(request, path(Probe::NAME, "Refuse"), Raw).await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::FailedPrecondition, REASON.code.to_owned()), "{name}");
        assert_eq!(refused.message(), "the probe refuses");
        assert_eq!(refused.metadata().get("x-answer").unwrap(), "kept", "{name}");
        assert_eq!(refused.get_details_error_info().unwrap().metadata["limit"], "3");
        assert_eq!(refused.get_details_localized_message().unwrap().message, REASON.zh);
    }
}

#[tokio::test]
async fn a_server_stream_that_breaks_off_keeps_its_messages_and_trailers() {
    for (name, door) in doors().await {
        let request = Request::new(Bytes::new());
        let mut client = client(door).await;
        let answer = client.server_streaming(request, path(Probe::NAME, "Count"), Raw).await;
        let mut parts = answer.unwrap().into_inner();
        assert_eq!(parts.message().await.unwrap().unwrap(), "one", "{name}");
        assert_eq!(parts.message().await.unwrap().unwrap(), "two", "{name}");
        let lost = parts.message().await.unwrap_err();
        assert_eq!((lost.code(), lost.message()), (Code::DataLoss, "the rest is lost"), "{name}");
        assert_eq!(lost.metadata().get("x-answer").unwrap(), "in the trailers", "{name}");
    }
}

#[tokio::test]
async fn a_client_stream() {
    for (name, door) in doors().await {
        let parts = stream::iter((0..100).map(|_| Bytes::from(vec![7; 1_000])));
        let request = Request::new(parts);
        let mut client = client(door).await;
        let answer = client.client_streaming(request, path(Probe::NAME, "Length"), Raw).await;
        assert_eq!(answer.unwrap().into_inner(), "100000", "{name}");
    }
}

#[tokio::test]
async fn both_sides_talk_in_turns() {
    for (name, door) in doors().await {
        let (say, said) = mpsc::channel(1);
        let mut client = client(door).await;
        let request = Request::new(ReceiverStream::new(said));
        let answer = client.streaming(request, path(Probe::NAME, "Talk"), Raw).await;
        let mut heard = answer.unwrap().into_inner();
        // Each word is only said after the answer to the one before was heard.
        for word in ["one", "two", "three"] {
            say.send(Bytes::from_static(word.as_bytes())).await.unwrap();
            let answer = heard.message().await.unwrap().unwrap();
            assert_eq!(answer, word.to_ascii_uppercase(), "{name}");
        }
        drop(say);
        assert!(heard.message().await.unwrap().is_none(), "{name}");
    }
}

#[tokio::test]
async fn three_megabytes_pass() {
    let large = Bytes::from(vec![42; 3 << 20]);
    for (name, door) in doors().await {
        let request = Request::new(large.clone());
        let answer = client(door).await.unary(request, path(Probe::NAME, "Echo"), Raw).await;
        assert_eq!(answer.unwrap().into_inner(), large, "{name}");
    }
}

#[tokio::test]
async fn the_time_the_caller_waits_is_passed_on() {
    for (name, door) in doors().await {
        let mut request = Request::new(Bytes::new());
        request.set_timeout(Duration::from_secs(40));
        let answer =
            client(door).await.unary(request, path(Probe::NAME, "Echo"), Raw).await.unwrap();
        let timeout = answer.metadata().get("x-answer").unwrap().to_str().unwrap();
        assert_eq!(timeout, "40000000u", "{name}");
    }
}

#[tokio::test]
async fn the_headers_of_the_suite_come_from_the_suite_only() {
    for (name, door) in doors().await {
        let mut request = Request::new(Bytes::new());
        for header in ["steward-domain", "steward-client-address", "steward-subject", "x-question"]
        {
            request.metadata_mut().insert(header, "fleet".parse().unwrap());
        }
        let answer =
            client(door).await.unary(request, path(Probe::NAME, "Echo"), Raw).await.unwrap();
        let names = answer.metadata().get("x-names").unwrap().to_str().unwrap();
        let own: Vec<_> = names.split(',').filter(|name| name.contains("steward-")).collect();
        assert!(names.contains("x-question"), "{name}: {names}");
        // Over the network a service is told for whom the gateway calls, and not by him.
        let told = answer.metadata().get("x-address").map(|address| address.to_str().unwrap());
        let (headers, address) = match name {
            "remote" => (&["steward-subject", "steward-client-address"][..], Some("127.0.0.1")),
            _ => (&["steward-subject"][..], None),
        };
        assert_eq!((&own[..], told), (headers, address), "{name}: {names}");
    }
}

#[tokio::test]
async fn what_no_service_has_is_unimplemented() {
    for (name, door) in doors().await {
        for service in ["steward.fleets.v1.ProbeService", "steward.findings.v1.FindingService", "x"]
        {
            let request = Request::new(Bytes::new());
            let refused =
                client(door.clone()).await.unary(request, path(service, "Echo"), Raw).await;
            let refused = refusal(&refused.unwrap_err());
            assert_eq!(refused, (Code::Unimplemented, "SERVICE_UNKNOWN".to_owned()), "{name}");
        }
        let request = Request::new(Bytes::new());
        let refused = client(door).await.unary(request, path(Probe::NAME, "Nothing"), Raw).await;
        assert_eq!(refused.unwrap_err().message(), "no such method", "{name}: the service says it");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let door = door([(Domain::Fleet, dead().await)].into()).await;
    let request = Request::new(Bytes::new());
    let refused = client(door).await.unary(request, path(Probe::NAME, "Echo"), Raw).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn the_ledger_is_the_one_of_the_domain_that_is_named() {
    let ledger = |name: &str| FakeLedger::with_category(name).backend();
    let domains = [(Domain::Fleet, ledger("fuel")), (Domain::Energy, ledger("electricity"))];
    let door = door(domains.into()).await;
    let ask = async |domain: Option<&str>| {
        let mut request = Request::new(ListCategoriesRequest {});
        if let Some(domain) = domain {
            request.metadata_mut().insert("steward-domain", domain.parse().unwrap());
        }
        let answer = LedgerServiceClient::new(door.clone()).list_categories(request).await;
        answer.map(|answer| answer.into_inner().categories[0].code.clone())
    };
    assert_eq!(ask(Some("fleet")).await.unwrap(), "fuel");
    assert_eq!(ask(Some("energy")).await.unwrap(), "electricity");
    for nobody in [None, Some("traffic"), Some("Fleet"), Some("property"), Some("")] {
        let refused = refusal(&ask(nobody).await.unwrap_err());
        assert_eq!(refused, (Code::InvalidArgument, "DOMAIN_REQUIRED".to_owned()), "{nobody:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_given_up_hold_no_place() {
    let fleet = FakeLedger::new(Mood::Silent).backend();
    let energy = FakeLedger::paying(1, 1).backend();
    let door = started([(Domain::Fleet, fleet), (Domain::Energy, energy)].into()).await;
    let ask = async |domain: &str| {
        let mut request = Request::new(SummarizeCostsRequest::default());
        request.metadata_mut().insert("steward-domain", domain.parse().unwrap());
        let mut ledger = LedgerServiceClient::new(door.clone());
        timeout(Duration::from_secs(1), ledger.summarize_costs(request)).await
    };
    for _ in 0..=PLACES {
        assert!(ask("fleet").await.is_err(), "it never answers");
    }
    assert!(ask("energy").await.is_ok_and(|answer| answer.is_ok()), "it answers all the same");
}

#[tokio::test]
async fn health_is_answered_by_the_gateway_itself() {
    let door = door([(Domain::Fleet, dead().await)].into()).await;
    let mut health = HealthClient::new(door.clone());
    // Every service of the API, for all of them answer here.
    let rules = steward_chassis::access::AccessTable::load().unwrap();
    let services = rules.iter().filter_map(|(path, _)| path.split('/').nth(1));
    let services: std::collections::BTreeSet<_> = services.collect();
    assert!(services.iter().eq(steward_proto::SERVICES), "{services:?}");
    for service in services.into_iter().chain([""]) {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    let mut watched = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
}
