//! One span and one duration a call, joined to the caller's trace.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use opentelemetry::metrics::Histogram;
use opentelemetry::{KeyValue, global};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::Layers;
use super::caught::caught;
use crate::telemetry;

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("steward").f64_histogram("rpc.server.duration").with_unit("s").build()
});

pub(super) async fn trace(
    State(layers): State<Arc<Layers>>,
    request: Request,
    next: Next,
) -> Response {
    let mut call = Call::begin(&layers, &request);
    let response = caught(next.run(request)).instrument(call.span.clone()).await;
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
    service: String,
    method: String,
    started: Instant,
    status: String,
}

impl Call {
    fn begin(layers: &Layers, request: &Request) -> Self {
        let path = request.uri().path();
        // What strangers make up is not a name for a metric.
        let known = layers.runtime.access.rule(path).map_or("/other/other", |_| path);
        let (service, method) =
            known.trim_start_matches('/').split_once('/').unwrap_or(("other", "other"));
        let span = info_span!(
            "rpc",
            otel.name = format!("{service}/{method}"),
            otel.kind = "server",
            rpc.system = "grpc",
            rpc.service = service,
            rpc.method = method,
            rpc.grpc.status_code = Empty,
            trace_id = Empty,
        );
        let _ = span.set_parent(telemetry::extract(request.headers()));
        if let Some(id) = telemetry::trace_id_of(&span) {
            span.record("trace_id", id);
        }
        Self {
            span,
            service: service.to_owned(),
            method: method.to_owned(),
            started: Instant::now(),
            status: "none".to_owned(),
        }
    }

    fn answered(&mut self, status: &[u8]) {
        self.status = String::from_utf8_lossy(status).into_owned();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.span.record("rpc.grpc.status_code", &self.status);
        DURATION.record(
            self.started.elapsed().as_secs_f64(),
            &[
                KeyValue::new("rpc.service", std::mem::take(&mut self.service)),
                KeyValue::new("rpc.method", std::mem::take(&mut self.method)),
                KeyValue::new("rpc.grpc.status_code", std::mem::take(&mut self.status)),
            ],
        );
    }
}
