//! SQL over `ledger_entry`, by what caused the entries.

use chrono::NaiveDate;
use steward_chassis::Result;
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, OrganizationCode};

use super::Sum;

const SELECT: &str = "SELECT source_resource, organization, category, CAST(SUM(amount_fen) AS BIGINT), \
                      CAST(SUM(COALESCE(quantity, 0)) AS BIGINT), \
                      CAST(SUM(CASE WHEN quantity IS NOT NULL THEN 0 \
                      WHEN reverses_entry_id IS NULL THEN 1 ELSE -1 END) AS BIGINT) \
                      FROM ledger_entry WHERE ";
const GROUPED: &str = " GROUP BY source_resource, organization, category \
                       ORDER BY source_resource, organization, category";

/// A query of a domain over its resources that asks what was booked for them.
pub trait Sourced: Sized {
    /// Appends `EXISTS (…)`: an entry or a reversal of the organization that names the resource, on a day
    /// of payment from one on until before another, of which `also` holds. Resource and organization are
    /// columns of the query, `also` begins with ` AND ` and may use the column `booked.occurred_on`.
    #[must_use]
    fn booked(
        self,
        resource: &'static str,
        organization: &'static str,
        days: (NaiveDate, NaiveDate),
        also: &'static str,
    ) -> Self;
}

impl Sourced for Sql<'_> {
    fn booked(
        self,
        resource: &'static str,
        organization: &'static str,
        (from, until): (NaiveDate, NaiveDate),
        also: &'static str,
    ) -> Self {
        self.text("EXISTS (SELECT 1 FROM ledger_entry booked WHERE booked.source_resource <> ''")
            .text(" AND booked.source_resource = ")
            .text(resource)
            .text(" AND booked.organization = ")
            .text(organization)
            .push(" AND booked.occurred_on >= {}", from)
            .push(" AND booked.occurred_on < {}", until)
            .text(also)
            .text(")")
    }
}

type Row = (String, String, String, i64, i64, i64);

pub(super) async fn sums(
    tx: &mut Tx,
    resources: &[String],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Sum>> {
    let sql = tx
        .sql(SELECT)
        .text("source_resource <> ''")
        .push_each(" AND source_resource IN ({})", resources.iter().map(String::as_str));
    grouped(sql, from, until).await
}

pub(super) async fn sums_of(
    tx: &mut Tx,
    organization: &OrganizationCode,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Sum>> {
    let sql = tx.sql(SELECT).push("organization = {}", organization.as_str().to_owned());
    grouped(sql, from, until).await
}

async fn grouped(sql: Sql<'_>, from: NaiveDate, until: NaiveDate) -> Result<Vec<Sum>> {
    let sql = sql.push(" AND occurred_on >= {}", from).push(" AND occurred_on < {}", until);
    let rows: Vec<Row> = sql.text(GROUPED).all().await?;
    Ok(rows.into_iter().map(sum).collect())
}

fn sum((resource, organization, category, fen, quantity, unmeasured): Row) -> Sum {
    Sum { resource, organization, category, amount: Fen::new(fen), quantity, unmeasured }
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
