//! Between the messages of the API and what the report works with.

use steward_chassis::error::Result;
use steward_chassis::fields::{Fields, MONTH_MALFORMED, PERIOD_MALFORMED, REPEATED, REQUIRED};
use steward_chassis::page::Page;
use steward_chassis::scope::Filter;
use steward_kernel::{Month, Period};
use steward_proto::ledger::v1::{
    Basis, DocumentKey, Grouping, ListDocumentKeysRequest, SummarizeCostsRequest, View,
};
use steward_proto::report::v1::{
    GetCostReductionReportRequest, ListSuspectedDuplicatesRequest, ReportGrouping,
};
use steward_proto::types::v1::MonthPeriod;

use super::{Ask, BASELINE_LENGTH};

/// Where a page of suspected duplicates ended: organization, document number, amount.
pub(super) type After = (String, String, i64);

/// Checks a request for the report.
pub(super) fn ask(request: &GetCostReductionReportRequest) -> Result<Ask> {
    let mut fields = Fields::new();
    let period = required_period(&mut fields, "period", request.period.as_ref());
    let baseline = match &request.baseline {
        Some(baseline) => month_span(&mut fields, "baseline", baseline),
        None => period.map(Period::year_before),
    };
    if let (Some(period), Some(baseline)) = (period, baseline)
        && period.len() != baseline.len()
    {
        let message = format!("has {} months, the period has {}", baseline.len(), period.len());
        fields.refuse("baseline", &BASELINE_LENGTH, message);
    }
    let basis = match fields.value("basis", request.basis) {
        Basis::Unspecified => Basis::Paid,
        basis => basis,
    };
    let view = match fields.value("view", request.view) {
        View::Unspecified => View::User,
        view => view,
    };
    Filter::parse(&mut fields, &request.regions, &request.organizations);
    let groupings = groupings(&mut fields, &request.group_by);
    let ask = period.zip(baseline).map(|(period, baseline)| Ask {
        period,
        baseline,
        basis,
        view,
        regions: request.regions.clone(),
        organizations: request.organizations.clone(),
        groupings,
    });
    fields.finish_with(ask)
}

/// The groupings, each once; by domain where none is wanted.
fn groupings(fields: &mut Fields, numbers: &[i32]) -> Vec<ReportGrouping> {
    let mut wanted = Vec::new();
    for (i, number) in numbers.iter().enumerate() {
        let field = format!("group_by[{i}]");
        let grouping: ReportGrouping = fields.required_value(&field, *number);
        if wanted.contains(&grouping) && grouping != ReportGrouping::Unspecified {
            fields.refuse(&field, &REPEATED, "is wanted already");
        }
        wanted.push(grouping);
    }
    if wanted.is_empty() {
        wanted.push(ReportGrouping::Domain);
    }
    wanted
}

fn required_period(
    fields: &mut Fields,
    field: &str,
    period: Option<&MonthPeriod>,
) -> Option<Period> {
    if period.is_none() {
        fields.refuse(field, &REQUIRED, "is required");
    }
    month_span(fields, field, period?)
}

fn month_span(fields: &mut Fields, field: &str, period: &MonthPeriod) -> Option<Period> {
    let from: Option<Month> =
        fields.parse(&format!("{field}.from_month"), &period.from_month, &MONTH_MALFORMED);
    let until: Option<Month> =
        fields.parse(&format!("{field}.until_month"), &period.until_month, &MONTH_MALFORMED);
    match Period::new(from?, until?) {
        Ok(period) => Some(period),
        Err(error) => {
            fields.refuse(field, &PERIOD_MALFORMED, error.to_string());
            None
        }
    }
}

/// A period as the API writes it.
pub(super) fn month_period(period: Period) -> MonthPeriod {
    MonthPeriod { from_month: period.from().to_string(), until_month: period.until().to_string() }
}

/// What every domain is asked for a report. The domains themselves come by their totals.
pub(super) fn summarize(ask: &Ask) -> SummarizeCostsRequest {
    let grouping = |grouping: &ReportGrouping| match grouping {
        ReportGrouping::Unspecified | ReportGrouping::Domain => None,
        ReportGrouping::Category => Some(Grouping::Category.into()),
        ReportGrouping::Region => Some(Grouping::Region.into()),
        ReportGrouping::Organization => Some(Grouping::Organization.into()),
        ReportGrouping::Month => Some(Grouping::Month.into()),
    };
    SummarizeCostsRequest {
        current: Some(month_period(ask.period)),
        baseline: Some(month_period(ask.baseline)),
        basis: ask.basis.into(),
        view: ask.view.into(),
        regions: ask.regions.clone(),
        organizations: ask.organizations.clone(),
        group_by: ask.groupings.iter().filter_map(grouping).collect(),
    }
}

/// What every domain is asked for the suspected duplicates of a report: those of its period.
pub(super) fn document_keys(ask: &Ask) -> ListDocumentKeysRequest {
    ListDocumentKeysRequest {
        period: Some(month_period(ask.period)),
        regions: ask.regions.clone(),
        organizations: ask.organizations.clone(),
        after: None,
    }
}

/// Checks a request for a page of suspected duplicates; what every domain is asked for it.
pub(super) fn duplicates(
    request: &ListSuspectedDuplicatesRequest,
) -> Result<(Page<After>, ListDocumentKeysRequest)> {
    let mut fields = Fields::new();
    let period = required_period(&mut fields, "period", request.period.as_ref());
    Filter::parse(&mut fields, &request.regions, &request.organizations);
    let page = page(&mut fields, request);
    fields.finish()?;
    let after = page.after.clone().map(|(organization, document_no, amount_fen)| DocumentKey {
        organization,
        document_no,
        amount_fen,
        ..DocumentKey::default()
    });
    let keys = ListDocumentKeysRequest {
        period: period.map(month_period),
        regions: request.regions.clone(),
        organizations: request.organizations.clone(),
        after,
    };
    Ok((page, keys))
}

fn page(fields: &mut Fields, request: &ListSuspectedDuplicatesRequest) -> Page<After> {
    let filter = ListSuspectedDuplicatesRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    Page::parse(fields, request.page_size, &request.page_token, &filter)
}
