//! SQL over `establishment`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Named, OrganizationCode};

use super::{Days, Establishment, Key, Listed};

/// A movement of places.
#[derive(Debug, Clone, Copy)]
pub(super) enum Move {
    Reserve,
    Free,
    TakeReserved,
    Occupy,
    Load,
    Leave,
    SwapToReserved,
}

impl Move {
    /// Each in one statement, with its condition.
    fn sql(self) -> &'static str {
        match self {
            Self::Reserve => {
                "UPDATE establishment SET update_time = $1, reserved = reserved + 1 \
                 WHERE organization = $2 AND category = $3 \
                   AND authorised IS NOT NULL AND held + reserved < authorised"
            }
            Self::Free => {
                "UPDATE establishment SET update_time = $1, reserved = reserved - 1 \
                 WHERE organization = $2 AND category = $3 AND reserved > 0"
            }
            Self::TakeReserved => {
                "UPDATE establishment SET update_time = $1, reserved = reserved - 1, held = held + 1 \
                 WHERE organization = $2 AND category = $3 AND reserved > 0"
            }
            Self::Occupy => {
                "UPDATE establishment SET update_time = $1, held = held + 1 \
                 WHERE organization = $2 AND category = $3 \
                   AND authorised IS NOT NULL AND held + reserved < authorised"
            }
            Self::Load => {
                "UPDATE establishment SET update_time = $1, held = held + 1 \
                 WHERE organization = $2 AND category = $3"
            }
            Self::Leave => {
                "UPDATE establishment SET update_time = $1, held = held - 1 \
                 WHERE organization = $2 AND category = $3 AND held > 0"
            }
            Self::SwapToReserved => {
                "UPDATE establishment SET update_time = $1, held = held - 1, reserved = reserved + 1 \
                 WHERE organization = $2 AND category = $3 AND held > 0"
            }
        }
    }
}

/// Moves a place; false where the condition does not hold.
pub(super) async fn moved(tx: &mut Tx, key: &Key, done: Move, now: DateTime<Utc>) -> Result<bool> {
    let sql = tx.sql(done.sql()).bind(now).bind(key.organization.as_str().to_owned());
    Ok(sql.bind(key.category.text()).run().await? == 1)
}

/// Makes the row where there is none, and holds it until the end of the transaction: what is read of
/// the grants after that is all that was granted before.
pub(super) async fn hold(tx: &mut Tx, key: &Key, now: DateTime<Utc>) -> Result<()> {
    tx.sql(
        "INSERT INTO establishment \
           (organization, category, authorised, held, reserved, pool, update_time) \
         VALUES ($1, $2, NULL, 0, 0, $3, $4) ON CONFLICT (organization, category) DO NOTHING",
    )
    .bind(key.organization.as_str().to_owned())
    .bind(key.category.text())
    .bind(false)
    .bind(now)
    .run()
    .await?;
    let for_update = tx.for_update();
    tx.sql("SELECT held FROM establishment WHERE organization = $1 AND category = $2")
        .bind(key.organization.as_str().to_owned())
        .bind(key.category.text())
        .text(for_update)
        .one::<(i64,)>()
        .await?;
    Ok(())
}

/// Writes down what the grant in effect says. The row is held.
pub(super) async fn settle(
    tx: &mut Tx,
    key: &Key,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<()> {
    let granted: Option<(i64, bool)> = tx
        .sql(
            "SELECT authorised, pool FROM establishment_grant \
             WHERE organization = $1 AND category = $2 AND revoke_time IS NULL \
               AND effective_from <= $3 ORDER BY effective_from DESC LIMIT 1",
        )
        .bind(key.organization.as_str().to_owned())
        .bind(key.category.text())
        .bind(today)
        .opt()
        .await?;
    let (authorised, pool) = granted.unzip();
    tx.sql(
        "UPDATE establishment SET authorised = $1, pool = $2, update_time = $3 \
         WHERE organization = $4 AND category = $5 \
           AND (authorised IS DISTINCT FROM $1 OR pool <> $2)",
    )
    .bind(authorised)
    .bind(pool.unwrap_or_default())
    .bind(now)
    .bind(key.organization.as_str().to_owned())
    .bind(key.category.text())
    .run()
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    organization: String,
    region: String,
    category: String,
    authorised: Option<i64>,
    any_granted: bool,
    held: i64,
    reserved: i64,
    pool: bool,
    update_time: DateTime<Utc>,
}

impl TryFrom<Row> for Establishment {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            key: Key { organization: stored(&row.organization)?, category: stored(&row.category)? },
            region: stored(&row.region)?,
            authorised: row.authorised,
            any_granted: row.any_granted,
            held: row.held,
            reserved: row.reserved,
            pool: row.pool,
            update_time: row.update_time,
        })
    }
}

/// The establishment as it is written down; held and settled, that is how it is.
pub(super) async fn whole(tx: &mut Tx, key: &Key, today: NaiveDate) -> Result<Establishment> {
    let row: Row = tx
        .sql("SELECT e.*, o.region, ")
        .text(ANY_GRANTED)
        .text(
            " FROM establishment e JOIN scope_organization o ON o.code = e.organization \
             WHERE e.organization = $2 AND e.category = $3",
        )
        .bind(today)
        .bind(key.organization.as_str().to_owned())
        .bind(key.category.text())
        .one()
        .await?;
    row.try_into()
}

/// Appends a condition: of each row of an alias that has an organization and a category, whether each grant
/// in effect on one of the days is one of a pool, and there is one on the first.
pub(super) fn pooled<'t>(sql: Sql<'t>, alias: &'static str, (first, last): Days) -> Sql<'t> {
    let of = |sql: Sql<'t>| {
        let sql = sql.text(" FROM establishment_grant g WHERE g.organization = ").text(alias);
        sql.text(".organization AND g.category = ")
            .text(alias)
            .text(".category AND g.revoke_time IS NULL")
    };
    let sql = of(sql.text("COALESCE((SELECT g.pool"))
        .push(" AND g.effective_from <= {} ORDER BY g.effective_from DESC LIMIT 1)", first)
        .push(", {}) AND NOT EXISTS (SELECT 1", false);
    of(sql)
        .push(" AND NOT g.pool AND g.effective_from > {}", first)
        .push(" AND g.effective_from <= {})", last)
}

/// Whether an establishment is of a pool on these days.
pub(super) async fn is_pool(tx: &mut Tx, key: &Key, days: Days) -> Result<bool> {
    let sql = tx
        .sql("SELECT e.category FROM establishment e WHERE e.organization = $1 AND e.category = $2")
        .bind(key.organization.as_str().to_owned())
        .bind(key.category.text())
        .text(" AND ");
    Ok(pooled(sql, "e", days).opt::<(String,)>().await?.is_some())
}

/// Whether the organization had a grant in effect on the day `$1` or before, of any category.
const ANY_GRANTED: &str = "EXISTS (SELECT 1 FROM establishment_grant a \
    WHERE a.organization = e.organization AND a.revoke_time IS NULL AND a.effective_from <= $1) \
    AS any_granted";

/// Begins the establishments with what is granted on a day, whether it was settled or not.
fn as_of(tx: &mut Tx, today: NaiveDate) -> Sql<'_> {
    tx.sql("SELECT * FROM (SELECT e.organization, e.category, e.held, e.reserved, e.update_time, ")
        .text(ANY_GRANTED)
        .text(
            ", o.region, o.code, \
             (SELECT g.authorised FROM establishment_grant g WHERE g.organization = e.organization \
                AND g.category = e.category AND g.revoke_time IS NULL AND g.effective_from <= $1 \
              ORDER BY g.effective_from DESC LIMIT 1) AS authorised, \
             COALESCE((SELECT g.pool FROM establishment_grant g \
                WHERE g.organization = e.organization AND g.category = e.category \
                AND g.revoke_time IS NULL AND g.effective_from <= $1 \
              ORDER BY g.effective_from DESC LIMIT 1), $2) AS pool \
             FROM establishment e JOIN scope_organization o ON o.code = e.organization) o \
             WHERE 1 = 1",
        )
        .bind(today)
        .bind(false)
}

/// The establishment, if it lies within the scope.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    key: &Key,
    today: NaiveDate,
) -> Result<Option<Establishment>> {
    let sql = as_of(tx, today);
    let sql = sql.push(" AND o.organization = {}", key.organization.as_str().to_owned());
    let sql = sql.push(" AND o.category = {}", key.category.text()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Establishment::try_from).transpose()
}

/// Establishments by organization and category.
pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    listed: &Listed,
    today: NaiveDate,
) -> Result<Vec<Establishment>> {
    let mut sql = as_of(tx, today).within(scope, &["o"]);
    sql = sql.among(&listed.filter, "o");
    sql = sql.push_opt(" AND o.category = {}", listed.category.map(Named::text));
    if listed.over_only {
        sql = sql.text(
            " AND (o.held + o.reserved > o.authorised \
             OR o.authorised IS NULL AND o.any_granted AND o.held + o.reserved > 0)",
        );
    }
    if listed.free_only {
        sql = sql.text(" AND o.held + o.reserved < o.authorised");
    }
    if let Some((organization, category)) = &listed.after {
        sql = sql.push(" AND (o.organization, o.category) > ({}", organization.clone());
        sql = sql.push(", {})", category.clone());
    }
    let sql = sql.push(" ORDER BY o.organization, o.category LIMIT {}", listed.limit);
    sql.all::<Row>().await?.into_iter().map(Establishment::try_from).collect()
}

/// The establishments of an organization.
pub(super) async fn of_organization(tx: &mut Tx, code: &OrganizationCode) -> Result<Vec<Key>> {
    let sql = tx.sql("SELECT organization, category FROM establishment WHERE organization = $1");
    let rows: Vec<(String, String)> = sql.bind(code.as_str().to_owned()).all().await?;
    rows.into_iter().map(key).collect()
}

fn key((organization, category): (String, String)) -> Result<Key> {
    Ok(Key { organization: stored(&organization)?, category: stored(&category)? })
}

/// Notes that the establishments of an organization were held against the rules on a day.
pub(super) async fn seen(tx: &mut Tx, code: &OrganizationCode, today: NaiveDate) -> Result<()> {
    let sql = tx.sql("UPDATE establishment SET seen_on = $1 WHERE organization = $2").bind(today);
    sql.bind(code.as_str().to_owned()).run().await?;
    Ok(())
}

/// Establishments that are not written down as the grants in effect say, or were not held against the
/// rules on this day.
pub(super) async fn due(tx: &mut Tx, today: NaiveDate, limit: i64) -> Result<Vec<Key>> {
    let rows: Vec<(String, String)> = tx
        .sql(
            "SELECT e.organization, e.category FROM establishment e \
             LEFT JOIN establishment_grant g ON g.organization = e.organization \
               AND g.category = e.category AND g.revoke_time IS NULL AND g.effective_from = \
                 (SELECT MAX(l.effective_from) FROM establishment_grant l \
                  WHERE l.organization = e.organization AND l.category = e.category \
                    AND l.revoke_time IS NULL AND l.effective_from <= $1) \
             WHERE e.seen_on IS NULL OR e.seen_on < $1 \
                OR e.authorised IS DISTINCT FROM g.authorised OR e.pool <> COALESCE(g.pool, $2) \
             ORDER BY e.organization, e.category LIMIT $3",
        )
        .bind(today)
        .bind(false)
        .bind(limit)
        .all()
        .await?;
    rows.into_iter().map(key).collect()
}
