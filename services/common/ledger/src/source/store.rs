//! SQL over `ledger_entry`, by what caused the entries.

use chrono::NaiveDate;
use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};

use super::Sum;

pub(super) async fn sums(
    tx: &mut Tx,
    resources: &[String],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Sum>> {
    let rows: Vec<(String, String, String, i64, i64)> = tx
        .sql(
            "SELECT source_resource, organization, category, CAST(SUM(amount_fen) AS BIGINT), \
             CAST(SUM(COALESCE(quantity, 0)) AS BIGINT) FROM ledger_entry \
             WHERE source_resource <> ''",
        )
        .push_each(" AND source_resource IN ({})", resources.iter().map(String::as_str))
        .push(" AND occurred_on >= {}", from)
        .push(" AND occurred_on < {}", until)
        .text(" GROUP BY source_resource, organization, category")
        .all()
        .await?;
    let sum = |(resource, organization, category, fen, quantity)| Sum {
        resource,
        organization,
        category,
        amount: Fen::new(fen),
        quantity,
    };
    Ok(rows.into_iter().map(sum).collect())
}

pub(super) async fn used(
    tx: &mut Tx,
    organization: &OrganizationCode,
    categories: &[&str],
    (from, until): (NaiveDate, NaiveDate),
    without: Option<&str>,
) -> Result<Fen> {
    let mut sql = tx
        .sql("SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM ledger_entry")
        .push(" WHERE organization = {}", organization.as_str().to_owned())
        .push_each(" AND category IN ({})", categories.iter().copied())
        .push(" AND occurred_on >= {}", from)
        .push(" AND occurred_on < {}", until);
    if let Some(prefix) = without {
        let length = i64::try_from(prefix.chars().count()).unwrap_or(i64::MAX);
        sql = sql
            .push(" AND substr(source_resource, 1, CAST({} AS INTEGER))", length)
            .push(" <> {}", prefix.to_owned());
    }
    let (fen,): (i64,) = sql.one().await?;
    Ok(Fen::new(fen))
}
