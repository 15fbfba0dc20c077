//! Entries: what was paid, for whom, by whom. Append-only; a mistake is reversed (红冲).

pub(crate) mod actions;
mod batch;
mod document;
mod post;
pub(crate) mod rpc;
mod rules;
mod store;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use futures::future::BoxFuture;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Ctx, Reason, Result};
use steward_db::Tx;
use steward_kernel::{Fen, Month, OrganizationCode, Period, RegionCode, id};

use crate::summary::View;

pub use batch::{all_or_nothing, caused, post_all, post_each, reverse_entry};
pub use document::{Line, lines, live};

id! {
    /// The id of an entry.
    EntryId
}

/// The most that an entry may be, in fen: a thousand million yuan. No sum of entries passes 64 bits
/// before there are 92 million of them.
pub const MAX_AMOUNT: i64 = 100_000_000_000;
/// The largest quantity of an entry, in the small unit of its category.
pub(crate) const MAX_QUANTITY: i64 = 100_000_000_000;

/// The amount is not between 1 fen and [`MAX_AMOUNT`].
pub const AMOUNT_OUT_OF_RANGE: Reason =
    Reason::new("AMOUNT_OUT_OF_RANGE", Class::InvalidArgument, "金额应为正数且不超过十亿元");
/// The quantity is negative, or more than a hundred thousand million.
pub const QUANTITY_OUT_OF_RANGE: Reason =
    Reason::new("QUANTITY_OUT_OF_RANGE", Class::InvalidArgument, "数量应在 0 至一千亿之间");
/// Entries of the category carry no quantity.
pub const QUANTITY_UNEXPECTED: Reason =
    Reason::new("QUANTITY_UNEXPECTED", Class::InvalidArgument, "该费用类别不填数量");
/// The day of payment is in the future or before 1990.
pub const DATE_OUT_OF_RANGE: Reason =
    Reason::new("DATE_OUT_OF_RANGE", Class::InvalidArgument, "日期应在 1990 年以后且不晚于今天");
/// The service period is half given, turned round, or too long.
pub const SERVICE_PERIOD_MALFORMED: Reason =
    Reason::new("SERVICE_PERIOD_MALFORMED", Class::InvalidArgument, "服务期间有误");
/// The line is not between 1 and 100,000.
pub const LINE_OUT_OF_RANGE: Reason =
    Reason::new("LINE_OUT_OF_RANGE", Class::InvalidArgument, "行号应在 1 到 100000 之间");
/// The document is booked already, with another date or amount.
pub const ENTRY_CONFLICT: Reason =
    Reason::new("ENTRY_CONFLICT", Class::AlreadyExists, "同一凭证已入账,但日期或金额不同");
/// The document is booked already, with the same date and amount. Only where an entry must be new: a
/// caller who posts it again is answered that it is there.
pub const ENTRY_ALREADY_POSTED: Reason =
    Reason::new("ENTRY_ALREADY_POSTED", Class::AlreadyExists, "同一凭证已入账");
/// The entry was reversed before.
pub const ENTRY_ALREADY_REVERSED: Reason =
    Reason::new("ENTRY_ALREADY_REVERSED", Class::FailedPrecondition, "该记录已红冲");
/// A reversal cannot be reversed.
pub const ENTRY_IS_REVERSAL: Reason =
    Reason::new("ENTRY_IS_REVERSAL", Class::FailedPrecondition, "红冲记录不能再红冲");

/// What was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Who uses.
    pub organization: OrganizationCode,
    /// Who pays.
    pub paid_by: OrganizationCode,
    /// A code of the catalogue.
    pub category: String,
    /// The day of payment; its year is the fiscal year.
    pub occurred_on: NaiveDate,
    /// What period was paid for.
    pub service: Option<Service>,
    /// Positive; of a reversal negative.
    pub amount: Fen,
    /// In the unit of the category.
    pub quantity: Option<i64>,
    /// The voucher or invoice.
    pub document_no: String,
    /// Its line.
    pub document_line: i32,
    /// Where the money came from; empty = not known.
    pub fund_source: String,
    /// The number of the API's enum; 0 = not known.
    pub expenditure_kind: i32,
    /// The resource that caused it; empty = none.
    pub source_resource: String,
    /// The approval it rests on; empty = none.
    pub approval_reference: String,
    /// A note.
    pub memo: String,
}

/// A half-open span of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
}

/// What makes an entry the one it is, among live ones. Sorted so, entries are locked without
/// deadlock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// Who uses.
    pub organization: OrganizationCode,
    /// The voucher or invoice.
    pub document_no: String,
    /// The year of payment.
    pub fiscal_year: i32,
    /// The line.
    pub document_line: i32,
    /// The category.
    pub category: String,
}

/// The part of an entry that counts in a month on the incurred basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The month.
    pub month: Month,
    /// The part. All parts sum up to the amount.
    pub amount: Fen,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// What was posted.
    pub content: Content,
    /// The region whose books it stands in: where the organization lay when it was booked. It stays
    /// when the organization moves, and a reversal stands in the same.
    pub region: RegionCode,
    /// Until it is reversed; reversals never are.
    pub live: bool,
    /// On a reversal: what it reverses.
    pub reverses: Option<EntryId>,
    /// On a reversed entry: its reversal.
    pub reversed_by: Option<EntryId>,
    /// When it was posted.
    pub post_time: DateTime<Utc>,
    /// By whom.
    pub posted_by: String,
    /// How it counts on the incurred basis, by month; at least one.
    pub shares: Vec<Share>,
}

/// What a domain does beside when entries were booked: the live ones that are new, or one reversal. In
/// the same transaction, after totals and budgets and before the audit trail; what it refuses undoes
/// the booking.
pub type Booked = for<'t> fn(&'t mut Tx, &'t Ctx, &'t [Entry]) -> BoxFuture<'t, Result<()>>;

/// What identifies the document of an entry, for finding payments booked in two domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentKey {
    /// Who uses.
    pub organization: String,
    /// The voucher or invoice.
    pub document_no: String,
    /// The amount.
    pub amount: Fen,
    /// The entry.
    pub id: EntryId,
    /// Its category.
    pub category: String,
    /// The day of payment.
    pub occurred_on: NaiveDate,
}

/// Which entries to list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    /// The one organization that the filter leaves, for its index.
    pub(crate) organization: Option<OrganizationCode>,
    pub(crate) paid_by: Option<OrganizationCode>,
    pub(crate) category: Option<String>,
    pub(crate) period: Option<Period>,
    pub(crate) document_no: Option<String>,
    pub(crate) live: Option<bool>,
    /// Day and id of the last one of the page before.
    pub(crate) after: Option<(NaiveDate, EntryId)>,
    pub(crate) limit: i64,
}

/// Which document keys to list.
#[derive(Debug)]
pub(crate) struct Keyed {
    pub(crate) view: View,
    pub(crate) filter: Filter,
    pub(crate) period: Period,
}

/// After which document key a part begins; without an id after all entries of the document and
/// amount.
#[derive(Debug, Clone)]
pub(crate) struct After {
    pub(crate) organization: String,
    pub(crate) document_no: String,
    pub(crate) amount: Fen,
    pub(crate) id: Option<EntryId>,
}
