//! What changed in the directory, in the order of the commits, for those who follow it.

pub(crate) mod actions;
pub mod rpc;
mod store;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::calendar::CalendarYear;
use crate::organization::Organization;
use crate::region::Region;

/// What changed, as it is now.
#[derive(Debug, Clone)]
pub(crate) enum Resource {
    Organization(Box<Organization>),
    Region(Region),
    CalendarYear(CalendarYear),
}

/// A place in the order of the changes, as the caller knows it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) seq: i64,
    /// May be empty.
    pub(crate) hash: Vec<u8>,
}

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) seq: i64,
    pub(crate) time: DateTime<Utc>,
    pub(crate) resource: Resource,
}

/// Changes in order.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    pub(crate) found: Vec<Change>,
    /// Up to where was looked.
    pub(crate) next_seq: i64,
    /// The hash of the chain there.
    pub(crate) next_hash: Vec<u8>,
    /// Whether there is more.
    pub(crate) more: bool,
}

/// The resources that changed, by kind and id, as they are now.
type States = HashMap<(&'static str, String), Resource>;
