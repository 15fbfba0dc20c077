//! One trace from the caller through the gateway into a service. (That of several processes is looked at by
//! `tests/interop`.)

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
fn a_call_that_is_passed_on_in_a_process_is_one_span_of_the_callers_trace() {
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
    let [call] = calls.as_slice() else { panic!("one call: {spans:#?}") };
    assert_eq!(call.span_context.trace_id(), TraceId::from_hex(TRACE).unwrap());
    assert_eq!(call.parent_span_id, SpanId::from_hex(CALLER).unwrap());
    let said = |key: &str| {
        let said = call.attributes.iter().find(|said| said.key.as_str() == key);
        said.map(|said| said.value.as_str().into_owned())
    };
    assert_eq!(said("rpc.service").as_deref(), Some("steward.directory.v1.RegionService"));
    assert_eq!(said("rpc.method").as_deref(), Some("ListRegions"));
    assert_eq!(said("rpc.grpc.status_code").as_deref(), Some("0"));
}
