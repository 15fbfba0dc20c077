//! SQL over `request`.

use chrono::{DateTime, Utc};
use steward_db::Tx;

use super::Seen;
use crate::error::Result;

/// What is remembered of a request.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Stored {
    pub(crate) hash: Vec<u8>,
    pub(crate) scope: String,
    pub(crate) response: Vec<u8>,
}

/// Makes the row; false if there is one already.
pub(crate) async fn insert(tx: &mut Tx, seen: &Seen, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .sql(
            "INSERT INTO request \
             (subject, method, request_id, hash, scope, response, create_time) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (subject, method, request_id) DO NOTHING",
        )
        .bind(seen.subject.clone())
        .bind(seen.method.clone())
        .bind(seen.request_id)
        .bind(seen.hash.clone())
        .bind(seen.scope.clone())
        .bind(Vec::<u8>::new())
        .bind(now)
        .run()
        .await?;
    Ok(rows == 1)
}

pub(crate) async fn get(tx: &mut Tx, seen: &Seen) -> Result<Stored> {
    let sql = "SELECT hash, scope, response FROM request \
               WHERE subject = $1 AND method = $2 AND request_id = $3";
    let query = tx.sql(sql).bind(seen.subject.clone()).bind(seen.method.clone());
    Ok(query.bind(seen.request_id).one().await?)
}

/// Stores the answer.
pub(crate) async fn answer(tx: &mut Tx, seen: &Seen, response: Vec<u8>) -> Result<()> {
    let sql = "UPDATE request SET response = $1 \
               WHERE subject = $2 AND method = $3 AND request_id = $4";
    let query = tx.sql(sql).bind(response).bind(seen.subject.clone()).bind(seen.method.clone());
    query.bind(seen.request_id).run().await?;
    Ok(())
}

/// Forgets at most so many of those that are older.
pub(crate) async fn purge(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let sql = "DELETE FROM request WHERE (subject, method, request_id) IN \
               (SELECT subject, method, request_id FROM request WHERE create_time < $1 \
                ORDER BY create_time LIMIT $2)";
    Ok(tx.sql(sql).bind(before).bind(limit).run().await?)
}
