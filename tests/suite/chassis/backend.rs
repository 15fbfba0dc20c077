//! How a service is called over the network: again where that is safe, and at all its addresses.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use steward_chassis::accept::plaintext;
use steward_chassis::backend::Backend;
use steward_chassis::config::TlsConfig;
use steward_chassis::run::server;
use steward_tests::service::{later, remote};
use tokio::net::TcpListener;
use tokio::runtime;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::Service as _;

use crate::gateway::hall::{Hall, LIST, OTHER, call};

/// Serves at an address of loopback, as a process of its own would; port 0 = a free one.
async fn serving(hall: &Hall, host: u8, port: u16) -> (u16, Process) {
    let process = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let (process, routes) = (process.unwrap(), hall.routes());
    let port = process.spawn(async move {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, host), port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(server().add_routes(routes).serve_with_incoming(plaintext(listener, 64)));
        port
    });
    (port.await.unwrap(), Process(Some(process)))
}

/// Ends, with all its connections, when it is dropped.
struct Process(Option<runtime::Runtime>);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.take().unwrap().shutdown_background();
    }
}

async fn code(backend: &Backend, rpc: &str, bytes: Bytes) -> Code {
    call(backend, rpc, bytes).await.err().map_or(Code::Ok, |status| status.code())
}

#[tokio::test]
async fn what_may_be_done_twice_is_called_again_where_nobody_was_there() {
    let hall = Hall::open();
    let (port, _serving) = serving(&hall, 1, 0).await;
    let backend = remote(&format!("http://127.0.0.1:{port}"));
    let small = || Bytes::from_static(b"once");
    for (rpc, bytes, lost, answer, calls) in [
        (LIST, small(), 0, Code::Ok, 1),
        (LIST, small(), 1, Code::Ok, 2),
        (LIST, small(), 2, Code::Ok, 3),
        (LIST, small(), 3, Code::Unavailable, 3),
        // Nobody says that this may be done twice.
        (OTHER, small(), 1, Code::Unavailable, 1),
        // More than is kept for it.
        (LIST, Bytes::from(vec![7; 300_000]), 1, Code::Unavailable, 1),
        (LIST, Bytes::from(vec![7; 200_000]), 1, Code::Ok, 2),
    ] {
        hall.lose(lost);
        assert_eq!(code(&backend, rpc, bytes.clone()).await, answer, "{rpc} {lost}");
        assert_eq!(hall.calls(), calls, "{rpc} {lost}");
        hall.lose(0);
    }
    let large = Bytes::from(vec![7; 300_000]);
    assert_eq!(call(&backend, LIST, large.clone()).await.unwrap(), large, "whole all the same");
}

#[tokio::test]
async fn a_request_that_never_comes_whole_is_not_waited_for() {
    let hall = Hall::open();
    let (port, _serving) = serving(&hall, 1, 0).await;
    let mut backend = remote(&format!("http://127.0.0.1:{port}"));
    let silent = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Status>>());
    let request = http::Request::post(LIST).header("content-type", "application/grpc");
    let answer = tokio::spawn(backend.call(request.body(Body::new(silent)).unwrap()));
    tokio::task::yield_now().await;
    later(Duration::from_secs(10)).await;
    let answer = answer.await.unwrap().unwrap();
    let refused = Status::from_header_map(answer.headers()).unwrap();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "REQUEST_TOO_SLOW");
    assert_eq!(hall.calls(), 0);
}

#[tokio::test]
async fn a_service_that_fails_is_not_drowned_by_those_who_call_again() {
    let hall = Hall::open();
    let (port, _serving) = serving(&hall, 1, 0).await;
    let backend = remote(&format!("http://127.0.0.1:{port}"));
    hall.lose(usize::MAX);
    for _ in 0..200 {
        assert_eq!(code(&backend, LIST, Bytes::new()).await, Code::Unavailable);
    }
    // A fifth of 200, and 5 a second of the ten that are looked at.
    let calls = hall.calls();
    assert!((201..=200 + 40 + 55).contains(&calls), "{calls}");
}

/// What the name of the service stands for.
static NAMED: LazyLock<Mutex<Vec<SocketAddr>>> = LazyLock::new(Mutex::default);

fn named(hosts: &[u8], port: u16) {
    let at = |host: &u8| SocketAddr::from(([127, 0, 0, *host], port));
    *NAMED.lock().unwrap() = hosts.iter().map(at).collect();
}

#[tokio::test]
async fn all_addresses_behind_a_name_are_called_and_their_changes_followed() {
    let halls = [Hall::open(), Hall::open(), Hall::open()];
    let (port, first) = serving(&halls[0], 21, 0).await;
    let (_, _second) = serving(&halls[1], 22, port).await;
    let (_, _third) = serving(&halls[2], 23, port).await;
    named(&[21, 22], port);
    let concurrency = NonZeroUsize::new(64).unwrap();
    let url = format!("http://steward.test:{port}");
    let backend = Backend::found(&url, &TlsConfig::default(), concurrency, |_, _| {
        Box::pin(async { Ok(NAMED.lock().unwrap().clone()) })
    });
    let backend = backend.unwrap();
    tokio::task::yield_now().await;
    let calls = async || {
        for _ in 0..30 {
            assert_eq!(code(&backend, LIST, Bytes::new()).await, Code::Ok);
        }
        halls.each_ref().map(Hall::calls)
    };
    assert_eq!(calls().await, [15, 15, 0]);

    drop(first);
    let [_, others, none] = calls().await;
    assert_eq!((others, none), (30, 0), "one that is gone is left alone");

    named(&[22, 23], port);
    later(Duration::from_secs(5)).await;
    tokio::task::yield_now().await;
    assert_eq!(calls().await, [0, 15, 15]);
    named(&[], port);
    later(Duration::from_secs(5)).await;
    tokio::task::yield_now().await;
    assert_eq!(calls().await, [0, 15, 15], "a name without addresses changes nothing");
}
