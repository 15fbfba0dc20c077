//! One trace from the caller through the gateway into a service.

use opentelemetry::trace::{SpanId, TraceId, TracerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use steward_proto::directory::v1::ListRegionsRequest;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_tests::Engine;
use steward_tests::service::{As, called, open_runtime, test_clock};
use steward_tests::suite::Suite;
use tracing_subscriber::layer::SubscriberExt;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

#[test]
fn spans_of_gateway_and_service_join_the_callers_trace() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    // Only what this thread does is collected: the runtime has no other.
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    // With one dispatcher only, tracing asks the default of whichever thread comes first.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let suite = Suite::start(Engine::Sqlite, &open_runtime(&test_clock())).await;
        let mut client = RegionServiceClient::new(called(&suite.gateway, As::default()));
        let mut request = tonic::Request::new(ListRegionsRequest::default());
        let parent = format!("00-{TRACE}-{CALLER}-01").parse().unwrap();
        request.metadata_mut().insert("traceparent", parent);
        client.list_regions(request).await.unwrap();
    });
    let spans = exporter.get_finished_spans().unwrap();
    let calls: Vec<&SpanData> = spans
        .iter()
        .filter(|span| span.name == "steward.directory.v1.RegionService/ListRegions")
        .collect();
    assert_eq!(calls.len(), 2, "one of the gateway, one of the service: {spans:#?}");
    let trace = TraceId::from_hex(TRACE).unwrap();
    assert!(calls.iter().all(|span| span.span_context.trace_id() == trace));
    let caller = SpanId::from_hex(CALLER).unwrap();
    let gateway = calls.iter().find(|span| span.parent_span_id == caller).unwrap();
    let service = calls.iter().find(|span| span.parent_span_id != caller).unwrap();
    assert_eq!(service.parent_span_id, gateway.span_context.span_id());
    for call in calls {
        let status = call.attributes.iter().find(|a| a.key.as_str() == "rpc.grpc.status_code");
        assert_eq!(status.unwrap().value.as_str(), "0");
    }
}
