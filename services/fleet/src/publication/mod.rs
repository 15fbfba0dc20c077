//! What organizations publish about their vehicles every month (公务用车使用情况公示).

pub(crate) mod actions;
pub mod rpc;
mod rules;
mod store;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_kernel::{Month, OrganizationCode};
use uuid::Uuid;

use crate::cost::Costs;
use crate::vehicle::{Vehicle, VehicleId};

/// Whose list of which month is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) organization: OrganizationCode,
    pub(crate) month: Month,
}

/// Which days a list has, and what the rules say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The first day of the next list.
    pub(crate) until: NaiveDate,
    /// The last day on which it is to be published.
    pub(crate) due_on: Option<NaiveDate>,
    /// The categories that are withheld.
    pub(crate) withheld: Vec<&'static str>,
}

/// A list.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) asked: Asked,
    pub(crate) frame: Frame,
    /// By plate.
    pub(crate) lines: Vec<Line>,
    pub(crate) total: Used,
    /// How many vehicles are withheld, and what they cost.
    pub(crate) withheld: (usize, Paid),
    /// What was booked for the organization without one of its vehicles.
    pub(crate) others: Paid,
    pub(crate) as_of: DateTime<Utc>,
}

/// What was paid, in fen, as a list keeps it apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Paid {
    pub(crate) running: i64,
    pub(crate) rent: i64,
    pub(crate) purchase: i64,
}

/// A vehicle of a list.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) vehicle: Vehicle,
    pub(crate) used: Used,
}

/// What a vehicle, or several, did and cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) trips: i64,
    /// Metres.
    pub(crate) distance: Option<i64>,
    /// Millilitres.
    pub(crate) fuel: i64,
    pub(crate) costs: Costs,
    /// What was spent where the distance is known.
    pub(crate) spent_on_distance: i64,
}

/// Days over which a vehicle was held: from the first until before the second.
pub(crate) type Days = (NaiveDate, NaiveDate);

/// From when until before when something was so; `None` = from the beginning, and still.
pub(crate) type Times = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// A trip of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trip {
    pub(crate) id: Uuid,
    pub(crate) plate: String,
    pub(crate) organization: String,
    pub(crate) depart_time: DateTime<Utc>,
    pub(crate) return_time: Option<DateTime<Utc>>,
    pub(crate) purpose: String,
    pub(crate) destination: String,
    pub(crate) start_odometer_m: Option<i64>,
    pub(crate) end_odometer_m: Option<i64>,
    pub(crate) spent: Spent,
}

/// What the expenses of a trip come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) fen: i64,
    /// Millilitres.
    pub(crate) fuel: i64,
    /// Watt hours.
    pub(crate) energy: i64,
}

/// What a list of trips is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) asked: Asked,
    /// Departure and id of the last one of the page before.
    pub(crate) after: Option<(DateTime<Utc>, Uuid)>,
    pub(crate) limit: i64,
}

/// What is known of each vehicle.
pub(crate) type ByVehicle<T> = std::collections::BTreeMap<VehicleId, T>;
