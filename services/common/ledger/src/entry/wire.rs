//! Entries on the wire.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use steward_chassis::audit::Event;
use steward_chassis::error::Violation;
use steward_chassis::{Ctx, Error, Fields, Result, time};
use steward_kernel::{Fen, OrganizationCode};
use steward_proto::ledger::v1 as proto;

use super::post::{Draft, Outcome};
use super::{
    AMOUNT_OUT_OF_RANGE, Content, DATE_OUT_OF_RANGE, DocumentKey, Entry, LINE_OUT_OF_RANGE,
    MAX_AMOUNT, MAX_QUANTITY, QUANTITY_OUT_OF_RANGE, QUANTITY_UNEXPECTED, SERVICE_PERIOD_MALFORMED,
    Service, Share,
};
use crate::admission::Regions;
use crate::catalogue::{CATEGORY_UNKNOWN, Catalogue};

const MAX_LINE: i32 = 100_000;
const MAX_SERVICE: Months = Months::new(120);
/// No books are older than this, and none reach further: typing errors do.
const FIRST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(1990, 1, 1);
const LAST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2200, 1, 1);

/// Against what posted entries are checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checks<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) today: NaiveDate,
    pub(super) accept_warnings: bool,
}

/// Reads an entry with every fault of every field.
pub(super) fn draft(new: &proto::NewEntry, checks: Checks<'_>) -> Draft {
    let mut fields = Fields::new();
    let content = content(&mut fields, new, checks);
    let faults = fields.into_violations();
    match content {
        Some(content) if faults.is_empty() => Ok(content),
        _ => Err(faults),
    }
}

fn content(fields: &mut Fields, new: &proto::NewEntry, checks: Checks<'_>) -> Option<Content> {
    let accept = checks.accept_warnings;
    let organization = fields.organization("organization", &new.organization, accept);
    let paid_by = payer(fields, new, organization.as_ref(), accept);
    let category = category(fields, new, checks.catalogue);
    let occurred_on = occurred_on(fields, &new.occurred_on, checks.today);
    let service = service(fields, new);
    if !(1..=MAX_AMOUNT).contains(&new.amount_fen) {
        let message = format!("is {}, not between 1 and {MAX_AMOUNT}", new.amount_fen);
        fields.refuse("amount_fen", &AMOUNT_OUT_OF_RANGE, message);
    }
    let document_no = fields.required_text("document_no", &new.document_no, 64);
    if !(0..=MAX_LINE).contains(&new.document_line) {
        let message = format!("is {}, not between 1 and {MAX_LINE}", new.document_line);
        fields.refuse("document_line", &LINE_OUT_OF_RANGE, message);
    }
    let expenditure_kind: proto::ExpenditureKind =
        fields.value("expenditure_kind", new.expenditure_kind);
    let fund_source = fields.text("fund_source", &new.fund_source, 64);
    let source_resource = fields.text("source_resource", &new.source_resource, 128);
    let approval_reference = fields.text("approval_reference", &new.approval_reference, 128);
    let memo = fields.text("memo", &new.memo, 500);
    Some(Content {
        organization: organization?,
        paid_by: paid_by?,
        category: category?,
        occurred_on: occurred_on?,
        service,
        amount: Fen::new(new.amount_fen),
        quantity: new.quantity,
        document_no,
        document_line: new.document_line.max(1),
        fund_source,
        expenditure_kind: expenditure_kind.into(),
        source_resource,
        approval_reference,
        memo,
    })
}

/// Who pays: who uses, unless it is said.
fn payer(
    fields: &mut Fields,
    new: &proto::NewEntry,
    organization: Option<&OrganizationCode>,
    accept_warnings: bool,
) -> Option<OrganizationCode> {
    if new.paid_by.is_empty() || new.paid_by == new.organization {
        return organization.cloned();
    }
    fields.organization("paid_by", &new.paid_by, accept_warnings)
}

/// A category of the catalogue, and a quantity if it has a unit.
fn category(fields: &mut Fields, new: &proto::NewEntry, catalogue: &Catalogue) -> Option<String> {
    if let Some(quantity) = new.quantity.filter(|it| !(0..=MAX_QUANTITY).contains(it)) {
        let message = format!("is {quantity}, not between 0 and {MAX_QUANTITY}");
        fields.refuse("quantity", &QUANTITY_OUT_OF_RANGE, message);
    }
    let code = fields.required_text("category", &new.category, 64);
    let Some(category) = catalogue.get(&code) else {
        if !code.is_empty() {
            fields.refuse("category", &CATEGORY_UNKNOWN, format!("{code} is not a category"));
        }
        return None;
    };
    if new.quantity.is_some() && category.unit.is_none() {
        let message = format!("entries of category {code} carry no quantity");
        fields.refuse("quantity", &QUANTITY_UNEXPECTED, message);
    }
    Some(code)
}

fn occurred_on(fields: &mut Fields, text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let day = fields.day("occurred_on", text)?;
    if day > today || Some(day) < FIRST_DAY {
        let message = format!("{day} is in the future or before 1990");
        fields.refuse("occurred_on", &DATE_OUT_OF_RANGE, message);
    }
    Some(day)
}

fn service(fields: &mut Fields, new: &proto::NewEntry) -> Option<Service> {
    let from = fields.optional_day("service_from", &new.service_from);
    let until = fields.optional_day("service_until", &new.service_until);
    let mut refuse = |field, message| fields.refuse(field, &SERVICE_PERIOD_MALFORMED, message);
    match (new.service_from.is_empty(), new.service_until.is_empty()) {
        (true, false) => refuse("service_from", "is required with service_until"),
        (false, true) => refuse("service_until", "is required with service_from"),
        _ => {}
    }
    let (from, until) = from.zip(until)?;
    if until <= from {
        refuse("service_until", "is not later than service_from");
    } else if from.checked_add_months(MAX_SERVICE).is_none_or(|latest| until > latest) {
        refuse("service_until", "is more than ten years after service_from");
    } else if Some(from) < FIRST_DAY || Some(until) > LAST_DAY {
        refuse("service_from", "the service lies before 1990 or after 2199");
    }
    Some(Service { from, until })
}

/// The answer to a post. Under `validate_only` nothing has an id that was not there before.
pub(super) fn post_response(
    outcomes: &[Outcome],
    validate_only: bool,
) -> proto::PostEntriesResponse {
    let results: Vec<_> = outcomes.iter().map(|outcome| result(outcome, validate_only)).collect();
    let count = |wanted: &[proto::PostOutcome]| {
        let counted = results.iter().filter(|result| wanted.contains(&result.outcome())).count();
        i32::try_from(counted).unwrap_or(i32::MAX)
    };
    proto::PostEntriesResponse {
        posted_count: count(&[proto::PostOutcome::Posted]),
        duplicate_count: count(&[proto::PostOutcome::Duplicate]),
        refused_count: count(&[proto::PostOutcome::Conflict, proto::PostOutcome::Refused]),
        results,
    }
}

fn result(outcome: &Outcome, validate_only: bool) -> proto::PostResult {
    let (kind, id, refusals) = match outcome {
        Outcome::Posted(id) => {
            (proto::PostOutcome::Posted, (!validate_only).then_some(*id), &[] as &[_])
        }
        Outcome::Duplicate(id) => (proto::PostOutcome::Duplicate, *id, &[] as &[_]),
        Outcome::Conflict(id, why) => {
            (proto::PostOutcome::Conflict, *id, std::slice::from_ref(why))
        }
        Outcome::Refused(why) => (proto::PostOutcome::Refused, None, why.as_slice()),
    };
    proto::PostResult {
        outcome: kind.into(),
        entry_id: id.map(|id| id.to_string()).unwrap_or_default(),
        refusals: refusals.iter().map(refusal).collect(),
    }
}

fn refusal(violation: &Violation) -> proto::Refusal {
    proto::Refusal {
        field: violation.field.clone(),
        reason: violation.reason.code.to_owned(),
        message: violation.message.clone(),
        message_zh: violation.reason.zh.to_owned(),
    }
}

pub(super) fn entry(entry: Entry) -> proto::Entry {
    proto::Entry {
        id: entry.id.to_string(),
        content: Some(new_entry(entry.content)),
        live: entry.live,
        reverses_entry_id: entry.reverses.map(|id| id.to_string()).unwrap_or_default(),
        reversed_by_entry_id: entry.reversed_by.map(|id| id.to_string()).unwrap_or_default(),
        post_time: Some(time::to_proto(entry.post_time)),
        posted_by: entry.posted_by,
        incurred_shares: entry.shares.into_iter().map(share).collect(),
    }
}

fn new_entry(content: Content) -> proto::NewEntry {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    proto::NewEntry {
        organization: content.organization.to_string(),
        paid_by: content.paid_by.to_string(),
        category: content.category,
        occurred_on: content.occurred_on.to_string(),
        service_from: day(content.service.map(|service| service.from)),
        service_until: day(content.service.map(|service| service.until)),
        amount_fen: content.amount.get(),
        quantity: content.quantity,
        document_no: content.document_no,
        document_line: content.document_line,
        fund_source: content.fund_source,
        expenditure_kind: content.expenditure_kind,
        source_resource: content.source_resource,
        approval_reference: content.approval_reference,
        memo: content.memo,
    }
}

fn share(share: Share) -> proto::IncurredShare {
    proto::IncurredShare { month: share.month.to_string(), amount_fen: share.amount.get() }
}

/// What was posted: an event for each organization that uses, under the id of the request.
pub(super) fn posted_events(ctx: &Ctx, posted: &[Entry], regions: &Regions) -> Result<Vec<Event>> {
    let mut batches: BTreeMap<&OrganizationCode, proto::PostedEntries> = BTreeMap::new();
    for entry in posted {
        let batch = batches.entry(&entry.content.organization).or_default();
        batch.entry_ids.push(entry.id.to_string());
        batch.entry_count += 1;
        // The sum of a thousand amounts, each within its bound, is far from any other.
        batch.amount_fen += entry.content.amount.get();
    }
    let request = ctx.request_id().map(|id| id.to_string()).unwrap_or_default();
    let events = batches.into_iter().map(|(organization, batch)| {
        let event = Event::new("entries", request.clone()).after(&batch)?;
        of(event, organization, regions)
    });
    events.collect()
}

/// What a reversal changed: the entry, and the reversal that is new.
pub(super) fn reversed_events(
    reversed: Entry,
    reversal: &Entry,
    regions: &Regions,
) -> Result<Vec<Event>> {
    let after = Entry { live: false, reversed_by: Some(reversal.id), ..reversed.clone() };
    let event = |entry: &Entry| Event::new("entry", entry.id.to_string());
    let organization = reversal.content.organization.clone();
    let events = [
        event(&after).before(&entry(reversed))?.after(&entry(after))?,
        event(reversal).after(&entry(reversal.clone()))?,
    ];
    events.into_iter().map(|event| of(event, &organization, regions)).collect()
}

fn of(event: Event, organization: &OrganizationCode, regions: &Regions) -> Result<Event> {
    let region = regions.get(organization);
    let region = region.ok_or_else(|| Error::internal("an organization has no region"))?;
    Ok(event.of(organization, region))
}

pub(super) fn document_key(key: DocumentKey) -> proto::DocumentKey {
    proto::DocumentKey {
        organization: key.organization,
        document_no: key.document_no,
        amount_fen: key.amount.get(),
        entry_id: key.id.to_string(),
        category: key.category,
        occurred_on: key.occurred_on.to_string(),
    }
}
