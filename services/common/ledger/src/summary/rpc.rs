//! Summing, on the wire.

use std::collections::BTreeSet;

use steward_chassis::fields::{ORGANIZATION_MALFORMED, REPEATED, VALUE_UNKNOWN};
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Fields, Result, period, time};
use steward_kernel::OrganizationCode;
use steward_proto::ledger::v1 as proto;

use super::{Basis, Cost, CostCell, Grouping, Named, Query, Row, Summary, View, actions};
use crate::Ledger;
use crate::coverage::{Coverage, Missing};

/// At most so many missing reports are listed; all are counted.
const MAX_MISSING: usize = 1000;
/// At most so many organizations are wanted one by one.
const MAX_CELL_ORGANIZATIONS: usize = 1000;

pub(crate) async fn summarize_costs(
    ledger: &Ledger,
    ctx: &Ctx,
    request: proto::SummarizeCostsRequest,
) -> Result<proto::SummarizeCostsResponse> {
    let query = query(&request)?;
    let mut tx = ledger.db.snapshot().await?;
    let summary = actions::summarize(&mut tx, ctx, &ledger.catalogue, &query).await?;
    tx.rollback().await?;
    Ok(answer(summary))
}

fn query(request: &proto::SummarizeCostsRequest) -> Result<Query> {
    let mut fields = Fields::new();
    let current = period::required(&mut fields, "current", request.current.as_ref());
    let baseline = period::baseline(&mut fields, "baseline", request.baseline.as_ref(), current);
    let basis = match fields.value("basis", request.basis) {
        proto::Basis::Unspecified | proto::Basis::Paid => Basis::Paid,
        proto::Basis::Incurred => Basis::Incurred,
    };
    let view = view(&mut fields, request.view);
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    let group_by = groupings(&mut fields, &request.group_by);
    let cell_organizations = cell_organizations(&mut fields, &request.cell_organizations);
    let named = Named {
        patterns: request.regions.iter().filter_map(|text| text.parse().ok()).collect(),
        organizations: request.organizations.iter().filter_map(|text| text.parse().ok()).collect(),
    };
    let query = current.zip(baseline).map(|(current, baseline)| Query {
        current,
        baseline,
        basis,
        view,
        filter,
        named,
        group_by,
        cell_organizations,
    });
    fields.finish_with(query)
}

/// Whose cost it is; by user where nothing is said.
pub(crate) fn view(fields: &mut Fields, number: i32) -> View {
    match fields.value("view", number) {
        proto::View::Unspecified | proto::View::User => View::User,
        proto::View::Payer => View::Payer,
    }
}

fn cell_organizations(fields: &mut Fields, codes: &[String]) -> BTreeSet<OrganizationCode> {
    fields.at_most("cell_organizations", codes.len(), MAX_CELL_ORGANIZATIONS);
    let codes = codes.iter().enumerate().take(MAX_CELL_ORGANIZATIONS);
    let parse = |(i, text): (usize, &String)| {
        fields.parse(&format!("cell_organizations[{i}]"), text, &ORGANIZATION_MALFORMED)
    };
    codes.filter_map(parse).collect()
}

fn groupings(fields: &mut Fields, numbers: &[i32]) -> Vec<Grouping> {
    let mut group_by = Vec::new();
    for (i, number) in numbers.iter().enumerate() {
        let field = format!("group_by[{i}]");
        let grouping = match proto::Grouping::try_from(*number) {
            Ok(proto::Grouping::Category) => Grouping::Category,
            Ok(proto::Grouping::Region) => Grouping::Region,
            Ok(proto::Grouping::Organization) => Grouping::Organization,
            Ok(proto::Grouping::Month) => Grouping::Month,
            Ok(proto::Grouping::Unspecified) | Err(_) => {
                let message = format!("{number} is not a grouping");
                fields.refuse(&field, &VALUE_UNKNOWN, message);
                continue;
            }
        };
        if group_by.contains(&grouping) {
            fields.refuse(&field, &REPEATED, "stands there twice");
            // Each can be there once: what follows cannot be better.
            break;
        }
        group_by.push(grouping);
    }
    group_by
}

fn answer(summary: Summary) -> proto::SummarizeCostsResponse {
    let [current, baseline] = summary.totals;
    let [current_coverage, baseline_coverage] = &summary.coverage;
    let close = |(region, book): (_, crate::month::Book)| {
        let closed_month = book.closed?.to_string();
        Some(proto::RegionClose { region: ToString::to_string(region), closed_month })
    };
    proto::SummarizeCostsResponse {
        current: Some(cost(current)),
        baseline: Some(cost(baseline)),
        rows: summary.rows.into_iter().map(row).collect(),
        current_coverage: Some(coverage(current_coverage)),
        baseline_coverage: Some(coverage(baseline_coverage)),
        closes: summary.closes.iter().filter_map(|(region, book)| close((region, *book))).collect(),
        read_time: Some(time::to_proto(summary.read_time)),
        revision: summary.revision.to_string(),
        scope_limited: summary.scope_limited,
        counted_regions: summary.counted_regions.iter().map(ToString::to_string).collect(),
        baseline_period: Some(period::to_proto(summary.baseline)),
        closed: summary.closed,
        cells: summary.cells.costs.into_iter().map(cell).collect(),
        cells_limited: summary.cells.limited,
        cell_missing_reports: summary.cells.missing.iter().map(missing).collect(),
    }
}

fn cell(cell: CostCell) -> proto::CostCell {
    proto::CostCell {
        organization: cell.organization,
        region: cell.region,
        month: cell.month,
        category: cell.category,
        cost: Some(cost(cell.cost)),
    }
}

fn cost(cost: Cost) -> proto::PeriodCost {
    proto::PeriodCost {
        running_fen: cost.running.get(),
        capital_fen: cost.capital.get(),
        revenue_fen: cost.revenue.get(),
        entry_count: cost.entries,
    }
}

fn row(row: Row) -> proto::CostRow {
    let [current, baseline] = row.costs;
    let [current_missing, baseline_missing] = row.missing;
    proto::CostRow {
        grouping: match row.grouping {
            Grouping::Category => proto::Grouping::Category,
            Grouping::Region => proto::Grouping::Region,
            Grouping::Organization => proto::Grouping::Organization,
            Grouping::Month => proto::Grouping::Month,
        }
        .into(),
        key: row.key,
        current: Some(cost(current)),
        baseline: Some(cost(baseline)),
        current_missing_count: number(current_missing),
        baseline_missing_count: number(baseline_missing),
    }
}

fn coverage(coverage: &Coverage) -> proto::Coverage {
    proto::Coverage {
        declared: coverage.expected > 0,
        expected_count: number(coverage.expected),
        reported_count: number(coverage.reported()),
        missing_count: number(coverage.missing.len()),
        missing_reports: coverage.missing.iter().take(MAX_MISSING).map(missing).collect(),
    }
}

fn missing(missing: &Missing) -> proto::MissingReport {
    proto::MissingReport {
        organization: missing.organization.to_string(),
        region: missing.region.to_string(),
        month: missing.month.to_string(),
    }
}

/// Organization-months are far from two thousand million.
fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
