//! By what a vehicle was paid, or what it brought in came in: a line of a document that is booked with it,
//! or an entry that finance has booked already.

use chrono::{Datelike as _, NaiveDate};
use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::{Class, Ctx, Error, Fields, Reason, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};
use steward_ledger::entry::{
    self, Content, ENTRY_ALREADY_POSTED, ENTRY_CONFLICT, Entry, EntryId, LINE_OUT_OF_RANGE,
};

/// The entry is another organization's, of another category or amount.
pub const ENTRY_UNLIKE: Reason = Reason::new(
    "ENTRY_UNLIKE",
    Class::FailedPrecondition,
    "所引用的入账记录与登记的单位、类别或者金额不符",
);
/// Another vehicle was paid by the entry.
pub const ENTRY_TAKEN: Reason =
    Reason::new("ENTRY_TAKEN", Class::AlreadyExists, "所引用的入账记录已用于其他车辆");
/// An entry is named, and a document that is to be booked too.
pub const VOUCHER_AMBIGUOUS: Reason = Reason::new(
    "VOUCHER_AMBIGUOUS",
    Class::InvalidArgument,
    "引用已入账记录时不再填写凭证号、行号与日期",
);

const MAX_DOCUMENT: usize = 64;
/// The highest line of a document.
const MAX_LINE: i32 = 100_000;

/// By what something was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Voucher {
    /// A line of a document, to be booked on a day; `None` = its next free line.
    Line { document_no: String, line: Option<i32>, on: NaiveDate },
    /// What is booked already.
    Entry(EntryId),
}

/// What a request says of a voucher.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) document_no: &'a str,
    pub(crate) document_line: i32,
    pub(crate) day: &'a str,
    pub(crate) entry_id: &'a str,
}

/// The voucher that a request names, with the day that `on` reads; `None` where it names none.
pub(crate) fn parse(
    fields: &mut Fields,
    said: &Said<'_>,
    on: impl FnOnce(&mut Fields) -> Option<NaiveDate>,
) -> Option<Voucher> {
    let document_no = fields.text("document_no", said.document_no, MAX_DOCUMENT);
    if !said.entry_id.is_empty() {
        if !document_no.is_empty() || said.document_line != 0 || !said.day.is_empty() {
            fields.refuse("entry_id", &VOUCHER_AMBIGUOUS, "is instead of a document");
        }
        return fields.parse("entry_id", said.entry_id, &ID_MALFORMED).map(Voucher::Entry);
    }
    let line = Some(said.document_line).filter(|line| *line != 0);
    if line.is_some_and(|line| !(1..=MAX_LINE).contains(&line)) {
        let message = format!("must be 0 to {MAX_LINE}");
        fields.refuse("document_line", &LINE_OUT_OF_RANGE, message);
    }
    if document_no.is_empty() {
        if line.is_some() || !said.day.is_empty() {
            fields.refuse("document_no", &REQUIRED, "is required with its line or its day");
        }
        return None;
    }
    Some(Voucher::Line { document_no, line, on: on(fields)? })
}

/// What is booked.
#[derive(Debug)]
pub(crate) struct Booking {
    pub(crate) organization: OrganizationCode,
    pub(crate) paid_by: OrganizationCode,
    pub(crate) category: &'static str,
    pub(crate) amount: Fen,
    pub(crate) source_resource: String,
    pub(crate) approval_reference: String,
}

/// Books what was paid, or takes the entry that is there.
///
/// Errors: those of `post_all`; `ENTRY_ALREADY_POSTED` where the document has an entry of that amount that
/// no resource caused, and no line is named; of an entry `NOT_FOUND`, `SCOPE_DENIED`, `ENTRY_UNLIKE`.
pub(crate) async fn book(
    tx: &mut Tx,
    ctx: &Ctx,
    voucher: &Voucher,
    booking: Booking,
) -> Result<Entry> {
    match voucher {
        Voucher::Line { document_no, line, on } => {
            post(tx, ctx, (document_no, *line, *on), booking).await
        }
        Voucher::Entry(id) => adopt(tx, ctx, *id, &booking).await,
    }
}

/// The entry, if it books the same.
async fn adopt(tx: &mut Tx, ctx: &Ctx, id: EntryId, booking: &Booking) -> Result<Entry> {
    let there = entry::live(tx, ctx, id).await?;
    let content = &there.content;
    let mut fields = Fields::new();
    let booked = (&content.organization, &content.paid_by, &*content.category);
    if booked != (&booking.organization, &booking.paid_by, booking.category) {
        let message = "books another category, or is another organization's";
        fields.refuse("entry_id", &ENTRY_UNLIKE, message);
    } else if content.amount != booking.amount {
        let message = format!("books {} yuan, not {}", content.amount, booking.amount);
        fields.refuse("entry_id", &ENTRY_UNLIKE, message);
    }
    fields.finish()?;
    Ok(there)
}

async fn post(
    tx: &mut Tx,
    ctx: &Ctx,
    (document_no, line, on): (&str, Option<i32>, NaiveDate),
    booking: Booking,
) -> Result<Entry> {
    let document_line = match line {
        Some(line) => line,
        None => next_line(tx, (document_no, on.year()), &booking).await?,
    };
    let content = Content {
        organization: booking.organization,
        paid_by: booking.paid_by,
        category: booking.category.to_owned(),
        occurred_on: on,
        service: None,
        amount: booking.amount,
        quantity: Some(1),
        document_no: document_no.to_owned(),
        document_line,
        fund_source: String::new(),
        expenditure_kind: 0,
        source_resource: booking.source_resource,
        approval_reference: booking.approval_reference,
        memo: String::new(),
    };
    let entries = match entry::post_all(tx, ctx, vec![content]).await {
        // Somebody else took the line that was free: the next one is looked for anew.
        Err(error) if line.is_none() && is_taken(&error) => {
            return Err(steward_db::Error::Retry.into());
        }
        posted => posted?,
    };
    steward_domain::booked(tx, ctx, &entries).await?;
    entries.into_iter().next().ok_or_else(|| Error::internal("a posted entry is missing"))
}

fn is_taken(error: &Error) -> bool {
    [&ENTRY_CONFLICT, &ENTRY_ALREADY_POSTED].contains(&error.reason())
}

/// The line after the last one of a document. What finance has booked of it is not booked again.
async fn next_line(
    tx: &mut Tx,
    (document_no, fiscal_year): (&str, i32),
    booking: &Booking,
) -> Result<i32> {
    let document = (document_no, fiscal_year);
    let lines = entry::lines(tx, &booking.organization, document, booking.category).await?;
    let same = |it: &&entry::Line| it.amount == booking.amount && it.source_resource.is_empty();
    if let Some(there) = lines.iter().find(same) {
        let message = format!("line {} of it is booked already: name its entry", there.number);
        let mut fields = Fields::new();
        fields.refuse("document_no", &ENTRY_ALREADY_POSTED, message);
        fields.finish()?;
    }
    Ok(lines.iter().map(|it| it.number).max().unwrap_or(0) + 1)
}
