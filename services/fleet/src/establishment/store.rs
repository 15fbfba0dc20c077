//! SQL over `establishment` and `establishment_grant`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Named as _, OrganizationCode};
use uuid::Uuid;

use super::{
    Establishment, Filing, Grant, GrantId, Granted, Key, Listed, ListedGrants, Revocation,
};

/// A movement of places.
#[derive(Debug, Clone, Copy)]
pub(super) enum Move {
    Reserve,
    Free,
    TakeReserved,
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
            held: row.held,
            reserved: row.reserved,
            pool: row.pool,
            update_time: row.update_time,
        })
    }
}

/// The establishment as it is written down; held and settled, that is how it is.
pub(super) async fn whole(tx: &mut Tx, key: &Key) -> Result<Establishment> {
    let row: Row = tx
        .sql(
            "SELECT e.*, o.region FROM establishment e \
             JOIN scope_organization o ON o.code = e.organization \
             WHERE e.organization = $1 AND e.category = $2",
        )
        .bind(key.organization.as_str().to_owned())
        .bind(key.category.text())
        .one()
        .await?;
    row.try_into()
}

/// Establishments with what is granted on the day `$1`, whether it was settled or not.
const AS_OF: &str = "SELECT * FROM \
    (SELECT e.organization, e.category, e.held, e.reserved, e.update_time, o.region, o.code, \
       (SELECT g.authorised FROM establishment_grant g WHERE g.organization = e.organization \
          AND g.category = e.category AND g.revoke_time IS NULL AND g.effective_from <= $1 \
        ORDER BY g.effective_from DESC LIMIT 1) AS authorised, \
       COALESCE((SELECT g.pool FROM establishment_grant g WHERE g.organization = e.organization \
          AND g.category = e.category AND g.revoke_time IS NULL AND g.effective_from <= $1 \
        ORDER BY g.effective_from DESC LIMIT 1), $2) AS pool \
     FROM establishment e JOIN scope_organization o ON o.code = e.organization) o WHERE 1 = 1";

/// The establishment, if it lies within the scope.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    key: &Key,
    today: NaiveDate,
) -> Result<Option<Establishment>> {
    let sql = tx.sql(AS_OF).bind(today).bind(false);
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
    let mut sql = tx.sql(AS_OF).bind(today).bind(false).within(scope, &["o"]);
    sql = sql.among(&listed.filter, "o");
    sql = sql.push_opt(" AND o.category = {}", listed.category.map(|it| it.text()));
    if listed.over_only {
        sql = sql.text(" AND o.held + o.reserved > o.authorised");
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

/// Establishments that are not written down as the grants in effect say.
pub(super) async fn due(tx: &mut Tx, today: NaiveDate, limit: i64) -> Result<Vec<Key>> {
    let rows: Vec<(String, String)> = tx
        .sql(
            "SELECT e.organization, e.category FROM establishment e \
             LEFT JOIN establishment_grant g ON g.organization = e.organization \
               AND g.category = e.category AND g.revoke_time IS NULL AND g.effective_from = \
                 (SELECT MAX(l.effective_from) FROM establishment_grant l \
                  WHERE l.organization = e.organization AND l.category = e.category \
                    AND l.revoke_time IS NULL AND l.effective_from <= $1) \
             WHERE e.authorised IS DISTINCT FROM g.authorised OR e.pool <> COALESCE(g.pool, $2) \
             ORDER BY e.organization, e.category LIMIT $3",
        )
        .bind(today)
        .bind(false)
        .bind(limit)
        .all()
        .await?;
    let key = |(organization, category): (String, String)| {
        Ok(Key { organization: stored(&organization)?, category: stored(&category)? })
    };
    rows.into_iter().map(key).collect()
}

/// The first day on which a grant of the organization was in effect.
pub(super) async fn granted_since(
    tx: &mut Tx,
    organization: &OrganizationCode,
    today: NaiveDate,
) -> Result<Option<NaiveDate>> {
    let sql = tx.sql(
        "SELECT MIN(effective_from) FROM establishment_grant \
         WHERE organization = $1 AND revoke_time IS NULL AND effective_from <= $2",
    );
    let sql = sql.bind(organization.as_str().to_owned()).bind(today);
    Ok(sql.one::<(Option<NaiveDate>,)>().await?.0)
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    id: Uuid,
    organization: String,
    region: String,
    category: String,
    authorised: i64,
    effective_from: NaiveDate,
    document_no: String,
    document_on: Option<NaiveDate>,
    authority: String,
    pool: bool,
    note: String,
    create_time: DateTime<Utc>,
    create_by: String,
    filed_no: Option<String>,
    filed_on: Option<NaiveDate>,
    filed_by: Option<String>,
    revoke_time: Option<DateTime<Utc>>,
    revoke_by: Option<String>,
    revoke_reason: Option<String>,
    version: i64,
}

impl TryFrom<GrantRow> for Grant {
    type Error = Error;

    fn try_from(row: GrantRow) -> Result<Self> {
        let filing = row.filed_no.zip(row.filed_on).map(|(no, on)| Filing {
            no,
            on,
            by: row.filed_by.unwrap_or_default(),
        });
        let revocation = row.revoke_time.map(|time| Revocation {
            time,
            by: row.revoke_by.unwrap_or_default(),
            reason: row.revoke_reason.unwrap_or_default(),
        });
        Ok(Self {
            id: GrantId::from_uuid(row.id),
            region: stored(&row.region)?,
            content: Granted {
                key: Key {
                    organization: stored(&row.organization)?,
                    category: stored(&row.category)?,
                },
                authorised: row.authorised,
                effective_from: row.effective_from,
                document_no: row.document_no,
                document_on: row.document_on,
                authority: stored(&row.authority)?,
                pool: row.pool,
                note: row.note,
            },
            create_time: row.create_time,
            create_by: row.create_by,
            filing,
            revocation,
            version: row.version,
        })
    }
}

const GRANTS: &str = "SELECT g.*, o.region FROM establishment_grant g \
                      JOIN scope_organization o ON o.code = g.organization WHERE 1 = 1";

/// Makes the row of a grant.
pub(super) async fn insert_grant(tx: &mut Tx, grant: &Grant) -> Result<()> {
    let content = &grant.content;
    tx.sql(
        "INSERT INTO establishment_grant (id, organization, category, authorised, effective_from, \
           document_no, document_on, authority, pool, note, create_time, create_by, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(grant.id.uuid())
    .bind(content.key.organization.as_str().to_owned())
    .bind(content.key.category.text())
    .bind(content.authorised)
    .bind(content.effective_from)
    .bind(content.document_no.clone())
    .bind(content.document_on)
    .bind(content.authority.text())
    .bind(content.pool)
    .bind(content.note.clone())
    .bind(grant.create_time)
    .bind(grant.create_by.clone())
    .bind(grant.version)
    .run()
    .await
    .map_err(raced)?;
    Ok(())
}

/// Writes how a grant of the version before was filed or revoked; false if it has another version.
pub(super) async fn update_grant(tx: &mut Tx, grant: &Grant) -> Result<bool> {
    let (filing, revocation) = (grant.filing.as_ref(), grant.revocation.as_ref());
    let sql = tx.sql(
        "UPDATE establishment_grant SET version = $2, filed_no = $3, filed_on = $4, \
           filed_by = $5, revoke_time = $6, revoke_by = $7, revoke_reason = $8 \
         WHERE id = $1 AND version = $2 - 1",
    );
    let sql = sql
        .bind(grant.id.uuid())
        .bind(grant.version)
        .bind(filing.map(|it| it.no.clone()))
        .bind(filing.map(|it| it.on))
        .bind(filing.map(|it| it.by.clone()))
        .bind(revocation.map(|it| it.time))
        .bind(revocation.map(|it| it.by.clone()))
        .bind(revocation.map(|it| it.reason.clone()));
    Ok(sql.run().await? == 1)
}

/// Whether a grant that counts has that organization, category and first day.
pub(super) async fn is_granted(tx: &mut Tx, content: &Granted) -> Result<bool> {
    let sql = tx.sql(
        "SELECT version FROM establishment_grant WHERE organization = $1 AND category = $2 \
           AND effective_from = $3 AND revoke_time IS NULL",
    );
    let sql = sql.bind(content.key.organization.as_str().to_owned());
    let sql = sql.bind(content.key.category.text()).bind(content.effective_from);
    Ok(sql.opt::<(i64,)>().await?.is_some())
}

/// The grant, if it lies within the scope.
pub(super) async fn grant(tx: &mut Tx, scope: &Scope, id: GrantId) -> Result<Option<Grant>> {
    let sql = tx.sql(GRANTS).push(" AND g.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<GrantRow>().await?.map(Grant::try_from).transpose()
}

/// Grants by organization, category, first day and id.
pub(super) async fn grants(
    tx: &mut Tx,
    scope: &Scope,
    listed: &ListedGrants,
) -> Result<Vec<Grant>> {
    let mut sql = tx.sql(GRANTS).within(scope, &["o"]).among(&listed.filter, "o");
    sql = sql.push_opt(" AND g.category = {}", listed.category.map(|it| it.text()));
    if listed.unfiled_only {
        sql = sql.text(" AND g.filed_no IS NULL AND g.revoke_time IS NULL");
    }
    if let Some((organization, category, day, id)) = &listed.after {
        sql = sql
            .push(
                " AND (g.organization, g.category, g.effective_from, g.id) > ({}",
                organization.clone(),
            )
            .push(", {}", category.clone())
            .push(", {}", *day)
            .push(", {})", id.uuid());
    }
    let sql = sql.text(" ORDER BY g.organization, g.category, g.effective_from, g.id");
    let rows: Vec<GrantRow> = sql.push(" LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Grant::try_from).collect()
}
