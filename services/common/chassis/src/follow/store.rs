//! SQL over `follow_cursor` and `followed_region`.

use std::collections::BTreeMap;

use steward_db::Tx;
use steward_kernel::RegionCode;

use super::{Cursor, Page};
use crate::error::{Error, Result};

/// Up to where the changes of a source were applied; the beginning where none were.
pub(super) async fn cursor(tx: &mut Tx, source: &str) -> Result<Cursor> {
    let sql = tx.sql("SELECT seq, hash FROM follow_cursor WHERE source = $1");
    let row: Option<(i64, Vec<u8>)> = sql.bind(source).opt().await?;
    Ok(row.map_or_else(Cursor::default, |(seq, hash)| Cursor { seq, hash }))
}

/// Moves the cursor on over a page; false where it is not (or no longer) where the caller believes. Of
/// two at once the second waits for the first here.
pub(super) async fn advance(tx: &mut Tx, source: &str, from: &Cursor, page: &Page) -> Result<bool> {
    if from.seq == 0 {
        tx.sql(
            "INSERT INTO follow_cursor (source, seq, hash, applied_count) VALUES ($1, 0, $2, 0) \
             ON CONFLICT (source) DO NOTHING",
        )
        .bind(source)
        .bind(from.hash.clone())
        .run()
        .await?;
    }
    let moved = tx
        .sql(
            "UPDATE follow_cursor SET seq = $1, hash = $2, applied_count = applied_count + $3 \
             WHERE source = $4 AND seq = $5 AND hash = $6",
        )
        .bind(page.next.seq)
        .bind(page.next.hash.clone())
        .bind(page.count)
        .bind(source)
        .bind(from.seq)
        .bind(from.hash.clone())
        .run()
        .await?;
    Ok(moved == 1)
}

/// Moves the cursor back to the beginning, if it still is where the caller believes.
pub(super) async fn restart(tx: &mut Tx, source: &str, from: &Cursor) -> Result<()> {
    let none = Cursor::default();
    tx.sql(
        "UPDATE follow_cursor SET seq = $1, hash = $2 WHERE source = $3 AND seq = $4 AND hash = $5",
    )
    .bind(none.seq)
    .bind(none.hash)
    .bind(source)
    .bind(from.seq)
    .bind(from.hash.clone())
    .run()
    .await?;
    Ok(())
}

/// Sets the names of regions.
pub(super) async fn put_regions(tx: &mut Tx, regions: &BTreeMap<RegionCode, String>) -> Result<()> {
    let rows: Vec<_> = regions.iter().collect();
    tx.bulk(
        "INSERT INTO followed_region (code, name)",
        &rows,
        |(code, name), binds| binds.bind(code.as_str()).bind(name.as_str()),
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name",
    )
    .run()
    .await?;
    Ok(())
}

/// Whether the directory has a region, as far as it was followed.
pub async fn has_region(tx: &mut Tx, region: &RegionCode) -> Result<bool> {
    let sql = tx.sql("SELECT code FROM followed_region WHERE code = $1");
    Ok(sql.bind(region.as_str()).opt::<(String,)>().await?.is_some())
}

/// The regions that the directory has, as far as it was followed.
pub async fn regions(tx: &mut Tx) -> Result<Vec<RegionCode>> {
    let rows: Vec<(String,)> =
        tx.sql("SELECT code FROM followed_region ORDER BY code").all().await?;
    rows.into_iter().map(|(code,)| code.parse().map_err(Error::internal)).collect()
}
