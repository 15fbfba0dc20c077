//! What a caller is told, without what differs each time.

use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt;
use uuid::Uuid;

use super::{A, B};

/// What is answered differently each time. `revision` counts the writes of a whole ledger: it tells
/// that others write, not what. So do `seq`, `hash` and `checkedCount` of the one audit trail that a
/// service has.
const VOLATILE: [&str; 21] = [
    "nextSeq",
    "nextHash",
    "changeTime",
    "id",
    "entryId",
    "reversesEntryId",
    "reversedByEntryId",
    "postTime",
    "createTime",
    "updateTime",
    "readTime",
    "declareTime",
    "closeTime",
    "recordTime",
    "revision",
    "nextPageToken",
    "code",
    "seq",
    "hash",
    "checkedCount",
    "requestId",
];

/// What a caller is told who is refused: all of it.
pub(super) fn refusal(status: &Status) -> Value {
    let details = status.get_error_details();
    let info = details.error_info().map(|it| json!([it.reason, it.domain, it.metadata]));
    let fields = details.bad_request().map(|bad| {
        let named = bad.field_violations.iter().map(|it| {
            let zh = it.localized_message.as_ref().map(|zh| &zh.message);
            json!([it.field, it.description, it.reason, zh])
        });
        named.collect::<Vec<_>>()
    });
    let sentence = details.localized_message().map(|it| json!([it.locale, it.message]));
    let rules = details.precondition_failure().map(|failed| {
        let broken = failed.violations.iter();
        broken.map(|it| json!([it.r#type, it.subject, it.description])).collect::<Vec<_>>()
    });
    json!({"code": format!("{:?}", status.code()), "message": status.message(), "info": info,
        "fields": fields, "sentence": sentence, "rules": rules})
}

/// An answer without what is volatile.
pub(super) fn blank(value: Value, id: &str) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| {
                let hidden = VOLATILE.contains(&key.as_str())
                    && value.as_str() != Some(A)
                    && value.as_str() != Some(B);
                let is_refusal =
                    key == "code" && value.as_str().is_some_and(|text| text.len() < 18);
                let value = if hidden && !is_refusal {
                    json!("…")
                } else if key.ends_with("Json") {
                    blank(resource(&value), id)
                } else {
                    blank(value, id)
                };
                (key, value)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| blank(item, id)).collect(),
        // An id, or a resource that is named with one: `approvals/0197…`.
        Value::String(text) if text.split('/').any(|part| part.parse::<Uuid>().is_ok()) => {
            json!("…")
        }
        Value::String(text) if !id.is_empty() => Value::String(text.replace(id, "…")),
        other => other,
    }
}

/// A resource in an event, read.
fn resource(json: &Value) -> Value {
    json.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
