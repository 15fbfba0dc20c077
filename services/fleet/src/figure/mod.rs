//! Figures: what vehicles cost and use, one by one and summed up.

pub(crate) mod actions;
pub mod rpc;
mod rules;
mod wire;

use chrono::NaiveDate;
use steward_chassis::scope::Filter;
use steward_kernel::Period;

use crate::cost::{Costs, Gone, Span};
use crate::holder;
use crate::vehicle::Vehicle;

/// What is known of a vehicle over a period, before anything is computed of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) costs: Costs,
    pub(crate) gone: Gone,
    pub(crate) trips: Trips,
    pub(crate) here: Here,
}

/// Which days of a period a vehicle was there, until today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Here {
    pub(crate) days: i64,
    pub(crate) working_days: i64,
    /// All days of the period, also those to come.
    pub(crate) of: i64,
}

/// What trips a vehicle made in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Trips {
    /// Those that began in it.
    pub(crate) count: i32,
    /// Days on which it was on one.
    pub(crate) days: i32,
}

/// The numbers of the rules that bind the holder of a vehicle; `None` = there is no such rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Millilitres per 100 km.
    pub(crate) fuel: Option<i64>,
    /// Watt hours per 100 km.
    pub(crate) energy: Option<i64>,
    /// Metres a month.
    pub(crate) distance: Option<i64>,
    /// Basis points of the working days.
    pub(crate) utilisation: Option<i64>,
}

/// The figures of a vehicle over the part of a period in which an organization held it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figures {
    /// As who held it had it.
    pub(crate) vehicle: Vehicle,
    pub(crate) span: Span,
    pub(crate) held_from: NaiveDate,
    pub(crate) known: Known,
    pub(crate) computed: Computed,
}

/// What is computed of what is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Computed {
    pub(crate) fuel_per_100km: Option<i64>,
    pub(crate) energy_per_100km: Option<i64>,
    pub(crate) fen_per_km: Option<i64>,
    pub(crate) utilisation_bp: Option<i64>,
    pub(crate) over_ceiling: bool,
    pub(crate) under_used: bool,
}

/// Which figures to list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) period: Period,
    pub(crate) holdings: holder::Listed,
}

/// Which fleets to sum up.
#[derive(Debug)]
pub(crate) struct Summed {
    pub(crate) year: i32,
    pub(crate) filter: Filter,
    pub(crate) by_region: bool,
}

/// A fleet in a year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fleet {
    pub(crate) vehicles: i32,
    pub(crate) new_energy: i32,
    pub(crate) purchases: i32,
    pub(crate) new_energy_purchases: i32,
    pub(crate) running: i64,
    pub(crate) rent: i64,
    pub(crate) purchase: i64,
    pub(crate) proceeds: i64,
}
