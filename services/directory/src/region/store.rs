//! SQL over `region`.

use chrono::{DateTime, Utc};
use steward_chassis::resource::stored;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::RegionCode;

use super::{Listed, Region};

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    name: String,
    update_time: Option<DateTime<Utc>>,
    version: i64,
}

impl TryFrom<Row> for Region {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let (name, update_time, version) = (row.name, row.update_time, row.version);
        Ok(Self { code: stored(&row.code)?, name, update_time, version })
    }
}

/// Regions by code.
pub(crate) async fn list(tx: &mut Tx, listed: &Listed) -> Result<Vec<Region>> {
    let rows: Vec<Row> = tx
        .sql("SELECT code, name, update_time, version FROM region WHERE 1 = 1")
        .push_opt(" AND code > {}", listed.after.as_deref())
        .push(" ORDER BY code LIMIT {}", listed.limit)
        .all()
        .await?;
    rows.into_iter().map(Region::try_from).collect()
}

/// Those of some regions that are there; a few hundred at most.
pub(crate) async fn by_codes(tx: &mut Tx, codes: &[RegionCode]) -> Result<Vec<Region>> {
    let rows: Vec<Row> = tx
        .sql("SELECT code, name, update_time, version FROM region")
        .push_each(" WHERE code IN ({}) ORDER BY code", codes.iter().map(RegionCode::as_str))
        .all()
        .await?;
    rows.into_iter().map(Region::try_from).collect()
}

/// Makes the row; false if the code is taken.
pub(crate) async fn insert(tx: &mut Tx, new: &Region) -> Result<bool> {
    let rows = tx
        .sql(
            "INSERT INTO region (code, name, update_time, version) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (code) DO NOTHING",
        )
        .bind(new.code.as_str())
        .bind(new.name.as_str())
        .bind(new.update_time)
        .bind(new.version)
        .run()
        .await?;
    Ok(rows == 1)
}

/// Changes the row of that version; false if it has another one.
pub(crate) async fn update(tx: &mut Tx, version: i64, new: &Region) -> Result<bool> {
    let rows = tx
        .sql(
            "UPDATE region SET name = $1, update_time = $2, version = $3 \
             WHERE code = $4 AND version = $5",
        )
        .bind(new.name.as_str())
        .bind(new.update_time)
        .bind(new.version)
        .bind(new.code.as_str())
        .bind(version)
        .run()
        .await?;
    Ok(rows == 1)
}
