//! Successions on the wire.

use std::collections::BTreeSet;

use steward_chassis::audit::Event;
use steward_chassis::fields::{
    DATE_MALFORMED, Fields, ID_MALFORMED, ORGANIZATION_MALFORMED, REPEATED, REQUIRED,
};
use steward_chassis::resource::given;
use steward_chassis::scope::Filter;
use steward_chassis::{Page, Result, time};
use steward_kernel::{Named, OrganizationCode};
use steward_proto::directory::v1 as proto;

use super::{Content, Kind, Listed, Part, Revocation, SHARES_MALFORMED, Succession, part_faults};
use crate::organization::Organization;

const MAX_PARTS: usize = 100;
const MAX_DOCUMENT_NO: usize = 100;
const MAX_NOTE: usize = 200;
const MAX_REASON: usize = 200;

/// A page goes on after a day and an id.
pub(super) type Key = (String, String);

impl From<Succession> for proto::Succession {
    fn from(succession: Succession) -> Self {
        let content = succession.content;
        let part = |part: Part| proto::SuccessionPart {
            predecessor: part.predecessor.to_string(),
            successor: part.successor.map(|code| code.to_string()).unwrap_or_default(),
            share_ppm: part.share_ppm,
        };
        Self {
            id: succession.id.to_string(),
            kind: content.kind.number(),
            effective_on: content.effective_on.to_string(),
            document_no: content.document_no,
            note: content.note,
            parts: content.parts.into_iter().map(part).collect(),
            record_time: Some(time::to_proto(succession.record_time)),
            revoked: succession.revoke_reason.is_some(),
            revoke_reason: succession.revoke_reason.unwrap_or_default(),
        }
    }
}

/// What changed of a succession, filed under one of its organizations.
pub(super) fn event(
    old: Option<&Succession>,
    new: &Succession,
    under: &Organization,
) -> Result<Event> {
    let mut event =
        Event::new("succession", new.id.to_string()).of(&under.code, &under.content.region);
    if let Some(old) = old {
        event = event.before(&proto::Succession::from(old.clone()))?;
    }
    event.after(&proto::Succession::from(new.clone()))
}

/// What a request asks to record.
pub(super) fn content(request: &proto::RecordSuccessionRequest) -> Result<Content> {
    let from = given("succession", request.succession.as_ref())?;
    let mut fields = Fields::new();
    let kind = fields.named::<Kind>("succession.kind", from.kind);
    let day = fields.day("succession.effective_on", &from.effective_on);
    let document_no = fields.text("succession.document_no", &from.document_no, MAX_DOCUMENT_NO);
    let note = fields.text("succession.note", &from.note, MAX_NOTE);
    let parts = parts(&mut fields, &from.parts);
    // Held against the kind only where all parts could be read: else their places would be others.
    if fields.is_empty()
        && let Some(kind) = kind
    {
        for (place, message) in part_faults(kind, &parts) {
            let field = match place {
                Some(place) => format!("succession.parts[{place}]"),
                None => "succession.parts".to_owned(),
            };
            fields.refuse(&field, &SHARES_MALFORMED, message);
        }
    }
    let content = kind.zip(day).map(|(kind, effective_on)| Content {
        kind,
        effective_on,
        document_no,
        note,
        parts,
    });
    fields.finish_with(content)
}

fn parts(fields: &mut Fields, from: &[proto::SuccessionPart]) -> Vec<Part> {
    let list = "succession.parts";
    if from.is_empty() {
        fields.refuse(list, &REQUIRED, "is required");
    }
    fields.at_most(list, from.len(), MAX_PARTS);
    let (mut parts, mut seen) = (Vec::new(), BTreeSet::new());
    for (place, from) in from.iter().enumerate().take(MAX_PARTS) {
        let at = |name: &str| format!("{list}[{place}].{name}");
        let malformed = &ORGANIZATION_MALFORMED;
        let predecessor: Option<OrganizationCode> =
            fields.parse(&at("predecessor"), &from.predecessor, malformed);
        let successor: Option<OrganizationCode> =
            fields.optional(&at("successor"), &from.successor, malformed);
        let Some(predecessor) = predecessor else {
            continue;
        };
        if !seen.insert((predecessor.clone(), successor.clone())) {
            let message = format!("{predecessor} stands there twice with the same successor");
            fields.refuse(&format!("{list}[{place}]"), &REPEATED, message);
        }
        parts.push(Part { predecessor, successor, share_ppm: from.share_ppm });
    }
    parts
}

/// What a request asks to take back.
pub(super) fn revocation(request: &proto::RevokeSuccessionRequest) -> Result<Revocation> {
    let mut fields = Fields::new();
    let id = fields.parse("succession_id", &request.succession_id, &ID_MALFORMED);
    let reason = fields.required_text("reason", &request.reason, MAX_REASON);
    fields.finish_with(id.map(|id| Revocation { id, reason }))
}

/// Which successions a list request asks for.
pub(super) fn listed(request: &proto::ListSuccessionsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let token = request.page_token.as_str();
    let same = proto::ListSuccessionsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, token, &same);
    let filter = Filter::parse(&mut fields, &[], &request.organizations);
    let after = page.after.as_ref().and_then(|(day, id)| {
        let day = fields.parse("page_token", day, &DATE_MALFORMED);
        day.zip(fields.parse("page_token", id, &ID_MALFORMED))
    });
    let listed = Listed { filter, revoked: request.include_revoked, after, limit: page.limit() };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    rows: Vec<Succession>,
) -> Result<proto::ListSuccessionsResponse> {
    let rows: Vec<_> = rows.into_iter().map(proto::Succession::from).collect();
    let key = |row: &proto::Succession| (row.effective_on.clone(), row.id.clone());
    let (successions, next_page_token) = page.cut_by_size(rows, key)?;
    Ok(proto::ListSuccessionsResponse { successions, next_page_token })
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::*;

    #[test]
    fn kinds_are_those_of_the_api() {
        assert!(unlike::<Kind>("steward.directory.v1.SuccessionKind").is_empty());
    }
}
