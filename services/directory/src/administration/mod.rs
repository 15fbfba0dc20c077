//! The government offices administrations (机关事务管理机构) of the regions: whether a region has one
//! of its own, since when and by which document.

pub(crate) mod actions;
pub mod rpc;
pub(crate) mod store;
mod wire;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_kernel::{Named as _, RegionCode};

/// The status of a region's administration from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administration {
    /// The region.
    pub region: RegionCode,
    /// The first day of the status.
    pub since: NaiveDate,
    /// What is recorded.
    pub content: Content,
    /// When it was recorded.
    pub record_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// What is recorded of a region and a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The status.
    pub status: Status,
    /// The document that says so, or empty.
    pub document_no: String,
    /// The name of the administration, or empty.
    pub name: String,
}

steward_kernel::named! {
    /// The status of a region's administration.
    Status {
        None = 1 "none",
        Preparing = 2 "preparing",
        Established = 3 "established",
        AdjustingDuties = 4 "adjusting_duties",
    }
}

/// A status to be recorded.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) region: RegionCode,
    pub(crate) since: NaiveDate,
    pub(crate) content: Content,
    /// The version that was read: 0 where nothing was recorded, `None` where nobody looked.
    pub(crate) version: Option<i64>,
}

/// What is recorded of a region and a day, to be deleted.
#[derive(Debug)]
pub(crate) struct Deletion {
    pub(crate) region: RegionCode,
    pub(crate) since: NaiveDate,
    pub(crate) version: i64,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    /// Region and day of the last one of the page before.
    pub(crate) after: Option<(String, NaiveDate)>,
    pub(crate) limit: i64,
}

/// How many are in each status, in the order of the API; those with none are left out.
pub(crate) fn counts(all: &[Administration]) -> Vec<(Status, i32)> {
    let mut counts: BTreeMap<i32, i32> = BTreeMap::new();
    for one in all {
        *counts.entry(one.content.status.number()).or_default() += 1;
    }
    let of = |(number, count)| Status::of_number(number).map(|status| (status, count));
    counts.into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_counted() {
        let of = |status| Administration {
            region: "420502".parse().unwrap(),
            since: "2013-01-01".parse().unwrap(),
            content: Content { status, document_no: String::new(), name: String::new() },
            record_time: DateTime::default(),
            version: 1,
        };
        let all = [Status::AdjustingDuties, Status::None, Status::AdjustingDuties].map(of);
        assert_eq!(counts(&all), [(Status::None, 1), (Status::AdjustingDuties, 2)]);
        assert_eq!(counts(&[]), []);
    }
}
