//! SQL over `follow_cursor` and `followed_region`.

use std::collections::BTreeMap;

use steward_db::Tx;
use steward_kernel::RegionCode;

use crate::error::{Error, Result};

/// Up to where the changes of a source were applied; 0 where none were.
pub(super) async fn seq(tx: &mut Tx, source: &str) -> Result<i64> {
    let sql = tx.sql("SELECT seq FROM follow_cursor WHERE source = $1");
    let row: Option<(i64,)> = sql.bind(source).opt().await?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// Moves the cursor on over so many changes; false where it is not (or no longer) where the caller
/// believes. Of two at once the second waits for the first here.
pub(super) async fn advance(
    tx: &mut Tx,
    source: &str,
    (from, to): (i64, i64),
    count: i64,
) -> Result<bool> {
    if from == 0 {
        tx.sql(
            "INSERT INTO follow_cursor (source, seq, applied_count) VALUES ($1, 0, 0) \
             ON CONFLICT (source) DO NOTHING",
        )
        .bind(source)
        .run()
        .await?;
    }
    let moved = tx
        .sql(
            "UPDATE follow_cursor SET seq = $1, applied_count = applied_count + $2 \
             WHERE source = $3 AND seq = $4",
        )
        .bind(to)
        .bind(count)
        .bind(source)
        .bind(from)
        .run()
        .await?;
    Ok(moved == 1)
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
