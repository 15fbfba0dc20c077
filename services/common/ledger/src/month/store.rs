//! SQL over `ledger_close` and `ledger_close_event`.

use std::collections::BTreeSet;

use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Month, RegionCode};

use super::{Book, Books, Close};

/// Makes the rows of regions that have none.
pub(crate) async fn open(tx: &mut Tx, regions: &[&RegionCode]) -> Result<()> {
    tx.bulk(
        "INSERT INTO ledger_close (region)",
        regions,
        |region, binds| binds.bind(region.as_str()),
        " ON CONFLICT (region) DO NOTHING",
    )
    .run()
    .await?;
    Ok(())
}

/// Reads rows so that nobody changes them until the commit.
pub(crate) async fn hold(tx: &mut Tx, regions: &BTreeSet<RegionCode>) -> Result<Books> {
    if regions.is_empty() {
        return Ok(Books::new());
    }
    let for_share = tx.for_share();
    let sql = tx
        .sql("SELECT region, closed_month FROM ledger_close")
        .push_each(" WHERE region IN ({})", regions.iter().map(|region| region.as_str().to_owned()))
        .text(" ORDER BY region")
        .text(for_share);
    books(sql.all().await?)
}

/// Reads a row in order to change it.
pub(crate) async fn lock(tx: &mut Tx, region: &RegionCode) -> Result<Book> {
    let for_update = tx.for_update();
    let sql = tx.sql("SELECT closed_month FROM ledger_close WHERE region = $1").text(for_update);
    let (closed,) = sql.bind(region.as_str()).one::<(Option<String>,)>().await?;
    Ok(Book { closed: closed.map(|month| month.parse()).transpose().map_err(Error::internal)? })
}

/// The regions that ever closed a month.
pub(crate) async fn read(tx: &mut Tx) -> Result<Books> {
    let sql = "SELECT region, closed_month FROM ledger_close WHERE closed_month IS NOT NULL";
    books(tx.sql(sql).all().await?)
}

fn books(rows: Vec<(String, Option<String>)>) -> Result<Books> {
    let book = |(region, closed): (String, Option<String>)| {
        let region = region.parse().map_err(Error::internal)?;
        let closed = closed.map(|month| month.parse::<Month>()).transpose();
        Ok((region, Book { closed: closed.map_err(Error::internal)? }))
    };
    rows.into_iter().map(book).collect()
}

pub(crate) async fn close(tx: &mut Tx, close: &Close) -> Result<()> {
    tx.sql("UPDATE ledger_close SET closed_month = $1 WHERE region = $2")
        .bind(close.month.to_string())
        .bind(close.region.as_str())
        .run()
        .await?;
    tx.sql(
        "INSERT INTO ledger_close_event (region, month, close_time, closed_by) \
         VALUES ($1, $2, $3, $4)",
    )
    .bind(close.region.as_str())
    .bind(close.month.to_string())
    .bind(close.close_time)
    .bind(&close.closed_by)
    .run()
    .await?;
    Ok(())
}
