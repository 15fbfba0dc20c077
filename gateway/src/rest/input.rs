//! The request of an RPC, from the path, query, headers and body of an HTTP request.

use http::HeaderMap;
use http::header::IF_MATCH;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};
use steward_chassis::{Class, Error, Fields, Reason, Result};

use super::json::{Strict, camel};
use super::rule::Body;
use super::table::Route;
use super::template::decoded;

/// The body is not JSON, says something twice, or is nested too deep.
pub(super) const JSON_MALFORMED: Reason =
    Reason::new("JSON_MALFORMED", Class::InvalidArgument, "请求正文不是有效的 JSON");
/// There is no such field.
pub(super) const FIELD_UNKNOWN: Reason =
    Reason::new("FIELD_UNKNOWN", Class::InvalidArgument, "没有这个字段");
/// A value is not of the field's type.
pub(super) const FIELD_MALFORMED: Reason =
    Reason::new("FIELD_MALFORMED", Class::InvalidArgument, "字段的值类型不符");
/// A field is said twice, in two places, or more than once where it has one value.
pub(super) const FIELD_TWICE: Reason =
    Reason::new("FIELD_TWICE", Class::InvalidArgument, "字段重复");
/// A header is about a field that the request does not have, or cannot be read.
pub(super) const HEADER_UNFIT: Reason =
    Reason::new("HEADER_UNFIT", Class::InvalidArgument, "请求头不适用于该操作或者格式有误");

/// The header that names a request, so that it is not done twice: its `request_id`.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// At most so many parameters in a query.
const MAX_PARAMETERS: usize = 1_000;
/// At most so many characters of what is wrong are told.
const MAX_TOLD: usize = 200;

/// What an HTTP request says beside its body.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// What its path fills: fields, and their texts; `None` = it is not UTF-8.
    pub(super) filled: Vec<(String, Option<String>)>,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
}

/// The request that an HTTP request stands for.
pub(super) fn request(route: &Route, said: &Said, body: &[u8]) -> Result<DynamicMessage> {
    let tree = tree(&route.body, body)?;
    let mut input = Input { of: route.method.input(), tree, fields: Fields::new() };
    for (field, text) in &said.filled {
        match text {
            Some(text) => input.put(field, text),
            None => input.fields.refuse(field, &FIELD_MALFORMED, "is not UTF-8"),
        }
    }
    input.query(&route.body, &said.query);
    input.header(&said.headers, IF_MATCH.as_str(), etag_field(&input.of, &route.body));
    input.header(&said.headers, IDEMPOTENCY_KEY, input.of_name("request_id"));
    input.finish()
}

/// What the body says, below the field that it fills.
fn tree(body: &Body, bytes: &[u8]) -> Result<Map<String, Value>> {
    let field = match body {
        Body::None | Body::Whole if bytes.is_empty() => return Ok(Map::new()),
        Body::None => return Err(Error::new(&JSON_MALFORMED, "a body is not expected")),
        Body::Whole => None,
        Body::Field(field) => Some(field),
    };
    let Strict(value) = serde_json::from_slice(bytes).map_err(|error| {
        Error::new(&JSON_MALFORMED, format!("the body is not JSON: {}", short(&error.to_string())))
    })?;
    match (field, value) {
        (Some(field), value) => Ok(Map::from_iter([(field.json_name().to_owned(), value)])),
        (None, Value::Object(fields)) => Ok(fields),
        (None, _) => Err(Error::new(&JSON_MALFORMED, "the body is not a JSON object")),
    }
}

/// What a request says, as it is gathered.
struct Input {
    of: MessageDescriptor,
    tree: Map<String, Value>,
    fields: Fields,
}

impl Input {
    /// A field of the request by name.
    fn of_name(&self, name: &str) -> Option<String> {
        self.of.get_field_by_name(name).map(|field| field.name().to_owned())
    }

    /// Takes the parameters of a query.
    fn query(&mut self, body: &Body, query: &str) {
        let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
        for (place, parameter) in parameters.enumerate() {
            if place == MAX_PARAMETERS {
                return self.fields.refuse(
                    "",
                    &FIELD_MALFORMED,
                    format!("more than {MAX_PARAMETERS} parameters"),
                );
            }
            let (name, text) = parameter.split_once('=').unwrap_or((parameter, ""));
            let decoded = |text: &str| decoded(&text.replace('+', " "));
            let (Some(name), Some(text)) = (decoded(name), decoded(text)) else {
                return self.fields.refuse("", &FIELD_MALFORMED, "the query is not UTF-8");
            };
            let is_in_body = match body {
                Body::None => false,
                Body::Whole => true,
                Body::Field(field) => {
                    name.split('.').next().is_some_and(|it| camel(it) == field.json_name())
                }
            };
            if is_in_body {
                self.fields.refuse(
                    &short(&name),
                    &FIELD_UNKNOWN,
                    "belongs into the body, not into the query",
                );
            } else {
                self.put(&name, &text);
            }
        }
    }

    /// Takes a header that stands for a field, if it is there. Quotes around its value are not part of it.
    fn header(&mut self, headers: &HeaderMap, name: &str, field: Option<String>) {
        let mut values = headers.get_all(name).iter();
        let Some(value) = values.next() else { return };
        let text = value.to_str().ok().filter(|_| values.next().is_none());
        let text = text.and_then(|text| match text.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"'),
            None => Some(text),
        });
        let text = text.filter(|text| !text.contains(['"', ',']) && !text.starts_with("W/"));
        match (text, field) {
            (Some(text), Some(field)) if !text.is_empty() => self.put(&field, text),
            (Some(_), None) => {
                self.fields.refuse(name, &HEADER_UNFIT, "is for nothing in this request");
            }
            _ => self.fields.refuse(name, &HEADER_UNFIT, "is not one value"),
        }
    }

    /// Says that a field has this text. Of a list it is one more element; else the field may say the same
    /// elsewhere, and nothing other.
    fn put(&mut self, path: &str, text: &str) {
        let Some((field, above)) = place(&self.of, path) else {
            return self.fields.refuse(&short(path), &FIELD_UNKNOWN, "is no field of the request");
        };
        let mut tree = &mut self.tree;
        for above in above {
            let below = tree.entry(above.json_name()).or_insert(Value::Null);
            if below.is_null() {
                *below = Value::Object(Map::new());
            }
            let Value::Object(below) = below else {
                return self.fields.refuse(path, &FIELD_MALFORMED, "is not in an object");
            };
            tree = below;
        }
        let value = typed(&field, text);
        match tree.get_mut(field.json_name()) {
            Some(Value::Array(list)) if field.is_list() => list.push(value),
            Some(there) if !there.is_null() => {
                if field.is_list() || text_of(there) != text {
                    self.fields.refuse(path, &FIELD_TWICE, "is said otherwise elsewhere");
                }
            }
            _ => {
                let value = if field.is_list() { Value::Array(vec![value]) } else { value };
                tree.insert(field.json_name().to_owned(), value);
            }
        }
    }

    /// The request, or what is wrong with it.
    fn finish(mut self) -> Result<DynamicMessage> {
        let mut value = Value::Object(std::mem::take(&mut self.tree));
        tidy(&self.of, &mut value, "", &mut self.fields);
        self.fields.finish()?;
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
        DynamicMessage::deserialize(self.of.clone(), tracked).map_err(|error| {
            let mut fields = Fields::new();
            let field = spelt(&self.of, &track.path());
            fields.refuse(&field, &FIELD_MALFORMED, short(&error.to_string()));
            fields.finish().err().unwrap_or_else(|| Error::internal(error))
        })
    }
}

/// The field that holds the etag: of the request, or of what it changes.
pub(crate) fn etag_field(of: &MessageDescriptor, body: &Body) -> Option<String> {
    let etag = |of: &MessageDescriptor| of.get_field_by_name("etag").is_some();
    if etag(of) {
        return Some("etag".to_owned());
    }
    let changed = |field: &FieldDescriptor| {
        let kind = field.kind();
        let is_one = !field.is_list() && kind.as_message().is_some_and(etag);
        is_one.then(|| format!("{}.etag", field.name()))
    };
    let is_masked = of.get_field_by_name("update_mask").is_some();
    of.fields()
        .find_map(|field| changed(&field).filter(|_| is_masked || matches!(body, Body::Field(_))))
}

/// The field of a path such as `vehicle.plate`, in either spelling, and those above it; `None` if one text
/// cannot fill it.
fn place(of: &MessageDescriptor, path: &str) -> Option<(FieldDescriptor, Vec<FieldDescriptor>)> {
    let (mut of, mut above) = (of.clone(), Vec::new());
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let field = of.get_field_by_name(name).or_else(|| of.get_field_by_json_name(name))?;
        let kind = field.kind();
        match kind.as_message() {
            _ if field.is_map() => return None,
            Some(message) if names.peek().is_some() && !field.is_list() => of = message.clone(),
            Some(message) if !is_text(message) => return None,
            _ if names.peek().is_some() => return None,
            _ => return Some((field, above)),
        }
        above.push(field);
    }
    None
}

/// Whether JSON writes a message as one text: times, masks.
pub(crate) fn is_text(message: &MessageDescriptor) -> bool {
    message.full_name().starts_with("google.protobuf.")
}

/// A text as JSON has it for a field.
fn typed(field: &FieldDescriptor, text: &str) -> Value {
    match field.kind() {
        Kind::Bool => text.parse().map_or_else(|_| Value::from(text), Value::Bool),
        Kind::Enum(_) => text.parse::<i32>().map_or_else(|_| Value::from(text), Value::from),
        _ => Value::from(text),
    }
}

/// A value as a path or query has it.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Tells of names that are no fields, and has the paths of masks in the one spelling that JSON has for them.
fn tidy(of: &MessageDescriptor, value: &mut Value, path: &str, refused: &mut Fields) {
    if of.full_name() == "google.protobuf.FieldMask" {
        if let Value::String(paths) = value {
            *paths = camel(paths);
        }
        return;
    }
    let Value::Object(fields) = value else { return };
    if is_text(of) {
        return;
    }
    for (name, value) in fields {
        let below = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let Some(field) = of.get_field_by_json_name(name) else {
            refused.refuse(&short(&below(name)), &FIELD_UNKNOWN, "is no field of the request");
            continue;
        };
        let kind = field.kind();
        let Some(message) = kind.as_message().filter(|_| !field.is_map()) else { continue };
        let path = below(field.name());
        match value {
            Value::Array(list) if field.is_list() => {
                for (place, value) in list.iter_mut().enumerate() {
                    tidy(message, value, &format!("{path}[{place}]"), refused);
                }
            }
            value => tidy(message, value, &path, refused),
        }
    }
}

/// The path of a field as the .proto files spell it.
fn spelt(of: &MessageDescriptor, path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let (mut of, mut text) = (Some(of.clone()), String::new());
    for segment in path {
        match segment {
            Segment::Seq { index } => text = format!("{text}[{index}]"),
            Segment::Map { key } => {
                let field = of.as_ref().and_then(|of| of.get_field_by_json_name(key));
                let dot = if text.is_empty() { "" } else { "." };
                text =
                    format!("{text}{dot}{}", field.as_ref().map_or(key.as_str(), |it| it.name()));
                of = field.and_then(|field| field.kind().as_message().cloned());
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

/// What is told of something that may be as long as a request.
fn short(text: &str) -> String {
    text.chars().take(MAX_TOLD).collect()
}
