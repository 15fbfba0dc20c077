//! Messages and enums as JSON Schema.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::comments::Comments;

/// The schemas of all messages and enums that something refers to.
pub(super) struct Schemas<'a> {
    comments: &'a Comments,
    found: BTreeMap<String, Value>,
}

/// A reference to the schema of a message or enum.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

impl<'a> Schemas<'a> {
    pub(super) fn new(comments: &'a Comments) -> Self {
        Self { comments, found: BTreeMap::new() }
    }

    pub(super) fn finish(self) -> BTreeMap<String, Value> {
        self.found
    }

    /// The schema of a message, with all that it refers to.
    pub(super) fn add(&mut self, message: &MessageDescriptor) -> Value {
        let name = message.full_name();
        if let Some(known) = well_known(name) {
            return known;
        }
        if !self.found.contains_key(name) {
            // It may hold itself.
            self.found.insert(name.to_owned(), Value::Null);
            let fields =
                message.fields().map(|field| (field.json_name().to_owned(), self.field(&field)));
            let properties = Map::from_iter(fields.collect::<Vec<_>>());
            let about = self.comments.of_message(message);
            let schema = json!({"type": "object", "description": about, "properties": properties});
            self.found.insert(name.to_owned(), schema);
        }
        reference(name)
    }

    fn add_enum(&mut self, of: &EnumDescriptor) -> Value {
        let names: Vec<_> = of.values().map(|value| value.name().to_owned()).collect();
        let about = self.comments.of_enum(of);
        let schema = json!({"type": "string", "description": about, "enum": names});
        self.found.entry(of.full_name().to_owned()).or_insert(schema);
        reference(of.full_name())
    }

    /// The schema of a field, with its comment.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let about = self.comments.of_field(field).to_owned();
        let mut schema = if field.is_map() {
            let kind = field.kind();
            let values = kind.as_message().map(MessageDescriptor::map_entry_value_field);
            let values = values.map(|values| self.kind(&values.kind()));
            json!({"type": "object", "additionalProperties": values})
        } else if field.is_list() {
            json!({"type": "array", "items": self.kind(&field.kind())})
        } else {
            self.kind(&field.kind())
        };
        if !about.is_empty() {
            schema["description"] = Value::from(about);
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Double | Kind::Float => json!({"type": "number"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                json!({"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX})
            }
            Kind::Uint32 | Kind::Fixed32 => {
                json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,18}$"})
            }
            Kind::Uint64 | Kind::Fixed64 => {
                json!({"type": "string", "format": "uint64", "pattern": "^[0-9]{1,19}$"})
            }
            Kind::Bool => json!({"type": "boolean"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Message(message) => self.add(message),
            Kind::Enum(of) => self.add_enum(of),
        }
    }
}

/// Messages that JSON writes in a way of its own.
fn well_known(name: &str) -> Option<Value> {
    let schema = match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => json!({"type": "string", "format": "date-time"}),
        "Duration" => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$"}),
        "FieldMask" => json!({"type": "string", "examples": ["note,plate"]}),
        "Any" => json!({
            "type": "object",
            "properties": {"@type": {"type": "string"}},
            "required": ["@type"],
        }),
        _ => json!({}),
    };
    Some(schema)
}
