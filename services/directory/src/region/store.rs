//! SQL over `region`.

use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::RegionCode;

use super::Region;

pub(crate) async fn list(tx: &mut Tx, after: Option<String>, limit: i64) -> Result<Vec<Region>> {
    let rows: Vec<(String, String)> = tx
        .sql("SELECT code, name FROM region WHERE 1 = 1")
        .push_opt(" AND code > {}", after)
        .push(" ORDER BY code LIMIT {}", limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(code, name)| Region { code, name }).collect())
}

pub(crate) async fn exists(tx: &mut Tx, code: &RegionCode) -> Result<bool> {
    let found: Option<(String,)> = tx
        .sql("SELECT code FROM region WHERE code = $1")
        .bind(code.as_str().to_owned())
        .opt()
        .await?;
    Ok(found.is_some())
}
