//! Cards on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REPEATED, REQUIRED};
use steward_chassis::resource::{Mask, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Card, CardId, Change, Draft, Listed, New, State, number};

const MAX_ISSUER: usize = 100;
const MAX_STATIONS: usize = 50;
pub(crate) const MAX_STATION: usize = 100;
const MAX_NOTE: usize = 500;

impl From<&Card> for proto::Card {
    fn from(card: &Card) -> Self {
        let content = &card.content;
        Self {
            id: card.id.to_string(),
            organization: card.organization.to_string(),
            number: card.number.clone(),
            vehicle_id: content.vehicle_id.to_string(),
            issuer: content.issuer.clone(),
            stations: content.stations.clone(),
            state: content.state.number(),
            note: content.note.clone(),
            create_time: Some(to_proto(card.create_time)),
            update_time: Some(to_proto(card.update_time)),
            etag: card.version.to_string(),
        }
    }
}

/// What a create request asks for.
pub(super) fn new(request: &proto::CreateCardRequest) -> Result<New> {
    let mut from = given("card", request.card.as_ref())?.clone();
    if from.state == 0 {
        from.state = State::Active.number();
    }
    let mut fields = Fields::new();
    let number = number(&mut fields, "card.number", &from.number);
    if number.is_empty() {
        fields.refuse("card.number", &REQUIRED, "is required");
    }
    let draft = draft(&mut fields, &Mask::all("card"), &from);
    fields.finish_with(draft.whole().map(|content| New { number, content }))
}

/// What an update request asks for.
pub(super) fn change(ctx: &Ctx, request: &proto::UpdateCardRequest) -> Result<Change> {
    let from = given("card", request.card.as_ref())?;
    let mut fields = Fields::new();
    let id = fields.parse("card.id", &from.id, &ID_MALFORMED);
    let version = fields.etag("card.etag", &from.etag);
    let mask = Mask::parse(&mut fields, "card", request.update_mask.as_ref(), Draft::FIELDS);
    let draft = draft(&mut fields, &mask, from);
    let day = &request.effective_from;
    let from = if day.is_empty() {
        Some(ctx.today())
    } else {
        fields.past_day("effective_from", day, ctx.today())
    };
    let all = id.zip(version).zip(from);
    fields.finish_with(all.map(|((id, version), from)| Change { id, version, draft, from }))
}

/// The fields that the mask names, each with its bounds.
fn draft(fields: &mut Fields, mask: &Mask<'_>, from: &proto::Card) -> Draft {
    Draft {
        vehicle_id: mask.pick("vehicle_id", |at| fields.parse(at, &from.vehicle_id, &ID_MALFORMED)),
        issuer: mask.pick("issuer", |at| Some(fields.text(at, &from.issuer, MAX_ISSUER))),
        stations: mask.pick("stations", |at| Some(stations(fields, at, &from.stations))),
        state: mask.pick("state", |at| fields.named(at, from.state)),
        note: mask.pick("note", |at| Some(fields.text(at, &from.note, MAX_NOTE))),
    }
}

fn stations(fields: &mut Fields, at: &str, given: &[String]) -> Vec<String> {
    fields.at_most(at, given.len(), MAX_STATIONS);
    let mut stations: Vec<String> = Vec::new();
    for (i, text) in given.iter().enumerate().take(MAX_STATIONS) {
        let field = format!("{at}[{i}]");
        let station = fields.required_text(&field, text, MAX_STATION);
        if stations.contains(&station) {
            fields.refuse(&field, &REPEATED, "stands there twice");
        }
        stations.push(station);
    }
    stations
}

/// Which card a get request asks for.
pub(super) fn id(request: &proto::GetCardRequest) -> Result<CardId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// A page of cards goes on after a number and an id.
type Key = (String, u128);

/// Which cards a list request asks for.
pub(super) fn listed(request: &proto::ListCardsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListCardsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        vehicle_id: fields.optional("vehicle_id", &request.vehicle_id, &ID_MALFORMED),
        state: fields.optional_named("state", request.state),
        after: page
            .after
            .clone()
            .map(|(number, id)| (number, CardId::from_uuid(Uuid::from_u128(id)))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<Key>, cards: Vec<Card>) -> Result<proto::ListCardsResponse> {
    let key = |it: &Card| (it.number.clone(), it.id.uuid().as_u128());
    let (cards, next_page_token) = page.cut(cards, key)?;
    let cards = cards.iter().map(proto::Card::from).collect();
    Ok(proto::ListCardsResponse { cards, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Card>, new: &Card) -> Result<Event> {
    let mut event = Event::new("card", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Card::from(old))?;
    }
    event.after(&proto::Card::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::State;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<State>("steward.fleet.v1.CardState"), [""; 0]);
    }
}
