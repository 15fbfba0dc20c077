//! Events on the wire, and resources as JSON.

use prost::{Message, Name};
use prost_reflect::DynamicMessage;
use sha2::{Digest, Sha256};
use steward_proto::audit::v1 as proto;

use super::rules::{FaultKind, Link};
use super::verify::Found;
use super::{Event, Placed};
use crate::api;
use crate::error::{Error, Result};
use crate::time::to_proto;

/// A resource whose JSON is longer stands as its length and hash.
const MAX_JSON: usize = 128 * 1024;

impl Event {
    /// The resource as it was: the JSON of its API message.
    pub fn before<M: Message + Name>(self, message: &M) -> Result<Self> {
        Ok(Self { before_json: json(message)?, ..self })
    }

    /// The resource as it is now, likewise.
    pub fn after<M: Message + Name>(self, message: &M) -> Result<Self> {
        Ok(Self { after_json: json(message)?, ..self })
    }
}

/// The canonical JSON of a message of the API.
fn json<M: Message + Name>(message: &M) -> Result<String> {
    let name = M::full_name();
    let descriptor = api::pool()?
        .get_message_by_name(&name)
        .ok_or_else(|| Error::internal(format!("{name} is no message of the API")))?;
    let bytes = message.encode_to_vec();
    let message = DynamicMessage::decode(descriptor, bytes.as_slice()).map_err(Error::internal)?;
    Ok(bounded(serde_json::to_string(&message).map_err(Error::internal)?))
}

fn bounded(json: String) -> String {
    if json.len() <= MAX_JSON {
        return json;
    }
    let hash = Sha256::digest(&json).iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}"));
    format!(r#"{{"bytes":{},"sha256":"{hash}"}}"#, json.len())
}

pub(super) fn event(placed: Placed) -> proto::AuditEvent {
    let event = placed.event;
    proto::AuditEvent {
        seq: placed.seq,
        id: event.id.to_string(),
        event_time: Some(to_proto(event.event_time)),
        subject: event.subject,
        method: event.method,
        resource_type: event.resource_type,
        resource_id: event.resource_id,
        organization: event.organization,
        region: event.region,
        address: event.address,
        request_id: event.request_id,
        before_json: event.before_json,
        after_json: event.after_json,
        hash: placed.hash,
    }
}

pub(super) fn link(link: &Link) -> proto::ChainLink {
    let hash = if link.seq == 0 { Vec::new() } else { link.hash.to_vec() };
    proto::ChainLink { seq: link.seq, hash }
}

pub(super) fn found(found: &Found) -> proto::VerifyChainResponse {
    let kind = |kind| match kind {
        FaultKind::Missing => proto::ChainFault::Missing,
        FaultKind::Changed => proto::ChainFault::Changed,
        FaultKind::Rewritten => proto::ChainFault::Rewritten,
        FaultKind::Unchained => proto::ChainFault::Unchained,
    };
    let fault = found.fault.as_ref();
    let event_id = fault.and_then(|fault| fault.event_id);
    proto::VerifyChainResponse {
        intact: fault.is_none(),
        fault: fault.map(|fault| kind(fault.kind)).unwrap_or_default().into(),
        fault_seq: fault.map_or(0, |fault| fault.seq),
        fault_event_id: event_id.map(|id| id.to_string()).unwrap_or_default(),
        checked_count: found.checked,
        next: Some(link(&found.next)),
        finished: found.finished,
        waiting_count: found.waiting,
    }
}

#[cfg(test)]
mod tests {
    use steward_proto::ledger::v1::MonthClose;

    use super::*;

    #[test]
    fn a_resource_stands_as_its_canonical_json() {
        let close = MonthClose {
            region: "420502".to_owned(),
            month: "2013-07".to_owned(),
            close_time: Some(prost_types::Timestamp { seconds: 1_375_000_000, nanos: 120_000_000 }),
            closed_by: "王\u{0}芳".to_owned(),
        };
        let event = Event::new("month_close", "420502/2013-07").after(&close).unwrap();
        assert_eq!(
            event.after_json,
            r#"{"region":"420502","month":"2013-07","closeTime":"2013-07-28T08:26:40.120Z","closedBy":"王\u0000芳"}"#
        );
        assert_eq!(event.before_json, "");
    }

    #[test]
    fn what_is_too_long_stands_as_its_hash() {
        assert_eq!(bounded("x".repeat(MAX_JSON)).len(), MAX_JSON);
        assert_eq!(
            bounded("a".repeat(MAX_JSON + 1)),
            format!(
                r#"{{"bytes":131073,"sha256":"{}"}}"#,
                "7e009ea4ef882e385b3c0bcbbfa8d009bb0a633bdd764415c09182ee0e75da73"
            )
        );
    }
}
