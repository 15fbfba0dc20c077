//! Between the messages of the API and what the report works with.

use steward_chassis::error::Result;
use steward_chassis::fields::{Fields, REPEATED};
use steward_chassis::page::Page;
use steward_chassis::period;
use steward_chassis::scope::Filter;
use steward_kernel::Period;
use steward_proto::ledger::v1::{
    Basis, DocumentKey, Grouping, ListDocumentKeysRequest, SummarizeCostsRequest, View,
};
use steward_proto::report::v1::{
    GetCostReductionReportRequest, ListSuspectedDuplicatesRequest, ReportGrouping, ReportStructure,
};

use super::Ask;

/// Where a page of suspected duplicates ended: organization, document number, amount.
pub(super) type After = (String, String, i64);

/// Checks a request for the report.
pub(super) fn ask(request: &GetCostReductionReportRequest) -> Result<Ask> {
    let mut fields = Fields::new();
    let period = period::required(&mut fields, "period", request.period.as_ref());
    let baseline = period::baseline(&mut fields, "baseline", request.baseline.as_ref(), period);
    let basis = match fields.value("basis", request.basis) {
        Basis::Unspecified => Basis::Paid,
        basis => basis,
    };
    let view = match fields.value("view", request.view) {
        View::Unspecified => View::User,
        view => view,
    };
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    let structure = match fields.value("structure", request.structure) {
        ReportStructure::Unspecified => ReportStructure::AsItWas,
        structure => structure,
    };
    let head_count = fields.value("head_count", request.head_count);
    let groupings = groupings(&mut fields, &request.group_by);
    let ask = period.zip(baseline).map(|(period, baseline)| Ask {
        period,
        baseline,
        basis,
        view,
        regions: request.regions.clone(),
        organizations: request.organizations.clone(),
        filter,
        groupings,
        structure,
        head_count,
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

/// What every domain is asked for a report, with the costs of the predecessors that it is restated by.
/// The domains themselves come by their totals.
pub(super) fn summarize(ask: &Ask, predecessors: Vec<String>) -> SummarizeCostsRequest {
    let grouping = |grouping: &ReportGrouping| match grouping {
        ReportGrouping::Unspecified | ReportGrouping::Domain => None,
        ReportGrouping::Category => Some(Grouping::Category.into()),
        ReportGrouping::Region => Some(Grouping::Region.into()),
        ReportGrouping::Organization => Some(Grouping::Organization.into()),
        ReportGrouping::Month => Some(Grouping::Month.into()),
    };
    let mut group_by: Vec<i32> = ask.groupings.iter().filter_map(grouping).collect();
    if ask.needs_organizations() && !ask.groupings.contains(&ReportGrouping::Organization) {
        // Not shown: who has costs and no head count.
        group_by.push(Grouping::Organization.into());
    }
    SummarizeCostsRequest {
        current: Some(period::to_proto(ask.period)),
        baseline: Some(period::to_proto(ask.baseline)),
        basis: ask.basis.into(),
        view: ask.view.into(),
        regions: ask.regions.clone(),
        organizations: ask.organizations.clone(),
        group_by,
        cell_organizations: predecessors,
    }
}

/// What every domain is asked for the suspected duplicates of one of the periods of a report.
pub(super) fn document_keys(ask: &Ask, period: Period) -> ListDocumentKeysRequest {
    ListDocumentKeysRequest {
        period: Some(period::to_proto(period)),
        regions: ask.regions.clone(),
        organizations: ask.organizations.clone(),
        after: None,
        view: ask.view.into(),
    }
}

/// Checks a request for a page of suspected duplicates; what every domain is asked for it.
pub(super) fn duplicates(
    request: &ListSuspectedDuplicatesRequest,
) -> Result<(Page<After>, ListDocumentKeysRequest)> {
    let mut fields = Fields::new();
    let period = period::required(&mut fields, "period", request.period.as_ref());
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
        period: period.map(period::to_proto),
        regions: request.regions.clone(),
        organizations: request.organizations.clone(),
        after,
        view: View::User.into(),
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
