//! `steward report`: the cost-reduction report as a table, JSON or CSV.

mod csv;
mod figures;
mod json;
mod notes;
#[cfg(test)]
mod render_tests;
pub mod table;
pub mod view;
mod wire;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use steward_kernel::{Month, Period};
use steward_proto::directory::v1::ListOrganizationsRequest;
use steward_proto::ledger::v1 as ledger;
use steward_proto::report::v1::{GetCostReductionReportRequest, ReportGrouping};
use steward_proto::types::v1::MonthPeriod;

use crate::client::Client;
use crate::failure::{Failure, Result};

pub use table::Shown;
pub use view::Report;
pub use words::Language;

/// The names of organizations are read in so many pages of 1,000 at most.
const MOST_PAGES: usize = 20;

/// What is asked of a report. Months are included at both ends.
#[derive(Debug, Clone)]
pub struct Options {
    /// The first month and the last.
    pub months: (Month, Month),
    /// What it is compared with; `None` = the same months of the year before.
    pub baseline: Option<(Month, Month)>,
    /// By what it is split; empty = by domain.
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

    fn request(&self) -> Result<GetCostReductionReportRequest> {
        let baseline = self.baseline.map(|months| period(months, "baseline-")).transpose()?;
        Ok(GetCostReductionReportRequest {
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
        })
    }
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
    fn proto(self) -> ReportGrouping {
        match self {
            Self::Domain => ReportGrouping::Domain,
            Self::Category => ReportGrouping::Category,
            Self::Region => ReportGrouping::Region,
            Self::Organization => ReportGrouping::Organization,
            Self::Month => ReportGrouping::Month,
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

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table for people, in 10,000 yuan.
    #[default]
    Table,
    /// JSON, exact.
    Json,
    /// CSV, exact.
    Csv,
}

/// Asks the gateway for a report, with the names of the organizations in it.
pub async fn fetch(
    client: &Client,
    options: &Options,
) -> Result<(Report, BTreeMap<String, String>)> {
    let request = options.request()?;
    let answer = client.reports().get_cost_reduction_report(request).await?.into_inner();
    let report = answer.report.ok_or_else(|| Failure::new("the server answered no report"))?;
    let mut report = Report::from(report);
    let names = names(client, &report).await;
    report.name_organizations(&names);
    Ok((report, names))
}

/// Writes a report.
pub fn render(report: &Report, format: Format, shown: &Shown) -> Result<String> {
    match format {
        Format::Table => Ok(table::render(report, shown)),
        Format::Json => json::render(report),
        Format::Csv => csv::render(report),
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

/// The names of the organizations that the report names. What the directory does not tell, perhaps
/// because the token does not allow it, stays a code.
async fn names(client: &Client, report: &Report) -> BTreeMap<String, String> {
    let rows = report.rows.iter().filter(|row| row.grouping == "organization");
    let wanted: BTreeSet<&str> = rows
        .map(|row| row.key.as_str())
        .chain(report.missing().iter().map(|(_, it)| it.organization.as_str()))
        .chain(report.suspected_duplicates.iter().map(|it| it.organization.as_str()))
        .collect();
    let mut names = BTreeMap::new();
    let mut request = ListOrganizationsRequest { page_size: 1_000, ..Default::default() };
    for _ in 0..MOST_PAGES {
        if names.len() == wanted.len() {
            break;
        }
        let Ok(answer) = client.organizations().list_organizations(request.clone()).await else {
            break;
        };
        let page = answer.into_inner();
        let known = page.organizations.into_iter().filter(|it| wanted.contains(it.code.as_str()));
        names.extend(known.map(|it| (it.code, it.name)));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    names
}
