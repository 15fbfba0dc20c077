//! One span and one duration a call, joined to the caller's trace.

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http_body_util::BodyExt;
use opentelemetry::metrics::Histogram;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, KeyValue, StringValue, Value, global};
use tonic::Code;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::caught::caught;
use super::{Inner, Layers, Passed};
use crate::access::Rpc;
use crate::telemetry;

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("steward").f64_histogram("rpc.server.duration").with_unit("s").build()
});

/// What strangers make up is not a name for a metric.
const OTHER: &str = "other";

pub(super) async fn answer<S: Inner>(
    layers: Arc<Layers>,
    mut request: Request,
    inner: S,
) -> Response {
    let rpc = layers.runtime.access.find(request.uri().path()).cloned();
    if request.extensions().get::<Passed>().is_some() {
        return layers.authorised(rpc.as_deref(), request, inner).await;
    }
    let mut call = Call::begin(rpc.clone(), &mut request);
    let answer = pin!(layers.authorised(rpc.as_deref(), request, inner));
    let response = caught(answer).instrument(call.span.clone()).await;
    if let Some(status) = response.headers().get("grpc-status") {
        call.answered(status.as_bytes());
        return response;
    }
    // The status comes in the trailers, after the last message.
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(status) = frame.trailers_ref().and_then(|t| t.get("grpc-status")) {
                call.answered(status.as_bytes());
            }
            frame
        }))
    })
}

/// A call; recorded when it is dropped, be it answered, broken off or given up.
struct Call {
    span: Span,
    /// The same, as it is exported.
    exported: Context,
    rpc: Option<Arc<Rpc>>,
    started: Instant,
    status: Option<Code>,
}

impl Call {
    fn begin(rpc: Option<Arc<Rpc>>, request: &mut Request) -> Self {
        let name = rpc.as_ref().map_or(OTHER, |rpc| rpc.name());
        // What is formatted for the log is kept short: every call pays for it.
        let span = info_span!("rpc", otel.name = name, otel.kind = "server", trace_id = Empty);
        if let Some(parent) = telemetry::extract(request.headers_mut()) {
            let _ = span.set_parent(parent);
        }
        let exported = span.context();
        let id = exported.span().span_context().trace_id();
        if exported.span().span_context().is_valid() {
            span.record("trace_id", display(id));
        }
        Self { span, exported, rpc, started: Instant::now(), status: None }
    }

    fn answered(&mut self, status: &[u8]) {
        self.status = Some(Code::from_bytes(status));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let other = || StringValue::from(OTHER);
        let part = |part: fn(&Rpc) -> &Arc<str>| {
            self.rpc.as_deref().map_or_else(other, |rpc| Arc::clone(part(rpc)).into())
        };
        let status = self.status.map_or(Value::from("none"), |code| i64::from(code as i32).into());
        let said = [
            KeyValue::new("rpc.service", part(|rpc| &rpc.service)),
            KeyValue::new("rpc.method", part(|rpc| &rpc.method)),
            KeyValue::new("rpc.grpc.status_code", status),
        ];
        DURATION.record(self.started.elapsed().as_secs_f64(), &said);
        let span = self.exported.span();
        span.set_attribute(KeyValue::new("rpc.system", "grpc"));
        span.set_attributes(said);
    }
}
