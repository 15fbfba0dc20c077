//! SQL over `scope_organization`, with locks.

use std::collections::BTreeSet;

use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::OrganizationCode;

use super::Regions;

/// Reads rows so that nobody changes them until the commit.
pub(super) async fn hold(tx: &mut Tx, codes: &BTreeSet<OrganizationCode>) -> Result<Regions> {
    if codes.is_empty() {
        return Ok(Regions::new());
    }
    let for_share = tx.for_share();
    let rows: Vec<(String, String)> = tx
        .sql("SELECT code, region FROM scope_organization")
        .push_each(" WHERE code IN ({})", codes.iter().map(|code| code.as_str().to_owned()))
        .text(" ORDER BY code")
        .text(for_share)
        .all()
        .await?;
    parsed(rows)
}

/// Reads a row in order to be the only one who holds it. Weaker than FOR UPDATE, so that rows that
/// refer to it can still be inserted.
pub(super) async fn lock(tx: &mut Tx, code: &OrganizationCode) -> Result<Regions> {
    let lock = if tx.is_sqlite() { "" } else { " FOR NO KEY UPDATE" };
    let sql = tx.sql("SELECT code, region FROM scope_organization WHERE code = $1").text(lock);
    parsed(sql.bind(code.as_str()).all().await?)
}

fn parsed(rows: Vec<(String, String)>) -> Result<Regions> {
    let parse = |(code, region): (String, String)| {
        Ok((code.parse().map_err(Error::internal)?, region.parse().map_err(Error::internal)?))
    };
    rows.into_iter().map(parse).collect()
}
