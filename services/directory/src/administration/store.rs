//! SQL over `administration`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::store::Scoped;
use steward_chassis::scope::{Filter, Scope};
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Named as _, RegionCode};

use super::{Administration, Content, Listed};

#[derive(sqlx::FromRow)]
struct Row {
    region: String,
    since_date: NaiveDate,
    status: String,
    document_no: String,
    name: String,
    record_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Administration {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let (document_no, name) = (row.document_no, row.name);
        Ok(Self {
            region: stored(&row.region)?,
            since: row.since_date,
            content: Content { status: stored(&row.status)?, document_no, name },
            record_time: row.record_time,
            version: row.version,
        })
    }
}

/// Makes the row; false if something is recorded of that region and day.
pub(crate) async fn insert(tx: &mut Tx, new: &Administration) -> Result<bool> {
    let rows = tx
        .sql(
            "INSERT INTO administration \
             (region, since_date, status, document_no, name, record_time, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (region, since_date) DO NOTHING",
        )
        .bind(new.region.as_str())
        .bind(new.since)
        .bind(new.content.status.text())
        .bind(new.content.document_no.as_str())
        .bind(new.content.name.as_str())
        .bind(new.record_time)
        .bind(new.version)
        .run()
        .await?;
    Ok(rows == 1)
}

/// What is recorded of a region and day, held until the commit.
pub(crate) async fn lock(
    tx: &mut Tx,
    region: &RegionCode,
    since: NaiveDate,
) -> Result<Option<Administration>> {
    let for_update = tx.for_update();
    let sql = tx.sql("SELECT * FROM administration WHERE region = $1 AND since_date = $2");
    let sql = sql.bind(region.as_str()).bind(since).text(for_update);
    sql.all::<Row>().await?.pop().map(Administration::try_from).transpose()
}

/// Replaces what is recorded of a region and day.
pub(crate) async fn update(tx: &mut Tx, new: &Administration) -> Result<()> {
    tx.sql(
        "UPDATE administration SET status = $1, document_no = $2, name = $3, record_time = $4, \
         version = $5 WHERE region = $6 AND since_date = $7",
    )
    .bind(new.content.status.text())
    .bind(new.content.document_no.as_str())
    .bind(new.content.name.as_str())
    .bind(new.record_time)
    .bind(new.version)
    .bind(new.region.as_str())
    .bind(new.since)
    .run()
    .await?;
    Ok(())
}

/// Deletes what is recorded of a region and day.
pub(crate) async fn delete(tx: &mut Tx, region: &RegionCode, since: NaiveDate) -> Result<()> {
    let sql = tx.sql("DELETE FROM administration WHERE region = $1 AND since_date = $2");
    sql.bind(region.as_str()).bind(since).run().await?;
    Ok(())
}

/// The last status of each region on a day, by region. The scope is one of organizations too: no
/// region has the code of one.
pub(crate) async fn on(
    tx: &mut Tx,
    scope: &Scope,
    day: NaiveDate,
    filter: &Filter,
) -> Result<Vec<Administration>> {
    let rows: Vec<Row> = tx
        .sql(
            "SELECT a.* FROM (SELECT r.*, r.region AS code FROM administration r) a \
             WHERE a.since_date <= $1 AND NOT EXISTS (SELECT 1 FROM administration l \
             WHERE l.region = a.region AND l.since_date > a.since_date AND l.since_date <= $1)",
        )
        .bind(day)
        .within(scope, &["a"])
        .among(filter, "a")
        .text(" ORDER BY a.region")
        .all()
        .await?;
    rows.into_iter().map(Administration::try_from).collect()
}

/// All that is recorded, by region and day; see [`on`] for the scope.
pub(crate) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    listed: &Listed,
) -> Result<Vec<Administration>> {
    let mut sql = tx
        .sql("SELECT a.* FROM (SELECT r.*, r.region AS code FROM administration r) a WHERE 1 = 1");
    if let Some((region, day)) = &listed.after {
        sql = sql.push(" AND (a.region, a.since_date) > ({}", region.as_str()).push(", {})", *day);
    }
    let sql = sql.within(scope, &["a"]).among(&listed.filter, "a");
    let sql = sql.push(" ORDER BY a.region, a.since_date LIMIT {}", listed.limit);
    sql.all::<Row>().await?.into_iter().map(Administration::try_from).collect()
}
