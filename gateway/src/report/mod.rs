//! The reports over all domains: asked of each at once (`collect`), with what the directory knows of
//! them (`directory`), put together by a pure function ([`aggregate`]), restated to today's structure
//! (`restate`) and by head (`heads`), with the payments that may have been booked twice
//! (`duplicates`).

pub mod aggregate;
mod collect;
mod directory;
mod duplicates;
mod heads;
mod part;
pub mod reference;
pub mod restate;
mod row;
mod rpc;
mod sums;
mod tally;
mod wire;

use std::collections::BTreeMap;

use steward_chassis::error::{Class, Reason};
use steward_chassis::scope::Filter;
use steward_kernel::Period;
use steward_proto::ledger::v1::{Basis, SummarizeCostsResponse, View};
use steward_proto::report::v1::{HeadCount, ReportGrouping, ReportStructure};

pub use crate::failure::{Failure, REPORT_INCOMPLETE};
pub use reference::Reference;
pub use restate::Structure;
pub use rpc::{Report, ReportConfig};

/// A domain that has to answer does not.
pub const DOMAIN_UNAVAILABLE: Reason =
    Reason::new("DOMAIN_UNAVAILABLE", Class::Unavailable, "有业务域未能答复,请稍后重试");
/// The directory has to answer and does not.
pub const DIRECTORY_UNAVAILABLE: Reason = Reason::new(
    "DIRECTORY_UNAVAILABLE",
    Class::Unavailable,
    "单位名录服务未能答复,暂不能按现行机构口径出报告",
);
/// More organizations were merged, split or gave functions away than can be restated at once.
pub const RESTATEMENT_TOO_WIDE: Reason = Reason::new(
    "RESTATEMENT_TOO_WIDE",
    Class::FailedPrecondition,
    "涉及机构改革的单位过多,无法按现行机构口径出报告",
);

/// An answer that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is malformed")]
pub struct Malformed;

/// What a report is asked for, checked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The current period.
    pub period: Period,
    /// The period to compare with, as long as the current one.
    pub baseline: Period,
    /// The basis.
    pub basis: Basis,
    /// The view.
    pub view: View,
    /// Region codes and patterns, checked.
    pub regions: Vec<String>,
    /// Organization codes, checked.
    pub organizations: Vec<String>,
    /// Both, as one filter.
    pub filter: Filter,
    /// The groupings, each once; never empty.
    pub groupings: Vec<ReportGrouping>,
    /// As it was, or restated.
    pub structure: ReportStructure,
    /// What costs are divided by.
    pub head_count: HeadCount,
}

impl Ask {
    /// Whether costs stand where they would stand today.
    pub fn is_restated(&self) -> bool {
        self.structure == ReportStructure::Restated
    }

    /// The years of the current period and of the baseline whose head counts are wanted; `None` where
    /// costs are not divided.
    pub fn years(&self) -> Option<[i32; 2]> {
        if self.head_count == HeadCount::Unspecified || self.view != View::User {
            return None;
        }
        let year = |period: Period| {
            let year = period.from().year();
            (period.until().previous().year() == year).then_some(year)
        };
        Some([year(self.period)?, year(self.baseline)?])
    }

    /// Whether anything that the directory knows is wanted: names, heads, or who became whom.
    pub fn needs_directory(&self) -> bool {
        self.is_restated()
            || self.needs_organizations()
            || self.groupings.contains(&ReportGrouping::Region)
    }

    /// Whether organizations are looked at one by one.
    pub fn needs_organizations(&self) -> bool {
        self.groupings.contains(&ReportGrouping::Organization) || self.years().is_some()
    }
}

/// What the directory told for a report.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Names, regions and head counts; `None` where it did not answer.
    pub reference: Option<Reference>,
    /// The structure that the report is restated to.
    pub structure: Option<Structure>,
}

/// What a domain answered.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Its sums.
    pub costs: SummarizeCostsResponse,
    /// The Chinese names of its categories by code, where categories are wanted.
    pub categories: BTreeMap<String, String>,
}

/// What became of asking one domain.
pub type Answer = Result<Summary, Failure>;
