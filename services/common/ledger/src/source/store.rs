//! SQL over `ledger_entry`, by what caused the entries.

use chrono::NaiveDate;
use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::Fen;

use super::Sum;

pub(super) async fn sums(
    tx: &mut Tx,
    resources: &[String],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Sum>> {
    let rows: Vec<(String, String, i64, i64)> = tx
        .sql(
            "SELECT source_resource, category, CAST(SUM(amount_fen) AS BIGINT), \
             CAST(SUM(COALESCE(quantity, 0)) AS BIGINT) FROM ledger_entry \
             WHERE source_resource <> ''",
        )
        .push_each(" AND source_resource IN ({})", resources.iter().map(String::as_str))
        .push(" AND occurred_on >= {}", from)
        .push(" AND occurred_on < {}", until)
        .text(" GROUP BY source_resource, category ORDER BY source_resource, category")
        .all()
        .await?;
    let sum = |(resource, category, fen, quantity)| Sum {
        resource,
        category,
        amount: Fen::new(fen),
        quantity,
    };
    Ok(rows.into_iter().map(sum).collect())
}
