//! Statements of fuel cards (加油卡对账单): fills are expenses, top-ups are none.

pub(crate) mod actions;
pub mod rpc;
mod store;
mod wire;

use chrono::{DateTime, Utc};
use steward_chassis::error::Violation;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{Fen, OrganizationCode, RegionCode};

use crate::card::CardId;
use crate::expense::ExpenseId;
use crate::vehicle::Plate;

/// No card of that number within the grants.
pub const CARD_UNKNOWN: Reason =
    Reason::new("CARD_UNKNOWN", Class::InvalidArgument, "该卡号未登记");
/// The top-up is there, with another time or amount.
pub const LINE_CONFLICT: Reason =
    Reason::new("LINE_CONFLICT", Class::AlreadyExists, "同一充值记录已登记,但时间或金额不同");

/// The top-up was taken back.
pub const TOP_UP_REVERSED: Reason =
    Reason::new("TOP_UP_REVERSED", Class::FailedPrecondition, "该充值记录已冲回");
/// A fill or charge is taken back by its expense.
pub const LINE_IS_EXPENSE: Reason =
    Reason::new("LINE_IS_EXPENSE", Class::FailedPrecondition, "该记录是加油或充电,请冲回其费用");

/// The rule about how much one top-up may be, in fen.
const TOP_UP_LIMIT: &str = "top_up_limit";

steward_kernel::id!(
    /// A line of a statement.
    LineId
);

steward_kernel::named! {
    /// What a line tells.
    Kind {
        TopUp = 1 "top_up",
        Fill = 2 "fill",
        Charge = 3 "charge",
    }
}

/// What a line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it tells.
    pub kind: Kind,
    /// When it was.
    pub line_time: DateTime<Utc>,
    /// How much.
    pub amount: Fen,
    /// Millilitres of a fill, watt hours of a charge.
    pub quantity: Option<i64>,
    /// The plate that was written at the pump.
    pub plate: Option<Plate>,
    /// The station, or empty.
    pub station: String,
    /// What the odometer showed, in metres.
    pub odometer_m: Option<i64>,
    /// The transaction or slip.
    pub document_no: String,
    /// Its line.
    pub document_line: i32,
}

/// A line that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its key.
    pub id: LineId,
    /// Of which card.
    pub card_id: CardId,
    /// Its number. Not kept with the line.
    pub card_no: String,
    /// Who held the vehicle of the card on the day.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with the line.
    pub region: RegionCode,
    /// What it tells.
    pub content: Content,
    /// The expense it made; none of a top-up.
    pub expense: Option<ExpenseId>,
    /// Of a top-up that was taken back: why; else empty.
    pub reverse_reason: String,
    /// When it was imported.
    pub record_time: DateTime<Utc>,
}

/// A line to be imported.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub(crate) card_no: String,
    pub(crate) content: Content,
}

/// What to import: a line, or why it is faulty.
pub(crate) type Draft = Result<New, Vec<Violation>>;

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) card_no: Option<String>,
    pub(crate) kind: Option<Kind>,
    /// Time and id of the last one of the page before.
    pub(crate) after: Option<(DateTime<Utc>, LineId)>,
    pub(crate) limit: i64,
}
