//! The gateway under too much: who is held up, who is turned away, and what they are told.

use std::num::NonZeroUsize;

use bytes::Bytes;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use steward_chassis::config::{RateConfig, TlsConfig};
use steward_chassis::peer::Peer;
use steward_kernel::Clock as _;
use steward_tests::Issuer;
use steward_tests::issuer::grants;
use steward_tests::service::test_clock;

use super::hall::{Hall, LIST, call, over_http};
use super::*;

/// So many calls of a service may be under way.
const LIMIT: usize = 8;

/// A service over the network that has the limit.
async fn limited(hall: &Hall) -> Backend {
    let at = serve_at(hall.routes()).await;
    let limit = NonZeroUsize::new(LIMIT).unwrap();
    Backend::remote(&format!("http://{at}"), &TlsConfig::default(), limit).unwrap()
}

/// The same RPC of another domain; the probe's package is fleet's.
fn of(domain: Domain) -> String {
    format!("/steward.{}.v1.AnyService/Any", domain.name())
}

/// An answer that every domain gives at once.
fn any() -> Routes {
    let answer = async || {
        let mut answer = http::Response::new(Body::empty());
        answer.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
        answer.headers_mut().insert("grpc-status", "0".parse().unwrap());
        answer
    };
    Routes::from(axum::Router::new().fallback(answer))
}

#[tokio::test]
async fn a_service_that_holds_its_calls_keeps_no_call_of_another_from_its_answer() {
    let hall = Hall::closed();
    let mut domains = BTreeMap::from([(Domain::Fleet, limited(&hall).await)]);
    let others = [Domain::Property, Domain::Maintenance, Domain::Energy];
    for domain in others {
        domains.insert(domain, serve(any()).await);
    }
    let gateway = serve(routes(domains).await).await;
    let mut held: FuturesUnordered<_> =
        (0..LIMIT).map(|_| call(&gateway, LIST, Bytes::new())).collect();
    while hall.inside() < LIMIT {
        assert!(held.next().now_or_never().is_none(), "none is let out");
        tokio::task::yield_now().await;
    }
    let calls = (0..200).map(|i| {
        let (gateway, rpc) = (gateway.clone(), of(others[i % 3]));
        async move { empty(&gateway, &rpc).await }
    });
    let answered = join_all(calls).await;
    assert_eq!(answered, vec![Code::Ok; 200]);
    assert_eq!((hall.inside(), held.len()), (LIMIT, LIMIT), "all of this while it holds them");
    hall.let_out();
    assert_eq!(held.filter(|answer| std::future::ready(answer.is_ok())).count().await, LIMIT);
}

/// The code of an answer without a message.
async fn empty(backend: &Backend, rpc: &str) -> Code {
    let request = http::Request::post(rpc).header("content-type", "application/grpc");
    let mut backend = backend.clone();
    let answer = tower::Service::call(&mut backend, request.body(Body::empty()).unwrap()).await;
    Status::from_header_map(answer.unwrap().headers()).unwrap().code()
}

#[tokio::test]
async fn under_twice_its_limit_a_call_is_done_or_refused_at_once() {
    let hall = Hall::closed();
    let local = started([(Domain::Fleet, limited(&hall).await)].into()).await;
    let gateway = serve(routes([(Domain::Fleet, limited(&hall).await)].into()).await).await;
    for door in [local.clone(), gateway] {
        let mut sent: FuturesUnordered<_> =
            (0..2 * LIMIT).map(|_| call(&door, LIST, Bytes::from_static(b"x"))).collect();
        for _ in 0..LIMIT {
            let refused = sent.next().await.unwrap().unwrap_err();
            assert_eq!(refusal(&refused), (Code::ResourceExhausted, "BACKEND_BUSY".to_owned()));
            let wait = refused.get_details_retry_info().unwrap().retry_delay.unwrap();
            assert!(!wait.is_zero());
        }
        if matches!(door, Backend::Local(_)) {
            let (code, again, body) = over_http(&door, None).await;
            assert_eq!((code, again.as_deref()), (429, Some("1")), "{body:?}");
        }
        assert!(sent.next().now_or_never().is_none(), "the others wait");
        hall.let_out();
        let answers: Vec<_> = sent.collect().await;
        assert_eq!(answers.len(), LIMIT);
        assert!(answers.iter().all(|answer| answer.as_deref().ok() == Some(b"x")), "{answers:?}");
        assert!(hall.most() <= LIMIT, "{} at once", hall.most());
        assert_eq!(call(&door, LIST, Bytes::new()).await.unwrap(), "", "there is room again");
        hall.shut();
    }
}

/// A gateway that counts how often one calls, over a service that answers at once.
async fn counting(issuer: &Issuer, rate: RateConfig) -> Backend {
    let domains = [(Domain::Fleet, Backend::Local(Hall::open().routes()))].into();
    let gateway = Gateway { domains, directory: dead().await };
    let runtime = issuer.runtime(&test_clock()).with_rates(&rate);
    let (report, http) = (ReportConfig::default(), HttpConfig::default());
    Backend::Local(gateway.start(&report, &http, &runtime).await.unwrap().routes.clone())
}

#[tokio::test]
async fn one_who_calls_too_often_is_turned_away_and_nobody_else() {
    let issuer = Issuer::new();
    let rate = RateConfig { identity: 1, address: 0 };
    let gateway = counting(&issuer, rate).await;
    let token = |name: &str| issuer.token(test_clock().now(), name, &grants(&["viewer"], &["*"]));
    let (li, zhang) = (token("li"), token("zhang"));
    let (code, again, body) = loop {
        let answer = over_http(&gateway, Some(&li)).await;
        if answer.0 != 200 {
            break answer;
        }
    };
    assert_eq!((code, again.as_deref()), (429, Some("1")));
    assert!(String::from_utf8_lossy(&body).contains("RATE_LIMITED"));
    assert_eq!(over_http(&gateway, Some(&zhang)).await.0, 200);
}

#[tokio::test]
async fn from_one_address_so_many_calls_come_whoever_calls_or_says_so() {
    let issuer = Issuer::new();
    let rate = RateConfig { identity: 0, address: 1 };
    let Backend::Local(routes) = counting(&issuer, rate).await else { panic!("not in process") };
    let gateway = serve(routes).await;
    let (mut unknown, mut refused) = (0, Code::Unauthenticated);
    while refused == Code::Unauthenticated {
        refused = call(&gateway, LIST, Bytes::new()).await.unwrap_err().code();
        unknown += 1;
    }
    assert!(unknown > 1);
    assert_eq!(refused, Code::ResourceExhausted, "a stranger is not looked at any more");
}

#[tokio::test]
async fn the_description_is_not_given_away_without_end() {
    let rate = RateConfig { identity: 0, address: 1 };
    let Backend::Local(mut routes) = counting(&Issuer::new(), rate).await else { panic!() };
    let mut ask = async || {
        let mut request = http::Request::get("/openapi.json").body(Body::empty()).unwrap();
        let address = Some([10, 0, 0, 1].into());
        request.extensions_mut().insert(Peer { address, certificate: None });
        let answer = tower::Service::call(&mut routes, request).await.unwrap();
        (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
    };
    assert_eq!(ask().await, (200, false));
    let refused = loop {
        let answer = ask().await;
        if answer.0 != 200 {
            break answer;
        }
    };
    assert_eq!(refused, (429, true));
}

#[tokio::test]
async fn headers_without_end_are_not_read() {
    let gateway =
        serve(routes([(Domain::Fleet, serve(Hall::open().routes()).await)].into()).await).await;
    let long = "x".repeat(64 * 1024);
    let request = http::Request::post(LIST)
        .header("content-type", "application/grpc")
        .header("x-long", long)
        .body(Body::empty())
        .unwrap();
    let answer = tower::Service::call(&mut gateway.clone(), request).await.unwrap();
    let refused = answer.status().as_u16() == 431
        || Status::from_header_map(answer.headers())
            .is_some_and(|status| status.code() != Code::Ok);
    assert!(refused, "{answer:?}");
    assert!(call(&gateway, LIST, Bytes::new()).await.is_ok(), "and nobody else minds");
}
