//! From the messages of the API to plain data.

use chrono::DateTime;
use steward_proto::ledger::v1 as ledger;
use steward_proto::report::v1 as api;
use steward_proto::types::v1 as types;

use super::view::{
    Close, Comparison, Coverage, Missing, MonthPeriod, Part, PerHead, Report, Row, Suspect,
    SuspectEntry,
};

impl From<api::CostReductionReport> for Report {
    fn from(report: api::CostReductionReport) -> Self {
        let (basis, view) = (report.basis(), report.view());
        let restated = report.structure() == api::ReportStructure::Restated;
        let head_count = match report.head_count() {
            api::HeadCount::Unspecified => "",
            api::HeadCount::Establishment => "establishment",
            api::HeadCount::OnPost => "on_post",
            api::HeadCount::EnergyUsers => "energy_users",
        };
        Self {
            period: report.period.into(),
            baseline: report.baseline.into(),
            basis: if basis == ledger::Basis::Incurred { "incurred" } else { "paid" },
            view: if view == ledger::View::Payer { "payer" } else { "user" },
            complete: report.complete,
            incomplete_reasons: report.incomplete_reasons,
            total: report.total.into(),
            running: report.running.into(),
            capital: report.capital.into(),
            revenue: report.revenue.into(),
            rows: report.rows.into_iter().map(Row::from).collect(),
            parts: report.parts.into_iter().map(Part::from).collect(),
            scope_limited: report.scope_limited,
            counted_regions: report.counted_regions,
            suspected_duplicates: report.suspected_duplicates.into_iter().map(Into::into).collect(),
            suspected_duplicates_checked: report.suspected_duplicates_checked,
            suspected_duplicates_truncated: report.suspected_duplicates_truncated,
            structure: if restated { "restated" } else { "as_it_was" },
            directory_answered: report.directory_answered,
            succession_count: report.succession_count,
            head_count,
            total_per_head: report.total_per_head.map(PerHead::from),
        }
    }
}

impl From<Option<types::MonthPeriod>> for MonthPeriod {
    fn from(period: Option<types::MonthPeriod>) -> Self {
        let period = period.unwrap_or_default();
        Self { from_month: period.from_month, until_month: period.until_month }
    }
}

impl From<Option<api::Comparison>> for Comparison {
    fn from(comparison: Option<api::Comparison>) -> Self {
        let it = comparison.unwrap_or_default();
        Self {
            current_fen: it.current_fen,
            baseline_fen: it.baseline_fen,
            change_fen: it.change_fen,
            change_bp: it.change_bp,
            incomplete: it.incomplete,
        }
    }
}

impl From<api::PerHead> for PerHead {
    fn from(it: api::PerHead) -> Self {
        Self {
            current_heads: it.current_heads,
            baseline_heads: it.baseline_heads,
            current_fen: it.current_fen,
            baseline_fen: it.baseline_fen,
            change_bp: it.change_bp,
        }
    }
}

impl From<api::ReportRow> for Row {
    fn from(row: api::ReportRow) -> Self {
        let grouping = match row.grouping() {
            api::ReportGrouping::Unspecified | api::ReportGrouping::Domain => "domain",
            api::ReportGrouping::Category => "category",
            api::ReportGrouping::Region => "region",
            api::ReportGrouping::Organization => "organization",
            api::ReportGrouping::Month => "month",
        };
        Self {
            grouping,
            key: row.key,
            label: row.label,
            total: row.total.into(),
            running: row.running.into(),
            capital: row.capital.into(),
            revenue: row.revenue.into(),
            region: row.region,
            per_head: row.per_head.map(PerHead::from),
        }
    }
}

impl From<api::DomainPart> for Part {
    fn from(part: api::DomainPart) -> Self {
        let read_time = part.read_time.and_then(|time| {
            DateTime::from_timestamp(time.seconds, u32::try_from(time.nanos).ok()?)
        });
        let close =
            |it: ledger::RegionClose| Close { region: it.region, closed_month: it.closed_month };
        Self {
            domain: part.domain,
            answered: part.answered,
            failure: part.failure,
            read_time,
            revision: part.revision,
            closes: part.closes.into_iter().map(close).collect(),
            closed: part.closed,
            current_coverage: part.current_coverage.into(),
            baseline_coverage: part.baseline_coverage.into(),
            current_predecessor_missing_count: part.current_predecessor_missing_count,
            baseline_predecessor_missing_count: part.baseline_predecessor_missing_count,
            predecessor_missing_reports: missing(part.predecessor_missing_reports),
        }
    }
}

fn missing(reports: Vec<ledger::MissingReport>) -> Vec<Missing> {
    let missing = |it: ledger::MissingReport| Missing {
        organization: it.organization,
        region: it.region,
        month: it.month,
    };
    reports.into_iter().map(missing).collect()
}

impl From<Option<ledger::Coverage>> for Coverage {
    fn from(coverage: Option<ledger::Coverage>) -> Self {
        let it = coverage.unwrap_or_default();
        Self {
            declared: it.declared,
            expected_count: it.expected_count,
            reported_count: it.reported_count,
            missing_count: it.missing_count,
            missing_reports: missing(it.missing_reports),
        }
    }
}

impl From<api::SuspectedDuplicate> for Suspect {
    fn from(suspect: api::SuspectedDuplicate) -> Self {
        let entry = |it: api::DomainEntry| {
            let key = it.key.unwrap_or_default();
            SuspectEntry {
                domain: it.domain,
                entry_id: key.entry_id,
                category: key.category,
                occurred_on: key.occurred_on,
            }
        };
        Self {
            organization: suspect.organization,
            document_no: suspect.document_no,
            amount_fen: suspect.amount_fen,
            entries: suspect.entries.into_iter().map(entry).collect(),
            in_baseline: suspect.in_baseline,
        }
    }
}
