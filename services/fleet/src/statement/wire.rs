//! Lines of statements on the wire.

use chrono::{DateTime, Utc};
use steward_chassis::audit::Event;
use steward_chassis::fields::REQUIRED;
use steward_chassis::page::PAGE_TOKEN_INVALID;
use steward_chassis::resource::OUT_OF_RANGE;
use steward_chassis::scope::Filter;
use steward_chassis::time::{self, to_proto};
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::Named as _;
use steward_ledger::entry::QUANTITY_UNEXPECTED;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Content, Draft, Kind, Line, LineId, Listed, New};
use crate::card;
use crate::expense::wire::{MAX_DOCUMENT, MAX_QUANTITY, amount, drafted, line};
use crate::odometer::MAX_ODOMETER_M;
use crate::odometer::wire::past_time;
use crate::vehicle::{PLATE_MALFORMED, Plate};

impl From<&Line> for proto::StatementLine {
    fn from(line: &Line) -> Self {
        let content = &line.content;
        Self {
            id: line.id.to_string(),
            organization: line.organization.to_string(),
            card_no: line.card_no.clone(),
            kind: content.kind.number(),
            line_time: Some(to_proto(content.line_time)),
            amount_fen: content.amount.get(),
            quantity: content.quantity,
            plate: content.plate.as_ref().map(Plate::to_string).unwrap_or_default(),
            station: content.station.clone(),
            odometer_m: content.odometer_m,
            document_no: content.document_no.clone(),
            document_line: content.document_line,
            expense_id: line.expense.map(|id| id.to_string()).unwrap_or_default(),
            record_time: Some(to_proto(line.record_time)),
            reverse_reason: line.reverse_reason.clone(),
        }
    }
}

/// Reads a line with every fault of every field.
pub(super) fn draft(ctx: &Ctx, from: &proto::StatementLine) -> Draft {
    let mut fields = Fields::new();
    let new = new(ctx, &mut fields, from);
    drafted(fields, new)
}

fn new(ctx: &Ctx, fields: &mut Fields, from: &proto::StatementLine) -> Option<New> {
    let card_no = card::number(fields, "card_no", &from.card_no);
    if card_no.is_empty() {
        fields.refuse("card_no", &REQUIRED, "is required");
    }
    let kind: Option<Kind> = fields.named("kind", from.kind);
    if from.line_time.is_none() {
        fields.refuse("line_time", &REQUIRED, "is required");
    }
    let line_time = from.line_time.as_ref().and_then(|time| time::parse(fields, "line_time", time));
    let line_time = past_time(fields, "line_time", line_time, ctx.now());
    if kind == Some(Kind::TopUp) {
        for (field, given) in [("quantity", from.quantity), ("odometer_m", from.odometer_m)] {
            if given.is_some() {
                fields.refuse(field, &QUANTITY_UNEXPECTED, "a top-up has none");
            }
        }
    }
    if let Some(quantity) = from.quantity.filter(|it| !(1..=MAX_QUANTITY).contains(it)) {
        let message = format!("is {quantity}, not between 1 and {MAX_QUANTITY}");
        fields.refuse("quantity", &OUT_OF_RANGE, message);
    }
    let odometer_m =
        from.odometer_m.and_then(|metres| fields.within("odometer_m", metres, 0..=MAX_ODOMETER_M));
    let content = Content {
        amount: amount(fields, from.amount_fen),
        quantity: from.quantity,
        plate: fields.optional("plate", &from.plate, &PLATE_MALFORMED),
        station: fields.text("station", &from.station, card::wire::MAX_STATION),
        odometer_m,
        document_no: fields.required_text("document_no", &from.document_no, MAX_DOCUMENT),
        // The lines of fills are found when they are recorded.
        document_line: match kind {
            Some(Kind::TopUp) => line(fields, from.document_line).max(1),
            _ => line(fields, from.document_line),
        },
        kind: kind?,
        line_time: line_time?,
    };
    Some(New { card_no, content })
}

/// A page of lines goes on after a time in microseconds and an id.
type Key = (i64, u128);

/// Which lines a list request asks for.
pub(super) fn listed(request: &proto::ListStatementLinesRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListStatementLinesRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let after: Option<(DateTime<Utc>, LineId)> = page.after.and_then(|(micros, id)| {
        Some((DateTime::from_timestamp_micros(micros)?, LineId::from_uuid(Uuid::from_u128(id))))
    });
    if page.after.is_some() && after.is_none() {
        fields.refuse("page_token", &PAGE_TOKEN_INVALID, "is not a token of this list");
    }
    let card_no = card::number(&mut fields, "card_no", &request.card_no);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        card_no: Some(card_no).filter(|number| !number.is_empty()),
        kind: fields.optional_named("kind", request.kind),
        after,
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    lines: Vec<Line>,
) -> Result<proto::ListStatementLinesResponse> {
    let key = |it: &Line| (it.content.line_time.timestamp_micros(), it.id.uuid().as_u128());
    let (lines, next_page_token) = page.cut(lines, key)?;
    let lines = lines.iter().map(proto::StatementLine::from).collect();
    Ok(proto::ListStatementLinesResponse { lines, next_page_token })
}

/// What the audit trail keeps of a top-up. A fill has the event of its expense.
pub(super) fn event(old: Option<&Line>, new: &Line) -> Result<Event> {
    let mut event = Event::new("statement_line", new.id.to_string());
    event = event.of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::StatementLine::from(old))?;
    }
    event.after(&proto::StatementLine::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::*;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Kind>("steward.fleet.v1.LineKind"), [""; 0]);
    }
}
