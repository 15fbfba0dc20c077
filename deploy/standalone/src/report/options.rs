//! What is asked of a report.

use steward_kernel::{Month, Period};
use steward_proto::ledger::v1 as ledger;
use steward_proto::report::v1 as api;
use steward_proto::types::v1::MonthPeriod;

use super::view::Report;
use crate::failure::{Failure, Result};

/// What is asked of a report. Months are included at both ends.
#[derive(Debug, Clone)]
pub struct Options {
    /// The first month and the last.
    pub months: (Month, Month),
    /// What it is compared with; `None` = the same months of the year before.
    pub baseline: Option<(Month, Month)>,
    /// By what it is split; empty = by domain, or by all where the format has room for it.
    pub group_by: Vec<GroupBy>,
    /// Region codes and patterns.
    pub regions: Vec<String>,
    /// Organization codes.
    pub organizations: Vec<String>,
    /// Which month a cost counts in.
    pub basis: Basis,
    /// Whose cost it is.
    pub view: View,
    /// Fail rather than show an incomplete report.
    pub require_complete: bool,
    /// Which organizations costs stand at.
    pub structure: Structure,
    /// What costs are divided by.
    pub per_head: Option<PerHead>,
}

impl Options {
    /// The months of a report, and the defaults for all else.
    pub fn months(from: Month, to: Month) -> Self {
        Self {
            months: (from, to),
            baseline: None,
            group_by: Vec::new(),
            regions: Vec::new(),
            organizations: Vec::new(),
            basis: Basis::default(),
            view: View::default(),
            require_complete: false,
            structure: Structure::default(),
            per_head: None,
        }
    }

    /// Whether the report that was answered is of the whole city and of nothing else: neither the
    /// filter nor the caller's grants left anything out, and no other city was counted.
    pub fn is_whole_city(&self, report: &Report) -> bool {
        let all = |region: &String| region == "4205*" || region == "*";
        let is_wide = self.organizations.is_empty() && self.regions.iter().all(all);
        let is_ours = |region: &String| region.starts_with("4205");
        is_wide && !report.scope_limited && report.counted_regions.iter().all(is_ours)
    }

    /// What to ask for the figures since January, where the period does not begin there or is
    /// compared with another than the year before; `None` where it spans years or needs no asking.
    pub(super) fn cumulative(&self) -> Option<Self> {
        let (from, to) = self.months;
        let is_asked = from.month() == 1 && self.baseline.is_none();
        (from.year() == to.year() && !is_asked).then(|| Self {
            months: (Month::new(to.year(), 1).unwrap_or(from), to),
            baseline: None,
            require_complete: false,
            ..self.clone()
        })
    }

    pub(super) fn request(&self) -> Result<api::GetCostReductionReportRequest> {
        let baseline = self.baseline.map(|months| period(months, "baseline-")).transpose()?;
        Ok(api::GetCostReductionReportRequest {
            period: Some(period(self.months, "")?),
            baseline,
            basis: match self.basis {
                Basis::Paid => ledger::Basis::Paid.into(),
                Basis::Incurred => ledger::Basis::Incurred.into(),
            },
            view: match self.view {
                View::User => ledger::View::User.into(),
                View::Payer => ledger::View::Payer.into(),
            },
            regions: self.regions.clone(),
            organizations: self.organizations.clone(),
            group_by: self.group_by.iter().map(|it| it.proto().into()).collect(),
            require_complete: self.require_complete,
            include_suspected_duplicates: true,
            structure: match self.structure {
                Structure::AsItWas => api::ReportStructure::AsItWas.into(),
                Structure::Restated => api::ReportStructure::Restated.into(),
            },
            head_count: match self.per_head {
                None => api::HeadCount::Unspecified.into(),
                Some(PerHead::Establishment) => api::HeadCount::Establishment.into(),
                Some(PerHead::OnPost) => api::HeadCount::OnPost.into(),
                Some(PerHead::EnergyUsers) => api::HeadCount::EnergyUsers.into(),
            },
        })
    }
}

/// A half-open period of the API from months that are both included.
fn period((from, to): (Month, Month), prefix: &str) -> Result<MonthPeriod> {
    let period = Period::new(from, to.next()).map_err(|_| {
        let rule = "the last month must not be before the first, nor more than 20 years after it";
        Failure::usage(format!("--{prefix}from {from} --{prefix}to {to}: {rule}"))
    })?;
    Ok(MonthPeriod {
        from_month: period.from().to_string(),
        until_month: period.until().to_string(),
    })
}

/// By what a report is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum GroupBy {
    /// By domain.
    Domain,
    /// By domain and category.
    Category,
    /// By region.
    Region,
    /// By organization.
    Organization,
    /// By month.
    Month,
}

impl GroupBy {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Domain, Self::Category, Self::Region, Self::Organization, Self::Month];

    fn proto(self) -> api::ReportGrouping {
        match self {
            Self::Domain => api::ReportGrouping::Domain,
            Self::Category => api::ReportGrouping::Category,
            Self::Region => api::ReportGrouping::Region,
            Self::Organization => api::ReportGrouping::Organization,
            Self::Month => api::ReportGrouping::Month,
        }
    }
}

/// Which month a cost counts in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Basis {
    /// By the day of payment.
    #[default]
    Paid,
    /// Spread over the service period.
    Incurred,
}

/// Whose cost it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum View {
    /// Of the organization that uses.
    #[default]
    User,
    /// Of the organization that pays.
    Payer,
}

/// Which organizations costs stand at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Structure {
    /// Those that booked them.
    #[default]
    AsItWas,
    /// Those of today: costs of merged and split organizations stand at their successors.
    Restated,
}

/// What costs are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PerHead {
    /// The authorised number of staff (编制).
    Establishment,
    /// Staff on post (在岗).
    OnPost,
    /// Energy users (用能人数).
    EnergyUsers,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// JSON, exact.
    Json,
    /// CSV, exact.
    Csv,
    /// A workbook with formulas, to print and to reckon on.
    Xlsx,
    /// One page with tables and charts, to read and to print.
    Html,
}

impl Format {
    /// Whether it has room for all groupings, the figures since January and lines to sign.
    pub fn is_paper(self) -> bool {
        matches!(self, Self::Xlsx | Self::Html)
    }
}
