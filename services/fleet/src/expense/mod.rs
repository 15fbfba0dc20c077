//! Expenses: what running a vehicle costs, slip by slip (单车核算). Each stands beside its entry in the
//! ledger and keeps what the ledger does not.

pub(crate) mod actions;
mod again;
mod checks;
mod record;
pub mod rpc;
mod store;
pub(crate) mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::error::Violation;
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{Fen, OrganizationCode, RegionCode};
use steward_ledger::entry::{EntryId, Service};
use uuid::Uuid;

use crate::cost::{Kind, LITRE};
use crate::vehicle::{Plate, VehicleId};

/// No vehicle of that id or plate within the grants.
pub const VEHICLE_UNKNOWN: Reason =
    Reason::new("VEHICLE_UNKNOWN", Class::InvalidArgument, "该车辆未登记");

/// The vehicle is or was the organization's, but not on the day.
pub const VEHICLE_NOT_THEN: Reason = Reason::new(
    "VEHICLE_NOT_THEN",
    Class::InvalidArgument,
    "该车辆当日属于其他单位,应由当时的使用单位登记",
);

/// The trip that an expense names is none of its vehicle at about its time.
pub const TRIP_UNFIT: Reason =
    Reason::new("TRIP_UNFIT", Class::InvalidArgument, "所填行程不是该车辆在费用发生前后的行程");

steward_kernel::id!(
    /// An expense.
    ExpenseId
);

/// What was recorded of an expense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is for.
    pub kind: Kind,
    /// The day of payment.
    pub occurred_on: NaiveDate,
    /// When it was, if that is known.
    pub occur_time: Option<DateTime<Utc>>,
    /// How much.
    pub amount: Fen,
    /// Millilitres of fuel, watt hours of charging.
    pub quantity: Option<i64>,
    /// What the odometer showed, in metres.
    pub odometer_m: Option<i64>,
    /// The voucher, invoice or slip.
    pub document_no: String,
    /// Its line, from 1; 0 of one that is to go on the next free line.
    pub document_line: i32,
    /// The card it was paid with, or empty.
    pub card_no: String,
    /// The station or workshop, or empty.
    pub station: String,
    /// What period was paid for.
    pub service: Option<Service>,
    /// Where the money came from, or empty.
    pub fund_source: String,
    /// The approval it rests on, or empty.
    pub approval_reference: String,
    /// The trip it belongs to, if that is known.
    pub trip_id: Option<Uuid>,
    /// A note, or empty.
    pub memo: String,
}

/// An expense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expense {
    /// Its key.
    pub id: ExpenseId,
    /// Of which vehicle.
    pub vehicle_id: VehicleId,
    /// The plate on the slip, or empty.
    pub plate: String,
    /// Who held the vehicle on the day.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with the expense.
    pub region: RegionCode,
    /// Who paid.
    pub paid_by: OrganizationCode,
    /// What was recorded.
    pub content: Content,
    /// Its entry in the ledger.
    pub entry: EntryId,
    /// Its reversal in the ledger, and the day on which that counts.
    pub reversed: Option<(EntryId, NaiveDate)>,
    /// When it was recorded.
    pub record_time: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// An expense to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct New {
    /// Of the vehicle of this id, or, without one, of this plate.
    pub(crate) vehicle_id: Option<VehicleId>,
    pub(crate) plate: Option<Plate>,
    /// `None` = who holds the vehicle.
    pub(crate) paid_by: Option<OrganizationCode>,
    pub(crate) content: Content,
}

/// What to record: an expense, or why it is faulty.
pub(crate) type Draft = Result<New, Vec<Violation>>;

/// What became of one expense.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// On this line of its document.
    Recorded(ExpenseId, i32),
    /// Kept, but no expense: money was put onto a card. With the line of the statement.
    TopUp(Uuid),
    /// With the one that was there, as far as it is an expense that is known.
    Duplicate(Option<ExpenseId>),
    Conflict(Vec<Violation>),
    Refused(Vec<Violation>),
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) vehicle_id: Option<VehicleId>,
    pub(crate) kind: Option<Kind>,
    pub(crate) from: Option<NaiveDate>,
    pub(crate) until: Option<NaiveDate>,
    pub(crate) card_no: Option<String>,
    pub(crate) live: Option<bool>,
    /// Day and id of the last one of the page before.
    pub(crate) after: Option<(NaiveDate, ExpenseId)>,
    pub(crate) limit: i64,
}

impl Outcome {
    /// Why it was refused; nothing if it was not.
    pub(crate) fn faults(&self) -> &[Violation] {
        match self {
            Self::Recorded(..) | Self::TopUp(_) | Self::Duplicate(_) => &[],
            Self::Conflict(why) | Self::Refused(why) => why,
        }
    }
}

impl Content {
    /// The quantity as the ledger has it: fuel in litres, half up.
    pub(crate) fn booked_quantity(&self) -> Option<i64> {
        match self.kind {
            Kind::Fuel => self.quantity.map(|millilitres| (millilitres + LITRE / 2) / LITRE),
            _ => self.quantity,
        }
    }

    /// When the odometer was read: one that is known by its day alone, at noon.
    pub(crate) fn read_time(&self) -> DateTime<Utc> {
        const NOON: chrono::TimeDelta = chrono::TimeDelta::hours(12);
        self.occur_time.unwrap_or_else(|| crate::cost::begin(self.occurred_on) + NOON)
    }
}

impl Expense {
    /// How findings name it.
    pub(crate) fn resource(&self) -> String {
        format!("expenses/{}", self.id)
    }
}
