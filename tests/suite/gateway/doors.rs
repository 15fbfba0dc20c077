//! One answer at every door: each RPC is called over gRPC, gRPC-Web (binary and text) and REST, by who may and
//! by who may not, and answers the same, be it an answer or a refusal.
//!
//! The requests are those that the tests of scope ask. How an HTTP request is made of one is written here
//! anew, from `google.api.http` alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{BufMut, Bytes};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::{Value, json};
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_tests::issuer::{grants, roles_for};
use steward_tests::raw::{methods, pool};
use steward_tests::suite::DOMAINS;
use steward_tests::{Engine, TestDb, both};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::Service;

use crate::scope::{World, probes};

both!([], every_door_answers_alike);

/// RPCs of which more than one request message is sent: over gRPC only.
const STREAMED: [&str; 0] = [];

/// What was answered: messages as JSON, or a status as `google.rpc.Status`.
type Answer = Result<Vec<Value>, Value>;

/// Who calls, and of which domain.
#[derive(Debug, Clone)]
struct Caller<'a> {
    token: Option<String>,
    domain: &'a str,
}

async fn every_door_answers_alike(db: TestDb) {
    let engine = if db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
    let world = World::new(engine, true).await;
    let (mut answered, mut refused, mut streamed) = (0, 0, Vec::new());
    for method in methods() {
        if method.is_client_streaming() {
            streamed.push(method.full_name().to_owned());
            continue;
        }
        for domain in domains(&method) {
            for request in probes(method.name(), domain) {
                let request = world.filled(domain, &request);
                let caller = Caller { token: Some(token(&world, &method)), domain };
                let told = alike(&world, &method, &caller, &request).await;
                answered += usize::from(told.is_ok());
                refused += usize::from(told.is_err());
            }
            strangers(&world, &method, domain).await;
        }
    }
    assert_eq!(streamed, STREAMED);
    assert!(answered > 300 && refused > 100, "{answered} answered, {refused} refused");
}

/// The domains that an RPC is asked of; one without a name where there is only one that has it.
fn domains(method: &MethodDescriptor) -> Vec<&'static str> {
    let names = DOMAINS.iter().map(|spec| spec.name);
    match method.parent_service().package_name() {
        "steward.ledger.v1" | "steward.finding.v1" | "steward.approval.v1" => names.collect(),
        "steward.audit.v1" => names.chain(["directory"]).collect(),
        _ => vec![""],
    }
}

fn token(world: &World, method: &MethodDescriptor) -> String {
    world.issuer.token(world.clock.now(), "city", &grants(&roles_for(method), &["4205*"]))
}

/// Nobody's call, and that of one whose grants are for nothing of this, are refused alike.
async fn strangers(world: &World, method: &MethodDescriptor, domain: &str) {
    let nowhere = json!([{"role": "viewer", "domain": "nowhere", "regions": ["4205*"]}]);
    let nowhere = world.issuer.token(world.clock.now(), "stranger", &nowhere);
    let request = probes(method.name(), domain).remove(0);
    let request = world.filled(domain, &request);
    for (token, code) in [
        (None, Code::Unauthenticated),
        (Some("x.y.z".to_owned()), Code::Unauthenticated),
        (Some(nowhere), Code::PermissionDenied),
    ] {
        let told = alike(world, method, &Caller { token, domain }, &request).await;
        // Who somebody is, everybody is told who is somebody.
        if method.name() == "GetIdentity" && code == Code::PermissionDenied {
            told.unwrap();
            continue;
        }
        let told = told.unwrap_err();
        // What the gateway answers itself is of no domain.
        let of_gateway = method.parent_service().package_name() == "steward.report.v1";
        if !of_gateway || code == Code::Unauthenticated {
            assert_eq!(told["code"], json!(code as i32), "{} {told}", method.full_name());
        }
    }
}

/// Calls at every door; what all of them answer.
async fn alike(
    world: &World,
    method: &MethodDescriptor,
    caller: &Caller<'_>,
    request: &Value,
) -> Answer {
    world.followed().await;
    world.settled(caller.domain, method).await;
    let gateway = &world.suite.gateway;
    let message = DynamicMessage::deserialize(method.input(), request).unwrap();
    let bytes = message.encode_to_vec();
    let told = grpc(gateway, method, caller, &bytes, Door::Grpc).await;
    for door in [Door::Web, Door::WebText] {
        let other = grpc(gateway, method, caller, &bytes, door).await;
        assert_eq!(other, told, "{door:?} {} {request}", method.full_name());
    }
    let (other, part) = rest(gateway, method, caller, &message).await;
    let expected = told.clone().map(|messages| match &part {
        None => messages,
        Some(name) => messages.into_iter().map(|it| it[name].clone()).collect(),
    });
    assert_eq!(other, expected, "REST {} {request}", method.full_name());
    told
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Grpc,
    Web,
    WebText,
}

impl Caller<'_> {
    fn request(&self, request: http::request::Builder) -> http::request::Builder {
        match &self.token {
            None => request,
            Some(token) => request.header("authorization", format!("Bearer {token}")),
        }
    }
}

async fn send(gateway: &Backend, request: http::request::Builder, body: Vec<u8>) -> Response<Body> {
    let request = request.body(Body::new(Full::from(body))).unwrap();
    // Backends are for gRPC; this is the door that front ends see.
    let Backend::Local(mut routes) = gateway.clone() else { panic!("it is in this process") };
    routes.call(request).await.unwrap()
}

/// A message of gRPC, or with the flag of gRPC-Web its trailers.
fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = vec![0];
    frame.put_u32(message.len().try_into().unwrap());
    frame.extend(message);
    frame
}

async fn grpc(
    gateway: &Backend,
    method: &MethodDescriptor,
    caller: &Caller<'_>,
    message: &[u8],
    door: Door,
) -> Answer {
    let kind = match door {
        Door::Grpc => "application/grpc",
        Door::Web => "application/grpc-web+proto",
        Door::WebText => "application/grpc-web-text+proto",
    };
    let path = steward_chassis::api::path(method);
    let mut request = Request::post(path).header("content-type", kind).header("accept", kind);
    if !caller.domain.is_empty() {
        request = request.header("steward-domain", caller.domain);
    }
    let frame = framed(message);
    let body = if door == Door::WebText { BASE64.encode(frame).into_bytes() } else { frame };
    let response = send(gateway, caller.request(request), body).await;
    let head = response.headers().clone();
    let collected = response.into_body().collect().await.unwrap();
    let mut trailers = collected.trailers().cloned().unwrap_or(head);
    let body = collected.to_bytes();
    let body = if door == Door::WebText { Bytes::from(pieces(&body)) } else { body };
    let mut messages = Vec::new();
    let mut rest = body.as_ref();
    while let [flag, a, b, c, d, more @ ..] = rest {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
        let (frame, more) = more.split_at(length);
        if *flag & 0x80 == 0 {
            messages.push(shown(method.output(), frame));
        } else {
            trailers = parsed(frame);
        }
        rest = more;
    }
    let status = Status::from_header_map(&trailers).expect("a status");
    if status.code() == Code::Ok {
        Ok(messages.into_iter().map(still).collect())
    } else {
        Err(told(&status))
    }
}

/// An answer without what services that work by themselves meanwhile count on.
fn still(answer: Value) -> Value {
    match answer {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| name != "revision")
            .map(|(name, value)| (name, still(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(still).collect(),
        other => other,
    }
}

/// Base64 of several pieces, each with its own end.
fn pieces(text: &[u8]) -> Vec<u8> {
    text.chunks(4).flat_map(|four| BASE64.decode(four).unwrap()).collect()
}

/// Trailers as gRPC-Web writes them behind the messages.
fn parsed(text: &[u8]) -> HeaderMap {
    let text = std::str::from_utf8(text).unwrap();
    let pair = |line: &str| -> (http::HeaderName, http::HeaderValue) {
        let (name, value) = line.split_once(':').unwrap();
        (name.trim().parse().unwrap(), value.trim().parse().unwrap())
    };
    text.split("\r\n").filter(|line| !line.is_empty()).map(pair).collect()
}

/// A status as JSON: all that it holds.
fn told(status: &Status) -> Value {
    let of = pool().get_message_by_name("google.rpc.Status").unwrap();
    let told = shown(of, status.details());
    assert_eq!(told["code"], json!(status.code() as i32), "{status:?}");
    told
}

fn shown(of: MessageDescriptor, bytes: &[u8]) -> Value {
    serde_json::to_value(DynamicMessage::decode(of, bytes).unwrap()).unwrap()
}

/// Asks by the HTTP rule; what is answered, and the field of the answer that it is.
async fn rest(
    gateway: &Backend,
    method: &MethodDescriptor,
    caller: &Caller<'_>,
    message: &DynamicMessage,
) -> (Answer, Option<String>) {
    let rule = Rule::of(method);
    let mut fields = serde_json::to_value(message).unwrap();
    let mut path = rule.path.clone();
    while let Some((before, rest)) = path.split_once('{') {
        let (name, after) = rest.split_once('}').unwrap();
        let value = taken(&mut fields, name);
        path = format!("{before}{}{after}", escaped(&value));
    }
    if !caller.domain.is_empty() {
        path = format!("/{}{path}", caller.domain);
    }
    let body = if rule.body { fields.to_string() } else { String::new() };
    if !rule.body {
        path = format!("{path}?{}", query("", &fields).join("&"));
    }
    let request = Request::builder().method(rule.verb.to_ascii_uppercase().as_str()).uri(path);
    let request =
        if rule.body { request.header("content-type", "application/json") } else { request };
    let response = send(gateway, caller.request(request), body.into_bytes()).await;
    let status = response.status();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    if !status.is_success() {
        let told: Value = serde_json::from_slice(&text).unwrap();
        let message = DynamicMessage::deserialize(
            pool().get_message_by_name("google.rpc.Status").unwrap(),
            &told,
        );
        return (Err(serde_json::to_value(message.unwrap()).unwrap()), None);
    }
    let of = rule.response.as_ref().map_or(method.output(), |name| {
        let field = method.output().get_field_by_name(name).unwrap();
        field.kind().as_message().unwrap().clone()
    });
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let lines = lines.map(|line| {
        let value: Value = serde_json::from_slice(line).unwrap();
        let message = DynamicMessage::deserialize(of.clone(), value).unwrap();
        still(serde_json::to_value(message).unwrap())
    });
    let field = rule
        .response
        .map(|name| method.output().get_field_by_name(&name).unwrap().json_name().to_owned());
    (Ok(lines.collect()), field)
}

/// What `google.api.http` says of a method.
struct Rule {
    verb: &'static str,
    path: String,
    body: bool,
    response: Option<String>,
}

impl Rule {
    fn of(method: &MethodDescriptor) -> Self {
        let extension = pool().get_extension_by_name("google.api.http").unwrap();
        let options = method.options();
        let rule = options.get_extension(&extension);
        let rule = rule.as_message().unwrap();
        let text = |name: &str| rule.get_field_by_name(name).unwrap().as_str().unwrap().to_owned();
        let verbs = ["get", "put", "post", "delete", "patch"];
        let verb = verbs.into_iter().find(|verb| rule.has_field_by_name(verb)).unwrap();
        assert!(["", "*"].contains(&text("body").as_str()), "{}", method.full_name());
        let response = Some(text("response_body")).filter(|name| !name.is_empty());
        Self { verb, path: text(verb), body: text("body") == "*", response }
    }
}

/// Takes a field of a path such as `vehicle.id` out of a message; a text that no id has where it is not said.
fn taken(fields: &mut Value, path: &str) -> String {
    let camel = |name: &str| {
        let mut parts = name.split('_');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |name, part| name + &part[..1].to_ascii_uppercase() + &part[1..])
    };
    let names: Vec<_> = path.split('.').map(camel).collect();
    let (last, above) = names.split_last().unwrap();
    let mut at = fields;
    for name in above {
        at = &mut at[name];
    }
    let value = at.as_object_mut().and_then(|fields| fields.remove(last));
    match value.unwrap_or_else(|| panic!("{path} is not said: it cannot be asked for over HTTP")) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The fields of a message as parameters.
fn query(path: &str, fields: &Value) -> Vec<String> {
    match fields {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                let dot = if path.is_empty() { "" } else { "." };
                query(&format!("{path}{dot}{name}"), value)
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(|value| query(path, value)).collect(),
        Value::String(text) => vec![format!("{path}={}", escaped(text))],
        other => vec![format!("{path}={other}")],
    }
}

/// A text with all that could mean something escaped.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
