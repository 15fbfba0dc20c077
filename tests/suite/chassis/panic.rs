//! A handler that panics.

use std::convert::Infallible;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use steward_chassis::backend::Backend;
use steward_chassis::layers::{layers, passing};
use steward_proto::directory::v1::ListRegionsRequest;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_tests::service::{As, called, open_runtime, test_clock};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tracing_subscriber::layer::SubscriberExt;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Stands where the regions do, and panics with what it was asked, at once or after a while.
#[derive(Clone)]
struct Faulty(Duration);

impl NamedService for Faulty {
    const NAME: &'static str = "steward.directory.v1.RegionService";
}

impl tower::Service<http::Request<Body>> for Faulty {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let wait = self.0;
        async move {
            tokio::time::sleep(wait).await;
            panic!("asked with {:?}", request.headers().get("x-secret"))
        }
        .boxed()
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Calls it, and hears what is logged of that.
fn heard(routes: Routes, patience: Duration) -> (Status, String) {
    let (log, provider) = (Log::default(), SdkTracerProvider::builder().build());
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let writer = log.clone();
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let says = tracing_subscriber::registry().with(spans).with(lines);
    let _guard = tracing::subscriber::set_default(says);
    // With one dispatcher only, tracing asks the default of whichever thread comes first.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let status = runtime.unwrap().block_on(async {
        let mut client = RegionServiceClient::new(called(&Backend::Local(routes), As::default()));
        let mut request = tonic::Request::new(ListRegionsRequest::default());
        request.metadata_mut().insert("x-secret", "12345".parse().unwrap());
        let parent = format!("00-{TRACE}-b7ad6b7169203331-01").parse().unwrap();
        request.metadata_mut().insert("traceparent", parent);
        request.set_timeout(patience);
        let status = client.list_regions(request).await.unwrap_err();
        // What goes on when its caller was told.
        tokio::time::sleep(Duration::from_mins(1)).await;
        status
    });
    (status, log.text())
}

fn told(text: &str) -> usize {
    let lines = text.lines().filter(|line| line.contains("ERROR") && line.contains(TRACE));
    assert!(!text.contains("12345"), "{text}");
    lines.count()
}

#[test]
fn a_panic_is_answered_and_logged_without_what_it_says() {
    let (clock, at_once) = (test_clock(), Duration::ZERO);
    let runtime = open_runtime(&clock);
    let service = layers(Routes::new(Faulty(at_once)), Routes::default(), &runtime, None);
    for routes in [service, passing(Routes::new(Faulty(at_once)), &runtime).routes()] {
        let (status, text) = heard(routes, Duration::from_secs(9));
        assert_eq!(status.code(), Code::Internal);
        assert_eq!(status.get_details_error_info().unwrap().reason, "INTERNAL");
        assert!(status.message().contains(TRACE), "{status:?}");
        assert!(!status.message().contains("12345"), "{status:?}");
        assert_eq!(told(&text), 1, "{text}");
    }
}

#[test]
fn a_panic_after_the_deadline_is_logged() {
    let runtime = open_runtime(&test_clock());
    let slow = Routes::new(Faulty(Duration::from_secs(20)));
    let routes = layers(slow, Routes::default(), &runtime, None);
    let (status, text) = heard(routes, Duration::from_secs(9));
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(told(&text), 1, "{text}");
}
