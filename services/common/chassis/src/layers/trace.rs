//! One span and one duration a call, joined to the caller's trace.

use std::sync::LazyLock;
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use opentelemetry::metrics::Histogram;
use opentelemetry::{KeyValue, global};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::telemetry;

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("steward").f64_histogram("rpc.server.duration").with_unit("s").build()
});

pub(super) async fn trace(request: Request, next: Next) -> Response {
    let call = Call::begin(&request);
    let response = next.run(request).instrument(call.span.clone()).await;
    if let Some(status) = response.headers().get("grpc-status") {
        call.end(status.as_bytes());
        return response;
    }
    // The status comes in the trailers, after the last message.
    let mut call = Some(call);
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(status) = frame.trailers_ref().and_then(|t| t.get("grpc-status"))
                && let Some(call) = call.take()
            {
                call.end(status.as_bytes());
            }
            frame
        }))
    })
}

struct Call {
    span: Span,
    path: String,
    started: Instant,
}

impl Call {
    fn begin(request: &Request) -> Self {
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let (service, method) = path.split_once('/').unwrap_or((&path, ""));
        let span = info_span!(
            "rpc",
            otel.name = %path,
            otel.kind = "server",
            rpc.system = "grpc",
            rpc.service = %service,
            rpc.method = %method,
            rpc.grpc.status_code = Empty,
        );
        let _ = span.set_parent(telemetry::extract(request.headers()));
        Self { span, path, started: Instant::now() }
    }

    fn end(self, status: &[u8]) {
        let status = String::from_utf8_lossy(status).into_owned();
        self.span.record("rpc.grpc.status_code", &status);
        let (service, method) = self.path.split_once('/').unwrap_or((&self.path, ""));
        DURATION.record(
            self.started.elapsed().as_secs_f64(),
            &[
                KeyValue::new("rpc.service", service.to_owned()),
                KeyValue::new("rpc.method", method.to_owned()),
                KeyValue::new("rpc.grpc.status_code", status),
            ],
        );
    }
}
