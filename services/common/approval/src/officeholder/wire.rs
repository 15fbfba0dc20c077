//! Officeholders on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, PERIOD_MALFORMED, REGION_MALFORMED};
use steward_chassis::resource::given;
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::{Named as _, RegionPattern};
use steward_proto::approval::v1 as proto;
use uuid::Uuid;

use super::{End, Listed, New, Officeholder, OfficeholderId, POSITION_PLACE, Place};
use crate::position::{POSITION_OF_OTHER_SIDE, Position};

/// The longest subject of a token.
pub(crate) const MAX_SUBJECT: usize = 200;
const MAX_NAME: usize = 50;

impl From<&Officeholder> for proto::Officeholder {
    fn from(holder: &Officeholder) -> Self {
        let (organization, region) = match &holder.place {
            Place::Organization(code) => (code.to_string(), String::new()),
            Place::Region(pattern) => (String::new(), pattern.to_string()),
        };
        Self {
            id: holder.id.to_string(),
            subject: holder.subject.clone(),
            name: holder.name.clone(),
            position: holder.position.number(),
            organization,
            region,
            from_date: holder.from.to_string(),
            until_date: holder.until.map(|day| day.to_string()).unwrap_or_default(),
            create_time: Some(to_proto(holder.create_time)),
            update_time: Some(to_proto(holder.update_time)),
            etag: holder.version.to_string(),
        }
    }
}

/// What a create request asks for.
pub(super) fn new(request: &proto::CreateOfficeholderRequest) -> Result<New> {
    let from = given("officeholder", request.officeholder.as_ref())?;
    let mut fields = Fields::new();
    let subject = fields.required_text("officeholder.subject", &from.subject, MAX_SUBJECT);
    let name = fields.required_text("officeholder.name", &from.name, MAX_NAME);
    let position = position(&mut fields, "officeholder.position", from.position);
    let place = position.and_then(|it| place(&mut fields, it, from, request.accept_warnings));
    let begin = fields.day("officeholder.from_date", &from.from_date);
    let until = fields.optional_day("officeholder.until_date", &from.until_date);
    if begin.zip(until).is_some_and(|(begin, until)| until < begin) {
        fields.refuse("officeholder.until_date", &PERIOD_MALFORMED, "lies before from_date");
    }
    let new = position.zip(place).zip(begin).map(|((position, place), from)| New {
        subject,
        name,
        position,
        place,
        from,
        until,
    });
    fields.finish_with(new)
}

/// A position that somebody can hold.
pub(crate) fn position(fields: &mut Fields, at: &str, number: i32) -> Option<Position> {
    let position: Position = fields.named(at, number)?;
    if position.is_of_other_side() {
        fields.refuse(at, &POSITION_OF_OTHER_SIDE, "is who holds it on the other side");
        return None;
    }
    Some(position)
}

/// Where the position is held.
fn place(
    fields: &mut Fields,
    position: Position,
    from: &proto::Officeholder,
    accept_warnings: bool,
) -> Option<Place> {
    let (given, other) = if position.is_authority() {
        ("officeholder.region", ("officeholder.organization", &from.organization))
    } else {
        ("officeholder.organization", ("officeholder.region", &from.region))
    };
    if !other.1.is_empty() {
        fields.refuse(other.0, &POSITION_PLACE, format!("must be empty for {}", position.text()));
    }
    if position.is_authority() {
        let pattern = fields.parse::<RegionPattern>(given, &from.region, &REGION_MALFORMED);
        return pattern.map(Place::Region);
    }
    fields.organization(given, &from.organization, accept_warnings).map(Place::Organization)
}

/// What an end request asks for.
pub(super) fn end(request: &proto::EndOfficeholderRequest) -> Result<End> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let until = fields.day("until_date", &request.until_date);
    let end = id.zip(version).zip(until).map(|((id, version), until)| End { id, version, until });
    fields.finish_with(end)
}

/// A page of officeholders goes on after an id.
type Key = u128;

/// Which officeholders a list request asks for.
pub(super) fn listed(request: &proto::ListOfficeholdersRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListOfficeholdersRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let subject = fields.text("subject", &request.subject, MAX_SUBJECT);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &[], &request.organizations),
        position: fields.optional_named("position", request.position),
        subject: Some(subject).filter(|it| !it.is_empty()),
        on: fields.optional_day("on_date", &request.on_date),
        after: page.after.map(|id| OfficeholderId::from_uuid(Uuid::from_u128(id))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    holders: Vec<Officeholder>,
) -> Result<proto::ListOfficeholdersResponse> {
    let (holders, next_page_token) = page.cut(holders, |it| it.id.uuid().as_u128())?;
    let officeholders = holders.iter().map(proto::Officeholder::from).collect();
    Ok(proto::ListOfficeholdersResponse { officeholders, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Officeholder>, new: &Officeholder) -> Result<Event> {
    let mut event = Event::new("officeholder", new.id.to_string());
    event = match (&new.place, &new.region) {
        (Place::Organization(code), Some(region)) => event.of(code, region),
        (Place::Region(pattern), _) => event.in_regions(pattern),
        (Place::Organization(_), None) => event,
    };
    if let Some(old) = old {
        event = event.before(&proto::Officeholder::from(old))?;
    }
    event.after(&proto::Officeholder::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::*;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Position>("steward.approval.v1.Position"), [""; 0]);
    }
}
