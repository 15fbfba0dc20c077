//! Norms (定额): what a vehicle may cost and use in a year.

pub(crate) mod actions;
mod asked;
pub mod rpc;
mod store;
mod wire;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Reason};
use steward_kernel::{Fen, OrganizationCode, RegionCode};

use crate::vehicle::{Body, Vehicle, VehicleId};

/// A norm is for a vehicle or for those of an organization.
pub const NORM_SUBJECT: Reason =
    Reason::new("NORM_SUBJECT", Class::InvalidArgument, "应填车辆或单位,按单位核定时方可填车型");

/// With the request the vehicles of the organization cost more than their norms.
pub const NORM_EXCEEDED: Reason = Reason::new(
    "NORM_EXCEEDED",
    Class::FailedPrecondition,
    "超出运行费用定额,如确需突破须说明理由",
);

steward_kernel::id!(
    /// A norm.
    NormId
);

/// What a norm is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One vehicle.
    Vehicle(VehicleId),
    /// Those of an organization, with one body or all.
    Fleet(OrganizationCode, Option<Body>),
}

/// A norm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Norm {
    /// Its key.
    pub id: NormId,
    /// What it is for.
    pub subject: Subject,
    /// The organization whose vehicles it is for now.
    pub organization: OrganizationCode,
    /// Where that lies.
    pub region: RegionCode,
    /// For which year.
    pub fiscal_year: i32,
    /// What each vehicle may cost.
    pub amount: Option<Fen>,
    /// What each may use, in millilitres per 100 km.
    pub fuel_ml_per_100km: Option<i64>,
    /// The document that sets it, or empty.
    pub document: String,
    /// When it was last set.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// A norm beside what is used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) norm: Norm,
    pub(crate) vehicles: i32,
    pub(crate) running: i64,
    /// What these vehicles may cost, each for the days on which it was there.
    pub(crate) allowed: i64,
    pub(crate) over: i32,
}

/// A norm to be set.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) subject: Subject,
    pub(crate) fiscal_year: i32,
    pub(crate) amount: Option<Fen>,
    pub(crate) fuel_ml_per_100km: Option<i64>,
    pub(crate) document: String,
    /// The version of the one that is there; `None` = there is none.
    pub(crate) version: Option<i64>,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) fiscal_year: i32,
    pub(crate) after: Option<NormId>,
    pub(crate) limit: i64,
}

/// The part of an amount for a year that a vehicle may cost who held it: by the days of the year on which it
/// was there, rounded down. `None` where it was there on none: then it has no norm.
pub(crate) fn part(amount: Fen, there: i64, (from, until): (NaiveDate, NaiveDate)) -> Option<Fen> {
    let days = i128::from(until.signed_duration_since(from).num_days());
    let part = (i128::from(amount.get()) * i128::from(there)).checked_div(days)?;
    (there > 0).then_some(Fen::new(i64::try_from(part).unwrap_or(i64::MAX)))
}

/// The norm that says what a vehicle may cost: the nearest one that says so.
pub(crate) fn of_cost<'n>(norms: &'n [Norm], vehicle: &Vehicle) -> Option<&'n Norm> {
    nearest(norms, vehicle, |norm| norm.amount.is_some())
}

/// The norm that says what fuel a vehicle may use: the nearest one that says so.
pub(crate) fn of_fuel<'n>(norms: &'n [Norm], vehicle: &Vehicle) -> Option<&'n Norm> {
    nearest(norms, vehicle, |norm| norm.fuel_ml_per_100km.is_some())
}

/// The norm that holds for a vehicle, of those of a year that say something: its own, else that for its
/// body, else that for all of its organization.
pub(crate) fn nearest<'n>(
    norms: &'n [Norm],
    vehicle: &Vehicle,
    says: impl Fn(&Norm) -> bool,
) -> Option<&'n Norm> {
    let holds = |norm: &&Norm| match &norm.subject {
        Subject::Vehicle(id) => *id == vehicle.id,
        Subject::Fleet(organization, body) => {
            *organization == vehicle.organization
                && body.is_none_or(|body| body == vehicle.content.body)
        }
    };
    norms.iter().filter(|norm| says(norm)).filter(holds).min_by_key(|norm| match norm.subject {
        Subject::Vehicle(_) => 0,
        Subject::Fleet(_, Some(_)) => 1,
        Subject::Fleet(_, None) => 2,
    })
}

/// The organizations that hold vehicles.
pub(crate) fn holders<'v>(
    vehicles: impl IntoIterator<Item = &'v Vehicle>,
) -> BTreeSet<OrganizationCode> {
    vehicles.into_iter().map(|vehicle| vehicle.organization.clone()).collect()
}
