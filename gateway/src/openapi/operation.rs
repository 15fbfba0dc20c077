//! One operation: a route as OpenAPI describes it.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Value, json};
use steward_chassis::access::{Access, AccessTable};

use super::comments::Comments;
use super::schema::Schemas;
use crate::rest::{Body, Route, etag_field, is_text, last};

/// A route as an operation.
pub(super) fn operation(
    route: &Route,
    access: &AccessTable,
    comments: &Comments,
    schemas: &mut Schemas<'_>,
) -> Value {
    let method = &route.method;
    let service = method.parent_service();
    let tag = match route.domain {
        Some(domain) => format!("{domain}: {}", service.name()),
        None => service.name().to_owned(),
    };
    let domain = route.domain.map(|domain| format!("{domain}_")).unwrap_or_default();
    let about = comments.of_method(method);
    let summary = about.split_inclusive(". ").next().unwrap_or_default().trim();
    let summary = summary.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut parameters = path_parameters(route, schemas);
    parameters.extend(query_parameters(route, schemas));
    parameters.extend(header_parameters(route));
    let mut operation = json!({
        "operationId": format!("{domain}{}_{}", service.name(), method.name()),
        "tags": [tag],
        "summary": summary,
        "description": about,
        "parameters": parameters,
        "responses": {
            "200": success(route, schemas),
            "4XX": {"$ref": "#/components/responses/Error"},
            "5XX": {"$ref": "#/components/responses/Error"},
        },
        "security": security(access.rule(route.rpc.as_str())),
        "x-rpc": route.rpc.as_str(),
    });
    let body = match &route.body {
        Body::None => None,
        Body::Whole => Some(schemas.add(&method.input())),
        Body::Field(field) => Some(schemas.field(field)),
    };
    if let Some(schema) = body {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

/// Who may call, as OpenAPI says it: the roles of which a grant needs one.
fn security(rule: Option<&Access>) -> Value {
    match rule {
        Some(Access::Roles(roles)) => {
            let name = |role: &steward_proto::types::v1::Role| {
                role.as_str_name().trim_start_matches("ROLE_").to_ascii_lowercase()
            };
            let roles = roles.iter().map(name).collect::<Vec<_>>();
            json!([{"bearer": roles}, {"certificate": roles}])
        }
        Some(Access::Known) => json!([{"bearer": []}, {"certificate": []}]),
        Some(Access::Public) | None => json!([]),
    }
}

fn success(route: &Route, schemas: &mut Schemas<'_>) -> Value {
    let message = route.response.as_ref().and_then(|field| field.kind().as_message().cloned());
    let schema = schemas.add(&message.unwrap_or_else(|| route.method.output()));
    let (kind, about) = if route.method.is_server_streaming() {
        let about =
            "A line of JSON each. A stream that breaks off ends with a line `{\"error\": …}`.";
        ("application/x-ndjson", about)
    } else {
        ("application/json", "Done.")
    };
    json!({"description": about, "content": {kind: {"schema": schema}}})
}

fn path_parameters(route: &Route, schemas: &mut Schemas<'_>) -> Vec<Value> {
    let of_path = |path: &str| {
        let schema = field(&route.method.input(), path).map(|field| schemas.field(&field));
        let mut made = parameter(last(path), "path", schema.unwrap_or_default());
        made["required"] = Value::Bool(true);
        made
    };
    route.template.fields().map(of_path).collect()
}

/// A parameter; what is said of its schema is said of it.
fn parameter(name: &str, place: &str, mut schema: Value) -> Value {
    let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    let mut made = json!({"name": name, "in": place, "schema": schema});
    if let Some(about) = about {
        made["description"] = about;
    }
    made
}

/// The field of a path of names.
fn field(of: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    match path.split_once('.') {
        None => of.get_field_by_name(path),
        Some((name, below)) => field(of.get_field_by_name(name)?.kind().as_message()?, below),
    }
}

/// The fields that the query fills.
fn query_parameters(route: &Route, schemas: &mut Schemas<'_>) -> Vec<Value> {
    let taken: Vec<_> = match &route.body {
        Body::Whole => return Vec::new(),
        Body::None => route.template.fields().map(str::to_owned).collect(),
        Body::Field(body) => {
            route.template.fields().chain([body.name()]).map(str::to_owned).collect()
        }
    };
    let mut found = Vec::new();
    below(&route.method.input(), "", "", &taken, &mut found);
    let of_query =
        |(name, field): (String, FieldDescriptor)| parameter(&name, "query", schemas.field(&field));
    found.into_iter().map(of_query).collect()
}

/// The fields of a message that one text can fill, with those of messages in it.
fn below(
    of: &MessageDescriptor,
    path: &str,
    shown: &str,
    taken: &[String],
    found: &mut Vec<(String, FieldDescriptor)>,
) {
    for field in of.fields() {
        let path = format!("{path}{}", field.name());
        let shown = format!("{shown}{}", field.json_name());
        let kind = field.kind();
        if taken.contains(&path) || field.is_map() {
            continue;
        }
        match &kind {
            Kind::Message(message) if !is_text(message) => {
                if !field.is_list() {
                    below(message, &format!("{path}."), &format!("{shown}."), taken, found);
                }
            }
            _ => found.push((shown, field)),
        }
    }
}

/// The headers that stand for fields.
fn header_parameters(route: &Route) -> Vec<Value> {
    let header = |name: &str, schema: Value, about: &str| json!({"name": name, "in": "header", "schema": schema, "description": about});
    let has = |name: &str| route.method.input().get_field_by_name(name).is_some();
    let mut headers = Vec::new();
    if has("request_id") {
        let about = "A UUID that the caller makes for this request, in place of `requestId`.";
        let schema = json!({"type": "string", "format": "uuid"});
        headers.push(header("Idempotency-Key", schema, about));
    }
    if etag_field(&route.method.input(), &route.body).is_some() {
        let about = "The etag that was read, in place of the field `etag`. One that is stale is answered with 412.";
        headers.push(header("If-Match", json!({"type": "string"}), about));
    }
    headers
}
