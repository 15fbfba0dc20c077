//! Head counts and floor area of organizations by year (基本情况), which costs are divided by.

pub(crate) mod actions;
pub mod rpc;
mod rules;
pub(crate) mod store;
mod wire;

pub(crate) use rules::{Summary, summarize};

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
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

    /// These without one of them.
    #[must_use]
    pub fn without(mut self, figure: Figure) -> Self {
        let value = match figure {
            Figure::Establishment => &mut self.establishment,
            Figure::OnPost => &mut self.on_post,
            Figure::EnergyUsers => &mut self.energy_users,
            Figure::FloorArea => &mut self.floor_area_dm2,
        };
        *value = None;
        self
    }
}

steward_kernel::named! {
    /// One of the figures, by its name in the API.
    Figure {
        Establishment = 1 "establishment",
        OnPost = 2 "on_post",
        EnergyUsers = 3 "energy_users",
        FloorArea = 4 "floor_area_dm2",
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
    /// Counts their changes, from 1; 0 where nothing is kept.
    pub version: i64,
}

/// Figures to set.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    /// In the order of the request.
    pub(crate) rows: Vec<Row>,
    /// What is not known any more where a row does not give it.
    pub(crate) clear: Vec<Figure>,
}

/// The figures to set of an organization and a year.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) values: Values,
    /// The version that was read; `None` where nobody looked.
    pub(crate) version: Option<i64>,
}

/// What a list is limited to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) year: Option<i32>,
    /// Organization and year of the last ones of the page before.
    pub(crate) after: Option<(String, i32)>,
    pub(crate) limit: i64,
}

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
