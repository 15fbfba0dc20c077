//! SQL over `ledger_total`.

use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, Period};

use super::rules::{Cell, OrganizationCell};
use super::{Query, Sum, Totals, View};

/// Adds to totals, making those that are not there.
pub(super) async fn add(tx: &mut Tx, totals: &Totals) -> Result<()> {
    let rows: Vec<_> = totals.0.iter().collect();
    tx.bulk(
        "INSERT INTO ledger_total \
             (basis, month, region, category, organization, paid_by, amount_fen, entry_count)",
        &rows,
        |(key, sum), binds| {
            binds
                .bind(key.basis.number())
                .bind(key.month.to_string())
                .bind(key.region.as_str())
                .bind(key.category.as_str())
                .bind(key.organization.as_str())
                .bind(key.paid_by.as_str())
                .bind(sum.amount.get())
                .bind(sum.entries)
        },
        " ON CONFLICT (basis, month, region, category, organization, paid_by) DO UPDATE \
             SET amount_fen = ledger_total.amount_fen + excluded.amount_fen, \
                 entry_count = ledger_total.entry_count + excluded.entry_count",
    )
    .run()
    .await?;
    Ok(())
}

/// The totals of a period under the name `o`, with the organization of the view and its region. The
/// view by user keeps the order of the key, so that it is grouped without sorting.
fn totals<'t>(sql: Sql<'t>, scope: &Scope, query: &Query, period: Period) -> Sql<'t> {
    let view = match query.view {
        View::User => {
            " FROM (SELECT basis, month, region, category, organization AS code, amount_fen, \
               entry_count FROM ledger_total) o"
        }
        View::Payer => {
            " FROM (SELECT t.basis, t.month, p.region, t.category, p.code, t.amount_fen, \
               t.entry_count FROM ledger_total t \
               JOIN scope_organization p ON p.code = t.paid_by) o"
        }
    };
    sql.text(view)
        .push(" WHERE o.basis = {}", query.basis.number())
        .push(" AND o.month >= {}", period.from().to_string())
        .push(" AND o.month < {}", period.until().to_string())
        .within(scope, &["o"])
        .among(&query.filter, "o")
}

const SUMS: &str = "CAST(SUM(o.amount_fen) AS BIGINT), CAST(SUM(o.entry_count) AS BIGINT)";

fn sum(amount: i64, entries: i64) -> Sum {
    Sum { amount: Fen::new(amount), entries }
}

/// The sums of a period by month, region and category, in one range scan.
pub(super) async fn cells(
    tx: &mut Tx,
    scope: &Scope,
    query: &Query,
    period: Period,
) -> Result<Vec<Cell>> {
    let sql = tx.sql("SELECT o.month, o.region, o.category, ").text(SUMS);
    let rows: Vec<(String, String, String, i64, i64)> = totals(sql, scope, query, period)
        .text(" GROUP BY o.month, o.region, o.category")
        .all()
        .await?;
    rows.into_iter()
        .map(|(month, region, category, amount, entries)| {
            let month = month.parse().map_err(Error::internal)?;
            Ok(Cell { month, region, category, sum: sum(amount, entries) })
        })
        .collect()
}

/// The sums of a period by organization and category.
pub(super) async fn organization_cells(
    tx: &mut Tx,
    scope: &Scope,
    query: &Query,
    period: Period,
) -> Result<Vec<OrganizationCell>> {
    let sql = tx.sql("SELECT o.code, o.category, ").text(SUMS);
    let rows: Vec<(String, String, i64, i64)> =
        totals(sql, scope, query, period).text(" GROUP BY o.code, o.category").all().await?;
    let cell = |(organization, category, amount, entries)| OrganizationCell {
        organization,
        category,
        sum: sum(amount, entries),
    };
    Ok(rows.into_iter().map(cell).collect())
}
