//! Answers and errors as JSON.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use steward_chassis::error::{ETAG_STALE, Error, REQUEST_TOO_LARGE, REQUEST_TOO_SLOW, Result};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::table::Route;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What an RPC answered, as the body of its route, and the etag of what it holds.
pub(super) fn answer(route: &Route, bytes: Bytes) -> Result<(Vec<u8>, Option<HeaderValue>)> {
    let message = DynamicMessage::decode(route.method.output(), bytes).map_err(Error::internal)?;
    let part = route.response.as_ref().map(|field| message.get_field(field));
    let shown = part.as_deref().and_then(|part| part.as_message()).unwrap_or(&message);
    let etag = shown.get_field_by_name("etag");
    let etag = etag.as_deref().and_then(|etag| etag.as_str()).filter(|etag| !etag.is_empty());
    let etag = etag.and_then(|etag| HeaderValue::try_from(format!("\"{etag}\"")).ok());
    Ok((json(shown)?, etag))
}

/// A message as JSON, with all its fields.
fn json(message: &DynamicMessage) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let options = SerializeOptions::new().skip_default_fields(false);
    let mut serializer = serde_json::Serializer::new(&mut text);
    message.serialize_with_options(&mut serializer, &options).map_err(Error::internal)?;
    Ok(text)
}

/// An answer of this body.
pub(super) fn answered(text: Vec<u8>, etag: Option<HeaderValue>) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    if let Some(etag) = etag {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}

/// What an error becomes.
#[derive(Debug)]
pub(super) struct Refusals {
    /// Describes `google.rpc.Status` and what it carries.
    pub(super) pool: DescriptorPool,
}

impl Refusals {
    /// An error as an answer: `google.rpc.Status` as JSON. `conditional` = the caller said `If-Match`.
    pub(super) fn answer(&self, status: &Status, conditional: bool) -> Response {
        let mut response = answered(self.json(status), None);
        *response.status_mut() = http_status(status, conditional);
        if let Some(delay) = status.get_details_retry_info().and_then(|info| info.retry_delay) {
            let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(http::header::WWW_AUTHENTICATE, scheme);
        }
        response
    }

    /// `google.rpc.Status` as JSON, with its details where they can be read.
    pub(super) fn json(&self, status: &Status) -> Vec<u8> {
        let plain = || {
            let code = i32::from(status.code());
            serde_json::json!({"code": code, "message": status.message(), "details": []})
        };
        let of = self.pool.get_message_by_name("google.rpc.Status");
        let known = of.filter(|_| !status.details().is_empty());
        let message = known.and_then(|of| DynamicMessage::decode(of, status.details()).ok());
        let detailed = message.and_then(|message| json(&message).ok());
        detailed.unwrap_or_else(|| plain().to_string().into_bytes())
    }
}

/// The status of an answer in the headers of gRPC; `None` = it comes behind the messages.
pub(super) fn status_of(headers: &HeaderMap) -> Option<Status> {
    headers.contains_key("grpc-status").then(|| Status::from_header_map(headers)).flatten()
}

/// The HTTP status of an error.
fn http_status(status: &Status, conditional: bool) -> StatusCode {
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    let is = |wanted: &steward_chassis::Reason| reason == wanted.code;
    match status.code() {
        Code::Aborted if conditional && is(&ETAG_STALE) => StatusCode::PRECONDITION_FAILED,
        Code::ResourceExhausted if is(&REQUEST_TOO_LARGE) => StatusCode::PAYLOAD_TOO_LARGE,
        Code::DeadlineExceeded if is(&REQUEST_TOO_SLOW) => StatusCode::REQUEST_TIMEOUT,
        _ if is(&super::MEDIA_TYPE) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ if is(&super::METHOD_NOT_ALLOWED) => StatusCode::METHOD_NOT_ALLOWED,
        _ if is(&super::PATH_UNKNOWN) => StatusCode::NOT_FOUND,
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
