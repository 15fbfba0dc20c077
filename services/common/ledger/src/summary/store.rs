//! SQL over `ledger_total` and `ledger_region_total`.

use std::collections::BTreeMap;

use steward_chassis::scope::store::Scoped;
use steward_chassis::scope::{Filter, Scope};
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, OrganizationCode, Period, RegionCode};

use super::rules::{Cell, OrganizationCell};
use super::{Now, Query, Sum, Totals, View, overflow};

/// Adds to totals, making those that are not there; answers them as they are now.
pub(super) async fn add(tx: &mut Tx, totals: &Totals) -> Result<Vec<Now>> {
    let rows: Vec<_> = totals.0.iter().collect();
    let now = tx.bulk(
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
                 entry_count = ledger_total.entry_count + excluded.entry_count \
             RETURNING organization, month, category, amount_fen",
    );
    Ok(now.all::<(String, String, String, i64)>().await?.into_iter().map(told).collect())
}

/// A total as a row tells it.
fn told((whose, month, category, amount_fen): (String, String, String, i64)) -> Now {
    Now { whose, month, category, amount_fen }
}

/// Adds to the totals of regions, likewise. Posts into one region and month wait for each other here, at the
/// end of their transactions and in the order of the key.
pub(super) async fn add_by_region(tx: &mut Tx, totals: &Totals) -> Result<Vec<Now>> {
    let mut sums: BTreeMap<_, Sum> = BTreeMap::new();
    for (key, sum) in &totals.0 {
        let region = sums.entry((key.basis, key.month, &key.region, &key.category)).or_default();
        region.amount = region.amount.checked_add(sum.amount).ok_or_else(overflow)?;
        region.entries += sum.entries;
    }
    let rows: Vec<_> = sums.iter().collect();
    let now = tx.bulk(
        "INSERT INTO ledger_region_total \
             (basis, month, region, category, amount_fen, entry_count)",
        &rows,
        |((basis, month, region, category), sum), binds| {
            binds
                .bind(basis.number())
                .bind(month.to_string())
                .bind(region.as_str())
                .bind(category.as_str())
                .bind(sum.amount.get())
                .bind(sum.entries)
        },
        " ON CONFLICT (basis, month, region, category) DO UPDATE \
             SET amount_fen = ledger_region_total.amount_fen + excluded.amount_fen, \
                 entry_count = ledger_region_total.entry_count + excluded.entry_count \
             RETURNING region, month, category, amount_fen",
    );
    Ok(now.all::<(String, String, String, i64)>().await?.into_iter().map(told).collect())
}

/// The totals of a period under the name `o`, with the organization of the view and its region. The
/// view by user keeps the order of the key, so that it is grouped without sorting; scope and filter
/// hold there against the region that a total was booked under, which stays with it.
fn totals<'t>(
    sql: Sql<'t>,
    scope: &Scope,
    query: &Query,
    period: Period,
    by_region: bool,
) -> Sql<'t> {
    let view = match query.view {
        View::User if by_region => " FROM ledger_region_total o",
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
    // Where neither scope nor filter names an organization, those of the regions say the same.
    let by_region = scope.organizations().next().is_none() && query.named.organizations.is_empty();
    let rows: Vec<(String, String, String, i64, i64)> =
        totals(sql, scope, query, period, by_region)
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
        totals(sql, scope, query, period, false).text(" GROUP BY o.code, o.category").all().await?;
    let cell = |(organization, category, amount, entries)| OrganizationCell {
        organization,
        category,
        sum: sum(amount, entries),
    };
    Ok(rows.into_iter().map(cell).collect())
}

/// A row of [`cost_cells`].
#[derive(sqlx::FromRow)]
pub(super) struct CellRow {
    pub(super) code: String,
    pub(super) region: String,
    pub(super) month: String,
    pub(super) category: String,
    amount_fen: i64,
    entry_count: i64,
}

impl CellRow {
    pub(super) fn sum(&self) -> Sum {
        sum(self.amount_fen, self.entry_count)
    }
}

/// The sums of a period by organization, region, month and category, in one range scan.
pub(super) async fn cost_cells(
    tx: &mut Tx,
    scope: &Scope,
    query: &Query,
    period: Period,
) -> Result<Vec<CellRow>> {
    let sql = tx.sql(
        "SELECT o.code, o.region, o.month, o.category, \
         CAST(SUM(o.amount_fen) AS BIGINT) AS amount_fen, \
         CAST(SUM(o.entry_count) AS BIGINT) AS entry_count",
    );
    let sql = totals(sql, scope, query, period, false);
    Ok(sql.text(" GROUP BY o.code, o.region, o.month, o.category").all().await?)
}

/// Who paid for whom in a period, with the region of the payer: users with totals, payers within the
/// scope and among those asked for.
pub(super) async fn payers(
    tx: &mut Tx,
    scope: &Scope,
    query: &Query,
    period: Period,
) -> Result<Vec<(OrganizationCode, OrganizationCode, RegionCode)>> {
    let rows: Vec<(String, String, String)> = tx
        .sql(
            "SELECT DISTINCT t.organization, o.code, o.region FROM ledger_total t \
             JOIN scope_organization o ON o.code = t.paid_by",
        )
        .push(" WHERE t.basis = {}", query.basis.number())
        .push(" AND t.month >= {}", period.from().to_string())
        .push(" AND t.month < {}", period.until().to_string())
        .within(scope, &["o"])
        .among(&query.filter, "o")
        .all()
        .await?;
    let parsed = |(user, payer, region): (String, String, String)| {
        let user = user.parse().map_err(Error::internal)?;
        let payer = payer.parse().map_err(Error::internal)?;
        Ok((user, payer, region.parse().map_err(Error::internal)?))
    };
    rows.into_iter().map(parsed).collect()
}

/// The regions of the organizations that are known, within a scope and among those asked for.
pub(super) async fn regions(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
) -> Result<Vec<RegionCode>> {
    let rows: Vec<(String,)> = tx
        .sql("SELECT DISTINCT o.region FROM scope_organization o WHERE 1 = 1")
        .within(scope, &["o"])
        .among(filter, "o")
        .all()
        .await?;
    rows.into_iter().map(|(region,)| region.parse().map_err(Error::internal)).collect()
}
