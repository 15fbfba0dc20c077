//! Head counts and floor area of organizations by year (基本情况), which costs are divided by.

pub(crate) mod actions;
pub mod rpc;
mod rules;
pub(crate) mod store;
mod wire;

pub(crate) use rules::{Summary, summarize};

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use steward_kernel::OrganizationCode;

/// The years that figures are kept of.
pub(crate) const YEARS: RangeInclusive<i32> = 1990..=2099;

/// Whose figures of which year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The organization.
    pub organization: OrganizationCode,
    /// The year.
    pub year: i32,
}

/// The figures of an organization in a year; `None` = not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Values {
    /// The authorised number of staff (编制).
    pub establishment: Option<i64>,
    /// Staff on post (在岗).
    pub on_post: Option<i64>,
    /// Energy users (用能人数).
    pub energy_users: Option<i64>,
    /// Floor area (建筑面积) in square decimetres.
    pub floor_area_dm2: Option<i64>,
}

impl Values {
    /// These, with what others know set over them.
    #[must_use]
    pub fn with(self, others: Self) -> Self {
        Self {
            establishment: others.establishment.or(self.establishment),
            on_post: others.on_post.or(self.on_post),
            energy_users: others.energy_users.or(self.energy_users),
            floor_area_dm2: others.floor_area_dm2.or(self.floor_area_dm2),
        }
    }
}

/// Figures as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Whose and of which year.
    pub key: Key,
    /// What is known.
    pub values: Values,
    /// When they were last changed; `None` where nothing is kept.
    pub update_time: Option<DateTime<Utc>>,
}

/// Figures to set, in the order of the request.
pub(crate) type Set = Vec<(Key, Values)>;

/// An organization as sums know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summed {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) region_name: String,
    /// `None` = before anything that is kept.
    pub(crate) established_on: Option<NaiveDate>,
    /// The first day it is no more.
    pub(crate) ended_on: Option<NaiveDate>,
}
