//! Expenses on the wire.

use chrono::{Months, NaiveDate};
use steward_chassis::audit::Event;
use steward_chassis::error::Violation;
use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::resource::{DATE_IN_FUTURE, OUT_OF_RANGE};
use steward_chassis::scope::Filter;
use steward_chassis::time::{self, to_proto};
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Fen, Named as _, OrganizationCode, today};
use steward_ledger::entry::{
    AMOUNT_OUT_OF_RANGE, DATE_OUT_OF_RANGE, LINE_OUT_OF_RANGE, MAX_AMOUNT, QUANTITY_UNEXPECTED,
    SERVICE_PERIOD_MALFORMED, Service,
};
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Content, Draft, Expense, ExpenseId, Listed, New, Outcome};
use crate::card;
use crate::cost::Kind;
use crate::odometer::MAX_ODOMETER_M;
use crate::odometer::wire::past_time;
use crate::vehicle::{PLATE_MALFORMED, Plate};

pub(crate) const MAX_LINE: i32 = 100_000;
pub(crate) const MAX_DOCUMENT: usize = 64;
/// Of one slip, in millilitres and watt hours: far more than any tank or battery holds.
pub(crate) const MAX_QUANTITY: i64 = 10_000_000;
const MAX_SERVICE: Months = Months::new(120);
const FIRST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(1990, 1, 1);
const LAST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2200, 1, 1);

/// Reads an expense with every fault of every field.
pub(super) fn draft(ctx: &Ctx, from: &proto::NewExpense, accept: bool) -> Draft {
    let mut fields = Fields::new();
    let new = new(ctx, &mut fields, from, accept);
    drafted(fields, new)
}

/// What was read, or its faults.
pub(crate) fn drafted<T>(fields: Fields, read: Option<T>) -> Result<T, Vec<Violation>> {
    let faults = fields.into_violations();
    match read {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(faults),
    }
}

fn new(ctx: &Ctx, fields: &mut Fields, from: &proto::NewExpense, accept: bool) -> Option<New> {
    let vehicle_id = fields.optional("vehicle_id", &from.vehicle_id, &ID_MALFORMED);
    let plate: Option<Plate> = fields.optional("plate", &from.plate, &PLATE_MALFORMED);
    if from.vehicle_id.is_empty() && from.plate.is_empty() {
        fields.refuse("vehicle_id", &REQUIRED, "is required, or a plate");
    }
    let paid_by: Option<OrganizationCode> = match from.paid_by.as_str() {
        "" => None,
        code => fields.organization("paid_by", code, accept),
    };
    let kind = fields.named("kind", from.kind);
    let occur_time =
        from.occur_time.as_ref().and_then(|time| time::parse(fields, "occur_time", time));
    let occur_time = past_time(fields, "occur_time", occur_time, ctx.now());
    let occurred_on = match (from.occurred_on.as_str(), occur_time) {
        ("", Some(time)) => Some(today(time)),
        (text, _) => fields.day("occurred_on", text),
    };
    if let (Some(day), Some(time)) = (occurred_on, occur_time)
        && day != today(time)
    {
        let message = format!("is {day}, and occur_time lies on {}", today(time));
        fields.refuse("occurred_on", &DATE_OUT_OF_RANGE, message);
    }
    check_day(ctx, fields, occurred_on);
    let odometer_m =
        from.odometer_m.and_then(|metres| fields.within("odometer_m", metres, 0..=MAX_ODOMETER_M));
    let content = Content {
        quantity: quantity(fields, kind, from.quantity),
        kind: kind?,
        occurred_on: occurred_on?,
        occur_time,
        amount: amount(fields, from.amount_fen),
        odometer_m,
        document_no: fields.required_text("document_no", &from.document_no, MAX_DOCUMENT),
        document_line: line(fields, from.document_line),
        card_no: card::number(fields, "card_no", &from.card_no),
        station: fields.text("station", &from.station, card::wire::MAX_STATION),
        service: service(fields, from),
        fund_source: fields.text("fund_source", &from.fund_source, 64),
        approval_reference: fields.text("approval_reference", &from.approval_reference, 128),
        trip_id: fields.optional::<Uuid>("trip_id", &from.trip_id, &ID_MALFORMED),
        memo: fields.text("memo", &from.memo, 500),
    };
    Some(New { vehicle_id, plate, paid_by, content })
}

fn check_day(ctx: &Ctx, fields: &mut Fields, day: Option<NaiveDate>) {
    if day.is_some_and(|day| day > ctx.today()) {
        fields.refuse("occurred_on", &DATE_IN_FUTURE, "is to come");
    } else if day.is_some() && day < FIRST_DAY {
        fields.refuse("occurred_on", &DATE_OUT_OF_RANGE, "is before 1990");
    }
}

/// An amount of money that was paid.
pub(crate) fn amount(fields: &mut Fields, fen: i64) -> Fen {
    if !(1..=MAX_AMOUNT).contains(&fen) {
        let message = format!("is {fen}, not between 1 and {MAX_AMOUNT}");
        fields.refuse("amount_fen", &AMOUNT_OUT_OF_RANGE, message);
    }
    Fen::new(fen)
}

/// The line of a document; 0 = none is given.
pub(crate) fn line(fields: &mut Fields, line: i32) -> i32 {
    if !(0..=MAX_LINE).contains(&line) {
        let message = format!("is {line}, not between 1 and {MAX_LINE}");
        fields.refuse("document_line", &LINE_OUT_OF_RANGE, message);
    }
    line
}

fn quantity(fields: &mut Fields, kind: Option<Kind>, given: Option<i64>) -> Option<i64> {
    let quantity = given?;
    if !matches!(kind, None | Some(Kind::Fuel | Kind::Charging)) {
        fields.refuse("quantity", &QUANTITY_UNEXPECTED, "only fuel and charging have one");
    }
    if !(1..=MAX_QUANTITY).contains(&quantity) {
        let message = format!("is {quantity}, not between 1 and {MAX_QUANTITY}");
        fields.refuse("quantity", &OUT_OF_RANGE, message);
    }
    Some(quantity)
}

fn service(fields: &mut Fields, from: &proto::NewExpense) -> Option<Service> {
    let begin = fields.optional_day("service_from", &from.service_from);
    let end = fields.optional_day("service_until", &from.service_until);
    let mut refuse = |field, message| fields.refuse(field, &SERVICE_PERIOD_MALFORMED, message);
    match (from.service_from.is_empty(), from.service_until.is_empty()) {
        (true, true) => return None,
        (true, false) => refuse("service_from", "is required with service_until"),
        (false, true) => refuse("service_until", "is required with service_from"),
        (false, false) => {}
    }
    let (begin, end) = (begin?, end?);
    if end <= begin {
        refuse("service_until", "is not later than service_from");
    } else if begin.checked_add_months(MAX_SERVICE).is_none_or(|latest| end > latest) {
        refuse("service_until", "is more than ten years after service_from");
    } else if Some(begin) < FIRST_DAY || Some(end) > LAST_DAY {
        refuse("service_from", "the service lies before 1990 or after 2199");
    }
    Some(Service { from: begin, until: end })
}

/// What became of expenses, as the API tells it: one a line, and how many were recorded, there already and
/// refused. Under `validate_only` nothing has an id that was not there before.
pub(crate) fn results(
    outcomes: &[Outcome],
    validate_only: bool,
) -> (Vec<proto::ExpenseResult>, [i32; 3]) {
    use proto::ExpenseOutcome as Told;
    let results: Vec<_> = outcomes.iter().map(|outcome| result(outcome, validate_only)).collect();
    let count = |wanted: &[Told]| {
        let counted = results.iter().filter(|result| wanted.contains(&result.outcome())).count();
        i32::try_from(counted).unwrap_or(i32::MAX)
    };
    let counts = [
        count(&[Told::Recorded]),
        count(&[Told::Duplicate]),
        count(&[Told::Conflict, Told::Refused]),
    ];
    (results, counts)
}

fn result(outcome: &Outcome, validate_only: bool) -> proto::ExpenseResult {
    use proto::ExpenseOutcome as Told;
    let (told, id) = match outcome {
        Outcome::Recorded(id, _) => (Told::Recorded, (!validate_only).then_some(*id)),
        Outcome::TopUp(_) => (Told::Recorded, None),
        Outcome::Duplicate(id) => (Told::Duplicate, *id),
        Outcome::Conflict(_) => (Told::Conflict, None),
        Outcome::Refused(_) => (Told::Refused, None),
    };
    let line = match outcome {
        Outcome::TopUp(id) if !validate_only => id.to_string(),
        _ => String::new(),
    };
    proto::ExpenseResult {
        line_id: line,
        outcome: told.into(),
        expense_id: id.map(|id| id.to_string()).unwrap_or_default(),
        refusals: outcome.faults().iter().map(refusal).collect(),
    }
}

fn refusal(violation: &Violation) -> proto::ExpenseRefusal {
    proto::ExpenseRefusal {
        field: violation.field.clone(),
        reason: violation.reason.code.to_owned(),
        message: violation.message.clone(),
        message_zh: violation.reason.zh.to_owned(),
    }
}

impl From<&Expense> for proto::Expense {
    fn from(expense: &Expense) -> Self {
        let reversed = expense.reversed;
        Self {
            id: expense.id.to_string(),
            organization: expense.organization.to_string(),
            content: Some(content(expense)),
            entry_id: expense.entry.to_string(),
            live: reversed.is_none(),
            reversed_on: reversed.map(|(_, day)| day.to_string()).unwrap_or_default(),
            reversal_entry_id: reversed.map(|(id, _)| id.to_string()).unwrap_or_default(),
            record_time: Some(to_proto(expense.record_time)),
            recorded_by: expense.recorded_by.clone(),
        }
    }
}

fn content(expense: &Expense) -> proto::NewExpense {
    let content = &expense.content;
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    proto::NewExpense {
        vehicle_id: expense.vehicle_id.to_string(),
        plate: expense.plate.clone(),
        kind: content.kind.number(),
        occurred_on: content.occurred_on.to_string(),
        occur_time: content.occur_time.map(to_proto),
        amount_fen: content.amount.get(),
        quantity: content.quantity,
        odometer_m: content.odometer_m,
        document_no: content.document_no.clone(),
        document_line: content.document_line,
        card_no: content.card_no.clone(),
        station: content.station.clone(),
        service_from: day(content.service.map(|service| service.from)),
        service_until: day(content.service.map(|service| service.until)),
        paid_by: expense.paid_by.to_string(),
        fund_source: content.fund_source.clone(),
        approval_reference: content.approval_reference.clone(),
        trip_id: content.trip_id.map(|id| id.to_string()).unwrap_or_default(),
        memo: content.memo.clone(),
    }
}

/// A page of expenses goes on after a day and an id.
pub(super) type Key = (NaiveDate, u128);

/// Which expenses a list request asks for.
pub(super) fn listed(request: &proto::ListExpensesRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListExpensesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let card_no = card::number(&mut fields, "card_no", &request.card_no);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        vehicle_id: fields.optional("vehicle_id", &request.vehicle_id, &ID_MALFORMED),
        kind: fields.optional_named("kind", request.kind),
        from: fields.optional_day("from_date", &request.from_date),
        until: fields.optional_day("until_date", &request.until_date),
        card_no: Some(card_no).filter(|number| !number.is_empty()),
        live: request.live,
        after: page.after.map(|(day, id)| (day, ExpenseId::from_uuid(Uuid::from_u128(id)))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    expenses: Vec<Expense>,
) -> Result<proto::ListExpensesResponse> {
    let key = |it: &Expense| (it.content.occurred_on, it.id.uuid().as_u128());
    let (expenses, next_page_token) = page.cut(expenses, key)?;
    let expenses = expenses.iter().map(proto::Expense::from).collect();
    Ok(proto::ListExpensesResponse { expenses, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Expense>, new: &Expense) -> Result<Event> {
    let mut event = Event::new("expense", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Expense::from(old))?;
    }
    event.after(&proto::Expense::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::*;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Kind>("steward.fleet.v1.ExpenseKind"), [""; 0]);
    }
}
