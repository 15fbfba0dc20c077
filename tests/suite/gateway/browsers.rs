//! What browsers may do from the pages of others.

use std::collections::BTreeMap;

use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use tonic::body::Body;
use tower::Service;

use super::{HttpConfig, dead, routes_for};

const OURS: &str = "https://console.example.gov.cn";

async fn ask(method: Method, origin: &str) -> Response<Body> {
    let browsers = HttpConfig { origins: OURS.to_owned() };
    let mut routes = routes_for(BTreeMap::new(), dead().await, &browsers).await;
    let request = Request::builder()
        .method(method)
        .uri("/openapi.json")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,x-grpc-web")
        .body(Body::empty())
        .unwrap();
    routes.call(request).await.unwrap()
}

#[tokio::test]
async fn pages_of_configured_origins_may_call() {
    for method in [Method::OPTIONS, Method::GET] {
        let answer = ask(method.clone(), OURS).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["access-control-allow-origin"], OURS, "{method}");
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    }
    let allowed = ask(Method::OPTIONS, OURS).await;
    let headers = allowed.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
    assert!(["authorization", "x-grpc-web", "if-match"].iter().all(|name| headers.contains(name)));
}

#[tokio::test]
async fn other_pages_may_not() {
    for origin in ["https://elsewhere.example", "http://console.example.gov.cn", "null"] {
        for method in [Method::OPTIONS, Method::GET] {
            let answer = ask(method, origin).await;
            assert!(!answer.headers().contains_key("access-control-allow-origin"), "{origin}");
        }
    }
}

#[tokio::test]
async fn a_form_of_grpc_web_that_is_not_spoken_is_refused_as_such() {
    let browsers = HttpConfig::default();
    let mut routes = routes_for(BTreeMap::new(), dead().await, &browsers).await;
    for kind in [
        "application/grpc-web+json",
        "application/grpc-web-text+json",
        "application/GRPC-web+x; a=b",
    ] {
        let request = Request::post("/steward.fleet.v1.VehicleService/ListVehicles");
        let request = request.header("content-type", kind).body(Body::empty()).unwrap();
        let answer = routes.call(request).await.unwrap();
        assert_eq!(answer.status(), 415, "{kind}");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("MEDIA_TYPE"), "{body:?}");
    }
}
