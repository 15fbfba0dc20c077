//! Delegations on the wire.

use chrono::Months;
use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, PERIOD_MALFORMED, REPEATED};
use steward_chassis::resource::given;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::{Named as _, OrganizationCode, RegionPattern};
use steward_proto::approval::v1 as proto;
use uuid::Uuid;

use super::{Delegation, DelegationId, End, Listed, New};
use crate::officeholder::wire::{MAX_SUBJECT, position};
use crate::position::Position;

const MAX_REASON: usize = 200;
/// A delegation holds for a year at most.
const MAX_MONTHS: Months = Months::new(12);

impl From<&Delegation> for proto::Delegation {
    fn from(it: &Delegation) -> Self {
        Self {
            id: it.id.to_string(),
            principal: it.principal.clone(),
            delegate: it.delegate.clone(),
            positions: it.positions.iter().map(|position| position.number()).collect(),
            from_date: it.from.to_string(),
            until_date: it.until.to_string(),
            reason: it.reason.clone(),
            create_time: Some(to_proto(it.create_time)),
            update_time: Some(to_proto(it.update_time)),
            etag: it.version.to_string(),
        }
    }
}

/// What a create request asks for.
pub(super) fn new(request: &proto::CreateDelegationRequest) -> Result<New> {
    let asked = given("delegation", request.delegation.as_ref())?;
    let mut fields = Fields::new();
    let delegate = fields.required_text("delegation.delegate", &asked.delegate, MAX_SUBJECT);
    let positions = positions(&mut fields, &asked.positions);
    let from = fields.day("delegation.from_date", &asked.from_date);
    let until = fields.day("delegation.until_date", &asked.until_date);
    let reason = fields.text("delegation.reason", &asked.reason, MAX_REASON);
    let period = from.zip(until);
    if let Some((from, until)) = period {
        if until < from {
            fields.refuse("delegation.until_date", &PERIOD_MALFORMED, "lies before from_date");
        } else if from.checked_add_months(MAX_MONTHS).is_none_or(|last| until > last) {
            fields.refuse("delegation.until_date", &PERIOD_MALFORMED, "is more than a year later");
        }
    }
    let new = period.map(|(from, until)| New { delegate, positions, from, until, reason });
    fields.finish_with(new)
}

/// Positions that can be delegated, each once.
fn positions(fields: &mut Fields, numbers: &[i32]) -> Vec<Position> {
    fields.at_most("delegation.positions", numbers.len(), Position::ALL.len());
    let mut positions = Vec::new();
    for (i, number) in numbers.iter().enumerate().take(Position::ALL.len()) {
        let at = format!("delegation.positions[{i}]");
        let Some(position) = position(fields, &at, *number) else { continue };
        if positions.contains(&position) {
            fields.refuse(&at, &REPEATED, "stands there twice");
        }
        positions.push(position);
    }
    positions
}

/// What an end request asks for.
pub(super) fn end(request: &proto::EndDelegationRequest) -> Result<End> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let until = fields.optional_day("until_date", &request.until_date);
    fields.finish_with(id.zip(version).map(|(id, version)| End { id, version, until }))
}

/// A page of delegations goes on after an id.
type Key = u128;

/// Which delegations a list request asks for.
pub(super) fn listed(request: &proto::ListDelegationsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListDelegationsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let principal = fields.text("principal", &request.principal, MAX_SUBJECT);
    let delegate = fields.text("delegate", &request.delegate, MAX_SUBJECT);
    let listed = Listed {
        principal: Some(principal).filter(|it| !it.is_empty()),
        delegate: Some(delegate).filter(|it| !it.is_empty()),
        on: fields.optional_day("on_date", &request.on_date),
        after: page.after.map(|id| DelegationId::from_uuid(Uuid::from_u128(id))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    delegations: Vec<Delegation>,
) -> Result<proto::ListDelegationsResponse> {
    let (delegations, next_page_token) = page.cut(delegations, |it| it.id.uuid().as_u128())?;
    let delegations = delegations.iter().map(proto::Delegation::from).collect();
    Ok(proto::ListDelegationsResponse { delegations, next_page_token })
}

/// What the audit trail keeps of a change. It belongs to where its principal holds something: to an
/// organization if that is all, else to the narrowest pattern of regions around it.
pub(super) fn event(
    old: Option<&Delegation>,
    new: &Delegation,
    places: &[(Option<OrganizationCode>, RegionPattern)],
) -> Result<Event> {
    let mut event = Event::new("delegation", new.id.to_string());
    if let Some((first, others)) = places.split_first() {
        let around = others.iter().fold(first.1.clone(), |around, it| around.around(&it.1));
        event = match (&first.0, around.exact()) {
            (Some(code), Some(region)) if others.iter().all(|it| it == first) => {
                event.of(code, region)
            }
            _ => event.in_regions(&around),
        };
    }
    if let Some(old) = old {
        event = event.before(&proto::Delegation::from(old))?;
    }
    event.after(&proto::Delegation::from(new))
}
