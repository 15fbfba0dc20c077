//! SQL over `organization`.

use chrono::{DateTime, Utc};
use steward_chassis::scope::store::Scoped;
use steward_chassis::scope::{Filter, Scope};
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::OrganizationCode;

use super::{Content, Kind, Level, Organization};

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    name: String,
    kind: String,
    level: String,
    region: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Organization {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = || Error::internal(format!("organization {} has an unknown value", row.code));
        Ok(Self {
            content: Content {
                name: row.name,
                kind: Kind::of(&row.kind).ok_or_else(unknown)?,
                level: Level::of(&row.level).ok_or_else(unknown)?,
                region: row.region.parse().map_err(Error::internal)?,
            },
            code: row.code.parse().map_err(Error::internal)?,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// What a list is limited to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) kind: Option<Kind>,
    pub(crate) level: Option<Level>,
    pub(crate) name_contains: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) limit: i64,
}

/// Makes the row; false if the code is taken.
pub(crate) async fn insert(tx: &mut Tx, new: &Organization) -> Result<bool> {
    let rows = tx
        .sql(
            "INSERT INTO organization \
             (code, name, kind, level, region, create_time, update_time, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (code) DO NOTHING",
        )
        .bind(new.code.as_str().to_owned())
        .bind(new.content.name.clone())
        .bind(new.content.kind.text())
        .bind(new.content.level.text())
        .bind(new.content.region.as_str().to_owned())
        .bind(new.create_time)
        .bind(new.update_time)
        .bind(new.version)
        .run()
        .await?;
    Ok(rows == 1)
}

/// The organization, if it lies within the scope.
pub(crate) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    code: &OrganizationCode,
) -> Result<Option<Organization>> {
    let row: Option<Row> = tx
        .sql("SELECT o.* FROM organization o WHERE o.code = $1")
        .bind(code.as_str().to_owned())
        .within(scope, &["o"])
        .opt()
        .await?;
    row.map(Organization::try_from).transpose()
}

/// Organizations by code.
pub(crate) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Organization>> {
    let rows: Vec<Row> = tx
        .sql("SELECT o.* FROM organization o WHERE 1 = 1")
        .push_opt(" AND o.kind = {}", listed.kind.map(Kind::text))
        .push_opt(" AND o.level = {}", listed.level.map(Level::text))
        // Neither LIKE nor a position function means the same on both databases.
        .push_opt(" AND replace(o.name, {}, '') <> o.name", listed.name_contains.clone())
        .push_opt(" AND o.code > {}", listed.after.clone())
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push(" ORDER BY o.code LIMIT {}", listed.limit)
        .all()
        .await?;
    rows.into_iter().map(Organization::try_from).collect()
}

/// Changes the row of that version; false if it has another one.
pub(crate) async fn update(tx: &mut Tx, version: i64, new: &Organization) -> Result<bool> {
    let rows = tx
        .sql(
            "UPDATE organization SET name = $1, kind = $2, level = $3, region = $4, \
             update_time = $5, version = $6 WHERE code = $7 AND version = $8",
        )
        .bind(new.content.name.clone())
        .bind(new.content.kind.text())
        .bind(new.content.level.text())
        .bind(new.content.region.as_str().to_owned())
        .bind(new.update_time)
        .bind(new.version)
        .bind(new.code.as_str().to_owned())
        .bind(version)
        .run()
        .await?;
    Ok(rows == 1)
}
