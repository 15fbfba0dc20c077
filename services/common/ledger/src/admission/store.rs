//! SQL over `scope_organization`, with locks.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use steward_chassis::scope::Life;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::OrganizationCode;

use super::Held;

/// Reads rows so that nobody changes them until the commit.
pub(super) async fn hold(tx: &mut Tx, codes: &BTreeSet<OrganizationCode>) -> Result<Held> {
    if codes.is_empty() {
        return Ok(Held::default());
    }
    let for_share = tx.for_share();
    let rows: Vec<Row> = tx
        .sql("SELECT code, region, established_on, ended_on FROM scope_organization")
        .push_each(" WHERE code IN ({})", codes.iter().map(|code| code.as_str().to_owned()))
        .text(" ORDER BY code")
        .text(for_share)
        .all()
        .await?;
    parsed(rows)
}

/// Reads a row in order to be the only one who holds it. Weaker than FOR UPDATE, so that rows that
/// refer to it can still be inserted.
pub(super) async fn lock(tx: &mut Tx, code: &OrganizationCode) -> Result<Held> {
    let lock = if tx.is_sqlite() { "" } else { " FOR NO KEY UPDATE" };
    let sql = "SELECT code, region, established_on, ended_on FROM scope_organization \
               WHERE code = $1";
    parsed(tx.sql(sql).text(lock).bind(code.as_str()).all().await?)
}

type Row = (String, String, Option<NaiveDate>, Option<NaiveDate>);

fn parsed(rows: Vec<Row>) -> Result<Held> {
    let mut held = Held::default();
    for (code, region, established_on, ended_on) in rows {
        let code: OrganizationCode = code.parse().map_err(Error::internal)?;
        held.regions.insert(code.clone(), region.parse().map_err(Error::internal)?);
        held.lives.insert(code, Life { established_on, ended_on });
    }
    Ok(held)
}
