//! Logs on standard error; traces and metrics by OTLP where the standard `OTEL_*` variables name an
//! endpoint.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use http::HeaderMap;
use opentelemetry::propagation::Injector;
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, global, trace::TracerProvider};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogConfig;
use crate::error::{Error, Result};

/// The headers of W3C Trace Context.
const TRACE: [&str; 2] = ["traceparent", "tracestate"];

/// Spans are exported whatever the log shows, but not those of the export itself.
const EXPORT_FILTER: &str = "info,h2=off,hyper=off,tonic=off,tower=off";

/// Keeps the exporters; dropping it sends what is left.
#[derive(Debug)]
pub struct Telemetry {
    tracer: SdkTracerProvider,
    meter: Option<SdkMeterProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        let _ = self.tracer.shutdown();
        if let Some(meter) = &self.meter {
            let _ = meter.shutdown();
        }
    }
}

/// Starts logging, and exporting if an OTLP endpoint is named. Once a process, inside the runtime.
/// Traces are joined and their ids logged also where nothing is exported.
pub fn init(service: &str, config: &LogConfig) -> Result<Telemetry> {
    let telemetry = if endpoint() {
        exporters(service)?
    } else {
        // Who exports nothing hands on the traces that others record, and begins none to be recorded.
        let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
        let tracer = SdkTracerProvider::builder().with_sampler(sampler).build();
        Telemetry { tracer, meter: None }
    };
    let targets = |name: &str, text: &str| {
        text.parse::<Targets>().map_err(|error| Error::internal(format!("{name}: {error}")))
    };
    let log = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let log = if config.json { log.json().boxed() } else { log.boxed() };
    // Where in the source a span begins, on which thread, and how long it was polled says nothing of a call,
    // and costs each as much as the call's own names.
    let export = tracing_opentelemetry::layer()
        .with_tracer(telemetry.tracer.tracer("steward"))
        .with_location(false)
        .with_target(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_context_activation(false)
        .with_filter(targets("the filter of spans", EXPORT_FILTER)?);
    tracing_subscriber::registry()
        .with(log.with_filter(targets("log.filter", &config.filter)?))
        .with(export)
        .try_init()
        .map_err(Error::internal)?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    std::panic::set_hook(Box::new(panicked));
    Ok(telemetry)
}

/// Logs where something panicked, with the trace of the request that was served. What it says is left out:
/// it may hold what the request held.
fn panicked(info: &PanicHookInfo<'_>) {
    let at = info.location().map(ToString::to_string).unwrap_or_default();
    let trace_id = trace_id_of(&Span::current()).unwrap_or_default();
    tracing::error!(%trace_id, %at, "panicked");
}

/// Whether the environment names an OTLP endpoint.
#[expect(clippy::disallowed_methods, reason = "the standard OTEL_* variables are not our settings")]
fn endpoint() -> bool {
    const NAMES: [&str; 3] = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ];
    NAMES.iter().any(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()))
}

fn exporters(service: &str) -> Result<Telemetry> {
    let resource = Resource::builder().with_service_name(format!("steward-{service}")).build();
    let spans = SpanExporter::builder().with_tonic().build().map_err(Error::internal)?;
    let metrics = MetricExporter::builder().with_tonic().build().map_err(Error::internal)?;
    let tracer = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_batch_exporter(spans)
        .build();
    let meter =
        SdkMeterProvider::builder().with_resource(resource).with_periodic_exporter(metrics).build();
    global::set_meter_provider(meter.clone());
    Ok(Telemetry { tracer, meter: Some(meter) })
}

/// Takes the trace context that came with a request out of its headers, if one came: from here on the current
/// span says it.
pub(crate) fn extract(headers: &mut HeaderMap) -> Option<Context> {
    if !headers.contains_key(TRACE[0]) {
        return None;
    }
    let context = global::get_text_map_propagator(|it| it.extract(&HeaderExtractor(headers)));
    for name in TRACE {
        headers.remove(name);
    }
    Some(context)
}

/// Hands the current trace context on with a request.
pub(crate) fn inject(headers: &mut HeaderMap) {
    let context = Span::current().context();
    global::get_text_map_propagator(|p| p.inject_context(&context, &mut Told(headers)));
}

/// Tells what there is to tell: an empty `tracestate` says nothing.
struct Told<'a>(&'a mut HeaderMap);

impl Injector for Told<'_> {
    fn set(&mut self, key: &str, value: String) {
        if !value.is_empty() {
            HeaderInjector(self.0).set(key, value);
        }
    }
}

/// The id of the current trace. Without one, a new id that only the log and the answer share.
pub(crate) fn trace_id() -> String {
    let id = trace_id_of(&Span::current());
    id.unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string())
}

/// The id of the trace that a span belongs to.
pub(crate) fn trace_id_of(span: &Span) -> Option<String> {
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn where_something_panicked_is_logged_and_not_why() {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(panicked));
        let done = tracing::subscriber::with_default(lines.finish(), || {
            std::panic::catch_unwind(|| panic!("the token is 12345"))
        });
        std::panic::set_hook(before);
        assert!(done.is_err());
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("ERROR") && text.contains("telemetry.rs:"), "{text}");
        assert!(!text.contains("12345"), "{text}");
    }
}
