//! The reports over all domains: asked of each at once (`collect`), put together by a pure function
//! ([`aggregate`]), with the payments that may have been booked twice (`duplicates`).

pub mod aggregate;
mod collect;
mod duplicates;
mod part;
mod rpc;
mod wire;

use std::collections::BTreeMap;

use steward_chassis::error::{Class, Reason};
use steward_kernel::Period;
use steward_proto::ledger::v1::{Basis, SummarizeCostsResponse, View};
use steward_proto::report::v1::ReportGrouping;

pub use rpc::{Report, ReportConfig};

/// A report that had to be complete is not.
pub const REPORT_INCOMPLETE: Reason =
    Reason::new("REPORT_INCOMPLETE", Class::Unavailable, "报告数据不完整");
/// A domain that has to answer does not.
pub const DOMAIN_UNAVAILABLE: Reason =
    Reason::new("DOMAIN_UNAVAILABLE", Class::Unavailable, "有业务域未能答复,请稍后重试");

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
    /// The groupings, each once; never empty.
    pub groupings: Vec<ReportGrouping>,
}

/// What a domain answered.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Its sums.
    pub costs: SummarizeCostsResponse,
    /// The Chinese names of its categories by code, where categories are wanted.
    pub categories: BTreeMap<String, String>,
}

/// Why a domain's part is not in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is not reachable, or too busy.
    Unavailable,
    /// It did not answer in time.
    DeadlineExceeded,
    /// The caller may not read there what the report is asked for.
    PermissionDenied,
    /// It failed, or answered what cannot be.
    Internal,
}

impl Failure {
    /// The stable code, as `DomainPart.failure` says it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "UNAVAILABLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// What became of asking one domain.
pub type Answer = Result<Summary, Failure>;
