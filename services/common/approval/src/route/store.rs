//! SQL over `approval_route`.

use chrono::{DateTime, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, RegionPattern};
use uuid::Uuid;

use super::{Key, Listed, Route, RouteId, Step};

const SELECT: &str = "SELECT r.* FROM approval_route r";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    category: String,
    region: String,
    amount_from_fen: i64,
    steps: String,
    note: String,
    shipped: bool,
    live: bool,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Route {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: RouteId::from_uuid(row.id),
            key: Key {
                kind: row.kind,
                category: row.category,
                region: stored(&row.region)?,
                amount_from: Fen::new(row.amount_from_fen),
            },
            steps: row.steps.split_whitespace().map(stored).collect::<Result<_>>()?,
            note: row.note,
            shipped: row.shipped,
            live: row.live,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Route) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO approval_route (id, version, update_time, steps, note, shipped, live, kind, \
         category, region, amount_from_fen, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    let key = &new.key;
    bound(sql, new)
        .bind(key.kind.clone())
        .bind(key.category.clone())
        .bind(key.region.to_string())
        .bind(key.amount_from.get())
        .bind(new.create_time)
        .run()
        .await
        .map_err(raced)?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Route) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE approval_route SET version = $2, update_time = $3, steps = $4, note = $5, \
         shipped = $6, live = $7 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await? == 1)
}

/// The values that both statements write, `$1` to `$7`.
fn bound<'t>(sql: Sql<'t>, route: &Route) -> Sql<'t> {
    let steps: Vec<_> = route.steps.iter().map(Step::to_string).collect();
    sql.bind(route.id.uuid())
        .bind(route.version)
        .bind(route.update_time)
        .bind(steps.join(" "))
        .bind(route.note.clone())
        .bind(route.shipped)
        .bind(route.live)
}

/// Takes the lock of those who change routes: what each adds or takes away is held against the others.
pub(super) async fn lock(tx: &mut Tx) -> Result<()> {
    if !tx.is_sqlite() {
        tx.sql("LOCK TABLE approval_route IN SHARE ROW EXCLUSIVE MODE").run().await?;
    }
    Ok(())
}

/// The route of that id, deleted or not.
pub(super) async fn find(tx: &mut Tx, id: RouteId) -> Result<Option<Route>> {
    let sql = tx.sql(SELECT).push(" WHERE r.id = {}", id.uuid());
    sql.opt::<Row>().await?.map(Route::try_from).transpose()
}

/// The route for those requests, deleted or not.
pub(super) async fn at(tx: &mut Tx, key: &Key) -> Result<Option<Route>> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE r.kind = {}", key.kind.clone())
        .push(" AND r.category = {}", key.category.clone())
        .push(" AND r.region = {}", key.region.to_string())
        .push(" AND r.amount_from_fen = {}", key.amount_from.get());
    sql.opt::<Row>().await?.map(Route::try_from).transpose()
}

/// The routes of a kind.
pub(super) async fn of_kind(tx: &mut Tx, kind: &str) -> Result<Vec<Route>> {
    let sql = tx.sql(SELECT).push(" WHERE r.live AND r.kind = {} ORDER BY r.id", kind.to_owned());
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Route::try_from).collect()
}

/// The patterns of regions that routes are for. They are few.
pub(super) async fn patterns(tx: &mut Tx) -> Result<Vec<RegionPattern>> {
    let sql = "SELECT DISTINCT region FROM approval_route WHERE live";
    let rows: Vec<(String,)> = tx.sql(sql).all().await?;
    rows.iter().map(|(text,)| stored(text)).collect()
}

/// Routes for these patterns.
pub(super) async fn list(
    tx: &mut Tx,
    patterns: &[RegionPattern],
    listed: &Listed,
) -> Result<Vec<Route>> {
    let patterns = patterns.iter().map(ToString::to_string);
    let mut sql = tx
        .sql(SELECT)
        .push_each(" WHERE r.live AND r.region IN ({})", patterns)
        .push_opt(" AND r.kind = {}", listed.kind.clone());
    if let Some((kind, category, region, amount)) = &listed.after {
        sql = sql
            .push(" AND (r.kind, r.category, r.region, r.amount_from_fen) > ({}", kind.clone())
            .push(", {}", category.clone())
            .push(", {}", region.clone())
            .push(", {})", *amount);
    }
    let sql = sql.text(" ORDER BY r.kind, r.category, r.region, r.amount_from_fen");
    let rows: Vec<Row> = sql.push(" LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Route::try_from).collect()
}
