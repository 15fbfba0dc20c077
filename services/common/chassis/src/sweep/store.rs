//! The lock that lets one replica sweep at a time.

use steward_db::Tx;

use crate::error::Result;

/// The locks of sweeps are apart from those of the audit trail and of migrations.
const SWEEPS: i32 = 20_130_723;

pub(super) async fn lock(tx: &mut Tx, name: &'static str) -> Result<bool> {
    let sql = tx.sql("SELECT pg_try_advisory_xact_lock($1, hashtext($2))").bind(SWEEPS).bind(name);
    Ok(sql.one::<(bool,)>().await?.0)
}
