//! SQL over `driver`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::Named;
use uuid::Uuid;

use super::{Content, Driver, DriverId, Listed};

const SELECT: &str = "SELECT d.*, o.region FROM driver d \
                      JOIN scope_organization o ON o.code = d.organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization: String,
    region: String,
    name: String,
    subject: String,
    licence_class: String,
    licence_expires_on: NaiveDate,
    state: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Driver {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: DriverId::from_uuid(row.id),
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            content: Content {
                name: row.name,
                subject: row.subject,
                licence_class: stored(&row.licence_class)?,
                licence_expires_on: row.licence_expires_on,
                state: stored(&row.state)?,
            },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Driver) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO driver (id, version, update_time, name, subject, licence_class, \
         licence_expires_on, state, organization, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    bound(sql, new).bind(new.organization.as_str()).bind(new.create_time).run().await?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Driver) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE driver SET version = $2, update_time = $3, name = $4, subject = $5, \
         licence_class = $6, licence_expires_on = $7, state = $8 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await? == 1)
}

/// The values that both statements write, `$1` to `$8`.
fn bound<'t>(sql: Sql<'t>, driver: &Driver) -> Sql<'t> {
    let content = &driver.content;
    sql.bind(driver.id.uuid())
        .bind(driver.version)
        .bind(driver.update_time)
        .bind(content.name.clone())
        .bind(content.subject.clone())
        .bind(content.licence_class.text())
        .bind(content.licence_expires_on)
        .bind(content.state.text())
}

/// Whether another active driver of the organization has the name.
pub(super) async fn has_namesake(tx: &mut Tx, driver: &Driver) -> Result<bool> {
    let sql = tx.sql(
        "SELECT id FROM driver WHERE organization = $1 AND name = $2 AND state = 'active' \
         AND id <> $3 LIMIT 1",
    );
    let sql = sql
        .bind(driver.organization.as_str())
        .bind(driver.content.name.clone())
        .bind(driver.id.uuid());
    Ok(sql.opt::<(Uuid,)>().await?.is_some())
}

/// The driver, if it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: DriverId) -> Result<Option<Driver>> {
    let sql = tx.sql(SELECT).push(" WHERE d.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Driver::try_from).transpose()
}

/// The same, kept from changes and from other trips until the commit.
pub(super) async fn lock(tx: &mut Tx, scope: &Scope, id: DriverId) -> Result<Option<Driver>> {
    let lock = if tx.is_sqlite() { "" } else { " FOR NO KEY UPDATE OF d" };
    let sql = tx.sql(SELECT).push(" WHERE d.id = {}", id.uuid()).within(scope, &["o"]).text(lock);
    sql.opt::<Row>().await?.map(Driver::try_from).transpose()
}

/// Drivers by name and id.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Driver>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND d.state = {}", listed.state.map(Named::text))
        .push_opt(" AND d.licence_expires_on < {}", listed.licence_expired_on);
    if let Some((name, id)) = &listed.after {
        sql = sql.push(" AND (d.name, d.id) > ({}", name.clone()).push(", {})", id.uuid());
    }
    let rows: Vec<Row> = sql.push(" ORDER BY d.name, d.id LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Driver::try_from).collect()
}
