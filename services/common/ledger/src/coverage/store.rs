//! SQL over `ledger_declared`, `ledger_reporter` and `ledger_coverage`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use steward_chassis::scope::store::Scoped;
use steward_chassis::scope::{Filter, Scope};
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Month, OrganizationCode, Period};

use super::rules::Points;
use super::{LiveCounts, Reported, Reporter, Span, Zero};

/// Which of the two tables of change points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// As it was declared.
    Declared,
    /// What is expected of it.
    Expected,
}

/// The change points of organizations, for those that have some.
pub(crate) async fn points(
    tx: &mut Tx,
    kept: Kept,
    organizations: &[OrganizationCode],
) -> Result<BTreeMap<OrganizationCode, Points>> {
    let table = match kept {
        Kept::Declared => "ledger_declared",
        Kept::Expected => "ledger_reporter",
    };
    let rows: Vec<(String, String, bool)> = tx
        .sql("SELECT organization, month, reports FROM ")
        .text(table)
        .push_each(" WHERE organization IN ({})", organizations.iter().map(ToString::to_string))
        .all()
        .await?;
    let mut points: BTreeMap<_, Points> = BTreeMap::new();
    for (organization, month, reports) in rows {
        let organization = organization.parse().map_err(Error::internal)?;
        let month = month.parse().map_err(Error::internal)?;
        points.entry(organization).or_default().insert(month, reports);
    }
    Ok(points)
}

/// Replaces what was declared from the first month of a declaration on.
pub(crate) async fn declare(tx: &mut Tx, reporter: &Reporter) -> Result<()> {
    tx.sql("DELETE FROM ledger_declared WHERE organization = $1 AND month >= $2")
        .bind(reporter.organization.as_str())
        .bind(reporter.from.to_string())
        .run()
        .await?;
    tx.bulk(
        "INSERT INTO ledger_declared (organization, month, reports)",
        &reporter.change_points(),
        |(month, reports), binds| {
            binds.bind(reporter.organization.as_str()).bind(month.to_string()).bind(*reports)
        },
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// Replaces what is expected from a month on (`None` = from the beginning).
pub(crate) async fn replace_expected(
    tx: &mut Tx,
    organization: &OrganizationCode,
    from: Option<Month>,
    points: &Points,
) -> Result<()> {
    tx.sql("DELETE FROM ledger_reporter WHERE organization = $1")
        .bind(organization.as_str())
        .push_opt(" AND month >= {}", from.map(|month| month.to_string()))
        .run()
        .await?;
    let points: Vec<_> = points.iter().collect();
    tx.bulk(
        "INSERT INTO ledger_reporter (organization, month, reports)",
        &points,
        |(month, reports), binds| {
            binds.bind(organization.as_str()).bind(month.to_string()).bind(**reports)
        },
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// Declares zero unless live entries count in the month; answers the first declaration.
pub(crate) async fn declare_zero(tx: &mut Tx, zero: &Zero) -> Result<Option<Zero>> {
    let row: Option<(DateTime<Utc>, String)> = tx
        .sql(
            "INSERT INTO ledger_coverage (organization, month, zero_time, zero_by) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (organization, month) DO UPDATE \
             SET zero_time = COALESCE(ledger_coverage.zero_time, excluded.zero_time), \
                 zero_by = COALESCE(ledger_coverage.zero_by, excluded.zero_by) \
             WHERE ledger_coverage.live_count <= 0 RETURNING zero_time, zero_by",
        )
        .bind(zero.organization.as_str())
        .bind(zero.month.to_string())
        .bind(zero.declare_time)
        .bind(&zero.declared_by)
        .opt()
        .await?;
    Ok(row.map(|(declare_time, declared_by)| Zero { declare_time, declared_by, ..zero.clone() }))
}

pub(crate) async fn count(tx: &mut Tx, counts: &LiveCounts) -> Result<()> {
    let rows: Vec<_> = counts.iter().collect();
    tx.bulk(
        "INSERT INTO ledger_coverage (organization, month, live_count)",
        &rows,
        |((organization, month), count), binds| {
            binds.bind(organization.as_str()).bind(month.to_string()).bind(**count)
        },
        " ON CONFLICT (organization, month) DO UPDATE \
         SET live_count = ledger_coverage.live_count + excluded.live_count",
    )
    .run()
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SpanRow {
    organization: String,
    region: String,
    from_month: String,
    until_month: Option<String>,
    first_count: i64,
    second_count: i64,
}

impl SpanRow {
    fn span(self) -> Result<Span> {
        let until = self.until_month.map(|month| month.parse()).transpose();
        let count = |count| usize::try_from(count).map_err(Error::internal);
        Ok(Span {
            organization: self.organization.parse().map_err(Error::internal)?,
            region: self.region.parse().map_err(Error::internal)?,
            from: self.from_month.parse().map_err(Error::internal)?,
            until: until.map_err(Error::internal)?,
            reported: [count(self.first_count)?, count(self.second_count)?],
            asked: true,
        })
    }
}

/// The spans in which organizations are declared, that lie in one of two periods or between them,
/// with the number of months reported in each.
pub(crate) async fn spans(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    [first, second]: [Period; 2],
) -> Result<Vec<Span>> {
    let rows: Vec<SpanRow> = tx
        .sql(
            "SELECT s.organization, o.region, s.from_month, s.until_month, \
               (SELECT COUNT(*) FROM ledger_coverage c WHERE c.organization = s.organization \
                AND c.month >= $1 AND c.month < $2 AND c.month >= s.from_month \
                AND (s.until_month IS NULL OR c.month < s.until_month) \
                AND (c.live_count > 0 OR c.zero_time IS NOT NULL)) AS first_count, \
               (SELECT COUNT(*) FROM ledger_coverage c WHERE c.organization = s.organization \
                AND c.month >= $3 AND c.month < $4 AND c.month >= s.from_month \
                AND (s.until_month IS NULL OR c.month < s.until_month) \
                AND (c.live_count > 0 OR c.zero_time IS NOT NULL)) AS second_count \
             FROM (SELECT organization, month AS from_month, reports, LEAD(month) \
                     OVER (PARTITION BY organization ORDER BY month) AS until_month \
                   FROM ledger_reporter) s \
             JOIN scope_organization o ON o.code = s.organization \
             WHERE s.reports",
        )
        .bind(first.from().to_string())
        .bind(first.until().to_string())
        .bind(second.from().to_string())
        .bind(second.until().to_string())
        .push(" AND s.from_month < {}", first.until().max(second.until()).to_string())
        .push(
            " AND (s.until_month IS NULL OR s.until_month > {})",
            first.from().min(second.from()).to_string(),
        )
        .within(scope, &["o"])
        .among(filter, "o")
        .all()
        .await?;
    rows.into_iter().map(SpanRow::span).collect()
}

/// The months that organizations reported, each in its own period.
pub(crate) async fn reported(
    tx: &mut Tx,
    periods: &[(OrganizationCode, Period)],
) -> Result<Reported> {
    let rows: Vec<(String, String)> = tx
        .bulk(
            "SELECT c.organization, c.month FROM (",
            periods,
            |(organization, period), binds| {
                binds
                    .bind(organization.as_str())
                    .bind(period.from().to_string())
                    .bind(period.until().to_string())
            },
            ") AS p JOIN ledger_coverage c ON c.organization = p.column1 \
             AND c.month >= p.column2 AND c.month < p.column3 \
             WHERE c.live_count > 0 OR c.zero_time IS NOT NULL",
        )
        .all()
        .await?;
    let parse = |(organization, month): (String, String)| {
        let month: Month = month.parse().map_err(Error::internal)?;
        Ok((organization.parse().map_err(Error::internal)?, month))
    };
    rows.into_iter().map(parse).collect()
}
